// file_study.h: whose rows a finished file holds.
#pragma once

#include <filesystem>
#include <string>

namespace imednet::staging {

// The study key that every row of a finished file has; empty for a file without rows. Throws ExportError: io, corrupt when it
// is not a whole Parquet file of ours, unsupported when it holds rows of several studies. Memory: one column of one row group.
std::string study_of_file(const std::filesystem::path& path);

}  // namespace imednet::staging
