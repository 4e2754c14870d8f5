#include "sinks/snowflake/load_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <optional>

namespace imednet::sinks::snowflake {
namespace {

using errors::ErrorCode;
using integrations::WriteMode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

// A study's files of ten rows each, with ids 10 to 19, 20 to 29 and so on, and what the ledger knows of them.
class LoadPlanTest : public testing::Test {
 protected:
  const staging::StagedFile* add_file() {
    const auto number = static_cast<std::int64_t>(all_.size());
    staging::StagedFile file;
    file.batch_id = "S/records/" + std::to_string(number);
    file.content_hash = "hash" + std::to_string(number);
    file.rows = 10;
    file.first_record_id = 10 * (number + 1);
    file.last_record_id = file.first_record_id + 9;
    all_.push_back(std::move(file));
    read.files.push_back(&all_.back());
    read.forms["AE"] += 10;
    return &all_.back();
  }
  void add_files(int count) {
    for (int i = 0; i < count; ++i) add_file();
  }
  static std::string path_of(const staging::StagedFile& file) { return "imednet/" + file.content_hash; }
  void know(const staging::StagedFile* file) { known[path_of(*file)] = {file->batch_id, file->content_hash, "ff", file->rows}; }
  void know_former(const std::string& path) { known[path] = {"S/records/0", "another", "ff", 10}; }
  LoadPlan plan() const { return compare(read, known, path_of); }
  // With that many rows in the table, all of them live.
  LoadPlan plan(std::int64_t rows) const {
    LoadPlan all = plan();
    all.there = {.rows = rows, .live = rows, .live_ids = rows, .of_run = 0};
    return all;
  }

  StudyRead read{.study = "S", .files = {}, .forms = {}};
  LoadedFiles known;

 private:
  std::deque<staging::StagedFile> all_;  // files stay where they are
};

TEST_F(LoadPlanTest, AFileIsInWhenTheLedgerKnowsItsPathWithItsRows) {
  add_files(3);
  know(read.files[0]);
  know(read.files[2]);
  const LoadPlan all = plan();
  EXPECT_THAT(all.in, ElementsAre(read.files[0], read.files[2]));
  EXPECT_THAT(all.pending, ElementsAre(read.files[1]));
  EXPECT_EQ(all.rows_in, 20);
  EXPECT_EQ(all.rows_pending, 10);
  EXPECT_THAT(all.others, IsEmpty());
  EXPECT_EQ(all.known.size(), 2u);
}

TEST_F(LoadPlanTest, FilesFoundInTheTableCountAsIn) {
  add_files(3);
  know(read.files[0]);
  LoadPlan all = plan();
  take_as_in(all, {read.files[2]});
  EXPECT_THAT(all.in, ElementsAre(read.files[0], read.files[2]));
  EXPECT_THAT(all.pending, ElementsAre(read.files[1]));
  EXPECT_TRUE(all.adopted.contains(read.files[2]));
  EXPECT_EQ(all.rows_in, 20);
  EXPECT_EQ(all.rows_pending, 10);
}

TEST_F(LoadPlanTest, FilesThatThePlanNoLongerHasAreNamed) {
  add_file();
  know_former("imednet/b");
  know_former("imednet/a");
  EXPECT_THAT(plan().others, ElementsAre("imednet/a", "imednet/b"));
  EXPECT_THAT(plan().pending, ElementsAre(read.files[0]));
}

// The guide's layout: the same path with other rows.
TEST_F(LoadPlanTest, TheSamePathWithOtherRowsIsPendingAndTheFormerFileIsAnother) {
  add_file();
  know_former(path_of(*read.files[0]));
  const LoadPlan all = plan();
  EXPECT_THAT(all.in, IsEmpty());
  EXPECT_THAT(all.pending, ElementsAre(read.files[0]));
  EXPECT_THAT(all.others, ElementsAre(path_of(*read.files[0])));
}

TEST_F(LoadPlanTest, AStudyWithoutRecordsHasNothingPending) {
  know_former("imednet/a");
  EXPECT_THAT(plan().pending, IsEmpty());
  EXPECT_EQ(plan().rows_in + plan().rows_pending, 0);
  EXPECT_THAT(plan().others, ElementsAre("imednet/a"));
}

enum class State { absent, settled, changed, added, foreign_rows, all_marked, ledger_lost, too_many_files };

class Choice : public LoadPlanTest {
 protected:
  LoadPlan in_state(State state) {
    add_files(state == State::too_many_files ? static_cast<int>(kFilesACopy) + 1 : 2);
    if (state == State::absent || state == State::too_many_files) return plan(0);
    if (state == State::ledger_lost) return plan(20);
    know(read.files[0]);
    if (state == State::changed) {
      know_former("imednet/former");
      return plan(20);
    }
    if (state == State::added) return plan(10);
    know(read.files[1]);
    LoadPlan all = plan(state == State::foreign_rows ? 21 : 20);
    if (state == State::all_marked) all.there.rows = 25;
    return all;
  }
  LoadMethod chosen(WriteMode mode, State state, bool is_idempotent = true) {
    LoadRules config{.files_a_copy = kFilesACopy};
    config.mode = mode;
    config.idempotent = is_idempotent;
    const LoadMethod method = choose(in_state(state), config, "S", "DB.PUBLIC.T");
    read = {.study = "S", .files = {}, .forms = {}};
    known.clear();
    return method;
  }
};

TEST_F(Choice, IsThatOfModeAndState) {
  const std::pair<State, std::array<LoadMethod, 4>> rows[] = {
      // state                  automatic            merge                replace               append
      {State::absent, {LoadMethod::copy, LoadMethod::merge, LoadMethod::replace, LoadMethod::append}},
      {State::too_many_files, {LoadMethod::merge, LoadMethod::merge, LoadMethod::replace, LoadMethod::append}},
      {State::settled, {LoadMethod::nothing, LoadMethod::nothing, LoadMethod::replace, LoadMethod::append}},
      {State::all_marked, {LoadMethod::nothing, LoadMethod::nothing, LoadMethod::replace, LoadMethod::append}},
      {State::changed, {LoadMethod::merge, LoadMethod::merge, LoadMethod::replace, LoadMethod::append}},
      {State::added, {LoadMethod::merge, LoadMethod::merge, LoadMethod::replace, LoadMethod::append}},
      {State::foreign_rows, {LoadMethod::merge, LoadMethod::merge, LoadMethod::replace, LoadMethod::append}},
      {State::ledger_lost, {LoadMethod::merge, LoadMethod::merge, LoadMethod::replace, LoadMethod::append}},
  };
  constexpr WriteMode kModes[] = {WriteMode::automatic, WriteMode::merge, WriteMode::replace, WriteMode::append};
  for (const auto& [state, methods] : rows) {
    for (std::size_t i = 0; i < methods.size(); ++i) {
      EXPECT_EQ(chosen(kModes[i], state), methods[i]) << "state " << static_cast<int>(state) << ", mode " << i;
    }
  }
}

TEST_F(Choice, AReloadReplacesInEveryModeButAppend) {
  for (const State state : {State::absent, State::settled, State::changed, State::foreign_rows}) {
    for (const WriteMode mode : {WriteMode::automatic, WriteMode::merge, WriteMode::replace}) {
      EXPECT_EQ(chosen(mode, state, false), LoadMethod::replace);
    }
    EXPECT_EQ(chosen(WriteMode::append, state, false), LoadMethod::append);
  }
}

TEST_F(Choice, AFormerFileInTheLedgerOfAnEmptyTableIsNoNewStudy) {
  add_file();
  know_former("imednet/former");
  EXPECT_EQ(choose(plan(0), {}, "S", "T"), LoadMethod::merge);
}

TEST_F(Choice, RowsThatAreMarkedDeletedKeepAStudyFromBeingNew) {
  add_file();
  LoadPlan all = plan(0);
  all.there.rows = 3;
  EXPECT_EQ(choose(all, {}, "S", "T"), LoadMethod::merge);
}

TEST_F(Choice, MissingRowsOfLoadedFilesAreAnErrorUnlessTheStudyIsReplaced) {
  add_files(2);
  know(read.files[0]);
  for (const WriteMode mode : {WriteMode::automatic, WriteMode::merge, WriteMode::append}) {
    LoadRules config{.files_a_copy = kFilesACopy};
    config.mode = mode;
    try {
      choose(plan(9), config, "MY_STUDY", "DB.PUBLIC.T");
      FAIL() << "mode " << static_cast<int>(mode);
    } catch (const errors::ExportError& error) {
      EXPECT_EQ(error.code(), ErrorCode::counts_differ);
      EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("MY_STUDY"), HasSubstr("DB.PUBLIC.T has 9 of its rows, but 10 were loaded")));
      EXPECT_THAT(error.hint(), HasSubstr("--force-reload"));
    }
    EXPECT_NO_THROW(choose(plan(10), config, "MY_STUDY", "DB.PUBLIC.T"));
  }
  LoadRules config;
  config.mode = WriteMode::replace;
  EXPECT_EQ(choose(plan(9), config, "S", "T"), LoadMethod::replace);
  config = {};
  config.idempotent = false;
  EXPECT_EQ(choose(plan(9), config, "S", "T"), LoadMethod::replace);
}

TEST(LoadMethods, EachHasItsOwnWord) {
  EXPECT_EQ(method_name(LoadMethod::nothing), "nothing");
  EXPECT_EQ(method_name(LoadMethod::copy), "copy");
  EXPECT_EQ(method_name(LoadMethod::merge), "merge");
  EXPECT_EQ(method_name(LoadMethod::replace), "replace");
  EXPECT_EQ(method_name(LoadMethod::append), "append");
}

class Shrink : public LoadPlanTest {
 protected:
  // What is refused when the table holds `live` rows of `forms`; nullopt: nothing is.
  std::optional<errors::ExportError> refused(std::int64_t live, FormRows forms = {}) {
    PlannedLoad all{.plan = plan(live), .method = LoadMethod::merge};
    all.plan.forms = std::move(forms);
    try {
      require_no_shrink(std::vector{PlannedRead{&read, &all}}, "DB.PUBLIC.T", "snowflake");
    } catch (const errors::ExportError& error) {
      EXPECT_EQ(error.code(), ErrorCode::shrink);
      EXPECT_THAT(error.hint(), testing::AllOf(HasSubstr("--allow-shrink"), HasSubstr("nothing was changed")));
      return error;
    }
    return std::nullopt;
  }
};

TEST_F(Shrink, ExactlyHalfPassesAndOneBelowIsRefused) {
  add_file();
  EXPECT_FALSE(refused(20));
  EXPECT_FALSE(refused(19));
  const auto error = refused(21);
  ASSERT_TRUE(error);
  EXPECT_STREQ(error->what(), "cannot export study S: the API holds 10 records of it and DB.PUBLIC.T holds 21 rows");
}

TEST_F(Shrink, FilesThatAreInCountAsWellAsPendingOnes) {
  add_files(2);
  know(read.files[0]);
  EXPECT_FALSE(refused(40));
  EXPECT_TRUE(refused(41));
}

TEST_F(Shrink, AStudyThatGrowsOrIsNewPasses) {
  add_files(3);
  EXPECT_FALSE(refused(0));
  EXPECT_FALSE(refused(5, {{"AE", 5}}));
}

TEST_F(Shrink, AStudyWithoutRecordsOverAFullTableIsRefused) {
  EXPECT_TRUE(refused(1));
  EXPECT_FALSE(refused(0));
}

TEST_F(Shrink, AFormThatLostItsLastRecordIsNamed) {
  add_file();
  const auto error = refused(12, {{"AE", 10}, {"DM", 1}, {"", 1}});
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), testing::EndsWith("; no record is left of the forms (no form), DM"));
  EXPECT_FALSE(refused(12, {{"AE", 12}}));
  EXPECT_FALSE(refused(12, {{"AE", 12}, {"DM", 0}})) << "it had none before";
}

TEST_F(Shrink, OfManyFormsTenAreNamedAndTheOthersCounted) {
  add_file();
  FormRows forms;
  for (int i = 0; i < 10; ++i) forms["F" + std::to_string(i)] = 1;
  ASSERT_TRUE(refused(10, forms));
  EXPECT_THAT(refused(10, forms)->what(), testing::EndsWith("F8, F9"));
  forms["G"] = 1;
  forms["H"] = 1;
  EXPECT_THAT(refused(12, forms)->what(), testing::EndsWith("F8, F9 and 2 more"));
}

class Kept : public LoadPlanTest {};

TEST_F(Kept, NeighboursThatAreInAreOneRange) {
  add_files(6);
  for (const std::size_t i : {0u, 1u, 3u, 5u}) know(read.files[i]);
  EXPECT_THAT(kept_ranges(read, plan()), ElementsAre(Pair(10, 29), Pair(40, 49), Pair(60, 69)));
}

TEST_F(Kept, AllOrNothingIsOneRangeOrNone) {
  add_files(4);
  EXPECT_THAT(kept_ranges(read, plan()), IsEmpty());
  for (const auto* file : read.files) know(file);
  EXPECT_THAT(kept_ranges(read, plan()), ElementsAre(Pair(10, 49)));
  read.files.clear();
  EXPECT_THAT(kept_ranges(read, plan()), IsEmpty());
}

LoadedFiles three_files() {
  return {{"b", {"S/records/1", "h1", "ff", 10, 30, 39}},
          {"a", {"S/records/0", "h0", "ff", 10, 10, 19}},
          {"c", {"S/records/2", "h2", "ff", 10, 40, 49}}};
}

TEST(FilesTouched, AreThoseWhoseRangeHoldsARecordThatChanged) {
  EXPECT_THAT(files_touched(three_files(), std::array<std::int64_t, 2>{10, 49}), ElementsAre("a", "c"));
  EXPECT_THAT(files_touched(three_files(), std::array<std::int64_t, 3>{30, 35, 39}), ElementsAre("b"));
  EXPECT_THAT(files_touched(three_files(), {}), IsEmpty());
}

// A full reading takes neighbours that are in for one range: a record between them must not be taken for theirs.
TEST(FilesTouched, AreTheLaterOfTwoForARecordBetweenThem) {
  EXPECT_THAT(files_touched(three_files(), std::array<std::int64_t, 1>{25}), ElementsAre("b"));
  EXPECT_THAT(files_touched(three_files(), std::array<std::int64_t, 1>{5}), ElementsAre("a"));
}

TEST(FilesTouched, AreNoneForARecordBehindTheLast) {
  EXPECT_THAT(files_touched(three_files(), std::array<std::int64_t, 1>{50}), IsEmpty());
}

TEST(FilesTouched, AreAllThatOverlap) {
  LoadedFiles files = three_files();
  files["all"] = {"S/records/0", "h", "ff", 40, 10, 49};
  EXPECT_THAT(files_touched(files, std::array<std::int64_t, 1>{35}), testing::UnorderedElementsAre("b", "all"));
}

}  // namespace
}  // namespace imednet::sinks::snowflake
