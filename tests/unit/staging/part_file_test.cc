#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <optional>

#include "staging/parquet_stage.h"
#include "staging/part_file_internal.h"
#include "staging/record_stager.h"
#include "unit/folder.h"
#include "unit/table/rows.h"

namespace imednet::staging {
namespace {

using errors::ErrorCode;

class PartFileTest : public FolderTest {};

void write_text(PartFile& part, std::string_view text) {
  ASSERT_EQ(::write(part.descriptor(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

TEST_F(PartFileTest, OnlyTheOwnerMayReadWhatIsStaged) {
  const mode_t before = ::umask(0);
  {
    PartFile part(root / "a" / "b", "S.parquet");
    EXPECT_EQ(mode_of(root / "a" / "b" / "S.parquet.part"), 0600u);
    part.publish();
  }
  ::umask(before);
  EXPECT_EQ(mode_of(root / "a"), 0700u);
  EXPECT_EQ(mode_of(root / "a" / "b"), 0700u);
  EXPECT_EQ(mode_of(root / "a" / "b" / "S.parquet"), 0600u);
}

TEST_F(PartFileTest, AnOlderFileStandsUntilTheNewOneIsWhole) {
  put(root / "S.parquet", "old");
  {
    PartFile part(root, "S.parquet");
    write_text(part, "new");
    EXPECT_EQ(bytes_of(root / "S.parquet"), "old");
  }
  EXPECT_EQ(names_in(root), std::set<std::string>{"S.parquet"});
  EXPECT_EQ(bytes_of(root / "S.parquet"), "old");
  PartFile part(root, "S.parquet");
  write_text(part, "new");
  part.sync();
  part.publish();
  EXPECT_EQ(bytes_of(root / "S.parquet"), "new");
  EXPECT_EQ(names_in(root), std::set<std::string>{"S.parquet"});
}

TEST_F(PartFileTest, LeftoverOfADeadProcessIsRemoved) {
  put(root / "S.parquet.part", "half");
  PartFile part(root, "S.parquet");
  write_text(part, "new");
  part.publish();
  EXPECT_EQ(bytes_of(root / "S.parquet"), "new");
}

TEST_F(PartFileTest, TwoWritersOfOneBatchAreOneTooMany) {
  std::optional<PartFile> first(std::in_place, root, "S.parquet");
  EXPECT_EQ(code_of<errors::ExportError>([&] { PartFile second(root, "S.parquet"); }), ErrorCode::conflict);
  EXPECT_EQ(names_in(root), std::set<std::string>{"S.parquet.part"});
  first.reset();
  EXPECT_NO_THROW(PartFile(root, "S.parquet"));
}

TEST_F(PartFileTest, LinksAreNotFollowed) {
  put(root / "elsewhere", "mine");
  std::filesystem::create_symlink(root / "elsewhere", root / "A.parquet");
  std::filesystem::create_symlink(root / "elsewhere", root / "B.parquet.part");
  std::filesystem::create_symlink(root / "nowhere", root / "C.parquet.part");
  std::filesystem::create_directory(root / "D.parquet");
  for (const char* name : {"A.parquet", "B.parquet", "C.parquet", "D.parquet"}) {
    EXPECT_EQ(code_of<errors::ExportError>([&] { PartFile part(root, name); }), ErrorCode::io) << name;
  }
  EXPECT_EQ(code_of<errors::ExportError>([&] { read_staged_file(root / "A.parquet"); }), ErrorCode::io);
  EXPECT_EQ(code_of<errors::ExportError>([&] { read_staged_file(root / "D.parquet"); }), ErrorCode::io);
  EXPECT_EQ(bytes_of(root / "elsewhere"), "mine");
  EXPECT_FALSE(std::filesystem::exists(root / "nowhere"));
}

TEST_F(PartFileTest, AFileInTheWayOfTheDirectory) {
  put(root / "file", "");
  EXPECT_EQ(code_of<errors::ExportError>([&] { PartFile part(root / "file", "S.parquet"); }), ErrorCode::io);
  EXPECT_EQ(code_of<errors::ExportError>([&] { PartFile part(root / "file" / "below", "S.parquet"); }), ErrorCode::io);
}

TEST_F(PartFileTest, AFullDiskHasItsOwnCode) {
  EXPECT_EQ(code_of<errors::ExportError>([] { throw_file_error("write", "x", ENOSPC); }), ErrorCode::no_space);
  EXPECT_EQ(code_of<errors::ExportError>([] { throw_file_error("write", "x", EDQUOT); }), ErrorCode::no_space);
  EXPECT_EQ(code_of<errors::ExportError>([] { throw_file_error("write", "x", EACCES); }), ErrorCode::io);
}

TEST_F(PartFileTest, ARemovedPartIsNoticedAndNobodyElsesIsTouched) {
  PartFile part(root, "S.parquet");
  std::filesystem::remove(root / "S.parquet.part");
  put(root / "S.parquet.part", "another's");
  EXPECT_EQ(code_of<errors::ExportError>([&] { part.reopen_for_reading(); }), ErrorCode::io);
  EXPECT_EQ(bytes_of(root / "S.parquet.part"), "another's");
}

// The system's "no" in the middle of a file: a limit on file sizes stands in for a full disk.
TEST_F(PartFileTest, WhenWritingFailsNothingIsLeft) {
  const auto records = testing_rows::RandomRecords(3).many(2000);
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit small = before;
  small.rlim_cur = 20'000;
  ErrorCode code = ErrorCode::cancelled;
  {
    BatchStager stager(root / "d", "S/records/0", "S", {.rows = 100});
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    code = code_of<errors::ExportError>([&] {
      for (const Record& record : records) {
        stager.append(record);
      }
      stager.finish();
    });
  }
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(code, ErrorCode::io);
  EXPECT_TRUE(names_in(root / "d").empty());
}

}  // namespace
}  // namespace imednet::staging
