#include "pipeline/study_reading.h"

#include <filesystem>
#include <string_view>
#include <utility>

namespace imednet::pipeline {
namespace {

using errors::ErrorCode;
using sinks::snowflake::ExportRun;
using sinks::snowflake::FormRows;

constexpr int kReadsAtMost = 3;  // a study that changes under the reader is read again, then given up
constexpr std::int64_t kRowsAReport = 2'000;
constexpr std::int64_t kRowsABeat = 100;  // less than a page, so that a slow API costs no lease

void take(std::vector<staging::StagedFile>& all, std::vector<staging::StagedFile> more) {
  for (staging::StagedFile& file : more) all.push_back(std::move(file));
}

void report_reading(ExportRun& run, std::string_view step, const api::ReadProof& so_far) {
  run.progress.rows = so_far.read;
  run.progress.rows_expected = so_far.expected;
  run.progress.pages = so_far.pages;
  run.progress.bytes_read = so_far.bytes;
  run.report_step(step, 0, 0);
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

void stage_all(ExportRun& run, api::RecordReader& reader, std::string_view step, const std::string& study, StagedStudy& staged) {
  staging::RecordStager stager(run.staging_directory(), study, static_cast<std::int64_t>(run.config().batch_size));
  std::int64_t rows = 0;
  while (const api::RecordView* record = reader.next()) {
    if (run.config().stop.stop_requested()) throw ImednetError("cannot go on: the run was stopped", {.code = ErrorCode::cancelled});
    stager.append(*record);
    count_form(staged.forms, record->form_key);
    if (++rows % kRowsABeat == 0) run.beat();
    if (rows % kRowsAReport != 0) continue;
    report_reading(run, step, reader.proof());
    take(staged.files, stager.take_finished());
  }
  take(staged.files, stager.take_finished());
  take(staged.files, stager.finish());
  staged.counts = stager.counts();
}

void read_once(ExportRun& run, const ImednetSDK& sdk, const std::string& study, std::string_view step, StagedStudy& staged) {
  api::RecordReader reader(*sdk.client(), study);
  report_reading(run, step, reader.proof());
  try {
    stage_all(run, reader, step, study, staged);
  } catch (const ImednetError&) {
    staged.proof = reader.proof();  // how far it came is told of a run that fails, too
    throw;
  }
  staged.proof = reader.proof();
  report_reading(run, step, staged.proof);
}

}  // namespace

sinks::snowflake::StudyRead StagedStudy::read_of(const std::string& study) const {
  sinks::snowflake::StudyRead read{.study = study, .files = {}, .forms = forms};
  for (const staging::StagedFile& file : files) read.files.push_back(&file);
  return read;
}

int read_study(ExportRun& run, const ImednetSDK& sdk, const std::string& study, StagedStudy& staged, const std::function<void()>& work) {
  for (int reading = 1;; ++reading) {
    staged = {};
    try {
      read_once(run, sdk, study, reading == 1 ? "reading" : "reading again", staged);
      work();
      return reading - 1;
    } catch (const errors::ApiError& error) {
      if (error.code() != ErrorCode::counts_differ || reading == kReadsAtMost) throw;
      for (const staging::StagedFile& file : staged.files) std::filesystem::remove(file.path);  // the next reading may need fewer
    }
  }
}

}  // namespace imednet::pipeline
