// study_reading.h: one study, read from the API and staged as files.
//
// Where it stands: RecordReader → RecordStager → this → Loader.   Memory: one page and one row group.
// Errors:  ApiError, counts_differ among them: the study changed while it was read. ExportError from staging. cancelled.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/record_reader.h"
#include "imednet/sdk.h"
#include "sinks/snowflake/export_run.h"
#include "staging/record_stager.h"

namespace imednet::pipeline {

struct StagedStudy {
  std::vector<staging::StagedFile> files;
  sinks::snowflake::FormRows forms;
  staging::RowCounts counts;
  api::ReadProof proof;

  std::string since{};              // only records changed at that time or later were read; empty: all
  std::int64_t records_in_api = 0;  // of the whole study, when `since` is set
  bool is_filter_ignored = false;   // the API showed older records as well: all were read then
  // Ids of the records changed in the overlap before the first answer, or later; rising. nullopt: too many, or the API named no time.
  std::optional<std::vector<std::int64_t>> recent{};

  // Refers to `files`.
  sinks::snowflake::StudyRead read_of(const std::string& study) const;
};

// How to read.
struct ReadingOrder {
  std::string since{};   // read what changed since (since.h); empty: all
  bool is_read = false;  // `staged` holds a reading already: the first turn is `work` alone
};

// Reads the study and does `work` with it. When it turns out that the study changed meanwhile, in the reading or in the work,
// the files are removed and both are done again, at most three times in all. Returns how often it had to be read again.
int read_study(sinks::snowflake::ExportRun& run, const ImednetSDK& sdk, const std::string& study, StagedStudy& staged,
               const std::function<void()>& work, ReadingOrder order = {});

}  // namespace imednet::pipeline
