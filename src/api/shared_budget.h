// shared_budget.h: the requests of all processes on this machine that name the same file, since the API's limit is per key.
//
// Format: one eight-byte number a request, milliseconds since 1970 by the machine's clock, oldest first; locked while it is looked at.
// Errors: ConfigurationError when the file can't be used.
#pragma once

#include <chrono>

#include "api/pace.h"

namespace imednet::api {

class SharedBudget {
 public:
  explicit SharedBudget(const RateLimits& limits);
  ~SharedBudget();
  SharedBudget(const SharedBudget&) = delete;
  SharedBudget& operator=(const SharedBudget&) = delete;

  // 0: a request was allowed, and is in the file. Else how long to wait before asking again.
  std::chrono::milliseconds take(std::chrono::system_clock::time_point now);

 private:
  RateLimits limits_;
  int file_ = -1;
};

}  // namespace imednet::api
