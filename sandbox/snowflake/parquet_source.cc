#include "parquet_source.h"

#include <algorithm>

#include "sandbox_clock.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// The type INFER_SCHEMA gives a leaf. [doc]
std::string inferred_type(const std::string& physical, const std::string& logical, const Row& row) {
  if (has(logical, "DECIMAL") || has(logical, "Decimal")) return "NUMBER(" + row[6].value_or("38") + ", " + row[7].value_or("0") + ")";
  if (has(logical, "TIMESTAMP") || has(logical, "Timestamp")) {
    const bool is_utc = has(logical, "isAdjustedToUTC=1") || has(logical, "isAdjustedToUTC=true");
    return is_utc ? "TIMESTAMP_LTZ" : "TIMESTAMP_NTZ";
  }
  if (has(logical, "DATE") || has(logical, "DateType")) return "DATE";
  if (has(logical, "TIME") || has(logical, "TimeType")) return "TIME";
  if (has(logical, "UTF8") || has(logical, "String")) return "TEXT";
  if (physical == "BOOLEAN") return "BOOLEAN";
  if (physical == "DOUBLE" || physical == "FLOAT") return "REAL";
  if (physical == "INT32" || physical == "INT64") return "NUMBER(38, 0)";
  if (physical == "INT96") return "TIMESTAMP_NTZ";
  return physical.empty() ? "VARIANT" : "BINARY";
}

// parquet_schema's row: name, type, children, converted type, logical type, repetition, precision, scale.
ParquetColumn column_of(const Row& row, size_t number, const FileFormat& format) {
  const std::string physical = row[1].value_or("");
  const std::string logical = row[3].value_or("") + " " + row[4].value_or("");
  ParquetColumn column;
  column.name = row[0].value_or("");
  column.sql = "p" + std::to_string(number);
  column.is_nullable = row[5].value_or("") != "REQUIRED";
  if (row[2].value_or("0") != "0") {
    column.type = "VARIANT";
    return column;
  }
  column.type = inferred_type(physical, logical, row);
  const bool is_time = column.type == "TIME" || column.type.starts_with("TIMESTAMP");
  if (is_time && physical == "INT64" && !format.logical_types()) {
    // The integer that lies in the file.
    const char* unit = has(logical, "NANOS=Nano") ? "ns" : has(logical, "MILLIS=Milli") || has(logical, "_MILLIS") ? "ms" : "us";
    column.sql = "epoch_" + std::string(unit) + "(" + column.sql + ")";
    column.type = "NUMBER(38, 0)";
  } else if (column.type == "BINARY") {
    column.is_binary = !format.binary_as_text();
    if (format.binary_as_text()) column.sql = "decode(" + column.sql + ")", column.type = "TEXT";
  }
  if (format.trims() && column.type == "TEXT") column.sql = "trim(" + column.sql + ")";
  return column;
}

}  // namespace

ParquetFile open_parquet(Session& session, const std::filesystem::path& path, const StagedFile& file, const FileFormat& format) {
  // An asterisk in a staged name must not become the engine's wildcard.
  if (file.path.find_first_of("*?[") != std::string::npos) throw SqlError("001011", "42601", "invalid characters in '" + file.path + "'");
  const std::string literal = quote_text(path.string());
  ParquetFile out;
  out.file = file;
  // Names from the file itself: the engine renames columns that differ only in case. Children of a
  // nested column follow their parent, so a walk by number of children finds the top level.
  long long inside = 0;
  const ResultSet schema = session.query(
      "SELECT name, type, coalesce(num_children, 0), converted_type, logical_type, repetition_type, precision, scale FROM "
      "parquet_schema(" +
      literal + ")");
  for (size_t i = 1; i < schema.rows.size(); ++i) {
    if (inside == 0) out.columns.push_back(column_of(schema.rows[i], out.columns.size(), format));
    inside += std::stoll(schema.rows[i][2].value_or("0")) - (inside > 0 ? 1 : 0);
  }
  std::string names;
  for (size_t i = 0; i < out.columns.size(); ++i) names += "p" + std::to_string(i) + ", ";
  out.from = "read_parquet(" + literal + ", file_row_number = true, hive_partitioning = false) AS staged(" + names + "file_row_number)";
  out.rows = std::stoll(*session.query("SELECT count(*) FROM read_parquet(" + literal + ")").rows[0][0]);
  return out;
}

// A name the file does not have is NULL and no error: names are compared with case. [doc]
std::string ParquetRow::column(const std::string& name) {
  const auto found =
      std::find_if(file_.columns.begin(), file_.columns.end(), [&](const ParquetColumn& column) { return column.name == name; });
  return found == file_.columns.end() ? "NULL" : found->sql;
}

std::string ParquetRow::whole() {
  std::string sql;
  for (const ParquetColumn& column : file_.columns) {
    sql += (sql.empty() ? "" : ", ") + quote_text(column.name) + ", " + (column.is_binary ? "hex(" + column.sql + ")" : column.sql);
  }
  return "json_object(" + sql + ")";
}

std::string ParquetRow::metadata(const std::string& name) {
  if (name == "METADATA$FILENAME") return quote_text(file_.file.path);
  if (name == "METADATA$FILE_ROW_NUMBER") return "(file_row_number + 1)";
  if (name == "METADATA$START_SCAN_TIME") return timestamp_literal(now_us_);
  if (name == "METADATA$FILE_LAST_MODIFIED") return "CAST(timezone('UTC', " + timestamp_literal(file_.file.modified_us) + ") AS TIMESTAMP)";
  if (name == "METADATA$FILE_CONTENT_KEY") return quote_text(file_.file.md5);
  throw SqlError("000904", "42000", "SQL compilation error:\ninvalid identifier '" + name + "'");
}

}  // namespace imednet::sandbox::snowflake
