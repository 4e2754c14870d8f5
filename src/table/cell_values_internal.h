// cell_values_internal.h: single values of Arrow columns, whatever type a driver chose for a kind. Included by .cc files only.
#pragma once

#include <arrow/array.h>
#include <arrow/type.h>

#include <string_view>

#include "table/layout.h"

namespace imednet::table {

// A stamp may also be a whole number of microseconds.
inline bool can_hold(ColumnKind kind, const arrow::DataType& type) {
  using arrow::Type;
  switch (kind) {
    case ColumnKind::integer:
      return type.id() == Type::INT64;
    case ColumnKind::boolean:
      return type.id() == Type::BOOL;
    case ColumnKind::timestamp:
    case ColumnKind::moment:
      return type.id() == Type::INT64 ||
             (type.id() == Type::TIMESTAMP && static_cast<const arrow::TimestampType&>(type).unit() == arrow::TimeUnit::MICRO);
    case ColumnKind::date:
      return type.id() == Type::DATE32;
    case ColumnKind::real:
      return type.id() == Type::DOUBLE;
    default:
      return type.id() == Type::STRING || type.id() == Type::LARGE_STRING;
  }
}

inline std::string_view text_of(const arrow::Array& column, std::int64_t row) {
  if (column.type_id() == arrow::Type::LARGE_STRING) return static_cast<const arrow::LargeStringArray&>(column).GetView(row);
  return static_cast<const arrow::StringArray&>(column).GetView(row);
}

inline std::int64_t micros_of(const arrow::Array& column, std::int64_t row) {
  if (column.type_id() == arrow::Type::INT64) return static_cast<const arrow::Int64Array&>(column).Value(row);
  return static_cast<const arrow::TimestampArray&>(column).Value(row);
}

}  // namespace imednet::table
