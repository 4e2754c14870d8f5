// table_shape.h: a layout as a table of Snowflake: its columns, their types, and those that say where a row came from.
//
// Where it stands: table::Layout → this → {DDL, COPY's select, MERGE, counts}.
// Rule:   a column is called as in the file, in upper case. `_FILE`, `_RUN_ID`, `_LOADED_AT` and `_DELETED_AT` come behind the layout's.
// Source: ADR 0005, 0012, 0033; docs/formats/records-layout.md, forms-layout.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "table/layout.h"

namespace imednet::sinks::snowflake {

// A column of the target as this sink wants it.
struct TargetColumn {
  std::string name;  // physical: upper case
  std::string type;  // "VARCHAR", "NUMBER(38,0)", "FLOAT", "BOOLEAN", "DATE", "TIMESTAMP_NTZ(9)", "VARIANT"
  bool nullable = true;
  bool in_file = true;  // false: a service column
  std::string comment;
};

class TableShape {
 public:
  // `layout` outlives this.
  explicit TableShape(const table::Layout& layout);

  const table::Layout& layout() const noexcept { return *layout_; }
  // The layout's in the order of the file, then the service columns.
  const std::vector<TargetColumn>& columns() const noexcept { return columns_; }
  bool has(std::string_view name) const;
  // The column that tells the study's rows apart, quoted.
  const std::string& key() const noexcept { return key_; }
  std::string_view comment() const;  // of the table
  bool holds_records() const;        // else it is what records refer to

 private:
  const table::Layout* layout_;
  std::vector<TargetColumn> columns_;
  std::string key_;
};

// That of the `records` layout.
const TableShape& records_shape();

}  // namespace imednet::sinks::snowflake
