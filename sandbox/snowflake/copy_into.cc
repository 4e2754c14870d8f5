#include "copy_into.h"

#include <algorithm>

#include "engine_errors.h"
#include "json_check.h"
#include "load_history.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

// $1:name over one Parquet file, whose columns are called p0, p1, ... in the engine's query.
class ParquetRow : public StagedRow {
 public:
  ParquetRow(const std::vector<std::string>& columns, const StagedFile& file, int64_t now_us)
      : columns_(columns), file_(file), now_us_(now_us) {}

  // A name the file does not have is NULL and no error: names are compared with case. [doc]
  std::string column(const std::string& name) override {
    const auto found = std::find(columns_.begin(), columns_.end(), name);
    return found == columns_.end() ? "NULL" : "p" + std::to_string(found - columns_.begin());
  }

  std::string whole() override {
    std::string sql;
    for (size_t i = 0; i < columns_.size(); ++i) sql += (sql.empty() ? "" : ", ") + quote_text(columns_[i]) + ", p" + std::to_string(i);
    return "json_object(" + sql + ")";
  }

  std::string metadata(const std::string& name) override {
    if (name == "METADATA$FILENAME") return quote_text(file_.path);
    if (name == "METADATA$FILE_ROW_NUMBER") return "(file_row_number + 1)";
    if (name == "METADATA$START_SCAN_TIME") return timestamp_literal(now_us_);
    if (name == "METADATA$FILE_LAST_MODIFIED") return "CAST(timezone('UTC', " + timestamp_literal(file_.modified_us) + ") AS TIMESTAMP)";
    if (name == "METADATA$FILE_CONTENT_KEY") return quote_text(file_.md5);
    throw SqlError("000904", "42000", "SQL compilation error:\ninvalid identifier '" + name + "'");
  }

 private:
  const std::vector<std::string>& columns_;
  const StagedFile& file_;
  int64_t now_us_;
};

std::string parquet_source(const std::filesystem::path& file, size_t columns) {
  std::string names;
  for (size_t i = 0; i < columns; ++i) names += "p" + std::to_string(i) + ", ";
  return "read_parquet(" + quote_text(file.string()) + ", file_row_number = true, hive_partitioning = false) AS staged(" + names +
         "file_row_number)";
}

}  // namespace

CopyInto::CopyInto(Executor& executor, Translator& sql, CopyStatement statement)
    : executor_(executor),
      sql_(sql),
      statement_(std::move(statement)),
      table_(executor.table(statement_.table)),
      stage_(executor.reachable_stage(statement_.source.name, "READ")) {
  executor.require("INSERT", table_);
}

StatementResult CopyInto::run() {
  executor_.prepare_change(table_, RowChange::adds);
  find_candidates();
  if (executor_.copy_fault_.nothing) candidates_.clear();
  skip_loaded();
  for (Candidate& candidate : candidates_) {
    if (candidate.skipped) continue;
    try {
      add_file_statements(candidate);
    } catch (const EngineError& error) {
      candidate_of_write_.push_back(static_cast<size_t>(&candidate - candidates_.data()));
      fail_at(candidate_of_write_.size() - 1, error.what());
    }
  }
  if (!writes_.empty()) {
    try {
      executor_.session_.write_all(writes_);
    } catch (const StepError& error) {
      fail_at(error.step(), error.what());
    }
  }
  if (statement_.purge) {
    for (const Candidate& candidate : candidates_) {
      if (!candidate.skipped) executor_.state_.stages.remove(stage_, candidate.file.path);
    }
  }
  return answer();
}

// FILES are names below the path of FROM; the path itself is a prefix, not a directory.
void CopyInto::find_candidates() {
  const std::string& prefix = statement_.source.path;
  const std::vector<StagedFile> there = executor_.state_.stages.list(stage_, prefix);
  if (!statement_.files_given) {
    for (const StagedFile& file : there) candidates_.push_back({file});
    return;
  }
  for (const std::string& name : statement_.files) {
    std::string wanted = prefix;
    if (!wanted.empty() && wanted.back() != '/' && !name.starts_with("/")) wanted += '/';
    wanted += name;
    const auto found = std::find_if(there.begin(), there.end(), [&](const StagedFile& file) { return file.path == wanted; });
    if (found == there.end()) {
      throw SqlError("091016", "22000",
                     "Remote file '" + to_lower(stage_.name.name) + "/" + wanted +
                         "' was not found. There are several potential causes. The file might not exist.");
    }
    const bool twice = std::any_of(candidates_.begin(), candidates_.end(), [&](const Candidate& one) { return one.file.path == wanted; });
    if (!twice) candidates_.push_back({*found});
  }
}

void CopyInto::skip_loaded() {
  if (statement_.force) return;
  const auto loaded = loaded_files(executor_.session_, table_.id, executor_.now_us_);
  for (Candidate& candidate : candidates_) {
    const auto known = loaded.find(std::to_string(stage_.id) + "/" + candidate.file.path);
    candidate.skipped = known != loaded.end() && known->second == candidate.file.md5;
  }
}

void CopyInto::add_file_statements(Candidate& candidate) {
  const std::filesystem::path path = executor_.state_.stages.readable(stage_, candidate.file.path);
  // An asterisk in a staged name must not become the engine's wildcard.
  if (candidate.file.path.find_first_of("*?[") != std::string::npos)
    throw SqlError("001011", "42601", "invalid characters in '" + candidate.file.path + "'");
  const std::string literal = quote_text(path.string());
  std::vector<std::string> columns;
  // Names from the file itself: the engine renames columns that differ only in case. Children of a
  // nested column follow their parent, so a walk by number of children finds the top level.
  long long inside = 0;
  const ResultSet schema = executor_.session_.query("SELECT name, coalesce(num_children, 0) FROM parquet_schema(" + literal + ")");
  for (size_t i = 1; i < schema.rows.size(); ++i) {
    if (inside == 0) columns.push_back(schema.rows[i][0].value_or(""));
    inside += std::stoll(schema.rows[i][1].value_or("0")) - (inside > 0 ? 1 : 0);
  }
  candidate.rows = std::stoll(*executor_.session_.query("SELECT count(*) FROM read_parquet(" + literal + ")").rows[0][0]);
  candidate.loaded = std::min<long long>(candidate.rows, executor_.copy_fault_.rows.value_or(candidate.rows));
  std::string insert = statement_.transform ? transform_insert(candidate, columns) : plain_insert(candidate, columns);
  if (candidate.loaded < candidate.rows) insert += " LIMIT " + std::to_string(candidate.loaded);
  writes_.push_back(insert);
  const std::string location = statement_.source.path;
  writes_.push_back(record_load_sql(table_.id, stage_.id, "@" + stage_.name.display() + "/" + location, candidate.file, candidate.rows,
                                    executor_.now_us_));
  const size_t index = static_cast<size_t>(&candidate - candidates_.data());
  candidate_of_write_.insert(candidate_of_write_.end(), {index, index});
}

std::vector<std::string> CopyInto::target_columns() const {
  if (!statement_.columns.empty()) return statement_.columns;
  std::vector<std::string> names;
  for (const ColumnDefinition& column : table_.columns) names.push_back(column.name);
  return names;
}

// Text loaded into a VARIANT is a JSON string; only PARSE_JSON reads it. [third party]
std::string CopyInto::coerced(const std::string& value, bool json, const ColumnDefinition& column) const {
  if (column.type.semi_structured()) return json ? value : "to_json(" + value + ")";
  if (column.type.kind == TypeKind::text) return "sf_text(" + value + ")";
  return value;
}

std::string CopyInto::transform_insert(const Candidate& candidate, const std::vector<std::string>& parquet_columns) {
  ParquetRow row(parquet_columns, candidate.file, executor_.now_us_);
  const std::string source = parquet_source(executor_.state_.stages.readable(stage_, candidate.file.path), parquet_columns.size());
  const std::vector<std::string> columns = target_columns();
  std::string names;
  std::string values;
  size_t count = 0;
  sql_.go_to(statement_.select_list);
  sql_.set_staged_row(&row);
  do {
    const Expression value = sql_.transform_item();
    if (count >= columns.size()) throw SqlError("002020", "21S01", "SQL compilation error:\nInsert value list does not match column list");
    const ColumnDefinition* column = table_.column(columns[count]);
    if (!column)
      throw SqlError("000904", "42000", "SQL compilation error:\ninvalid identifier '" + display_identifier(columns[count]) + "'");
    names += (count ? ", " : "") + engine_identifier(columns[count]);
    values += (count ? ", " : "") + coerced(value.sql, value.json, *column);
    ++count;
  } while (sql_.accept_symbol(","));
  sql_.set_staged_row(nullptr);
  if (count != columns.size() && !statement_.columns.empty()) {
    throw SqlError("002020", "21S01",
                   "SQL compilation error:\nInsert value list does not match column list expecting " + std::to_string(columns.size()) +
                       " but got " + std::to_string(count));
  }
  for (const std::string& text : sql_.take_json_texts()) {
    long long row_number = 0;
    executor_.session_.for_each_text("SELECT " + text + " FROM " + source, [&](const Cell& cell) {
      ++row_number;
      if (!cell) return;
      const auto refusal = json_refusal(*cell);
      if (!refusal) return;
      throw SqlError("100069", "22P02",
                     "Error parsing JSON: " + *refusal + "\n  File '" + candidate.file.path + "', line " + std::to_string(row_number) +
                         ", character 0\n  Row " + std::to_string(row_number));
    });
  }
  return "INSERT INTO " + table_.relation() + " (" + names + ") SELECT " + values + " FROM " + source;
}

std::string CopyInto::plain_insert(const Candidate& candidate, const std::vector<std::string>& parquet_columns) const {
  ParquetRow row(parquet_columns, candidate.file, executor_.now_us_);
  const std::string source = parquet_source(executor_.state_.stages.readable(stage_, candidate.file.path), parquet_columns.size());
  std::string names;
  std::string values;
  if (statement_.match == MatchByName::none) {
    const std::vector<std::string> columns = target_columns();
    const ColumnDefinition* only = columns.size() == 1 ? table_.column(columns[0]) : nullptr;
    if (!only || !only->type.semi_structured()) {
      throw syntax_error(
          "PARQUET file format can produce one and only one column of type variant, object, or array. Load data into separate "
          "columns using the MATCH_BY_COLUMN_NAME copy option or copy with transformation.");
    }
    return "INSERT INTO " + table_.relation() + " (" + engine_identifier(only->name) + ") SELECT " + row.whole() + " FROM " + source;
  }
  // Columns the file does not have are NULL, whatever their default; if none match, rows of NULLs are loaded. [doc]
  for (const std::string& name : target_columns()) {
    const ColumnDefinition* column = table_.column(name);
    if (!column) throw SqlError("000904", "42000", "SQL compilation error:\ninvalid identifier '" + display_identifier(name) + "'");
    size_t at = 0;
    while (at < parquet_columns.size() &&
           !(statement_.match == MatchByName::case_sensitive ? parquet_columns[at] == name
                                                             : equals_ignoring_case(parquet_columns[at], name))) {
      ++at;
    }
    names += (names.empty() ? "" : ", ") + engine_identifier(name);
    values += (values.empty() ? "" : ", ") +
              (at == parquet_columns.size() ? std::string("NULL") : coerced("p" + std::to_string(at), false, *column));
  }
  return "INSERT INTO " + table_.relation() + " (" + names + ") SELECT " + values + " FROM " + source;
}

StatementResult CopyInto::answer() const {
  const bool any = std::any_of(candidates_.begin(), candidates_.end(), [](const Candidate& one) { return !one.skipped; });
  if (!any) return status_result("Copy executed with 0 files processed.", statement_type::kCopy);
  StatementResult out;
  out.type = statement_type::kCopy;
  out.result.columns = {text_column("file"),
                        text_column("status"),
                        number_column("rows_parsed"),
                        number_column("rows_loaded"),
                        number_column("error_limit"),
                        number_column("errors_seen"),
                        text_column("first_error"),
                        number_column("first_error_line"),
                        number_column("first_error_character"),
                        text_column("first_error_column_name")};
  for (const Candidate& one : candidates_) {
    const std::string name = to_lower(stage_.name.name) + "/" + one.file.path;
    const std::string rows = std::to_string(one.rows);
    if (!one.skipped && one.loaded < one.rows) {
      out.result.rows.push_back({name, "PARTIALLY_LOADED", rows, std::to_string(one.loaded), rows, std::to_string(one.rows - one.loaded),
                                 "Ordered to load a part of the file.", std::to_string(one.loaded + 1), "1", Cell()});
    } else if (one.skipped) {
      out.result.rows.push_back({name, "LOAD_SKIPPED", "0", "0", "1", "1", "File was loaded before.", Cell(), Cell(), Cell()});
    } else {
      out.result.rows.push_back({name, "LOADED", rows, rows, "1", "0", Cell(), Cell(), Cell(), Cell()});
    }
  }
  return out;
}

void CopyInto::fail_at(size_t step, const std::string& engine_message) const {
  const SqlError cause = engine_failure(engine_message);
  const std::string file = step < candidate_of_write_.size() ? candidates_[candidate_of_write_[step]].file.path : std::string();
  throw SqlError(cause.code(), cause.sql_state(),
                 std::string(cause.what()) + "\n  File '" + file +
                     "', line 0, character 0\n  If you would like to continue loading when an error is "
                     "encountered, use other values such as 'SKIP_FILE' or 'CONTINUE' for the ON_ERROR option. For more "
                     "information on loading options, please run 'info loading_data' in a SQL client.");
}

StatementResult Executor::copy(Translator& sql) { return CopyInto(*this, sql, parse_copy(sql)).run(); }

}  // namespace imednet::sandbox::snowflake
