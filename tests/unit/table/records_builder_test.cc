#include "table/records_builder.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

#include <set>

#include "api/record_view.h"
#include "imednet/errors.h"
#include "imednet/models.h"
#include "table/arrow_input.h"
#include "table/records_layout.h"
#include "table/records_schema.h"
#include "table/row_hash.h"
#include "unit/table/rows.h"

namespace imednet::table {
namespace {

using errors::ErrorCode;
using errors::ExportError;
using testing_rows::RandomRecords;

std::shared_ptr<arrow::RecordBatch> build(const std::vector<Record>& records) {
  RecordsBuilder builder("MY_STUDY");
  for (const Record& record : records) {
    builder.append(record);
  }
  return builder.finish();
}

std::optional<std::string> text_at(const arrow::RecordBatch& batch, const std::string& column, std::int64_t row) {
  const auto& array = static_cast<const arrow::StringArray&>(*batch.GetColumnByName(column));
  return array.IsNull(row) ? std::nullopt : std::optional<std::string>(array.GetString(row));
}

template <typename Call>
ErrorCode code_of(Call call) {
  try {
    call();
  } catch (const ExportError& error) {
    return error.code();
  }
  return ErrorCode::cancelled;  // nothing was thrown
}

TEST(RecordsLayout, ListAndSchemaAgree) {
  const auto columns = records_columns();
  const arrow::Schema& schema = *records_schema();
  ASSERT_EQ(columns.size(), kRecordsColumns);
  ASSERT_EQ(schema.num_fields(), static_cast<int>(kRecordsColumns));
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    EXPECT_EQ(schema.field(static_cast<int>(i))->name(), columns[i].name);
    EXPECT_EQ(schema.field(static_cast<int>(i))->nullable(), columns[i].nullable);
    EXPECT_FALSE(columns[i].comment.empty());
    names.insert(columns[i].name);
  }
  EXPECT_EQ(names.size(), kRecordsColumns);
  EXPECT_EQ(columns[kRecordsDataColumns].name, "_row_hash");
  EXPECT_EQ(schema.GetFieldByName("date_created")->type()->ToString(), "timestamp[us, tz=UTC]");
}

// The bytes of the documentation's example, written out by hand.
TEST(RowHash, CanonicalBytesAreThoseOfTheFormat) {
  RecordRow row;
  row.study_key = "S";
  row.record_id = 258;
  row.deleted = true;
  row.date_created.micros = -1;
  row.form_key = "";
  std::string bytes;
  append_canonical_bytes(row, bytes);
  const std::string expected = std::string("imednet records row v1\n") + std::string("\x01\x01\0\0\0\0\0\0\0S", 10) +
                               std::string("\0\0", 2) + std::string("\x01\0\0\0\0\0\0\0\0", 9) + std::string("\0", 1) +
                               std::string("\x02\x02\x01\0\0\0\0\0\0", 9) + std::string("\0\0\0", 3) + "\x03\x01" +
                               std::string("\x04\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 9) + std::string(9, '\0');
  EXPECT_EQ(bytes, expected);
}

// Computed with Python's hashlib from the format's description (docs/formats/records-layout.md has the script).
TEST(RowHash, KnownVectors) {
  RowHasher hasher;
  RecordRow row;
  row.study_key = "S";
  row.record_id = 258;
  row.deleted = true;
  row.date_created.micros = -1;
  row.form_key = "";
  EXPECT_EQ(hasher.hash(row), "d175cf02fc93d22a9ede8fd5220dce0f");
  RecordRow full{.study_key = "MY_STUDY",
                 .interval_id = 1,
                 .form_id = 2,
                 .form_key = "DM",
                 .site_id = 3,
                 .record_id = 500001,
                 .record_oid = "REC-1",
                 .record_type = "SUBJECT",
                 .record_status = "Record Complete",
                 .deleted = false,
                 .date_created = {1768478400000000},
                 .date_modified = {1768478401000000},
                 .subject_id = 4,
                 .subject_oid = "OID-1",
                 .subject_key = "701-1015",
                 .visit_id = 5,
                 .parent_record_id = std::nullopt,
                 .keywords = "[]",
                 .record_data = R"({"it.age":"63"})",
                 .record_data_raw = std::nullopt};
  EXPECT_EQ(hasher.hash(full), "dfd81b6efe5912a95a524fc41fa1a3d6");
}

TEST(RowHash, EveryColumnNullAndEmptyAndNeighbourMatter) {
  RowHasher hasher;
  std::set<std::string> hashes;
  int made = 0;
  const auto note = [&](const RecordRow& row) {
    hashes.insert(std::string(hasher.hash(row)));
    ++made;
  };
  note({});
  for (int column = 0; column < 20; ++column) {
    for (const std::int64_t value : {0, 1}) {
      RecordRow row;
      int at = 0;
      for_each_cell(row, [&](auto& cell) {
        if (at++ != column) {
          return;
        }
        using Cell = std::decay_t<decltype(cell)>;
        if constexpr (std::is_same_v<Cell, TextCell>) {
          cell = value == 0 ? "" : "x";
        } else if constexpr (std::is_same_v<Cell, TimestampCell>) {
          cell.micros = value;
        } else if constexpr (std::is_same_v<Cell, BooleanCell>) {
          cell = value == 1;
        } else {
          cell = value;
        }
      });
      note(row);
    }
  }
  EXPECT_EQ(hashes.size(), static_cast<std::size_t>(made));
}

TEST(RecordsBuilder, KeepsNullEmptyAndExactText) {
  Record empty;
  empty.record_id = 1;
  Record blank = empty;
  blank.record_id = 2;
  blank.study_key = blank.form_key = blank.record_oid = blank.subject_key = "";
  blank.keywords = "[ ]";
  blank.record_data = "{ }";
  const auto batch = build({empty, blank});
  EXPECT_EQ(text_at(*batch, "study_key", 0), "MY_STUDY");
  EXPECT_EQ(text_at(*batch, "study_key", 1), "");
  for (const char* column : {"form_key", "record_oid", "subject_key"}) {
    EXPECT_EQ(text_at(*batch, column, 0), std::nullopt) << column;
    EXPECT_EQ(text_at(*batch, column, 1), "") << column;
  }
  EXPECT_EQ(text_at(*batch, "record_data", 0), std::nullopt);
  EXPECT_EQ(text_at(*batch, "record_data_raw", 0), std::nullopt);
  EXPECT_EQ(text_at(*batch, "keywords", 1), "[ ]");
  EXPECT_EQ(text_at(*batch, "record_data", 1), "{ }");
  EXPECT_TRUE(batch->ValidateFull().ok());
}

TEST(RecordsBuilder, TextThatAVariantWouldChangeGoesBesideIt) {
  Record record;
  record.record_id = 1;
  record.record_data = R"({"a":1,"a":2})";
  RecordsBuilder builder("MY_STUDY");
  builder.append(record);
  const auto batch = builder.finish();
  EXPECT_EQ(text_at(*batch, "record_data", 0), std::nullopt);
  EXPECT_EQ(text_at(*batch, "record_data_raw", 0), record.record_data);
  EXPECT_EQ(builder.raw_records(), 1);
}

TEST(RecordsBuilder, UnreadableStampsBecomeNullAndAreCounted) {
  RecordsBuilder builder("MY_STUDY");
  Record record;
  int unreadable = 0;
  for (const char* stamp : {"", "2026-02-30 00:00:00", "yesterday", "2026-01-15", "2026-01-15 23:59:60"}) {
    record.record_id += 1;
    record.date_created = stamp;
    builder.append(record);
    ++unreadable;
  }
  record.date_created = "2026-01-15 12:00:00";
  builder.append(record);
  EXPECT_EQ(builder.unreadable_stamps(), unreadable);
  const auto batch = builder.finish();
  const auto& stamps = static_cast<const arrow::TimestampArray&>(*batch->GetColumnByName("date_created"));
  EXPECT_EQ(stamps.null_count(), unreadable);
  EXPECT_EQ(stamps.Value(unreadable), 1768478400000000);
  EXPECT_EQ(builder.unreadable_stamps(), unreadable);
}

TEST(RecordsBuilder, ViewAndModelGiveTheSameRows) {
  const auto records = RandomRecords(7).many(300);
  RecordsBuilder from_views("MY_STUDY");
  for (const Record& record : records) {
    from_views.append(view_of(record));
  }
  EXPECT_TRUE(from_views.finish()->Equals(*build(records)));
}

TEST(RecordsBuilder, StartsOverAfterFinish) {
  const auto records = RandomRecords(8).many(50);
  RecordsBuilder builder("MY_STUDY");
  for (int round = 0; round < 3; ++round) {
    for (const Record& record : records) {
      builder.append(record);
    }
    EXPECT_EQ(builder.rows(), 50);
    EXPECT_GT(builder.bytes(), 0u);
    EXPECT_TRUE(builder.finish()->Equals(*build(records)));
    EXPECT_EQ(builder.rows(), 0);
    EXPECT_EQ(builder.bytes(), 0u);
  }
  EXPECT_EQ(builder.finish()->num_rows(), 0);
}

TEST(RecordsBuilder, RefusesTextThatIsNotUtf8WithoutShowingIt) {
  RecordsBuilder builder("MY_STUDY");
  Record record;
  record.record_id = 42;
  builder.append(record);
  record.subject_key = "secret\xFF";
  try {
    builder.append(record);
    FAIL();
  } catch (const ExportError& error) {
    EXPECT_EQ(error.code(), ErrorCode::decode);
    EXPECT_STREQ(error.what(), "cannot stage record 42: its subject_key is not UTF-8");
  }
  EXPECT_EQ(builder.finish()->num_rows(), 1);
  EXPECT_EQ(code_of([] { RecordsBuilder(""); }), ErrorCode::invalid_argument);
}

// --- a user's own Arrow rows ---

arrow::ArrayVector reversed(arrow::ArrayVector columns) { return {columns.rbegin(), columns.rend()}; }

TEST(ArrowInput, AnyOrderGivesTheSameBatch) {
  const auto batch = build(RandomRecords(9).many(200));
  arrow::FieldVector fields = batch->schema()->fields();
  const auto turned = arrow::RecordBatch::Make(arrow::schema(arrow::FieldVector(fields.rbegin(), fields.rend())), batch->num_rows(),
                                               reversed(batch->columns()));
  EXPECT_TRUE(to_records_layout(*turned)->Equals(*batch));
  const auto without_hash = *batch->RemoveColumn(20);
  EXPECT_TRUE(to_records_layout(*without_hash)->Equals(*batch));
  EXPECT_TRUE(to_records_layout(*batch->Slice(50, 20))->Equals(*batch->Slice(50, 20)));
}

TEST(ArrowInput, MissingColumnsAreNullOrRefused) {
  const auto batch = build(RandomRecords(10).many(20));
  const int hash = 20, form_key = 3, study_key = 0;
  const auto without = *(*batch->RemoveColumn(hash))->RemoveColumn(form_key);
  EXPECT_EQ(to_records_layout(*without)->GetColumnByName("form_key")->null_count(), 20);
  EXPECT_EQ(code_of([&] { to_records_layout(**without->RemoveColumn(study_key)); }), ErrorCode::schema_mismatch);
}

TEST(ArrowInput, UnknownWrongTwiceAndFalseAreRefused) {
  const auto batch = build(RandomRecords(11).many(20));
  EXPECT_EQ(code_of([&] { to_records_layout(**batch->AddColumn(0, "extra", batch->column(0))); }), ErrorCode::schema_mismatch);
  EXPECT_EQ(code_of([&] { to_records_layout(**batch->AddColumn(0, "form_key", batch->column(3))); }), ErrorCode::schema_mismatch);
  EXPECT_EQ(code_of([&] { to_records_layout(**batch->SetColumn(2, arrow::field("form_id", arrow::utf8()), batch->column(3))); }),
            ErrorCode::schema_mismatch);
  EXPECT_EQ(code_of([&] { to_records_layout(**batch->SetColumn(0, arrow::field("study_key", arrow::utf8()), batch->column(18))); }),
            ErrorCode::schema_mismatch);
  EXPECT_EQ(code_of([&] { to_records_layout(**batch->SetColumn(20, arrow::field("_row_hash", arrow::utf8()), batch->column(0))); }),
            ErrorCode::corrupt);
}

TEST(ArrowInput, PlacesAnswersByOurOwnCheck) {
  Record record;
  record.record_id = 1;
  record.record_data = R"({"a":1,"a":2})";
  const auto batch = build({record});
  // The same row with its text in the wrong column, as a user might send it.
  auto columns = batch->columns();
  std::swap(columns[18], columns[19]);
  columns.pop_back();
  arrow::FieldVector fields = batch->schema()->fields();
  fields.pop_back();
  EXPECT_TRUE(to_records_layout(*arrow::RecordBatch::Make(arrow::schema(fields), 1, columns))->Equals(*batch));
}

}  // namespace
}  // namespace imednet::table
