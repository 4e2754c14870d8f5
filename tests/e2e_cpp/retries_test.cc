// Trouble on the way: what is tried again, what is asked first, and what the caller is told.
#include <chrono>
#include <thread>

#include "e2e_cpp/sink_case.h"

namespace imednet::e2e {
namespace {

using errors::ErrorCode;
using errors::ExportBatchError;
using integrations::SnowflakeExportSink;
using testing::HasSubstr;

constexpr const char* kBatch = "MY_STUDY/records/0";

class Retries : public SinkCase {
 protected:
  std::string copy() const { return "COPY INTO \"IMEDNET_DB\".\"PUBLIC\".\"" + table + "\""; }
  // `code` in place of the answer; `times` 0: always.
  static void fail(const std::string& contains, const char* code, int times, bool after_running = false,
                   const char* message = "Ordered to fail.", const char* sql_state = "XX000") {
    sandbox().order(
        {{"match", {{"statement_contains", contains}, {"times", times}}},
         {"do", {{"fail", {{"code", code}, {"message", message}, {"sql_state", sql_state}}}, {"after_running", after_running}}}});
  }
};

TEST_F(Retries, ACopyThatFailsForAWhileIsLoadedInTheEnd) {
  SnowflakeExportSink sink(config());
  fail(copy(), "000625", 2);
  EXPECT_EQ(sink.write_batch(records(7), kBatch), 7);
  EXPECT_EQ(rows_in_table(), 7);
  EXPECT_EQ(sandbox().count_of(copy()), 3u);
}

TEST_F(Retries, WhenRetriesRunOutTheBatchIsNamedAndNotLoaded) {
  SnowflakeExportSink sink(config());
  fail(copy(), "000625", 0);
  const auto error = thrown<ExportBatchError>([&] { sink.write_batch(records(7), kBatch); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->batch_id(), kBatch);
  EXPECT_EQ(error->code(), ErrorCode::unavailable);
  EXPECT_EQ(error->origin().vendor_code, "000625");
  EXPECT_THAT(error->what(), HasSubstr("3 attempts"));
  EXPECT_EQ(sandbox().count_of(copy()), 3u) << "max_retries does not count the first attempt";
  EXPECT_EQ(rows_in_table(), 0);
  sandbox().clear_orders();
  EXPECT_EQ(sink.write_batch(records(7), kBatch), 7) << "nothing of the failure stands in the way";
}

TEST_F(Retries, NoRetriesIsOneAttempt) {
  auto settings = config();
  settings.max_retries = 0;
  SnowflakeExportSink sink(settings);
  fail(copy(), "000625", 1);
  EXPECT_TRUE(thrown<ExportBatchError>([&] { sink.write_batch(records(7), kBatch); }));
  EXPECT_EQ(sandbox().count_of(copy()), 1u);
}

TEST_F(Retries, TheWaitDoubles) {
  auto settings = config();
  settings.retry_backoff = std::chrono::milliseconds(100);
  SnowflakeExportSink sink(settings);
  fail(copy(), "000625", 2);
  const auto started = std::chrono::steady_clock::now();
  EXPECT_EQ(sink.write_batch(records(2), kBatch), 2);
  EXPECT_GE(std::chrono::steady_clock::now() - started, std::chrono::milliseconds(300));
}

TEST_F(Retries, AStatementThatCantWorkIsNotRepeated) {
  SnowflakeExportSink sink(config());
  fail(copy(), "003001", 0);
  const auto error = thrown<ExportBatchError>([&] { sink.write_batch(records(7), kBatch); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::permission_denied);
  EXPECT_FALSE(error->hint().empty());
  EXPECT_EQ(sandbox().count_of(copy()), 1u);
}

TEST_F(Retries, RowsThatSnowflakeCantReadAreNotSentAgain) {
  SnowflakeExportSink sink(config());
  fail(copy(), "100069", 0, false, "Error parsing JSON: …", "22P02");
  const auto error = thrown<ExportBatchError>([&] { sink.write_batch(records(7), kBatch); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::rejected);
  EXPECT_EQ(error->origin().sql_state, "22P02");
  EXPECT_EQ(sandbox().count_of(copy()), 1u);
}

TEST_F(Retries, ACopyWhoseAnswerWasLostIsAskedForAndNotSentAgain) {
  SnowflakeExportSink sink(config());
  fail(copy(), "000630", 1, true);
  EXPECT_EQ(sink.write_batch(records(7), kBatch), 7);
  EXPECT_EQ(rows_in_table(), 7);
  EXPECT_EQ(sandbox().count_of(copy()), 1u);
  EXPECT_EQ(sink.write_batch(records(7), kBatch), 0);
}

TEST_F(Retries, WithoutIdempotenceTooALostAnswerIsNotTakenForAnEarlierLoad) {
  auto settings = config();
  settings.idempotent = false;
  SnowflakeExportSink sink(settings);
  EXPECT_EQ(sink.write_batch(records(7), kBatch), 7);
  fail(copy(), "000630", 1, false);  // this time nothing was loaded
  EXPECT_EQ(sink.write_batch(records(7), kBatch), 7);
  EXPECT_EQ(rows_in_table(), 14);
  fail(copy(), "000630", 1, true);
  EXPECT_EQ(sink.write_batch(records(7), kBatch), 7);
  EXPECT_EQ(rows_in_table(), 21);
}

TEST_F(Retries, WhenNobodyCanTellTheCodeIsInDoubtAndTheNextCallSettlesIt) {
  SnowflakeExportSink sink(config());
  fail(copy(), "000630", 1, true);
  fail("SELECT \"_FILE\", COUNT(*)", "000625", 0);
  const auto error = thrown<ExportBatchError>([&] { sink.write_batch(records(7), kBatch); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::in_doubt);
  EXPECT_EQ(error->batch_id(), kBatch);
  sandbox().clear_orders();
  EXPECT_EQ(sink.write_batch(records(7), kBatch), 0) << "its rows were in";
  EXPECT_EQ(rows_in_table(), 7);
}

TEST_F(Retries, RowsWhoseLedgerEntryWasLostAreNotLoadedTwice) {
  SnowflakeExportSink sink(config());
  fail("INSERT INTO \"IMEDNET_DB\".\"PUBLIC\".\"IMEDNET_LOADS\"", "000604", 1);
  EXPECT_THROW(sink.write_batch(records(7), kBatch), ImednetError);
  EXPECT_EQ(rows_in_table(), 7);
  EXPECT_EQ(sink.write_batch(records(7), kBatch), 0);
  EXPECT_EQ(rows_in_table(), 7);
  EXPECT_EQ(sandbox().value("SELECT COUNT(*) FROM IMEDNET_LOADS WHERE TARGET_TABLE LIKE '%." + table + "'"), "1");
}

TEST_F(Retries, ListAndPutAreTriedAgainToo) {
  SnowflakeExportSink sink(config());
  fail("LIST @", "000625", 1);
  fail("PUT ", "000625", 1);
  EXPECT_EQ(sink.write_batch(records(7), kBatch), 7);
}

TEST_F(Retries, AnExpiredSessionIsRenewedUnnoticed) {
  SnowflakeExportSink sink(config());
  EXPECT_EQ(sink.write_batch(records(3), kBatch), 3);
  sandbox().expire_sessions();
  EXPECT_EQ(sink.write_batch(records(3, 4), "MY_STUDY/records/1"), 3);
  EXPECT_EQ(rows_in_table(), 6);
}

TEST_F(Retries, ALostSessionIsSignedInAnew) {
  SnowflakeExportSink sink(config());
  fail("LIST @", "390104", 1);
  const std::size_t before = sandbox().logins().size();
  EXPECT_EQ(sink.write_batch(records(3), kBatch), 3);
  EXPECT_EQ(sandbox().logins().size(), before + 1);
}

TEST_F(Retries, AStopEndsTheWaitAndNothingIsLoaded) {
  std::stop_source source;
  auto settings = config();
  settings.stop = source.get_token();
  settings.retry_backoff = std::chrono::minutes(1);
  SnowflakeExportSink sink(settings);
  fail(copy(), "000625", 0);
  std::thread stopper([&] {
    for (int i = 0; i < 3000 && sandbox().count_of(copy()) == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    source.request_stop();
  });
  const auto error = thrown<ImednetError>([&] { sink.write_batch(records(3), kBatch); });
  stopper.join();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::cancelled);
  EXPECT_EQ(rows_in_table(), 0);
}

TEST_F(Retries, ServerTextsAreRedacted) {
  SnowflakeExportSink sink(config());
  fail(copy(), "100069", 0, false, "cannot read https://store.example/stage/f.parquet?sv=1&sig=CANARY1 password=CANARY2 token: CANARY3");
  const auto error = thrown<ExportBatchError>([&] { sink.write_batch(records(3), kBatch); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), testing::AllOf(HasSubstr("store.example/stage/f.parquet"), testing::Not(HasSubstr("CANARY"))));
}

}  // namespace
}  // namespace imednet::e2e
