#include "pipeline/reading_digest.h"

#include <gtest/gtest.h>

#include "imednet/models.h"
#include "staging/record_stager.h"
#include "unit/folder.h"

namespace imednet::pipeline {
namespace {

class ReadingDigests : public FolderTest {
 protected:
  // Ids 1, 2 … in files of `batch` rows; `changed`: the id of one whose status differs.
  std::vector<staging::StagedFile> files(std::int64_t count, std::int64_t batch, std::int64_t changed = 0) {
    const auto folder = root / std::to_string(next_folder_++);
    std::filesystem::create_directory(folder);
    staging::RecordStager stager(folder, "S", batch);
    for (std::int64_t id = 1; id <= count; ++id) {
      Record record;
      record.record_id = id;
      record.record_status = id == changed ? "changed" : "made up";
      stager.append(record);
    }
    return stager.finish();
  }

 private:
  int next_folder_ = 0;
};

TEST_F(ReadingDigests, OfTheSameRecordsAreTheSame) {
  EXPECT_EQ(plan_digest(files(10, 4)), plan_digest(files(10, 4)));
  EXPECT_EQ(digest_of_all(files(10, 4)).hash, digest_of_all(files(10, 3)).hash);
  EXPECT_EQ(digest_of_all(files(10, 4)).rows, 10);
}

TEST_F(ReadingDigests, ChangeWithARecordALengthAndACut) {
  const std::string plan = plan_digest(files(10, 4));
  EXPECT_EQ(plan.size(), 32u);
  EXPECT_NE(plan, plan_digest(files(10, 4, 7)));
  EXPECT_NE(plan, plan_digest(files(9, 4)));
  EXPECT_NE(plan, plan_digest(files(10, 5)));
  EXPECT_NE(plan, plan_digest({}));
  EXPECT_NE(digest_of_all(files(10, 4)).hash, digest_of_all(files(10, 4, 7)).hash);
  EXPECT_NE(digest_of_all(files(10, 4)).hash, digest_of_all(files(9, 4)).hash);
}

TEST_F(ReadingDigests, OfSomeRecordsHangOnThoseAlone) {
  const std::vector<std::int64_t> some = {2, 7, 11};
  const RowsDigest digest = digest_of(files(10, 4), some);
  EXPECT_EQ(digest.rows, 2);
  EXPECT_EQ(digest.hash, digest_of(files(10, 3, 5), some).hash);
  EXPECT_NE(digest.hash, digest_of(files(10, 4, 7), some).hash);
}

TEST_F(ReadingDigests, OpenOnlyFilesThatHoldOneOfThem) {
  auto staged = files(10, 4);  // 1…4, 5…8, 9…10
  std::filesystem::remove(staged[0].path);
  std::filesystem::remove(staged[2].path);
  const std::vector<std::int64_t> some = {6};
  EXPECT_EQ(digest_of(staged, some).rows, 1);
  EXPECT_EQ(digest_of(staged, {}).rows, 0);
}

}  // namespace
}  // namespace imednet::pipeline
