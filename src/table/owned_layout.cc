#include "table/owned_layout.h"

#include <algorithm>
#include <utility>

#include "table/dimensions.h"
#include "table/records_layout.h"

namespace imednet::table {
namespace {

constexpr std::pair<ColumnKind, std::string_view> kKinds[] = {
    {ColumnKind::text, "text"}, {ColumnKind::integer, "integer"},   {ColumnKind::boolean, "boolean"}, {ColumnKind::timestamp, "timestamp"},
    {ColumnKind::json, "json"}, {ColumnKind::json_raw, "json_raw"}, {ColumnKind::hash, "hash"},       {ColumnKind::real, "real"},
    {ColumnKind::date, "date"}, {ColumnKind::moment, "moment"},
};

std::string_view key_of(std::string_view name, const std::vector<OwnedColumn>& columns) {
  if (name != kDimensionLayout || columns.size() < 2) return records_layout().key;
  return columns[1].name;
}

}  // namespace

OwnedLayout::OwnedLayout(std::string name, int version, std::vector<OwnedColumn> columns)
    : name_(std::move(name)), owned_(std::move(columns)) {
  for (const OwnedColumn& column : owned_) columns_.push_back({column.name, column.kind, column.nullable, column.comment});
  layout_ = {.name = name_, .version = version, .columns = columns_, .key = key_of(name_, owned_), .has_labels = true};
}

std::string_view kind_text(ColumnKind kind) {
  return std::ranges::find(kKinds, kind, [](const auto& pair) { return pair.first; })->second;
}

std::optional<ColumnKind> kind_of(std::string_view text) {
  const auto* const found = std::ranges::find(kKinds, text, [](const auto& pair) { return pair.second; });
  return found == std::end(kKinds) ? std::nullopt : std::optional(found->first);
}

}  // namespace imednet::table
