// Which rows of a file can't be loaded, and why.
#include "copy_into.h"
#include "engine_errors.h"
#include "json_check.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

// More are not searched for: a file of nothing but errors would take hours.
constexpr size_t kMostBadRows = 2000;

// The value with all that its column asks of it; evaluated for its error alone.
std::string checked(const CopyValue& value) {
  const ColumnDefinition& column = *value.column;
  std::string sql = column.type.semi_structured() ? value.sql : "CAST(" + value.sql + " AS " + engine_type(column.type) + ")";
  if (column.type.kind == TypeKind::text && column.type.length < kLongestText)
    sql = "CASE WHEN length(" + sql + ") > " + std::to_string(column.type.length) + " THEN error('CHECK constraint failed') ELSE " + sql +
          " END";
  if (!column.nullable) sql = "CASE WHEN (" + sql + ") IS NULL THEN error('NOT NULL constraint failed') ELSE 1 END";
  return sql;
}

}  // namespace

// The engine's message when rows first to last can't be loaded, "" when they can.
std::string CopyInto::probe(const FilePlan& plan, const std::vector<size_t>& columns, long long first, long long last,
                            EngineConnection& reader) const {
  std::string values;
  std::string counts;
  for (size_t i : columns) {
    values += (values.empty() ? "" : ", ") + checked(plan.values[i]) + " AS v" + std::to_string(i);
    counts += (counts.empty() ? "" : ", ") + ("count(v" + std::to_string(i) + ")");
  }
  if (values.empty() || last < first) return "";
  try {
    reader.query("SELECT " + counts + " FROM (SELECT " + values + " FROM " + plan.parquet.from + " WHERE file_row_number BETWEEN " +
                 std::to_string(first - 1) + " AND " + std::to_string(last - 1) + ") AS tried");
    return "";
  } catch (const EngineError& error) {
    return error.what();
  }
}

// What PARSE_JSON refuses although the engine would take it; at most so many rows, 0 for all. False when a text is not compact.
bool CopyInto::refused_json(const FilePlan& plan, std::map<long long, std::string>& found, size_t most) const {
  bool are_compact = true;
  for (const std::string& text : plan.json_texts) {
    long long row = 0;
    executor_.session_.for_each_text("SELECT " + text + " FROM " + plan.parquet.from, [&](const Cell& cell) {
      ++row;
      if (!cell || (most > 0 && found.size() >= most)) return;
      const JsonVerdict verdict = judge_json(*cell);
      if (verdict.refusal) found.emplace(row, "Error parsing JSON: " + *verdict.refusal);
      are_compact = are_compact && verdict.is_compact;
    });
  }
  return are_compact;
}

std::vector<BadRow> CopyInto::bad_rows(const FilePlan& plan, size_t most) const {
  std::map<long long, std::string> refused;
  refused_json(plan, refused, most);
  const auto reader = executor_.state_.engine.connect();
  const auto zone = executor_.session_.context.parameters.find("TIMEZONE");
  reader->run("SET TimeZone = " + quote_text(zone == executor_.session_.context.parameters.end() ? "America/Los_Angeles" : zone->second));
  std::vector<size_t> all;
  for (size_t i = 0; i < plan.values.size(); ++i) all.push_back(i);
  std::map<long long, BadRow> found;
  for (const auto& [row, message] : refused) found[row] = {row, message, ""};
  std::vector<std::pair<long long, long long>> ranges = {{1, plan.parquet.rows.front()}};
  size_t halved = 0;
  while (!ranges.empty() && (most == 0 || halved < most)) {
    const auto [first, last] = ranges.back();
    ranges.pop_back();
    const std::string message = probe(plan, all, first, last, *reader);
    if (message.empty()) continue;
    if (first < last) {
      const long long middle = first + (last - first) / 2;
      ranges.emplace_back(middle + 1, last);
      ranges.emplace_back(first, middle);
      continue;
    }
    ++halved;
    if (!found.contains(first)) found[first] = explain(plan, first, message, *reader);
    if (found.size() > kMostBadRows) throw unsupported("Counting more than 2000 rows of one file that can't be loaded");
  }
  std::vector<BadRow> rows;
  for (const auto& [number, row] : found) rows.push_back(row);
  return rows;
}

// The first column that fails alone, written as COPY's first_error_column_name. [doc]
BadRow CopyInto::explain(const FilePlan& plan, long long row, const std::string& message, EngineConnection& reader) const {
  for (size_t i = 0; i < plan.values.size(); ++i) {
    const std::string alone = probe(plan, {i}, row, row, reader);
    if (alone.empty()) continue;
    const std::string name = "\"" + table_.name.name + "\"[\"" + plan.values[i].column->name + "\":" + std::to_string(i + 1) + "]";
    return {row, engine_failure(alone).what(), name};
  }
  return {row, engine_failure(message).what(), ""};
}

void CopyInto::fail(const Candidate& candidate, const FilePlan* plan, const std::string& engine_message) const {
  const SqlError cause = engine_failure(engine_message);
  BadRow row;
  if (plan) {
    const std::vector<BadRow> bad = bad_rows(*plan, 1);
    if (!bad.empty()) row = bad.front();
  }
  refuse(candidate, cause, row);
}

void CopyInto::refuse(const Candidate& candidate, const SqlError& cause, const BadRow& row) const {
  std::string where;
  if (row.number > 0) where = "\n  Row " + std::to_string(row.number) + (row.column.empty() ? "" : ", column " + row.column);
  throw SqlError(cause.code(), cause.sql_state(),
                 std::string(cause.what()) + "\n  File '" + candidate.file.path + "', line " + std::to_string(row.number) +
                     ", character 0" + where +
                     "\n  If you would like to continue loading when an error is encountered, use other values such as 'SKIP_FILE' or "
                     "'CONTINUE' for the ON_ERROR option. For more information on loading options, please run 'info loading_data' in a "
                     "SQL client.");
}

}  // namespace imednet::sandbox::snowflake
