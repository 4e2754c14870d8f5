// records_schema.h: layouts as Arrow schemas.
#pragma once

#include <arrow/type_fwd.h>

#include <memory>

#include "table/layout.h"

namespace imednet::table {

// A layout with labels has them as each field's metadata: "label".
std::shared_ptr<arrow::Schema> schema_of(const Layout& layout);

// That of records_layout(): one object for the whole program, no field metadata.
const std::shared_ptr<arrow::Schema>& records_schema();

}  // namespace imednet::table
