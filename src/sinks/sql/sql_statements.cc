#include "sinks/sql/sql_statements.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "core/digest.h"

namespace imednet::sinks::sql {
namespace {

using table::Column;
using table::ColumnKind;

constexpr std::array<Column, 4> kServiceColumns{{
    {"_file", ColumnKind::text, false, "staged file the row was written from"},
    {"_run_id", ColumnKind::text, false, "run that wrote the row"},
    {"_loaded_at", ColumnKind::timestamp, false, "when that run loaded it, UTC"},
    {"_deleted_at", ColumnKind::timestamp, true, "when a run found the record gone from the API, UTC; null while it is there"},
}};

// `column IN its span`, with what stands before it; empty without an end.
std::string within(std::string_view column, const IdSpan& ids) {
  std::string text;
  if (ids.from) text += fmt::format(" AND {} >= {}", column, *ids.from);
  if (ids.to) text += fmt::format(" AND {} <= {}", column, *ids.to);
  return text;
}

}  // namespace

std::span<const Column> service_columns() { return kServiceColumns; }

std::string Statements::moment(std::string_view when) const {
  return dialect_.is_loosely_typed ? quote_text(when) : "TIMESTAMP " + quote_text(when);
}

std::string Statements::definition(const Column& column) const {
  return fmt::format("{} {}{}", quote_name(column.name), type_of(dialect_, column.kind), column.nullable ? "" : " NOT NULL");
}

std::string Statements::of_study(std::string_view study) const {
  return fmt::format("target_table = {} AND study_key = {}", quote_text(target_.text()), quote_text(study));
}

SqlText Statements::begin() const { return SqlText(std::string(dialect_.begin)); }
SqlText Statements::begin_reading() const { return SqlText(std::string(dialect_.begin_reading)); }

std::optional<SqlText> Statements::guard() const {
  if (dialect_.guard.empty()) return std::nullopt;
  return SqlText(std::string(dialect_.guard));
}
SqlText Statements::commit() const { return SqlText("COMMIT"); }
SqlText Statements::rollback() const { return SqlText("ROLLBACK"); }

SqlText Statements::lock(std::string_view study) const {
  const std::string key = core::sha256_hex(fmt::format("imednet\n{}\n{}", target_.text(), study), 7);  // 56 bits: a positive bigint
  return SqlText(fmt::format("SELECT pg_advisory_xact_lock({})", std::stoll(key, nullptr, 16)));
}

SqlText Statements::settle_session() const {
  switch (dialect_.engine) {
    case Engine::sqlite:
      return SqlText("PRAGMA busy_timeout = 10000");
    case Engine::postgresql:
      return SqlText("SET TIME ZONE 'UTC'");
    default:
      return SqlText("SET preserve_insertion_order = true");
  }
}

SqlText Statements::memory_limit() const { return SqlText("SELECT current_setting('memory_limit') AS memory_limit"); }
SqlText Statements::limit_memory(std::size_t megabytes) const { return SqlText(fmt::format("SET memory_limit = '{}MB'", megabytes)); }
SqlText Statements::spill_into(std::string_view folder) const { return SqlText("SET temp_directory = " + quote_text(folder)); }

SqlText Statements::columns_of(const TableName& table) const {
  if (dialect_.engine == Engine::sqlite) {
    const std::string schema = table.schema() ? ", " + quote_text(*table.schema()) : "";
    return SqlText(
        fmt::format("SELECT name, type, CASE WHEN \"notnull\" = 0 THEN 'YES' ELSE 'NO' END AS nullable, COALESCE(dflt_value, '') AS preset "
                    "FROM pragma_table_info({}{}) ORDER BY cid",
                    quote_text(table.name()), schema));
  }
  const bool folds = dialect_.engine == Engine::duckdb;  // it compares names without case
  const auto same = [&](std::string_view column, const std::string& value) {
    return folds ? fmt::format("lower({}) = lower({})", column, value) : fmt::format("{} = {}", column, value);
  };
  return SqlText(
      fmt::format("SELECT column_name AS name, data_type AS type, is_nullable AS nullable, COALESCE(column_default, '') AS preset FROM "
                  "information_schema.columns WHERE {}{} AND {} ORDER BY ordinal_position",
                  folds ? "table_catalog = current_database() AND " : "",
                  same("table_schema", table.schema() ? quote_text(*table.schema()) : std::string(dialect_.default_schema)),
                  same("table_name", quote_text(table.name()))));
}

SqlText Statements::create_target() const {
  std::vector<std::string> lines;
  for (const Column& column : columns_) lines.push_back(definition(column));
  for (const Column& column : kServiceColumns) lines.push_back(definition(column));
  return SqlText(fmt::format("CREATE TABLE {} ({})", target_.sql(), fmt::join(lines, ", ")));
}

std::vector<SqlText> Statements::comments() const {
  std::vector<SqlText> texts;
  if (!dialect_.has_comments) return texts;
  for (const Column& column : columns_) texts.push_back(comment_on(column));
  for (const Column& column : kServiceColumns) texts.push_back(comment_on(column));
  return texts;
}

SqlText Statements::comment_on(const Column& column) const {
  return SqlText(fmt::format("COMMENT ON COLUMN {}.{} IS {}", target_.sql(), quote_name(column.name), quote_text(column.comment)));
}

std::vector<SqlText> Statements::add_columns(std::span<const Column* const> columns) const {
  std::vector<SqlText> texts;
  for (const Column* column : columns) {
    texts.push_back(SqlText(fmt::format("ALTER TABLE {} ADD COLUMN {}", target_.sql(), definition(*column))));
    if (dialect_.has_comments) texts.push_back(comment_on(*column));
  }
  return texts;
}

// An index's name stands in the table's schema; SQLite writes that schema before it, PostgreSQL none at all.
SqlText Statements::create_index() const {
  const std::string name = "imednet_" + core::sha256_hex(target_.text(), 8);
  const bool names_schema = dialect_.engine == Engine::sqlite && target_.schema().has_value();
  return SqlText(fmt::format("CREATE INDEX {}{} ON {} (study_key, {})", names_schema ? quote_name(*target_.schema()) + "." : "",
                             quote_name(name), names_schema ? quote_name(target_.name()) : target_.sql(), key_));
}

SqlText Statements::create_loads() const {
  return SqlText(fmt::format(
      "CREATE TABLE IF NOT EXISTS {} (target_table {text} NOT NULL, study_key {text} NOT NULL, layout {text} NOT NULL, "
      "batch_id {text} NOT NULL, hash {text} NOT NULL, file_path {text} NOT NULL, sha256 {text}, row_count {number} NOT NULL, "
      "first_record_id {number}, last_record_id {number}, run_id {text} NOT NULL, loaded_at {time} NOT NULL, superseded_by {text})",
      loads().sql(), fmt::arg("text", dialect_.text), fmt::arg("number", dialect_.integer), fmt::arg("time", dialect_.timestamp)));
}

SqlText Statements::create_runs() const {
  return SqlText(fmt::format(
      "CREATE TABLE IF NOT EXISTS {} (run_id {text} NOT NULL, target_table {text} NOT NULL, study_key {text} NOT NULL, "
      "run_number {number} NOT NULL, mode {text} NOT NULL, method {text} NOT NULL, rows_inserted {number} NOT NULL, "
      "rows_updated {number} NOT NULL, rows_vanished {number} NOT NULL, rows_live {number} NOT NULL, started_at {time} NOT NULL, "
      "finished_at {time} NOT NULL, PRIMARY KEY (target_table, study_key, run_number))",
      runs().sql(), fmt::arg("text", dialect_.text), fmt::arg("number", dialect_.integer), fmt::arg("time", dialect_.timestamp)));
}

std::optional<SqlText> Statements::limits() const {
  switch (dialect_.engine) {
    case Engine::sqlite:
      return SqlText(
          fmt::format("SELECT COALESCE(MIN(CAST(substr(compile_options, 12) AS INTEGER)), {}) AS columns, 0 AS page_bytes "
                      "FROM pragma_compile_options WHERE compile_options LIKE 'MAX_COLUMN=%'",
                      dialect_.columns));
    case Engine::postgresql:
      return SqlText(fmt::format("SELECT {} AS columns, CAST(current_setting('block_size') AS bigint) AS page_bytes", dialect_.columns));
    default:
      return std::nullopt;
  }
}

// A row that a further table has not is shown all the same.
SqlText Statements::create_view(const TableName& view, std::span<const TableName> tables, std::span<const ViewColumn> columns) const {
  std::vector<std::string> names;
  for (const ViewColumn& column : columns) names.push_back(fmt::format("t{}.{}", column.table, quote_name(column.name)));
  std::string joined = tables.front().sql() + " t0";
  for (std::size_t i = 1; i < tables.size(); ++i)
    joined += fmt::format(" LEFT JOIN {0} t{1} ON t{1}.study_key = t0.study_key AND t{1}.{2} = t0.{2}", tables[i].sql(), i, key_);
  const std::string_view begin = dialect_.replaces_views ? "CREATE OR REPLACE VIEW" : "CREATE VIEW";
  return SqlText(fmt::format("{} {} AS SELECT {} FROM {}", begin, view.sql(), fmt::join(names, ", "), joined));
}

SqlText Statements::drop_view(const TableName& view) const { return SqlText("DROP VIEW " + view.sql()); }

// As the driver hands rows over: JSON as text.
SqlText Statements::create_staged() const {
  std::vector<std::string> lines;
  for (const Column& column : columns_) {
    const bool is_json = column.kind == ColumnKind::json;
    lines.push_back(fmt::format("{} {}", quote_name(column.name), is_json ? dialect_.text : type_of(dialect_, column.kind)));
  }
  return SqlText(fmt::format("CREATE TEMP TABLE {} ({})", quote_name(staged_name()), fmt::join(lines, ", ")));
}

// Without it SQLite, which knows nothing of a table that was just filled, may read all of it for each row it is compared with.
SqlText Statements::index_staged() const {
  return SqlText(
      fmt::format("CREATE INDEX \"{0}\".\"imednet_staged_key\" ON {1} ({2})", dialect_.temporary, quote_name(staged_name()), key_));
}

SqlText Statements::create_kept() const {
  return SqlText(fmt::format("CREATE TEMP TABLE \"imednet_kept\" (record_id {})", dialect_.integer));
}
SqlText Statements::clear_staged() const { return SqlText("DELETE FROM " + staged()); }
SqlText Statements::clear_kept() const { return SqlText("DELETE FROM " + kept()); }
SqlText Statements::drop_staged() const { return SqlText("DROP TABLE " + staged()); }
SqlText Statements::drop_kept() const { return SqlText("DROP TABLE " + kept()); }

SqlText Statements::staged_facts() const {
  std::string counts;
  for (std::size_t i = 0; i < columns_.size(); ++i) counts += fmt::format(", COUNT({}) AS n_{}", quote_name(columns_[i].name), i);
  return SqlText(
      fmt::format("SELECT COUNT(*) AS row_count, MIN({0}) AS first_id, MAX({0}) AS last_id{1} FROM {2}", key_, counts, staged()));
}

SqlText Statements::met_rows(std::string_view study, const IdSpan& ids) const {
  return SqlText(fmt::format("SELECT COUNT(DISTINCT t.{0}) AS row_count FROM {1} t JOIN {2} s ON s.{0} = t.{0} WHERE t.study_key = {3}{4}",
                             key_, target_.sql(), staged(), quote_text(study), within("t." + key_, ids)));
}

SqlText Statements::keep_equal(std::string_view study, const IdSpan& ids) const {
  return SqlText(
      fmt::format("INSERT INTO {1} SELECT t.{0} FROM {2} t JOIN {3} s ON s.{0} = t.{0} WHERE t.study_key = {4}{5} "
                  "GROUP BY t.{0} HAVING COUNT(*) = 1 AND "
                  "MAX(CASE WHEN t._deleted_at IS NULL AND t._row_hash = s._row_hash THEN 1 ELSE 0 END) = 1",
                  key_, kept(), target_.sql(), staged(), quote_text(study), within("t." + key_, ids)));
}

SqlText Statements::kept_rows() const { return SqlText("SELECT COUNT(*) AS row_count FROM " + kept()); }

SqlText Statements::delete_changed(std::string_view study, const IdSpan& ids) const {
  return SqlText(
      fmt::format("DELETE FROM {1} WHERE study_key = {2}{3} AND {0} IN (SELECT {0} FROM {4}) AND {0} NOT IN (SELECT record_id FROM {5})",
                  key_, target_.sql(), quote_text(study), within(key_, ids), staged(), kept()));
}

SqlText Statements::insert_staged(std::string_view file, std::string_view run_id, std::string_view when) const {
  std::vector<std::string> names, values;
  for (const Column& column : columns_) {
    names.push_back(quote_name(column.name));
    const bool is_cast = column.kind == ColumnKind::json && dialect_.json != dialect_.text;
    values.push_back(is_cast ? fmt::format("CAST(s.{} AS {})", quote_name(column.name), dialect_.json) : "s." + quote_name(column.name));
  }
  return SqlText(fmt::format(
      "INSERT INTO {} ({}, _file, _run_id, _loaded_at) SELECT {}, {}, {}, {} FROM {} s WHERE s.{} NOT IN (SELECT record_id FROM {})",
      target_.sql(), fmt::join(names, ", "), fmt::join(values, ", "), quote_text(file), quote_text(run_id), moment(when), staged(), key_,
      kept()));
}

SqlText Statements::vanished(std::string_view study, const IdSpan& ids, bool any) const {
  const std::string others = any ? "" : fmt::format(" AND {0} NOT IN (SELECT {0} FROM {1})", key_, staged());
  return SqlText(fmt::format("SELECT DISTINCT {0} AS record_id FROM {1} WHERE study_key = {2} AND _deleted_at IS NULL{3}{4} ORDER BY 1",
                             key_, target_.sql(), quote_text(study), within(key_, ids), others));
}

SqlText Statements::mark_deleted(std::string_view study, std::span<const std::int64_t> ids, std::string_view when) const {
  return SqlText(fmt::format("UPDATE {} SET _deleted_at = {} WHERE study_key = {} AND _deleted_at IS NULL AND {} IN ({})", target_.sql(),
                             moment(when), quote_text(study), key_, fmt::join(ids, ", ")));
}

SqlText Statements::delete_study(std::string_view study) const {
  return SqlText(fmt::format("DELETE FROM {} WHERE study_key = {}", target_.sql(), quote_text(study)));
}

SqlText Statements::study_state(std::string_view study, std::string_view run_id) const {
  return SqlText(
      fmt::format("SELECT COUNT(*) AS row_count, COUNT(CASE WHEN _deleted_at IS NULL THEN 1 END) AS live_rows, "
                  "COUNT(DISTINCT CASE WHEN _deleted_at IS NULL THEN {} END) AS live_ids, "
                  "COUNT(CASE WHEN _run_id = {} THEN 1 END) AS run_rows FROM {} WHERE study_key = {}",
                  key_, quote_text(run_id), target_.sql(), quote_text(study)));
}

SqlText Statements::form_rows(std::string_view study) const {
  return SqlText(
      fmt::format("SELECT COALESCE(form_key, '') AS form_key, COUNT(*) AS row_count FROM {} WHERE study_key = {} AND _deleted_at IS NULL "
                  "GROUP BY COALESCE(form_key, '') ORDER BY 1",
                  target_.sql(), quote_text(study)));
}

SqlText Statements::written_rows(std::string_view study, std::string_view run_id, std::string_view file) const {
  const std::string of_run = run_id.empty() ? "" : " AND _run_id = " + quote_text(run_id);
  return SqlText(fmt::format("SELECT COUNT(*) AS row_count FROM {} WHERE study_key = {}{} AND _file = {} AND _deleted_at IS NULL",
                             target_.sql(), quote_text(study), of_run, quote_text(file)));
}

// SQLite's driver takes a column's type from its first values, and a null has none: a text is handed over with a mark before it, a null
// as an empty one; a null among doubles as what no value of ours is, infinity.
std::string Statements::read_back(const Column& column, bool is_absent) const {
  const std::string name = quote_name(column.name);
  const std::string value = is_absent ? "NULL" : "t." + name;
  if (dialect_.is_loosely_typed) return read_back_loosely(column, value) + " AS " + name;
  const bool is_json = column.kind == ColumnKind::json && dialect_.json != dialect_.text;
  const std::string_view type = is_json ? dialect_.text : type_of(dialect_, column.kind);
  return is_json || is_absent ? fmt::format("CAST({} AS {}) AS {}", value, type, name) : value;
}

std::string Statements::read_back_loosely(const Column& column, const std::string& value) const {
  switch (column.kind) {
    case ColumnKind::integer:
    case ColumnKind::boolean:
      return fmt::format("CASE WHEN typeof({0}) = 'integer' THEN {0} END", value);
    case ColumnKind::real:
      return fmt::format("CASE WHEN typeof({0}) = 'real' THEN {0} ELSE 9e999 END", value);
    default:
      return fmt::format("CASE WHEN {0} IS NULL THEN '' ELSE '=' || {0} END", value);
  }
}

// Whether any value of a row is none of its column's kind. In groups, since SQLite takes no long chain of one operator.
std::string Statements::holds_other_values(std::span<const Column* const> absent) const {
  constexpr std::size_t kGroup = 50;
  std::vector<std::string> groups, terms;
  for (const Column& column : columns_) {
    const std::string value = "t." + quote_name(column.name);
    const std::string_view type = column.kind == ColumnKind::integer || column.kind == ColumnKind::boolean ? "integer"
                                  : column.kind == ColumnKind::real                                        ? "real"
                                                                                                           : "text";
    const bool is_there = std::ranges::find(absent, &column) == absent.end();
    if (is_there) terms.push_back(fmt::format("typeof({}) NOT IN ('{}', 'null')", value, type));
    if (is_there && column.kind == ColumnKind::boolean) terms.push_back(fmt::format("{} NOT IN (0, 1)", value));
    if (is_there && column.kind == ColumnKind::real) terms.push_back(fmt::format("abs({}) = 9e999", value));
    if (terms.size() < kGroup && &column != &columns_.back()) continue;
    groups.push_back(fmt::format("({})", fmt::join(terms, " OR ")));
    terms.clear();
  }
  return fmt::format("{}", fmt::join(groups, " OR "));
}

SqlText Statements::rows_between(std::string_view study, const IdSpan& ids, std::string_view run_id, std::string_view file,
                                 std::span<const Column* const> absent) const {
  std::vector<std::string> values;
  for (const Column& column : columns_) values.push_back(read_back(column, std::ranges::find(absent, &column) != absent.end()));
  if (dialect_.is_loosely_typed) {
    const std::string hash = quote_name(columns_.back().name);
    values.back() = fmt::format("CASE WHEN {1} OR t.{0} IS NULL THEN '' ELSE '=' || t.{0} END AS {0}", hash, holds_other_values(absent));
  }
  std::string only;
  if (!run_id.empty()) only += " AND _run_id = " + quote_text(run_id);
  if (!file.empty()) only += " AND _file = " + quote_text(file);
  return SqlText(fmt::format("SELECT {} FROM {} t WHERE t.study_key = {} AND _deleted_at IS NULL{}{} ORDER BY t.{}",
                             fmt::join(values, ", "), target_.sql(), quote_text(study), within("t." + key_, ids), only, key_));
}

SqlText Statements::standing_rows(std::string_view study, const IdSpan& ids) const {
  return SqlText(fmt::format(
      "SELECT {0} AS record_id, COALESCE(_row_hash, '') AS row_hash, CASE WHEN _deleted_at IS NULL THEN 1 ELSE 0 END AS is_live FROM {1} "
      "WHERE study_key = {2}{3} ORDER BY {0}",
      key_, target_.sql(), quote_text(study), within(key_, ids)));
}

SqlText Statements::files_of_layout(std::string_view study, std::string_view layout) const {
  return SqlText(
      fmt::format("SELECT target_table, MIN(batch_id) AS batch_id FROM {} WHERE study_key = {} AND layout = {} AND "
                  "superseded_by IS NULL GROUP BY target_table ORDER BY 1",
                  loads().sql(), quote_text(study), quote_text(layout)));
}

SqlText Statements::known_files(std::string_view study) const {
  return SqlText(fmt::format(
      "SELECT file_path, batch_id, hash, COALESCE(sha256, '') AS sha256, row_count, COALESCE(first_record_id, 0) AS first_record_id, "
      "COALESCE(last_record_id, 0) AS last_record_id FROM {} WHERE {} AND superseded_by IS NULL ORDER BY file_path",
      loads().sql(), of_study(study)));
}

SqlText Statements::insert_load(const LoadEntry& entry) const {
  return SqlText(fmt::format("INSERT INTO {} VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, NULL)", loads().sql(),
                             quote_text(target_.text()), quote_text(entry.study), quote_text(layout_.name), quote_text(entry.batch_id),
                             quote_text(entry.hash), quote_text(entry.file_path), quote_text(entry.sha256), entry.rows,
                             entry.first_record_id, entry.last_record_id, quote_text(entry.run_id), moment(entry.loaded_at)));
}

SqlText Statements::supersede(std::string_view study, std::string_view run_id) const {
  return SqlText(fmt::format("UPDATE {} SET superseded_by = {} WHERE {} AND superseded_by IS NULL", loads().sql(), quote_text(run_id),
                             of_study(study)));
}

SqlText Statements::supersede_file(std::string_view study, std::string_view path, std::string_view run_id) const {
  return SqlText(supersede(study, run_id).text() + " AND file_path = " + quote_text(path));
}

SqlText Statements::last_run(std::string_view study) const {
  return SqlText(fmt::format("SELECT COALESCE(MAX(run_number), 0) AS last_run FROM {} WHERE {}", runs().sql(), of_study(study)));
}

SqlText Statements::runs_of_id(std::string_view run_id) const {
  return SqlText(fmt::format("SELECT COUNT(*) AS row_count FROM {} WHERE run_id = {}", runs().sql(), quote_text(run_id)));
}

SqlText Statements::newest_run(std::string_view study) const {
  return SqlText(fmt::format("SELECT run_id FROM {} WHERE {} ORDER BY run_number DESC LIMIT 1", runs().sql(), of_study(study)));
}

SqlText Statements::insert_run(const RunEntry& entry) const {
  return SqlText(fmt::format("INSERT INTO {} VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})", runs().sql(),
                             quote_text(entry.run_id), quote_text(target_.text()), quote_text(entry.study), entry.number,
                             quote_text(entry.mode), quote_text(entry.method), entry.inserted, entry.updated, entry.vanished, entry.live,
                             moment(entry.started_at), moment(entry.finished_at)));
}

}  // namespace imednet::sinks::sql
