// What an ExportSink promises, asked of every destination: the same calls, the same answers.
#include <arrow/api.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>

#include "e2e_cpp/sink_case.h"
#include "e2e_cpp/sink_places.h"

namespace imednet::e2e {
namespace {

using errors::ErrorCode;
using errors::ExportBatchError;
using errors::ExportConfigurationError;
using integrations::ExportSink;
using testing::HasSubstr;

constexpr const char* kBatch = "MY_STUDY/records/0";
constexpr const char* kNext = "MY_STUDY/records/1";

struct Destination {
  const char* name;
  MakePlace make;
};
std::ostream& operator<<(std::ostream& out, const Destination& destination) { return out << destination.name; }

class EverySink : public SinkCase, public testing::WithParamInterface<Destination> {
 protected:
  void SetUp() override {
    SinkCase::SetUp();
    static int number = 0;
    place = GetParam().make("EVERY_SINK_" + std::to_string(++number), folder);
  }
  void TearDown() override {
    place.reset();
    SinkCase::TearDown();
  }

  // As SinkPlace::rows() tells them.
  static std::vector<std::string> told(const std::vector<Record>& records) {
    std::vector<std::string> all;
    all.reserve(records.size());
    for (const Record& record : records) {
      all.push_back(record.study_key.value_or("") + "/" + std::to_string(record.record_id) + "/" + record.subject_key.value_or(""));
    }
    return all;
  }
  static std::vector<std::string> told(const std::vector<Record>& first, const std::vector<Record>& second) {
    std::vector<std::string> all = told(first);
    for (std::string& row : told(second)) all.push_back(std::move(row));
    return all;
  }

  // Refused or failed: the batch is named, the code is that of the cause.
  static void expect_batch_error(ExportSink& sink, const std::vector<Record>& batch, const std::string& batch_id, ErrorCode code) {
    const auto error = thrown<ExportBatchError>([&] { sink.write_batch(batch, batch_id); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->batch_id(), batch_id);
    EXPECT_EQ(error->code(), code) << error->what();
    EXPECT_THAT(error->what(), HasSubstr(batch_id));
  }

  std::unique_ptr<SinkPlace> place;
};

TEST_P(EverySink, TheRowsAreThereOnceItIsClosed) {
  const auto sink = place->sink();
  EXPECT_EQ(sink->write_batch(records(50), kBatch), 50);
  EXPECT_EQ(sink->write_batch(records(30, 51), kNext), 30);
  EXPECT_NO_THROW(sink->flush());
  EXPECT_EQ(place->rows().size(), place->is_table() ? 80u : 0u) << "a folder shows nothing before close()";
  sink->close();
  EXPECT_EQ(place->rows(), told(records(50), records(30, 51)));
}

TEST_P(EverySink, TheSameBatchIsLoadedOnce) {
  const auto sink = place->sink();
  EXPECT_EQ(sink->write_batch(records(50), kBatch), 50);
  EXPECT_EQ(sink->write_batch(records(50), kBatch), 0);
  sink->close();
  EXPECT_EQ(place->rows(), told(records(50)));
  const auto again = place->sink();
  EXPECT_EQ(again->write_batch(records(50), kBatch), place->is_table() ? 0 : 50) << "a folder is made anew";
  again->close();
  EXPECT_EQ(place->rows(), told(records(50)));
}

TEST_P(EverySink, OtherRowsUnderTheSameIdAreLoadedAsTheyAre) {
  const auto sink = place->sink();
  EXPECT_EQ(sink->write_batch(records(3), kBatch), 3);
  auto changed = records(3);
  changed[1].record_status = "Complete";
  EXPECT_EQ(sink->write_batch(changed, kBatch), 3);
  EXPECT_EQ(sink->write_batch(changed, kBatch), 0);
  EXPECT_EQ(sink->write_batch(records(3), kBatch), 0);
  sink->close();
  auto both = told(records(3), changed);
  std::ranges::sort(both);
  EXPECT_EQ(place->rows(), both);
}

TEST_P(EverySink, RecordsThatStandThereAreLoadedAsTheyAre) {
  const auto sink = place->sink();
  EXPECT_EQ(sink->write_batch(records(2), kBatch), 2);
  EXPECT_EQ(sink->write_batch(records(2), kNext), 2);
  EXPECT_EQ(sink->write_batch(records(2), kNext), 0);
  sink->close();
  EXPECT_THAT(place->rows(), testing::ElementsAre("MY_STUDY/1/01-701", "MY_STUDY/1/01-701", "MY_STUDY/2/01-702", "MY_STUDY/2/01-702"));
}

TEST_P(EverySink, RecordsOutOfOrderAreRefusedAndTheSinkGoesOn) {
  const auto sink = place->sink();
  auto mixed = records(10);
  std::swap(mixed[4], mixed[5]);
  expect_batch_error(*sink, mixed, kBatch, ErrorCode::invalid_argument);
  auto twice = records(10);
  twice[5] = twice[4];
  expect_batch_error(*sink, twice, kBatch, ErrorCode::invalid_argument);
  EXPECT_FALSE(place->is_there());
  EXPECT_EQ(sink->write_batch(records(10), kBatch), 10);
  sink->close();
  EXPECT_EQ(place->rows(), told(records(10)));
}

TEST_P(EverySink, ABatchIsOfOneStudy) {
  const auto sink = place->sink();
  auto mixed = records(4);
  mixed[3].study_key = "OTHER";
  expect_batch_error(*sink, mixed, kBatch, ErrorCode::invalid_argument);
  mixed[3].study_key.reset();  // that of the first
  EXPECT_EQ(sink->write_batch(mixed, kBatch), 4);
  sink->close();
  EXPECT_EQ(place->rows(), told(records(4)));
}

TEST_P(EverySink, StudiesDoNotMeet) {
  const auto sink = place->sink();
  EXPECT_EQ(sink->write_batch(records(3, 1, "A"), "A/records/0"), 3);
  if (!place->is_table()) {
    expect_batch_error(*sink, records(3, 1, "B"), "B/records/0", ErrorCode::invalid_argument);
    return;
  }
  EXPECT_EQ(sink->write_batch(records(3, 1, "B"), "B/records/0"), 3);
  EXPECT_EQ(sink->write_batch(records(3, 1, "B"), "B/records/0"), 0);
  EXPECT_EQ(sink->write_batch(records(3, 1, "A"), "A/records/0"), 0);
  sink->close();
  EXPECT_EQ(place->rows(), told(records(3, 1, "A"), records(3, 1, "B")));
}

TEST_P(EverySink, AnEmptyBatchIsNothing) {
  const auto sink = place->sink();
  EXPECT_EQ(sink->write_batch(std::vector<Record>{}, kBatch), 0);
  sink->flush();
  sink->close();
  EXPECT_FALSE(place->is_there());
}

TEST_P(EverySink, ClosingTwiceIsOnceAndUseAfterItIsAnError) {
  const auto sink = place->sink();
  EXPECT_EQ(sink->write_batch(records(2), kBatch), 2);
  sink->close();
  EXPECT_NO_THROW(sink->close());
  EXPECT_NO_THROW(sink->flush());
  expect_batch_error(*sink, records(2, 3), kNext, ErrorCode::invalid_argument);
  EXPECT_EQ(place->rows(), told(records(2)));
}

TEST_P(EverySink, AFailureNamesTheBatchAndTheNextCallLoadsIt) {
  const auto sink = place->sink();
  EXPECT_EQ(sink->write_batch(records(1), kBatch), 1);
  place->obstruct();
  const auto error = thrown<ExportBatchError>([&] { sink->write_batch(records(7, 2), kNext); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->batch_id(), kNext);
  EXPECT_THAT(error->what(), testing::AllOf(HasSubstr(kNext), testing::Not(HasSubstr("01-70")), testing::Not(HasSubstr("odd"))))
      << "no cell of a row is shown";
  place->clear_the_way();
  EXPECT_EQ(place->rows().size(), place->is_table() ? 1u : 0u);
  EXPECT_EQ(sink->write_batch(records(7, 2), kNext), 7) << "nothing of the failure stands in the way";
  sink->close();
  EXPECT_EQ(place->rows(), told(records(1), records(7, 2)));
}

TEST_P(EverySink, AnIdThatIsTooLongIsRefused) {
  const auto sink = place->sink();
  expect_batch_error(*sink, records(1), std::string(1001, 'x'), ErrorCode::invalid_argument);
}

TEST_P(EverySink, NulIsKeptOrEscaped) {
  const auto sink = place->sink();
  auto odd = records(1);
  odd[0].subject_key = std::string("a\0b\\c", 5);
  EXPECT_EQ(sink->write_batch(odd, kBatch), 1);
  EXPECT_EQ(sink->write_batch(odd, kBatch), 0);
  sink->close();
  EXPECT_THAT(place->rows(),
              testing::ElementsAre(place->holds_nul() ? "MY_STUDY/1/" + std::string("a\0b\\c", 5) : R"(MY_STUDY/1/a\u0000b\\c)"));
}

TEST_P(EverySink, WithoutCloseATableHasItsBatchesAndAFolderIsAsItWas) {
  {
    const auto sink = place->sink();
    sink->write_batch(records(2), kBatch);
    sink->close();
  }
  {
    const auto sink = place->sink();
    EXPECT_EQ(sink->write_batch(records(3, 3), kNext), 3);
  }
  EXPECT_EQ(place->rows(), place->is_table() ? told(records(2), records(3, 3)) : told(records(2)));
  EXPECT_TRUE(temporary_folders().empty());
}

TEST_P(EverySink, ArrowRowsAreABatchToo) {
  const auto column = [](auto builder, const auto& values) {
    EXPECT_TRUE(builder.AppendValues(values).ok());
    return *builder.Finish();
  };
  const std::vector<std::string> studies = {"MY_STUDY", "MY_STUDY"}, subjects = {"01-701", "01-702"};
  const auto schema = arrow::schema(
      {arrow::field("record_id", arrow::int64()), arrow::field("study_key", arrow::utf8()), arrow::field("subject_key", arrow::utf8())});
  const auto rows = arrow::RecordBatch::Make(schema, 2,
                                             {column(arrow::Int64Builder(), std::vector<std::int64_t>{1, 2}),
                                              column(arrow::StringBuilder(), studies), column(arrow::StringBuilder(), subjects)});
  const auto sink = place->sink();
  auto& staged = dynamic_cast<integrations::StagedSink&>(*sink);
  EXPECT_EQ(staged.write_batch(rows, kBatch), 2);
  EXPECT_EQ(staged.write_batch(*arrow::RecordBatchReader::Make({rows->Slice(0, 1), rows->Slice(1, 1)}, schema), kBatch), 0);
  auto same = records(2);
  for (Record& record : same) {
    Record plain;
    plain.study_key = record.study_key;
    plain.record_id = record.record_id;
    plain.subject_key = record.subject_key;
    record = plain;
  }
  EXPECT_EQ(sink->write_batch(same, kBatch), 0) << "it is the same rows that count";
  sink->close();
  EXPECT_EQ(place->rows(), told(records(2)));
}

TEST_P(EverySink, TypedTablesAndViewsAreMadeOfAWholeStudy) {
  for (const SinkWish& wish : {SinkWish{.wants_forms = true}, SinkWish{.wants_views = true}}) {
    const auto error = thrown<ExportConfigurationError>([&] { place->sink(wish); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::config);
    EXPECT_THAT(error->what(), HasSubstr("made of a whole study"));
    EXPECT_THAT(error->hint(), HasSubstr("use export_to_"));
  }
  EXPECT_FALSE(place->is_there());
}

// Of tables alone: what outlives a sink.
class EveryTableSink : public EverySink {};

TEST_P(EveryTableSink, WithoutIdempotenceEveryCallLoadsAgain) {
  const auto sink = place->sink({.is_idempotent = false});
  EXPECT_EQ(sink->write_batch(records(6), kBatch), 6);
  EXPECT_EQ(sink->write_batch(records(6), kBatch), 6);
  EXPECT_EQ(place->rows().size(), 12u);
  sink->close();
  EXPECT_EQ(place->sink()->write_batch(records(6), kBatch), 0);
  EXPECT_EQ(place->sink({.is_idempotent = false})->write_batch(records(6), kBatch), 6);
  EXPECT_EQ(place->rows().size(), 18u);
}

TEST_P(EveryTableSink, WhatTheLedgerForgotTheTableStillKnows) {
  const auto sink = place->sink();
  EXPECT_EQ(sink->write_batch(records(6), kBatch), 6);
  place->forget();
  EXPECT_EQ(sink->write_batch(records(6), kBatch), 0);
  EXPECT_EQ(place->sink()->write_batch(records(6), kBatch), 0);
  EXPECT_EQ(sink->write_batch(records(6, 7), kNext), 6) << "other batches are not taken for it";
  EXPECT_EQ(place->rows(), told(records(6), records(6, 7)));
}

TEST_P(EveryTableSink, TheSameNameMadeAnewIsAnotherTable) {
  place->sink()->write_batch(records(6), kBatch);
  place->drop();
  EXPECT_EQ(place->sink()->write_batch(records(6), kBatch), 6);
  EXPECT_EQ(place->rows(), told(records(6)));
}

TEST_P(EveryTableSink, FilesAreKeptAndEachLoadedBatchHasALine) {
  const SinkWish wish{.staging = folder / "staging", .manifest = folder / "m.jsonl"};
  {
    const auto sink = place->sink(wish);
    auto twice = records(2);
    twice[1] = twice[0];
    expect_batch_error(*sink, twice, kBatch, ErrorCode::invalid_argument);
    sink->write_batch(std::vector<Record>{}, kBatch);
    EXPECT_TRUE(std::filesystem::is_empty(*wish.staging)) << "a half file stayed";
    sink->write_batch(records(5), kBatch);
    std::ifstream at_once(*wish.manifest);
    std::string line;
    EXPECT_TRUE(std::getline(at_once, line)) << "a line is on disk before its batch counts as done";
    sink->write_batch(records(4, 6), kNext);
    sink->write_batch(records(5), kBatch);  // is in already
  }
  EXPECT_EQ(mode_of(*wish.staging), 0700u);
  EXPECT_EQ(mode_of(*wish.manifest), 0600u);
  EXPECT_EQ(mode_of(*wish.staging / "MY_STUDY_records_0.parquet"), 0600u);
  EXPECT_EQ(mode_of(*wish.staging / "MY_STUDY_records_1.parquet"), 0600u);
  std::ifstream file(*wish.manifest);
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].at("batch_id"), kBatch);
  EXPECT_EQ(lines[0].at("row_count"), 5);
  EXPECT_EQ(lines[1].at("row_count"), 4);
  EXPECT_THAT(lines[0].at("stage_path").get<std::string>(),
              testing::EndsWith(lines[0].at("hash").get<std::string>() + "/MY_STUDY_records_0.parquet"));
  EXPECT_EQ(lines[0].at("bytes"), std::filesystem::file_size(*wish.staging / "MY_STUDY_records_0.parquet"));
  EXPECT_EQ(lines[0].at("table"), place->name());
  EXPECT_EQ(lines[0].at("status"), "loaded");
}

std::string name_of(const testing::TestParamInfo<Destination>& info) { return info.param.name; }

constexpr Destination kTables[] = {
    {"Snowflake", snowflake_place}, {"DuckDB", duckdb_place}, {"SQLite", sqlite_place}, {"PostgreSQL", postgresql_place}};
INSTANTIATE_TEST_SUITE_P(Tables, EverySink, testing::ValuesIn(kTables), name_of);
INSTANTIATE_TEST_SUITE_P(Tables, EveryTableSink, testing::ValuesIn(kTables), name_of);
INSTANTIATE_TEST_SUITE_P(Folder, EverySink, testing::Values(Destination{"Parquet", folder_place}), name_of);

}  // namespace
}  // namespace imednet::e2e
