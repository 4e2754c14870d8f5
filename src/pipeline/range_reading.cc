#include "pipeline/range_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "core/parallel.h"
#include "core/retry.h"
#include "pipeline/chunk_queues.h"
#include "pipeline/stamp_watch.h"

namespace imednet::pipeline {
namespace {

constexpr int kCountsAsked = 3;  // times; a record that is made between two questions spoils a difference

// What one range came to.
struct RangeResult {
  api::WalkFacts walk;
  staging::RowCounts counts;
  sinks::FormRows forms;
  RecentIds recent;
  std::vector<staging::StagedFile> files;  // of the group that begins here
};

class RangeReading {
 public:
  RangeReading(const RangeOrder& order, const api::StudyStart& start, const std::vector<PlannedRange>& plan)
      : order_(order), start_(start), plan_(plan), results_(plan.size()), queues_(plan.size()) {}

  // The last id of each range.
  bool find_ends() {
    ends_.assign(plan_.size(), *start_.highest_id);
    in_parallel(plan_.size() - 1, [&](std::size_t i, const api::RecordQuestions& questions) {
      const auto page = questions.page_at(plan_[i].end_row - 1, 1);
      besides_ += static_cast<std::int64_t>(page.body.size());
      ends_[i] = api::only_id(page).value_or(*start_.highest_id);
    });
    return std::adjacent_find(ends_.begin(), ends_.end(), std::greater_equal<>()) == ends_.end();
  }

  void read() {
    core::run_parallel({.count = plan_.size(),
                        .width = plan_.size(),
                        .work = [this](std::size_t range, const std::stop_token& stop) { read_range(range, stop); },
                        .on_stop = [this] { queues_.stop(); },
                        .tick = [this] { tick(); }});
  }

  void take(StagedStudy& staged) {
    for (RangeResult& result : results_) {
      std::move(result.files.begin(), result.files.end(), std::back_inserter(staged.files));
      result.files.clear();
      staged.counts += result.counts;
      for (const auto& [form, rows] : result.forms) staged.forms[form] += rows;
    }
  }

  void take_recent(StagedStudy& staged) {
    staged.recent = std::move(results_.front().recent);
    for (std::size_t i = 1; i < results_.size(); ++i) staged.recent = joined(std::move(staged.recent), results_[i].recent);
  }

  // Every range holds what the API says lies in it.
  void require_counts() {
    for (int asked = 1;; ++asked) {
      const std::vector<std::int64_t> above = ask_counts();
      expected_ = above.front() - above.back();
      std::string wrong;
      for (std::size_t i = 0; i < plan_.size(); ++i) {
        const std::int64_t held = above[i] - above[i + 1];
        if (results_[i].walk.read == held) continue;
        wrong += fmt::format("{}up to id {}: {} read, {} held", wrong.empty() ? "" : "; ", ends_[i], results_[i].walk.read, held);
      }
      if (wrong.empty()) return;
      if (asked < kCountsAsked) continue;
      api::throw_counts_differ(fmt::format(
          "cannot read study {} completely: its ranges differ from what the API holds ({}); it changed meanwhile", order_.study, wrong));
    }
  }

  api::ReadProof proof() const {
    return {.expected = expected_,
            .read = rows_,
            .highest_id = *start_.highest_id,
            .requests = order_.client.requests() - order_.requests_before,
            .pages = pages_,
            .bytes = start_.bytes + besides_ + bytes_,
            .first_answer_timestamp = start_.timestamp};
  }
  // Where the whole of it is known.
  api::ReadProof whole_proof() const {
    api::ReadProof whole = proof();
    whole.first_id = results_.front().walk.first_id;
    whole.last_id = results_.back().walk.last_id;
    return whole;
  }

 private:
  api::RecordQuestions questions(const std::stop_token& stop) const { return {order_.client, order_.study, {}, {.stop = stop}}; }

  template <class Work>
  void in_parallel(std::size_t count, const Work& work) {
    core::run_parallel({.count = count,
                        .width = plan_.size(),
                        .work = [&](std::size_t i, const std::stop_token& stop) { work(i, questions(stop)); },
                        .tick = [this] { tick(); }});
  }

  void tick() {
    if (order_.host.stop.stop_requested() || order_.client.settings().stop.stop_requested()) core::throw_cancelled();
    order_.host.beat();
    order_.host.on_progress(order_.step, proof());
  }

  void read_range(std::size_t range, const std::stop_token& stop) {
    const api::RecordQuestions asks = questions(stop);
    const PlannedRange& planned = plan_[range];
    RangeResult& result = results_[range];
    std::optional<staging::BatchFiles> files;
    if (planned.begins_group) files.emplace(series(), planned.first_row / order_.host.batch_size);
    const auto deliver = [&](staging::RowChunk chunk) {
      if (!files) return queues_.push(range, std::move(chunk));
      files->append(chunk);
      for (staging::StagedFile& file : files->take_finished()) {
        if (order_.host.on_file) order_.host.on_file(file);
        result.files.push_back(std::move(file));
      }
    };
    try {
      walk_range(range, asks, deliver);
      if (!files) return queues_.close(range);
      for (std::size_t next = range + 1; next < plan_.size() && !plan_[next].begins_group; ++next) {
        while (auto chunk = queues_.pop(next)) deliver(std::move(*chunk));
      }
      std::ranges::move(files->finish(), std::back_inserter(result.files));
    } catch (...) {
      if (files) std::ranges::move(files->take_finished(), std::back_inserter(result.files));  // somebody has to remove them
      throw;
    }
  }

  template <class Deliver>
  void walk_range(std::size_t range, const api::RecordQuestions& asks, const Deliver& deliver) {
    const PlannedRange& planned = plan_[range];
    RangeResult& result = results_[range];
    api::KeysetWalk walk(asks, {.after = range == 0 ? std::nullopt : std::optional(ends_[range - 1]),
                                .upto = ends_[range],
                                .rows = planned.end_row - planned.first_row,
                                .looks_ahead = true});
    staging::RowChunks chunks(order_.study, {.first = planned.first_row, .batch_size = order_.host.batch_size, .end = group_end(range)});
    StampWatch watch("");
    watch.begin(start_.timestamp);
    while (const api::RecordView* record = walk.next()) {
      watch.see(*record);
      count_form(result.forms, record->form_key);
      if (!chunks.append(*record)) continue;
      deliver(chunks.take());
      count(result.walk, walk.facts());
    }
    deliver(chunks.take());
    count(result.walk, walk.facts());
    result.counts = chunks.counts();
    result.recent = watch.take_recent();
  }

  // How far all of them came.
  void count(api::WalkFacts& before, const api::WalkFacts& now) {
    rows_ += now.read - before.read;
    pages_ += now.pages - before.pages;
    bytes_ += now.bytes - before.bytes;
    before = now;
  }

  std::int64_t group_end(std::size_t range) const {
    std::size_t next = range + 1;
    while (next < plan_.size() && !plan_[next].begins_group) ++next;
    return plan_[next - 1].end_row;
  }

  staging::BatchSeries series() const { return {.directory = order_.host.directory, .study_key = order_.study}; }

  // N(all), N(above the end of range 0), …, N(above the highest id).
  std::vector<std::int64_t> ask_counts() {
    std::vector<std::int64_t> above(plan_.size() + 1);
    in_parallel(above.size(), [&](std::size_t i, const api::RecordQuestions& questions) {
      const api::Page page = questions.page_above(i == 0 ? std::nullopt : std::optional(ends_[i - 1]), 1);
      besides_ += static_cast<std::int64_t>(page.body.size());
      above[i] = page.total_elements;
    });
    return above;
  }

  const RangeOrder& order_;
  const api::StudyStart& start_;
  const std::vector<PlannedRange>& plan_;
  std::vector<std::int64_t> ends_;
  std::vector<RangeResult> results_;
  ChunkQueues queues_;
  std::atomic<std::int64_t> rows_ = 0, pages_ = 0, bytes_ = 0, besides_ = 0;
  std::int64_t expected_ = start_.records;
};

}  // namespace

bool read_in_ranges(const RangeOrder& order, const api::StudyStart& start, const std::vector<PlannedRange>& plan, StagedStudy& staged) {
  RangeReading reading(order, start, plan);
  if (!reading.find_ends()) return false;
  try {
    reading.read();
    reading.take(staged);
    reading.require_counts();
  } catch (const ImednetError&) {
    reading.take(staged);
    staged.proof = reading.proof();
    throw;
  }
  reading.take_recent(staged);
  staged.proof = reading.whole_proof();
  return true;
}

}  // namespace imednet::pipeline
