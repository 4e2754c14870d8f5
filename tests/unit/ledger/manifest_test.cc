#include "ledger/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include "imednet/errors.h"
#include "unit/folder.h"

namespace imednet::ledger {
namespace {

using errors::ErrorCode;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

ManifestLine line_of(int number) {
  return {.batch_id = "MY_STUDY/records/" + std::to_string(number),
          .stage_path = "@MY_STAGE/imednet/MY_STUDY_records_" + std::to_string(number) + ".parquet",
          .row_count = 500,
          .loaded_at = "2026-01-15T12:00:00+00:00",
          .sha256 = "e3b0c442",
          .bytes = 12'345,
          .hash = "0123456789abcdef",
          .table = "IMEDNET_DB.PUBLIC.RECORDS",
          .run_id = "run-1",
          .status = "loaded",
          .checksum = "1:2:3"};
}

void expect_same(const ManifestLine& read, const ManifestLine& written) {
  EXPECT_EQ(read.batch_id, written.batch_id);
  EXPECT_EQ(read.stage_path, written.stage_path);
  EXPECT_EQ(read.row_count, written.row_count);
  EXPECT_EQ(read.loaded_at, written.loaded_at);
  EXPECT_EQ(read.sha256, written.sha256);
  EXPECT_EQ(read.bytes, written.bytes);
  EXPECT_EQ(read.hash, written.hash);
  EXPECT_EQ(read.table, written.table);
  EXPECT_EQ(read.run_id, written.run_id);
  EXPECT_EQ(read.status, written.status);
  EXPECT_EQ(read.checksum, written.checksum);
}

class ManifestFile : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    path = root / "manifest.jsonl";
  }
  void append(int number) const { ManifestWriter(path).append(line_of(number)); }
  // What is on the file is `text` and no more; then it is read.
  Manifest read(const std::string& text) const {
    put(path, text);
    return read_manifest(path);
  }
  static std::string text_of(int number) {
    return R"({"batch_id":"MY_STUDY/records/)" + std::to_string(number) + R"(","stage_path":"@S/f","row_count":1,"loaded_at":"t"})";
  }

  std::filesystem::path path;
};

TEST_F(ManifestFile, ALineBeginsWithTheGuidesFourKeysInItsOrderByteForByte) {
  append(0);
  EXPECT_EQ(bytes_of(path), R"({"batch_id":"MY_STUDY/records/0","stage_path":"@MY_STAGE/imednet/MY_STUDY_records_0.parquet",)"
                            R"("row_count":500,"loaded_at":"2026-01-15T12:00:00+00:00",)"
                            R"("sha256":"e3b0c442","bytes":12345,"hash":"0123456789abcdef","table":"IMEDNET_DB.PUBLIC.RECORDS",)"
                            R"("run_id":"run-1","status":"loaded","checksum":"1:2:3"})"
                            "\n");
}

TEST_F(ManifestFile, WhatIsWrittenIsRead) {
  ManifestLine odd = line_of(1);
  odd.batch_id = "nightly \"2026\"/01\\ é😀\n\t}";
  odd.row_count = 9'007'199'254'740'993;  // not a double's
  odd.bytes = 0;
  odd.status = "";
  {
    ManifestWriter writer(path);
    writer.append(line_of(0));
    writer.append(odd);
  }
  const Manifest manifest = read_manifest(path);
  ASSERT_EQ(manifest.lines.size(), 2u);
  expect_same(manifest.lines[0], line_of(0));
  expect_same(manifest.lines[1], odd);
  EXPECT_FALSE(manifest.has_cut_line);
}

TEST_F(ManifestFile, EachLineIsInTheFileWhenAppendReturns) {
  ManifestWriter writer(path);
  for (int number = 0; number < 5; ++number) {
    writer.append(line_of(number));
    const Manifest manifest = read_manifest(path);  // while the writer is still open
    ASSERT_EQ(manifest.lines.size(), static_cast<std::size_t>(number) + 1);
    EXPECT_EQ(manifest.lines.back().batch_id, line_of(number).batch_id);
  }
}

TEST_F(ManifestFile, IsForItsOwnerOnly) {
  const mode_t before = ::umask(0);
  append(0);
  ::umask(before);
  EXPECT_EQ(mode_of(path), 0600u);
}

TEST_F(ManifestFile, ALaterRunGoesOnBelow) {
  append(0);
  append(1);
  EXPECT_EQ(read_manifest(path).lines.size(), 2u);
}

TEST_F(ManifestFile, ANameThatIsNoUtf8IsWrittenAllTheSame) {
  ManifestLine line = line_of(0);
  line.batch_id = "caf\xE9";
  ManifestWriter(path).append(line);
  EXPECT_EQ(read_manifest(path).lines.at(0).batch_id, "caf\xEF\xBF\xBD");
}

TEST_F(ManifestFile, AMissingFolderIsAnIoErrorThatNamesTheFile) {
  const auto missing = root / "missing" / "manifest.jsonl";
  try {
    const ManifestWriter writer(missing);
    FAIL() << "opened";
  } catch (const ImednetError& error) {
    EXPECT_EQ(error.code(), ErrorCode::io);
    EXPECT_EQ(error.retry_class(), errors::RetryClass::never);
    EXPECT_EQ(error.what(), "cannot open the manifest " + missing.string() + ": No such file or directory");
    EXPECT_THAT(error.hint(), HasSubstr("folder exists"));
    EXPECT_EQ(error.origin().system, "local");
  }
  EXPECT_FALSE(std::filesystem::exists(root / "missing")) << "the folder was made";
}

TEST_F(ManifestFile, AFolderInItsPlaceIsAnIoError) {
  EXPECT_EQ(code_of([&] { const ManifestWriter writer(root); }), ErrorCode::io);
  EXPECT_EQ(code_of([&] { read_manifest(root); }), ErrorCode::io);
  EXPECT_EQ(code_of([&] { read_manifest(root / "missing"); }), ErrorCode::io);
}

TEST_F(ManifestFile, AFullDiskIsSaidSo) {
  ManifestWriter writer("/dev/full");
  EXPECT_EQ(code_of([&] { writer.append(line_of(0)); }), ErrorCode::no_space);
}

TEST_F(ManifestFile, NothingAtAllIsAnEmptyManifest) {
  const Manifest manifest = read("");
  EXPECT_TRUE(manifest.lines.empty());
  EXPECT_FALSE(manifest.has_cut_line);
}

// Wherever a crash cuts the last line, the lines before it are read and the cut is told.
TEST_F(ManifestFile, ACutLastLineIsTolerated) {
  const std::string whole = text_of(0) + "\n" + text_of(1);
  const std::size_t first = text_of(0).size() + 1;
  for (std::size_t size = first; size < whole.size(); ++size) {
    const Manifest manifest = read(whole.substr(0, size));
    ASSERT_EQ(manifest.lines.size(), 1u) << size;
    ASSERT_EQ(manifest.has_cut_line, size > first) << size;
  }
  const Manifest manifest = read(whole);
  EXPECT_EQ(manifest.lines.size(), 2u) << "only the line end is missing";
  EXPECT_FALSE(manifest.has_cut_line);
}

// Texts in which a cut may fall behind a brace, inside an escape or inside a letter of several bytes.
ManifestLine odd_line() {
  ManifestLine line = line_of(1);
  line.batch_id = "}{\"}\\}\n}\x01}é}漢}😀}";
  line.status = "}}";
  return line;
}

TEST_F(ManifestFile, WhereverALineIsCutALaterRunGoesOnBelowIt) {
  ManifestWriter(path).append(odd_line());
  const std::string odd = bytes_of(path);  // with its line feed
  append(0);
  const std::string first = bytes_of(path).substr(odd.size());
  for (std::size_t kept = 1; kept < odd.size() - 1; ++kept) {
    put(path, first + odd.substr(0, kept));
    append(2);
    append(3);
    const Manifest manifest = read_manifest(path);
    ASSERT_EQ(manifest.lines.size(), 3u) << kept;
    ASSERT_TRUE(manifest.has_cut_line) << kept;
    expect_same(manifest.lines[0], line_of(0));
    expect_same(manifest.lines[1], line_of(2));
    expect_same(manifest.lines[2], line_of(3));
    ASSERT_THAT(bytes_of(path), StartsWith(first + odd.substr(0, kept) + "\n{")) << "what was there was changed";
  }
}

TEST_F(ManifestFile, CountsThatAreNoWholeNumbersAreCorrupt) {
  for (const std::string count : {"1.5", "true", "\"1\"", "null", "1e300", "1e999", "9223372036854775808"}) {
    const std::string start = R"({"batch_id":"b","stage_path":"p","loaded_at":"x","row_count":)";
    EXPECT_EQ(code_of([&] { read(start + count + "}\n"); }), ErrorCode::corrupt) << count;
    EXPECT_EQ(code_of([&] { read(start + "1,\"bytes\":" + count + "}\n"); }), ErrorCode::corrupt) << count;
  }
}

TEST_F(ManifestFile, ZeroBytesBehindACutLineAreTheCutToo) {
  const std::string zeros(700, '\0');
  for (const std::size_t kept : {std::size_t{0}, std::size_t{1}, std::size_t{20}, text_of(1).size() - 1}) {
    put(path, text_of(0) + "\n" + text_of(1).substr(0, kept) + zeros);
    append(2);
    const Manifest manifest = read_manifest(path);
    ASSERT_EQ(manifest.lines.size(), 2u) << kept;
    EXPECT_TRUE(manifest.has_cut_line);
    expect_same(manifest.lines[1], line_of(2));
  }
}

TEST_F(ManifestFile, AnAppendAfterAWholeLineWithoutItsEndLosesNothing) {
  put(path, text_of(0));
  append(1);
  const Manifest manifest = read_manifest(path);
  EXPECT_EQ(manifest.lines.size(), 2u);
  EXPECT_FALSE(manifest.has_cut_line);
}

TEST_F(ManifestFile, TheGuidesFourKeysAloneAreALine) {
  const Manifest manifest = read(
      R"({"batch_id": "MY_STUDY/records/0", "stage_path": "@MY_STAGE/imednet/MY_STUDY_records_0.parquet", "row_count": 500, "loaded_at": "2026-01-15T12:00:00+00:00"})"
      "\r\n\n");
  ASSERT_EQ(manifest.lines.size(), 1u);
  EXPECT_EQ(manifest.lines[0].row_count, 500);
  EXPECT_EQ(manifest.lines[0].sha256, "");
  EXPECT_EQ(manifest.lines[0].bytes, 0);
}

TEST_F(ManifestFile, KeysOfALaterVersionAreReadOver) {
  EXPECT_EQ(read(R"({"new":[1],"loaded_at":"t","row_count":1,"stage_path":"p","batch_id":"b"})").lines.at(0).batch_id, "b");
}

class DamagedManifest : public ManifestFile, public testing::WithParamInterface<const char*> {};

TEST_P(DamagedManifest, IsCorruptAndItsLineIsNamed) {
  const std::string damaged = GetParam();
  try {
    read(text_of(0) + "\n\n" + damaged + "\n" + text_of(2) + "\n");
    FAIL() << "read without a word";
  } catch (const ImednetError& error) {
    EXPECT_EQ(error.code(), ErrorCode::corrupt);
    EXPECT_EQ(error.retry_class(), errors::RetryClass::never);
    EXPECT_EQ(error.what(), "cannot read the manifest " + path.string() + ": line 3 is no manifest line");
    EXPECT_THAT(error.hint(), HasSubstr("--manifest-path"));
  }
}

INSTANTIATE_TEST_SUITE_P(Lines, DamagedManifest,
                         testing::Values("}", "{}", "garbage}", "garbage", "\"garbage", "[{", "{garbage", "{\"batch_id\" \"b\"",
                                         "{\"a\":1}{", R"({"batch_id":"b"})",
                                         R"({"batch_id":"b","stage_path":"p","row_count":"500","loaded_at":"t"})",
                                         R"({"batch_id":1,"stage_path":"p","row_count":500,"loaded_at":"t"})",
                                         R"({"batch_id":"b","stage_path":null,"row_count":500,"loaded_at":"t"})",
                                         R"({"batch_id":"b","stage_path":"p","row_count":500})",
                                         R"({"batch_id":"b","stage_path":"p","row_count":500,"loaded_at":"t","bytes":"x"})",
                                         R"({"batch_id":"b","stage_path":"p","row_count":500,"loaded_at":"t"}})"));

TEST_F(ManifestFile, DamageInTheLastLineIsCorruptTooWhenTheLineIsWhole) {
  EXPECT_EQ(code_of([&] { read(text_of(0) + "\n{\"batch_id\":1}\n"); }), ErrorCode::corrupt);
}

}  // namespace
}  // namespace imednet::ledger
