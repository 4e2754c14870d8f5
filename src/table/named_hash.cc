#include "table/named_hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <span>

#include "imednet/errors.h"
#include "table/canonical_bytes_internal.h"
#include "table/cell_values_internal.h"

namespace imednet::table {
namespace {

// A change of one byte here is a new version of the layout.
constexpr std::string_view kNamedHeader = "imednet named row v1\n";
constexpr std::size_t kDigestBytes = 16;

void tagged(std::string& out, char tag, std::int64_t value) {
  out += tag;
  append_eight_bytes(out, static_cast<std::uint64_t>(value));
}

void append_value(std::string& out, ColumnKind kind, const arrow::Array& column, std::int64_t row) {
  switch (kind) {
    case ColumnKind::integer:
      return tagged(out, kIntegerTag, static_cast<const arrow::Int64Array&>(column).Value(row));
    case ColumnKind::boolean:
      out += kBooleanTag;
      out += static_cast<char>(static_cast<const arrow::BooleanArray&>(column).Value(row) ? 1 : 0);
      return;
    case ColumnKind::timestamp:
      return tagged(out, kTimestampTag, micros_of(column, row));
    case ColumnKind::moment:
      return tagged(out, kMomentTag, micros_of(column, row));
    case ColumnKind::date:
      return tagged(out, kDateTag, static_cast<const arrow::Date32Array&>(column).Value(row));
    case ColumnKind::real:
      return tagged(out, kRealTag, std::bit_cast<std::int64_t>(static_cast<const arrow::DoubleArray&>(column).Value(row)));
    default:
      const std::string_view text = text_of(column, row);
      out += kTextTag;
      append_eight_bytes(out, text.size());
      out += text;
  }
}

}  // namespace

NamedHasher::NamedHasher(const Layout& layout) {
  for (std::size_t i = 0; i + 1 < layout.columns.size(); ++i) {
    const Column& column = layout.columns[i];
    std::string head;
    append_eight_bytes(head, column.name.size());
    cells_.push_back({head.append(column.name), i, column.kind});
  }
  std::ranges::sort(cells_, {}, [&](const Cell& cell) { return layout.columns[cell.place].name; });
}

void NamedHasher::open(const arrow::ArrayVector& columns) {
  for (const Cell& cell : cells_) {
    if (cell.place < columns.size() && can_hold(cell.kind, *columns[cell.place]->type())) continue;
    throw ImednetError(fmt::format("cannot read rows: {} has the type {}", cell.head.substr(8),
                                   cell.place < columns.size() ? columns[cell.place]->type()->ToString() : "none"),
                       {.code = errors::ErrorCode::protocol});
  }
  columns_ = &columns;
}

std::string_view NamedHasher::hash(std::int64_t row) {
  bytes_ = kNamedHeader;
  for (const Cell& cell : cells_) {
    const arrow::Array& column = *(*columns_)[cell.place];
    if (column.IsNull(row)) continue;
    bytes_ += cell.head;
    append_value(bytes_, cell.kind, column, row);
  }
  digest_.update(bytes_);
  const core::Sha256Bytes digest = digest_.finish();
  core::write_hex(std::span(digest).first(kDigestBytes), text_.data());
  return {text_.data(), text_.size()};
}

}  // namespace imednet::table
