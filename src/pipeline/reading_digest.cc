#include "pipeline/reading_digest.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/digest.h"
#include "staging/row_hashes.h"

namespace imednet::pipeline {
namespace {

constexpr std::size_t kDigestBytes = 16;  // 32 hex digits

class RowsCounter {
 public:
  void add(std::int64_t record_id, std::string_view hash) {
    digest_.update(fmt::format("{} {}\n", record_id, hash));
    ++rows_;
  }
  RowsDigest finish() { return {core::hex(digest_.finish(), kDigestBytes), rows_}; }

 private:
  core::Sha256 digest_;
  std::int64_t rows_ = 0;
};

bool has_any(const staging::StagedFile& file, std::span<const std::int64_t> ids) {
  const auto first = std::lower_bound(ids.begin(), ids.end(), file.first_record_id);
  return first != ids.end() && *first <= file.last_record_id;
}

}  // namespace

std::string plan_digest(std::span<const staging::StagedFile> files) {
  core::Sha256 digest;
  for (const staging::StagedFile& file : files) digest.update(fmt::format("{} {}\n", file.content_hash, file.rows));
  return core::hex(digest.finish(), kDigestBytes);
}

RowsDigest digest_of_all(std::span<const staging::StagedFile> files) {
  RowsCounter counter;
  for (const staging::StagedFile& file : files) {
    staging::visit_row_hashes(file.path, [&](std::int64_t id, std::string_view hash) { counter.add(id, hash); });
  }
  return counter.finish();
}

RowsDigest digest_of(std::span<const staging::StagedFile> files, std::span<const std::int64_t> ids) {
  RowsCounter counter;
  for (const staging::StagedFile& file : files) {
    if (!has_any(file, ids)) continue;
    staging::visit_row_hashes(file.path, [&](std::int64_t id, std::string_view hash) {
      if (std::binary_search(ids.begin(), ids.end(), id)) counter.add(id, hash);
    });
  }
  return counter.finish();
}

}  // namespace imednet::pipeline
