#include "table/records_builder.h"

#include <arrow/array/array_base.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "api/record_view.h"
#include "core/stamp.h"
#include "imednet/errors.h"
#include "imednet/models.h"
#include "table/column_builders_internal.h"
#include "table/records_layout.h"
#include "table/records_schema.h"
#include "table/row_hash.h"
#include "table/utf8_internal.h"
#include "table/variant_check.h"

namespace imednet::table {
namespace {

using errors::ErrorCode;
using errors::ErrorDetail;
using errors::ExportError;

constexpr std::string_view kAction = "build a record batch";
constexpr std::size_t kFixedBytesPerRow = 9 * sizeof(std::int64_t) + 11 * sizeof(std::int32_t) + 36;  // ids, offsets, row hash
constexpr std::size_t kTextBytesLimit = std::numeric_limits<std::int32_t>::max();                     // of one Arrow text column

// The text of a row, added up and checked to be UTF-8.
struct TextSurvey {
  std::size_t bytes = 0;
  std::size_t column = 0;
  std::optional<std::size_t> not_utf8;  // the first such column

  void operator()(const TextCell& cell) {
    if (cell && !not_utf8 && !is_utf8(*cell)) {
      not_utf8 = column;
    }
    bytes += cell ? cell->size() : 0;
    ++column;
  }
  void operator()(const IntegerCell&) { ++column; }
  void operator()(const BooleanCell&) { ++column; }
  void operator()(const TimestampCell&) { ++column; }
};

// Appends each cell to the builder of its column.
class CellAppender {
 public:
  explicit CellAppender(const ColumnBuilders& builders) : builders_(builders) {}

  void operator()(const TextCell& cell) { append<arrow::StringBuilder>(cell); }
  void operator()(const IntegerCell& cell) { append<arrow::Int64Builder>(cell); }
  void operator()(const BooleanCell& cell) { append<arrow::BooleanBuilder>(cell); }
  void operator()(const TimestampCell& cell) { append<arrow::TimestampBuilder>(cell.micros); }

 private:
  template <typename Builder, typename T>
  void append(const std::optional<T>& cell) {
    append_cell<Builder>(*builders_[column_++], cell, kAction);
  }

  const ColumnBuilders& builders_;
  std::size_t column_ = 0;
};

[[noreturn]] void refuse(const RecordRow& row, ErrorCode code, std::string_view cause) {
  const std::string name = row.record_id ? fmt::format("record {}", *row.record_id) : "a record without an id";
  throw ExportError(fmt::format("cannot stage {}: {}", name, cause), ErrorDetail{.code = code, .origin = {.system = "local"}});
}

}  // namespace

api::RecordView view_of(const Record& record) {
  return {.study_key = record.study_key,
          .interval_id = record.interval_id,
          .form_id = record.form_id,
          .form_key = record.form_key,
          .site_id = record.site_id,
          .record_id = record.record_id,
          .record_oid = record.record_oid,
          .record_type = record.record_type,
          .record_status = record.record_status,
          .deleted = record.deleted,
          .date_created = record.date_created,
          .date_modified = record.date_modified,
          .subject_id = record.subject_id,
          .subject_oid = record.subject_oid,
          .subject_key = record.subject_key,
          .visit_id = record.visit_id,
          .parent_record_id = record.parent_record_id,
          .keywords = record.keywords,
          .record_data = record.record_data,
          .raw = record.raw};
}

struct RecordsBuilder::State {
  std::string study_key;
  ColumnBuilders builders = builders_of(*records_schema(), kAction);
  RowHasher hasher;
  std::int64_t rows = 0;
  std::size_t bytes = 0;
  std::int64_t unreadable_stamps = 0;
  std::int64_t raw_records = 0;
  std::int64_t last_rows = 0;           // of the batch before
  std::vector<std::int64_t> last_text;  // bytes of each column; 0 for those that are no text

  TimestampCell stamp(const std::optional<std::string_view>& text, int& unreadable) const {
    if (!text) {
      return {};
    }
    const TimestampCell cell{core::parse_stamp(*text)};
    unreadable += cell.micros ? 0 : 1;
    return cell;
  }

  // As much room as the last batch took, at once.
  void reserve() {
    for (std::size_t i = 0; i < builders.size(); ++i) {
      check(builders[i]->Reserve(last_rows), kAction);
      if (last_text[i] > 0) check(static_cast<arrow::StringBuilder&>(*builders[i]).ReserveData(last_text[i]), kAction);
    }
  }

  void append_checked(const RecordRow& row) {
    TextSurvey survey;
    for_each_cell(row, survey);
    if (survey.not_utf8) {
      refuse(row, ErrorCode::decode, fmt::format("its {} is not UTF-8", records_columns()[*survey.not_utf8].name));
    }
    if (!row.study_key || !row.record_id) {
      refuse(row, ErrorCode::schema_mismatch, "study_key and record_id can't be null");
    }
    if (bytes + survey.bytes > kTextBytesLimit) {
      refuse(row, ErrorCode::internal, "the record batch would be larger than 2 GiB");
    }
    if (rows == 0 && last_rows > 0) reserve();
    for_each_cell(row, CellAppender(builders));
    auto& hashes = static_cast<arrow::StringBuilder&>(*builders[kRecordsDataColumns]);
    check(hashes.Append(hasher.hash(row)), kAction);
    ++rows;
    bytes += survey.bytes + kFixedBytesPerRow;
    raw_records += row.record_data_raw ? 1 : 0;
  }
};

RecordsBuilder::RecordsBuilder(std::string study_key) : state_(std::make_unique<State>()) {
  if (study_key.empty()) {
    throw ExportError("cannot build record batches: the study key is empty", ErrorDetail{.code = ErrorCode::invalid_argument});
  }
  state_->study_key = std::move(study_key);
}

RecordsBuilder::~RecordsBuilder() = default;
RecordsBuilder::RecordsBuilder(RecordsBuilder&&) noexcept = default;
RecordsBuilder& RecordsBuilder::operator=(RecordsBuilder&&) noexcept = default;

void RecordsBuilder::append(const api::RecordView& record) {
  int unreadable = 0;
  RecordRow row{.study_key = record.study_key ? *record.study_key : std::string_view(state_->study_key),
                .interval_id = record.interval_id,
                .form_id = record.form_id,
                .form_key = record.form_key,
                .site_id = record.site_id,
                .record_id = record.record_id,
                .record_oid = record.record_oid,
                .record_type = record.record_type,
                .record_status = record.record_status,
                .deleted = record.deleted,
                .date_created = state_->stamp(record.date_created, unreadable),
                .date_modified = state_->stamp(record.date_modified, unreadable),
                .subject_id = record.subject_id,
                .subject_oid = record.subject_oid,
                .subject_key = record.subject_key,
                .visit_id = record.visit_id,
                .parent_record_id = record.parent_record_id,
                .keywords = record.keywords,
                .record_data = record.record_data,
                .record_data_raw = std::nullopt};
  append_row(row);
  state_->unreadable_stamps += unreadable;
}

void RecordsBuilder::append(const Record& record) { append(view_of(record)); }

void RecordsBuilder::append_row(const RecordRow& row) {
  if (row.record_data && row.record_data_raw) {
    refuse(row, ErrorCode::schema_mismatch, "both record_data and record_data_raw are set");
  }
  RecordRow placed = row;
  const TextCell answers = row.record_data ? row.record_data : row.record_data_raw;
  placed.record_data = placed.record_data_raw = std::nullopt;
  if (answers) {
    (variant_can_hold(*answers) ? placed.record_data : placed.record_data_raw) = answers;
  }
  state_->append_checked(placed);
}

std::int64_t RecordsBuilder::rows() const { return state_->rows; }
std::size_t RecordsBuilder::bytes() const { return state_->bytes; }
std::int64_t RecordsBuilder::unreadable_stamps() const { return state_->unreadable_stamps; }
std::int64_t RecordsBuilder::raw_records() const { return state_->raw_records; }

std::shared_ptr<arrow::RecordBatch> RecordsBuilder::finish() {
  arrow::ArrayVector columns;
  state_->last_rows = state_->rows;
  state_->last_text.clear();
  for (const auto& builder : state_->builders) {
    const auto* text = dynamic_cast<const arrow::StringBuilder*>(builder.get());
    state_->last_text.push_back(text == nullptr ? 0 : text->value_data_length());
    columns.push_back(value_of(builder->Finish(), kAction));
    if (columns.back()->length() != state_->rows) {  // memory ran out in the middle of a row
      throw ExportError("cannot build a record batch: a row is incomplete", ErrorDetail{.code = ErrorCode::internal});
    }
  }
  state_->bytes = 0;
  return arrow::RecordBatch::Make(records_schema(), std::exchange(state_->rows, 0), std::move(columns));
}

}  // namespace imednet::table
