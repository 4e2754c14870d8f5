#include "pipeline/replay_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imednet/errors.h"

namespace imednet::pipeline {
namespace {

using errors::ErrorCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kHash = "/2f54f51494541ed16897d4e9f8604f5c/";

class ReplayPlan : public testing::Test {
 protected:
  ReplayPlan() {
    config.database = "IMEDNET_DB";
    config.schema = "PUBLIC";
  }
  void add(const std::string& stage_path, const std::string& table, const std::string& run, const std::string& sha256 = "aa") {
    manifest.lines.push_back({.batch_id = "MY_STUDY/records/" + std::to_string(manifest.lines.size()),
                              .stage_path = stage_path,
                              .row_count = 1,
                              .loaded_at = "2026-01-15T12:00:00+00:00",
                              .sha256 = sha256,
                              .bytes = 1,
                              .hash = "",
                              .table = table,
                              .run_id = run,
                              .status = "loaded"});
  }
  static std::string path(const std::string& file, const std::string& directory = "@MY_STAGE/imednet") { return directory + kHash + file; }
  std::vector<ReplayGroup> plan(std::string_view run = "") const { return plan_replay(manifest, "m.jsonl", config, run); }
  static std::vector<std::string> batches(const ReplayGroup& group) {
    std::vector<std::string> ids;
    for (const ReplayLine& line : group.lines) ids.push_back(line.line.batch_id.substr(line.line.batch_id.rfind('/') + 1));
    return ids;
  }
  errors::ExportConfigurationError refusal(std::string_view run = "") const {
    try {
      plan(run);
    } catch (const errors::ExportConfigurationError& error) {
      return error;
    }
    ADD_FAILURE() << "nothing was refused";
    return {"", {}};
  }

  ledger::Manifest manifest;
  integrations::SnowflakeSinkConfig config;
};

TEST_F(ReplayPlan, OfSeveralLinesForAFileAndTableTheLastOneCounts) {
  add(path("a.parquet"), "DB.S.T", "r1");
  add(path("b.parquet"), "DB.S.T", "r1");
  add(path("a.parquet"), "DB.S.T", "r2", "bb");
  add(path("a.parquet"), "DB.S.OTHER", "r3");
  add(path("a.parquet"), "DB.S2.T", "r3");
  const auto groups = plan();
  ASSERT_EQ(groups.size(), 2u) << "a session for each schema";
  EXPECT_THAT(batches(groups[0]), ElementsAre("1", "2", "3"));
  EXPECT_THAT(batches(groups[1]), ElementsAre("4"));
  EXPECT_EQ(groups[1].table, R"("DB"."S2"."T")");
  EXPECT_EQ(groups[0].lines[1].table, R"("DB"."S"."T")");
  EXPECT_EQ(groups[0].lines[1].line.sha256, "bb");
  EXPECT_EQ(groups[0].lines[2].table, R"("DB"."S"."OTHER")");
}

TEST_F(ReplayPlan, OfADimensionTheLastLineCountsWhicheverFileItNames) {
  for (const char* table : {"DB.S.T_DIM_SITE", "DB.S.T"}) {
    for (const char* file : {"a.parquet", "b.parquet"}) {
      add(path(file), table, "r1");
      manifest.lines.back().batch_id = "S/dimensions/SITE/0";
    }
  }
  const auto groups = plan();
  ASSERT_EQ(groups.size(), 1u);
  ASSERT_EQ(groups[0].lines.size(), 3u) << "a caller's own batch may be called like one";
  EXPECT_EQ(groups[0].lines[0].path.file_name, "b.parquet");
}

TEST_F(ReplayPlan, OneTableForAllJoinsWhatOnlyTheTableKeptApart) {
  add(path("a.parquet"), "DB.S.T", "r1");
  add(path("a.parquet"), "DB.S.OTHER", "r2");
  config.table = "fresh";
  const auto groups = plan();
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_THAT(batches(groups[0]), ElementsAre("1"));
  EXPECT_EQ(groups[0].table, R"("IMEDNET_DB"."PUBLIC"."FRESH")");
}

TEST_F(ReplayPlan, AnotherStageTakesThePlaceOfTheLinesOwn) {
  add(path("a.parquet", "@ONE/p"), "DB.S.T", "r1");
  add(path("b.parquet", "@TWO/p"), "DB.S.T", "r1");
  config.stage = "\"odd one\"";
  const auto groups = plan();
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].stage, "\"odd one\"");
}

TEST_F(ReplayPlan, DirectoriesAndLayoutsAreToldApartHoweverTheStageIsSpelled) {
  add(path("a.parquet"), "DB.S.T", "r1");
  add(path("b.parquet", "@imednet_db.public.my_stage/imednet"), "DB.S.T", "r1");
  add("@MY_STAGE/imednet/a.parquet", "DB.S.T", "r1");
  add(path("a.parquet", "@MY_STAGE/other"), "DB.S.T", "r1");
  const auto groups = plan();
  ASSERT_EQ(groups.size(), 3u);
  std::size_t lines = 0;
  for (const ReplayGroup& group : groups) lines += group.lines.size();
  EXPECT_EQ(lines, 4u);
  EXPECT_THAT(batches(groups[0]), ElementsAre("0", "1"));
  EXPECT_TRUE(groups[1].is_flat);
  EXPECT_EQ(groups[2].prefix, "other");
}

TEST_F(ReplayPlan, ARunsLinesAreItsOwnEvenWhereALaterRunHasTheFileToo) {
  add(path("a.parquet"), "DB.S.T", "r1");
  add(path("a.parquet"), "DB.S.T", "r2");
  EXPECT_THAT(batches(plan("r1").at(0)), ElementsAre("0"));
  EXPECT_THAT(batches(plan("r2").at(0)), ElementsAre("1"));
}

TEST_F(ReplayPlan, ARunThatIsNotThereIsRefusedAndTheNewestAreNamed) {
  for (int run = 10; run < 24; ++run) add(path("a.parquet"), "DB.S.T", "run-" + std::to_string(run));
  const auto error = refusal("run-9");
  EXPECT_EQ(error.code(), ErrorCode::config);
  EXPECT_THAT(error.what(), HasSubstr("m.jsonl: it has no line of the run run-9"));
  EXPECT_THAT(error.hint(), HasSubstr("run-23, run-22"));
  EXPECT_THAT(error.hint(), Not(HasSubstr("run-13")));
}

TEST_F(ReplayPlan, ALineWithoutASha256IsRefusedUnlessAnotherRunIsMeant) {
  add(path("a.parquet"), "DB.S.T", "r1");
  add(path("b.parquet"), "", "", "");
  const auto error = refusal();
  EXPECT_EQ(error.code(), ErrorCode::unsupported);
  EXPECT_THAT(error.what(), HasSubstr("MY_STUDY/records/1"));
  EXPECT_THAT(error.what(), HasSubstr("sha256"));
  EXPECT_THAT(error.hint(), HasSubstr("--run"));
  EXPECT_EQ(plan("r1").size(), 1u);
}

TEST_F(ReplayPlan, ALineWithoutATableNeedsTheFlag) {
  add(path("a.parquet"), "", "r1");
  EXPECT_THAT(refusal().hint(), HasSubstr("--table"));
  config.table = "T";
  EXPECT_EQ(plan().size(), 1u);
}

TEST_F(ReplayPlan, AnEmptyManifestIsAnEmptyPlan) { EXPECT_TRUE(plan().empty()); }

FileRange range(const std::string& study, const std::string& table, std::int64_t first, std::int64_t last, const std::string& run = "r1") {
  return {study, table, first, last, study + "/" + std::to_string(first), run};
}

TEST(FileRanges, ThatTouchNoneOfEachOthersRecordsAreFine) {
  require_no_overlap({});
  require_no_overlap({range("S", "T", 4, 9), range("S", "T", 1, 3), range("S", "T", 10, 10), range("S", "U", 1, 9), range("R", "T", 1, 9)});
}

TEST(FileRanges, ThatReachIntoEachOtherAreRefusedWhereverTheyStand) {
  const std::vector<std::pair<FileRange, FileRange>> pairs = {{range("S", "T", 1, 5), range("S", "T", 5, 9)},
                                                              {range("S", "T", 1, 9), range("S", "T", 3, 4)},
                                                              {range("S", "T", 3, 3), range("S", "T", 3, 3)}};
  for (const auto& [one, other] : pairs) {
    for (const auto& order : {std::vector{one, other}, std::vector{other, one}, std::vector{range("S", "T", -9, 0), other, one}}) {
      try {
        require_no_overlap(order);
        ADD_FAILURE() << "nothing was refused";
      } catch (const errors::ExportError& error) {
        EXPECT_EQ(error.code(), ErrorCode::duplicates);
        EXPECT_THAT(error.hint(), HasSubstr("--allow-duplicates"));
      }
    }
  }
}

TEST(FileRanges, OfTwoRunsNameTheRunsToChooseFrom) {
  try {
    require_no_overlap({range("S", "T", 1, 5, "run-1"), range("S", "T", 2, 3, "run-2")});
    FAIL() << "nothing was refused";
  } catch (const errors::ExportError& error) {
    EXPECT_THAT(error.what(), HasSubstr("records 2 to 3"));
    EXPECT_THAT(error.hint(), HasSubstr("--run run-1 or --run run-2"));
  }
}

}  // namespace
}  // namespace imednet::pipeline
