// record_stager.h: a stream of records into staged files, cut into batches; memory is bounded by one row group.
//
// Where it stands: RecordCursor → this (RecordsBuilder, BatchFileWriter) → StagedFile → sink.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "staging/staged_file.h"

namespace imednet {
struct Record;
}
namespace imednet::api {
struct RecordView;
}

namespace imednet::staging {

struct RowGroupLimits {
  std::int64_t rows = 8192;
  std::size_t bytes = 16u << 20;  // of text in memory; a row group ends with the record that reaches it
};

struct RowCounts {
  std::int64_t rows = 0;
  std::int64_t unreadable_stamps = 0;  // became null
  std::int64_t raw_records = 0;        // kept as text beside the VARIANT
};

// One batch with an id of the caller's choice, from records to file.
class BatchStager {
 public:
  // `study_key`: for records that do not name their own.
  BatchStager(const std::filesystem::path& directory, std::string batch_id, const std::string& study_key, RowGroupLimits limits = {});
  ~BatchStager();  // removes an unfinished file
  BatchStager(BatchStager&&) noexcept;
  BatchStager& operator=(BatchStager&&) noexcept;

  void append(const api::RecordView& record);
  void append(const Record& record);
  RowCounts counts() const;
  StagedFile finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

inline constexpr std::string_view kAllRecords = "records";
inline constexpr std::string_view kChangedRecords = "since";  // a batch of these does not stand for a range of ids

// Records of a study, cut into batches "<STUDY>/<series>/<n>", n from 0, `batch_size` rows each but the last.
class RecordStager {
 public:
  // Nothing is opened or made before the first record.
  RecordStager(std::filesystem::path directory, std::string study_key, std::int64_t batch_size, RowGroupLimits limits = {},
               std::string_view series = kAllRecords);
  ~RecordStager();
  RecordStager(RecordStager&&) noexcept;
  RecordStager& operator=(RecordStager&&) noexcept;

  void append(const api::RecordView& record);
  void append(const Record& record);

  // The files that became complete since the last call, oldest first, so that loading may begin while reading goes on.
  std::vector<StagedFile> take_finished();

  // Completes the last batch; the files not yet taken. No records, no files.
  std::vector<StagedFile> finish();

  RowCounts counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace imednet::staging
