#include "sinks/snowflake/merge_statements.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "sinks/snowflake/sql_maker_internal.h"

namespace imednet::sinks::snowflake {
namespace {

constexpr std::string_view kModified = "DATE_MODIFIED";

std::string same_row(const TableShape& shape) { return fmt::format("t.\"STUDY_KEY\" = s.\"STUDY_KEY\" AND t.{0} = s.{0}", shape.key()); }

std::string column_list(const TableShape& shape, std::string_view prefix) {
  std::vector<std::string> names;
  for (const TargetColumn& column : shape.columns()) names.push_back(std::string(prefix) + Identifier::own(column.name).sql());
  return fmt::format("{}", fmt::join(names, ", "));
}

// Without the order of the files, any of two records that were changed at the same time would do.
std::string file_order(std::span<const std::string> paths) {
  if (paths.empty()) return "\"_FILE\" DESC";
  std::string text = "CASE \"_FILE\"";
  for (std::size_t i = 0; i < paths.size(); ++i) text += fmt::format(" WHEN {} THEN {}", literal(paths[i]), i);
  return text + " ELSE -1 END DESC";
}

std::string newest(const ObjectName& temporary, const TableShape& shape, std::span<const std::string> paths) {
  const std::string by_time = shape.has(kModified) ? fmt::format("\"{}\" DESC NULLS LAST, ", kModified) : "";
  return fmt::format("SELECT {} FROM {} QUALIFY ROW_NUMBER() OVER (PARTITION BY \"STUDY_KEY\", {} ORDER BY {}{}) = 1",
                     column_list(shape, ""), temporary.sql(), shape.key(), by_time, file_order(paths));
}

}  // namespace

SqlText study_state(const ObjectName& target, const TableShape& shape, std::string_view study, std::string_view run_id) {
  return SqlMaker::make(
      "SELECT COUNT(*) AS \"ROW_COUNT\", COUNT(CASE WHEN \"_DELETED_AT\" IS NULL THEN 1 END) AS \"LIVE_ROWS\", COUNT(DISTINCT CASE WHEN "
      "\"_DELETED_AT\" IS "
      "NULL THEN {} END) AS \"LIVE_IDS\", COUNT(CASE WHEN \"_RUN_ID\" = {} THEN 1 END) AS \"RUN_ROWS\" FROM {} WHERE "
      "\"STUDY_KEY\" = {}",
      shape.key(), literal(run_id), target.sql(), literal(study));
}
SqlText form_rows(const ObjectName& target, std::string_view study) {
  return SqlMaker::make(
      "SELECT COALESCE(\"FORM_KEY\", '') AS \"FORM_KEY\", COUNT(*) AS \"ROW_COUNT\" FROM {} WHERE \"STUDY_KEY\" = {} AND \"_DELETED_AT\" "
      "IS "
      "NULL GROUP BY 1",
      target.sql(), literal(study));
}
SqlText run_rows_by_file(const ObjectName& target, std::string_view study, std::string_view run_id) {
  return SqlMaker::make(
      "SELECT \"_FILE\", COUNT(*) AS \"ROW_COUNT\" FROM {} WHERE \"STUDY_KEY\" = {} AND \"_RUN_ID\" = {} GROUP BY \"_FILE\"", target.sql(),
      literal(study), literal(run_id));
}

SqlText key_counts(const ObjectName& temporary, const TableShape& shape) {
  return SqlMaker::make(
      "SELECT COUNT(*) AS \"ROW_COUNT\", (SELECT COUNT(*) FROM (SELECT DISTINCT \"STUDY_KEY\", {} FROM {})) AS \"KEY_COUNT\" "
      "FROM {}",
      shape.key(), temporary.sql(), temporary.sql());
}
SqlText equal_rows(const ObjectName& target, const ObjectName& temporary, const TableShape& shape) {
  return SqlMaker::make(
      "SELECT COUNT(*) AS \"ROW_COUNT\" FROM {} t JOIN {} s ON {} AND t.\"_ROW_HASH\" = s.\"_ROW_HASH\" WHERE t.\"_DELETED_AT\" IS NULL",
      target.sql(), temporary.sql(), same_row(shape));
}

SqlText merge_from(const ObjectName& target, const ObjectName& temporary, const TableShape& shape, std::span<const std::string> paths) {
  std::vector<std::string> assignments;
  for (const TargetColumn& column : shape.columns()) {
    const std::string name = Identifier::own(column.name).sql();
    assignments.push_back(fmt::format("{} = s.{}", name, name));
  }
  return SqlMaker::make(
      "MERGE INTO {} t USING ({}) s ON {} WHEN MATCHED AND (t.\"_ROW_HASH\" <> s.\"_ROW_HASH\" OR t.\"_ROW_HASH\" IS NULL OR "
      "t.\"_DELETED_AT\" IS NOT NULL) THEN UPDATE SET {} WHEN NOT MATCHED THEN INSERT ({}) VALUES ({})",
      target.sql(), newest(temporary, shape, paths), same_row(shape), fmt::join(assignments, ", "), column_list(shape, ""),
      column_list(shape, "s."));
}
SqlText insert_newest_from(const ObjectName& target, const ObjectName& temporary, const TableShape& shape,
                           std::span<const std::string> paths) {
  return SqlMaker::make("INSERT INTO {} ({}) {}", target.sql(), column_list(shape, ""), newest(temporary, shape, paths));
}

SqlText missing_records(const ObjectName& target, const ObjectName* temporary, std::string_view study, std::span<const IdRange> kept) {
  std::string conditions;
  if (temporary != nullptr) {
    conditions += fmt::format(" AND NOT EXISTS (SELECT 1 FROM {} s WHERE {})", temporary->sql(), same_row(records_shape()));
  }
  for (const auto& [first, last] : kept) conditions += fmt::format(" AND NOT (t.\"RECORD_ID\" BETWEEN {} AND {})", first, last);
  return SqlMaker::make(
      "SELECT t.\"RECORD_ID\" FROM {} t WHERE t.\"STUDY_KEY\" = {} AND t.\"_DELETED_AT\" IS NULL{} ORDER BY t.\"RECORD_ID\"", target.sql(),
      literal(study), conditions);
}
SqlText mark_deleted(const ObjectName& target, std::string_view study, std::span<const std::int64_t> record_ids) {
  return SqlMaker::make(
      "UPDATE {} SET \"_DELETED_AT\" = SYSDATE() WHERE \"STUDY_KEY\" = {} AND \"_DELETED_AT\" IS NULL AND \"RECORD_ID\" IN ({})",
      target.sql(), literal(study), fmt::join(record_ids, ", "));
}
SqlText row_hashes(const ObjectName& target, std::string_view study, std::int64_t after, std::optional<std::int64_t> last) {
  return SqlMaker::make(
      "SELECT \"RECORD_ID\", \"_ROW_HASH\", CASE WHEN \"_DELETED_AT\" IS NULL THEN 1 ELSE 0 END AS \"IS_LIVE\" FROM {} WHERE "
      "\"STUDY_KEY\" = {} AND \"RECORD_ID\" > {}{} ORDER BY \"RECORD_ID\"",
      target.sql(), literal(study), after, last ? fmt::format(" AND \"RECORD_ID\" <= {}", *last) : "");
}
SqlText row_hashes_of(const ObjectName& target, std::string_view study, std::span<const std::int64_t> record_ids) {
  return SqlMaker::make(
      "SELECT \"RECORD_ID\", \"_ROW_HASH\", CASE WHEN \"_DELETED_AT\" IS NULL THEN 1 ELSE 0 END AS \"IS_LIVE\" FROM {} WHERE "
      "\"STUDY_KEY\" = {} AND \"RECORD_ID\" IN ({})",
      target.sql(), literal(study), fmt::join(record_ids, ", "));
}
SqlText records_of_run(const ObjectName& target, std::string_view study, std::string_view run_id) {
  return SqlMaker::make("SELECT \"RECORD_ID\" FROM {} WHERE \"STUDY_KEY\" = {} AND \"_RUN_ID\" = {} ORDER BY \"RECORD_ID\"", target.sql(),
                        literal(study), literal(run_id));
}
SqlText supersede_files(const ObjectName& ledger, std::string_view target, std::string_view study, std::span<const std::string> paths,
                        std::string_view run_id) {
  std::vector<std::string> quoted;
  for (const std::string& path : paths) quoted.push_back(literal(path));
  return SqlMaker::make(
      "UPDATE {} SET \"SUPERSEDED_BY\" = {} WHERE \"TARGET_TABLE\" = {} AND \"STUDY_KEY\" = {} AND \"SUPERSEDED_BY\" IS NULL AND "
      "\"FILE_PATH\" IN ({})",
      ledger.sql(), literal(run_id), literal(target), literal(study), fmt::join(quoted, ", "));
}

}  // namespace imednet::sinks::snowflake
