// arrow_errors_internal.h: Arrow's Status becomes our exception here and nowhere else. Included by .cc files only.
#pragma once

#include <arrow/result.h>
#include <arrow/status.h>

#include <string_view>
#include <utility>

namespace imednet::table {

// "cannot <action>: <cause>" as ExportError: no_space and io from the system's error number, corrupt for data that can't be
// read, internal for the rest. Arrow's own text is left out: it may quote values.
[[noreturn]] void throw_arrow_error(const arrow::Status& status, std::string_view action);

inline void check(const arrow::Status& status, std::string_view action) {
  if (!status.ok()) {
    throw_arrow_error(status, action);
  }
}

template <typename T>
T value_of(arrow::Result<T> result, std::string_view action) {
  check(result.status(), action);
  return std::move(result).ValueUnsafe();
}

}  // namespace imednet::table
