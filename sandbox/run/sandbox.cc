#include "sandbox/run/sandbox.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "sandbox/edc/edc_server.h"
#include "sandbox/run/installed_files.h"
#include "sandbox/run/temporary_directory.h"
#include "sandbox/snowflake/snowflake_server.h"
#include "sandbox/store/test_authority.h"

namespace imednet::sandbox {
namespace {

// A fresh one each time, so that nobody gets used to a password.
std::string made_up_password() {
  std::array<unsigned char, 16> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("cannot get random bytes");
  }
  std::string password;
  for (const unsigned char byte : bytes) {
    password += fmt::format("{:02x}", byte);
  }
  return password;
}

edc::EdcServerOptions edc_options(const SandboxOptions& options) {
  edc::EdcServerOptions server;
  server.studies = options.studies;
  if (server.studies.empty()) {
    server.studies.push_back(sample_study());
  }
  server.synthetic = options.synthetic;
  server.allow_faults = options.allow_faults;
  server.latency = options.latency;
  server.port = options.edc_port;
  return server;
}

}  // namespace

struct Sandbox::Parts {
  std::optional<TemporaryDirectory> temporary;  // first, so that it goes after what works in it
  edc::EdcServerOptions edc_settings;
  snowflake::SnowflakeServerOptions snowflake_settings;
  std::filesystem::path roots;  // certificates that reach the stages, with the system's
  std::unique_ptr<edc::EdcServer> edc;
  std::unique_ptr<snowflake::SnowflakeServer> snowflake;
};

Sandbox::Sandbox(const SandboxOptions& options) : parts_(std::make_unique<Parts>()) {
  if (options.edc) {
    parts_->edc_settings = edc_options(options);
    parts_->edc = std::make_unique<edc::EdcServer>(parts_->edc_settings);
  }
  if (options.snowflake) {
    auto& settings = parts_->snowflake_settings;
    settings.data_dir = options.data_dir.empty() ? parts_->temporary.emplace().path() : options.data_dir;
    settings.duckdb_library = duckdb_library();
    settings.password = made_up_password();
    settings.public_key = options.public_key;
    settings.access_token = options.access_token;
    settings.oauth_token = options.oauth_token;
    settings.passcode = options.passcode;
    settings.stage_kind = options.stage_kind;
    settings.stage_key_bits = options.stage_key_bits;
    settings.stage_object_max = options.stage_object_max;
    settings.answer_within = std::chrono::seconds(options.answer_within_seconds);
    settings.result_format = options.result_format;
    settings.allow_faults = options.allow_faults;
    settings.port = options.snowflake_port;
    parts_->snowflake = std::make_unique<snowflake::SnowflakeServer>(settings);
    if (const std::string pem = parts_->snowflake->authority_pem(); !pem.empty()) {
      parts_->roots = settings.data_dir / "trusted-roots.pem";
      std::ofstream(parts_->roots, std::ios::binary) << store::with_system_roots(pem);
    }
  }
}

Sandbox::~Sandbox() = default;

std::string Sandbox::addresses() const {
  nlohmann::ordered_json lines;
  if (parts_->edc) {
    const auto& settings = parts_->edc_settings;
    lines["edc"] = {{"base_url", parts_->edc->base_url()}, {"api_key", settings.api_key}, {"security_key", settings.security_key}};
  }
  if (parts_->snowflake) {
    const auto& settings = parts_->snowflake_settings;
    lines["snowflake"] = {{"host", parts_->snowflake->host()},
                          {"port", parts_->snowflake->port()},
                          {"protocol", "http"},
                          {"account", settings.account},
                          {"user", settings.user},
                          {"password", settings.password},
                          {"database", settings.database},
                          {"schema", settings.schema},
                          {"warehouse", settings.warehouse},
                          {"stage", settings.stage}};
    if (!parts_->roots.empty()) lines["snowflake"]["trusted_roots"] = parts_->roots.string();
  }
  return lines.dump();
}

std::map<std::string, std::string> Sandbox::environment() const {
  std::map<std::string, std::string> variables;
  if (parts_->edc) {
    variables["IMEDNET_API_KEY"] = parts_->edc_settings.api_key;
    variables["IMEDNET_SECURITY_KEY"] = parts_->edc_settings.security_key;
    variables["IMEDNET_BASE_URL"] = parts_->edc->base_url();
  }
  if (parts_->snowflake) {
    const auto& settings = parts_->snowflake_settings;
    variables["SNOWFLAKE_ACCOUNT"] = settings.account;
    variables["SNOWFLAKE_USER"] = settings.user;
    variables["SNOWFLAKE_PASSWORD"] = settings.password;
    if (!settings.passcode.empty()) variables["SNOWFLAKE_PASSCODE"] = settings.passcode;
    variables["SNOWFLAKE_DATABASE"] = settings.database;
    variables["SNOWFLAKE_SCHEMA"] = settings.schema;
    variables["SNOWFLAKE_WAREHOUSE"] = settings.warehouse;
    variables["SNOWFLAKE_STAGE"] = settings.stage;
    variables["SNOWFLAKE_HOST"] = parts_->snowflake->host();
    variables["SNOWFLAKE_PORT"] = std::to_string(parts_->snowflake->port());
    variables["SNOWFLAKE_PROTOCOL"] = "http";
    if (!parts_->roots.empty()) {
      for (const char* name : {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"}) variables[name] = parts_->roots.string();
      variables["SNOWFLAKE_OCSP"] = "off";  // nobody can be asked about a certificate that was made a moment ago
    }
  }
  return variables;
}

}  // namespace imednet::sandbox
