#include "copy_into.h"

#include <algorithm>

#include "engine_errors.h"
#include "load_history.h"

namespace imednet::sandbox::snowflake {

CopyInto::CopyInto(Executor& executor, Translator& sql, CopyStatement statement)
    : executor_(executor),
      sql_(sql),
      statement_(std::move(statement)),
      table_(executor.table(statement_.table)),
      stage_(executor.reachable_stage(statement_.source.name, "READ")),
      format_(executor.file_format(statement_.format, stage_)) {
  executor.require("INSERT", table_);
  if (format_.type() != "PARQUET") throw unsupported("COPY of files of TYPE = " + format_.type());
}

StatementResult CopyInto::run() {
  executor_.prepare_change(table_, RowChange::adds);
  find_candidates();
  if (executor_.copy_fault_.nothing) candidates_.clear();
  skip_loaded();
  stop_at_size_limit();
  statement_.on_error == OnError::abort_statement ? load_all() : load_each();
  if (statement_.purge) {
    for (const Candidate& candidate : candidates_) {
      if (candidate.loaded == 0 && candidate.status != "LOADED") continue;
      try {
        executor_.state_.stages.remove(stage_, candidate.file.path);
      } catch (const SqlError&) {
        // A file that can't be removed stays, without a word. [doc]
      }
    }
  }
  return answer();
}

namespace {

// Nothing is left out of compact texts, so they need not be searched for white space: that takes most of a COPY's time.
void parse_as_they_stand(std::vector<CopyValue>& values) {
  constexpr std::string_view kUsual = "sf_parse_json(", kCompact = "sf_compact_json(";
  for (CopyValue& value : values) {
    for (size_t at = value.sql.find(kUsual); at != std::string::npos; at = value.sql.find(kUsual, at + kCompact.size()))
      value.sql.replace(at, kUsual.size(), kCompact);
  }
}

}  // namespace

// One COPY over many files is all or nothing: any error undoes what the statement did. [doc]
void CopyInto::load_all() {
  if (!load_together()) load_one_by_one();
}

// Files with the same columns are one statement of the engine: it takes longer to read the statement than some hundred rows.
bool CopyInto::load_together() {
  if (executor_.copy_fault_.rows) return false;
  std::vector<Candidate> loaded = candidates_;
  std::vector<StagedParquet> files;
  std::vector<LoadRecord> records;
  for (const Candidate& candidate : candidates_) {
    if (candidate.status.empty()) files.push_back(readable(candidate));
  }
  if (files.size() < 2) return false;
  std::map<std::string, long long> rows;
  std::vector<std::string> writes;
  try {
    for (ParquetSource& source : open_parquet(executor_.session_, files, format_)) {
      FilePlan plan = plan_for(std::move(source));
      for (size_t i = 0; i < plan.parquet.files.size(); ++i) rows[plan.parquet.files[i].path] = plan.parquet.rows[i];
      std::map<long long, std::string> refused;
      if (refused_json(plan, refused, 1)) parse_as_they_stand(plan.values);
      if (!refused.empty()) return false;
      writes.push_back(insert_sql(plan, ""));
    }
    for (Candidate& candidate : loaded) {
      if (!candidate.status.empty()) continue;
      candidate.status = "LOADED";
      candidate.rows = candidate.loaded = rows.at(candidate.file.path);
      records.push_back(load_record(candidate));
    }
    writes.push_back(record_loads_sql(records, executor_.now_us_));
    executor_.session_.write_all(writes);
  } catch (const EngineError&) {
    return false;
  }
  candidates_ = std::move(loaded);
  return true;
}

void CopyInto::load_one_by_one() {
  std::vector<FilePlan> plans;
  std::vector<Candidate*> owners;
  std::vector<std::string> writes;
  for (Candidate& candidate : candidates_) {
    if (!candidate.status.empty()) continue;
    try {
      plans.push_back(plan_for(open_parquet(executor_.session_, readable(candidate), format_)));
    } catch (const EngineError& error) {
      fail(candidate, nullptr, error.what());
    }
    owners.push_back(&candidate);
    FilePlan& plan = plans.back();
    std::map<long long, std::string> refused;
    if (refused_json(plan, refused, 1)) parse_as_they_stand(plan.values);
    for (const auto& [row, why] : refused) refuse(candidate, SqlError("100069", "22P02", why), {row, why, ""});
    candidate.status = "LOADED";
    candidate.rows = plan.parquet.rows.front();
    candidate.loaded = std::min<long long>(candidate.rows, executor_.copy_fault_.rows.value_or(candidate.rows));
    if (candidate.loaded < candidate.rows) {
      candidate.status = "PARTIALLY_LOADED";
      candidate.error_limit = candidate.rows;
      candidate.errors = candidate.rows - candidate.loaded;
      candidate.first_error = {candidate.loaded + 1, "Ordered to load a part of the file.", ""};
    }
    writes.push_back(insert_sql(plan, candidate.loaded < candidate.rows ? " LIMIT " + std::to_string(candidate.loaded) : ""));
    writes.push_back(record_loads_sql({load_record(candidate)}, executor_.now_us_));
  }
  if (writes.empty()) return;
  try {
    executor_.session_.write_all(writes);
  } catch (const StepError& error) {
    const size_t at = std::min(error.step() / 2, plans.size() - 1);
    fail(*owners[at], &plans[at], error.what());
  }
}

// CONTINUE and SKIP_FILE: a file that can't be read at all is one error.
void CopyInto::load_each() {
  std::vector<std::string> writes;
  for (Candidate& candidate : candidates_) {
    if (!candidate.status.empty()) continue;
    try {
      const FilePlan plan = plan_for(open_parquet(executor_.session_, readable(candidate), format_));
      candidate.rows = plan.parquet.rows.front();
      const std::vector<BadRow> bad = bad_rows(plan, 0);
      candidate.errors = static_cast<long long>(bad.size());
      if (!bad.empty()) candidate.first_error = bad.front();
      candidate.error_limit = error_limit(candidate);
      const bool whole = statement_.on_error == OnError::keep_going || candidate.errors < candidate.error_limit ||
                         (statement_.skip_percent && candidate.errors == candidate.error_limit);
      candidate.loaded = whole ? candidate.rows - candidate.errors : 0;
      std::string left_out;
      for (const BadRow& row : bad) left_out += (left_out.empty() ? "" : ", ") + std::to_string(row.number - 1);
      if (candidate.loaded > 0)
        writes.push_back(insert_sql(plan, left_out.empty() ? "" : " WHERE file_row_number NOT IN (" + left_out + ")"));
      candidate.status = bad.empty() ? "LOADED" : candidate.loaded > 0 ? "PARTIALLY_LOADED" : "LOAD_FAILED";
    } catch (const EngineError& error) {
      candidate.status = "LOAD_FAILED";
      candidate.errors = 1;
      candidate.first_error = {0, engine_failure(error.what()).what(), ""};
    }
    writes.push_back(record_loads_sql({load_record(candidate)}, executor_.now_us_));
  }
  if (!writes.empty()) executor_.session_.write_all(writes);
}

// CONTINUE: as many as there are rows; SKIP_FILE_n: n; SKIP_FILE_n%: that part of the rows. [inferred: only what error_limit shows]
long long CopyInto::error_limit(const Candidate& candidate) const {
  if (statement_.on_error == OnError::keep_going) return candidate.rows;
  return statement_.skip_percent ? candidate.rows * statement_.skip_from / 100 : statement_.skip_from;
}

LoadRecord CopyInto::load_record(const Candidate& candidate) const {
  LoadRecord record;
  record.table_id = table_.id;
  record.stage_id = stage_.id;
  record.stage_location = "@" + stage_.name.display() + "/" + statement_.source.path;
  record.file = candidate.file;
  record.status = candidate.status;
  record.rows_parsed = candidate.rows;
  record.rows_loaded = candidate.status == "LOADED" ? candidate.rows : candidate.loaded;
  record.error_limit = candidate.error_limit;
  record.errors = candidate.errors;
  record.first_error = candidate.first_error.message;
  record.first_error_line = candidate.first_error.number;
  record.first_error_column = candidate.first_error.column;
  return record;
}

StagedParquet CopyInto::readable(const Candidate& candidate) const {
  return {candidate.file, executor_.state_.stages.readable(stage_, candidate.file.path)};
}

CopyInto::FilePlan CopyInto::plan_for(ParquetSource source) {
  FilePlan plan;
  plan.parquet = std::move(source);
  statement_.transform ? transform_values(plan) : matched_values(plan);
  // Columns that are not named and have no default become NULL: said here, so that a file's bad rows can be told without the table.
  for (const ColumnDefinition& other : table_.columns) {
    const bool named = std::any_of(plan.values.begin(), plan.values.end(), [&](const CopyValue& value) { return value.column == &other; });
    if (!named && !other.nullable && other.default_sql.empty()) plan.values.push_back({&other, "NULL"});
  }
  return plan;
}

std::vector<std::string> CopyInto::target_columns() const {
  if (!statement_.columns.empty()) return statement_.columns;
  std::vector<std::string> all;
  for (const ColumnDefinition& one : table_.columns) all.push_back(one.name);
  return all;
}

const ColumnDefinition& CopyInto::column(const std::string& name) const {
  if (const ColumnDefinition* found = table_.column(name)) return *found;
  throw SqlError("000904", "42000", "SQL compilation error:\ninvalid identifier '" + display_identifier(name) + "'");
}

// What a value becomes in its column: text stays text in a VARIANT, bytes are hex as text.
std::string CopyInto::coerced(const std::string& value, bool json, bool binary, const ColumnDefinition& target) const {
  if (target.type.semi_structured()) return json ? value : "to_json(" + (binary ? "hex(" + value + ")" : value) + ")";
  if (target.type.kind == TypeKind::text) {
    const std::string text = binary ? "hex(" + value + ")" : "sf_text(" + value + ")";
    const bool cuts = statement_.truncates && target.type.length < kLongestText;
    return cuts ? "left(" + text + ", " + std::to_string(target.type.length) + ")" : text;
  }
  const std::string source = json ? "json_extract_string(" + value + ", '$')" : value;
  if (value == "NULL") return value;
  return target.type.kind == TypeKind::binary ? "sf_binary(" + source + ")" : engine_cast(source, target.type);
}

void CopyInto::transform_values(FilePlan& plan) {
  ParquetRow row(plan.parquet, executor_.now_us_);
  const std::vector<std::string> columns = target_columns();
  sql_.go_to(statement_.select_list);
  sql_.set_staged_row(&row);
  size_t count = 0;
  do {
    const Expression value = sql_.transform_item();
    if (count < columns.size()) {
      const ColumnDefinition& target = column(columns[count]);
      plan.values.push_back({&target, coerced(value.sql, value.json, false, target)});
    }
    ++count;
  } while (sql_.accept_symbol(","));
  sql_.set_staged_row(nullptr);
  if (count > columns.size() || (count != columns.size() && !statement_.columns.empty())) {
    throw SqlError("002020", "21S01",
                   "SQL compilation error:\nInsert value list does not match column list expecting " + std::to_string(columns.size()) +
                       " but got " + std::to_string(count));
  }
  plan.json_texts = sql_.take_json_texts();
}

void CopyInto::matched_values(FilePlan& plan) const {
  ParquetRow row(plan.parquet, executor_.now_us_);
  if (statement_.match == MatchByName::none) {
    const std::vector<std::string> columns = target_columns();
    const ColumnDefinition* only = columns.size() == 1 ? table_.column(columns[0]) : nullptr;
    if (!only || !only->type.semi_structured()) {
      throw syntax_error(
          "PARQUET file format can produce one and only one column of type variant, object, or array. Load data into separate "
          "columns using the MATCH_BY_COLUMN_NAME copy option or copy with transformation.");
    }
    plan.values.push_back({only, row.whole()});
    return;
  }
  const bool exact = statement_.match == MatchByName::case_sensitive;
  for (const auto& [name, what] : statement_.metadata) plan.values.push_back({&column(name), row.metadata(what)});
  for (CopyValue& value : plan.values) value.sql = coerced(value.sql, false, false, *value.column);
  // Columns the file does not have are NULL, whatever their default; if none match, rows of NULLs are loaded. [doc]
  for (const std::string& name : target_columns()) {
    const ColumnDefinition& target = column(name);
    const bool done = std::any_of(plan.values.begin(), plan.values.end(), [&](const CopyValue& one) { return one.column == &target; });
    if (done) continue;
    const auto& there = plan.parquet.columns;
    const auto found = std::find_if(there.begin(), there.end(), [&](const ParquetColumn& one) {
      return exact ? one.name == name : equals_ignoring_case(one.name, name);
    });
    plan.values.push_back({&target, found == there.end() ? "NULL" : coerced(found->sql, false, found->is_binary, target)});
  }
}

std::string CopyInto::insert_sql(const FilePlan& plan, const std::string& rest) const {
  std::string names;
  std::string values;
  for (const CopyValue& value : plan.values) {
    names += (names.empty() ? "" : ", ") + engine_identifier(value.column->name);
    values += (values.empty() ? "" : ", ") + value.sql;
  }
  return "INSERT INTO " + table_.relation() + " (" + names + ") SELECT " + values + " FROM " + plan.parquet.from + rest;
}

StatementResult Executor::copy(Translator& sql) { return CopyInto(*this, sql, parse_copy(sql)).run(); }

}  // namespace imednet::sandbox::snowflake
