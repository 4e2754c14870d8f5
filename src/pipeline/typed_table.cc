#include "pipeline/typed_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "imednet/errors.h"
#include "pipeline/form_names.h"
#include "staging/batch_names.h"
#include "table/dimensions.h"

namespace imednet::pipeline {

using sinks::snowflake::Identifier;
using sinks::snowflake::ObjectName;

namespace {

constexpr std::string_view kDimensionSeries = "dimensions/";

std::string behind(const std::string& suffix) { return "_" + table::safe_characters(suffix); }

}  // namespace

ObjectName typed_table(const ObjectName& base, const std::string& suffix) {
  return {base.database(), base.schema(), Identifier::exact(table::shortened(base.object().name() + behind(suffix), table::kNameBytes))};
}

std::function<std::string(const table::FormLayout&, std::size_t)> table_names(ObjectName base) {
  return [base = std::move(base)](const table::FormLayout& form, std::size_t) {
    return typed_table(base, form_suffix(form.form_key())).object().name();
  };
}

std::optional<ObjectName> base_of(const ObjectName& typed, const std::string& suffix) {
  const std::string& name = typed.object().name();
  const std::string end = behind(suffix);
  if (name.size() <= end.size() || !name.ends_with(end)) return std::nullopt;
  return ObjectName(typed.database(), typed.schema(), Identifier::exact(name.substr(0, name.size() - end.size())));
}

std::optional<std::string> typed_series(std::string_view study_key, std::string_view batch_id) {
  if (const auto form = staging::form_of_batch(study_key, batch_id)) return staging::form_series(*form, 1);
  for (const std::string_view dimension : table::kDimensions) {
    std::string series = series_of_dimension(dimension);
    if (batch_id == staging::make_batch_id(study_key, series, 0)) return series;
  }
  return std::nullopt;
}

std::string series_of_dimension(std::string_view dimension) { return fmt::format("{}{}", kDimensionSeries, dimension); }

std::string suffix_of_series(const std::string& series) {
  if (series.starts_with(kDimensionSeries)) return dimension_suffix(std::string_view(series).substr(kDimensionSeries.size()));
  return form_suffix(series.substr(staging::form_series("", 1).size()));
}

ledger::TypedTable typed_plan(const ObjectName& base, std::string series, const integrations::LayoutChoice& choice,
                              const table::Layout& layout) {
  ledger::TypedTable typed{.base = base.text(), .series = std::move(series), .choice = choice};
  for (const table::Column& column : layout.columns)
    typed.columns.push_back({std::string(column.name), std::string(table::kind_text(column.kind))});
  return typed;
}

std::unique_ptr<const table::OwnedLayout> layout_of(const ledger::TypedTable& typed) {
  std::vector<table::OwnedColumn> columns;
  for (const ledger::TypedTable::Column& column : typed.columns) {
    const auto kind = table::kind_of(column.kind);
    if (!kind) {
      throw ImednetError(fmt::format("cannot read the run totals of {}: a column is of the kind {}", typed.base, column.kind),
                         {.code = errors::ErrorCode::unsupported, .origin = {.system = "local"}});
    }
    columns.push_back({.name = column.name, .kind = *kind});
  }
  const bool is_form = typed.holds_records();
  return std::make_unique<const table::OwnedLayout>(std::string(is_form ? table::kFormsLayout : table::kDimensionLayout),
                                                    is_form ? table::kFormsLayoutVersion : table::kDimensionLayoutVersion,
                                                    std::move(columns));
}

}  // namespace imednet::pipeline
