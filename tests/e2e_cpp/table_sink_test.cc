// What only a database can do to a batch: answers that are lost, rows that are changed on the way, others who hold it.
#include <array>
#include <thread>

#include "core/run_id.h"
#include "db/adbc.h"
#include "e2e_cpp/sink_case.h"
#include "imednet/integrations/sql.h"
#include "sinks/sql/sql_loader.h"
#include "staging/batch_input.h"

namespace imednet::e2e {
namespace {

using errors::ErrorCode;
using errors::ExportBatchError;
using integrations::DuckDbExportSink;
using integrations::SqlExportSink;
using sinks::sql::SqlPlace;

constexpr const char* kBatch = "MY_STUDY/records/0";

// A session whose statement's answer is lost, after it ran or before, so many times.
struct Loss {
  std::string statement;
  bool after_running = true;
  int times = 1, seen = 0;
};

class LosingChannel final : public db::Channel {
 public:
  LosingChannel(std::unique_ptr<db::Channel> real, Loss& loss) : real_(std::move(real)), loss_(loss) {}
  db::Answer query(const std::string& sql, const db::Options& options) override {
    const bool is_lost = sql.starts_with(loss_.statement) && loss_.times > 0;
    loss_.seen += sql.starts_with(loss_.statement) ? 1 : 0;
    if (is_lost && !loss_.after_running) lose();
    db::Answer answer = real_->query(sql, options);
    if (is_lost) lose();
    return answer;
  }
  void read(const std::string& sql, const db::Options& options, const std::function<void(const arrow::RecordBatch&)>& visit) override {
    real_->read(sql, options, visit);
  }
  std::int64_t ingest(const std::string& table, const std::shared_ptr<arrow::RecordBatchReader>& rows) override {
    return real_->ingest(table, rows);
  }
  std::string vendor() override { return real_->vendor(); }
  void close() override { real_->close(); }

 private:
  [[noreturn]] void lose() {
    --loss_.times;
    throw ImednetError("the connection is gone", {.code = ErrorCode::unavailable, .retry = errors::RetryClass::backoff});
  }
  std::unique_ptr<db::Channel> real_;
  Loss& loss_;
};

class TableSink : public SinkCase {
 protected:
  db::Answer run(const SqlPlace& place, const std::string& sql) const {
    db::Connection connection(place.driver, place.options, {});
    db::Answer answer = connection.query(sql);
    connection.close();
    return answer;
  }
  std::int64_t count(const SqlPlace& place, const std::string& from) const {
    return run(place, "SELECT COUNT(*) AS it FROM " + from).number(0, "it");
  }
  std::string sqlite_address() const { return "sqlite:///" + (folder / "it.sqlite").string(); }
  SqlPlace sqlite() const { return sinks::sql::place_of_address(Secret(sqlite_address())); }
  SqlExportSink sink() const { return SqlExportSink({.uri = Secret(sqlite_address()), .table = "records"}); }
  std::vector<SqlPlace> files() const { return {sinks::sql::place_of_duckdb(folder / "it.duckdb"), sqlite()}; }

  // Loads seven records under one batch id, over sessions that lose what `loss` says.
  sinks::FileOutcome load(const SqlPlace& place, Loss& loss, int max_retries) const {
    const auto batch = staging::stage_batch(folder / "staged", kBatch, records(7));
    const sinks::sql::LoaderSettings settings{.retry = {.max_retries = max_retries, .backoff = std::chrono::milliseconds(1)}};
    core::Clock& clock = core::system_clock();
    sinks::sql::SqlLoader loader(place, sinks::sql::TableName::parse("records", *place.dialect), settings, core::make_run_id(clock), clock,
                                 {}, [&](const db::DriverSpec& driver, const db::Options& options, const std::stop_token& stop) {
                                   return std::make_unique<LosingChannel>(db::connect(driver, options, stop), loss);
                                 });
    return loader.load_batch(batch->study, batch->file);
  }
};

TEST_F(TableSink, ACommitWhoseAnswerWasLostIsAskedForAndNotDoneAgain) {
  for (const SqlPlace& place : files()) {
    Loss loss{.statement = "COMMIT"};
    EXPECT_EQ(load(place, loss, 1).rows_loaded, 7);
    EXPECT_EQ(loss.seen, 1);
    EXPECT_EQ(count(place, "records"), 7);
    EXPECT_EQ(count(place, "imednet_runs"), 1);
  }
}

TEST_F(TableSink, ACommitThatWasNotDoneIsDoneByTheNextAttempt) {
  for (const SqlPlace& place : files()) {
    Loss loss{.statement = "COMMIT", .after_running = false};
    EXPECT_EQ(load(place, loss, 1).rows_loaded, 7);
    EXPECT_EQ(loss.seen, 2);
    EXPECT_EQ(count(place, "records"), 7);
  }
}

TEST_F(TableSink, WhenNobodyAsksAnyMoreItIsInDoubtAndTheNextCallSettlesIt) {
  for (const SqlPlace& place : files()) {
    Loss loss{.statement = "COMMIT"};
    const auto error = thrown<errors::ExportError>([&] { load(place, loss, 0); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::in_doubt);
    EXPECT_EQ(load(place, loss, 0).rows_loaded, 0) << "its rows were in";
    EXPECT_EQ(count(place, "records"), 7);
  }
}

TEST_F(TableSink, AnInsertThatFailsIsUndoneAndTriedAgain) {
  for (const SqlPlace& place : files()) {
    Loss loss{.statement = "INSERT INTO \"imednet_loads\"", .times = 2};
    EXPECT_EQ(load(place, loss, 2).rows_loaded, 7);
    EXPECT_EQ(loss.seen, 3);
    EXPECT_EQ(count(place, "records"), 7);
    EXPECT_EQ(count(place, "imednet_loads"), 1);
  }
}

TEST_F(TableSink, EachBatchIsARunWithANumber) {
  SqlExportSink to = sink();
  to.write_batch(records(2), kBatch);
  to.write_batch(records(2), kBatch);  // is in
  to.write_batch(records(3, 3), "MY_STUDY/records/1");
  const db::Answer runs = run(sqlite(), "SELECT run_number, mode, method, rows_inserted, rows_live FROM imednet_runs ORDER BY 1");
  ASSERT_EQ(runs.rows.size(), 2u);
  EXPECT_THAT(runs.rows[0], testing::ElementsAre("1", "append", "append", "2", "2"));
  EXPECT_THAT(runs.rows[1], testing::ElementsAre("2", "append", "append", "3", "5"));
}

TEST_F(TableSink, AValueThatIsChangedOnTheWayIsFoundBeforeCommit) {
  SqlExportSink to = sink();
  to.write_batch(records(1), kBatch);
  run(sqlite(), "CREATE TRIGGER alters AFTER INSERT ON records BEGIN UPDATE records SET form_key = 'XX' WHERE rowid = NEW.rowid; END");
  const auto error = thrown<ExportBatchError>([&] { to.write_batch(records(3, 2), "MY_STUDY/records/1"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::counts_differ);
  EXPECT_EQ(count(sqlite(), "records"), 1);
}

TEST_F(TableSink, RowsThatWereAlteredAreNotTakenForTheBatch) {
  SqlExportSink to = sink();
  to.write_batch(records(3), kBatch);
  run(sqlite(), "DELETE FROM imednet_loads");
  run(sqlite(), "UPDATE records SET form_key = 'XX' WHERE record_id = 2");
  const auto error = thrown<ExportBatchError>([&] { to.write_batch(records(3), kBatch); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::counts_differ);
  EXPECT_EQ(count(sqlite(), "imednet_loads"), 0);
}

TEST_F(TableSink, WhatCanNotBeOpenedIsRefusedByTheConstructor) {
  const auto refused = [&](const char* file, std::string name, ErrorCode code) {
    const auto error =
        thrown<errors::ExportConfigurationError>([&] { DuckDbExportSink({.path = folder / file, .table = std::move(name)}); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), code) << error->what();
  };
  refused("it.duckdb", "", ErrorCode::config);
  refused("it.duckdb", "a.b.c", ErrorCode::invalid_argument);
  refused("no such folder/it.duckdb", "records", ErrorCode::config);
  run(sinks::sql::place_of_duckdb(folder / "it.duckdb"), "CREATE TABLE records (record_id BIGINT)");
  refused("it.duckdb", "records", ErrorCode::schema_mismatch);
  const auto error = thrown<errors::ExportConfigurationError>(
      [&] { DuckDbExportSink({.path = folder / "new.duckdb", .table = "records", .load = {.create_table = false}}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::not_found);
  EXPECT_FALSE(std::filesystem::exists(folder / "new.duckdb"));
}

TEST_F(TableSink, TwoSinksOfOneFileAtTheSameTimeLoadABatchOnce) {
  for (const bool is_duckdb : {true, false}) {
    std::array<integrations::RowCount, 2> loaded{};
    const auto write = [&](integrations::RowCount& rows) {
      const integrations::TableLoad load{.max_retries = 12, .retry_backoff = std::chrono::milliseconds(10)};
      const auto to =
          is_duckdb
              ? std::unique_ptr<integrations::ExportSink>(std::make_unique<DuckDbExportSink>(
                    integrations::DuckDbConfig{.path = folder / "it.duckdb", .table = "records", .load = load}))
              : std::make_unique<SqlExportSink>(integrations::SqlConfig{.uri = Secret(sqlite_address()), .table = "records", .load = load});
      for (int n = 0; n < 5; ++n) rows += to->write_batch(records(10, 10 * n + 1), "MY_STUDY/records/" + std::to_string(n));
    };
    {
      std::jthread other([&] { write(loaded[1]); });
      write(loaded[0]);
    }
    EXPECT_EQ(loaded[0] + loaded[1], 50);
    EXPECT_EQ(count(files().at(is_duckdb ? 0 : 1), "records"), 50);
  }
}

TEST_F(TableSink, ItsStepsAreTold) {
  std::vector<std::string> steps;
  SqlExportSink to({.uri = Secret(sqlite_address()),
                    .table = "records",
                    .load = {.on_progress = [&](const integrations::ExportProgress& now) { steps.emplace_back(now.step); }}});
  to.write_batch(records(2), kBatch);
  EXPECT_THAT(steps, testing::ElementsAre("connecting", "loading", "verifying"));
}

TEST_F(TableSink, AStopEndsTheWaitAndNothingIsLoaded) {
  std::stop_source source;
  SqlExportSink to({.uri = Secret(sqlite_address()), .table = "records", .load = {.stop = source.get_token()}});
  source.request_stop();
  const auto error = thrown<ImednetError>([&] { to.write_batch(records(2), kBatch); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::cancelled);
  EXPECT_FALSE(std::filesystem::exists(folder / "it.sqlite"));
}

}  // namespace
}  // namespace imednet::e2e
