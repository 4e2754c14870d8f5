#include "staging/parquet_stage.h"

#include <arrow/array.h>
#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>
#include <parquet/arrow/writer.h>
#include <parquet/exception.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "core/failpoint.h"
#include "imednet/errors.h"
#include "staging/batch_names.h"
#include "staging/file_facts_internal.h"
#include "staging/part_file_internal.h"
#include "table/arrow_errors_internal.h"
#include "table/memory_internal.h"
#include "table/records_schema.h"

namespace imednet::staging {
namespace {

constexpr std::int64_t kPageBytes = 256 << 10;  // of each column of each open file; larger ones compress hardly better
constexpr std::string_view kWriter = "imednet " IMEDNET_VERSION;

using core::Failpoint;
using errors::ErrorCode;
using errors::ErrorDetail;
using errors::ExportError;

std::shared_ptr<parquet::WriterProperties> writer_properties(int compression_level) {
  parquet::WriterProperties::Builder builder;
  builder.memory_pool(table::memory_pool());
  builder.compression(parquet::Compression::ZSTD)->compression_level(compression_level);
  builder.data_pagesize(kPageBytes)->dictionary_pagesize_limit(kPageBytes);
  builder.enable_statistics()->enable_dictionary();
  // Hardly two values are alike here: a dictionary would only be built, found useless and thrown away.
  for (const char* column : {"record_id", "_row_hash", "record_data"}) builder.disable_dictionary(column);
  return builder.build();
}

// People's own words for a column go into the file with the schema.
std::shared_ptr<parquet::ArrowWriterProperties> arrow_properties(const table::Layout& layout) {
  parquet::ArrowWriterProperties::Builder builder;
  if (layout.has_labels) builder.store_schema();
  return builder.build();
}

// Parquet's writer throws from some calls and returns from others; both become a Status here.
template <typename Call>
void guarded(const std::string& action, const Call& call) {
  arrow::Status status;
  try {
    status = call();
  } catch (const parquet::ParquetStatusException& error) {
    status = error.status();
  } catch (const parquet::ParquetException&) {
    status = arrow::Status::Invalid("refused by the Parquet writer");
  }
  table::check(status, action);
}

}  // namespace

struct BatchFileWriter::State {
  std::string batch_id;
  FileMetadata metadata;
  PartFile part;
  std::string action;  // for messages
  std::shared_ptr<arrow::Schema> schema;
  std::shared_ptr<arrow::io::FileOutputStream> stream{};
  std::unique_ptr<parquet::arrow::FileWriter> writer{};  // destroyed before the stream and the part
  ContentHash content;
  std::int64_t group_rows = 0;
  std::size_t group_bytes = 0;
  StagedFile written{};  // what the file must say when it is read back
  bool finished = false;

  State(std::filesystem::path directory, std::string id, FileMetadata about)
      : batch_id(std::move(id)),
        metadata(std::move(about)),
        part(std::move(directory), parquet_file_name(batch_id)),
        action(fmt::format("write staged file {}", part.path().string())),
        schema(metadata.layout == &table::records_layout() ? table::records_schema() : table::schema_of(*metadata.layout)),
        content(metadata.layout->name, metadata.layout->version) {
    for (const auto& column : metadata.layout->columns) {
      written.non_null.emplace_back(column.name, 0);
    }
  }

  void open() {
    Descriptor copy(::dup(part.descriptor()));
    if (copy.get() < 0) {
      throw_file_error("write staged file", part.path(), errno);
    }
    stream = table::value_of(arrow::io::FileOutputStream::Open(copy.release()), action);
    guarded(action, [&] {
      return parquet::arrow::FileWriter::Open(*schema, table::memory_pool(), stream, writer_properties(metadata.compression_level),
                                              arrow_properties(*metadata.layout))
          .Value(&writer);
    });
  }

  // Rows are encoded as they come; the row group is cut when it is full.
  void encode(const arrow::RecordBatch& batch, std::size_t bytes) {
    const bool is_full = group_rows >= metadata.row_groups.rows || group_bytes >= metadata.row_groups.bytes;
    if (is_full) {
      guarded(action, [&] { return writer->NewBufferedRowGroup(); });
      group_rows = 0;
      group_bytes = 0;
    }
    guarded(action, [&] { return writer->WriteRecordBatch(batch); });
    group_rows += batch.num_rows();
    group_bytes += bytes;
  }

  void note(const arrow::RecordBatch& batch) {
    for (std::size_t i = 0; i < written.non_null.size(); ++i) {
      written.non_null[i].second += batch.num_rows() - batch.column(static_cast<int>(i))->null_count();
    }
    const auto& ids = static_cast<const arrow::Int64Array&>(*batch.GetColumnByName(std::string(metadata.layout->key)));
    const auto& hashes = static_cast<const arrow::StringArray&>(*batch.columns().back());
    for (std::int64_t i = 0; i < batch.num_rows(); ++i) {
      content.add(hashes.GetView(i));
    }
    written.first_record_id = written.rows == 0 ? ids.Value(0) : written.first_record_id;
    written.last_record_id = ids.Value(batch.num_rows() - 1);
    written.rows += batch.num_rows();
  }

  void close() {
    written.content_hash = content.finish();
    const auto pairs =
        arrow::key_value_metadata({std::string(kFormatKey), std::string(kStudyKey), std::string(kBatchKey), std::string(kLayoutKey),
                                   std::string(kLayoutVersionKey), std::string(kContentHashKey), std::string(kWriterKey)},
                                  {std::string(kFormatVersion), metadata.study_key, batch_id, std::string(metadata.layout->name),
                                   std::to_string(metadata.layout->version), written.content_hash, std::string(kWriter)});
    guarded(action, [&] { return writer->AddKeyValueMetadata(pairs); });
    guarded(action, [&] { return writer->Close(); });
    table::check(stream->Close(), action);
    core::failpoint(Failpoint::staged_written);
    part.sync();
    core::failpoint(Failpoint::staged_synced);
  }

  void compare(const StagedFile& facts) const {
    if (facts.rows != written.rows) {
      throw_corrupt(facts.path, fmt::format("{} rows were written, its footer says {}", written.rows, facts.rows));
    }
    if (facts.batch_id != batch_id || facts.content_hash != written.content_hash || facts.non_null != written.non_null ||
        facts.first_record_id != written.first_record_id || facts.last_record_id != written.last_record_id) {
      throw_corrupt(facts.path, "it does not hold what was written");
    }
  }
};

BatchFileWriter::BatchFileWriter(std::filesystem::path directory, std::string batch_id, FileMetadata metadata)
    : state_(std::make_unique<State>(std::move(directory), std::move(batch_id), std::move(metadata))) {
  state_->open();
}

BatchFileWriter::~BatchFileWriter() = default;
BatchFileWriter::BatchFileWriter(BatchFileWriter&&) noexcept = default;
BatchFileWriter& BatchFileWriter::operator=(BatchFileWriter&&) noexcept = default;

void BatchFileWriter::write(const arrow::RecordBatch& batch, std::size_t bytes) {
  if (state_->finished || !batch.schema()->Equals(*state_->schema, /*check_metadata=*/false)) {
    throw ExportError(
        fmt::format("cannot {}: {}", state_->action, state_->finished ? "it is finished" : "the batch has other columns than the layout"),
        ErrorDetail{.code = state_->finished ? ErrorCode::internal : ErrorCode::schema_mismatch});
  }
  if (batch.num_rows() == 0) {
    return;
  }
  if (const int error = core::failpoint(Failpoint::staged_write)) throw_file_error("write staged file", state_->part.path(), error);
  state_->encode(batch, bytes);
  state_->note(batch);
}

std::int64_t BatchFileWriter::rows() const { return state_->written.rows; }

StagedFile BatchFileWriter::finish() {
  if (std::exchange(state_->finished, true)) {
    throw ExportError(fmt::format("cannot {}: it is finished", state_->action), ErrorDetail{.code = ErrorCode::internal});
  }
  state_->close();
  StagedFile facts = read_facts(state_->part.reopen_for_reading(), state_->part.path(), *state_->metadata.layout);
  state_->compare(facts);
  state_->part.publish();
  core::failpoint(Failpoint::staged_named);
  return facts;
}

}  // namespace imednet::staging
