#include "pipeline/file_row_hashes.h"

#include <fmt/format.h>

#include "imednet/errors.h"

namespace imednet::pipeline {

std::vector<std::filesystem::path> places_of(const sinks::Files& files) {
  std::vector<std::filesystem::path> places;
  for (const staging::StagedFile* file : files) places.push_back(file->path);
  return places;
}

std::optional<std::int64_t> FileRowHashes::next() {
  while (!rows_ || !rows_->next()) {
    if (next_file_ == files_.size()) return std::nullopt;
    const std::filesystem::path& file = files_[next_file_++];
    rows_ = layout_ == nullptr ? staging::FileHashes(file) : staging::FileHashes(file, *layout_);
  }
  const std::int64_t id = rows_->id();
  if (id_ && *id_ >= id) {
    throw errors::ExportError(
        fmt::format("cannot compare the rows of {}: they are not in the order of their ids, each once", files_[next_file_ - 1].string()),
        {.code = errors::ErrorCode::unsupported,
         .hint = "the API did not sort when these files were read; export the study again",
         .origin = {.system = "local"}});
  }
  id_ = id;
  return id_;
}

}  // namespace imednet::pipeline
