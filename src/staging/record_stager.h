// record_stager.h: a stream of records into staged files, cut into batches; memory is bounded by one chunk and one row group.
//
// Where it stands: RecordCursor → this (RowChunks, BatchFiles) → StagedFile → sink.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "staging/batch_files.h"
#include "staging/row_chunks.h"
#include "staging/staged_file.h"

namespace imednet {
struct Record;
}
namespace imednet::api {
struct RecordView;
}

namespace imednet::staging {

// One batch with an id of the caller's choice, from records to file; a file also when there are none.
class BatchStager {
 public:
  // `study_key`: for records that do not name their own.
  BatchStager(const std::filesystem::path& directory, std::string batch_id, const std::string& study_key,
              const RowGroupLimits& limits = {});

  void append(const api::RecordView& record);
  void append(const Record& record);
  RowCounts counts() const { return chunks_.counts(); }
  StagedFile finish();

 private:
  void write();

  RowChunks chunks_;
  BatchFileWriter writer_;  // removes an unfinished file
};

// Records of a study, cut into batches "<STUDY>/<series>/<n>", n from 0, `batch_size` rows each but the last.
class RecordStager {
 public:
  // Nothing is opened or made before the first record.
  RecordStager(std::filesystem::path directory, const std::string& study_key, std::int64_t batch_size, const RowGroupLimits& limits = {},
               std::string_view series = kAllRecords);

  void append(const api::RecordView& record);
  void append(const Record& record);

  // The files that became complete since the last call, oldest first, so that loading may begin while reading goes on.
  std::vector<StagedFile> take_finished() { return files_.take_finished(); }

  // Completes the last batch; the files not yet taken. No records, no files.
  std::vector<StagedFile> finish();

  RowCounts counts() const { return chunks_.counts(); }

 private:
  RowChunks chunks_;
  BatchFiles files_;
};

}  // namespace imednet::staging
