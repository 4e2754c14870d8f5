// merge_statements.h: the SQL texts that bring a temporary table's rows into the target, and count what stands there.
//
// Source: Snowflake's SQL reference (MERGE, QUALIFY); ADR 0012 (modes), 0021 (what merge does to vanished records).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sinks/snowflake/statements.h"
#include "sinks/study_load.h"

namespace imednet::sinks::snowflake {

// One row: ROW_COUNT, LIVE_ROWS (not marked deleted), LIVE_IDS (different record ids among them), RUN_ROWS (written by the run).
SqlText study_state(const ObjectName& target, const TableShape& shape, std::string_view study, std::string_view run_id);
// One row a form with live rows: FORM_KEY ('' for none), ROW_COUNT.
SqlText form_rows(const ObjectName& target, std::string_view study);
// One row a file: _FILE, ROW_COUNT: the study's rows that this run wrote.
SqlText run_rows_by_file(const ObjectName& target, std::string_view study, std::string_view run_id);

// One row: ROW_COUNT, KEY_COUNT (different records).
SqlText key_counts(const ObjectName& temporary, const TableShape& shape);
// One row: ROW_COUNT: records of the temporary table that stand live in the target with the same row hash.
SqlText equal_rows(const ObjectName& target, const ObjectName& temporary, const TableShape& shape);

// Of records that stand twice in the source the newest is taken: by DATE_MODIFIED where the table has it, then the one in the later of
// `paths`.
SqlText merge_from(const ObjectName& target, const ObjectName& temporary, const TableShape& shape, std::span<const std::string> paths);
SqlText insert_newest_from(const ObjectName& target, const ObjectName& temporary, const TableShape& shape,
                           std::span<const std::string> paths);

// RECORD_ID in rising order: live rows of the study that are neither in the temporary table nor within `kept`.
SqlText missing_records(const ObjectName& target, const ObjectName* temporary, std::string_view study, std::span<const IdRange> kept);
SqlText mark_deleted(const ObjectName& target, std::string_view study, std::span<const std::int64_t> record_ids);
// RECORD_ID in rising order, _ROW_HASH, IS_LIVE ('1' or '0') of the study's rows above `after`, up to `last` when given.
SqlText row_hashes(const ObjectName& target, std::string_view study, std::int64_t after, std::optional<std::int64_t> last);
// The same of these records, in no order.
SqlText row_hashes_of(const ObjectName& target, std::string_view study, std::span<const std::int64_t> record_ids);
// RECORD_ID in rising order of the study's rows that this run wrote.
SqlText records_of_run(const ObjectName& target, std::string_view study, std::string_view run_id);
// Ledger rows of files that the run's plan no longer has. At most a thousand paths a statement.
SqlText supersede_files(const ObjectName& ledger, std::string_view target, std::string_view study, std::span<const std::string> paths,
                        std::string_view run_id);

}  // namespace imednet::sinks::snowflake
