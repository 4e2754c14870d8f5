#include "sinks/snowflake/driver_environment.h"

#include <algorithm>
#include <fstream>
#include <set>

namespace imednet::sinks::snowflake {

const std::vector<std::pair<std::string, std::string>>& driver_environment() {
  static const std::vector<std::pair<std::string, std::string>> wanted = {{"SNOWFLAKE_DISABLE_PLATFORM_DETECTION", "true"},
                                                                          {"SF_DISABLE_MINICORE", "true"}};
  return wanted;
}

std::vector<std::string> missing_driver_environment() {
  // The environment as it was at the start, which is what the driver will see.
  std::ifstream file("/proc/self/environ", std::ios::binary);
  std::set<std::string> present;
  for (std::string entry; std::getline(file, entry, '\0');) present.insert(entry);
  std::vector<std::string> missing;
  for (const auto& [name, value] : driver_environment()) {
    if (!present.contains(std::string(name).append("=").append(value))) missing.push_back(name);
  }
  return missing;
}

}  // namespace imednet::sinks::snowflake
