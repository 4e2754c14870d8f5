// file_columns_internal.h: some columns of a finished file, one row group at a time.
#pragma once

#include <arrow/type_fwd.h>

#include <filesystem>
#include <functional>
#include <initializer_list>
#include <string_view>

namespace imednet::staging {

// `visit` gets each row group's table with just those columns, in that order. Throws ExportError: io, corrupt when it is not a
// whole Parquet file of ours. `reading`: what is done with it, for messages.
void read_columns(const std::filesystem::path& path, std::initializer_list<std::string_view> names, std::string_view reading,
                  const std::function<void(const arrow::Table&)>& visit);

}  // namespace imednet::staging
