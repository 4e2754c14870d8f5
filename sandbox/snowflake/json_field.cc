#include "json_field.h"

namespace imednet::sandbox::snowflake {

std::string text_field(const nlohmann::json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace imednet::sandbox::snowflake
