#include "sinks/sql/table_state.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "table/column_names.h"

namespace imednet::sinks::sql {
namespace {

// What stands in a table, against what is to stand there.
struct Differences {
  std::vector<std::string> found;             // of another type, or demanded
  std::vector<const table::Column*> missing;  // of the layout
};

Differences differences(const db::Answer& there, const Statements& statements, const Dialect& dialect) {
  Differences differ;
  std::vector<bool> is_known(there.rows.size());
  // Only PostgreSQL tells names by case.
  const auto key = [&](std::string_view name) { return dialect.folds_names ? std::string(name) : table::folded(name); };
  std::map<std::string, std::size_t> rows;
  for (std::size_t row = 0; row < there.rows.size(); ++row) rows.emplace(key(there.at(row, "name").value_or("")), row);
  const auto look_for = [&](const table::Column& column) {
    const auto found = rows.find(key(column.name));
    if (found == rows.end()) {
      differ.missing.push_back(&column);
      return;
    }
    is_known[found->second] = true;
    const std::string type = there.at(found->second, "type").value_or("");
    if (table::folded(type) != table::folded(type_of(dialect, column.kind)))
      differ.found.push_back(fmt::format("{} is {} and not {}", column.name, type, type_of(dialect, column.kind)));
  };
  for (const table::Column& column : statements.layout().columns) look_for(column);
  for (const table::Column& column : service_columns()) look_for(column);
  for (std::size_t row = 0; row < there.rows.size(); ++row) {
    const bool is_demanded = there.at(row, "nullable").value_or("") == "NO" && there.at(row, "preset").value_or("").empty();
    if (!is_known[row] && is_demanded)
      differ.found.push_back(fmt::format("{} can't be null and is not ours to fill", there.at(row, "name").value_or("")));
  }
  // A form may get more variables; what else is missing was never ours.
  for (const table::Column* column : differ.missing) {
    if (!statements.layout().has_labels || !column->nullable || !differ.found.empty())
      differ.found.push_back(fmt::format("{} is missing", column->name));
  }
  return differ;
}

}  // namespace

bool is_there(SqlSession& session, const Statements& statements, const TableName& table) {
  return !session.run(statements.columns_of(table), "describe").rows.empty();
}

bool require_columns(SqlSession& session, const SqlPlace& place, const Statements& statements, const Widths& widths,
                     std::vector<const table::Column*>& missing) {
  const db::Answer there = session.run(statements.columns_of(statements.target()), "describe");
  const auto refuse = [&](const std::string& cause, const std::string& hint) {
    throw errors::ExportConfigurationError(
        fmt::format("cannot {} {}: the table {} {}", place.action(), place.name, statements.target().text(), cause),
        {.code = errors::ErrorCode::schema_mismatch, .hint = hint, .origin = {.system = std::string(place.dialect->system)}});
  };
  const Differences differ = differences(there, statements, *place.dialect);
  if (there.rows.size() + differ.missing.size() > widths.columns) {
    refuse(fmt::format("would have more than the {} columns that {} takes", widths.columns, place.dialect->title),
           "choose variables with --variables, or use --layout records");
  }
  if (there.rows.empty()) return false;
  missing = differ.missing;
  if (!differ.found.empty())
    refuse(fmt::format("is not one of this export: {}", fmt::join(differ.found, "; ")), "name another table, or rename that one");
  return true;
}

FormRows forms_of(SqlSession& session, const Statements& statements, std::string_view study) {
  FormRows forms;
  if (!table::counts_records(statements.layout())) return forms;
  const db::Answer answer = session.run_rows(statements.form_rows(study), "count-forms");
  for (std::size_t row = 0; row < answer.rows.size(); ++row)
    forms[answer.at(row, "form_key").value_or("")] = answer.number(row, "row_count");
  return forms;
}

std::int64_t last_run(SqlSession& session, const Statements& statements, std::string_view study) {
  if (!is_there(session, statements, statements.target().beside("imednet_runs"))) return 0;
  return session.run(statements.last_run(study), "last-run").number(0, "last_run");
}

std::string newest_run(SqlSession& session, const Statements& statements, std::string_view study) {
  if (!is_there(session, statements, statements.target().beside("imednet_runs"))) return "";
  const db::Answer answer = session.run(statements.newest_run(study), "newest-run");
  return answer.rows.empty() ? "" : answer.at(0, "run_id").value_or("");
}

}  // namespace imednet::sinks::sql
