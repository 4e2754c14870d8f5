#include "core/temporary_directory.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <regex>
#include <stdexcept>

#include "imednet/errors.h"
#include "unit/folder.h"
#include "unit/variables.h"

namespace imednet::core {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view kPrefix = "imednet-run";

class TemporaryDirectories : public FolderTest {
 protected:
  // A folder as one that is made here, but by nobody who lives: its lock file is there and free.
  fs::path leave_behind(const std::string& name) {
    fs::create_directory(root / name);
    put(root / name / ".lock", "");
    put(root / name / "MY_STUDY_records_0.parquet", "rows");
    return root / name;
  }
  static void make_old(const fs::path& path) { fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(2)); }
};

const std::string kDeadName = "imednet-run-4711-0123456789abcdef";

TEST_F(TemporaryDirectories, IsPrivateAndNamedByProcess) {
  const TemporaryDirectory directory(root, kPrefix);
  EXPECT_EQ(directory.path().parent_path(), root);
  EXPECT_EQ(mode_of(directory.path()), 0700u);
  EXPECT_EQ(mode_of(directory.path() / ".lock"), 0600u);
  EXPECT_TRUE(
      std::regex_match(directory.path().filename().string(), std::regex("imednet-run-" + std::to_string(::getpid()) + "-[0-9a-f]{16}")))
      << directory.path();
}

TEST_F(TemporaryDirectories, IsGoneWithEverythingInIt) {
  fs::path path;
  {
    const TemporaryDirectory directory(root, kPrefix);
    path = directory.path();
    fs::create_directories(path / "a" / "b");
    put(path / "a" / "b" / "file", "x");
    put(path / "file", "x");
  }
  EXPECT_FALSE(fs::exists(path));
  EXPECT_THAT(names_in(root), IsEmpty());
}

TEST_F(TemporaryDirectories, IsGoneAfterAnException) {
  try {
    const TemporaryDirectory directory(root, kPrefix);
    put(directory.path() / "file", "x");
    throw std::runtime_error("the run failed");
  } catch (const std::runtime_error&) {
  }
  EXPECT_THAT(names_in(root), IsEmpty());
}

TEST_F(TemporaryDirectories, ALinkInsideIsRemovedAndNotFollowed) {
  fs::create_directory(root / "precious");
  put(root / "precious" / "file", "kept");
  {
    const TemporaryDirectory directory(root, kPrefix);
    fs::create_directory_symlink(root / "precious", directory.path() / "link");
  }
  EXPECT_THAT(names_in(root), testing::ElementsAre("precious"));
  EXPECT_TRUE(fs::exists(root / "precious" / "file"));
}

TEST_F(TemporaryDirectories, SeveralOfOneProcessLiveSideBySide) {
  const TemporaryDirectory first(root, kPrefix);
  const TemporaryDirectory second(root, kPrefix);
  EXPECT_NE(first.path(), second.path());
  EXPECT_TRUE(fs::exists(first.path()));
  remove_leftovers(root, kPrefix);
  EXPECT_THAT(names_in(root), SizeIs(2));
}

TEST_F(TemporaryDirectories, WhatAKilledProcessLeftIsRemovedAtTheNextStart) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto* const left = new TemporaryDirectory(root, kPrefix);  // _exit runs no destructor, as a kill does not
    std::ofstream(left->path() / "file") << "rows";
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  ASSERT_THAT(names_in(root), SizeIs(1));
  const TemporaryDirectory directory(root, kPrefix);
  EXPECT_THAT(names_in(root), testing::ElementsAre(directory.path().filename().string()));
}

TEST_F(TemporaryDirectories, ALivingProcessKeepsItsOwn) {
  int ready[2], done[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(done), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::close(done[1]);
    const auto* const held = new TemporaryDirectory(root, kPrefix);
    char byte = held->path().empty() ? '0' : '1';
    if (::write(ready[1], &byte, 1) != 1) ::_exit(2);
    ::_exit(::read(done[0], &byte, 1) == 0 ? 0 : 3);
  }
  ::close(ready[1]);
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  const auto before = names_in(root);
  EXPECT_THAT(before, SizeIs(1));
  remove_leftovers(root, kPrefix);
  EXPECT_EQ(names_in(root), before);
  for (const int end : {done[1], done[0], ready[0]}) ::close(end);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  remove_leftovers(root, kPrefix);
  EXPECT_THAT(names_in(root), IsEmpty());
}

TEST_F(TemporaryDirectories, AHeldLockKeepsTheFolder) {
  const fs::path path = leave_behind(kDeadName);
  const int lock = ::open((path / ".lock").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(lock, LOCK_EX | LOCK_NB), 0);
  remove_leftovers(root, kPrefix);
  EXPECT_TRUE(fs::exists(path / "MY_STUDY_records_0.parquet"));
  ::close(lock);
  remove_leftovers(root, kPrefix);
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(TemporaryDirectories, AFolderWithoutALockGoesOnlyWhenItIsOld) {
  fs::create_directory(root / kDeadName);
  remove_leftovers(root, kPrefix);
  EXPECT_TRUE(fs::exists(root / kDeadName)) << "its maker may be at work";
  make_old(root / kDeadName);
  remove_leftovers(root, kPrefix);
  EXPECT_FALSE(fs::exists(root / kDeadName));
}

TEST_F(TemporaryDirectories, NamesThatAreNotOursAreNotTouched) {
  const char* const names[] = {"imednet-run",
                               "imednet-run-notes",
                               "imednet-run-2026-01-15",
                               "imednet-run-4711-0123456789abcde",
                               "imednet-run-4711-0123456789abcdef0",
                               "imednet-run-4711-0123456789ABCDEF",
                               "imednet-run-4711-0123456789abcdeg",
                               "imednet-run--0123456789abcdef",
                               "imednet-run-x711-0123456789abcdef",
                               "imednet-runs-4711-0123456789abcdef",
                               "imednet-run-other-4711-0123456789abcdef",
                               "ximednet-run-4711-0123456789abcdef"};
  for (const char* name : names) make_old(leave_behind(name));
  fs::create_directory(root / "imednet-run-1-old");
  make_old(root / "imednet-run-1-old");
  remove_leftovers(root, kPrefix);
  for (const char* name : names) EXPECT_TRUE(fs::exists(root / name / "MY_STUDY_records_0.parquet")) << name;
  EXPECT_TRUE(fs::exists(root / "imednet-run-1-old"));
  leave_behind(kDeadName);
  remove_leftovers(root, kPrefix);
  EXPECT_FALSE(fs::exists(root / kDeadName)) << "the name that is ours was not recognised";
}

TEST_F(TemporaryDirectories, ALinkOfOurNameIsNotFollowed) {
  const fs::path precious = leave_behind("precious");
  fs::create_directory_symlink(precious, root / kDeadName);
  remove_leftovers(root, kPrefix);
  EXPECT_TRUE(fs::exists(precious / "MY_STUDY_records_0.parquet"));
  EXPECT_TRUE(fs::is_symlink(root / kDeadName));
}

TEST_F(TemporaryDirectories, ALinkInALeftoverIsNotFollowed) {
  fs::create_directory(root / "precious");
  put(root / "precious" / "file", "kept");
  fs::create_directory_symlink(root / "precious", leave_behind(kDeadName) / "link");
  remove_leftovers(root, kPrefix);
  EXPECT_THAT(names_in(root), testing::ElementsAre("precious"));
  EXPECT_TRUE(fs::exists(root / "precious" / "file"));
}

TEST_F(TemporaryDirectories, ALockThatIsALinkKeepsTheFolder) {
  const fs::path path = leave_behind(kDeadName);
  fs::rename(path / ".lock", root / "elsewhere");
  fs::create_symlink(root / "elsewhere", path / ".lock");
  make_old(path);
  remove_leftovers(root, kPrefix);
  EXPECT_TRUE(fs::exists(path));
}

TEST_F(TemporaryDirectories, AFileOfOurNameIsNotTouched) {
  put(root / kDeadName, "somebody's");
  remove_leftovers(root, kPrefix);
  EXPECT_TRUE(fs::exists(root / kDeadName));
}

TEST_F(TemporaryDirectories, AnotherUsersFolderIsNotTouched) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a folder away";
  const fs::path path = leave_behind(kDeadName);
  ASSERT_EQ(::chown(path.c_str(), 65'534, 65'534), 0);
  make_old(path);
  remove_leftovers(root, kPrefix);
  EXPECT_TRUE(fs::exists(path / "MY_STUDY_records_0.parquet"));
}

TEST_F(TemporaryDirectories, TidyingUpWhereNothingIsThrowsNothing) {
  EXPECT_NO_THROW(remove_leftovers(root / "missing", kPrefix));
  put(root / "file", "x");
  EXPECT_NO_THROW(remove_leftovers(root / "file", kPrefix));
}

TEST_F(TemporaryDirectories, WhereNoneCanBeMadeTheErrorNamesTheWayOut) {
  put(root / "file", "x");
  for (const fs::path& bad : {root / "missing", root / "file"}) {
    try {
      const TemporaryDirectory directory(bad, kPrefix);
      ADD_FAILURE() << "made in " << bad;
    } catch (const ImednetError& error) {
      EXPECT_EQ(error.code(), errors::ErrorCode::io);
      EXPECT_EQ(error.origin().system, "local");
      EXPECT_THAT(error.what(), testing::StartsWith("cannot make the temporary folder " + bad.string()));
      EXPECT_THAT(error.hint(), testing::HasSubstr("TMPDIR"));
    }
  }
}

TEST_F(TemporaryDirectories, ARelativeRootGivesAnAbsolutePath) {
  const fs::path before = fs::current_path();
  fs::current_path(root);
  {
    const TemporaryDirectory directory(".", kPrefix);
    fs::current_path(before);
    EXPECT_TRUE(directory.path().is_absolute());
    EXPECT_TRUE(fs::exists(directory.path()));
  }
  EXPECT_THAT(names_in(root), IsEmpty());
}

class TemporaryRoot : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(TemporaryRoot, IsTmpdirOnlyWhenItsPathIsPlain) {
  Variables variables;
  variables.set("TMPDIR", GetParam().first);
  EXPECT_EQ(temporary_root(), GetParam().second) << GetParam().first;
}

INSTANTIATE_TEST_SUITE_P(Paths, TemporaryRoot,
                         testing::Values(std::pair("/var/tmp", "/var/tmp"), std::pair("/scratch/job_7.a-B", "/scratch/job_7.a-B"),
                                         std::pair("", "/tmp"), std::pair("relative/path", "/tmp"), std::pair("./tmp", "/tmp"),
                                         std::pair("/with blank", "/tmp"), std::pair("/with*star", "/tmp"), std::pair("/what?", "/tmp"),
                                         std::pair("/set[1]", "/tmp"), std::pair("/quote's", "/tmp"), std::pair("/na\xC3\xAFve", "/tmp"),
                                         std::pair("/back\\slash", "/tmp"), std::pair("/per%cent", "/tmp"), std::pair("~/tmp", "/tmp")));

TEST(TemporaryRootUnset, IsTmp) {
  Variables variables;
  variables.unset("TMPDIR");
  EXPECT_EQ(temporary_root(), "/tmp");
}

}  // namespace
}  // namespace imednet::core
