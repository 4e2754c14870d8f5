#include "ledger/run_totals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "core/digest.h"
#include "imednet/errors.h"
#include "ledger/chain_check.h"
#include "unit/folder.h"

namespace imednet::ledger {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kTable = "IMEDNET_DB.PUBLIC.RECORDS";

class Chain : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    manifest = root / "loads.jsonl";
  }

  static PlannedFile file_of(const std::string& study, int number) {
    const std::string name = study + "_records_" + std::to_string(number);
    return {.batch_id = study + "/records/" + std::to_string(number),
            .stage_path = "@MY_STAGE/imednet/" + name + ".parquet",
            .hash = "hash of " + name,
            .sha256 = "sha256 of " + name,
            .rows = 10 + number,
            .bytes = 1000 + number,
            .first_record_id = 100 * number,
            .last_record_id = 100 * number + 99};
  }

  // A run that loads these files: their lines, then its totals.
  void run(const std::string& id, const std::string& study, std::initializer_list<int> numbers, const std::string& since = "") {
    RunEnd end{.report = {}, .plans = {{study, std::string(kTable), {{id, since, 0, {}}}}}};
    std::int64_t rows = 0, bytes = 0;
    for (const int number : numbers) {
      const PlannedFile file = file_of(study, number);
      rows += file.rows;
      bytes += file.bytes;
      ManifestWriter(manifest).append({.batch_id = file.batch_id,
                                       .stage_path = file.stage_path,
                                       .row_count = file.rows,
                                       .loaded_at = "2026-01-15T12:00:00+00:00",
                                       .sha256 = file.sha256,
                                       .bytes = file.bytes,
                                       .hash = file.hash,
                                       .table = std::string(kTable),
                                       .run_id = id,
                                       .status = "loaded"});
      end.plans.front().layers.front().files.push_back(file);
    }
    end.report = nlohmann::ordered_json{{"run_id", id},          {"study", study},          {"table", kTable},   {"rows_staged", rows},
                                        {"bytes_staged", bytes}, {"files", numbers.size()}, {"reconciled", true}}
                     .dump(2);
    write_run_totals(manifest, end);
  }

  std::string totals_text() const { return read_text_file(run_totals_path(manifest), "the totals"); }
  void change(const std::filesystem::path& path, const std::function<std::string(std::string)>& edit) const {
    put(path, edit(read_text_file(path, "the file")));
  }

  std::filesystem::path manifest;
};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST_F(Chain, OfRunsThatNobodyTouchedIsWhole) {
  run("run-1", "S", {0, 1});
  const std::string first = totals_text();
  run("run-2", "S", {0, 2});
  const ChainCheck check = check_chain(manifest);
  EXPECT_THAT(check.faults, IsEmpty());
  EXPECT_EQ(check.lines_after, 0);
  EXPECT_EQ(check.totals->runs, 2);
  EXPECT_EQ(check.totals->run_id, "run-2");
  EXPECT_EQ(check.totals->manifest_bytes, static_cast<std::int64_t>(read_text_file(manifest, "it").size()));
  core::Sha256 digest;
  digest.update(first);
  EXPECT_EQ(check.totals->previous_sha256, core::hex(digest.finish()));
}

TEST_F(Chain, BeginsWithTotalsThatNameNoOthers) {
  run("run-1", "S", {0});
  EXPECT_EQ(check_chain(manifest).totals->previous_sha256, "");
  EXPECT_EQ(check_chain(manifest).totals->runs, 1);
}

TEST_F(Chain, KeepsTheFilesOfEveryStudyWhicheverRanLast) {
  run("run-1", "S", {0, 1});
  run("run-2", "T", {0});
  run("run-3", "S", {2});
  const auto totals = *check_chain(manifest).totals;
  ASSERT_EQ(totals.plans.size(), 2u);
  ASSERT_EQ(totals.find("S", kTable)->layers.size(), 1u);
  EXPECT_EQ(totals.find("S", kTable)->layers[0].run_id, "run-3");
  EXPECT_EQ(totals.find("T", kTable)->layers[0].files[0].stage_path, file_of("T", 0).stage_path);
  EXPECT_EQ(totals.find("U", kTable), nullptr);
}

TEST_F(Chain, PutsAPartialReadingOverTheWholeOneAndAWholeOneInPlaceOfAll) {
  run("run-1", "S", {0, 1});
  run("run-2", "S", {2}, "2026-01-31T12:00:00Z");
  run("run-3", "S", {}, "2026-01-31T13:00:00Z");  // nothing changed
  const auto totals = *check_chain(manifest).totals;
  ASSERT_EQ(totals.find("S", kTable)->layers.size(), 2u);
  EXPECT_EQ(totals.find("S", kTable)->layers[1].since, "2026-01-31T12:00:00Z");
  run("run-4", "S", {3});
  EXPECT_EQ(check_chain(manifest).totals->find("S", kTable)->layers.size(), 1u);
  EXPECT_THAT(check_chain(manifest).faults, IsEmpty());
}

// What changed is no proof of the records that did not.
TEST_F(Chain, HasNoPlanOfAStudyThatWasNeverReadAsAWhole) {
  run("run-1", "S", {0}, "2026-01-31T12:00:00Z");
  EXPECT_EQ(check_chain(manifest).totals->find("S", kTable), nullptr);
  EXPECT_THAT(check_chain(manifest).faults, IsEmpty());
  run("run-2", "S", {1});
  EXPECT_NE(check_chain(manifest).totals->find("S", kTable), nullptr);
}

TEST_F(Chain, NamesTheBatchWhoseLineWasRemoved) {
  run("run-1", "S", {0, 1, 2});
  change(manifest, [](const std::string& text) {
    const auto first = text.find('\n') + 1;
    return text.substr(0, first) + text.substr(text.find('\n', first) + 1);
  });
  EXPECT_THAT(check_chain(manifest).faults, ElementsAre(HasSubstr("the batch S/records/1 has no line")));
}

TEST_F(Chain, NamesTheBatchWhoseLineWasChanged) {
  run("run-1", "S", {0, 1});
  change(manifest, [](const std::string& text) { return replaced(text, "\"row_count\":11", "\"row_count\":12"); });
  EXPECT_THAT(check_chain(manifest).faults, ElementsAre(HasSubstr("the line of the batch S/records/1 says something else")));
}

TEST_F(Chain, SeesAChangeThatTouchesNoNumber) {
  run("run-1", "S", {0, 1});
  change(manifest, [](const std::string& text) { return replaced(text, "12:00:00", "13:00:00"); });
  EXPECT_THAT(check_chain(manifest).faults, ElementsAre(HasSubstr("are not those that were there when the run run-1 ended")));
}

TEST_F(Chain, NamesTheLineThatIsNone) {
  run("run-1", "S", {0, 1});
  change(manifest, [](const std::string& text) { return replaced(text, "{\"batch_id\"", "x\"batch_id\""); });
  EXPECT_THAT(check_chain(manifest).faults, testing::Contains(HasSubstr("line 1 is no manifest line")));
}

TEST_F(Chain, IsNotHealedByTheNextRun) {
  run("run-1", "S", {0});
  change(manifest, [](const std::string& text) { return replaced(text, "12:00:00", "13:00:00"); });
  run("run-2", "S", {1});
  run("run-3", "S", {2});
  EXPECT_THAT(check_chain(manifest).faults, ElementsAre(HasSubstr("after the run run-1 somebody changed the manifest")));
}

TEST_F(Chain, TellsOfLinesBehindTheTotals) {
  run("run-1", "S", {0});
  const std::string one = read_text_file(manifest, "it");
  change(manifest, [&](const std::string& text) { return text + one + one.substr(0, 20); });
  const ChainCheck check = check_chain(manifest);
  EXPECT_THAT(check.faults, IsEmpty());
  EXPECT_EQ(check.lines_after, 2);
}

TEST_F(Chain, FindsEveryByteThatIsFlippedInTheTotals) {
  run("run-1", "S", {0});
  const std::string whole = totals_text();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] ^= 1;
    put(run_totals_path(manifest), changed);
    EXPECT_EQ(check_chain(manifest).faults.size(), 1u) << at;
  }
}

TEST_F(Chain, NamesTotalsThatWereChangedCutOffOrAreGone) {
  run("run-1", "S", {0});
  const std::string whole = totals_text();
  put(run_totals_path(manifest), replaced(whole, "\"rows_staged\": 10", "\"rows_staged\": 11"));
  EXPECT_THAT(check_chain(manifest).faults, ElementsAre(HasSubstr("loads.jsonl.run.json: its text is not the one its hash")));
  put(run_totals_path(manifest), whole.substr(0, whole.size() / 2));
  EXPECT_THAT(check_chain(manifest).faults, ElementsAre(HasSubstr("loads.jsonl.run.json: it is not the JSON object")));
  std::filesystem::remove(run_totals_path(manifest));
  EXPECT_THAT(check_chain(manifest).faults, ElementsAre(HasSubstr("loads.jsonl.run.json is not there")));
}

TEST_F(Chain, SaysThatTotalsOfAnEarlierVersionHaveNoChain) {
  run("run-1", "S", {0});
  put(run_totals_path(manifest), "{\n  \"run_id\": \"run-0\"\n}\n");
  EXPECT_THAT(check_chain(manifest).faults, ElementsAre(HasSubstr("a version without a chain")));
  run("run-2", "S", {1});
  EXPECT_THAT(check_chain(manifest).faults, IsEmpty()) << "the next run starts the chain";
}

TEST_F(Chain, KeepsWhatATypedTableIsAndSumsItsFormsAlone) {
  TypedTable form{.base = "D.P.T", .series = "forms/DM"};
  form.choice.sites = {"Site 0"};
  form.choice.include_blinded = true;
  form.columns = {{"record_id", "integer"}, {"AGE", "real"}};
  TypedTable sites{.base = "D.P.T", .series = "dimensions/SITE"};
  RunEnd end{.report = R"({"run_id":"run-1","study":"S","table":"D.P.T","rows_staged":10,"bytes_staged":1000,"files":1,"reconciled":true})",
             .plans = {{"S", "D.P.T_DM", {{"run-1", "", 0, {file_of("S", 0)}}}, form},
                       {"S", "D.P.T_DIM_SITE", {{"run-1", "", 0, {file_of("S", 1)}}}, sites}}};
  write_run_totals(manifest, end);
  const ChainCheck check = check_chain(manifest);
  EXPECT_THAT(check.faults, IsEmpty());
  const StudyPlan& plan = *check.totals->find("S", "D.P.T_DM");
  ASSERT_TRUE(plan.typed);
  EXPECT_EQ(plan.typed->base, "D.P.T");
  EXPECT_EQ(plan.typed->columns, form.columns);
  EXPECT_THAT(plan.typed->choice.sites, ElementsAre("Site 0"));
  EXPECT_TRUE(plan.typed->choice.include_blinded);
  EXPECT_TRUE(plan.typed->holds_records());
  EXPECT_FALSE(check.totals->find("S", "D.P.T_DIM_SITE")->typed->holds_records());
}

TEST_F(Chain, FindsSumsThatDoNotAddUp) {
  run("run-1", "S", {0, 1});
  RunEnd end{.report = R"({"run_id":"run-2","study":"S","table":"T","rows_staged":5,"bytes_staged":1000,"files":1,"reconciled":true})",
             .plans = {{"S", "T", {{"run-2", "", 0, {file_of("S", 0)}}}}}};
  write_run_totals(manifest, end);
  EXPECT_THAT(check_chain(manifest).faults, ElementsAre(HasSubstr("its files have 10 rows and 1000 bytes, its sums are 5 and 1000")));
}

TEST_F(Chain, RowsOfAFurtherPartWereCountedWithTheFirst) {
  run("run-1", "S", {0, 1});
  PlannedFile first = file_of("S", 0), further = file_of("S", 1);
  further.part = 2;
  RunEnd end{.report = R"({"run_id":"run-2","study":"S","table":"T","rows_staged":10,"bytes_staged":2001,"files":2,"reconciled":true})",
             .plans = {{"S", "T", {{"run-2", "", 0, {first, further}}}}}};
  write_run_totals(manifest, end);
  EXPECT_THAT(check_chain(manifest).faults, IsEmpty());
  const RunTotals totals = parse_run_totals(totals_text(), manifest);
  EXPECT_EQ(totals.find("S", "T")->layers[0].files[0].part, 1);
  EXPECT_EQ(totals.find("S", "T")->layers[0].files[1].part, 2);
}

TEST_F(Chain, OfAManifestThatWasCopiedUnderAnotherNameIsNotTaken) {
  run("run-1", "S", {0});
  const auto other = root / "other.jsonl";
  std::filesystem::copy_file(manifest, other);
  std::filesystem::copy_file(run_totals_path(manifest), run_totals_path(other));
  EXPECT_THAT(check_chain(other).faults, ElementsAre(HasSubstr("were written for a manifest named loads.jsonl")));
}

}  // namespace
}  // namespace imednet::ledger
