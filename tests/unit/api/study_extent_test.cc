#include "api/study_extent.h"

#include <gtest/gtest.h>

#include <memory>

#include "unit/api/fake_study.h"

namespace imednet::api {
namespace {

class StudyExtentTest : public testing::Test {
 protected:
  FakeStudy study;
  FakeClock clock;
  std::shared_ptr<Client> client = make_client(study.transport(), clock, test_settings());
};

TEST_F(StudyExtentTest, IsTheTotalAndTheHighestIdOfOneAnswer) {
  study.add_many(10, 20, 2);
  const StudyExtent extent = study_extent(*client, "S");
  EXPECT_EQ(extent.records, 20);
  EXPECT_EQ(extent.highest_id, 48);
  EXPECT_FALSE(extent.timestamp.empty());
  EXPECT_EQ(study.requests, 1);
}

TEST_F(StudyExtentTest, OfAnEmptyStudyIsNothing) {
  const StudyExtent extent = study_extent(*client, "S");
  EXPECT_EQ(extent.records, 0);
  EXPECT_EQ(extent.highest_id, 0);
}

TEST_F(StudyExtentTest, RecordsAboveTheIdAreNotCounted) {
  study.add_many(10, 20, 2);
  EXPECT_EQ(records_up_to(*client, "S", 48, true), 20);
  EXPECT_EQ(study.requests, 1);  // of one moment
  EXPECT_EQ(records_up_to(*client, "S", 30, true), 11);
  EXPECT_EQ(records_up_to(*client, "S", 0, true), 0);
}

TEST_F(StudyExtentTest, AllAreCountedWhereFiltersAreIgnored) {
  study.add_many(10, 20, 2);
  study.ignores_filter = true;
  EXPECT_EQ(records_up_to(*client, "S", 30, false), 20);
}

}  // namespace
}  // namespace imednet::api
