#include "pipeline/range_plan.h"

#include <algorithm>

namespace imednet::pipeline {
namespace {

constexpr std::chrono::microseconds kWorkAPage{2'000};  // what decoding and encoding a page takes one core, about
constexpr std::int64_t kGrain = 1'000;                  // rows; full pages and full chunks

std::int64_t ranges_wanted(const RangeWish& wish) {
  const std::int64_t by_size = wish.records / (wish.pages_a_range * api::kPageSize);
  const std::int64_t by_wait = static_cast<std::int64_t>(wish.cores) + wish.round_trip / kWorkAPage;  // so many are waiting for an answer
  return std::clamp<std::int64_t>(std::min(by_size, by_wait), 1, std::max(wish.most, 1));
}

// Cuts the rows [first, end) of one batch into `parts`, at full grains.
void cut_batch(std::vector<PlannedRange>& ranges, std::int64_t first, std::int64_t end, std::int64_t parts) {
  const std::int64_t grains = (end - first + kGrain - 1) / kGrain;
  std::int64_t begin = first;
  for (std::int64_t part = 1; part <= parts; ++part) {
    const std::int64_t stop = part == parts ? end : first + grains * part / parts * kGrain;
    if (stop <= begin) continue;
    ranges.push_back({.first_row = begin, .end_row = std::min(stop, end), .begins_group = begin == first});
    begin = stop;
  }
}

}  // namespace

std::vector<PlannedRange> plan_ranges(const RangeWish& wish) {
  const std::int64_t wanted = ranges_wanted(wish);
  const std::int64_t batches = (wish.records + wish.batch_size - 1) / wish.batch_size;
  std::vector<PlannedRange> ranges;
  if (wanted == 1) return {{.first_row = 0, .end_row = wish.records, .begins_group = true}};
  if (batches >= wanted) {
    for (std::int64_t range = 0; range < wanted; ++range) {
      const std::int64_t first = batches * range / wanted * wish.batch_size;
      const std::int64_t end = range + 1 == wanted ? wish.records : batches * (range + 1) / wanted * wish.batch_size;
      ranges.push_back({.first_row = first, .end_row = end, .begins_group = true});
    }
    return ranges;
  }
  for (std::int64_t batch = 0; batch < batches; ++batch) {
    const std::int64_t first = batch * wish.batch_size;
    const std::int64_t end = std::min(first + wish.batch_size, wish.records);
    // As many as its share of all rows; the last batch may be a small one.
    const std::int64_t parts = std::max<std::int64_t>(1, (wanted * (end - first) + wish.records / 2) / wish.records);
    cut_batch(ranges, first, end, parts);
  }
  return ranges;
}

}  // namespace imednet::pipeline
