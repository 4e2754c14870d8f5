// row_hashes.h: which rows a finished file holds, by id and hash, for comparing them with what stands elsewhere.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace imednet::staging {

struct RowHash {
  std::int64_t record_id = 0;
  std::string hash;  // 32 hex
};

// In the file's order. Throws ExportError: io, corrupt when it is not a whole Parquet file of ours.
// Memory: some 70 bytes a row of the file.
std::vector<RowHash> read_row_hashes(const std::filesystem::path& path);
// The same without keeping them: memory is that of one row group's two columns.
void visit_row_hashes(const std::filesystem::path& path, const std::function<void(std::int64_t record_id, std::string_view hash)>& visit);

}  // namespace imednet::staging
