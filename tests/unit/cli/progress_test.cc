#include "cli/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace imednet::cli {
namespace {

using integrations::ExportProgress;
using testing::HasSubstr;

template <class Call>
std::string printed(Call call) {
  testing::internal::CaptureStderr();
  call();
  return testing::internal::GetCapturedStderr();
}

TEST(Progress, JsonIsOneObjectALine) {
  const std::string text = printed([] {
    Progress progress(Progress::Kind::json);
    progress.show({.step = "reading", .rows = 500, .rows_expected = 15'916, .pages = 1, .bytes_read = 123'456});
    progress.show({.step = "uploading", .rows = 15'916, .rows_expected = 15'916, .files = 4, .files_done = 1});
    progress.show({.step = "verifying"});
  });
  std::istringstream lines(text);
  std::vector<nlohmann::json> objects;
  for (std::string line; std::getline(lines, line);) objects.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(objects.size(), 3u);
  EXPECT_EQ(objects[0]["step"], "reading");
  EXPECT_EQ(objects[0]["rows"], 500);
  EXPECT_EQ(objects[0]["rows_expected"], 15'916);
  EXPECT_EQ(objects[0]["pages"], 1);
  EXPECT_EQ(objects[0]["bytes_read"], 123'456);
  EXPECT_EQ(objects[1]["step"], "uploading");
  EXPECT_EQ(objects[1]["files"], 4);
  EXPECT_EQ(objects[1]["files_done"], 1);
  EXPECT_EQ(objects[2]["step"], "verifying");
  for (const auto& object : objects) EXPECT_GE(object["seconds"].get<double>(), 0);
  EXPECT_EQ(text.find('\r'), std::string::npos);
}

TEST(Progress, AStepIsShownAtMostTenTimesASecond) {
  const auto started = std::chrono::steady_clock::now();
  const std::string text = printed([] {
    Progress progress(Progress::Kind::json);
    for (int i = 0; i < 20'000; ++i) progress.show({.step = "reading", .rows = i});
  });
  const auto tenths = (std::chrono::steady_clock::now() - started) / std::chrono::milliseconds(100);
  const auto lines = std::count(text.begin(), text.end(), '\n');
  EXPECT_GE(lines, 1);
  EXPECT_LE(lines, tenths + 2);
}

TEST(Progress, ALineRewritesItselfAndIsClearedInTheEnd) {
  const std::string text = printed([] {
    Progress progress(Progress::Kind::line);
    progress.show({.step = "reading", .rows = 500, .rows_expected = 1000, .pages = 1, .bytes_read = 2'000'000});
    progress.show({.step = "loading", .files = 4, .files_done = 2});
    progress.finish();
    progress.finish();
  });
  EXPECT_THAT(text, HasSubstr("\r\033[Kreading 500 rows, 1 pages, 2.0 MB"));
  EXPECT_THAT(text, HasSubstr("500 of 1000"));
  EXPECT_THAT(text, HasSubstr("\r\033[Kloading 2/4 files"));
  EXPECT_TRUE(text.ends_with("2/4 files\r\033[K"));
  EXPECT_EQ(text.find('\n'), std::string::npos);
}

TEST(Progress, NoneIsSilent) {
  EXPECT_EQ(printed([] {
              Progress progress(Progress::Kind::none);
              progress.show({.step = "reading", .rows = 500});
            }),
            "");
}

}  // namespace
}  // namespace imednet::cli
