#include "cli/export_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

#include "unit/cli/command_line.h"

namespace imednet::cli {
namespace {

using errors::ExportConfigurationError;
using integrations::StageLayout;
using integrations::WriteMode;
using testing::HasSubstr;

const std::vector<std::string> kPositions = {"MY_STUDY", "myorg-myaccount", "loader",   "made-up-password", "IMEDNET_DB",
                                             "PUBLIC",   "COMPUTE_WH",      "MY_STAGE", "RECORDS"};

class ExportFlagsTest : public CommandLineTest {
 protected:
  ExportFlags parse(const std::vector<std::string>& words) {
    CLI::App app("", "snowflake");
    ExportFlags flags;
    define_export_flags(app, flags);
    CommandLine line(words);
    app.parse(line.argc(), line.argv());
    return flags;
  }
  ExportFlags with(const std::vector<std::string>& options, std::vector<std::string> words = kPositions) {
    words.insert(words.end(), options.begin(), options.end());
    return parse(words);
  }
};

TEST_F(ExportFlagsTest, PositionsAreTheGuides) {
  const ExportFlags flags = parse(kPositions);
  EXPECT_EQ(flags.study, "MY_STUDY");
  EXPECT_EQ(flags.password, "made-up-password");
  const auto config = to_config(flags);
  EXPECT_EQ(config.account, "myorg-myaccount");
  EXPECT_EQ(config.user, "loader");
  EXPECT_EQ(config.password.reveal(), "made-up-password");
  EXPECT_EQ(config.database, "IMEDNET_DB");
  EXPECT_EQ(config.schema, "PUBLIC");
  EXPECT_EQ(config.warehouse, "COMPUTE_WH");
  EXPECT_EQ(config.stage, "MY_STAGE");
  EXPECT_EQ(config.table, "RECORDS");
}

TEST_F(ExportFlagsTest, PositionsComeTogetherOrTheStudyAloneAndThereIsNoTenth) {
  for (std::size_t count = 0; count < kPositions.size(); ++count) {
    if (count == 1) continue;
    EXPECT_THROW(parse({kPositions.begin(), kPositions.begin() + static_cast<std::ptrdiff_t>(count)}), CLI::ParseError) << count;
  }
  EXPECT_THROW(with({"EXTRA"}), CLI::ParseError);
  EXPECT_NO_THROW(parse({"MY_STUDY"}));
}

TEST_F(ExportFlagsTest, WhatPositionsCarryIsNotGivenByAFlagOrAConnectionToo) {
  for (const std::string flag : {"--connection", "--account", "--user", "--database", "--schema", "--warehouse", "--stage", "--table"}) {
    EXPECT_THROW(with({flag, "X"}), CLI::ParseError) << flag;
  }
}

TEST_F(ExportFlagsTest, TheStudyAloneTakesTheRestFromFlagsAndEnvironment) {
  set("HOME", "/nonexistent");
  set("SNOWFLAKE_PASSWORD", "made-up");
  const std::vector<std::string> words = {"MY_STUDY", "--account", "a",  "--user",  "u", "--database", "d",  "--schema", "s", "--warehouse",
                                          "w",        "--stage",   "st", "--table", "t", "--ocsp",     "off"};
  const auto config = to_config(parse(words));
  EXPECT_EQ(config.account, "a");
  EXPECT_EQ(config.user, "u");
  EXPECT_EQ(config.password.reveal(), "made-up");
  EXPECT_EQ(config.database, "d");
  EXPECT_EQ(config.schema, "s");
  EXPECT_EQ(config.warehouse, "w");
  EXPECT_EQ(config.stage, "st");
  EXPECT_EQ(config.table, "t");
  EXPECT_EQ(config.ocsp, false);
  EXPECT_THROW(to_config(parse({"MY_STUDY"})), ExportConfigurationError);
}

TEST_F(ExportFlagsTest, NoPasswordIsAskedForWhereTheSignInNeedsNone) {
  std::vector<std::string> words = kPositions;
  words[3] = "-";
  const auto config = to_config(with({"--token-file", "/run/token"}, words));
  EXPECT_TRUE(config.password.empty());
  EXPECT_EQ(config.token_file, "/run/token");
}

TEST_F(ExportFlagsTest, DefaultsAreTheLibrarys) {
  const ExportFlags flags = parse(kPositions);
  const auto config = to_config(flags);
  const integrations::SnowflakeSinkConfig library;
  EXPECT_EQ(config.stage_prefix, "imednet");
  EXPECT_EQ(config.batch_size, 50'000u);
  EXPECT_EQ(config.max_retries, 3);
  EXPECT_EQ(config.retry_backoff, std::chrono::seconds(1));
  EXPECT_TRUE(config.idempotent);
  EXPECT_TRUE(config.create_table);
  EXPECT_TRUE(config.use_ledger);
  EXPECT_FALSE(config.allow_duplicates);
  EXPECT_FALSE(config.allow_shrink);
  EXPECT_FALSE(config.freeze_schema);
  EXPECT_EQ(config.mode, WriteMode::automatic);
  EXPECT_EQ(config.stage_layout, StageLayout::by_content);
  EXPECT_EQ(config.local_staging_dir, std::nullopt);
  EXPECT_EQ(config.manifest_path, std::nullopt);
  EXPECT_EQ(config.stage_prefix, library.stage_prefix);
  EXPECT_EQ(config.batch_size, library.batch_size);
  EXPECT_EQ(config.max_retries, library.max_retries);
  EXPECT_EQ(config.retry_backoff, library.retry_backoff);
  EXPECT_EQ(config.role, library.role);
  EXPECT_EQ(config.host, library.host);
  EXPECT_EQ(config.port, library.port);
  EXPECT_EQ(config.protocol, library.protocol);
  EXPECT_EQ(config.query_tag, library.query_tag);
  EXPECT_EQ(config.driver, library.driver);
  EXPECT_EQ(config.ledger_schema, library.ledger_schema);
  EXPECT_EQ(flags.output, "text");
  EXPECT_EQ(flags.progress, "auto");
  EXPECT_FALSE(flags.quiet);
  EXPECT_FALSE(flags.verbose);
}

TEST_F(ExportFlagsTest, TheGuidesSecondExample) {
  const auto config = to_config(
      with({"--stage-prefix", "imednet/prod", "--batch-size", "1000", "--manifest-path", "/tmp/manifest.jsonl", "--force-reload"}));
  EXPECT_EQ(config.stage_prefix, "imednet/prod");
  EXPECT_EQ(config.batch_size, 1000u);
  EXPECT_EQ(config.manifest_path, "/tmp/manifest.jsonl");
  EXPECT_FALSE(config.idempotent);
}

TEST_F(ExportFlagsTest, EveryOptionReachesItsSetting) {
  const auto config = to_config(with({"--role",
                                      "R",
                                      "--host",
                                      "h.example.org",
                                      "--port",
                                      "8443",
                                      "--protocol",
                                      "http",
                                      "--query-tag",
                                      "nightly",
                                      "--driver",
                                      "/opt/driver.so",
                                      "--mode",
                                      "append",
                                      "--allow-duplicates",
                                      "--no-create-table",
                                      "--ledger",
                                      "none",
                                      "--ledger-schema",
                                      "DB.AUDIT",
                                      "--max-retries",
                                      "7",
                                      "--retry-backoff",
                                      "0.25",
                                      "--stage-layout",
                                      "flat",
                                      "--local-staging-dir",
                                      "/tmp/staging"}));
  EXPECT_EQ(config.role, "R");
  EXPECT_EQ(config.host, "h.example.org");
  EXPECT_EQ(config.port, 8443);
  EXPECT_EQ(config.protocol, "http");
  EXPECT_EQ(config.query_tag, "nightly");
  EXPECT_EQ(config.driver, "/opt/driver.so");
  EXPECT_EQ(config.mode, WriteMode::append);
  EXPECT_TRUE(config.allow_duplicates);
  EXPECT_FALSE(config.create_table);
  EXPECT_FALSE(config.use_ledger);
  EXPECT_EQ(config.ledger_schema, "DB.AUDIT");
  EXPECT_EQ(config.max_retries, 7);
  EXPECT_EQ(config.retry_backoff, std::chrono::milliseconds(250));
  EXPECT_EQ(config.stage_layout, StageLayout::flat);
  EXPECT_EQ(config.local_staging_dir, "/tmp/staging");
  const ExportFlags flags = with({"--output", "json", "--progress", "none", "-q", "-v"});
  EXPECT_EQ(flags.output, "json");
  EXPECT_EQ(flags.progress, "none");
  EXPECT_TRUE(flags.quiet);
  EXPECT_TRUE(flags.verbose);
  EXPECT_TRUE(with({"--quiet", "--verbose"}).quiet);
  EXPECT_TRUE(with({"--quiet", "--verbose"}).verbose);
}

TEST_F(ExportFlagsTest, EachModeHasItsWord) {
  EXPECT_EQ(to_config(with({"--mode", "auto"})).mode, WriteMode::automatic);
  EXPECT_EQ(to_config(with({"--mode", "merge"})).mode, WriteMode::merge);
  EXPECT_EQ(to_config(with({"--mode", "replace"})).mode, WriteMode::replace);
  EXPECT_EQ(to_config(with({"--mode", "append"})).mode, WriteMode::append);
}

TEST_F(ExportFlagsTest, WhatIsReadIsAllUnlessSaid) {
  EXPECT_EQ(to_config(with({})).since, "");
  EXPECT_FALSE(to_config(with({})).sweep);
  EXPECT_EQ(to_config(with({})).sweep_every, 24);
  const auto config = to_config(with({"--since", "auto", "--sweep", "--sweep-every", "0"}));
  EXPECT_EQ(config.since, "auto");
  EXPECT_TRUE(config.sweep);
  EXPECT_EQ(config.sweep_every, 0);
  EXPECT_THROW(with({"--sweep-every", "-1"}), CLI::ParseError);
}

TEST_F(ExportFlagsTest, ShrinkingAndSchemaChangesAreAllowedByTheirFlags) {
  EXPECT_TRUE(to_config(with({"--allow-shrink"})).allow_shrink);
  EXPECT_TRUE(to_config(with({"--schema-changes", "freeze"})).freeze_schema);
  EXPECT_FALSE(to_config(with({"--schema-changes", "evolve"})).freeze_schema);
}

TEST_F(ExportFlagsTest, OptionsMayStandBeforeAndBetweenPositions) {
  std::vector<std::string> words = {"--batch-size", "5"};
  words.insert(words.end(), kPositions.begin(), kPositions.end());
  words.insert(words.begin() + 4, "--force-reload");
  const auto config = to_config(parse(words));
  EXPECT_EQ(config.batch_size, 5u);
  EXPECT_FALSE(config.idempotent);
  EXPECT_EQ(config.table, "RECORDS");
}

TEST_F(ExportFlagsTest, ValuesOutOfBoundsAreRefused) {
  for (const std::vector<std::string>& bad :
       std::vector<std::vector<std::string>>{{"--batch-size", "0"},         {"--batch-size", "-1"},
                                             {"--batch-size", "100000001"}, {"--batch-size", "many"},
                                             {"--batch-size", "1.5"},       {"--batch-size"},
                                             {"--max-retries", "-1"},       {"--max-retries", "101"},
                                             {"--max-retries", "x"},        {"--retry-backoff", "-0.1"},
                                             {"--retry-backoff", "3601"},   {"--retry-backoff", "nan"},
                                             {"--retry-backoff", "inf"},    {"--retry-backoff", "1s"},
                                             {"--port", "65536"},           {"--port", "-1"},
                                             {"--port", "https"},           {"--protocol", "ftp"},
                                             {"--mode", "upsert"},          {"--mode", ""},
                                             {"--schema-changes", "drop"},  {"--schema-changes", ""},
                                             {"--allow-shrink=perhaps"},    {"--ledger", "off"},
                                             {"--stage-layout", "deep"},    {"--output", "xml"},
                                             {"--progress", "loud"},        {"--no-such-flag"},
                                             {"--force-reload=maybe"}}) {
    EXPECT_THROW(with(bad), CLI::ParseError) << bad[0] << " " << (bad.size() > 1 ? bad[1] : "");
  }
  for (const std::vector<std::string>& good : std::vector<std::vector<std::string>>{{"--batch-size", "1"},
                                                                                    {"--batch-size", "100000000"},
                                                                                    {"--max-retries", "0"},
                                                                                    {"--max-retries", "100"},
                                                                                    {"--retry-backoff", "0"},
                                                                                    {"--retry-backoff", "3600"},
                                                                                    {"--retry-backoff", "1e1"},
                                                                                    {"--port", "65535"}}) {
    EXPECT_NO_THROW(to_config(with(good))) << good[0] << " " << good[1];
  }
}

TEST_F(ExportFlagsTest, TheEndpointComesFromTheEnvironmentUnlessItIsTyped) {
  set("SNOWFLAKE_HOST", "127.0.0.1");
  set("SNOWFLAKE_PORT", "4711");
  set("SNOWFLAKE_PROTOCOL", "http");
  auto config = to_config(parse(kPositions));
  EXPECT_EQ(config.host, "127.0.0.1");
  EXPECT_EQ(config.port, 4711);
  EXPECT_EQ(config.protocol, "http");
  config = to_config(with({"--host", "h.example.org", "--port", "1", "--protocol", "https"}));
  EXPECT_EQ(config.host, "h.example.org");
  EXPECT_EQ(config.port, 1);
  EXPECT_EQ(config.protocol, "https");
  set("SNOWFLAKE_PORT", "none");
  EXPECT_THROW(to_config(parse(kPositions)), ExportConfigurationError);
}

std::vector<std::string> with_password(const std::string& password) {
  std::vector<std::string> words = kPositions;
  words[3] = password;
  return words;
}

TEST_F(ExportFlagsTest, ADashTakesThePasswordFromTheEnvironment) {
  set("SNOWFLAKE_PASSWORD", "made-up from the environment");
  EXPECT_EQ(to_config(parse(with_password("-"))).password.reveal(), "made-up from the environment");
  EXPECT_EQ(to_config(parse(kPositions)).password.reveal(), "made-up-password");
}

TEST_F(ExportFlagsTest, ADashTakesThePasswordFromAFile) {
  put(root / "password", "made-up from a file\n");
  set("SNOWFLAKE_PASSWORD_FILE", (root / "password").string());
  EXPECT_EQ(to_config(parse(with_password("-"))).password.reveal(), "made-up from a file");
  std::filesystem::remove(root / "password");
  EXPECT_THROW(to_config(parse(with_password("-"))), ImednetError);  // never asked for when a file was named
}

TEST_F(ExportFlagsTest, AnEmptyPasswordSaysThatTheVariableIsUnset) {
  const ExportFlags flags = parse(with_password(""));
  EXPECT_EQ(flags.config.database, "IMEDNET_DB");  // the empty word keeps its place
  try {
    to_config(flags);
    FAIL();
  } catch (const ExportConfigurationError& error) {
    EXPECT_EQ(error.code(), errors::ErrorCode::config);
    EXPECT_THAT(error.what(), HasSubstr("password is empty"));
    EXPECT_THAT(error.hint(), testing::AllOf(HasSubstr("$SNOWFLAKE_PASSWORD"), HasSubstr("unset")));
  }
}

TEST_F(ExportFlagsTest, ADashWithoutVariableAndTerminalSaysWhatToSet) {
  const ExportFlags flags = parse(with_password("-"));
  const auto ask = [&flags] {
    setsid();  // leaves the terminal, where there is one
    try {
      to_config(flags);
    } catch (const ExportConfigurationError& error) {
      _exit(error.hint().find("SNOWFLAKE_PASSWORD") != std::string::npos ? 77 : 1);
    }
    _exit(0);
  };
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(ask(), testing::ExitedWithCode(77), "");
}

TEST_F(ExportFlagsTest, EveryOptionIsDescribedAndGrouped) {
  CLI::App app("", "snowflake");
  ExportFlags flags;
  define_export_flags(app, flags);
  int options = 0;
  for (const CLI::Option* option : app.get_options()) {
    SCOPED_TRACE(option->get_name());
    EXPECT_FALSE(option->get_description().empty());
    EXPECT_FALSE(option->get_group().empty());
    if (option->get_positional() || option == app.get_help_ptr()) continue;
    ++options;
    EXPECT_THAT(option->get_group(), testing::AnyOf("Connection", "Sign-in", "Layout", "Loading", "Files", "Output"));
  }
  EXPECT_GE(options, 20);
  const std::string help = app.help();
  for (const char* name : {"STUDY", "ACCOUNT", "USER", "PASSWORD", "DATABASE", "SCHEMA", "WAREHOUSE", "STAGE", "TABLE"}) {
    EXPECT_THAT(help, HasSubstr(name));
  }
}

}  // namespace
}  // namespace imednet::cli
