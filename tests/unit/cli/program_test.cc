// The program as a whole, as far as it gets without a network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "unit/cli/command_line.h"

namespace imednet::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::vector<std::string> kExport = {"export", "snowflake", "MY_STUDY",   "myorg-myaccount", "loader", "made-up-password",
                                          "DB",     "PUBLIC",    "COMPUTE_WH", "MY_STAGE",        "RECORDS"};

class ProgramTest : public CommandLineTest {
 protected:
  int run(CommandLine& line) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = run_program(line.argc(), line.argv());
    out = testing::internal::GetCapturedStdout();
    err = testing::internal::GetCapturedStderr();
    return code;
  }
  int run(std::vector<std::string> words) {
    CommandLine line(std::move(words));
    return run(line);
  }

  std::string out, err;
};

TEST_F(ProgramTest, EachCommandThatSignsInToSnowflakeLoadsTheDriver) {
  for (const char* command : {"export", "plan", "replay", "verify", "gc", "doctor"}) {
    CommandLine line({"-q", command, "x"});
    EXPECT_TRUE(loads_driver(line.argc(), line.argv())) << command;
  }
  for (const char* command : {"records", "config", "setup", "man", "completion"}) {
    CommandLine line({command, "x"});
    EXPECT_FALSE(loads_driver(line.argc(), line.argv())) << command;
  }
  EXPECT_FALSE(loads_driver(0, nullptr));
}

TEST_F(ProgramTest, HelpNeedsNoAccount) {
  EXPECT_EQ(run({"--help"}), 0);
  EXPECT_THAT(out, testing::AllOf(HasSubstr("export"), HasSubstr("records")));
  EXPECT_EQ(run({"export", "snowflake", "--help"}), 0);
  for (const std::string flag : {"STUDY", "TABLE", "--stage-prefix", "--batch-size", "--manifest-path", "--force-reload",
                                 "--local-staging-dir", "--mode", "--max-retries", "--retry-backoff", "Exit codes", "SNOWFLAKE_HOST"}) {
    EXPECT_THAT(out, HasSubstr(flag));
  }
  EXPECT_EQ(run({"records", "list", "--help"}), 0);
  EXPECT_THAT(out, HasSubstr("ndjson"));
  EXPECT_EQ(err, "");
}

TEST_F(ProgramTest, VersionNamesItsLibraries) {
  EXPECT_EQ(run({"--version"}), 0);
  EXPECT_THAT(out, testing::AllOf(HasSubstr("imednet "), HasSubstr("arrow "), HasSubstr("libcurl "), HasSubstr("OpenSSL"),
                                  HasSubstr("ADBC driver snowflake: ")));
}

TEST_F(ProgramTest, WhatCanNotBeParsedIsUsage) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{},
                                                                                     {"fly"},
                                                                                     {"--no-such-flag"},
                                                                                     {"export"},
                                                                                     {"export", "snowflake"},
                                                                                     {"export", "oracle", "S"},
                                                                                     {"records"},
                                                                                     {"records", "list"},
                                                                                     {"records", "list", "S", "--output", "xml"},
                                                                                     {"records", "list", "S", "T"}}) {
    EXPECT_EQ(run(words), kUsage) << (words.empty() ? "" : words.back());
    EXPECT_EQ(out, "");
    EXPECT_NE(err, "");
  }
}

TEST_F(ProgramTest, AMissingKeyIsUsageAndNamesItsVariable) {
  EXPECT_EQ(run({"records", "list", "S"}), kUsage);
  EXPECT_THAT(err, testing::AllOf(HasSubstr("imednet: error: "), HasSubstr("IMEDNET_API_KEY"), HasSubstr("\nhint: ")));
  EXPECT_EQ(out, "");
  EXPECT_EQ(run(kExport), kUsage);
  EXPECT_THAT(err, HasSubstr("IMEDNET_API_KEY"));
}

TEST_F(ProgramTest, AnEmptyStudyKeyIsUsage) {
  set("IMEDNET_API_KEY", "made-up-a");
  set("IMEDNET_SECURITY_KEY", "made-up-b");
  EXPECT_EQ(run({"records", "list", " "}), kUsage);
  EXPECT_THAT(err, HasSubstr("study key is empty"));
}

TEST_F(ProgramTest, AnEmptyPasswordIsUsage) {
  auto words = kExport;
  words[5] = "";
  EXPECT_EQ(run(words), kUsage);
  EXPECT_THAT(err, HasSubstr("unset"));
}

TEST_F(ProgramTest, ATypedPasswordEarnsAWarningAndLeavesTheTitle) {
  CommandLine line(kExport);
  EXPECT_EQ(line.title(6), "made-up-password");
  EXPECT_EQ(run(line), kUsage);  // no keys
  EXPECT_EQ(line.title(6), "");
  EXPECT_EQ(line.title(5), "loader");
  EXPECT_THAT(err, testing::AllOf(HasSubstr("warning"), HasSubstr("SNOWFLAKE_PASSWORD"), Not(HasSubstr("made-up-password"))));
  auto words = kExport;
  words.push_back("--quiet");
  run(words);
  EXPECT_THAT(err, Not(HasSubstr("warning")));
  words = kExport;
  words[5] = "-";
  set("SNOWFLAKE_PASSWORD", "made-up-password");
  run(words);
  EXPECT_THAT(err, Not(HasSubstr("warning")));
}

TEST_F(ProgramTest, WithJsonOutputAFailureIsAnObjectToo) {
  auto words = kExport;
  words.insert(words.end(), {"--output", "json"});
  EXPECT_EQ(run(words), kUsage);
  const auto report = nlohmann::json::parse(out);
  EXPECT_EQ(report["study"], "MY_STUDY");
  EXPECT_EQ(report["exit"], kUsage);
  EXPECT_EQ(report["error"]["code"], "config");
  EXPECT_THAT(report["error"]["message"].get<std::string>(), HasSubstr("IMEDNET_API_KEY"));
  EXPECT_THAT(err, HasSubstr("imednet: error: "));
}

}  // namespace
}  // namespace imednet::cli
