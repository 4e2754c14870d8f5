#include "sandbox/edc/stored_table.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "sandbox/edc/json_scan.h"
#include "sandbox/edc/timestamps.h"

namespace imednet::sandbox::edc {
namespace {

Value numeric(std::optional<std::int64_t> number) { return number ? Value{true, *number, {}} : Value{}; }

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

Value non_text_value(AttributeKind kind, const std::string& text) {
  switch (kind) {
    case AttributeKind::kInteger:
      return numeric(whole_number(text));
    case AttributeKind::kBoolean:
      return text == "true" ? Value{true, 1, {}} : text == "false" ? Value{true, 0, {}} : Value{};
    case AttributeKind::kStamp:
      return numeric(answer_stamp(text));
    case AttributeKind::kDate:
      return numeric(calendar_date(text));
    case AttributeKind::kText:
    case AttributeKind::kNested:
      return Value{};
  }
  return Value{};
}

}  // namespace

std::int64_t integer_id(std::string_view row, std::string_view id_name) {
  const auto value = find_member(row, id_name);
  const auto id = value ? whole_number(*value) : std::nullopt;
  return id.value_or(std::numeric_limits<std::int64_t>::max());
}

StoredTable::StoredTable(const Resource& resource, std::vector<Row> rows)
    : Table(resource), rows_(std::move(rows)), columns_(resource.attributes.size()) {
  sort_rows();
}

void StoredTable::sort_rows() {
  const std::string_view id_name = resource().id;
  if (!resource().integer_id()) {
    std::stable_sort(rows_.begin(), rows_.end(), [&](const Row& left, const Row& right) {
      return find_member(left.text, id_name).value_or("") < find_member(right.text, id_name).value_or("");
    });
    return;
  }
  ids_.reserve(rows_.size());
  for (const Row& row : rows_) {
    ids_.push_back(integer_id(row.text, id_name));
  }
  if (std::is_sorted(ids_.begin(), ids_.end())) {
    return;
  }
  std::vector<std::size_t> order(rows_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) { return ids_[left] < ids_[right]; });
  std::vector<Row> rows;
  std::vector<std::int64_t> ids;
  rows.reserve(order.size());
  ids.reserve(order.size());
  for (const std::size_t place : order) {
    rows.push_back(std::move(rows_[place]));
    ids.push_back(ids_[place]);
  }
  rows_ = std::move(rows);
  ids_ = std::move(ids);
}

std::size_t StoredTable::lower_rank(std::int64_t id) const {
  return static_cast<std::size_t>(std::lower_bound(ids_.begin(), ids_.end(), id) - ids_.begin());
}

Value StoredTable::value(std::size_t rank, std::size_t attribute) const {
  Column& column = columns_[attribute];
  std::call_once(column.built, [&] { build_column(column, resource().attributes[attribute]); });
  return column.values[rank];
}

void StoredTable::build_column(Column& column, const Attribute& attribute) const {
  column.values.reserve(rows_.size());
  for (const Row& row : rows_) {
    const auto found = find_member(row.text, attribute.name);
    if (!found || *found == "null") {
      column.values.emplace_back();
    } else if (attribute.kind != AttributeKind::kText) {
      column.values.push_back(non_text_value(attribute.kind, decoded_text(*found)));
    } else if (is_json_string(*found) && found->find('\\') == std::string_view::npos) {
      column.values.push_back({true, 0, found->substr(1, found->size() - 2)});
    } else {
      column.values.push_back({true, 0, column.decoded.emplace_back(decoded_text(*found))});
    }
  }
}

bool StoredTable::holds(std::size_t rank, const BoundTerm& term) const {
  const Attribute& attribute = resource().attributes[term.attribute];
  if (!attribute.is_within_list()) {
    return Table::holds(rank, term);
  }
  const std::size_t dot = attribute.name.find('.');
  const auto list = find_member(rows_[rank].text, attribute.name.substr(0, dot));
  const auto elements = nlohmann::json::parse(list.value_or(""), nullptr, /*allow_exceptions=*/false);
  return elements.is_array() && std::any_of(elements.begin(), elements.end(), [&](const nlohmann::json& element) {
           const std::string text = element.dump();
           const auto found = find_member(text, attribute.name.substr(dot + 1));
           if (!found || *found == "null") {
             return term.matches({});
           }
           const std::string value = decoded_text(*found);
           return term.matches(attribute.kind == AttributeKind::kText ? Value{true, 0, value} : non_text_value(attribute.kind, value));
         });
}

std::optional<std::string> StoredTable::data_value(std::size_t rank, std::string_view folded_name) const {
  const auto data = find_member(rows_[rank].text, "recordData");
  if (!data) {
    return std::nullopt;
  }
  MemberReader reader(*data);
  while (const auto member = reader.next()) {
    if (folded(member->key) == folded_name) {
      return member->value == "null" ? std::nullopt : std::optional(decoded_text(member->value));
    }
  }
  return std::nullopt;
}

}  // namespace imednet::sandbox::edc
