#include "sinks/sql/part_views.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "table/column_names.h"
#include "table/form_layout.h"

namespace imednet::sinks::sql {
namespace {

bool is_named_in(std::span<const table::Column> columns, const std::string& name) {
  return std::ranges::any_of(columns, [&](const table::Column& column) { return column.name == name; });
}

bool is_of_record(const std::string& name) {
  return is_named_in(table::form_record_columns(), name) || is_named_in(service_columns(), name);
}

}  // namespace

// Further tables have names of the first one for their key and service columns only.
PartViews::Columns PartViews::columns_to_show(const SplitForm& form) const {
  const Catalog catalog(&session_, statements_, dialect_);
  Columns columns;
  std::set<std::string> taken;
  for (std::size_t table = 0; table < form.tables.size(); ++table) {
    for (std::string& name : catalog.columns(form.tables[table])) {
      const bool is_hash = name == "_row_hash" || name == table::kRestHash;
      if (is_hash || (table > 0 && is_of_record(name))) continue;
      if (taken.insert(table::folded(name)).second) columns.push_back({std::move(name), table});
    }
  }
  return columns;
}

bool PartViews::set(const TableName& view, const std::vector<TableName>& tables, Columns columns) {
  const std::vector<std::string> there = Catalog(&session_, statements_, dialect_).columns(view);
  std::map<std::string, std::size_t, std::less<>> places;
  for (const std::string& name : there) places.emplace(name, places.size());
  const auto place = [&](const Statements::ViewColumn& column) {
    const auto found = places.find(column.name);
    return found == places.end() ? there.size() : found->second;
  };
  std::ranges::stable_sort(columns, {}, place);
  const auto kept = std::ranges::count_if(columns, [&](const auto& column) { return place(column) < there.size(); });
  if (!there.empty() && (!is_joining_view(there) || kept != std::ssize(there))) {
    throw errors::ExportConfigurationError(fmt::format("cannot export: {} is no view of this export's tables", view.text()),
                                           {.code = errors::ErrorCode::schema_mismatch,
                                            .hint = "rename or drop it, or name another table",
                                            .origin = {.system = std::string(dialect_.system)}});
  }
  if (there.size() == columns.size()) return false;
  if (!there.empty() && !dialect_.replaces_views) session_.run(statements_.drop_view(view), "view-drop");
  session_.run(statements_.create_view(view, tables, columns), "view-create");
  return true;
}

bool PartViews::drop(const TableName& view) {
  if (!is_joining_view(Catalog(&session_, statements_, dialect_).columns(view))) return false;
  session_.run(statements_.drop_view(view), "view-drop");
  return true;
}

bool PartViews::bring_up(const SplitForm& form, const std::function<void(const std::string&)>& warn) {
  const Columns all = columns_to_show(form);
  if (all.size() <= widths_.columns) return set(form.all, form.tables, all);
  bool has_changed = drop(form.all);
  for (std::size_t part = 1; part < form.tables.size(); ++part) {
    Columns columns;
    for (const Statements::ViewColumn& column : all) {
      if (column.table == 0 && is_of_record(column.name)) columns.push_back(column);
      if (column.table == part) columns.push_back({column.name, 1});
    }
    const TableName& view = form.each[part - 1];
    if (columns.size() <= widths_.columns) {
      has_changed = set(view, {form.tables.front(), form.tables[part]}, std::move(columns)) || has_changed;
    } else if (warn) {
      warn(fmt::format("there is no view {}: it would have more than the {} columns that {} takes", view.text(), widths_.columns,
                       dialect_.title));
    }
  }
  return has_changed;
}

}  // namespace imednet::sinks::sql
