// stamp_watch.h: what the stamps of the records tell while they go by.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/record_view.h"

namespace imednet::pipeline {

// Ids of records, rising; nullopt: too many, or the API named no time.
using RecentIds = std::optional<std::vector<std::int64_t>>;

class StampWatch {
 public:
  // `since`: only records changed at that time or later were asked for; empty: all.
  explicit StampWatch(const std::string& since);

  // Before the first record: the API's own time of the first answer.
  void begin(std::string_view first_answer);
  // False: the record is older than what was asked for.
  bool see(const api::RecordView& record);
  // The records changed in the overlap before the first answer, or later.
  RecentIds take_recent();

 private:
  std::optional<std::int64_t> since_, recent_from_;
  RecentIds recent_;
};

// Of two parts of a study, the second one with higher ids.
RecentIds joined(RecentIds first, const RecentIds& second);

}  // namespace imednet::pipeline
