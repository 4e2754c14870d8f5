#include "staging/batch_input.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>

#include "imednet/errors.h"
#include "imednet/models.h"
#include "staging/parquet_stage.h"
#include "staging/record_stager.h"
#include "table/arrow_errors_internal.h"
#include "table/arrow_input.h"

namespace imednet::staging {
namespace {

[[noreturn]] void refuse(const std::string& cause, std::string_view hint) {
  throw errors::ExportError(cause, {.code = errors::ErrorCode::invalid_argument, .hint = std::string(hint), .origin = {.system = "local"}});
}

// "<study>/records/<n>" names its study; any other id stands for itself.
std::string study_of(std::string_view batch_id) { return std::string(batch_id.substr(0, batch_id.find('/'))); }

// First and last id stand for all between them in the ledger, and an id twice would be a row twice: so ids must rise. What is in is told
// study by study: so there is one.
class RowOrder {
 public:
  explicit RowOrder(std::string study) : study_(std::move(study)) {}

  const std::string& study() const noexcept { return study_; }

  void follow(std::string_view study, std::int64_t id) {
    if (study != study_) refuse(fmt::format("record {} is of another study than the first one", id), "make a batch of each study");
    if (last_ && id <= *last_)
      refuse(fmt::format("record {} comes after record {}", id, *last_), "give the records in rising record_id order, each once");
    last_ = id;
  }

 private:
  std::string study_;
  std::optional<std::int64_t> last_;
};

}  // namespace

OptionalBatch stage_batch(const std::filesystem::path& folder, std::string_view batch_id, std::span<const Record> records) {
  if (records.empty()) return std::nullopt;
  RowOrder order(records.front().study_key.value_or(study_of(batch_id)));
  BatchStager stager(folder, std::string(batch_id), order.study());
  for (const Record& record : records) {
    order.follow(record.study_key.value_or(order.study()), record.record_id);
    stager.append(record);
  }
  return StagedBatch{order.study(), stager.finish()};
}

OptionalBatch stage_batch(const std::filesystem::path& folder, std::string_view batch_id, const std::shared_ptr<arrow::RecordBatch>& rows) {
  if (rows == nullptr) refuse("there is no Arrow batch", "give one; without rows it may be empty");
  auto stream = arrow::RecordBatchReader::Make({rows}, rows->schema());
  return stage_batch(folder, batch_id, table::value_of(std::move(stream), "read the given record batch"));
}

OptionalBatch stage_batch(const std::filesystem::path& folder, std::string_view batch_id,
                          const std::shared_ptr<arrow::RecordBatchReader>& stream) {
  if (stream == nullptr) refuse("there is no Arrow stream", "give one; without rows it may be empty");
  std::optional<RowOrder> order;
  std::optional<BatchFileWriter> writer;
  for (;;) {
    auto next = stream->Next();
    const auto batch = table::value_of(std::move(next), "read the given record batches");
    if (batch == nullptr) break;
    const auto rows = table::to_records_layout(*batch);
    if (rows->num_rows() == 0) continue;
    const auto& studies = static_cast<const arrow::StringArray&>(*rows->GetColumnByName("study_key"));
    const auto& ids = static_cast<const arrow::Int64Array&>(*rows->GetColumnByName("record_id"));
    if (!order) {
      order.emplace(studies.GetString(0));
      writer.emplace(folder, std::string(batch_id), FileMetadata{.study_key = order->study()});
    }
    for (std::int64_t i = 0; i < rows->num_rows(); ++i) order->follow(studies.GetView(i), ids.Value(i));
    writer->write(*rows);
  }
  if (!order) return std::nullopt;
  return StagedBatch{order->study(), writer->finish()};
}

}  // namespace imednet::staging
