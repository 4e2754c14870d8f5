#include <gtest/gtest.h>

#include "sinks/snowflake/loader.h"

namespace imednet::sinks::snowflake {
namespace {

// One COPY takes at most 1,000 names in FILES.
TEST(LoaderGroups, FilesAreCutAtWhatOneCopyTakes) {
  const std::vector<staging::StagedFile> files(2001);
  const std::pair<std::size_t, std::vector<std::size_t>> cases[] = {
      {0, {}}, {1, {1}}, {999, {999}}, {1000, {1000}}, {1001, {1000, 1}}, {2000, {1000, 1000}}, {2001, {1000, 1000, 1}}};
  for (const auto& [count, sizes] : cases) {
    Files all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(&files[i]);
    const auto groups = in_groups(all);
    Files joined;
    std::vector<std::size_t> got;
    for (const Files& group : groups) {
      got.push_back(group.size());
      joined.insert(joined.end(), group.begin(), group.end());
    }
    EXPECT_EQ(got, sizes) << count;
    EXPECT_EQ(joined, all) << "every file once, in order";
  }
}

TEST(LoaderGroups, EveryStatusHasItsWord) {
  EXPECT_EQ(status_name(FileStatus::loaded), "loaded");
  EXPECT_EQ(status_name(FileStatus::merged), "merged");
  EXPECT_EQ(status_name(FileStatus::skipped), "skipped");
  EXPECT_EQ(status_name(FileStatus::adopted), "adopted");
}

}  // namespace
}  // namespace imednet::sinks::snowflake
