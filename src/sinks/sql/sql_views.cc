#include "sinks/sql/sql_views.h"

#include <fmt/format.h>

namespace imednet::sinks::sql {

using errors::ErrorCode;

namespace {

constexpr std::int64_t kFirstVersion = 160'000;  // of a PostgreSQL server that has IS JSON

}  // namespace

SqlViews::SqlViews(const SqlPlace& place, const TableName& records, std::string study)
    : place_(place), records_(records), study_(std::move(study)) {}

void SqlViews::refuse(ErrorCode code, const std::string& cause, const std::string& hint) const {
  throw errors::ExportConfigurationError(fmt::format("cannot export to {}: {}", place_.name, cause),
                                         {.code = code, .hint = hint, .origin = {.system = std::string(place_.dialect->system)}});
}

void SqlViews::add(TableName name, const table::FormView& view) {
  if (view.columns.size() + service_columns().size() > place_.dialect->columns) {
    refuse(ErrorCode::schema_mismatch,
           fmt::format("the view {} would have more than the {} columns that {} takes", name.text(), place_.dialect->columns,
                       place_.dialect->title),
           "choose variables with --variables, or forms with --forms");
  }
  views_.push_back({ViewStatements(*place_.dialect, records_, std::move(name), study_, view), view});
}

std::vector<std::string> SqlViews::names() const {
  std::vector<std::string> names;
  for (const One& one : views_) names.push_back(one.statements.name().text());
  return names;
}

void SqlViews::require_ours(const ViewStatements& view, const db::Answer& found) const {
  if (found.rows.empty() || view.is_ours(found)) return;
  const std::string name = view.name().text();
  if (view.is_made_by_us(found)) {
    refuse(ErrorCode::schema_mismatch, fmt::format("{} is a view of another study or table", name),
           "name another table, or drop that view");
  }
  refuse(ErrorCode::schema_mismatch, fmt::format("{} is there and is no view of this export", name),
         "name another table, or rename that one");
}

void SqlViews::require_ours(SqlSession& session) const {
  if (place_.dialect->engine == Engine::postgresql) {
    const std::int64_t version = session.run(ViewStatements::version(), "server-version").number(0, "version");
    if (version < kFirstVersion) {
      refuse(ErrorCode::unsupported, fmt::format("typed views need PostgreSQL 16 or later, and this is {}", version / 10'000),
             "leave --views away, or use --layout forms");
    }
  }
  for (const One& one : views_) require_ours(one.statements, session.run(one.statements.find(), "view-find"));
}

// Whether all columns that are there stay what they are, in their order: others depend on a view, or may read it.
bool SqlViews::may_replace(SqlSession& session, const ViewStatements& view, const table::FormView& columns) const {
  if (place_.dialect->engine != Engine::postgresql) return false;
  std::vector<const table::Column*> wanted;
  for (const table::ViewColumn& column : columns.columns) wanted.push_back(column.column);
  for (const table::Column& column : service_columns()) wanted.push_back(&column);
  const Statements statements(*place_.dialect, view.name(), table::records_layout());
  const db::Answer there = session.run(statements.columns_of(view.name()), "describe-view");
  if (there.rows.size() > wanted.size()) return false;
  for (std::size_t row = 0; row < there.rows.size(); ++row) {
    if (there.at(row, "name") != std::string(wanted[row]->name) ||
        there.at(row, "type") != std::string(type_of(*place_.dialect, wanted[row]->kind)))
      return false;
  }
  return true;
}

void SqlViews::make(SqlSession& session, const ViewStatements& view, bool is_there, const table::FormView& columns) const {
  if (is_there && may_replace(session, view, columns)) {
    session.run(view.replace(), "view-replace");
  } else {
    if (is_there) session.run(view.drop(), "view-drop");
    session.run(view.create(), "view-create");
  }
  for (const SqlText& comment : view.comments(session.run(view.find(), "view-find"))) session.run(comment, "view-comment");
}

bool SqlViews::bring_up(SqlSession& session, const std::function<void(const std::string&)>& warn) const {
  bool has_changed = false;
  for (const One& one : views_) {
    const db::Answer found = session.run(one.statements.find(), "view-find");
    require_ours(one.statements, found);
    if (!found.rows.empty() && one.statements.is_up_to_date(found)) continue;
    make(session, one.statements, !found.rows.empty(), one.view);
    has_changed = true;
  }
  const std::int64_t unread =
      session.run_rows(ViewStatements::unreadable_rows(*place_.dialect, records_, study_), "view-unread").number(0, "row_count");
  if (unread > 0 && warn) {
    warn(fmt::format("the answers of {} records are no JSON that {} reads: they are null in the views, and stand in record_data_raw",
                     unread, place_.dialect->title));
  }
  return has_changed;
}

}  // namespace imednet::sinks::sql
