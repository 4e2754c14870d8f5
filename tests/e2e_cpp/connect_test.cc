// What the constructor promises: it signs in, checks, writes nothing, and says what to mend.
#include "e2e_cpp/sink_case.h"

namespace imednet::e2e {
namespace {

using errors::ErrorCode;
using errors::ExportConfigurationError;
using integrations::SnowflakeExportSink;
using integrations::SnowflakeSinkConfig;
using testing::HasSubstr;
using testing::Not;

class Connect : public SinkCase {
 protected:
  // The refusal, after which nothing of the attempt is left.
  std::optional<ExportConfigurationError> refused(const SnowflakeSinkConfig& settings) {
    const auto error = thrown<ExportConfigurationError>([&] { SnowflakeExportSink sink(settings); });
    EXPECT_EQ(rows_in_table(), -1) << "a table was made";
    EXPECT_TRUE(temporary_folders().empty());
    EXPECT_TRUE(on_stage().empty());
    return error;
  }
};

TEST_F(Connect, AWrongPasswordIsRefusedAndNotShown) {
  auto settings = config();
  settings.password = "made-up-CANARY";
  const auto error = refused(settings);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::unauthenticated);
  EXPECT_EQ(error->origin().vendor_code, "390100");
  EXPECT_EQ(error->origin().system, "snowflake");
  EXPECT_THAT(error->what(), HasSubstr("myorg-myaccount"));
  EXPECT_THAT(error->what() + error->hint(), Not(HasSubstr("CANARY")));
  EXPECT_FALSE(error->hint().empty());
}

TEST_F(Connect, AnUnknownAccountOrUserIsRefused) {
  for (std::string SnowflakeSinkConfig::*field : {&SnowflakeSinkConfig::account, &SnowflakeSinkConfig::user}) {
    auto settings = config();
    settings.*field = "nobody";
    const auto error = refused(settings);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::unauthenticated);
  }
}

TEST_F(Connect, AMissingObjectIsNamed) {
  const std::pair<std::string SnowflakeSinkConfig::*, const char*> fields[] = {{&SnowflakeSinkConfig::warehouse, "warehouse"},
                                                                               {&SnowflakeSinkConfig::database, "database"},
                                                                               {&SnowflakeSinkConfig::schema, "schema"},
                                                                               {&SnowflakeSinkConfig::stage, "stage"}};
  for (const auto& [field, word] : fields) {
    auto settings = config();
    settings.*field = "no_such_object";
    const auto error = refused(settings);
    ASSERT_TRUE(error) << word;
    EXPECT_EQ(error->code(), ErrorCode::not_found) << word;
    EXPECT_THAT(error->what(), testing::AllOf(HasSubstr(word), testing::ContainsRegex("[Nn][Oo]_[Ss][Uu][Cc][Hh]"))) << word;
    EXPECT_FALSE(error->hint().empty()) << word;
  }
}

TEST_F(Connect, AStageInAnotherSchemaIsFoundByItsDottedName) {
  sandbox().sql("CREATE SCHEMA IF NOT EXISTS STAGES");
  sandbox().sql("CREATE STAGE IF NOT EXISTS STAGES.ELSEWHERE");
  sandbox().sql("USE SCHEMA PUBLIC");  // the new one came into use
  auto settings = config();
  settings.stage = "@stages.elsewhere";
  EXPECT_NO_THROW(SnowflakeExportSink(std::move(settings)).close());
  settings = config();
  settings.stage = "elsewhere";
  const auto error = refused(settings);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::not_found);
}

TEST_F(Connect, ANameAlikeIsNotTheName) {
  sandbox().sql("CREATE STAGE IF NOT EXISTS MY_OTHER_STAGE");
  auto settings = config();
  settings.stage = "MY__THER_STAGE";  // as a pattern it would match
  const auto error = refused(settings);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::not_found);
}

TEST_F(Connect, RefusedNamesCostNoSignIn) {
  const std::pair<std::string SnowflakeSinkConfig::*, const char*> names[] = {
      {&SnowflakeSinkConfig::table, "my table"},     {&SnowflakeSinkConfig::table, "t; DROP TABLE x"},
      {&SnowflakeSinkConfig::table, "a.b.c.d"},      {&SnowflakeSinkConfig::stage, "@~"},
      {&SnowflakeSinkConfig::stage, "@%RECORDS"},    {&SnowflakeSinkConfig::stage, "MY_STAGE/dir"},
      {&SnowflakeSinkConfig::stage_prefix, "a b"},   {&SnowflakeSinkConfig::stage_prefix, "../x"},
      {&SnowflakeSinkConfig::warehouse, "x;y"},      {&SnowflakeSinkConfig::database, "1db"},
      {&SnowflakeSinkConfig::schema, "\"open"},      {&SnowflakeSinkConfig::role, "no role"},
      {&SnowflakeSinkConfig::ledger_schema, "a.b.c"}};
  const std::size_t before = sandbox().logins().size();
  for (const auto& [field, text] : names) {
    auto settings = config();
    settings.*field = text;
    const auto error = thrown<ExportConfigurationError>([&] { SnowflakeExportSink sink(settings); });
    ASSERT_TRUE(error) << text;
    EXPECT_EQ(error->code(), ErrorCode::invalid_argument) << text;
  }
  EXPECT_EQ(sandbox().logins().size(), before);
}

TEST_F(Connect, AMissingSettingIsNamedWithoutASignIn) {
  const std::pair<std::string SnowflakeSinkConfig::*, const char*> fields[] = {
      {&SnowflakeSinkConfig::account, "account"},     {&SnowflakeSinkConfig::user, "user"},   {&SnowflakeSinkConfig::database, "database"},
      {&SnowflakeSinkConfig::warehouse, "warehouse"}, {&SnowflakeSinkConfig::stage, "stage"}, {&SnowflakeSinkConfig::table, "table"}};
  const std::size_t before = sandbox().logins().size();
  for (const auto& [field, word] : fields) {
    auto settings = config();
    settings.*field = " ";
    const auto error = thrown<ExportConfigurationError>([&] { SnowflakeExportSink sink(settings); });
    ASSERT_TRUE(error) << word;
    EXPECT_EQ(error->code(), ErrorCode::config) << word;
    EXPECT_THAT(error->what(), HasSubstr(word));
  }
  auto settings = config();
  settings.password = Secret();
  EXPECT_EQ(thrown<ExportConfigurationError>([&] { SnowflakeExportSink sink(settings); })->code(), ErrorCode::config);
  settings = config();
  settings.max_retries = -1;
  EXPECT_EQ(thrown<ExportConfigurationError>([&] { SnowflakeExportSink sink(settings); })->code(), ErrorCode::invalid_argument);
  EXPECT_EQ(sandbox().logins().size(), before);
}

TEST_F(Connect, AMissingDriverSaysWhereToPutOne) {
  auto settings = config();
  settings.driver = "imednet_no_such_driver";
  const auto error = refused(settings);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::not_found);
  EXPECT_EQ(error->origin().system, "driver");
  EXPECT_THAT(error->hint(), HasSubstr("ADBC_DRIVER_PATH"));
}

TEST_F(Connect, AManifestThatCantBeWrittenIsToldBeforeTheSignIn) {
  auto settings = config();
  settings.manifest_path = folder / "no such folder" / "m.jsonl";
  const std::size_t before = sandbox().logins().size();
  const auto error = thrown<ImednetError>([&] { SnowflakeExportSink sink(settings); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::io);
  EXPECT_EQ(sandbox().logins().size(), before);
}

TEST_F(Connect, TheConstructorWritesNothing) {
  const std::size_t before = sandbox().statements().size();
  SnowflakeExportSink sink(config());
  sink.flush();
  sink.close();
  const auto statements = sandbox().statements();
  for (std::size_t i = before; i < statements.size(); ++i) {
    EXPECT_THAT(statements[i], testing::AnyOf(testing::StartsWith("SELECT"), testing::StartsWith("SHOW"),
                                              testing::StartsWith("ALTER SESSION"), testing::StartsWith("LIST"),
                                              testing::HasSubstr("asking-whether-put-is-allowed")));  // a file that is not there
  }
  EXPECT_EQ(rows_in_table(), -1);
}

TEST_F(Connect, SignalHandlersStayThoseOfTheProgram) {
  EXPECT_THAT(driver_loading().changed_signals, testing::IsEmpty());
  // The driver's runtime was there and did take the signal it lives on: so the rest was really given back.
  EXPECT_TRUE(driver_loading().runtime_took_its_own);
}

}  // namespace
}  // namespace imednet::e2e
