#include "core/near_name.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace imednet::core {
namespace {

TEST(NearName, IsTheOneThatWasProbablyMeant) {
  const std::vector<std::string> known{"AETERM", "AESEV", "AE", "DM", "SITEID"};
  const std::pair<const char*, std::optional<std::string>> kCases[] = {
      {"aeterm", "AETERM"},       {"AETREM", "AETERM"},  {"AETER", "AETERM"}, {"AETERMS", "AETERM"},
      {"AESEX", "AESEV"},         {"SITE_ID", "SITEID"}, {"ae", "AE"},        {"AD", "AE"},
      {"XY", std::nullopt},       {"", std::nullopt},    {"A", std::nullopt}, {"HEADACHE", std::nullopt},
      {"AETERMXYZ", std::nullopt}};
  for (const auto& [name, near] : kCases) EXPECT_EQ(near_name(name, known), near) << name;
  EXPECT_EQ(near_name(std::string(100'000, 'A'), known), std::nullopt);
  EXPECT_EQ(near_name("AE", {}), std::nullopt);
}

}  // namespace
}  // namespace imednet::core
