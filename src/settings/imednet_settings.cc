#include "settings/imednet_settings.h"

#include <string_view>

#include "core/environment.h"
#include "core/imednet_defaults.h"

namespace imednet::settings {
namespace {

Setting key_of(const std::string& name, const std::string& variable) {
  Setting setting{.name = name, .is_secret = true};
  setting.secret_file = core::environment(variable + "_FILE");
  if (!setting.secret_file.empty()) setting.source = {Source::Kind::environment, variable + "_FILE"};
  setting.secret = Secret(core::environment(variable));
  if (!setting.secret.empty()) setting.source = {Source::Kind::environment, variable};
  return setting;
}

Setting text_of(const std::string& name, const std::string& variable, std::string_view fallback) {
  Setting setting{.name = name, .value = core::environment(variable), .source = {Source::Kind::environment, variable}};
  if (setting.value.empty()) setting = {.name = name, .value = std::string(fallback), .source = {Source::Kind::fallback, "default"}};
  return setting;
}

}  // namespace

std::vector<Setting> imednet_settings() {
  std::vector<Setting> settings;
  settings.push_back(key_of("api_key", "IMEDNET_API_KEY"));
  settings.push_back(key_of("security_key", "IMEDNET_SECURITY_KEY"));
  settings.push_back(text_of("base_url", "IMEDNET_BASE_URL", core::kDefaultBaseUrl));
  settings.push_back(text_of("timeout", "IMEDNET_TIMEOUT", std::to_string(core::kDefaultTimeout.count())));
  return settings;
}

}  // namespace imednet::settings
