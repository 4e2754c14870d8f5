#include "table/records_schema.h"

#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include <string>

#include "table/records_layout.h"

namespace imednet::table {
namespace {

std::shared_ptr<arrow::DataType> arrow_type(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::integer:
      return arrow::int64();
    case ColumnKind::boolean:
      return arrow::boolean();
    case ColumnKind::timestamp:
      return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
    case ColumnKind::real:
      return arrow::float64();
    case ColumnKind::date:
      return arrow::date32();
    case ColumnKind::moment:
      return arrow::timestamp(arrow::TimeUnit::MICRO);
    default:
      return arrow::utf8();
  }
}

}  // namespace

std::shared_ptr<arrow::Schema> schema_of(const Layout& layout) {
  arrow::FieldVector fields;
  for (const Column& column : layout.columns) {
    auto field = arrow::field(std::string(column.name), arrow_type(column.kind), column.nullable);
    if (layout.has_labels && !column.comment.empty()) {
      field = field->WithMetadata(arrow::key_value_metadata({"label"}, {std::string(column.comment)}));
    }
    fields.push_back(std::move(field));
  }
  return arrow::schema(std::move(fields));
}

const std::shared_ptr<arrow::Schema>& records_schema() {
  static const std::shared_ptr<arrow::Schema> schema = schema_of(records_layout());
  return schema;
}

}  // namespace imednet::table
