// statements.h: every SQL text this sink sends, built from typed parts; there is no other way into a statement.
//
// Source: Snowflake's SQL reference; ADR 0005 (names and order), 0006 (what is counted), 0012 (COPY), 0014 (identifiers).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/snowflake/identifiers.h"
#include "sinks/snowflake/table_shape.h"
#include "staging/staged_file.h"

namespace imednet::sinks::snowflake {

// A finished statement. Only the functions below make one.
class SqlText {
 public:
  const std::string& text() const noexcept { return text_; }

 private:
  friend struct SqlMaker;
  explicit SqlText(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// Session and catalog.
// Time-outs in seconds; 0: as user and warehouse have them.
SqlText alter_session(std::int64_t statement_timeout = 0, std::int64_t queue_timeout = 0);
SqlText current_context();
SqlText show_stages(const ObjectName& stage);
SqlText show_tables(const ObjectName& table);
SqlText describe_table(const ObjectName& table);
enum class TableKind { permanent, transient, temporary };
SqlText create_target(const ObjectName& table, const TableShape& shape, TableKind kind = TableKind::permanent);
SqlText create_temporary_like(const ObjectName& temporary, const ObjectName& target);
SqlText drop_table(const ObjectName& table);
SqlText add_columns(const ObjectName& table, std::span<const TargetColumn> columns);
SqlText alter_session_tag(std::string_view tag);

// Stage.
SqlText list_stage(const StageDirectory& directory);
SqlText put_file(const std::filesystem::path& local_file, const StageDirectory& directory, std::string_view below);
// GET takes every file whose path starts so, each under its own name; `folder` has plain characters and is there.
SqlText get_file(const StageDirectory& directory, std::string_view relative, const std::filesystem::path& folder);
SqlText remove_file(const StageDirectory& directory, std::string_view relative);

// Loading. `files`: paths relative to the directory.
SqlText copy_into(const ObjectName& target, const TableShape& shape, const StageDirectory& directory, std::span<const std::string> files,
                  std::string_view run_id, bool force);
// One row a file, of rows that are not marked deleted: _FILE, ROW_COUNT, then N_<i> for each column of the shape that is in the
// file, then SUM_A, SUM_B, SUM_C (verify_statements.h). An empty run id means rows of any run.
SqlText file_facts(const ObjectName& target, const TableShape& shape, std::span<const std::string> paths, std::string_view run_id);
// The newest statement with that tag: EXECUTION_STATUS. Any database's INFORMATION_SCHEMA knows the whole account's statements.
SqlText query_status(const Identifier& database, std::string_view tag);
SqlText load_history(const ObjectName& target);
SqlText commit_transaction();
SqlText rollback_transaction();
SqlText delete_study(const ObjectName& target, std::string_view study);
SqlText insert_all_from(const ObjectName& target, const ObjectName& source, const TableShape& shape);

// Ledger.
struct LedgerEntry {
  std::string target, target_created, study, layout, batch_id, hash, file_path, sha256, run_id, statement_tag;
  std::int64_t rows = 0, first_record_id = 0, last_record_id = 0;
};
SqlText create_ledger(const ObjectName& ledger);
SqlText ledger_entries(const ObjectName& ledger, std::string_view target, std::string_view target_created, std::string_view study);
// One row a table that files of the study and of that layout are in: TARGET_TABLE, BATCH_ID (one of them).
SqlText ledger_tables(const ObjectName& ledger, std::string_view study, std::string_view layout);
SqlText insert_ledger(const ObjectName& ledger, std::span<const LedgerEntry> entries);
SqlText supersede_ledger(const ObjectName& ledger, std::string_view target, std::string_view study, std::string_view run_id);

}  // namespace imednet::sinks::snowflake
