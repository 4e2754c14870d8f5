// records_builder.h: records in, Arrow record batches of the `records` layout out.
//
// Where it stands: RecordCursor → RecordView → this → BatchFileWriter.   Uses: Arrow (in the .cc only).
// Owner: copies what it needs; a view may go away as soon as append() returns.
#pragma once

#include <arrow/type_fwd.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace imednet {
struct Record;
}
namespace imednet::api {
struct RecordView;
}

namespace imednet::table {

struct RecordRow;

// The fields of `record` as views into it.
api::RecordView view_of(const Record& record);

class RecordsBuilder {
 public:
  // `study_key`: the study being exported, used where a record does not name its own. Not empty.
  explicit RecordsBuilder(std::string study_key);
  ~RecordsBuilder();
  RecordsBuilder(RecordsBuilder&&) noexcept;
  RecordsBuilder& operator=(RecordsBuilder&&) noexcept;

  // A stamp that can't be read becomes null and is counted. Throws ExportError (decode) when a text is not UTF-8; the
  // builder is then as it was before.
  void append(const api::RecordView& record);
  void append(const Record& record);

  // A row that is typed already; record_data and record_data_raw are set anew from whichever is given.
  void append_row(const RecordRow& row);

  std::int64_t rows() const;  // since the last finish()
  std::size_t bytes() const;  // about what they hold in memory

  // The rows since the last call, and starts over. Zero rows give an empty batch.
  std::shared_ptr<arrow::RecordBatch> finish();

  // Over the builder's whole life.
  std::int64_t unreadable_stamps() const;  // stamps that became null
  std::int64_t raw_records() const;        // rows with record_data_raw

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace imednet::table
