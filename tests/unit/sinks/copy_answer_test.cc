#include "sinks/snowflake/copy_answer.h"

#include <gtest/gtest.h>

#include "imednet/errors.h"

namespace imednet::sinks::snowflake {
namespace {

using errors::ErrorCode;

const std::vector<std::string> kPaths = {"imednet/0a/MY_STUDY_records_0.parquet", "imednet/0b/MY_STUDY_records_1.parquet"};

db::Answer copied(std::vector<std::vector<db::Cell>> rows) {
  return {{"file", "status", "rows_parsed", "rows_loaded", "error_limit", "errors_seen", "first_error"}, std::move(rows)};
}
std::vector<db::Cell> loaded(const std::string& file, const std::string& rows, const char* status = "LOADED") {
  return {file, status, rows, rows, "1", "0", std::nullopt};
}

ErrorCode code_of(const db::Answer& answer) {
  try {
    read_copy_answer(answer, kPaths);
  } catch (const ImednetError& error) {
    return error.code();
  }
  return ErrorCode::internal;  // nothing was thrown
}

TEST(CopyAnswer, OneRowAFileIsReadWhateverStandsBeforeThePath) {
  for (const std::string_view start : {"", "my_stage/", "https://store.example/bucket/stages/1/", "s3://bucket/", "@db.public.my_stage/"}) {
    const std::string before(start);
    const auto files = read_copy_answer(copied({loaded(before + kPaths[1], "7"), loaded(before + kPaths[0], "50000")}), kPaths);
    ASSERT_EQ(files.size(), 2u) << before;
    EXPECT_EQ(files.at(kPaths[0]).rows_loaded, 50'000);
    EXPECT_EQ(files.at(kPaths[1]).rows_loaded, 7);
    EXPECT_EQ(files.at(kPaths[1]).status, "LOADED");
  }
}

TEST(CopyAnswer, ZeroFilesProcessedIsAnEmptyResult) {
  const db::Answer answer{{"status"}, {{"Copy executed with 0 files processed."}}};
  EXPECT_TRUE(read_copy_answer(answer, kPaths).empty());
}

TEST(CopyAnswer, SkippedFilesKeepTheirStatus) {
  const auto files = read_copy_answer(copied({{"my_stage/" + kPaths[0], "LOAD_SKIPPED", "0", "0", "1", "1", "File was loaded before."},
                                              loaded("my_stage/" + kPaths[1], "3")}),
                                      kPaths);
  EXPECT_EQ(files.at(kPaths[0]).status, "LOAD_SKIPPED");
  EXPECT_EQ(files.at(kPaths[0]).rows_loaded, 0);
  EXPECT_EQ(files.at(kPaths[1]).status, "LOADED");
}

TEST(CopyAnswer, AFileWithoutARowIsNotInTheResult) {
  const auto files = read_copy_answer(copied({loaded(kPaths[0], "1")}), kPaths);
  EXPECT_TRUE(files.contains(kPaths[0]));
  EXPECT_FALSE(files.contains(kPaths[1]));
}

TEST(CopyAnswer, AFileThatWasNotAskedForIsAProtocolError) {
  for (const std::string& name :
       {std::string("my_stage/imednet/0c/MY_STUDY_records_0.parquet"), "x" + kPaths[0], kPaths[0] + ".gz", std::string()}) {
    EXPECT_EQ(code_of(copied({loaded(name, "1")})), ErrorCode::protocol) << name;
  }
}

TEST(CopyAnswer, AnAnswerOfAnotherShapeIsAProtocolError) {
  EXPECT_EQ(code_of({{"rows"}, {{"1"}}}), ErrorCode::protocol);
  EXPECT_EQ(code_of({{"file", "status"}, {{kPaths[0], "LOADED"}}}), ErrorCode::protocol);
  EXPECT_EQ(code_of(copied({loaded(kPaths[0], "many")})), ErrorCode::protocol);
  EXPECT_EQ(code_of(copied({{kPaths[0], "LOADED", "1", std::nullopt, "1", "0", std::nullopt}})), ErrorCode::protocol);
}

TEST(CopyAnswer, TheFileOfAnErrorTextIsFound) {
  EXPECT_EQ(file_named_in("Error parsing JSON\n  File '" + kPaths[1] + "', line 1, character 0", kPaths), 1u);
  EXPECT_EQ(file_named_in("Remote file 'my_stage/" + kPaths[0] + "' was not found", kPaths), 0u);
  EXPECT_EQ(file_named_in("Numeric value '12a' is not recognized", kPaths), std::nullopt);
  EXPECT_EQ(file_named_in("File 'imednet/0a/MY_STUDY_records_00.parquet'", kPaths), std::nullopt);
  EXPECT_EQ(file_named_in("", kPaths), std::nullopt);
}

}  // namespace
}  // namespace imednet::sinks::snowflake
