// batch_input.h: one batch as a caller gave it, records or Arrow rows, into one staged file.
//
// Where it stands: StagedSink → this → StagedFile → a sink.
// Rule:   a batch is of one study: that its first row names, else what its id names before the first '/'. Its ids rise.
// Errors: ExportError invalid_argument for rows of another study or out of order, schema_mismatch; as BatchFileWriter.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "staging/staged_file.h"

namespace arrow {
class RecordBatch;
class RecordBatchReader;
}  // namespace arrow
namespace imednet {
struct Record;
}

namespace imednet::staging {

struct StagedBatch {
  std::string study;
  StagedFile file;
};

// nullopt, and no file, where there are no rows.
using OptionalBatch = std::optional<StagedBatch>;
OptionalBatch stage_batch(const std::filesystem::path& folder, std::string_view batch_id, std::span<const Record> records);
OptionalBatch stage_batch(const std::filesystem::path& folder, std::string_view batch_id, const std::shared_ptr<arrow::RecordBatch>& rows);
OptionalBatch stage_batch(const std::filesystem::path& folder, std::string_view batch_id,
                          const std::shared_ptr<arrow::RecordBatchReader>& stream);

}  // namespace imednet::staging
