// An existing table is matched by name and type, and mended only where nothing can be lost.
#include "e2e_cpp/sink_case.h"

namespace imednet::e2e {
namespace {

using errors::ErrorCode;
using errors::ExportConfigurationError;
using integrations::SnowflakeExportSink;
using testing::HasSubstr;

constexpr const char* kBatch = "MY_STUDY/records/0";

class TableColumns : public SinkCase {
 protected:
  std::optional<ExportConfigurationError> refused() {
    SnowflakeExportSink sink(config());
    return thrown<ExportConfigurationError>([&] { sink.write_batch(records(2), kBatch); });
  }
};

TEST_F(TableColumns, AColumnOfAnotherTypeIsNamed) {
  sandbox().sql("CREATE TABLE " + table + " (STUDY_KEY VARCHAR NOT NULL, RECORD_ID NUMBER(10,2) NOT NULL, RECORD_DATA VARCHAR)");
  const auto error = refused();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::schema_mismatch);
  EXPECT_THAT(error->what(), testing::AllOf(HasSubstr(table), HasSubstr("RECORD_ID is NUMBER(10,2) instead of NUMBER(38,0)"),
                                            HasSubstr("RECORD_DATA is")));
  EXPECT_EQ(rows_in_table(), 0);
  EXPECT_TRUE(on_stage().empty()) << "nothing is uploaded for a table that does not fit";
}

TEST_F(TableColumns, AForeignColumnThatMustBeFilledIsRefused) {
  sandbox().sql("CREATE TABLE " + table + " (STUDY_KEY VARCHAR NOT NULL, RECORD_ID NUMBER(38,0) NOT NULL, AUDITOR VARCHAR NOT NULL)");
  const auto error = refused();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::schema_mismatch);
  EXPECT_THAT(error->what(), HasSubstr("AUDITOR"));
}

TEST_F(TableColumns, MissingColumnsAreAddedAndForeignOnesStay) {
  sandbox().sql(
      "CREATE TABLE " + table +
      " (NOTE VARCHAR, STUDY_KEY VARCHAR(500) NOT NULL, RECORD_ID NUMBER(19,0) NOT NULL, AUDITOR VARCHAR NOT NULL DEFAULT 'none')");
  sandbox().sql("INSERT INTO " + table + " (NOTE, STUDY_KEY, RECORD_ID) VALUES ('older', 'OTHER', 1)");
  SnowflakeExportSink sink(config());
  EXPECT_EQ(sink.write_batch(records(3), kBatch), 3);
  EXPECT_EQ(rows_in_table(), 4);
  EXPECT_EQ(sandbox().value("SELECT COUNT(*) FROM " + table + " WHERE NOTE = 'older' AND RECORD_DATA IS NULL"), "1");
  EXPECT_EQ(sandbox().value("SELECT MAX(RECORD_DATA:\"it.age\"::NUMBER) FROM " + table), "22");
}

TEST_F(TableColumns, ATableIsNotMadeWhenThatIsOff) {
  auto settings = config();
  settings.create_table = false;
  SnowflakeExportSink sink(settings);
  const auto error = thrown<ExportConfigurationError>([&] { sink.write_batch(records(1), kBatch); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::not_found);
  EXPECT_THAT(error->what(), HasSubstr(table));
  EXPECT_EQ(rows_in_table(), -1);
}

TEST_F(TableColumns, AQuotedNameIsAnotherTable) {
  auto settings = config();
  settings.table = "public.\"Mixed " + table + "\"";
  SnowflakeExportSink sink(settings);
  EXPECT_EQ(sink.write_batch(records(3), kBatch), 3);
  EXPECT_EQ(sink.write_batch(records(3), kBatch), 0);
  EXPECT_EQ(sandbox().value("SELECT COUNT(*) FROM \"Mixed " + table + "\""), "3");
  EXPECT_EQ(rows_in_table(), -1);
}

TEST_F(TableColumns, ALedgerInAnotherSchemaIsUsed) {
  sandbox().sql("CREATE SCHEMA IF NOT EXISTS LEDGERS");
  sandbox().sql("USE SCHEMA PUBLIC");  // the new one came into use
  auto settings = config();
  settings.ledger_schema = "ledgers";
  SnowflakeExportSink sink(settings);
  EXPECT_EQ(sink.write_batch(records(3), kBatch), 3);
  EXPECT_EQ(sink.write_batch(records(3), kBatch), 0);
  EXPECT_EQ(sandbox().value("SELECT COUNT(*) FROM LEDGERS.IMEDNET_LOADS WHERE TARGET_TABLE LIKE '%" + table + "'"), "1");
}

}  // namespace
}  // namespace imednet::e2e
