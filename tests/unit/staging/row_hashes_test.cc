#include "staging/row_hashes.h"

#include <gtest/gtest.h>

#include "imednet/models.h"
#include "staging/record_stager.h"
#include "unit/folder.h"

namespace imednet::staging {
namespace {

using errors::ErrorCode;

class RowHashes : public FolderTest {
 protected:
  // Rows with these ids, in row groups of two.
  std::filesystem::path file_of(const std::string& batch, const std::vector<std::int64_t>& ids, const std::string& status) const {
    BatchStager stager(root, batch, "S", {.rows = 2});
    for (const std::int64_t id : ids) {
      Record record;
      record.record_id = id;
      record.record_status = status;
      stager.append(record);
    }
    return stager.finish().path;
  }
};

TEST_F(RowHashes, StandInTheOrderOfTheRowsAcrossRowGroups) {
  const auto rows = read_row_hashes(file_of("nightly/1", {3, 5, 8, 9, 20}, "made up"));
  ASSERT_EQ(rows.size(), 5u);
  EXPECT_EQ(rows.front().record_id, 3);
  EXPECT_EQ(rows.back().record_id, 20);
  for (const RowHash& row : rows) EXPECT_EQ(row.hash.size(), 32u) << row.record_id;
}

TEST_F(RowHashes, AreTheSameForTheSameRecordInAnyFileAndOthersForAnother) {
  const auto one = read_row_hashes(file_of("nightly/1", {3, 5}, "made up"));
  const auto other = read_row_hashes(file_of("nightly/2", {1, 2, 5}, "made up"));
  EXPECT_EQ(one[1].hash, other[2].hash);
  EXPECT_NE(one[0].hash, one[1].hash);
  EXPECT_NE(read_row_hashes(file_of("nightly/3", {3}, "changed"))[0].hash, one[0].hash);
}

TEST_F(RowHashes, OfAFileThatIsNoneAreAnError) {
  put(root / "no.parquet", "made up");
  EXPECT_EQ(code_of<errors::ExportError>([&] { read_row_hashes(root / "no.parquet"); }), ErrorCode::corrupt);
  EXPECT_EQ(code_of<errors::ExportError>([&] { read_row_hashes(root / "missing.parquet"); }), ErrorCode::io);
}

}  // namespace
}  // namespace imednet::staging
