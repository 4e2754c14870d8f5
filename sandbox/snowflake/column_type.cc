#include "column_type.h"

#include <map>

#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

struct Known {
  TypeKind kind;
  long length = 0;
};

const std::map<std::string, Known, std::less<>>& known_types() {
  static const std::map<std::string, Known, std::less<>> kTypes = {
      {"NUMBER", {TypeKind::fixed}},
      {"DECIMAL", {TypeKind::fixed}},
      {"NUMERIC", {TypeKind::fixed}},
      {"DEC", {TypeKind::fixed}},
      {"INT", {TypeKind::fixed, -1}},
      {"INTEGER", {TypeKind::fixed, -1}},
      {"BIGINT", {TypeKind::fixed, -1}},
      {"SMALLINT", {TypeKind::fixed, -1}},
      {"TINYINT", {TypeKind::fixed, -1}},
      {"BYTEINT", {TypeKind::fixed, -1}},
      {"FLOAT", {TypeKind::real}},
      {"FLOAT4", {TypeKind::real}},
      {"FLOAT8", {TypeKind::real}},
      {"DOUBLE", {TypeKind::real}},
      {"REAL", {TypeKind::real}},
      {"VARCHAR", {TypeKind::text, kLongestText}},
      {"STRING", {TypeKind::text, kLongestText}},
      {"TEXT", {TypeKind::text, kLongestText}},
      {"NVARCHAR", {TypeKind::text, kLongestText}},
      {"CHAR", {TypeKind::text, 1}},
      {"CHARACTER", {TypeKind::text, 1}},
      {"BOOLEAN", {TypeKind::boolean}},
      {"DATE", {TypeKind::date}},
      {"TIME", {TypeKind::time}},
      {"TIMESTAMP", {TypeKind::timestamp_ntz}},
      {"DATETIME", {TypeKind::timestamp_ntz}},
      {"TIMESTAMP_NTZ", {TypeKind::timestamp_ntz}},
      {"TIMESTAMPNTZ", {TypeKind::timestamp_ntz}},
      {"TIMESTAMP_LTZ", {TypeKind::timestamp_ltz}},
      {"TIMESTAMPLTZ", {TypeKind::timestamp_ltz}},
      {"TIMESTAMP_TZ", {TypeKind::timestamp_tz}},
      {"TIMESTAMPTZ", {TypeKind::timestamp_tz}},
      {"BINARY", {TypeKind::binary, kLongestBinary}},
      {"VARBINARY", {TypeKind::binary, kLongestBinary}},
      {"VARIANT", {TypeKind::variant}},
      {"OBJECT", {TypeKind::object}},
      {"ARRAY", {TypeKind::array}},
  };
  return kTypes;
}

bool counts_fraction(TypeKind kind) {
  return kind == TypeKind::time || kind == TypeKind::timestamp_ntz || kind == TypeKind::timestamp_ltz || kind == TypeKind::timestamp_tz;
}

std::string plain_name(TypeKind kind) {
  switch (kind) {
    case TypeKind::fixed:
      return "NUMBER";
    case TypeKind::real:
      return "FLOAT";
    case TypeKind::text:
      return "VARCHAR";
    case TypeKind::boolean:
      return "BOOLEAN";
    case TypeKind::date:
      return "DATE";
    case TypeKind::time:
      return "TIME";
    case TypeKind::timestamp_ntz:
      return "TIMESTAMP_NTZ";
    case TypeKind::timestamp_ltz:
      return "TIMESTAMP_LTZ";
    case TypeKind::timestamp_tz:
      return "TIMESTAMP_TZ";
    case TypeKind::binary:
      return "BINARY";
    case TypeKind::variant:
      return "VARIANT";
    case TypeKind::object:
      return "OBJECT";
    case TypeKind::array:
      return "ARRAY";
  }
  return "VARIANT";
}

}  // namespace

bool is_type_name(std::string_view upper_name) { return known_types().contains(upper_name); }

ColumnType make_type(std::string_view upper_name, long first, long second) {
  const auto found = known_types().find(upper_name);
  if (found == known_types().end()) {
    throw SqlError("002040", "42601", "SQL compilation error:\nUnsupported data type '" + std::string(upper_name) + "'.");
  }
  ColumnType type;
  type.kind = found->second.kind;
  if (type.kind == TypeKind::fixed) {
    const bool whole = found->second.length < 0;
    type.precision = static_cast<int>(!whole && first >= 0 ? first : 38);
    type.scale = static_cast<int>(!whole && second >= 0 ? second : 0);
    if (type.precision < 1 || type.precision > 38 || type.scale > type.precision) {
      throw invalid_value("Invalid precision or scale of NUMBER.");
    }
  } else if (counts_fraction(type.kind)) {
    type.scale = static_cast<int>(first >= 0 ? first : 9);
    if (type.scale > 9) throw invalid_value("Invalid precision of " + plain_name(type.kind) + ".");
  } else if (found->second.length > 0) {
    type.length = first >= 0 ? first : found->second.length;
    if (type.length < 1 || type.length > kLongestText * 8) throw invalid_value("Invalid length of " + plain_name(type.kind) + ".");
  }
  return type;
}

std::string display_type(const ColumnType& type) {
  const std::string name = plain_name(type.kind);
  if (type.kind == TypeKind::fixed) {
    return name + "(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
  }
  if (counts_fraction(type.kind)) return name + "(" + std::to_string(type.scale) + ")";
  if (type.length > 0) return name + "(" + std::to_string(type.length) + ")";
  return name;
}

std::string information_schema_type(const ColumnType& type) { return type.kind == TypeKind::text ? "TEXT" : plain_name(type.kind); }

std::string engine_type(const ColumnType& type) {
  switch (type.kind) {
    case TypeKind::fixed:
      return "DECIMAL(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
    case TypeKind::real:
      return "DOUBLE";
    case TypeKind::text:
      return "VARCHAR";
    case TypeKind::boolean:
      return "BOOLEAN";
    case TypeKind::date:
      return "DATE";
    case TypeKind::time:
      return "TIME";
    case TypeKind::timestamp_ntz:
      return "TIMESTAMP";
    case TypeKind::timestamp_ltz:
    case TypeKind::timestamp_tz:
      return "TIMESTAMPTZ";
    case TypeKind::binary:
      return "BLOB";
    default:
      return "JSON";
  }
}

std::string engine_cast(const std::string& value, const ColumnType& type) {
  if (type.kind == TypeKind::timestamp_ntz) return "sf_ntz(" + value + ")";
  if (type.kind == TypeKind::timestamp_ltz || type.kind == TypeKind::timestamp_tz) return "sf_ltz(" + value + ")";
  return "CAST(" + value + " AS " + engine_type(type) + ")";
}

std::string wire_type(TypeKind kind) {
  switch (kind) {
    case TypeKind::fixed:
      return "fixed";
    case TypeKind::real:
      return "real";
    case TypeKind::text:
      return "text";
    case TypeKind::boolean:
      return "boolean";
    case TypeKind::date:
      return "date";
    case TypeKind::time:
      return "time";
    case TypeKind::timestamp_ntz:
      return "timestamp_ntz";
    case TypeKind::timestamp_ltz:
      return "timestamp_ltz";
    case TypeKind::timestamp_tz:
      return "timestamp_tz";
    case TypeKind::binary:
      return "binary";
    case TypeKind::variant:
      return "variant";
    case TypeKind::object:
      return "object";
    case TypeKind::array:
      return "array";
  }
  return "text";
}

}  // namespace imednet::sandbox::snowflake
