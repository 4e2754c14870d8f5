#include "sinks/snowflake/session_retries.h"

#include <fmt/format.h>

#include "core/retry.h"
#include "sinks/snowflake/snowflake_errors.h"

namespace imednet::sinks::snowflake {

void run_with_retries(Session& session, const integrations::SnowflakeSinkConfig& config, core::Clock& clock, std::string_view step,
                      const std::function<void()>& action, std::int64_t* retries) {
  const RetryPolicy policy{.max_retries = config.max_retries, .backoff = config.retry_backoff};
  const auto count = [retries] {
    if (retries != nullptr) ++*retries;
  };
  core::with_retries(policy, {.clock = clock, .stop = config.stop, .on_retry = count}, [&](const core::Attempt&) {
    try {
      action();
    } catch (const errors::ExportBatchError&) {
      throw;
    } catch (const ImednetError& error) {
      if (!is_session_lost(error)) throw;
      session.reconnect();
      errors::ErrorDetail detail = error.detail();
      detail.retry = errors::RetryClass::backoff;
      throw ImednetError(fmt::format("{} (step {})", error.what(), step), std::move(detail));
    }
  });
}

}  // namespace imednet::sinks::snowflake
