#include "staging/file_rows.h"

#include <gtest/gtest.h>

#include "imednet/models.h"
#include "staging/record_stager.h"
#include "unit/folder.h"

namespace imednet::staging {
namespace {

using errors::ErrorCode;

class FileRowsTest : public FolderTest {
 protected:
  std::filesystem::path file_of(const std::vector<std::int64_t>& ids) const {
    BatchStager stager(root, "nightly/1", "S", {.rows = 2});
    for (const std::int64_t id : ids) {
      Record record;
      record.record_id = id;
      record.record_status = id % 2 == 0 ? "even" : "";
      record.date_modified = "2026-01-02 03:04:05";
      record.record_data = R"({"a":1})";
      stager.append(record);
    }
    return stager.finish().path;
  }
};

TEST_F(FileRowsTest, ComeInTheirOrderAcrossRowGroupsWithTheHashOfTheirCells) {
  FileRows rows(file_of({3, 4, 5, 8, 20}));
  table::RowHasher hasher;
  std::vector<std::int64_t> ids;
  while (rows.next()) {
    ids.push_back(*rows.row().record_id);
    EXPECT_EQ(hasher.hash(rows.row()), rows.hash());
    EXPECT_EQ(rows.row().record_status, ids.back() % 2 == 0 ? "even" : "");
    EXPECT_EQ(rows.row().date_modified.micros, 1'767'323'045'000'000);
    EXPECT_EQ(rows.row().record_data, R"({"a":1})");
    EXPECT_EQ(rows.row().form_key, std::nullopt);
  }
  EXPECT_EQ(ids, (std::vector<std::int64_t>{3, 4, 5, 8, 20}));
  EXPECT_FALSE(rows.next()) << "the end stays the end";
}

TEST_F(FileRowsTest, OfAnEmptyFileAreNone) { EXPECT_FALSE(FileRows(file_of({})).next()); }

TEST_F(FileRowsTest, AreRefusedWhereTheFileIsNoneOfOurs) {
  put(root / "x.parquet", "not one of ours");
  EXPECT_EQ(code_of([&] { FileRows(root / "x.parquet"); }), ErrorCode::corrupt);
  EXPECT_EQ(code_of([&] { FileRows(root / "nowhere.parquet"); }), ErrorCode::io);
}

}  // namespace
}  // namespace imednet::staging
