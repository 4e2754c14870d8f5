// variant_check.h: may this JSON text go into a Snowflake VARIANT and come back with the same values?
#pragma once

#include <cstddef>
#include <string_view>

namespace imednet::table {

inline constexpr std::size_t kVariantTextLimit = 16'777'216;  // bytes of JSON text
inline constexpr int kVariantDepthLimit = 64;                 // arrays and objects inside each other
inline constexpr int kVariantFixedDigits = 38;                // NUMBER(38, s): digits kept exactly
inline constexpr int kVariantFixedScale = 37;                 // largest s
inline constexpr int kVariantDoubleDigits = 15;               // decimal digits that every double gives back

// False for anything PARSE_JSON refuses or a VARIANT would change: text that is not JSON (RFC 8259, UTF-8), too long or
// too deep, a key twice in one object (compared unescaped), a lone surrogate, U+0000, a number that would come back as
// another one. Reads the text once, does not recurse and keeps no memory between calls beyond a small scratch per thread.
bool variant_can_hold(std::string_view json);

}  // namespace imednet::table
