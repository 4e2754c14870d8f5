#include "core/retry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/log.h"

namespace imednet::core {
namespace {

using std::chrono::milliseconds;

// Throws the error again with more text, as the class it is: callers catch by class.
template <class Error>
void throw_as(const ImednetError& error, const std::string& message) {
  if (dynamic_cast<const Error*>(&error) != nullptr) throw Error(message, error.detail());
}

[[noreturn]] void throw_with(const ImednetError& error, const std::string& message) {
  if (const auto* batch = dynamic_cast<const errors::ExportBatchError*>(&error)) {
    throw errors::ExportBatchError(message, batch->batch_id(), batch->detail());
  }
  throw_as<errors::ApiError>(error, message);
  throw_as<errors::ConfigurationError>(error, message);
  throw_as<errors::ExportConfigurationError>(error, message);
  throw_as<errors::ExportError>(error, message);
  throw ImednetError(message, error.detail());
}

}  // namespace

void throw_cancelled() {
  throw ImednetError("cannot go on: a stop was asked for", {.code = errors::ErrorCode::cancelled, .origin = {.system = "local"}});
}

RetryLoop::RetryLoop(const RetryPolicy& policy, RetryDeps deps) : policy_(policy), deps_(std::move(deps)), started_(deps_.clock.now()) {}

Attempt RetryLoop::attempt() const {
  if (deps_.stop.stop_requested()) throw_cancelled();
  return {failures_, remaining()};
}

milliseconds RetryLoop::remaining() const {
  if (!deps_.has_budget) return milliseconds::max();
  const auto spent = std::chrono::duration_cast<milliseconds>(deps_.clock.now() - started_);
  return std::max(milliseconds(0), policy_.total - spent);
}

milliseconds RetryLoop::wait_for(const ImednetError& error) const {
  if (const auto asked = error.retry_after()) return std::clamp(*asked, milliseconds(0), policy_.max_wait);
  const milliseconds full = policy_.wait_after(failures_);
  if (!deps_.jitter) return full;
  return milliseconds(std::llround(static_cast<double>(full.count()) * std::clamp(deps_.jitter(), 0.0, 1.0)));
}

void RetryLoop::failed(const ImednetError& error) {
  if (error.retry_class() != errors::RetryClass::backoff) throw;
  if (deps_.stop.stop_requested()) throw_cancelled();
  if (failures_ >= policy_.max_retries) give_up(error);
  const milliseconds wait = wait_for(error);
  if (wait >= remaining()) give_up(error);
  log_detail(fmt::format("{}; trying again in {} ms", error.what(), wait.count()));
  if (!deps_.clock.sleep(wait, deps_.stop)) throw_cancelled();
  ++failures_;
  if (deps_.on_retry) deps_.on_retry();
}

void RetryLoop::give_up(const ImednetError& error) const {
  const int attempts = failures_ + 1;
  throw_with(error, fmt::format("{} ({} attempt{})", error.what(), attempts, attempts == 1 ? "" : "s"));
}

}  // namespace imednet::core
