#include "pipeline/row_comparer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "imednet/models.h"
#include "staging/record_stager.h"
#include "unit/folder.h"

namespace imednet::pipeline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr IdsBetween kAll{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};

struct Made {
  std::int64_t id = 0;
  std::string status = "Complete";
  std::string data = R"({"a": 1, "b": 2.50})";
};

class Comparing : public FolderTest {
 protected:
  std::filesystem::path file_of(const std::string& name, const std::vector<Made>& rows) const {
    staging::BatchStager stager(root, name, "S", {.rows = 2});
    for (const Made& made : rows) {
      Record record;
      record.record_id = made.id;
      record.record_status = made.status;
      record.record_data = made.data;
      stager.append(record);
    }
    return stager.finish().path;
  }

  // The table holds what that file holds.
  Differences compare(std::vector<ReadingFiles> readings, const std::filesystem::path& table, std::vector<IdsBetween> parts = {kAll}) {
    ExpectedRows expected(std::move(readings), std::move(parts));
    Differences differences{.kept = 3};
    RowComparer comparer(expected, differences);
    staging::FileRows found(table);
    while (found.next()) comparer.take(found.row(), found.hash());
    comparer.finish();
    return differences;
  }
};

TEST_F(Comparing, FindsNothingWhereAllIsTheSame) {
  const auto first = file_of("one", {{1}, {2}, {3}});
  const auto second = file_of("two", {{5}, {9}});
  const Differences found = compare({{first, second}}, file_of("table", {{1}, {2}, {3}, {5}, {9}}));
  EXPECT_EQ(found.missing.count + found.extra.count + found.stale.count, 0);
}

TEST_F(Comparing, TellsMissingExtraAndStaleApart) {
  const Differences found = compare({{file_of("one", {{1}, {2}, {3}, {5}, {9}})}},
                                    file_of("table", {{0}, {1}, {3, "Changed"}, {4}, {5}, {5}, {9, "Complete", R"({"a":1})"}}));
  EXPECT_THAT(found.missing.ids, ElementsAre(2));
  EXPECT_THAT(found.extra.ids, ElementsAre(0, 4, 5));
  EXPECT_THAT(found.stale.ids, ElementsAre(3, 9));
}

TEST_F(Comparing, KeepsTheFirstIdsAndCountsAll) {
  const Differences found = compare({{file_of("one", {{1}, {2}, {3}, {4}, {5}})}}, file_of("table", {}));
  EXPECT_THAT(found.missing.ids, ElementsAre(1, 2, 3));
  EXPECT_EQ(found.missing.count, 5);
}

TEST_F(Comparing, LetsTheLaterReadingCount) {
  const auto base = file_of("base", {{1, "old"}, {2, "old"}, {3, "old"}});
  const auto second = file_of("second", {{2, "newer"}, {7, "newer"}});
  const auto third = file_of("third", {{2, "newest"}});
  const auto table = file_of("table", {{1, "old"}, {2, "newest"}, {3, "old"}, {7, "newer"}});
  EXPECT_THAT(compare({{base}, {second}, {third}}, table).stale.ids, IsEmpty());
  EXPECT_THAT(compare({{base}, {second}}, table).stale.ids, ElementsAre(2));
  EXPECT_THAT(compare({{base}}, table).extra.ids, ElementsAre(7));
}

TEST_F(Comparing, LooksAtTheGivenPartsAlone) {
  const auto file = file_of("one", {{1}, {2}, {3}, {4}, {5}, {6}});
  EXPECT_THAT(compare({{file}}, file_of("table", {}), {{1, 2}, {4, 6}}).missing.ids, ElementsAre(2, 5, 6));
}

TEST_F(Comparing, TakesTheLaterOfTwoRowsOfOneRecord) {
  const auto file = file_of("one", {{1}, {2, "first"}, {2, "second"}, {3}});
  EXPECT_THAT(compare({{file}}, file_of("table", {{1}, {2, "second"}, {3}})).stale.ids, IsEmpty());
  EXPECT_THAT(compare({{file}}, file_of("table", {{1}, {2, "first"}, {3}})).stale.ids, ElementsAre(2));
}

TEST_F(Comparing, RefusesFilesThatAreNotByRecordId) {
  const auto file = file_of("one", {{1}, {3}, {2}});
  EXPECT_EQ(code_of([&] { compare({{file}}, file_of("table", {{9}})); }), errors::ErrorCode::unsupported);
}

TEST(SameRow, IsTheSameByTheValueOfItsAnswersAndByEveryOtherCellExactly) {
  table::RecordRow row;
  row.study_key = "S";
  row.record_id = 1;
  row.deleted = false;
  row.date_modified.micros = 5;
  row.record_data = R"({"a": 1, "b": 2.50})";
  table::RecordRow other = row;
  other.record_data = R"({"b":2.5,"a":1})";
  EXPECT_TRUE(is_same_row(row, other));
  other.record_data = R"({"b":2.5,"a":2})";
  EXPECT_FALSE(is_same_row(row, other));
  other.record_data.reset();
  EXPECT_FALSE(is_same_row(row, other));
  other = row;
  other.deleted.reset();
  EXPECT_FALSE(is_same_row(row, other));
  other = row;
  other.date_modified.micros = 6;
  EXPECT_FALSE(is_same_row(row, other));
  other = row;
  other.keywords = "";
  EXPECT_FALSE(is_same_row(row, other));
}

}  // namespace
}  // namespace imednet::pipeline
