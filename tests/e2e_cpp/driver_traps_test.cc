// What the Snowflake driver hides or gets wrong, shown with the driver itself, and what the sink does about it.
#include <fstream>

#include "db/adbc.h"
#include "e2e_cpp/sink_case.h"

namespace imednet::e2e {
namespace {

using errors::ErrorCode;
using errors::ExportBatchError;
using integrations::SnowflakeExportSink;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kBatch = "MY_STUDY/records/0";

class DriverTraps : public SinkCase {
 protected:
  // The bare driver, signed in.
  static db::Connection driver() {
    const auto programs = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    return {{"snowflake", (programs.parent_path() / "lib" / "imednet" / "drivers").string()},
            {{"adbc.snowflake.sql.account", sandbox().text("account")},
             {"username", sandbox().text("user")},
             {"password", sandbox().text("password")},
             {"adbc.snowflake.sql.db", sandbox().text("database")},
             {"adbc.snowflake.sql.schema", sandbox().text("schema")},
             {"adbc.snowflake.sql.uri.host", sandbox().text("host")},
             {"adbc.snowflake.sql.uri.port", std::to_string(sandbox().port())},
             {"adbc.snowflake.sql.uri.protocol", "http"},
             {"adbc.snowflake.sql.client_option.tls_skip_verify", "true"}},  // OCSP alone is off: certificates are still verified
            {}};
  }
  std::filesystem::path file_of(const std::string& directory, std::size_t bytes, char fill) const {
    std::filesystem::create_directories(folder / directory);
    std::ofstream(folder / directory / "f.parquet", std::ios::binary) << std::string(bytes, fill);
    return folder / directory / "f.parquet";
  }
  std::string put(const std::filesystem::path& file, bool overwrite) const {
    return "PUT 'file://" + file.string() + "' '@MY_STAGE/" + prefix +
           "' AUTO_COMPRESS = FALSE OVERWRITE = " + (overwrite ? "TRUE" : "FALSE");
  }
};

TEST_F(DriverTraps, APutReportedAsSuccessThatStoredNothingIsCaughtByList) {
  SnowflakeExportSink sink(config());
  sandbox().order({{"match", {{"statement_contains", "PUT "}, {"times", 0}}}, {"do", {{"lose_upload", true}}}});
  const std::size_t copies = sandbox().count_of("COPY INTO");
  const auto error = thrown<ExportBatchError>([&] { sink.write_batch(records(5), kBatch); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->batch_id(), kBatch);
  EXPECT_EQ(error->code(), ErrorCode::unavailable);
  EXPECT_THAT(error->what(), testing::AllOf(HasSubstr("PUT reported success"), HasSubstr("LIST")));
  EXPECT_TRUE(on_stage().empty());
  EXPECT_EQ(sandbox().count_of("COPY INTO"), copies) << "no COPY for a file that is not there";
  sandbox().clear_orders();
  EXPECT_EQ(sink.write_batch(records(5), kBatch), 5);
}

// The driver marks the file as failed in rows that nobody sees, and returns success.
TEST_F(DriverTraps, APutWithExpiredCredentialsIsReportedAsSuccess) {
  auto connection = driver();
  sandbox().order({{"match", {{"statement_contains", "PUT "}}}, {"do", {{"store_credentials", "expired"}}}});
  EXPECT_NO_THROW(connection.query(put(file_of("a", 100, 'a'), true))) << "the trap itself";
  EXPECT_TRUE(on_stage().empty());
}

TEST_F(DriverTraps, CredentialsThatTheStoreRefusedAreCaughtByListAndTheBatchIsPutAgain) {
  SnowflakeExportSink sink(config());
  sandbox().order(
      {{"match", {{"statement_contains", "MY_STUDY_records_0.parquet"}, {"times", 1}}}, {"do", {{"store_credentials", "expired"}}}});
  EXPECT_EQ(sink.write_batch(records(5), kBatch), 5);
  EXPECT_EQ(rows_in_table(), 5);
}

TEST_F(DriverTraps, AFileOfAnotherSizeOnTheStageIsPutAgain) {
  auto settings = config();
  settings.local_staging_dir = folder / "staging";
  {
    SnowflakeExportSink sink(settings);
    EXPECT_EQ(sink.write_batch(records(5), kBatch), 5);
  }
  const auto [path, size] = on_stage().at(0);
  // A cut copy in the right place under the right name, and a table that does not have the rows.
  const auto cut = file_of("cut", static_cast<std::size_t>(size - 100), 'x');
  const auto named = cut.parent_path() / "MY_STUDY_records_0.parquet";
  std::filesystem::rename(cut, named);
  auto connection = driver();
  connection.query("PUT 'file://" + named.string() + "' '@MY_STAGE/" + path.substr(0, path.rfind('/')) +
                   "' AUTO_COMPRESS = FALSE OVERWRITE = TRUE");
  ASSERT_EQ(on_stage().at(0).second, encrypted_size(size - 100));
  sandbox().sql("DROP TABLE " + table);
  SnowflakeExportSink sink(settings);
  EXPECT_EQ(sink.write_batch(records(5), kBatch), 5);
  EXPECT_EQ(on_stage().at(0).second, size);
}

TEST_F(DriverTraps, ABrokenFileOfTheRightSizeIsPutAgainWhenCopyRefusesIt) {
  {
    SnowflakeExportSink sink(config());
    EXPECT_EQ(sink.write_batch(records(5), kBatch), 5);
  }
  const auto [path, size] = on_stage().at(0);
  const auto broken = file_of("broken", static_cast<std::size_t>(size - 1), 'x');
  const auto named = broken.parent_path() / "MY_STUDY_records_0.parquet";
  std::filesystem::rename(broken, named);
  auto connection = driver();
  connection.query("PUT 'file://" + named.string() + "' '@MY_STAGE/" + path.substr(0, path.rfind('/')) +
                   "' AUTO_COMPRESS = FALSE OVERWRITE = TRUE");
  sandbox().sql("DROP TABLE " + table);
  SnowflakeExportSink sink(config());
  EXPECT_EQ(sink.write_batch(records(5), kBatch), 5);
  EXPECT_EQ(rows_in_table(), 5);
}

TEST_F(DriverTraps, PutHasNoRowsToReadAStatusFrom) {
  auto connection = driver();
  const db::Answer first = connection.query(put(file_of("a", 100, 'a'), true));
  EXPECT_TRUE(first.find("status"));
  EXPECT_TRUE(first.rows.empty());
  EXPECT_EQ(on_stage().size(), 1u) << "though the file was stored";
}

TEST_F(DriverTraps, GetBringsBackTheBytesThatPutSent) {
  auto connection = driver();
  const auto sent = file_of("sent", 5000, 'a');
  connection.query(put(sent, true));
  std::filesystem::create_directories(folder / "got");
  const std::string to = "' 'file://" + (folder / "got" / "").string() + "'";
  connection.query("GET '@MY_STAGE/" + prefix + "/f.parquet" + to);
  EXPECT_EQ(bytes_of(folder / "got" / "f.parquet"), bytes_of(sent));
  EXPECT_THROW(connection.query("GET '@NO_STAGE/" + prefix + to), ImednetError);
}

TEST_F(DriverTraps, WithoutOverwriteAnotherFileOfTheNameIsSkippedSilently) {
  auto connection = driver();
  connection.query(put(file_of("a", 100, 'a'), false));
  EXPECT_NO_THROW(connection.query(put(file_of("b", 300, 'b'), false)));
  EXPECT_EQ(on_stage().at(0).second, encrypted_size(100)) << "the first file is still there";
  connection.query(put(file_of("b", 300, 'b'), true));
  EXPECT_EQ(on_stage().at(0).second, encrypted_size(300));
}

TEST_F(DriverTraps, AShorterFileOverALongerOneLeavesNoTail) {
  auto connection = driver();
  connection.query(put(file_of("long", 5000, 'a'), true));
  connection.query(put(file_of("short", 1000, 'b'), true));
  EXPECT_EQ(on_stage().at(0).second, encrypted_size(1000));
}

TEST_F(DriverTraps, TheSinkAlwaysOverwritesOneNamedFile) {
  SnowflakeExportSink sink(config());
  sink.write_batch(records(2), kBatch);
  std::size_t puts = 0;
  for (const std::string& text : sandbox().statements()) {
    if (!text.starts_with("PUT ") || text.find(prefix + "/") == std::string::npos) continue;
    if (text.find("asking-whether-put-is-allowed") != std::string::npos) continue;  // sends no file
    ++puts;
    EXPECT_THAT(text, testing::EndsWith("AUTO_COMPRESS = FALSE OVERWRITE = TRUE"));
    EXPECT_THAT(text, testing::AllOf(HasSubstr("/MY_STUDY_records_0.parquet'"), Not(HasSubstr("*"))));
  }
  EXPECT_EQ(puts, 1u);
}

// The driver reads the path in PUT as a pattern.
TEST_F(DriverTraps, APatternInAFoldersNameIsNoTrouble) {
  const auto odd = folder / "[x]*? it's caf\xC3\xA9";
  std::filesystem::create_directories(odd);
  {
    std::ofstream(odd / "f.parquet") << "x";
    auto connection = driver();
    EXPECT_THROW(connection.query(put(file_of("[x]", 100, 'a'), true)), ImednetError) << "the trap itself";
  }
  auto settings = config();
  settings.local_staging_dir = odd / "staging";
  SnowflakeExportSink sink(settings);
  EXPECT_EQ(sink.write_batch(records(5), kBatch), 5);
  EXPECT_EQ(on_stage().size(), 1u);
  EXPECT_TRUE(std::filesystem::exists(odd / "staging" / "MY_STUDY_records_0.parquet"));
}

TEST_F(DriverTraps, SignInTellsNothingOfTheMachinesCloudOrSideLibraries) {
  SnowflakeExportSink sink(config());
  const auto login = sandbox().logins().back();
  const auto& environment = login.at("CLIENT_ENVIRONMENT");
  ASSERT_TRUE(environment.contains("GO_VERSION")) << environment.dump();
  EXPECT_TRUE(!environment.contains("PLATFORM") || environment["PLATFORM"].empty() ||
              environment["PLATFORM"] == nlohmann::json({"disabled"}))
      << environment.dump();
  EXPECT_FALSE(environment.contains("CORE_VERSION")) << environment.dump();
  // Where the driver speaks of its side library at all, it says that it is off.
  if (environment.contains("CORE_FILE_NAME")) {
    EXPECT_THAT(environment.value("CORE_LOAD_ERROR", ""), HasSubstr("disabled"));
  }
}

TEST_F(DriverTraps, SessionParametersHoldNoSecret) {
  SnowflakeExportSink sink(config());
  const std::string told = sandbox().logins().back().dump();
  EXPECT_THAT(told, HasSubstr("QUERY_TAG"));
  EXPECT_THAT(told, Not(HasSubstr(sandbox().text("password"))));
}

TEST_F(DriverTraps, TheDriversFilesStayInsideTheTemporaryFolder) {
  SnowflakeExportSink sink(config());
  sink.write_batch(records(2), kBatch);
  sink.close();
  for (const auto& entry : std::filesystem::directory_iterator(temporary_root())) {
    EXPECT_THAT(entry.path().filename().string(), testing::AnyOf(testing::StartsWith("case-"), testing::StartsWith("imednet-")));
  }
}

}  // namespace
}  // namespace imednet::e2e
