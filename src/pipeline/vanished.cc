#include "pipeline/vanished.h"

#include <fmt/format.h>

#include "api/client.h"
#include "api/record_check.h"
#include "imednet/errors.h"

namespace imednet::pipeline {

void require_gone(const ImednetSDK& sdk, const std::string& study, std::span<const std::int64_t> ids,
                  const integrations::LayoutChoice& choice) {
  const auto still_there = api::records_still_there(*sdk.client(), study, ids);
  if (still_there.empty()) return;
  if (!choice.sites.empty()) {
    throw errors::ExportConfigurationError(fmt::format("cannot export study {}: the tables hold rows of sites that were not chosen", study),
                                           {.code = errors::ErrorCode::config,
                                            .hint = "use --mode replace, or other tables; nothing was changed",
                                            .origin = {.system = "local"}});
  }
  throw errors::ApiError(
      fmt::format("cannot read study {} completely: {} records that were not shown are there, the first is {}; it changed meanwhile", study,
                  still_there.size(), still_there.front()),
      {.code = errors::ErrorCode::counts_differ,
       .hint = "run again when the study is at rest",
       .retry = errors::RetryClass::backoff,
       .origin = {.system = "imednet"}});
}

}  // namespace imednet::pipeline
