#include "pipeline/proof_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "imednet/errors.h"
#include "pipeline/checksum.h"

namespace imednet::pipeline {
namespace {

using ledger::PlannedFile;
using sinks::snowflake::PartSum;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
constexpr auto kMost = std::numeric_limits<std::int64_t>::max();

PlannedFile file(const std::string& hash, std::int64_t rows, std::int64_t first, std::int64_t last) {
  return {.batch_id = "S/records/" + hash,
          .stage_path = "@T/" + hash + ".parquet",
          .hash = hash,
          .rows = rows,
          .first_record_id = first,
          .last_record_id = last};
}

ledger::StudyPlan two_files() { return {"S", "D.P.T", {{"run-1", "", 0, {file("a", 3, 1, 9), file("b", 2, 20, 30)}}}}; }

const Checksums kKnown = {{"a", "100:10:50"}, {"b", "7:7:150"}};

TEST(ProofPlan, SharesOutAllIdsAmongTheFiles) {
  const auto plan = two_files();
  const auto parts = proof_parts(plan, kKnown);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].ids, IdsBetween(kLeast, 9));
  EXPECT_EQ(parts[1].ids, IdsBetween(9, kMost));
  EXPECT_EQ(parts[0].sum->checksum, "100:10:50");
  EXPECT_EQ(parts[1].sum->rows, 2);
  EXPECT_THAT(ends_of(parts), ElementsAre(9));
}

TEST(ProofPlan, OfNoFileExpectsNoRow) {
  const ledger::StudyPlan plan{"S", "D.P.T", {{"run-1", "", 0, {}}}};
  const auto parts = proof_parts(plan, kKnown);
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].ids, IdsBetween(kLeast, kMost));
  Differences differences{.kept = 9};
  EXPECT_THAT(parts_that_differ(parts, {{}}, differences), IsEmpty());
  EXPECT_THAT(parts_that_differ(parts, {{1, "7:5:35"}}, differences), IsEmpty());
  EXPECT_THAT(differences.extra.ids, ElementsAre(7));
}

TEST(ProofPlan, TakesNoSumWhereFilesHoldRecordsTwiceOrAreNotKnown) {
  auto plan = two_files();
  EXPECT_FALSE(proof_parts(plan, {{"a", ""}})[0].sum);
  EXPECT_FALSE(proof_parts(plan, {{"a", "1:1:1"}})[1].sum);
  plan.layers[0].rows_twice = 1;
  EXPECT_FALSE(proof_parts(plan, kKnown)[0].sum);
}

TEST(ProofPlan, PutsPartialReadingsOverThePartsTheyReach) {
  auto plan = two_files();
  plan.layers.push_back({"run-2", "2026-01-31T12:00:00Z", 0, {file("c", 1, 9, 9)}});
  plan.layers.push_back({"run-3", "2026-01-31T13:00:00Z", 0, {file("d", 2, 4, 12)}});
  const auto parts = proof_parts(plan, kKnown);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].later.size(), 2u);
  EXPECT_EQ(parts[1].later.size(), 1u);
  EXPECT_FALSE(parts[0].sum);
  EXPECT_FALSE(parts[1].sum);
}

TEST(ProofPlan, RefusesFilesThatReachIntoEachOther) {
  const ledger::StudyPlan plan{"S", "D.P.T", {{"run-1", "", 0, {file("a", 3, 1, 9), file("b", 2, 9, 30)}}}};
  EXPECT_THROW(proof_parts(plan, kKnown), errors::ExportError);
}

TEST(ProofPlan, ComparesRowByRowOnlyWhereSumsDoNotTell) {
  const auto plan = two_files();
  const auto parts = proof_parts(plan, kKnown);
  Differences differences{.kept = 9};
  EXPECT_THAT(parts_that_differ(parts, {{3, "100:10:50"}, {2, "7:7:150"}}, differences), IsEmpty());
  // The record 5 has another digest; the second file lost its record 30.
  EXPECT_THAT(parts_that_differ(parts, {{3, "101:11:55"}, {1, "3:3:30"}}, differences), IsEmpty());
  EXPECT_THAT(differences.stale.ids, ElementsAre(5));
  EXPECT_THAT(differences.missing.ids, ElementsAre(30));
  // The one id that would explain it belongs to the other file.
  const auto unclear = parts_that_differ(parts, {{3, "101:11:62"}, {0, ""}}, differences);
  EXPECT_THAT(unclear, ElementsAre(&parts[0], &parts[1]));
}

TEST(Checksum, NamesTheOneRecordByWhichTwoSetsDiffer) {
  const PartSum before{3, "1000:300:4200"};
  EXPECT_EQ(only_difference(before, {3, "1007:305:4260"}), 12);
  EXPECT_EQ(only_difference(before, {3, "900:295:4140"}), 12);
  EXPECT_EQ(only_difference(before, {2, "1:299:4180"}), 20);
  EXPECT_EQ(only_difference(before, {4, "1:301:4220"}), 20);
  EXPECT_EQ(only_difference({0, ""}, {1, "-9:-3:-27670116110564327421"}), 9'223'372'036'854'775'807);
  EXPECT_EQ(only_difference({1, "5:5:-35"}, {0, ""}), -7);
}

TEST(Checksum, NamesNoneWhereSeveralDifferOrATextIsNoChecksum) {
  const PartSum before{3, "1000:300:4200"};
  for (const PartSum& after : {before, PartSum{5, "1:302:4220"}, PartSum{3, "1:300:4260"}, PartSum{3, "1:302:4261"}, PartSum{3, ""},
                               PartSum{3, "1:2"}, PartSum{3, "1:2:3:4"}, PartSum{3, "a:2:3"}, PartSum{3, "1::3"},
                               PartSum{3, "1:301:1000000000000000000000000000000000000000"}, PartSum{4, "1:301:99999999999999999999999"}})
    EXPECT_EQ(only_difference(before, after), std::nullopt) << after.checksum;
}

}  // namespace
}  // namespace imednet::pipeline
