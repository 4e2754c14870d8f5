// sdk.cc: the settings of the public SDK resolved, and its client made. Resources: resources.cc.
#include "imednet/sdk.h"

#include <fmt/format.h>

#include <charconv>
#include <random>

#include "api/client.h"
#include "core/environment.h"
#include "core/imednet_defaults.h"
#include "http/curl_transport.h"

namespace imednet {
namespace {

using errors::ConfigurationError;
using errors::ErrorCode;

Secret required(const Secret& given, const std::string& variable, std::string_view what) {
  Secret secret = given.empty() ? core::secret_environment(variable) : given;
  const std::string& text = secret.reveal();
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw ConfigurationError(fmt::format("cannot read from iMednet: the {} ({}) is missing", what, variable),
                             {.code = ErrorCode::config, .hint = fmt::format("set {} (or {}_FILE)", variable, variable)});
  }
  if (text.find_first_of("\r\n") != std::string::npos) {
    throw ConfigurationError(fmt::format("cannot read from iMednet: the {} has a line break", what),
                             {.code = ErrorCode::config, .hint = fmt::format("check {}", variable)});
  }
  return secret;
}

std::chrono::milliseconds timeout_of(std::chrono::milliseconds given) {
  if (given.count() > 0) return given;
  const std::string text = core::environment("IMEDNET_TIMEOUT");
  if (text.empty()) return core::kDefaultTimeout;
  double seconds = 0;
  const char* end = text.data() + text.size();
  if (std::from_chars(text.data(), end, seconds).ptr != end || !(seconds >= 0.001) || seconds > 86'400) {
    throw ConfigurationError("cannot use the timeout: it is not a number of seconds from 0.001 to 86400",
                             {.code = ErrorCode::config, .hint = "check IMEDNET_TIMEOUT"});
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

api::RateLimits limits_of(const SdkConfig& config) {
  auto limits = api::parse_rate(config.rate.empty() ? core::environment("IMEDNET_RATE") : config.rate);
  if (!limits) {
    throw ConfigurationError("cannot use the rate: it is neither auto, presumed nor like 100/min,1000/h",
                             {.code = ErrorCode::config, .hint = "check --rate and IMEDNET_RATE"});
  }
  const std::string file = core::environment("IMEDNET_RATE_FILE");
  limits->shared_file = config.rate_file.empty() ? std::filesystem::path(file) : config.rate_file;
  if (limits->shared_file.empty() || limits->per_minute > 0 || limits->per_hour > 0) return *limits;
  throw ConfigurationError("cannot share the API's rate: no rate is given",
                           {.code = ErrorCode::config, .hint = "give --rate, for example presumed, with --rate-file"});
}

api::ClientSettings resolve(const SdkConfig& config) {
  std::string url = config.base_url.empty() ? core::environment("IMEDNET_BASE_URL") : config.base_url;
  if (url.empty()) url = core::kDefaultBaseUrl;
  return {.api_key = required(config.api_key, "IMEDNET_API_KEY", "API key"),
          .security_key = required(config.security_key, "IMEDNET_SECURITY_KEY", "security key"),
          .base_url = std::move(url),
          .timeout = timeout_of(config.timeout),
          .retry = config.retry,
          .stop = config.stop,
          .limits = limits_of(config)};
}

std::function<double()> random_jitter() {
  return [engine = std::mt19937_64(std::random_device{}()), spread = std::uniform_real_distribution<double>(0, 1)]() mutable {
    return spread(engine);
  };
}

}  // namespace

ImednetSDK::ImednetSDK(const SdkConfig& config)
    : client_(
          std::make_shared<api::Client>(resolve(config), std::make_unique<http::CurlTransport>(), core::system_clock(), random_jitter())) {}

ImednetSDK ImednetSDK::over(std::shared_ptr<api::Client> client) { return {Made{}, std::move(client)}; }

}  // namespace imednet
