// What a comment must say to be believed, and the statements around it; that none of them needs a warehouse is told by
// tests/e2e/unchanged_test.py.
#include "sinks/snowflake/study_cursor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "unit/sinks/names.h"

namespace imednet::sinks::snowflake {
namespace {

using errors::ErrorCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr const char* kTarget = "IMEDNET_DB.PUBLIC.RECORDS";
const TableFacts kFacts{"2026-01-15 12:00:00.000 +0000", "60", "1024"};

StudyCursor cursor() {
  return {.study = "it's",
          .target = kTarget,
          .run_id = "20260115T120000Z-0a0b0c0d",
          .verified_at = "2026-01-15T12:00:00+00:00",
          .read_at = "2026-01-15 11:59:00",
          .plan_hash = "00112233445566778899aabbccddeeff",
          .recent_hash = "ffeeddccbbaa99887766554433221100",
          .recent_rows = 3,
          .table = kFacts,
          .live_rows = 59,
          .partial_runs = 2};
}

// A session that shows what it is told to, and keeps the texts it was sent.
class Shown {
 public:
  LeaseDeps deps() {
    return {.run = [this](const SqlText& sql, std::string_view step) { return answer(sql, step); },
            .attempt = [](std::string_view, const std::function<void()>& action) { action(); },
            .clock = core::system_clock()};
  }
  CursorTable table() {
    return {deps(), {Identifier::own("IMEDNET_DB"), Identifier::own("PUBLIC"), Identifier::own("IMEDNET_LOADS")}, "it's", table_name()};
  }

  std::optional<std::string> comment;  // of the cursor table; nullopt: it is not to be seen
  std::string quiet;                   // of its column
  std::optional<TableFacts> target = kFacts;
  std::map<std::string, std::string, std::less<>> refusals;  // step -> vendor code
  std::vector<std::string> changes;                          // statements other than questions

 private:
  db::Answer answer(const SqlText& sql, std::string_view step) {
    if (const auto refused = refusals.find(step); refused != refusals.end())
      throw ImednetError("no", {.code = ErrorCode::permission_denied, .origin = {.system = "snowflake", .vendor_code = refused->second}});
    db::Answer shown{{"created_on", "name", "rows", "bytes", "comment"}, {}};
    if (step == "show-cursor" && comment) {
      shown.rows.push_back({"2026-01-15", "IMEDNETXCURSOR", "0", "0", "one that LIKE found as well"});
      shown.rows.push_back({"2026-01-15", table().name().object().name(), "0", "0", *comment});
    } else if (step == "show-table" && target) {
      shown.rows.push_back({target->created, "RECORDS", target->rows, target->bytes, ""});
    } else if (step == "describe-cursor") {
      return {{"name", "comment"}, {{"QUIET_RUNS", quiet}}};
    } else if (!step.starts_with("show")) {
      changes.push_back(sql.text());
    }
    return shown;
  }
};

TEST(StudyCursors, AreReadAsTheyWereWritten) {
  std::string problem;
  const auto read = StudyCursor::parse(cursor().text(), problem);
  ASSERT_TRUE(read) << problem;
  EXPECT_EQ(read->text(), cursor().text());
  EXPECT_EQ(read->table, kFacts);
  EXPECT_EQ(read->partial_runs, 2);
  EXPECT_LT(cursor().text().size(), 600u);
}

TEST(StudyCursors, ThatWereTouchedAreNotBelieved) {
  const std::string good = cursor().text();
  std::string problem;
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = bad[i] == '1' ? '2' : '1';
    EXPECT_FALSE(StudyCursor::parse(bad, problem)) << bad;
    EXPECT_FALSE(problem.empty());
    EXPECT_FALSE(StudyCursor::parse(good.substr(0, i), problem)) << i;
  }
  for (const char* text : {"", "a note", "[]", "{}", "null", R"({"version":1,"check":"00"})"})
    EXPECT_FALSE(StudyCursor::parse(text, problem)) << text;
}

TEST(CursorTables, StandBesideTheLedgerOneForEachStudyAndTarget) {
  const ObjectName ledger{Identifier::own("A"), Identifier::own("B"), Identifier::own("IMEDNET_LOADS")};
  const ObjectName one = cursor_table_of(ledger, "S", "T");
  EXPECT_THAT(one.text(), testing::MatchesRegex("A\\.B\\.IMEDNET_CURSOR_[0-9A-F]+"));
  EXPECT_EQ(one.object().name().size(), std::string("IMEDNET_CURSOR_").size() + 16);
  EXPECT_EQ(one, cursor_table_of(ledger, "S", "T"));
  EXPECT_NE(one, cursor_table_of(ledger, "ST", ""));
  EXPECT_NE(one, cursor_table_of(ledger, "S", "T2"));
}

TEST(CursorTables, ShowACursorThatStillHolds) {
  Shown shown;
  shown.comment = cursor().text();
  shown.quiet = cursor().run_id + " 7";
  const auto seen = shown.table().look();
  ASSERT_TRUE(seen.cursor) << seen.problem;
  EXPECT_EQ(seen.cursor->run_id, cursor().run_id);
  EXPECT_EQ(seen.quiet_runs, 7);
  EXPECT_EQ(seen.text, cursor().text());
}

TEST(CursorTables, CountNoQuietRunsOfAnotherRun) {
  Shown shown;
  shown.comment = cursor().text();
  for (const char* text : {"", "another 7", "20260115T120000Z-0a0b0c0d 7x", "20260115T120000Z-0a0b0c0d -7", "20260115T120000Z-0a0b0c0d"}) {
    shown.quiet = text;
    EXPECT_EQ(shown.table().look().quiet_runs, 0) << text;
  }
}

TEST(CursorTables, ShowNoneWhenTheTargetIsAnotherOrWasChanged) {
  Shown shown;
  shown.comment = cursor().text();
  for (const TableFacts& facts : {TableFacts{"2026-02-01 00:00:00.000 +0000", "60", "1024"}, TableFacts{kFacts.created, "61", "1024"},
                                  TableFacts{kFacts.created, "60", "1025"}}) {
    shown.target = facts;
    const auto seen = shown.table().look();
    EXPECT_FALSE(seen.cursor);
    EXPECT_THAT(seen.problem, HasSubstr(kTarget));
  }
  shown.target.reset();
  EXPECT_FALSE(shown.table().look().cursor);
}

TEST(CursorTables, ShowNoneOfAnotherStudyOrTable) {
  Shown shown;
  StudyCursor other = cursor();
  other.study = "its";
  shown.comment = other.text();
  EXPECT_THAT(shown.table().look().problem, HasSubstr("another study"));
  other = cursor();
  other.target = "A.B.C";
  shown.comment = other.text();
  EXPECT_FALSE(shown.table().look().cursor);
}

TEST(CursorTables, OfASchemaThatIsNotThereAreNone) {
  Shown shown;
  shown.comment = cursor().text();
  shown.refusals = {{"show-cursor", "002043"}, {"show-table", "002043"}};
  const auto seen = shown.table().look();
  EXPECT_FALSE(seen.is_there || seen.cursor);
  EXPECT_EQ(seen.table, TableFacts{});
}

TEST(CursorTables, AreEmptiedBeforeAChange) {
  Shown shown;
  shown.comment = "anything";
  shown.table().set_aside(true);
  EXPECT_THAT(shown.changes, ElementsAre(testing::AllOf(StartsWith("COMMENT ON TABLE"), testing::EndsWith("IS ''"))));
  shown.changes.clear();
  shown.comment = "";
  shown.table().set_aside(true);
  EXPECT_THAT(shown.changes, IsEmpty());
}

TEST(CursorTables, ThatAreNotToBeSeenAreMadeUnlessTheRunWantsNone) {
  Shown shown;
  shown.table().set_aside(false);
  EXPECT_THAT(shown.changes, IsEmpty());
  shown.table().set_aside(true);
  EXPECT_THAT(shown.changes, ElementsAre(StartsWith("CREATE TABLE IF NOT EXISTS"), StartsWith("COMMENT ON TABLE")));
}

TEST(CursorTables, ThatThisRoleCannotEmptyStopTheRun) {
  Shown shown;
  shown.comment = "of another role";
  shown.refusals["cursor-aside"] = "003001";
  EXPECT_THAT(refusal_of([&] { shown.table().set_aside(true); }).hint(), HasSubstr("GRANT OWNERSHIP"));
  shown.comment.reset();
  shown.refusals = {{"cursor-create", "003041"}};
  EXPECT_THAT(refusal_of([&] { shown.table().set_aside(true); }).hint(), HasSubstr("GRANT OWNERSHIP"));
}

TEST(CursorTables, ThatThisRoleMayNotMakeAreDoneWithout) {
  Shown shown;
  shown.refusals["cursor-create"] = "003001";
  EXPECT_NO_THROW(shown.table().set_aside(true));
  EXPECT_THAT(shown.changes, IsEmpty());
}

TEST(CursorTables, KeepTheCursorAndTheCountApart) {
  Shown shown;
  shown.table().keep(cursor());
  shown.table().keep_quiet_runs(cursor(), 4);
  ASSERT_EQ(shown.changes.size(), 3u);
  EXPECT_THAT(shown.changes[0], StartsWith("CREATE TABLE IF NOT EXISTS"));
  EXPECT_THAT(shown.changes[1], HasSubstr(R"("study":"it''s")"));
  EXPECT_THAT(shown.changes[2], testing::EndsWith(R"(."QUIET_RUNS" IS '20260115T120000Z-0a0b0c0d 4')"));
}

}  // namespace
}  // namespace imednet::sinks::snowflake
