#include "sinks/snowflake/table_shape.h"

#include <algorithm>

#include "sinks/snowflake/identifiers.h"
#include "table/column_names.h"
#include "table/records_layout.h"

namespace imednet::sinks::snowflake {
namespace {

using table::ColumnKind;

std::string_view type_of(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::integer:
      return "NUMBER(38,0)";
    case ColumnKind::real:
      return "FLOAT";
    case ColumnKind::boolean:
      return "BOOLEAN";
    case ColumnKind::date:
      return "DATE";
    case ColumnKind::timestamp:
    case ColumnKind::moment:
      return "TIMESTAMP_NTZ(9)";
    case ColumnKind::json:
      return "VARIANT";
    default:
      return "VARCHAR";
  }
}

}  // namespace

TableShape::TableShape(const table::Layout& layout) : layout_(&layout), key_(Identifier::own(table::upper(layout.key)).sql()) {
  for (const table::Column& column : layout.columns) {
    columns_.push_back({table::upper(column.name), std::string(type_of(column.kind)), column.nullable, true, std::string(column.comment)});
  }
  columns_.push_back({"_FILE", "VARCHAR", true, false, "file on the stage that the row came from"});
  columns_.push_back({"_RUN_ID", "VARCHAR", true, false, "export run that loaded the row"});
  columns_.push_back({"_LOADED_AT", "TIMESTAMP_NTZ(9)", true, false, "when COPY read the file, UTC"});
  columns_.push_back(
      {"_DELETED_AT", "TIMESTAMP_NTZ(9)", true, false, "when the record was found gone from the API, UTC; null while it is there"});
}

bool TableShape::has(std::string_view name) const {
  return std::ranges::any_of(columns_, [&](const TargetColumn& column) { return column.name == name; });
}

std::string_view TableShape::comment() const {
  if (!holds_records()) return "iMednet study metadata, one row an element; stamps are UTC";
  if (layout_->name == table::kRecordsLayout) return "iMednet records, one row a record; stamps are UTC";
  return "iMednet records of one form, one row a record; stamps are UTC, answers have no zone";
}

bool TableShape::holds_records() const { return table::holds_records(*layout_); }

const TableShape& records_shape() {
  static const TableShape shape(table::records_layout());
  return shape;
}

}  // namespace imednet::sinks::snowflake
