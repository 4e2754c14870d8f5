#pragma once

#include <string>
#include <string_view>

namespace imednet::sandbox::snowflake {

enum class TypeKind { fixed, real, text, boolean, date, time, timestamp_ntz, timestamp_ltz, timestamp_tz, binary, variant, object, array };

// A Snowflake column type; length counts for text and binary, scale also for times (fraction digits).
struct ColumnType {
  TypeKind kind = TypeKind::text;
  int precision = 0;
  int scale = 0;
  long length = 0;

  bool semi_structured() const { return kind == TypeKind::variant || kind == TypeKind::object || kind == TypeKind::array; }
  bool operator==(const ColumnType&) const = default;
};

inline constexpr long kLongestText = 16777216;
inline constexpr long kLongestBinary = 8388608;

// "NUMBER(38,0)", as DESCRIBE TABLE and the catalogue write it.
std::string display_type(const ColumnType& type);
// "NUMBER" / "TEXT", as INFORMATION_SCHEMA.COLUMNS writes it.
std::string information_schema_type(const ColumnType& type);
// What the column is in the engine.
std::string engine_type(const ColumnType& type);
// The engine's cast to that type; text to a timestamp follows Snowflake's reading of it.
std::string engine_cast(const std::string& value, const ColumnType& type);
// The lower-case name in a result's rowtype.
std::string wire_type(TypeKind kind);

// Reads a type name with up to two numbers (-1 = not given); throws SqlError for an unknown one.
ColumnType make_type(std::string_view upper_name, long first = -1, long second = -1);
bool is_type_name(std::string_view upper_name);

}  // namespace imednet::sandbox::snowflake
