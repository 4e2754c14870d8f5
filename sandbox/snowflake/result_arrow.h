// result_arrow.h: rows of a result as Arrow IPC streams.
//
// Rules:   NUMBER is the narrowest integer that holds all of the column's unscaled values, else decimal128(38, scale); TIME an integer in
//          10^-scale seconds; a timestamp such an integer up to scale 7, else (epoch, fraction in ns), with a zone always (epoch, fraction,
//          timezone in minutes + 1440); semi-structured values are text. Each field says its logicalType, precision, scale, charLength,
//          byteLength. [src: what the clients' readers take; inferred: where the service draws the lines]
#pragma once

#include <memory>
#include <string>

#include "result_set.h"

namespace imednet::sandbox::snowflake {

class ArrowEncoder {
 public:
  // The schema is the same for all parts of the result, so it is made from all rows, which must outlive it.
  explicit ArrowEncoder(const ResultSet& result);
  ~ArrowEncoder();

  // Rows [first, last) as one stream of its own.
  std::string stream(size_t first, size_t last) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace imednet::sandbox::snowflake
