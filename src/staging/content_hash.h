// content_hash.h: what a file's rows are called by: the same rows have the same hash, in whatever file they lie.
//
// Format: docs/formats/staged-file.md, "Content hash".
#pragma once

#include <string>
#include <string_view>

#include "core/digest.h"

namespace imednet::staging {

// Hash of the rows of a file: independent of how they are cut into row groups.
class ContentHash {
 public:
  ContentHash(std::string_view layout, int layout_version);
  void add(std::string_view row_hash) { digest_.update(row_hash); }
  std::string finish() { return core::hex(digest_.finish(), 16); }

 private:
  core::Sha256 digest_;
};

}  // namespace imednet::staging
