// file_layout.h: the layout of a finished file, as the file itself tells it.
//
// Errors: ExportError io, corrupt when it is no whole Parquet file of ours, unsupported for a layout or version this build does not know.
// Format: docs/formats/staged-file.md, "Metadata".
#pragma once

#include <filesystem>
#include <memory>

#include "table/owned_layout.h"

namespace imednet::staging {

class FileLayout {
 public:
  explicit FileLayout(const std::filesystem::path& path);

  // `records` is always records_layout(). Valid as long as a copy of this.
  const table::Layout& layout() const noexcept { return *layout_; }
  // Null for `records`.
  const std::shared_ptr<const table::OwnedLayout>& owned() const noexcept { return owned_; }

 private:
  std::shared_ptr<const table::OwnedLayout> owned_;
  const table::Layout* layout_;
};

}  // namespace imednet::staging
