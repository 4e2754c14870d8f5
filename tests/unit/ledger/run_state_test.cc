#include "ledger/run_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "core/digest.h"
#include "unit/folder.h"
#include "unit/variables.h"

namespace imednet::ledger {
namespace {

using errors::ErrorCode;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kRun = "20260115T120000Z-0a0b0c0d";

class StillClock final : public core::Clock {
 public:
  std::chrono::steady_clock::time_point now() const override { return {}; }
  std::chrono::system_clock::time_point utc_now() const override { return std::chrono::system_clock::from_time_t(1'768'478'400); }
  bool sleep(std::chrono::milliseconds, const std::stop_token&) override { return true; }
};

class RunStates : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    folder = prepare_state_folder(root / "state");
  }
  std::filesystem::path file_of(const std::string& run) const { return folder / "runs" / (run + ".jsonl"); }
  // A run that was planned for the study, and ended when that is wanted.
  std::filesystem::path run(const std::string& id, const std::string& study, bool ends, const std::string& target = "DB.S.T") {
    RunState state(folder, id, clock);
    state.append(kPlanned, {{"study", study}, {"target", target}});
    if (ends) state.append(kEnded, {{"outcome", std::string("done")}});
    return state.path();
  }
  std::vector<std::string> lines_of(const std::filesystem::path& path) const {
    std::istringstream text(bytes_of(path));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }
  // Three lines; then what `change` makes of them is written, and read.
  template <class Change>
  RunRecord after(Change change) {
    {
      RunState state(folder, kRun, clock);
      state.append(kPlanned, {{"study", std::string("MY_STUDY")}, {"target", std::string("DB.S.T")}});
      state.append(kLoading, {{"rows", std::int64_t{3}}});
      state.append(kEnded, {{"outcome", std::string("done")}});
    }
    std::vector<std::string> lines = lines_of(file_of(kRun));
    change(lines);
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    put(file_of(kRun), text);
    return read_run(file_of(kRun));
  }

  StillClock clock;
  std::filesystem::path folder;
};

TEST_F(RunStates, WhatIsWrittenIsReadAgainWithItsTypes) {
  {
    RunState state(folder, kRun, clock);
    state.append(kPlanned, {{"study", std::string("MY_STUDY")}, {"token", std::int64_t{7}}});
    state.append_all(kStaged, std::vector<Fields>{{{"batch_ids", std::vector<std::string>{"a/0", "a/1"}}}, {{"rows", std::int64_t{-1}}}});
  }
  const RunRecord record = read_run(file_of(kRun));
  EXPECT_EQ(record.run_id, kRun);
  EXPECT_EQ(record.problem(), "");
  ASSERT_EQ(record.events.size(), 3u);
  EXPECT_EQ(record.events[0].name, "planned");
  EXPECT_EQ(record.events[0].stamp, "2026-01-15T12:00:00+00:00");
  EXPECT_EQ(record.events[0].text("study"), "MY_STUDY");
  EXPECT_EQ(record.events[0].number("token"), 7);
  EXPECT_EQ(record.events[0].text("token"), "") << "a number is no text";
  EXPECT_THAT(std::get<std::vector<std::string>>(record.events[1].fields.at(0).second), ElementsAre("a/0", "a/1"));
  EXPECT_EQ(record.events[2].number("rows"), -1);
  EXPECT_EQ(record.events[2].seq, 3);
  EXPECT_FALSE(record.is_ended());
}

TEST_F(RunStates, FileAndFoldersAreTheOwnersAlone) {
  run(kRun, "MY_STUDY", true);
  EXPECT_EQ(mode_of(file_of(kRun)), 0600u);
  EXPECT_EQ(mode_of(folder / "runs"), 0700u);
  EXPECT_EQ(mode_of(folder), 0700u);
}

TEST_F(RunStates, EachLinesHashIsMadeOfTheOneBeforeAndItsOwnText) {
  after([](auto&) {});
  std::string previous(64, '0');
  for (const std::string& line : lines_of(file_of(kRun))) {
    auto json = nlohmann::ordered_json::parse(line);
    EXPECT_EQ(json.at("prev"), previous);
    previous = json.at("hash");
    json.erase("hash");
    core::Sha256 digest;
    digest.update(json.at("prev").get<std::string>() + json.dump());
    EXPECT_EQ(core::hex(digest.finish()), previous) << line;
  }
}

TEST_F(RunStates, AWholeFileHasNoProblem) {
  const RunRecord record = after([](auto&) {});
  EXPECT_EQ(record.events.size(), 3u);
  EXPECT_TRUE(record.is_ended());
  EXPECT_FALSE(record.bad_line);
}

TEST_F(RunStates, AChangedValueIsFoundAndWhatStandsBeforeItIsGiven) {
  const RunRecord record = after([](auto& lines) { lines[1].replace(lines[1].find("\"rows\":3"), 8, "\"rows\":4"); });
  EXPECT_EQ(record.events.size(), 1u);
  ASSERT_TRUE(record.bad_line);
  EXPECT_EQ(record.bad_line->number, 2u);
  EXPECT_THAT(record.problem(), HasSubstr("line 2 of"));
  EXPECT_THAT(record.problem(), HasSubstr("its text is not the one its hash was made of"));
}

TEST_F(RunStates, ALineThatWasTakenOutIsFound) {
  const RunRecord record = after([](auto& lines) { lines.erase(lines.begin() + 1); });
  EXPECT_EQ(record.events.size(), 1u);
  ASSERT_TRUE(record.bad_line);
  EXPECT_THAT(record.bad_line->why, HasSubstr("the line before it"));
}

TEST_F(RunStates, LinesInAnotherOrderAreFound) {
  const RunRecord record = after([](auto& lines) { std::swap(lines[0], lines[1]); });
  EXPECT_TRUE(record.events.empty());
  ASSERT_TRUE(record.bad_line);
  EXPECT_EQ(record.bad_line->number, 1u);
}

TEST_F(RunStates, ALineFromAnotherRunIsFound) {
  run("20260115T110000Z-0a0b0c0d", "OTHER", false);
  const std::string alien = lines_of(file_of("20260115T110000Z-0a0b0c0d")).at(0);
  const RunRecord record = after([&](auto& lines) { lines.push_back(alien); });
  EXPECT_EQ(record.events.size(), 3u);
  ASSERT_TRUE(record.bad_line);
  EXPECT_EQ(record.bad_line->number, 4u);
}

TEST_F(RunStates, ALineThatIsNoJsonOrNoLineOfOursIsFound) {
  for (const char* line : {"", "{", "not json", "{\"seq\":1}", R"({"hash":""})"}) {
    std::filesystem::remove(file_of(kRun));
    const RunRecord record = after([line](auto& lines) { lines[2] = line; });
    EXPECT_EQ(record.events.size(), 2u) << line;
    ASSERT_TRUE(record.bad_line) << line;
    EXPECT_EQ(record.bad_line->number, 3u) << line;
  }
}

TEST_F(RunStates, AFieldCannotTakeAMembersName) {
  RunState state(folder, kRun, clock);
  for (const char* name : {"seq", "stamp", "event", "prev", "hash"}) {
    EXPECT_EQ(code_of([&] { state.append(kPlanned, {{name, std::string("x")}}); }), ErrorCode::internal) << name;
  }
  EXPECT_TRUE(bytes_of(file_of(kRun)).empty());
}

TEST_F(RunStates, AnEventOfALaterVersionEndsTheReading) {
  {
    RunState state(folder, kRun, clock);
    state.append(kPlanned, {});
    state.append("teleported", {});
  }
  const RunRecord record = read_run(file_of(kRun));
  EXPECT_EQ(record.events.size(), 1u);
  EXPECT_THAT(record.problem(), HasSubstr("event is none that is known"));
}

TEST_F(RunStates, ALineCutAtAnyByteIsNeverTakenForAnEvent) {
  const std::string whole = bytes_of(run(kRun, "MY_STUDY", true));
  const std::size_t first = whole.find('\n') + 1;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    put(file_of(kRun), std::string_view(whole).substr(0, size));
    const RunRecord record = read_run(file_of(kRun));
    EXPECT_EQ(record.events.size(), size < first ? 0u : 1u) << size;
    EXPECT_EQ(record.bad_line.has_value(), size != 0 && size != first) << size;
  }
}

TEST_F(RunStates, ABitFlippedAnywhereIsFound) {
  const std::string whole = bytes_of(run(kRun, "MY_STUDY", false));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    put(file_of(kRun), flipped);
    EXPECT_TRUE(read_run(file_of(kRun)).bad_line) << at;
  }
}

TEST_F(RunStates, ARunsFileIsNeverWrittenByTwo) {
  const RunState state(folder, kRun, clock);
  EXPECT_EQ(code_of([&] { RunState(folder, kRun, clock); }), ErrorCode::io);
}

TEST_F(RunStates, AFullDiskIsAnErrorAndLeavesTheLinesBeforeItWhole) {
  RunState state(folder, kRun, clock);
  state.append(kPlanned, {{"study", std::string("MY_STUDY")}});
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{std::filesystem::file_size(file_of(kRun)) + 20, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
  const ErrorCode code = code_of([&] { state.append(kLoading, {{"batch_ids", std::vector<std::string>{"MY_STUDY/records/0"}}}); });
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(code, ErrorCode::io);
  EXPECT_EQ(read_run(file_of(kRun)).problem(), "") << "half a line was left";
  state.append(kEnded, {{"outcome", std::string("failed")}});
  EXPECT_TRUE(read_run(file_of(kRun)).is_ended());
}

TEST_F(RunStates, RunsAreListedFromTheNewestOn) {
  run("20260115T120000Z-00000000", "A", true);
  run("20260116T120000Z-00000000", "A", true);
  run("20260114T120000Z-00000000", "A", true);
  put(folder / "runs" / "notes.txt", "a person's own");
  std::vector<std::string> ids;
  for (const RunRecord& record : list_runs(folder)) ids.push_back(record.run_id);
  EXPECT_THAT(ids, ElementsAre("20260116T120000Z-00000000", "20260115T120000Z-00000000", "20260114T120000Z-00000000"));
}

TEST_F(RunStates, ARunThatWasCutOffIsFoundByStudyAndTarget) {
  run("20260115T120000Z-00000000", "A", false);
  run("20260116T120000Z-00000000", "B", false);
  run("20260117T120000Z-00000000", "A", false, "DB.S.OTHER");
  const auto found = last_unfinished_run(folder, "A", "DB.S.T");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->run_id, "20260115T120000Z-00000000");
  EXPECT_FALSE(last_unfinished_run(folder, "C", "DB.S.T"));
}

TEST_F(RunStates, ARunThatEndedAfterItSettlesTheOneThatWasCutOff) {
  run("20260115T120000Z-00000000", "A", false);
  run("20260116T120000Z-00000000", "A", true);
  EXPECT_FALSE(last_unfinished_run(folder, "A", "DB.S.T"));
}

TEST_F(RunStates, ARunWhoseLastLineIsBadCountsAsCutOff) {
  std::string text = bytes_of(run(kRun, "A", true));
  text[text.size() - 10] = text[text.size() - 10] == '0' ? '1' : '0';
  put(file_of(kRun), text);
  const auto found = last_unfinished_run(folder, "A", "DB.S.T");
  ASSERT_TRUE(found);
  EXPECT_THAT(found->problem(), HasSubstr("line 2 of"));
}

TEST_F(RunStates, OldRunsGoUnlessTheyWereCutOff) {
  run("20260113T120000Z-00000000", "A", true);
  run("20260114T120000Z-00000000", "A", false);
  run("20260115T120000Z-00000000", "A", true);
  run("20260116T120000Z-00000000", "A", true);
  remove_old_runs(folder, 2);
  EXPECT_THAT(names_in(folder / "runs"), testing::UnorderedElementsAre("20260114T120000Z-00000000.jsonl", "20260115T120000Z-00000000.jsonl",
                                                                       "20260116T120000Z-00000000.jsonl"));
}

class StateFolders : public FolderTest {
 protected:
  Variables variables;
};

TEST_F(StateFolders, TheDefaultIsWhereXdgSays) {
  variables.set("XDG_STATE_HOME", (root / "xdg").string());
  EXPECT_EQ(prepare_state_folder(std::nullopt), root / "xdg" / "imednet");
  EXPECT_TRUE(std::filesystem::is_directory(root / "xdg" / "imednet" / "runs"));
}

TEST_F(StateFolders, WithoutItTheHomeFolderHoldsIt) {
  variables.set("XDG_STATE_HOME", "relative/does/not/count");
  variables.set("HOME", root.string());
  EXPECT_EQ(prepare_state_folder(std::nullopt), root / ".local" / "state" / "imednet");
  EXPECT_EQ(mode_of(root / ".local"), 0700u);
}

TEST_F(StateFolders, WithoutAHomeTheFlagIsAskedFor) {
  variables.set("XDG_STATE_HOME", "");
  variables.set("HOME", "");
  try {
    prepare_state_folder(std::nullopt);
    FAIL() << "a folder was found";
  } catch (const errors::ExportConfigurationError& error) {
    EXPECT_EQ(error.code(), ErrorCode::config);
    EXPECT_THAT(error.hint(), HasSubstr("--state-dir"));
  }
}

TEST_F(StateFolders, AFileInItsPlaceIsRefusedWithTheFlagToUse) {
  put(root / "file", "");
  try {
    prepare_state_folder(root / "file" / "state");
    FAIL() << "a folder was made below a file";
  } catch (const errors::ExportConfigurationError& error) {
    EXPECT_EQ(error.code(), ErrorCode::io);
    EXPECT_THAT(error.what(), HasSubstr((root / "file" / "state").string()));
    EXPECT_THAT(error.hint(), HasSubstr("--state-dir"));
  }
}

TEST_F(StateFolders, AFolderThatIsThereIsUsedAsItIs) {
  std::filesystem::create_directory(root / "mine");
  std::filesystem::permissions(root / "mine", std::filesystem::perms(0755));
  EXPECT_EQ(prepare_state_folder(root / "mine"), root / "mine");
  EXPECT_EQ(mode_of(root / "mine"), 0755u);
  EXPECT_EQ(mode_of(root / "mine" / "runs"), 0700u);
}

TEST(StateDirectory, FollowsTheXdgVariables) {
  Variables variables;
  variables.set("HOME", "/home/somebody");
  variables.unset("XDG_STATE_HOME");
  EXPECT_EQ(default_state_folder(), "/home/somebody/.local/state/imednet");
  variables.set("XDG_STATE_HOME", "/var/state");
  EXPECT_EQ(default_state_folder(), "/var/state/imednet");
  variables.set("XDG_STATE_HOME", "relative");
  EXPECT_EQ(default_state_folder(), "/home/somebody/.local/state/imednet");
  variables.unset("HOME");
  EXPECT_EQ(default_state_folder(), "");
}

}  // namespace
}  // namespace imednet::ledger
