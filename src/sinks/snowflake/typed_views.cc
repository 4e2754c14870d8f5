#include "sinks/snowflake/typed_views.h"

#include <fmt/format.h>

#include <set>
#include <utility>

namespace imednet::sinks::snowflake {

using errors::ErrorCode;

TypedViews::TypedViews(Connection& connection, std::string study) : connection_(connection), study_(std::move(study)) {}

void TypedViews::add(ObjectName name, const table::FormView& view) {
  views_.emplace_back(connection_.table(), std::move(name), study_, view);
}

std::vector<std::string> TypedViews::names() const {
  std::vector<std::string> names;
  for (const ViewStatements& view : views_) names.push_back(view.name().text());
  return names;
}

void TypedViews::refuse(const std::string& cause, const std::string& hint) const {
  throw errors::ExportConfigurationError(fmt::format("cannot export to {}: {}", connection_.table().text(), cause),
                                         {.code = ErrorCode::schema_mismatch, .hint = hint, .origin = {.system = "snowflake"}});
}

void TypedViews::look() {
  there_.clear();
  std::set<std::string> tables;
  connection_.attempt("show-views", [&] {
    const db::Answer shown = connection_.session().run(show_views_of(connection_.table()), "show-views");
    for (std::size_t row = 0; row < shown.rows.size(); ++row)
      there_[shown.at(row, "name").value_or("")] = shown.at(row, "comment").value_or("");
  });
  connection_.attempt("show-tables", [&] {
    const db::Answer shown = connection_.session().run(show_tables_of(connection_.table()), "show-tables");
    for (std::size_t row = 0; row < shown.rows.size(); ++row) tables.insert(shown.at(row, "name").value_or(""));
  });
  for (const ViewStatements& view : views_) {
    const std::string& name = view.name().object().name();
    const auto there = there_.find(name);
    if (there != there_.end() && view.is_ours(there->second)) continue;
    if (there != there_.end() && ViewStatements::is_made_by_us(there->second))
      refuse(fmt::format("{} is a view of another study or table", view.name().text()), "name another table, or drop that view");
    if (there != there_.end() || tables.contains(name))
      refuse(fmt::format("{} is there and is no view of this export", view.name().text()), "name another table, or rename that one");
  }
}

void TypedViews::make(const ViewStatements& view, bool is_there) {
  try {
    connection_.attempt("view", [&] { connection_.session().run(is_there ? view.replace() : view.create(), "view"); });
  } catch (const errors::ExportError&) {
    throw;
  } catch (const ImednetError& error) {
    if (error.code() == ErrorCode::cancelled) throw;
    const std::string grant =
        fmt::format("GRANT CREATE VIEW ON SCHEMA {}.{} TO ROLE <role>", view.name().database().sql(), view.name().schema().sql());
    throw errors::ExportConfigurationError(
        fmt::format("the rows are loaded, and the typed view {} can't be made: {}", view.name().text(), error.what()),
        {.code = error.code(),
         .hint = error.code() == ErrorCode::permission_denied ? "ask for: " + grant : "drop what has that name, or leave --views away",
         .origin = error.origin()});
  }
}

bool TypedViews::bring_up() {
  look();
  bool has_changed = false;
  for (const ViewStatements& view : views_) {
    const auto there = there_.find(view.name().object().name());
    if (there != there_.end() && view.is_up_to_date(there->second)) continue;
    make(view, there != there_.end());
    has_changed = true;
  }
  return has_changed;
}

void TypedViews::count_unreadable() {
  std::int64_t unread = 0, doubles = 0;
  connection_.attempt("view-unread", [&] {
    const db::Answer counted = connection_.session().run(unreadable_rows(connection_.table(), study_), "view-unread");
    unread = counted.number(0, "UNREAD_ROWS");
    doubles = counted.number(0, "DOUBLE_ROWS");
  });
  const auto warn = [this](const std::string& text) {
    if (connection_.hooks().on_warning) connection_.hooks().on_warning(text);
  };
  if (unread > 0)
    warn(fmt::format("the answers of {} records are no VARIANT: they are null in the views, and stand in RECORD_DATA_RAW", unread));
  if (doubles > 0)
    warn(fmt::format("{} records have answers whose keys differ in case alone: these are null in the views, and stand in RECORD_DATA",
                     doubles));
}

}  // namespace imednet::sinks::snowflake
