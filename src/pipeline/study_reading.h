// study_reading.h: one study, read from the API and staged as files.
//
// Where it stands: RecordReader → RecordStager → this → Loader.   Memory: one page and one row group.
// Errors:  ApiError, counts_differ among them: the study changed while it was read. ExportError from staging. cancelled.
#pragma once

#include <cstdint>
#include <functional>
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

  // Refers to `files`.
  sinks::snowflake::StudyRead read_of(const std::string& study) const;
};

// Reads the study and does `work` with it. When it turns out that the study changed meanwhile, in the reading or in the work,
// the files are removed and both are done again, at most three times in all. Returns how often it had to be read again.
int read_study(sinks::snowflake::ExportRun& run, const ImednetSDK& sdk, const std::string& study, StagedStudy& staged,
               const std::function<void()>& work);

}  // namespace imednet::pipeline
