// The bridge against a real driver: DuckDB through its ADBC entry point.
#include "db/adbc.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "imednet/errors.h"
#include "unit/folder.h"

namespace imednet::db {
namespace {

using errors::ErrorCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Connection duckdb(std::stop_token stop = {}) {
  return {{IMEDNET_DUCKDB_LIBRARY, ""}, {{"entrypoint", "duckdb_adbc_init"}, {"path", ":memory:"}}, std::move(stop)};
}

// The error that `call` throws; the test fails when it throws none.
template <class Call>
ImednetError error_of(Call&& call) {
  try {
    call();
  } catch (const ImednetError& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {"", {}};
}

using AdbcFiles = FolderTest;

TEST(Adbc, AnAnswerHasColumnsAndRowsAsText) {
  auto connection = duckdb();
  const Answer answer = connection.query(
      "SELECT * FROM (VALUES (1, 'it''s', TRUE, CAST(1.50 AS DECIMAL(10,2)), DATE '2026-01-15'), (-2, '', FALSE, -0.25, NULL)) "
      "AS t(whole, words, flag, amount, day)");
  EXPECT_THAT(answer.columns, ElementsAre("whole", "words", "flag", "amount", "day"));
  ASSERT_EQ(answer.rows.size(), 2u);
  EXPECT_THAT(answer.rows[0], ElementsAre("1", "it's", "true", "1.50", "2026-01-15"));
  EXPECT_THAT(answer.rows[1], ElementsAre("-2", "", "false", "-0.25", std::nullopt));
}

TEST(Adbc, NullIsNoTextAndEmptyTextIsNotNull) {
  auto connection = duckdb();
  const Answer answer = connection.query("SELECT NULL AS nothing, '' AS empty, 'null' AS word");
  EXPECT_EQ(answer.at(0, "nothing"), std::nullopt);
  EXPECT_EQ(answer.at(0, "empty"), "");
  EXPECT_EQ(answer.at(0, "word"), "null");
}

TEST(Adbc, ColumnsAreFoundWhateverTheirCase) {
  auto connection = duckdb();
  const Answer answer = connection.query("SELECT 1 AS rows_loaded, 2 AS rows");
  EXPECT_EQ(answer.find("ROWS_LOADED"), 0u);
  EXPECT_EQ(answer.find("Rows"), 1u);
  EXPECT_EQ(answer.find("row"), std::nullopt);
}

TEST(Adbc, AMissingColumnOrRowIsAProtocolErrorThatNamesIt) {
  auto connection = duckdb();
  const Answer answer = connection.query("SELECT 1 AS here");
  const ImednetError column = error_of([&] { (void)answer.at(0, "status"); });
  EXPECT_EQ(column.code(), ErrorCode::protocol);
  EXPECT_THAT(column.what(), HasSubstr("status"));
  EXPECT_EQ(error_of([&] { (void)answer.at(1, "here"); }).code(), ErrorCode::protocol);
}

TEST(Adbc, NumbersAreReadWholeOrNotAtAll) {
  auto connection = duckdb();
  const Answer answer = connection.query(
      "SELECT 9223372036854775807 AS most, -9223372036854775807 - 1 AS least, '12' AS text, NULL AS nothing, '12 ' AS tail, 1.5 AS part, "
      "'' AS empty, '9223372036854775808' AS beyond");
  EXPECT_EQ(answer.number(0, "most"), INT64_MAX);
  EXPECT_EQ(answer.number(0, "least"), INT64_MIN);
  EXPECT_EQ(answer.number(0, "text"), 12);
  for (const char* name : {"nothing", "tail", "part", "empty", "beyond", "absent"}) {
    const ImednetError error = error_of([&] { (void)answer.number(0, name); });
    EXPECT_EQ(error.code(), ErrorCode::protocol) << name;
    EXPECT_THAT(error.what(), HasSubstr(name));
  }
}

TEST(Adbc, AnAnswerOfManyBatchesIsWhole) {
  auto connection = duckdb();
  const Answer answer =
      connection.query("SELECT range AS n, CASE WHEN range % 3 = 0 THEN NULL ELSE 'row ' || range END AS t FROM range(20000)");
  ASSERT_EQ(answer.rows.size(), 20'000u);
  for (std::size_t row = 0; row < answer.rows.size(); ++row) {
    ASSERT_EQ(answer.number(row, "n"), static_cast<std::int64_t>(row));
    ASSERT_EQ(answer.at(row, "t"), row % 3 == 0 ? Cell() : Cell("row " + std::to_string(row)));
  }
}

TEST(Adbc, AConnectionIsOneSession) {
  auto connection = duckdb();
  connection.query("CREATE TEMPORARY TABLE kept (n INTEGER)");
  connection.query("BEGIN");
  connection.query("INSERT INTO kept VALUES (1), (2)");
  connection.query("ROLLBACK");
  EXPECT_EQ(connection.query("SELECT count(*) AS n FROM kept").number(0, "n"), 0);
  connection.query("INSERT INTO kept VALUES (1), (2)");
  EXPECT_EQ(connection.query("SELECT count(*) AS n FROM kept").number(0, "n"), 2);
}

TEST(Adbc, AWrongStatementIsAnErrorAndTheSessionGoesOn) {
  auto connection = duckdb();
  const ImednetError error = error_of([&] { connection.query("SELECT * FROM no_such_table"); });
  EXPECT_THAT(error.what(), HasSubstr("no_such_table"));
  EXPECT_EQ(error.origin().system, "driver");
  EXPECT_EQ(error.retry_class(), errors::RetryClass::never);
  EXPECT_EQ(connection.query("SELECT 1 AS n").number(0, "n"), 1);
}

TEST(Adbc, ErrorTextsOfTheDriverAreRedacted) {
  auto connection = duckdb();
  const ImednetError error = error_of([&] {
    connection.query(
        "SELECT error('cannot put to https://store.example/stage/f.parquet?sv=1&sig=CANARY1 with password=CANARY2 token: CANARY3')");
  });
  EXPECT_THAT(error.what(), HasSubstr("https://store.example/stage/f.parquet"));
  EXPECT_THAT(error.what(), Not(HasSubstr("CANARY")));
}

TEST(Adbc, AnErrorWhileRowsArriveIsNotAShortAnswer) {
  auto connection = duckdb();
  EXPECT_THROW(connection.query("SELECT CASE WHEN range = 99999 THEN error('late') ELSE 'fine' END AS t FROM range(100000)"), ImednetError);
}

TEST(Adbc, ClosingTwiceIsOnceAndNothingRunsAfterIt) {
  auto connection = duckdb();
  connection.close();
  EXPECT_NO_THROW(connection.close());
  EXPECT_THROW(connection.query("SELECT 1"), ImednetError);
}

TEST(Adbc, AMovedConnectionKeepsItsSession) {
  auto first = duckdb();
  first.query("CREATE TEMPORARY TABLE kept AS SELECT 7 AS n");
  Connection second = std::move(first);
  EXPECT_EQ(second.query("SELECT n FROM kept").number(0, "n"), 7);
  EXPECT_NO_THROW(first.close());  // NOLINT(bugprone-use-after-move): what a moved-from sink does in its destructor
}

TEST(Adbc, NothingRunsAfterAStop) {
  std::stop_source source;
  auto connection = duckdb(source.get_token());
  connection.query("CREATE TABLE kept (n INTEGER)");
  source.request_stop();
  EXPECT_EQ(error_of([&] { connection.query("SELECT 1"); }).code(), ErrorCode::cancelled);
  EXPECT_NO_THROW(connection.close());
}

// The statement writes into a pipe without end: once a byte of it has arrived it is running, and only the stop ends it.
TEST_F(AdbcFiles, AStopFromAnotherThreadEndsARunningStatement) {
  const std::string pipe = (root / "rows").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::stop_source source;
  auto connection = duckdb(source.get_token());
  std::thread reader([&] {
    const int file = ::open(pipe.c_str(), O_RDONLY | O_CLOEXEC);
    char buffer[65536];
    if (::read(file, buffer, 1) == 1) source.request_stop();
    while (::read(file, buffer, sizeof(buffer)) > 0) {  // until the statement has let go of the pipe
    }
    ::close(file);
  });
  const ImednetError error =
      error_of([&] { connection.query("COPY (SELECT * FROM range(1000000000000)) TO '" + pipe + "' (FORMAT csv, USE_TMP_FILE false)"); });
  reader.join();
  EXPECT_EQ(error.code(), ErrorCode::cancelled);
  EXPECT_EQ(error.retry_class(), errors::RetryClass::never);
}

TEST(Adbc, AMissingDriverIsNamedAndNothingElseIsTried) {
  const ImednetError error = error_of([] { Connection({"imednet_no_such_driver", ""}, {}, {}); });
  EXPECT_THAT(error.what(), HasSubstr("cannot load the driver imednet_no_such_driver"));
  EXPECT_EQ(error.origin().system, "driver");
  EXPECT_EQ(find_driver({"imednet_no_such_driver", ""}), std::nullopt);
}

TEST(Adbc, ADriverThatIsNoLibraryIsAnError) {
  EXPECT_THROW(Connection({"/proc/self/status", ""}, {}, {}), ImednetError);
  EXPECT_THROW(Connection({IMEDNET_DUCKDB_LIBRARY, ""}, {{"entrypoint", "no_such_entry"}}, {}), ImednetError);
}

// A manifest in the folder beside the program, as the build writes one for Snowflake.
TEST_F(AdbcFiles, ADriverIsFoundByItsManifestInTheFallbackFolder) {
  put(root / "shipped.toml",
      std::string("manifest_version = 1\nname = \"DuckDB\"\n[Driver]\nentrypoint = \"duckdb_adbc_init\"\nshared = \"") +
          IMEDNET_DUCKDB_LIBRARY + "\"\n");
  const std::string folder = root.string();
  EXPECT_EQ(find_driver({"shipped", folder}), folder);
  Connection connection({"shipped", folder}, {{"path", ":memory:"}}, {});
  EXPECT_EQ(connection.query("SELECT 42 AS n").number(0, "n"), 42);
  EXPECT_EQ(find_driver({"shipped", ""}), std::nullopt);
  connection.close();
}

}  // namespace
}  // namespace imednet::db
