// hive_path.h: folders named as key=value, the way readers of partitioned data know them.
//
// Rule: of the value all bytes but A-Z a-z 0-9 _ - . become %XX, so that no value leads anywhere else; an empty one is
//       __HIVE_DEFAULT_PARTITION__; a long one is cut and gets a hash.   Source: docs/export-parquet.md.
#pragma once

#include <string>
#include <string_view>

namespace imednet::sinks::parquet {

// "form_key=AE"
std::string hive_part(std::string_view key, std::string_view value);

}  // namespace imednet::sinks::parquet
