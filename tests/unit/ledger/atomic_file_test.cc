#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "ledger/manifest.h"
#include "unit/folder.h"

namespace imednet::ledger {
namespace {

using errors::ErrorCode;
using testing::ElementsAre;
using testing::IsEmpty;

using AtomicFile = FolderTest;

TEST_F(AtomicFile, HoldsTheTextAndNothingElseStaysBehind) {
  write_file_atomically(root / "totals.json", "{\"rows\":1}\n");
  EXPECT_EQ(bytes_of(root / "totals.json"), "{\"rows\":1}\n");
  EXPECT_EQ(mode_of(root / "totals.json"), 0600u);
  EXPECT_THAT(names_in(root), ElementsAre("totals.json"));
}

TEST_F(AtomicFile, ReplacesALongerOneWhole) {
  put(root / "totals.json", std::string(100'000, 'x'));
  write_file_atomically(root / "totals.json", "short");
  EXPECT_EQ(bytes_of(root / "totals.json"), "short");
  write_file_atomically(root / "totals.json", "");
  EXPECT_EQ(bytes_of(root / "totals.json"), "");
}

TEST_F(AtomicFile, TakesOverWhatACrashLeft) {
  put(root / "totals.json.part", std::string(1'000, 'x'));
  write_file_atomically(root / "totals.json", "new");
  EXPECT_EQ(bytes_of(root / "totals.json"), "new");
  EXPECT_THAT(names_in(root), ElementsAre("totals.json"));
}

TEST_F(AtomicFile, AMissingFolderIsAnIoError) {
  EXPECT_EQ(code_of([&] { write_file_atomically(root / "missing" / "totals.json", "x"); }), ErrorCode::io);
  EXPECT_THAT(names_in(root), IsEmpty());
}

TEST_F(AtomicFile, AFolderInItsPlaceIsAnErrorThatLeavesNothingBehind) {
  std::filesystem::create_directory(root / "totals.json");
  put(root / "totals.json" / "file", "kept");
  try {
    write_file_atomically(root / "totals.json", "x");
    FAIL() << "written";
  } catch (const ImednetError& error) {
    EXPECT_EQ(error.code(), ErrorCode::io);
    EXPECT_THAT(error.what(), testing::StartsWith("cannot replace " + (root / "totals.json").string() + ": "));
  }
  EXPECT_THAT(names_in(root), ElementsAre("totals.json"));
  EXPECT_EQ(bytes_of(root / "totals.json" / "file"), "kept");
}

TEST_F(AtomicFile, AFolderThatMayNotBeWrittenStaysAsItIs) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  put(root / "totals.json", "old");
  std::filesystem::permissions(root, std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  EXPECT_EQ(code_of([&] { write_file_atomically(root / "totals.json", "new"); }), ErrorCode::io);
  EXPECT_EQ(bytes_of(root / "totals.json"), "old");
  EXPECT_THAT(names_in(root), ElementsAre("totals.json"));
  std::filesystem::permissions(root, std::filesystem::perms::owner_all);
}

TEST_F(AtomicFile, ALinkAtTheTemporaryNameIsNotFollowed) {
  put(root / "precious", "kept");
  std::filesystem::create_symlink(root / "precious", root / "totals.json.part");
  EXPECT_EQ(code_of([&] { write_file_atomically(root / "totals.json", "x"); }), ErrorCode::io);
  EXPECT_EQ(bytes_of(root / "precious"), "kept");
}

// Whoever reads meanwhile sees the one text or the other, never a part.
TEST_F(AtomicFile, AReaderNeverSeesAPart) {
  const std::string first(20'000, 'a'), second(10'000, 'b');
  write_file_atomically(root / "totals.json", first);
  std::atomic<bool> is_over{false};
  int parts = 0;
  {
    const std::jthread reader([&] {
      while (!is_over) {
        const std::string seen = bytes_of(root / "totals.json");
        parts += seen == first || seen == second ? 0 : 1;
      }
    });
    for (int i = 0; i < 50; ++i) write_file_atomically(root / "totals.json", i % 2 == 0 ? second : first);
    is_over = true;
  }
  EXPECT_EQ(parts, 0);
}

}  // namespace
}  // namespace imednet::ledger
