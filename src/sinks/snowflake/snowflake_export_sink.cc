// snowflake_export_sink.cc: the public sink over ExportRun: stage one batch, load one batch.
#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>

#include "imednet/integrations/warehouse.h"
#include "sinks/snowflake/export_run.h"
#include "staging/parquet_stage.h"
#include "staging/record_stager.h"
#include "table/arrow_errors_internal.h"
#include "table/arrow_input.h"

namespace imednet::integrations {

using errors::ErrorCode;
using errors::ExportBatchError;

// Batches are of records; typed tables are made of a whole study.
static SnowflakeSinkConfig of_records(SnowflakeSinkConfig config) {
  if (config.layout.name == LayoutName::records) return config;
  throw errors::ExportConfigurationError("cannot write batches in the layout forms: it is made of a whole study",
                                         {.code = ErrorCode::config, .hint = "use export_to_snowflake"});
}

struct SinkState {
  explicit SinkState(SnowflakeSinkConfig config) : run(of_records(std::move(config))) {}
  sinks::snowflake::ExportRun run;
  bool is_open = true;
};

namespace {

// "<study>/records/<n>" names its study; any other id stands for itself.
std::string study_of(std::string_view batch_id) { return std::string(batch_id.substr(0, batch_id.find('/'))); }

SinkState& open_state(const std::unique_ptr<SinkState>& state, std::string_view batch_id) {
  if (state && state->is_open) return *state;
  throw ExportBatchError(fmt::format("cannot load the batch {}: the sink was closed", batch_id), std::string(batch_id),
                         {.code = ErrorCode::invalid_argument, .hint = "make a new sink"});
}

// Whatever goes wrong with a batch leaves as ExportBatchError that keeps the root cause's code and origin.
template <class Work>
RowCount as_batch(std::string_view batch_id, Work&& work) {
  try {
    return work();
  } catch (const ExportBatchError&) {
    throw;
  } catch (const errors::ExportConfigurationError&) {
    throw;
  } catch (const ImednetError& error) {
    if (error.code() == ErrorCode::cancelled) throw;
    throw ExportBatchError(fmt::format("cannot load the batch {}: {}", batch_id, error.what()), std::string(batch_id), error.detail());
  }
}

// First and last id stand for all between them in the ledger, and an id twice would be a row twice: so ids must rise.
class RisingIds {
 public:
  void follow(std::int64_t id) {
    if (last_ && id <= *last_) {
      throw errors::ExportError(fmt::format("record {} comes after record {}", id, *last_),
                                {.code = ErrorCode::invalid_argument, .hint = "give the records in rising record_id order, each once"});
    }
    last_ = id;
  }

 private:
  std::optional<std::int64_t> last_;
};

RowCount load(SinkState& state, const staging::StagedFile& file, const std::string& study) {
  return state.run.loader().load_batch(study, file).rows_loaded;
}

}  // namespace

SinkConfig SnowflakeSinkConfig::sink_config() const {
  return {.batch_size = batch_size, .retry = {.max_retries = max_retries, .backoff = retry_backoff}, .idempotent = idempotent};
}

SnowflakeExportSink::SnowflakeExportSink(SnowflakeSinkConfig config) : state_(std::make_unique<SinkState>(std::move(config))) {}
SnowflakeExportSink::SnowflakeExportSink(SnowflakeExportSink&&) noexcept = default;
SnowflakeExportSink& SnowflakeExportSink::operator=(SnowflakeExportSink&&) noexcept = default;
SnowflakeExportSink::~SnowflakeExportSink() = default;

RowCount SnowflakeExportSink::write_batch(std::span<const Record> batch, std::string_view batch_id) {
  SinkState& state = open_state(state_, batch_id);
  return as_batch(batch_id, [&]() -> RowCount {
    if (batch.empty()) return 0;
    const std::string study = batch.front().study_key.value_or(study_of(batch_id));
    staging::BatchStager stager(state.run.staging_directory(), std::string(batch_id), study);
    RisingIds ids;
    for (const Record& record : batch) {
      ids.follow(record.record_id);
      stager.append(record);
    }
    return load(state, stager.finish(), study);
  });
}

RowCount SnowflakeExportSink::write_batch(const std::shared_ptr<arrow::RecordBatch>& batch, std::string_view batch_id) {
  auto reader = arrow::RecordBatchReader::Make({batch}, batch->schema());
  return write_batch(table::value_of(std::move(reader), "read the given record batch"), batch_id);
}

RowCount SnowflakeExportSink::write_batch(const std::shared_ptr<arrow::RecordBatchReader>& stream, std::string_view batch_id) {
  SinkState& state = open_state(state_, batch_id);
  return as_batch(batch_id, [&]() -> RowCount {
    std::string study = study_of(batch_id);
    staging::BatchFileWriter writer(state.run.staging_directory(), std::string(batch_id), {.study_key = study});
    RisingIds ids;
    for (;;) {
      auto next = stream->Next();
      const auto batch = table::value_of(std::move(next), "read the given record batches");
      if (batch == nullptr) break;
      const auto rows = table::to_records_layout(*batch);
      if (writer.rows() == 0 && rows->num_rows() > 0) study = static_cast<const arrow::StringArray&>(*rows->column(0)).GetString(0);
      const auto& record_ids = static_cast<const arrow::Int64Array&>(*rows->GetColumnByName("record_id"));
      for (std::int64_t i = 0; i < rows->num_rows(); ++i) ids.follow(record_ids.Value(i));
      writer.write(*rows);
    }
    if (writer.rows() == 0) return 0;
    return load(state, writer.finish(), study);
  });
}

void SnowflakeExportSink::flush() {}  // every write_batch loads and verifies before it returns

void SnowflakeExportSink::close() {
  if (!state_ || !state_->is_open) return;
  state_->is_open = false;
  state_->run.close();
}

}  // namespace imednet::integrations
