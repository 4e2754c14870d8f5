#include "table/form_parts.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "table/form_layout.h"

namespace imednet::table {
namespace {

constexpr Column kRest{kRestHash, ColumnKind::hash, true, "hash of this record's values in the further tables of its form"};
constexpr std::size_t kNone = SIZE_MAX;

struct Taken {
  std::size_t columns = 0, bytes = 0;
};

std::size_t bytes_of(const TableRoom& room, ColumnKind kind) {
  switch (kind) {
    case ColumnKind::integer:
    case ColumnKind::boolean:
    case ColumnKind::timestamp:
    case ColumnKind::moment:
    case ColumnKind::real:
    case ColumnKind::date:
      return room.other_bytes;
    default:
      return room.text_bytes;
  }
}

Taken taken_by(const TableRoom& room, std::span<const Column> columns) {
  Taken taken{.columns = columns.size()};
  for (const Column& column : columns) taken.bytes += bytes_of(room, column.kind);
  return taken;
}

// Whatever part: a view of a further one shows the record's own columns too.
Taken taken_by_ours(const TableRoom& room) {
  Taken taken = taken_by(room, form_record_columns());
  const Taken last = taken_by(room, form_last_columns());
  taken.columns += last.columns + 1;
  taken.bytes += last.bytes + bytes_of(room, kRest.kind);
  return taken;
}

// Where each column stands: its part, counted from 0.
std::map<std::string, std::size_t> standing_columns(const TableRoom& room, std::span<const TableThere> there) {
  std::map<std::string, std::size_t> parts;
  for (std::size_t part = 0; part < there.size(); ++part) {
    for (const std::string& column : there[part].columns) parts.emplace(room.tells_case ? column : folded(column), part);
  }
  return parts;
}

}  // namespace

std::vector<std::size_t> FormLayout::share_out(const TableRoom& room, std::span<const TableThere> there) const {
  const auto needs = [&](const FormColumn& column) {
    return Taken{.columns = column.text_place ? 2U : 1U,
                 .bytes = bytes_of(room, columns_[column.place].kind) + (column.text_place ? room.text_bytes : 0)};
  };
  std::vector<Taken> taken(std::max<std::size_t>(there.size(), 1), taken_by_ours(room));
  for (std::size_t part = 0; part < there.size(); ++part) {
    taken[part].columns += static_cast<std::size_t>(
        std::ranges::count_if(there[part].columns, [](const std::string& column) { return !is_own_column(folded(column)); }));
  }
  const auto standing = standing_columns(room, there);
  std::vector<std::size_t> part_of;
  for (const FormColumn& column : form_columns_) {
    const std::string name(columns_[column.place].name);
    const auto found = standing.find(room.tells_case ? name : folded(name));
    part_of.push_back(found == standing.end() ? kNone : found->second);
    if (part_of.back() != kNone) taken[part_of.back()].bytes += needs(column).bytes;
  }
  for (std::size_t i = 0; i < part_of.size(); ++i) {
    if (part_of[i] != kNone) continue;
    const Taken more = needs(form_columns_[i]);
    if (taken.back().columns + more.columns > room.columns || taken.back().bytes + more.bytes > room.row_bytes)
      taken.push_back(taken_by_ours(room));
    part_of[i] = taken.size() - 1;
    taken.back().columns += more.columns;
    taken.back().bytes += more.bytes;
  }
  return part_of;
}

void FormLayout::split(const TableRoom& room, std::span<const TableThere> there) {
  const std::vector<std::size_t> part_of = share_out(room, there);
  std::size_t parts = std::max<std::size_t>(there.size(), 1);
  for (const std::size_t part : part_of) parts = std::max(parts, part + 1);
  parts_.clear();
  rest_ = {};
  for (std::size_t i = 0; i < part_of.size(); ++i) form_columns_[i].part = part_of[i] + 1;
  for (std::size_t part = 0; part < parts; ++part) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < part_of.size(); ++i) {
      if (part_of[i] != part) continue;
      places.push_back(form_columns_[i].place);
      if (form_columns_[i].text_place) places.push_back(*form_columns_[i].text_place);
    }
    add_part(part + 1, places);
    if (part == 0) continue;
    for (const std::size_t place : places) rest_.columns.push_back(columns_[place]);
    rest_.places.insert(rest_.places.end(), places.begin(), places.end());
  }
  if (parts > 1) {
    FormPart& first = parts_.front();
    first.columns.insert(first.columns.end() - 1, kRest);
    first.layout.columns = first.columns;
  }
  rest_.columns.push_back(kRest);
  rest_.layout = {kFormsLayout, kFormsLayoutVersion, rest_.columns, layout_.key, true, true};
}

void FormLayout::add_part(std::size_t number, std::span<const std::size_t> places) {
  FormPart& part = parts_.emplace_back();
  part.number = number;
  const auto find = [&](std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find(columns_, name, &Column::name) - columns_.begin());
  };
  if (number == 1) {
    part.places.resize(form_record_columns().size());
    std::iota(part.places.begin(), part.places.end(), std::size_t{0});
  } else {
    part.places = {find("study_key"), find(layout_.key)};
  }
  part.places.insert(part.places.end(), places.begin(), places.end());
  if (number == 1) part.places.insert(part.places.end(), {raw_place(), extra_place()});
  for (const std::size_t place : part.places) part.columns.push_back(columns_[place]);
  part.columns.push_back(columns_.back());
  part.layout = {kFormsLayout, kFormsLayoutVersion, part.columns, layout_.key, true, number > 1};
}

}  // namespace imednet::table
