#include <fmt/format.h>
#include <strings.h>

#include <charconv>

#include "db/adbc.h"
#include "imednet/errors.h"

namespace imednet::db {

using errors::ErrorCode;

std::optional<std::size_t> Answer::find(std::string_view name) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].size() == name.size() && strncasecmp(columns[i].data(), name.data(), name.size()) == 0) return i;
  }
  return std::nullopt;
}

const Cell& Answer::at(std::size_t row, std::string_view name) const {
  const auto column = find(name);
  if (!column || row >= rows.size()) {
    throw ImednetError(fmt::format("cannot read an answer: it has no column {} in row {}", name, row),
                       {.code = ErrorCode::protocol, .origin = {.system = "driver"}});
  }
  return rows[row][*column];
}

std::int64_t Answer::number(std::size_t row, std::string_view name) const {
  const Cell& cell = at(row, name);
  std::int64_t value = 0;
  const char* end = cell ? cell->data() + cell->size() : nullptr;
  const auto read = cell ? std::from_chars(cell->data(), end, value) : std::from_chars_result{nullptr, std::errc::invalid_argument};
  if (read.ec != std::errc() || read.ptr != end) {
    throw ImednetError(fmt::format("cannot read an answer: column {} is not a whole number", name),
                       {.code = ErrorCode::protocol, .origin = {.system = "driver"}});
  }
  return value;
}

}  // namespace imednet::db
