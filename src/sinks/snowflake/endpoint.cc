#include "sinks/snowflake/endpoint.h"

#include <charconv>

#include "core/environment.h"
#include "imednet/errors.h"

namespace imednet::sinks::snowflake {
namespace {

constexpr int kHighestPort = 65'535;

[[noreturn]] void refuse(const std::string& what, const std::string& hint) {
  throw errors::ExportConfigurationError("cannot connect to Snowflake: " + what, {.code = errors::ErrorCode::config, .hint = hint});
}

int port_of_environment() {
  const std::string text = core::environment("SNOWFLAKE_PORT");
  if (text.empty()) return 0;
  int port = -1;
  const char* end = text.data() + text.size();
  if (std::from_chars(text.data(), end, port).ptr != end || port < 0 || port > kHighestPort) {
    refuse("SNOWFLAKE_PORT is not a port number", "set SNOWFLAKE_PORT to a number from 1 to 65535, or unset it");
  }
  return port;
}

bool ocsp_of_environment() {
  const std::string word = core::environment("SNOWFLAKE_OCSP");
  if (word != "" && word != "on" && word != "off") refuse("SNOWFLAKE_OCSP is neither on nor off", "check SNOWFLAKE_OCSP");
  return word != "off";
}

}  // namespace

integrations::SnowflakeSinkConfig with_endpoint(integrations::SnowflakeSinkConfig config) {
  if (config.host.empty()) config.host = core::environment("SNOWFLAKE_HOST");
  if (config.port == 0) config.port = port_of_environment();
  if (!config.ocsp) config.ocsp = ocsp_of_environment();
  if (config.protocol.empty()) config.protocol = core::environment("SNOWFLAKE_PROTOCOL");
  if (!config.protocol.empty() && config.protocol != "http" && config.protocol != "https") {
    refuse("the protocol is neither http nor https", "check SNOWFLAKE_PROTOCOL");
  }
  return config;
}

bool is_loopback(std::string_view host) { return host == "localhost" || host == "::1" || host == "127.0.0.1"; }

}  // namespace imednet::sinks::snowflake
