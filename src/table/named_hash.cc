#include "table/named_hash.h"

#include <arrow/array.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <span>

#include "imednet/errors.h"

namespace imednet::table {
namespace {

// A change of one byte here is a new version of the layout.
constexpr std::string_view kHeader = "imednet named row v1\n";
constexpr char kText = 0x01, kInteger = 0x02, kBoolean = 0x03, kTimestamp = 0x04, kReal = 0x05, kDate = 0x06, kMoment = 0x07;
constexpr std::size_t kBytes = 16;

void eight_bytes(std::string& out, std::uint64_t value) {  // least significant first, whatever the machine
  for (int i = 0; i < 8; ++i, value >>= 8) out += static_cast<char>(value & 0xFFu);
}

void tagged(std::string& out, char tag, std::int64_t value) {
  out += tag;
  eight_bytes(out, static_cast<std::uint64_t>(value));
}

void append_value(std::string& out, ColumnKind kind, const arrow::Array& column, std::int64_t row) {
  switch (kind) {
    case ColumnKind::integer:
      return tagged(out, kInteger, static_cast<const arrow::Int64Array&>(column).Value(row));
    case ColumnKind::boolean:
      out += kBoolean;
      out += static_cast<char>(static_cast<const arrow::BooleanArray&>(column).Value(row) ? 1 : 0);
      return;
    case ColumnKind::timestamp:
      return tagged(out, kTimestamp, static_cast<const arrow::TimestampArray&>(column).Value(row));
    case ColumnKind::moment:
      return tagged(out, kMoment, static_cast<const arrow::TimestampArray&>(column).Value(row));
    case ColumnKind::date:
      return tagged(out, kDate, static_cast<const arrow::Date32Array&>(column).Value(row));
    case ColumnKind::real:
      return tagged(out, kReal, std::bit_cast<std::int64_t>(static_cast<const arrow::DoubleArray&>(column).Value(row)));
    default:
      const std::string_view text = column.type_id() == arrow::Type::LARGE_STRING
                                        ? static_cast<const arrow::LargeStringArray&>(column).GetView(row)
                                        : static_cast<const arrow::StringArray&>(column).GetView(row);
      out += kText;
      eight_bytes(out, text.size());
      out += text;
  }
}

bool can_hold(ColumnKind kind, const arrow::DataType& type) {
  using arrow::Type;
  switch (kind) {
    case ColumnKind::integer:
      return type.id() == Type::INT64;
    case ColumnKind::boolean:
      return type.id() == Type::BOOL;
    case ColumnKind::timestamp:
    case ColumnKind::moment:
      return type.id() == Type::TIMESTAMP && static_cast<const arrow::TimestampType&>(type).unit() == arrow::TimeUnit::MICRO;
    case ColumnKind::date:
      return type.id() == Type::DATE32;
    case ColumnKind::real:
      return type.id() == Type::DOUBLE;
    default:
      return type.id() == Type::STRING || type.id() == Type::LARGE_STRING;
  }
}

}  // namespace

NamedHasher::NamedHasher(const Layout& layout) {
  for (std::size_t i = 0; i + 1 < layout.columns.size(); ++i) {
    const Column& column = layout.columns[i];
    std::string head;
    eight_bytes(head, column.name.size());
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
  bytes_ = kHeader;
  for (const Cell& cell : cells_) {
    const arrow::Array& column = *(*columns_)[cell.place];
    if (column.IsNull(row)) continue;
    bytes_ += cell.head;
    append_value(bytes_, cell.kind, column, row);
  }
  digest_.update(bytes_);
  const core::Sha256Bytes digest = digest_.finish();
  core::write_hex(std::span(digest).first(kBytes), text_.data());
  return {text_.data(), text_.size()};
}

}  // namespace imednet::table
