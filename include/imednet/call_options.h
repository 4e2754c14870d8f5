// call_options.h: how one call of the SDK ends besides by its answer, as a value.
//
// Units:  std::chrono, by the machine's steady clock.
// Errors: ApiError cancelled, or timeout after the deadline.
#pragma once

#include <chrono>
#include <stop_token>

namespace imednet {

// How one call ends besides by its answer.
struct CallOptions {
  std::stop_token stop{};                 // cancels it, as SdkConfig::stop cancels all
  std::chrono::milliseconds deadline{0};  // of the call with all of its requests, waits and retries, from the first on; 0: none
};

}  // namespace imednet
