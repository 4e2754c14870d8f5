// study_reading.h: one study, read from the API and staged as files.
//
// Where it stands: {RecordReader → RecordStager, ranges (range_reading.h)} → this → whoever loads.   Memory: ADR 0028.
// Errors:  ApiError, counts_differ among them: the study changed while it was read. ExportError from staging. cancelled.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "api/record_reader.h"
#include "imednet/sdk.h"
#include "sinks/snowflake/export_run.h"
#include "staging/record_stager.h"

namespace imednet::pipeline {

using sinks::FormRows;

// Whoever wants a study read: where its files go, how, and who hears of it. All calls but on_file come on the reading call's own thread.
struct ReadingHost {
  std::filesystem::path directory;
  std::int64_t batch_size = 0;
  int connections = 0;  // ranges read at the same time at most; 0: as many as pay
  std::stop_token stop{};
  std::function<void(std::string_view step, const api::ReadProof& so_far)> on_progress;
  std::function<void()> beat;                                 // often; costs nothing when it is not time
  std::function<void(const staging::StagedFile&)> on_file{};  // is complete while others are still read; on any thread
  std::function<void()> on_dropped{};                         // the files are about to be removed: the study is read again
};
ReadingHost host_of(sinks::snowflake::ExportRun& run);

struct StagedStudy {
  std::vector<staging::StagedFile> files;
  FormRows forms;
  staging::RowCounts counts;
  api::ReadProof proof;

  std::string since{};              // only records changed at that time or later were read; empty: all
  std::int64_t records_in_api = 0;  // of the whole study, when `since` is set
  bool is_filter_ignored = false;   // the API showed older records as well: all were read then
  // Ids of the records changed in the overlap before the first answer, or later; rising. nullopt: too many, or the API named no time.
  std::optional<std::vector<std::int64_t>> recent{};

  // Refers to `files`.
  sinks::StudyRead read_of(const std::string& study) const;
};

// How to read.
struct ReadingOrder {
  std::string since{};   // read what changed since (since.h); empty: all
  bool is_read = false;  // `staged` holds a reading already: the first turn is `work` alone
};

// Reads the study and does `work` with it. When it turns out that the study changed meanwhile, in the reading or in the work,
// the files are removed and both are done again, at most three times in all. Returns how often it had to be read again.
int read_study(const ReadingHost& host, const ImednetSDK& sdk, const std::string& study, StagedStudy& staged,
               const std::function<void()>& work, ReadingOrder order = {});

// One more record of that form.
void count_form(FormRows& forms, const api::RecordView::Text& form_key);

}  // namespace imednet::pipeline
