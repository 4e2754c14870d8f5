#include "staging/record_stager.h"

#include <fmt/format.h>

#include <iterator>
#include <optional>
#include <utility>

#include "api/record_view.h"
#include "imednet/errors.h"
#include "staging/batch_names.h"
#include "staging/parquet_stage.h"
#include "table/records_builder.h"
#include "table/records_layout.h"

namespace imednet::staging {

struct BatchStager::State {
  table::RecordsBuilder builder;
  BatchFileWriter writer;
  RowGroupLimits limits;
  std::int64_t rows = 0;

  State(const std::filesystem::path& directory, std::string batch_id, const std::string& study_key, RowGroupLimits group_limits)
      : builder(study_key), writer(directory, std::move(batch_id), FileMetadata{.study_key = study_key}), limits(group_limits) {}
};

BatchStager::BatchStager(const std::filesystem::path& directory, std::string batch_id, const std::string& study_key, RowGroupLimits limits)
    : state_(std::make_unique<State>(directory, std::move(batch_id), study_key, limits)) {}

BatchStager::~BatchStager() = default;
BatchStager::BatchStager(BatchStager&&) noexcept = default;
BatchStager& BatchStager::operator=(BatchStager&&) noexcept = default;

void BatchStager::append(const api::RecordView& record) {
  state_->builder.append(record);
  ++state_->rows;
  if (state_->builder.rows() >= state_->limits.rows || state_->builder.bytes() >= state_->limits.bytes) {
    state_->writer.write(*state_->builder.finish());
  }
}

void BatchStager::append(const Record& record) { append(table::view_of(record)); }

RowCounts BatchStager::counts() const { return {state_->rows, state_->builder.unreadable_stamps(), state_->builder.raw_records()}; }

StagedFile BatchStager::finish() {
  state_->writer.write(*state_->builder.finish());
  return state_->writer.finish();
}

struct RecordStager::State {
  std::filesystem::path directory;
  std::string study_key;
  std::int64_t batch_size;
  RowGroupLimits limits;
  std::string series;
  std::int64_t next_number = 0;
  std::optional<BatchStager> current{};
  std::vector<StagedFile> finished{};
  RowCounts closed{};  // of the batches before the current one

  void close_batch() {
    const RowCounts more = current->counts();
    finished.push_back(current->finish());
    current.reset();
    closed.rows += more.rows;
    closed.unreadable_stamps += more.unreadable_stamps;
    closed.raw_records += more.raw_records;
  }
};

RecordStager::RecordStager(std::filesystem::path directory, std::string study_key, std::int64_t batch_size, RowGroupLimits limits,
                           std::string_view series) {
  if (study_key.empty() || batch_size < 1) {
    throw errors::ExportError("cannot stage records: the study key is empty or the batch size below 1",
                              errors::ErrorDetail{.code = errors::ErrorCode::invalid_argument});
  }
  state_ = std::make_unique<State>(State{std::move(directory), std::move(study_key), batch_size, limits, std::string(series)});
}

RecordStager::~RecordStager() = default;
RecordStager::RecordStager(RecordStager&&) noexcept = default;
RecordStager& RecordStager::operator=(RecordStager&&) noexcept = default;

void RecordStager::append(const api::RecordView& record) {
  if (!state_->current) {
    state_->current.emplace(state_->directory, make_batch_id(state_->study_key, state_->series, state_->next_number++), state_->study_key,
                            state_->limits);
  }
  state_->current->append(record);
  if (state_->current->counts().rows == state_->batch_size) {
    state_->close_batch();
  }
}

void RecordStager::append(const Record& record) { append(table::view_of(record)); }

std::vector<StagedFile> RecordStager::take_finished() { return std::exchange(state_->finished, {}); }

std::vector<StagedFile> RecordStager::finish() {
  if (state_->current) {
    state_->close_batch();
  }
  return take_finished();
}

RowCounts RecordStager::counts() const {
  RowCounts sum = state_->closed;
  if (state_->current) {
    const RowCounts open = state_->current->counts();
    sum.rows += open.rows;
    sum.unreadable_stamps += open.unreadable_stamps;
    sum.raw_records += open.raw_records;
  }
  return sum;
}

}  // namespace imednet::staging
