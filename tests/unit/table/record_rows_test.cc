#include "table/record_rows.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

#include "imednet/errors.h"
#include "imednet/models.h"
#include "table/records_builder.h"
#include "unit/table/rows.h"

namespace imednet::table {
namespace {

std::shared_ptr<arrow::RecordBatch> build(int count) {
  RecordsBuilder builder("MY_STUDY");
  for (const Record& record : testing_rows::RandomRecords(7).many(count)) builder.append(record);
  return builder.finish();
}

void expect_hashes(const arrow::RecordBatch& batch) {
  const RecordRows rows(batch);
  RowHasher hasher;
  for (std::int64_t i = 0; i < rows.size(); ++i) EXPECT_EQ(hasher.hash(rows.row(i)), rows.hash(i)) << i;
}

// The column of that name in another type.
std::shared_ptr<arrow::RecordBatch> with(const arrow::RecordBatch& batch, const std::string& name, std::shared_ptr<arrow::Array> column) {
  const int place = batch.schema()->GetFieldIndex(name);
  const auto field = arrow::field(name, column->type());
  return batch.SetColumn(place, field, std::move(column)).ValueOrDie();
}

TEST(RecordRowsTest, HaveTheCellsTheirHashIsOf) {
  const auto batch = build(300);
  ASSERT_EQ(RecordRows(*batch).size(), 300);
  expect_hashes(*batch);
  expect_hashes(*batch->Slice(100, 50));
}

TEST(RecordRowsTest, TakeStampsAsWholeNumbersAndTextOfEitherSize) {
  auto batch = build(200);
  const auto& stamps = static_cast<const arrow::TimestampArray&>(*batch->GetColumnByName("date_created"));
  const auto& texts = static_cast<const arrow::StringArray&>(*batch->GetColumnByName("form_key"));
  arrow::Int64Builder numbers;
  arrow::LargeStringBuilder large;
  for (std::int64_t i = 0; i < batch->num_rows(); ++i) {
    ASSERT_TRUE((stamps.IsNull(i) ? numbers.AppendNull() : numbers.Append(stamps.Value(i))).ok());
    ASSERT_TRUE((texts.IsNull(i) ? large.AppendNull() : large.Append(texts.GetView(i))).ok());
  }
  batch = with(*batch, "date_created", numbers.Finish().ValueOrDie());
  expect_hashes(*with(*batch, "form_key", large.Finish().ValueOrDie()));
}

TEST(RecordRowsTest, AreRefusedInOtherColumnsOrTypes) {
  const auto batch = build(1);
  arrow::DoubleBuilder doubles;
  ASSERT_TRUE(doubles.Append(1.5).ok());
  const auto other = with(*batch, "record_id", doubles.Finish().ValueOrDie());
  EXPECT_THROW(RecordRows{*other}, ImednetError);
  EXPECT_THROW(RecordRows{*batch->RemoveColumn(3).ValueOrDie()}, ImednetError);
}

}  // namespace
}  // namespace imednet::table
