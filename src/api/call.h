// call.h: one call of the SDK, from its first request on: who may stop it, and when it has to be over.
#pragma once

#include <chrono>
#include <optional>

#include "api/client.h"
#include "core/stop_either.h"
#include "imednet/sdk.h"

namespace imednet::api {

class Call {
 public:
  // Begins now.
  Call(const Client& client, const CallOptions& options) : stop_(client.settings().stop, options.stop) {
    if (options.deadline.count() > 0) end_ = client.clock().now() + options.deadline;
  }

  CallLimits limits() const { return {stop_.token(), end_}; }

 private:
  core::StopEither stop_;
  std::optional<std::chrono::steady_clock::time_point> end_;
};

}  // namespace imednet::api
