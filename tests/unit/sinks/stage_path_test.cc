#include "sinks/snowflake/stage_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/sinks/names.h"

namespace imednet::sinks::snowflake {
namespace {

using errors::ErrorCode;
using testing::HasSubstr;

constexpr const char* kHash = "2f54f51494541ed16897d4e9f8604f5c";

TEST(StagePath, IsReadBackFromWhatTheManifestSays) {
  const StagePath path = StagePath::parse("@MY_STAGE/imednet/prod/2f54f51494541ed16897d4e9f8604f5c/MY_STUDY_records_0.parquet");
  EXPECT_EQ(path.stage, "MY_STAGE");
  EXPECT_EQ(path.prefix, "imednet/prod");
  EXPECT_EQ(path.hash, kHash);
  EXPECT_EQ(path.file_name, "MY_STUDY_records_0.parquet");
  EXPECT_EQ(path.relative(), "2f54f51494541ed16897d4e9f8604f5c/MY_STUDY_records_0.parquet");
}

TEST(StagePath, WithoutAHashTheFileLiesFlat) {
  const StagePath path = StagePath::parse("@db.s.st/imednet/x.parquet");
  EXPECT_EQ(path.stage, "db.s.st");
  EXPECT_EQ(path.prefix, "imednet");
  EXPECT_EQ(path.hash, "");
  EXPECT_EQ(path.relative(), "x.parquet");
  EXPECT_EQ(StagePath::parse("@S/x.parquet").prefix, "");
  EXPECT_EQ(StagePath::parse("@S/2F54f51494541ed16897d4e9f8604f5c/x.parquet").hash, "") << "not as an export writes it";
}

// What a loader shows of its file is read back into the same directory and file.
TEST(StagePath, EveryDisplayedPathIsReadBack) {
  const std::string stages[] = {"MY_STAGE", "a.b.c", R"("my stage")", R"("a/b"."c""/d".E)", R"("it's; -- ""x""")"};
  const std::string prefixes[] = {"", "imednet", "a/b=1/c.d-e"};
  const std::string files[] = {"MY_STUDY_records_0.parquet", "S_o_Paulo-x0123456789abcdef.parquet"};
  for (const std::string& stage : stages) {
    for (const std::string& prefix : prefixes) {
      for (const std::string& file : files) {
        for (const std::string& hash : {std::string(), std::string(kHash)}) {
          const StageDirectory directory = stage_directory(prefix);
          const std::string relative = hash.empty() ? file : hash + "/" + file;
          const StagePath path = StagePath::parse(directory.display(relative, "@" + stage));
          EXPECT_EQ(path.stage, stage);
          EXPECT_EQ(path.prefix, prefix);
          EXPECT_EQ(path.hash, hash);
          EXPECT_EQ(path.file_name, file);
        }
      }
    }
  }
}

TEST(StagePath, WhatNoExportWritesIsRefused) {
  for (const char* text : {"", "@", "@S", "S/x.parquet", "@/x.parquet", "@S/", "@S/x.csv", "@S/.parquet", "@S/a b.parquet", "@S/x.parquet/",
                           "@S/x'.parquet", "@S/x..parquet", "@\"S/x.parquet"}) {
    const auto error = refusal_of([&] { StagePath::parse(text); });
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << text;
    EXPECT_THAT(error.what(), HasSubstr("stage path")) << text;
  }
}

TEST(TableText, IsReadBackFromWhatLedgerAndManifestSay) {
  for (const char* written : {"DB.S.RECORDS", R"(DB."Mixed case"."it's; ""odd"" -- name")", R"("a"."b/c"."@")"}) {
    const ObjectName table = ObjectName::parse(written, Identifier::own("X"), Identifier::own("Y"), "table");
    EXPECT_EQ(parse_table_text(table.text()), table) << written;
  }
}

TEST(TableText, ThatCouldBeTwoTablesIsRefusedWithTheFlagToUse) {
  for (const char* text : {"", "T", "S.T", "DB.S.T.X", "DB..T", "DB.S."}) {
    const auto error = refusal_of([&] { parse_table_text(text); });
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << text;
  }
  EXPECT_THAT(refusal_of([] { parse_table_text("DB.S.a.b"); }).hint(), HasSubstr("--table"));
}

}  // namespace
}  // namespace imednet::sinks::snowflake
