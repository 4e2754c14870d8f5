#include "table/records_schema.h"

#include <arrow/type.h>

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
    default:
      return arrow::utf8();
  }
}

std::shared_ptr<arrow::Schema> make_schema() {
  arrow::FieldVector fields;
  for (const Column& column : records_columns()) {
    fields.push_back(arrow::field(std::string(column.name), arrow_type(column.kind), column.nullable));
  }
  return arrow::schema(std::move(fields));
}

}  // namespace

const std::shared_ptr<arrow::Schema>& records_schema() {
  static const std::shared_ptr<arrow::Schema> schema = make_schema();
  return schema;
}

}  // namespace imednet::table
