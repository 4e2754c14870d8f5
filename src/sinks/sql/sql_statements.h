// sql_statements.h: every SQL text that goes to DuckDB, SQLite and PostgreSQL, built from typed parts; there is no other way into one, but
// for views (view_statements.h).
//
// Names:  a layout's columns as they are; beside the target the tables imednet_loads (which file is in which table) and imednet_runs (one
// row a
//         run that changed a study). Temporary: imednet_staged, one file's rows; imednet_kept, ids whose rows stay as they are.
// Source: ADR 0032; docs/formats/sql-tables.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sinks/sql/table_name.h"
#include "sinks/study_load.h"
#include "table/records_layout.h"

namespace imednet::sinks::sql {

// A finished statement. Only Statements makes one, and ViewStatements beside it.
class SqlText {
 public:
  const std::string& text() const noexcept { return text_; }

 private:
  friend class Statements;
  friend class ViewStatements;
  explicit SqlText(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// Ids from the first up to the second, both in it; without one there is no end.
struct IdSpan {
  std::optional<std::int64_t> from{}, to{};
};

struct LoadEntry {
  std::string study, batch_id, hash, file_path, sha256, run_id, loaded_at;
  std::int64_t rows = 0, first_record_id = 0, last_record_id = 0;
};

struct RunEntry {
  std::string run_id, study, mode, method, started_at, finished_at;
  std::int64_t number = 0, inserted = 0, updated = 0, vanished = 0, live = 0;
};

// The columns that are no part of a file: _file, _run_id, _loaded_at, _deleted_at.
std::span<const table::Column> service_columns();

class Statements {
 public:
  // Dialect and layout outlive it.
  Statements(const Dialect& dialect, TableName target, const table::Layout& layout)
      : dialect_(dialect), target_(std::move(target)), layout_(layout), columns_(layout.columns), key_(quote_name(layout.key)) {}

  const TableName& target() const noexcept { return target_; }
  const table::Layout& layout() const noexcept { return layout_; }
  static std::string staged_name() { return "imednet_staged"; }

  // Session and transaction.
  SqlText begin() const;
  // One that sees a single moment and writes nothing; before it, in that session, the guard if the database wants one.
  SqlText begin_reading() const;
  std::optional<SqlText> guard() const;
  SqlText commit() const;
  SqlText rollback() const;
  // Of one study and table, until the transaction ends; only for databases that let several write at once.
  SqlText lock(std::string_view study) const;
  SqlText settle_session() const;
  // DuckDB: MEMORY_LIMIT, "18.8 GiB"; another limit; the folder that it puts what is beyond it into.
  SqlText memory_limit() const;
  SqlText limit_memory(std::size_t megabytes) const;
  SqlText spill_into(std::string_view folder) const;

  // Catalog: NAME, TYPE, NULLABLE (YES or NO), PRESET of a table's columns; none when it is not there.
  SqlText columns_of(const TableName& table) const;
  SqlText create_target() const;
  std::vector<SqlText> comments() const;
  // For a table that is there: these columns of the layout at its end.
  std::vector<SqlText> add_columns(std::span<const table::Column* const> columns) const;
  SqlText create_index() const;
  SqlText create_loads() const;
  SqlText create_runs() const;

  // What a table takes, where the database can be asked: COLUMNS, PAGE_BYTES (0: no row has to fit into a page).
  std::optional<SqlText> limits() const;
  // A view of these columns: each name with the place of its table among `tables`. The others are joined to the first by study and key.
  struct ViewColumn {
    std::string name;
    std::size_t table = 0;
  };
  SqlText create_view(const TableName& view, std::span<const TableName> tables, std::span<const ViewColumn> columns) const;
  SqlText drop_view(const TableName& view) const;

  // One file's rows.
  SqlText create_staged() const;
  SqlText index_staged() const;
  SqlText create_kept() const;
  SqlText clear_staged() const;
  SqlText clear_kept() const;
  SqlText drop_staged() const;
  SqlText drop_kept() const;
  // ROW_COUNT, FIRST_ID, LAST_ID, then N_<i> for each column: values that are not null.
  SqlText staged_facts() const;
  // ROW_COUNT: records of the file that stand in the target in any way.
  SqlText met_rows(std::string_view study, const IdSpan& ids) const;
  SqlText keep_equal(std::string_view study, const IdSpan& ids) const;
  SqlText kept_rows() const;
  SqlText delete_changed(std::string_view study, const IdSpan& ids) const;
  SqlText insert_staged(std::string_view file, std::string_view run_id, std::string_view when) const;
  // RECORD_ID of live rows within `ids` that the file has not; `any`: whatever the file has.
  SqlText vanished(std::string_view study, const IdSpan& ids, bool any) const;
  SqlText mark_deleted(std::string_view study, std::span<const std::int64_t> ids, std::string_view when) const;
  SqlText delete_study(std::string_view study) const;

  // Counts. ROW_COUNT, LIVE_ROWS, LIVE_IDS, RUN_ROWS; FORM_KEY, ROW_COUNT (of a layout with forms); ROW_COUNT (`run_id` empty: of any).
  SqlText study_state(std::string_view study, std::string_view run_id) const;
  SqlText form_rows(std::string_view study) const;
  SqlText written_rows(std::string_view study, std::string_view run_id, std::string_view file) const;
  // Live rows as they stand, the layout's columns in its order, by rising id. `run_id` and `file`: only those; empty: any. `absent`:
  // columns that the table lacks, given as null. Of a row with a value that its column can't hold the hash is null (SQLite).
  SqlText rows_between(std::string_view study, const IdSpan& ids, std::string_view run_id, std::string_view file,
                       std::span<const table::Column* const> absent = {}) const;

  // RECORD_ID, ROW_HASH, IS_LIVE (1, 0) of all rows within `ids`, by rising id.
  SqlText standing_rows(std::string_view study, const IdSpan& ids) const;

  // Ledger. TARGET_TABLE, BATCH_ID (one of them): where files of the study and of this layout are in.
  SqlText files_of_layout(std::string_view study, std::string_view layout) const;
  SqlText known_files(std::string_view study) const;
  SqlText insert_load(const LoadEntry& entry) const;
  SqlText supersede(std::string_view study, std::string_view run_id) const;
  SqlText supersede_file(std::string_view study, std::string_view path, std::string_view run_id) const;
  // LAST_RUN: the highest number of a run of the study, 0 for none. ROW_COUNT: runs of that id.
  SqlText last_run(std::string_view study) const;
  SqlText runs_of_id(std::string_view run_id) const;
  // RUN_ID of the run with the highest number.
  SqlText newest_run(std::string_view study) const;
  SqlText insert_run(const RunEntry& entry) const;

 private:
  TableName loads() const { return target_.beside("imednet_loads"); }
  TableName runs() const { return target_.beside("imednet_runs"); }
  std::string staged() const { return TableName::temporary(staged_name(), dialect_).sql(); }
  std::string kept() const { return TableName::temporary("imednet_kept", dialect_).sql(); }
  std::string moment(std::string_view when) const;
  std::string definition(const table::Column& column) const;
  std::string read_back(const table::Column& column, bool is_absent) const;
  std::string read_back_loosely(const table::Column& column, const std::string& value) const;
  std::string holds_other_values(std::span<const table::Column* const> absent) const;
  SqlText comment_on(const table::Column& column) const;
  std::string of_study(std::string_view study) const;

  const Dialect& dialect_;
  TableName target_;
  const table::Layout& layout_;
  std::span<const table::Column> columns_;
  std::string key_;  // quoted
};

}  // namespace imednet::sinks::sql
