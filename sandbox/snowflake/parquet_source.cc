#include "parquet_source.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

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

// The rows of parquet_schema() of one file, as they come. Children of a nested column follow their parent, so a walk by number of
// children finds the top level.
struct FileColumns {
  std::vector<ParquetColumn> columns;
  long long inside = 0;
  bool is_past_root = false;

  void add(const Row& row, const FileFormat& format) {
    if (!std::exchange(is_past_root, true)) return;
    if (inside == 0) columns.push_back(column_of(row, columns.size(), format));
    inside += std::stoll(row[2].value_or("0")) - (inside > 0 ? 1 : 0);
  }
};

std::string list_of(const std::vector<StagedParquet>& files, const std::vector<size_t>& numbers) {
  std::string paths;
  for (const size_t number : numbers) paths += (paths.empty() ? "" : ", ") + quote_text(files[number].path.string());
  return "[" + paths + "]";
}

ParquetSource source_of(const std::vector<StagedParquet>& files, const std::vector<long long>& rows, const std::vector<size_t>& numbers,
                        std::vector<ParquetColumn> columns) {
  ParquetSource out;
  out.columns = std::move(columns);
  std::string names;
  for (size_t i = 0; i < out.columns.size(); ++i) names += "p" + std::to_string(i) + ", ";
  out.from = "read_parquet(" + list_of(files, numbers) + ", file_row_number = true, hive_partitioning = false) AS staged(" + names +
             "file_row_number)";
  for (const size_t number : numbers) {
    out.files.push_back(files[number].file);
    out.rows.push_back(rows[number]);
  }
  return out;
}

}  // namespace

std::vector<ParquetSource> open_parquet(Session& session, const std::vector<StagedParquet>& files, const FileFormat& format) {
  std::map<std::string, size_t> numbers;
  for (const auto& [file, path] : files) {
    // An asterisk in a staged name must not become the engine's wildcard.
    if (file.path.find_first_of("*?[") != std::string::npos) throw SqlError("001011", "42601", "invalid characters in '" + file.path + "'");
    numbers.emplace(path.string(), numbers.size());
  }
  std::vector<size_t> all(files.size());
  std::iota(all.begin(), all.end(), size_t{0});
  const std::string list = list_of(files, all);
  std::vector<FileColumns> columns(files.size());
  std::vector<long long> rows(files.size());
  // Names from the files themselves: the engine renames columns that differ only in case.
  for (const Row& row :
       session
           .query("SELECT name, type, coalesce(num_children, 0), converted_type, logical_type, repetition_type, precision, "
                  "scale, file_name FROM parquet_schema(" +
                  list + ")")
           .rows)
    columns[numbers.at(row[8].value_or(""))].add(row, format);
  for (const Row& row : session.query("SELECT file_name, num_rows FROM parquet_file_metadata(" + list + ")").rows)
    rows[numbers.at(row[0].value_or(""))] = std::stoll(row[1].value_or("0"));

  std::vector<ParquetSource> sources;
  std::vector<char> is_taken(files.size());
  for (size_t first = 0; first < files.size(); ++first) {
    if (is_taken[first]) continue;
    std::vector<size_t> alike;
    for (size_t other = first; other < files.size(); ++other) {
      if (!is_taken[other] && columns[other].columns == columns[first].columns) is_taken[other] = 1, alike.push_back(other);
    }
    sources.push_back(source_of(files, rows, alike, columns[first].columns));
  }
  return sources;
}

ParquetSource open_parquet(Session& session, const StagedParquet& file, const FileFormat& format) {
  return open_parquet(session, std::vector<StagedParquet>{file}, format).front();
}

// A name the file does not have is NULL and no error: names are compared with case. [doc]
std::string ParquetRow::column(const std::string& name) {
  const auto found =
      std::find_if(source_.columns.begin(), source_.columns.end(), [&](const ParquetColumn& column) { return column.name == name; });
  return found == source_.columns.end() ? "NULL" : found->sql;
}

std::string ParquetRow::whole() {
  std::string sql;
  for (const ParquetColumn& column : source_.columns) {
    sql += (sql.empty() ? "" : ", ") + quote_text(column.name) + ", " + (column.is_binary ? "hex(" + column.sql + ")" : column.sql);
  }
  return "json_object(" + sql + ")";
}

template <class OfFile>
std::string ParquetRow::per_file(OfFile of_file) const {
  if (source_.files.size() == 1) return of_file(source_.files[0]);
  std::string each;
  for (const StagedFile& file : source_.files) each += (each.empty() ? "" : ", ") + of_file(file);
  return "list_extract([" + each + "], CAST(file_index AS BIGINT) + 1)";
}

std::string ParquetRow::metadata(const std::string& name) {
  if (name == "METADATA$FILENAME") return per_file([](const StagedFile& file) { return quote_text(file.path); });
  if (name == "METADATA$FILE_ROW_NUMBER") return "(file_row_number + 1)";
  if (name == "METADATA$START_SCAN_TIME") return timestamp_literal(now_us_);
  if (name == "METADATA$FILE_LAST_MODIFIED") {
    const auto modified = [](const StagedFile& file) { return timestamp_literal(file.modified_us); };
    return "CAST(timezone('UTC', " + per_file(modified) + ") AS TIMESTAMP)";
  }
  if (name == "METADATA$FILE_CONTENT_KEY") return per_file([](const StagedFile& file) { return quote_text(file.md5); });
  throw SqlError("000904", "42000", "SQL compilation error:\ninvalid identifier '" + name + "'");
}

}  // namespace imednet::sandbox::snowflake
