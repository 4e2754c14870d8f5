// records_schema.h: the `records` layout as an Arrow schema.
#pragma once

#include <arrow/type_fwd.h>

#include <memory>

namespace imednet::table {

// Made from records_columns(); one object for the whole program, no field metadata.
const std::shared_ptr<arrow::Schema>& records_schema();

}  // namespace imednet::table
