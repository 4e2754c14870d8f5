// range_reading.h: a study read in several ranges of ids at the same time, and staged as files as one reader would.
//
// Where it stands: RecordQuestions → KeysetWalk a range → RowChunks → {BatchFiles, ChunkQueues} → this → StagedStudy.
// Promise: every range holds as many records as the API says lie in it, asked after all were read; else ApiError counts_differ that names
//          the ranges. Files are those of one reader, in names, rows and order, whatever came first.
// Memory:  a range: a page, a chunk, the open pages of a file; what waits in the queues (chunk_queues.h).
// Source:  ADR 0028.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/range_plan.h"
#include "pipeline/study_reading.h"

namespace imednet::pipeline {

struct RangeOrder {
  const ReadingHost& host;
  api::Client& client;
  const std::string& study;
  std::string_view step;
  std::int64_t requests_before = 0;  // of the client, when this reading began
};

// False: the ids where the ranges begin could not be had from the API, and nothing was read.
bool read_in_ranges(const RangeOrder& order, const api::StudyStart& start, const std::vector<PlannedRange>& plan, StagedStudy& staged);

}  // namespace imednet::pipeline
