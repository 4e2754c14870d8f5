// Which folders and files of ended runs are found on this machine, and that nothing else goes.
#include "pipeline/local_leftovers.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/temporary_directory.h"
#include "unit/folder.h"

namespace imednet::pipeline {
namespace {

namespace fs = std::filesystem;
using integrations::LocalLeftover;
using std::chrono::system_clock;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string kStateName = "20260901T120000Z-0123abcd.jsonl";
const std::string kDeadName = "imednet-run-4711-0123456789abcdef";
constexpr auto kDay = std::chrono::hours(24);

class LocalLeftovers : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    temporary_ = root / "tmp";
    state_ = root / "state";
    fs::create_directories(temporary_);
    fs::create_directories(state_ / "runs");
  }
  static void make_old(const fs::path& path, std::chrono::hours age) { fs::last_write_time(path, fs::file_time_type::clock::now() - age); }
  fs::path leave_state(const std::string& name, std::chrono::hours age) const {
    const fs::path path = state_ / "runs" / name;
    put(path, "{}\n");
    make_old(path, age);
    return path;
  }
  fs::path leave_folder(const std::string& name) const {
    fs::create_directory(temporary_ / name);
    put(temporary_ / name / ".lock", "");
    put(temporary_ / name / "x.parquet", "rows");
    return temporary_ / name;
  }
  std::vector<LocalLeftover> find() const { return find_local_leftovers(temporary_, state_, system_clock::now() - 30 * kDay); }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const LocalLeftover& leftover : find()) found.push_back(leftover.path.filename().string());
    return found;
  }
  std::int64_t remove(const std::vector<LocalLeftover>& leftovers) const {
    return remove_local_leftovers(leftovers, temporary_, state_, system_clock::now() - 30 * kDay);
  }

  fs::path temporary_, state_;
};

TEST_F(LocalLeftovers, OldStateFilesAndFoldersOfDeadRunsGo) {
  const fs::path folder = leave_folder(kDeadName);
  const fs::path file = leave_state(kStateName, 31 * kDay);
  const auto found = find();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].path, folder);
  EXPECT_TRUE(found[0].is_folder);
  EXPECT_EQ(found[0].bytes, 4);
  EXPECT_EQ(found[1].path, file);
  EXPECT_EQ(found[1].bytes, 3);
  EXPECT_EQ(remove(found), 2);
  EXPECT_FALSE(fs::exists(folder));
  EXPECT_FALSE(fs::exists(file));
}

TEST_F(LocalLeftovers, YoungStateFilesStay) {
  leave_state(kStateName, 29 * kDay);
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(LocalLeftovers, FilesOfOtherNamesStay) {
  for (const char* name : {"notes.jsonl", "20260901T120000Z-0123abcd.jsonl.bak", "20260901T120000Z-0123abcd"}) leave_state(name, 99 * kDay);
  fs::create_directory(state_ / "runs" / kStateName);
  make_old(state_ / "runs" / kStateName, 99 * kDay);
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(LocalLeftovers, AFolderOfALivingRunStays) {
  const core::TemporaryDirectory living(temporary_, "imednet-run");
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(LocalLeftovers, AStateFileThatSomebodyHoldsStays) {
  const fs::path file = leave_state(kStateName, 99 * kDay);
  const int held = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(held, 0);
  ASSERT_EQ(::flock(held, LOCK_EX), 0);
  EXPECT_THAT(names(), IsEmpty());
  ::close(held);
  EXPECT_THAT(names(), ElementsAre(kStateName));
}

TEST_F(LocalLeftovers, SymbolicLinksAreNotFollowed) {
  const fs::path precious = root / "precious";
  fs::create_directory(precious);
  put(precious / kStateName, "kept");
  make_old(precious / kStateName, 99 * kDay);
  fs::create_symlink(precious / kStateName, state_ / "runs" / kStateName);
  EXPECT_THAT(names(), IsEmpty());
  fs::remove_all(state_ / "runs");
  fs::create_directory_symlink(precious, state_ / "runs");
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(LocalLeftovers, WhatWasWrittenToAfterItWasFoundStays) {
  const fs::path file = leave_state(kStateName, 99 * kDay);
  const auto found = find();
  put(file, "a run goes on");
  EXPECT_EQ(remove(found), 0);
  EXPECT_TRUE(fs::exists(file));
}

TEST_F(LocalLeftovers, AFolderThatCameToLifeStays) {
  const fs::path folder = leave_folder(kDeadName);
  const auto found = find();
  const int held = ::open((folder / ".lock").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(held, 0);
  ASSERT_EQ(::flock(held, LOCK_EX), 0);
  EXPECT_EQ(remove(found), 0);
  EXPECT_TRUE(fs::exists(folder));
  ::close(held);
}

TEST_F(LocalLeftovers, NoStateFolderIsNothingToRemove) {
  fs::remove_all(state_);
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_TRUE(find_local_leftovers(temporary_, {}, system_clock::now()).empty());
}

TEST(RunStateName, IsARunIdAndNothingElse) {
  EXPECT_TRUE(is_run_state_name(kStateName));
  for (const char* name : {"", "runs.jsonl", "20260901T120000Z-0123abcd.json", "20260901T120000Z-0123ABCD.jsonl",
                           "20260901-120000Z-0123abcd.jsonl", "x20260901T120000Z-0123abcd.jsonl", "20260901T120000Z-0123abcd.jsonl~"}) {
    EXPECT_FALSE(is_run_state_name(name)) << name;
  }
}

}  // namespace
}  // namespace imednet::pipeline
