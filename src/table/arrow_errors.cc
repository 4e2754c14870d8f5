#include <arrow/util/io_util.h>
#include <fmt/format.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "core/file.h"
#include "imednet/errors.h"
#include "table/arrow_errors_internal.h"

namespace imednet::table {

using errors::ErrorCode;
using errors::ErrorDetail;

void throw_arrow_error(const arrow::Status& status, std::string_view action) {
  ErrorDetail detail;
  detail.origin.system = "local";
  std::string cause;
  const int number = arrow::internal::ErrnoFromStatus(status);
  if (number != 0) {
    detail.code = core::code_of_errno(number);
    detail.hint = detail.code == ErrorCode::no_space ? "free space there or choose another directory for staged files" : "";
    cause = std::generic_category().message(number);
  } else if (status.IsOutOfMemory()) {
    detail.code = ErrorCode::internal;
    detail.hint = "use smaller batches";
    cause = "not enough memory";
  } else if (status.IsIOError() || status.IsInvalid() || status.IsSerializationError()) {
    detail.code = ErrorCode::corrupt;  // an IOError without the system's number is Parquet's word for a malformed file
    cause = "the data are not valid";
  } else {
    cause = fmt::format("Arrow says {}", status.CodeAsString());
  }
  throw errors::ExportError(fmt::format("cannot {}: {}", action, cause), std::move(detail));
}

}  // namespace imednet::table
