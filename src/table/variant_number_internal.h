// variant_number_internal.h: one JSON number, scanned and judged. Part of variant_check.
#pragma once

namespace imednet::table {

// Behind the JSON number at `at`; nullptr when there is none or a VARIANT would give another number back.
const char* skip_kept_number(const char* at, const char* end);

}  // namespace imednet::table
