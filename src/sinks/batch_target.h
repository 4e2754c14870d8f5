// batch_target.h: what a destination does with one staged batch: the part of a sink that differs from destination to destination.
//
// Where it stands: StagedSink (sink_base.h) → staged file → this → a table, a folder.
// Errors: ImednetError; StagedSink makes ExportBatchError of it, which names the batch.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "imednet/integrations/layout.h"
#include "imednet/integrations/sink_base.h"
#include "staging/staged_file.h"

namespace imednet::integrations {

class BatchTarget {
 public:
  BatchTarget() = default;
  BatchTarget(const BatchTarget&) = delete;
  BatchTarget& operator=(const BatchTarget&) = delete;
  virtual ~BatchTarget() = default;

  // Where the file of a batch is made.
  virtual const std::filesystem::path& staging() const = 0;
  // Loads the file of a batch and returns its rows; 0: it is in.
  virtual RowCount load(const std::string& study, const staging::StagedFile& file) = 0;
  // This batch was asked for and is not in.
  virtual void missed(std::string_view /*batch_id*/) {}
  virtual void flush() {}
  // Once, and nothing after it.
  virtual void close() = 0;
};

// Typed tables and views are made of a whole study. Throws ExportConfigurationError (config); `instead`: the function for that.
void require_batches(const LayoutChoice& layout, std::string_view instead);

// The folder for files that are kept, made when missing; only its last part: a path that is wrong further up is more likely a slip.
// Throws ExportConfigurationError.
std::filesystem::path kept_folder(std::filesystem::path folder);

}  // namespace imednet::integrations
