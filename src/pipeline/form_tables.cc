#include "pipeline/form_tables.h"

#include <fmt/format.h>

#include <utility>

#include "imednet/errors.h"
#include "staging/batch_names.h"
#include "table/column_names.h"

namespace imednet::pipeline {

using sinks::sql::Catalog;
using sinks::sql::SplitForm;
using sinks::sql::SqlLoader;
using sinks::sql::TableName;
using sinks::sql::TableWork;
using table::FormLayout;
using table::FormPart;

namespace {

std::string owner_of(const FormLayout& form) { return "form " + (form.form_key().empty() ? "(no form)" : form.form_key()); }

TableWork work_of(TableName name, const table::Layout& layout, sinks::StudyRead read, const std::vector<staging::StagedFile>& files) {
  for (const staging::StagedFile& file : files) {
    if (file.rows > 0) read.files.push_back(&file);
  }
  return {std::move(name), &layout, std::move(read)};
}

}  // namespace

FormTables::FormTables(FormStudy& forms, std::string study, TableName table, const sinks::sql::Dialect& dialect)
    : forms_(forms), study_(std::move(study)), table_(std::move(table)), dialect_(dialect) {}

TableName FormTables::first_table(const std::string& form_key) const { return named(form_suffix(form_key)); }

TableName FormTables::part_table(const FormLayout& form, std::size_t part) const {
  const TableName first = first_table(form.form_key());
  return part == 1 ? first : first.with(std::to_string(part), dialect_);
}

void FormTables::refuse(const std::string& owner, const TableName& name, const std::string& other) const {
  throw errors::ExportConfigurationError(
      fmt::format("cannot export study {}: {} would have the table {}, which is {}", study_, owner, name.text(), other),
      {.code = errors::ErrorCode::config, .hint = "name another table, or choose forms with --forms"});
}

void FormTables::take(Owners& owners, const TableName& name, const std::string& owner) const {
  const auto [at, is_new] = owners.emplace(table::folded(name.name()), owner);
  if (!is_new) refuse_shared(study_, owner, at->second, "table", name.text());
}

void FormTables::find_left(const Catalog& there) {
  for (const auto& [table, batch_id] : there.loaded(study_, table::kFormsLayout)) {
    const auto form_key = staging::form_of_batch(study_, batch_id);
    if (!form_key || first_table(*form_key).text() != table || there.columns(first_table(*form_key)).empty()) continue;
    forms_.add_left(*form_key);
  }
}

std::vector<table::TableThere> FormTables::parts_there(const Catalog& there, const FormLayout& form, const Owners& owners) const {
  std::vector<table::TableThere> parts;
  for (std::size_t part = 1;; ++part) {
    const TableName name = part_table(form, part);
    if (part > 1 && owners.contains(table::folded(name.name()))) return parts;
    std::vector<std::string> columns = there.columns(name);
    if (columns.empty() || sinks::sql::is_further_part(columns) != (part > 1)) return parts;
    parts.push_back({std::move(columns)});
  }
}

// What carries the name of a table of ours by chance is not written to.
void FormTables::require_own(const Catalog& there, const FormLayout& form, Owners& owners) const {
  if (sinks::sql::is_further_part(there.columns(first_table(form.form_key()))))
    refuse(owner_of(form), first_table(form.form_key()), "a further one of another form");
  if (form.parts().size() == 1) return;
  for (const FormPart& part : form.parts()) {
    const TableName name = part_table(form, part.number);
    const std::vector<std::string> columns = part.number == 1 ? std::vector<std::string>() : there.columns(name);
    if (part.number > 1) take(owners, name, owner_of(form));
    if (!columns.empty() && !sinks::sql::is_further_part(columns)) refuse(owner_of(form), name, "none of its own");
    take(owners, view_of(name), owner_of(form));
    const std::vector<std::string> of_view = there.columns(view_of(name));
    if (!of_view.empty() && !sinks::sql::is_joining_view(of_view)) refuse(owner_of(form), view_of(name), "no view of its own");
  }
}

std::vector<SqlLoader::Target> FormTables::look(const Catalog& there) {
  find_left(there);
  Owners owners = require_own_tables(forms_, study_, [this](const std::string& suffix) { return named(suffix).name(); });
  forms_.split(there.room(), [&](const FormLayout& form) { return parts_there(there, form, owners); });
  std::vector<SqlLoader::Target> targets;
  for (const FormLayout* form : forms_.wanted()) {
    require_own(there, *form, owners);
    for (const FormPart& part : form->parts()) targets.emplace_back(part_table(*form, part.number), &part.layout);
  }
  return targets;
}

std::vector<TableWork> FormTables::works() const {
  std::vector<TableWork> works;
  for (const FormFiles& form : forms_.forms()) {
    works.push_back(work_of(part_table(*form.form, form.part->number), form.part->layout,
                            {.study = study_, .files = {}, .forms = form.rows}, form.files));
  }
  for (const DimensionFile& dimension : forms_.dimensions()) {
    works.push_back(
        work_of(named(dimension_suffix(dimension.name)), *dimension.layout, {.study = study_, .files = {}, .forms = {}}, dimension.files));
  }
  return works;
}

std::vector<SplitForm> FormTables::splits() const {
  std::vector<SplitForm> splits;
  for (const FormLayout* form : forms_.wanted()) {
    if (form->parts().size() == 1) continue;
    SplitForm split{.tables = {}, .all = view_of(part_table(*form, 1)), .each = {}};
    for (const FormPart& part : form->parts()) {
      split.tables.push_back(part_table(*form, part.number));
      if (part.number > 1) split.each.push_back(view_of(split.tables.back()));
    }
    splits.push_back(std::move(split));
  }
  return splits;
}

}  // namespace imednet::pipeline
