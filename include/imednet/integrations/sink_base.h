// sink_base.h: what every destination of an export has in common, and iter_batches.
//
// Where it stands: records → iter_batches → ExportSink → a warehouse, a database, a folder of files.
// Source: the Snowflake export guide ("staged warehouse export framework"), ADR 0015 (batch ids).
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "imednet/errors.h"
#include "imednet/models.h"
#include "imednet/retry.h"

namespace arrow {
class RecordBatch;
class RecordBatchReader;
}  // namespace arrow

namespace imednet::integrations {

using RowCount = std::int64_t;  // rows loaded

// Settings that every sink has.
struct SinkConfig {
  std::size_t batch_size = 50'000;  // rows a batch; one file each, written as row groups, so memory does not follow it
  RetryPolicy retry{};              // of one batch: attempts = max_retries + 1
  bool idempotent = true;           // false: load again what was loaded before
};

// A destination. Not safe for use by two threads at a time. Move-only in its implementations.
class ExportSink {
 public:
  ExportSink() = default;
  ExportSink(const ExportSink&) = delete;
  ExportSink& operator=(const ExportSink&) = delete;
  virtual ~ExportSink() = default;  // cleans up and never throws; call close() to hear of errors

  // Loads `batch` and returns the rows the destination says it loaded: 0 when this id with these rows is in already.
  // `batch_id` is the idempotency key, "<study>/records/<n>"; at most 1,000 bytes.
  // Throws ExportBatchError after all retries; the batch is then not loaded, or the code is in_doubt.
  virtual RowCount write_batch(std::span<const Record> batch, std::string_view batch_id) = 0;

  // Everything written before is loaded and verified when this returns; for a folder, which close() shows: it is complete and on disk.
  virtual void flush() = 0;

  // Flushes, signs out, removes temporary files. May throw; a second call does nothing.
  virtual void close() = 0;

 protected:
  ExportSink(ExportSink&&) noexcept = default;
  ExportSink& operator=(ExportSink&&) noexcept = default;
};

class BatchTarget;

// What the sinks of this library have in common: a batch becomes one staged file, and that is loaded. Literal: the batch goes in as it is,
// whatever stands there; a file that is in, by batch id and rows, is not loaded again. Other rows under the same id are another file.
// A batch is of one study, that of its first record, and its records stand in rising record_id order: else invalid_argument.
class StagedSink : public ExportSink {
 public:
  ~StagedSink() override;

  RowCount write_batch(std::span<const Record> batch, std::string_view batch_id) override;
  // The same for Arrow data that has the records layout's data columns, by name and type, in any order.
  RowCount write_batch(const std::shared_ptr<arrow::RecordBatch>& batch, std::string_view batch_id);
  // A stream of such batches, as one file.
  RowCount write_batch(const std::shared_ptr<arrow::RecordBatchReader>& stream, std::string_view batch_id);
  void flush() override;
  void close() override;

 protected:
  explicit StagedSink(std::unique_ptr<BatchTarget> target);
  StagedSink(StagedSink&&) noexcept;
  StagedSink& operator=(StagedSink&&) noexcept;

 private:
  template <class Rows>
  RowCount write(const Rows& rows, std::string_view batch_id);

  std::unique_ptr<BatchTarget> target_;  // null: closed, or moved away
};

// A single-pass range of std::vector<Element> with at most `size` elements each; see iter_batches. Range is a reference where the
// range is referred to. (Not std::views::all: Clang before 16 can't compile GCC's views.)
template <std::ranges::input_range Range>
class BatchRange {
 public:
  using Element = std::ranges::range_value_t<Range>;  // what a batch holds

  // iter_batches judges the arguments; call that.
  BatchRange(Range&& range, std::size_t size) : range_(std::forward<Range>(range)), size_(size) {}

  // A C++20 input iterator over batches; the batch lives until the iterator is advanced.
  class iterator {
   public:
    using value_type = std::vector<Element>;
    using difference_type = std::ptrdiff_t;
    iterator() = default;
    explicit iterator(BatchRange* owner) : owner_(owner) {}
    value_type& operator*() const { return owner_->batch_; }
    iterator& operator++() {
      owner_->fill();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return owner_->batch_.empty(); }

   private:
    BatchRange* owner_ = nullptr;
  };

  // Fills the first batch. May be called once.
  iterator begin() {
    position_.emplace(std::ranges::begin(range_));
    fill();
    return iterator(this);
  }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  void fill() {
    batch_.clear();
    for (; batch_.size() < size_ && *position_ != std::ranges::end(range_); ++*position_) {
      if constexpr (std::ranges::forward_range<Range>) {
        batch_.push_back(**position_);
      } else {
        batch_.push_back(std::ranges::iter_move(*position_));  // a single-pass element is ours to take
      }
    }
  }
  Range range_;
  std::size_t size_;
  std::optional<std::ranges::iterator_t<Range>> position_;
  std::vector<Element> batch_;
};

// Cuts any input range into batches of `size` elements, the last one shorter, none empty. Memory: one batch.
// An lvalue range is referred to and must outlive the result; an rvalue is moved in.
// Throws errors::ExportConfigurationError (invalid_argument) when size is 0.
template <std::ranges::viewable_range Range>
auto iter_batches(Range&& range, std::size_t size) {
  if (size == 0) {
    throw errors::ExportConfigurationError("cannot make batches: the batch size is 0",
                                           {.code = errors::ErrorCode::invalid_argument, .hint = "use a batch size of 1 or more"});
  }
  return BatchRange<Range>(std::forward<Range>(range), size);
}

}  // namespace imednet::integrations
