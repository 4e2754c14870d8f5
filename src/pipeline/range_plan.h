// range_plan.h: how a study is cut into ranges of ids that are read at the same time, so that every file is still one batch in order.
//
// Rule:    Where there are more batches than ranges, a range is a run of whole batches and its reader writes their files itself. Where
//          there are fewer, a batch is cut into ranges; the reader of its first one writes the file, the others hand it their rows.
//          Ranges begin at ranks that divide into full pages and chunks, so neither pages nor files depend on how many there are.
// Source:  ADR 0028.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "api/keyset_walk.h"

namespace imednet::pipeline {

// One range of a plan.
struct PlannedRange {
  std::int64_t first_row = 0, end_row = 0;  // ranks of its records among all of the study
  bool begins_group = false;                // its reader writes the files of this range and of those that follow up to the next such one
};

// How wide to read.
struct RangeWish {
  std::int64_t records = 0;
  std::int64_t batch_size = 0;
  int most = 1;                             // ranges
  std::int64_t pages_a_range = 32;          // at least: a range costs two requests of its own
  unsigned cores = 1;                       // of this machine
  std::chrono::microseconds round_trip{0};  // of a small request
};

// At least one range; one alone stands for a study that is better read in one go.
std::vector<PlannedRange> plan_ranges(const RangeWish& wish);

}  // namespace imednet::pipeline
