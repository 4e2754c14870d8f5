// RESULT_SCAN and INFER_SCHEMA.
#include <algorithm>

#include "executor.h"
#include "parquet_source.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

// The text of an engine's literal: what stands between the quotes.
std::string literal_text(const std::string& sql, const std::string& function) {
  if (sql.size() < 2 || sql.front() != '\'' || sql.back() != '\'')
    throw invalid_value("invalid argument for " + function + ", a text is needed");
  std::string out;
  for (size_t i = 1; i + 1 < sql.size(); ++i) {
    out += sql[i];
    if (sql[i] == '\'') ++i;
  }
  return out;
}

// A cell as the wire has it becomes the engine's value again.
std::string value_of(const std::string& cell, const ColumnType& type) {
  const std::string text = quote_text(cell);
  switch (type.kind) {
    case TypeKind::date:
      return "(DATE '1970-01-01' + CAST(" + text + " AS INTEGER))";
    case TypeKind::time:
      return "(TIME '00:00:00' + to_microseconds(CAST(CAST(" + text + " AS DECIMAL(20,9)) * 1000000 AS BIGINT)))";
    case TypeKind::timestamp_ntz:
      return "make_timestamp(CAST(CAST(" + text + " AS DECIMAL(24,9)) * 1000000 AS BIGINT))";
    case TypeKind::timestamp_ltz:
    case TypeKind::timestamp_tz:
      return "make_timestamptz(CAST(CAST(" + text + " AS DECIMAL(24,9)) * 1000000 AS BIGINT))";
    case TypeKind::binary:
      return "unhex(" + text + ")";
    default:
      return "CAST(" + text + " AS " + engine_type(type) + ")";
  }
}

}  // namespace

// The rows of an earlier statement of this session. Another session's are not to be had here. [doc: 24 hours; here the last 20 statements]
std::string Executor::result_scan(const std::map<std::string, std::string>& arguments) {
  if (arguments.size() != 1 || !arguments.contains("0")) throw invalid_value("RESULT_SCAN takes one query id");
  const std::string id = literal_text(arguments.at("0"), "RESULT_SCAN");
  const auto result = session_.result_of(id);
  if (!result) throw SqlError("000709", "02000", "Statement " + id + " not found");
  std::string names;
  std::string casts;
  for (size_t i = 0; i < result->columns.size(); ++i) {
    const ResultColumn& column = result->columns[i];
    names += (i ? ", c" : "c") + std::to_string(i);
    casts +=
        (i ? ", " : "") + ("CAST(c" + std::to_string(i) + " AS " + engine_type(column.type) + ") AS ") + engine_identifier(column.name);
  }
  std::string rows;
  for (const Row& row : result->rows) {
    std::string cells;
    for (size_t i = 0; i < row.size(); ++i) cells += (i ? ", " : "") + (row[i] ? value_of(*row[i], result->columns[i].type) : "NULL");
    rows += (rows.empty() ? "(" : ", (") + cells + ")";
  }
  if (rows.empty()) {
    for (size_t i = 0; i < result->columns.size(); ++i) rows += i ? ", NULL" : "(NULL";
    return "(SELECT " + casts + " FROM (VALUES " + rows + ")) AS listed(" + names + ") WHERE FALSE)";
  }
  return "(SELECT " + casts + " FROM (VALUES " + rows + ") AS listed(" + names + "))";
}

namespace {

struct InferredColumn {
  std::string name;
  std::string type;
  bool nullable = true;
  std::string files;
  size_t count = 0;
};

void merge_columns(std::vector<InferredColumn>& all, const ParquetSource& file, bool ignores_case) {
  for (const ParquetColumn& column : file.columns) {
    const std::string name = ignores_case ? to_upper(column.name) : column.name;
    auto found = std::find_if(all.begin(), all.end(), [&](const InferredColumn& one) { return one.name == name; });
    if (found == all.end()) {
      all.push_back({name, column.type, column.is_nullable, file.files.front().path, 1});
      continue;
    }
    if (found->type != column.type) throw unsupported("INFER_SCHEMA over files whose columns differ in type");
    found->nullable = found->nullable || column.is_nullable;
    found->files += ", " + file.files.front().path;
    ++found->count;
  }
}

}  // namespace

// LOCATION => '@stage/path', FILE_FORMAT => 'name' [, FILES => …] [, IGNORE_CASE => TRUE]. Types of the file, nullable as the file says.
// [doc]
std::string Executor::infer_schema(const std::map<std::string, std::string>& arguments) {
  for (const auto& [name, value] : arguments) {
    if (name != "LOCATION" && name != "FILE_FORMAT" && name != "FILES" && name != "IGNORE_CASE")
      throw unsupported(name + " of INFER_SCHEMA");
  }
  if (!arguments.contains("LOCATION") || !arguments.contains("FILE_FORMAT"))
    throw SqlError("001015", "42601", "SQL compilation error:\nINFER_SCHEMA needs LOCATION and FILE_FORMAT.");
  const std::string location = literal_text(arguments.at("LOCATION"), "INFER_SCHEMA");
  if (!location.starts_with("@")) throw unsupported("INFER_SCHEMA of a URL");
  const StageReference source = parse_stage_reference(location.substr(1));
  const StageDefinition definition = reachable_stage(source.name, "READ");
  const std::string written = literal_text(arguments.at("FILE_FORMAT"), "INFER_SCHEMA");
  Translator inner(tokenize(written), written, *this);
  const FileFormat format = named_format(inner.object_name()).format;
  inner.expect_end();
  if (format.type() != "PARQUET") throw unsupported("INFER_SCHEMA of TYPE = " + format.type());
  const bool ignores_case = arguments.contains("IGNORE_CASE") && arguments.at("IGNORE_CASE") == "TRUE";
  std::vector<InferredColumn> columns;
  size_t files = 0;
  for (const StagedFile& file : state_.stages.list(definition, source.path)) {
    const std::string quoted = arguments.contains("FILES") ? arguments.at("FILES") : "";
    const std::string rest = file.path.substr(source.path.size() + (source.path.empty() || source.path.ends_with("/") ? 0 : 1));
    if (!quoted.empty() && quoted.find(quote_text(rest)) == std::string::npos) continue;
    merge_columns(columns, open_parquet(session_, {file, state_.stages.readable(definition, file.path)}, format), ignores_case);
    ++files;
  }
  std::string rows;
  for (size_t i = 0; i < columns.size(); ++i) {
    const InferredColumn& one = columns[i];
    const std::string nullable = one.nullable || one.count < files ? "TRUE" : "FALSE";
    rows += (i ? ", (" : "(") + quote_text(one.name) + ", " + quote_text(one.type) + ", " + nullable + ", " +
            quote_text("$1:" + one.name + "::" + one.type) + ", " + quote_text(one.files) + ", " + std::to_string(i) + ")";
  }
  const std::string none = columns.empty() ? " WHERE FALSE" : "";
  if (columns.empty()) rows = "('', '', TRUE, '', '', 0)";
  return "(SELECT * FROM (VALUES " + rows + R"() AS inferred("COLUMN_NAME", "TYPE", "NULLABLE", "EXPRESSION", "FILENAMES", "ORDER_ID"))" +
         none + ")";
}

}  // namespace imednet::sandbox::snowflake
