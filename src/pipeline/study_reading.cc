#include "pipeline/study_reading.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string_view>
#include <thread>
#include <utility>

#include "api/study_extent.h"
#include "pipeline/range_plan.h"
#include "pipeline/range_reading.h"
#include "pipeline/since.h"
#include "pipeline/stamp_watch.h"

namespace imednet::pipeline {
namespace {

using errors::ErrorCode;
using sinks::snowflake::ExportRun;

constexpr int kReadsAtMost = 3;  // a study that changes under the reader is read again, then given up
constexpr std::int64_t kRowsAReport = 2'000;
constexpr int kMostConnections = 3;          // unless somebody says another number
constexpr std::int64_t kPagesWhenAsked = 8;  // a range, at least; whoever names a number of connections wants them used
constexpr int kRequestsOfStart = 2;
constexpr std::int64_t kRowsABeat = 100;  // less than a page, so that a slow API costs no lease

// One reading of a study, whole or of what changed.
struct Reading {
  const ReadingHost& host;
  api::Client& client;
  const std::string& study;
  std::string_view step;
  StagedStudy& staged;

  staging::RecordStager stager(std::string_view series) const { return {host.directory, study, host.batch_size, {}, series}; }
  void report(const api::ReadProof& so_far) const { host.on_progress(step, so_far); }
  void take(std::vector<staging::StagedFile> files) const {
    for (staging::StagedFile& file : files) {
      if (host.on_file) host.on_file(file);
      staged.files.push_back(std::move(file));
    }
  }
};

// False: the API ignored the filter; `staged` then holds files to be thrown away.
bool stage_records(const Reading& reading, api::RecordReader& reader, staging::RecordStager& stager, StampWatch& watch) {
  StagedStudy& staged = reading.staged;
  std::int64_t rows = 0;
  while (const api::RecordView* record = reader.next()) {
    if (reading.host.stop.stop_requested()) throw ImednetError("cannot go on: the run was stopped", {.code = ErrorCode::cancelled});
    if (rows == 0 && staged.proof.first_answer_timestamp.empty()) watch.begin(reader.proof().first_answer_timestamp);
    if (!watch.see(*record)) {
      reading.take(stager.take_finished());
      return false;
    }
    stager.append(*record);
    count_form(staged.forms, record->form_key);
    if (++rows % kRowsABeat == 0) reading.host.beat();
    if (rows % kRowsAReport != 0) continue;
    reading.report(reader.proof());
    reading.take(stager.take_finished());
  }
  std::ranges::move(stager.finish(), std::back_inserter(staged.files));  // sent with the rest: nothing more is read
  staged.counts = stager.counts();
  return true;
}

// How far a reading came is told of a run that fails, too.
bool read_records(const Reading& reading, api::RecordReader& reader, staging::RecordStager& stager, StampWatch& watch) {
  reading.report(reader.proof());
  bool is_whole = false;
  try {
    is_whole = stage_records(reading, reader, stager, watch);
  } catch (const ImednetError&) {
    reading.staged.proof = reader.proof();
    throw;
  }
  reading.staged.proof = reader.proof();
  return is_whole;
}

void drop_files(const ReadingHost& host, const StagedStudy& staged) {
  if (host.on_dropped) host.on_dropped();
  for (const staging::StagedFile& file : staged.files) std::filesystem::remove(file.path);
}

// False: it is better read in one go.
bool read_all_in_ranges(const Reading& reading, api::RecordReader& reader) {
  const auto asked = std::chrono::steady_clock::now();
  const api::StudyStart& start = reader.start();
  const auto round_trip = (std::chrono::steady_clock::now() - asked) / kRequestsOfStart;
  if (!start.is_keyset) return false;
  const auto plan = plan_ranges({.records = start.records,
                                 .batch_size = reading.host.batch_size,
                                 .most = reading.host.connections > 0 ? reading.host.connections : kMostConnections,
                                 .pages_a_range = reading.host.connections > 0 ? kPagesWhenAsked : RangeWish().pages_a_range,
                                 .cores = std::thread::hardware_concurrency(),
                                 .round_trip = std::chrono::duration_cast<std::chrono::microseconds>(round_trip)});
  const RangeOrder order{reading.host, reading.client, reading.study, reading.step, reading.client.requests() - reader.proof().requests};
  return plan.size() > 1 && read_in_ranges(order, start, plan, reading.staged);
}

void read_all(const Reading& reading) {
  StagedStudy& staged = reading.staged;
  api::RecordReader reader(reading.client, reading.study);
  reading.report(reader.proof());
  if (read_all_in_ranges(reading, reader)) {
    reading.report(staged.proof);
    return;
  }
  staging::RecordStager stager = reading.stager(staging::kAllRecords);
  StampWatch watch("");
  read_records(reading, reader, stager, watch);
  if (staged.proof.read == 0) watch.begin(staged.proof.first_answer_timestamp);
  staged.recent = watch.take_recent();
  reading.report(staged.proof);
}

// The whole study is asked for first: its answer's time is where the next reading goes on, and its highest id bounds the count that
// the table is held against.
bool read_changes(const Reading& reading, const std::string& since) {
  StagedStudy& staged = reading.staged;
  api::Client& client = reading.client;
  const std::int64_t requests_before = client.requests();
  const api::StudyExtent extent = api::study_extent(client, reading.study);
  staged.since = since;
  staged.proof.first_answer_timestamp = extent.timestamp;
  api::RecordReader reader(client, reading.study, {.filter = since_filter(since)});
  staging::RecordStager stager = reading.stager(staging::kChangedRecords);
  StampWatch watch(since);
  watch.begin(extent.timestamp);
  if (!read_records(reading, reader, stager, watch)) return false;
  staged.records_in_api =
      api::records_up_to(client, reading.study, std::max(extent.highest_id, staged.proof.highest_id), staged.proof.method == "keyset");
  staged.proof.first_answer_timestamp = extent.timestamp;
  staged.proof.requests = client.requests() - requests_before;
  staged.recent = watch.take_recent();
  reading.report(staged.proof);
  return true;
}

// Nothing is lost with an API that ignores the filter: then all records are read.
void read_once(const Reading& reading, ReadingOrder& order) {
  if (!order.since.empty()) {
    if (read_changes(reading, order.since)) return;
    drop_files(reading.host, reading.staged);
    order.since.clear();
    reading.staged = {};
    reading.staged.is_filter_ignored = true;
  }
  read_all(reading);
}

}  // namespace

sinks::StudyRead StagedStudy::read_of(const std::string& study) const {
  sinks::StudyRead read{.study = study, .files = {}, .forms = forms};
  for (const staging::StagedFile& file : files) read.files.push_back(&file);
  return read;
}

ReadingHost host_of(ExportRun& run) {
  return {.directory = run.staging_directory(),
          .batch_size = static_cast<std::int64_t>(run.config().batch_size),
          .connections = run.config().connections,
          .stop = run.config().stop,
          .on_progress =
              [&run](std::string_view step, const api::ReadProof& so_far) {
                run.progress.rows = so_far.read;
                run.progress.rows_expected = so_far.expected;
                run.progress.pages = so_far.pages;
                run.progress.bytes_read = so_far.bytes;
                run.report_step(step, 0, 0);
              },
          .beat = [&run] { run.beat(); }};
}

void count_form(FormRows& forms, const api::RecordView::Text& form_key) {
  const std::string_view key = form_key.value_or("");
  const auto form = forms.find(key);
  if (form != forms.end()) {
    ++form->second;
  } else {
    forms.emplace(key, 1);
  }
}

int read_study(const ReadingHost& host, const ImednetSDK& sdk, const std::string& study, StagedStudy& staged,
               const std::function<void()>& work, ReadingOrder order) {
  bool is_filter_ignored = false;
  for (int reading = 1;; ++reading) {
    const bool is_read = order.is_read && reading == 1;
    try {
      if (!is_read) {
        staged = {};
        read_once({host, *sdk.client(), study, reading == 1 ? "reading" : "reading again", staged}, order);
        staged.is_filter_ignored = staged.is_filter_ignored || is_filter_ignored;
      }
      work();
      return reading - 1;
    } catch (const errors::ApiError& error) {
      if (error.code() != ErrorCode::counts_differ || reading == kReadsAtMost) throw;
      is_filter_ignored = is_filter_ignored || staged.is_filter_ignored;
      drop_files(host, staged);  // the next reading may need fewer
    }
  }
}

}  // namespace imednet::pipeline
