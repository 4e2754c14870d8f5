#include "api/record_cursor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/envelope.h"
#include "unit/api/fake_study.h"

namespace imednet::api {
namespace {

using errors::ApiError;
using errors::ErrorCode;
using testing::HasSubstr;
using testing::Not;

// The records of one page; keeps the page alive.
class RecordCursorTest : public testing::Test {
 protected:
  void open(const std::string& elements) {
    page = read_envelope(list_body(elements, 1));
    cursor.open(page);
  }
  const RecordView& only(const std::string& element) {
    open(element);
    const RecordView* record = cursor.next();
    EXPECT_NE(record, nullptr);
    static const RecordView kNone;
    return record == nullptr ? kNone : *record;
  }
  // A record with one field spelled `value`.
  const RecordView& with(const std::string& field, const std::string& value) {
    return only(R"({"recordId":77,")" + field + "\":" + value + "}");
  }
  ApiError refused(const std::string& elements) {
    return caught([&] {
      open(elements);
      while (cursor.next() != nullptr) {
      }
    });
  }

  Page page;
  RecordCursor cursor;
};

constexpr const char* kSample =
    R"({"studyKey":"DEMO","intervalId":99,"formId":10202,"formKey":"AE","siteId":128,"recordId":7,"recordOid":"REC-7",)"
    R"("recordType":"SUBJECT","recordStatus":"Record Incomplete","deleted":false,"dateCreated":"2025-06-05 21:12:09",)"
    R"("dateModified":"2025-06-05 21:12:10","subjectId":326,"subjectOid":"OID-1","subjectKey":"001-003","visitId":1,)"
    R"("parentRecordId":4,"keywords":[ {"keywordId" : 1} ],"recordData":{ "aeterm" :"Head\u0061che", "n":1.50 },"newField":{"x":1}})";

TEST_F(RecordCursorTest, AllFieldsOfASample) {
  const RecordView& r = only(kSample);
  EXPECT_EQ(r.study_key, "DEMO");
  EXPECT_EQ(r.interval_id, 99);
  EXPECT_EQ(r.form_id, 10202);
  EXPECT_EQ(r.form_key, "AE");
  EXPECT_EQ(r.site_id, 128);
  EXPECT_EQ(r.record_id, 7);
  EXPECT_EQ(r.record_oid, "REC-7");
  EXPECT_EQ(r.record_type, "SUBJECT");
  EXPECT_EQ(r.record_status, "Record Incomplete");
  EXPECT_EQ(r.deleted, false);
  EXPECT_EQ(r.date_created, "2025-06-05 21:12:09");
  EXPECT_EQ(r.date_modified, "2025-06-05 21:12:10");
  EXPECT_EQ(r.subject_id, 326);
  EXPECT_EQ(r.subject_oid, "OID-1");
  EXPECT_EQ(r.subject_key, "001-003");
  EXPECT_EQ(r.visit_id, 1);
  EXPECT_EQ(r.parent_record_id, 4);
  EXPECT_EQ(r.keywords, R"([ {"keywordId" : 1} ])");
  EXPECT_EQ(r.record_data, R"({ "aeterm" :"Head\u0061che", "n":1.50 })");  // exactly as sent
  EXPECT_EQ(r.raw, kSample);
  EXPECT_EQ(cursor.next(), nullptr);
  EXPECT_EQ(cursor.next(), nullptr);
}

TEST_F(RecordCursorTest, AbsentNullAndEmptyAreToldApart) {
  const RecordView& bare = only(R"({"recordId":1})");
  EXPECT_EQ(bare.study_key, std::nullopt);
  EXPECT_EQ(bare.interval_id, std::nullopt);
  EXPECT_EQ(bare.deleted, std::nullopt);
  EXPECT_EQ(bare.keywords, std::nullopt);
  EXPECT_EQ(bare.record_data, std::nullopt);
  EXPECT_EQ(with("recordOid", "null").record_oid, std::nullopt);
  EXPECT_EQ(with("recordOid", "\"\"").record_oid, "");
  EXPECT_EQ(with("keywords", "null").keywords, std::nullopt);
  EXPECT_EQ(with("keywords", "[]").keywords, "[]");
}

TEST_F(RecordCursorTest, IdsAreReadInEverySpellingOfAWholeNumber) {
  struct Case {
    const char* spelling;
    RecordView::Id id;
  };
  for (const Case& c : std::initializer_list<Case>{{"12", 12},
                                                   {"-3", -3},
                                                   {"0", 0},
                                                   {"12.0", 12},
                                                   {"1e1", 10},
                                                   {"1.2E1", 12},
                                                   {"\"12\"", 12},
                                                   {"\" 12 \"", 12},
                                                   {"\"12.0\"", 12},
                                                   {"\"1e1\"", 10},
                                                   {"\"\\u0031\"", 1},
                                                   {"9223372036854775807", INT64_MAX},
                                                   {"\"9223372036854775807\"", INT64_MAX},
                                                   {"-9223372036854775808", INT64_MIN},
                                                   {"null", std::nullopt},
                                                   {"\"\"", std::nullopt},
                                                   {"\"  \"", std::nullopt}}) {
    SCOPED_TRACE(c.spelling);
    EXPECT_EQ(with("visitId", c.spelling).visit_id, c.id);
    if (c.id) {
      EXPECT_EQ(only(R"({"recordId":)" + std::string(c.spelling) + "}").record_id, *c.id);
    }
  }
}

TEST_F(RecordCursorTest, WhatIsNoIdIsRefused) {
  for (const std::string spelling : {"1.5",
                                     "9223372036854775808",
                                     "-9223372036854775809",
                                     "99999999999999999999999",
                                     "1e19",
                                     "9007199254740993.0",
                                     "1e400",
                                     "true",
                                     "false",
                                     "{}",
                                     "[]",
                                     "[12]",
                                     "\"AB-5511\"",
                                     "\"12x\"",
                                     "\"1 2\"",
                                     "\"0x10\"",
                                     "\"1,000\"",
                                     "\"inf\"",
                                     "\"nan\"",
                                     "\"9223372036854775808\"",
                                     "\"1.5\""}) {
    SCOPED_TRACE(spelling);
    for (const std::string field : {"intervalId", "formId", "siteId", "subjectId", "visitId", "parentRecordId"}) {
      const ApiError error = refused(R"({"recordId":77,")" + field + "\":" + spelling + "}");
      EXPECT_EQ(error.code(), ErrorCode::decode);
      EXPECT_THAT(error.what(), HasSubstr(field));
      EXPECT_THAT(error.what(), HasSubstr("record 77"));
    }
    EXPECT_THAT(refused(R"({"recordId":)" + spelling + "}").what(), HasSubstr("recordId"));
  }
}

TEST_F(RecordCursorTest, TextIsTakenFromWhateverHasOne) {
  EXPECT_EQ(with("formKey", R"("a\"b\\c\/\n\u00e9\ud83d\ude00")").form_key, "a\"b\\c/\n\xC3\xA9\xF0\x9F\x98\x80");
  EXPECT_EQ(with("formKey", "12").form_key, "12");
  EXPECT_EQ(with("formKey", "12.0 ").form_key, "12.0");
  EXPECT_EQ(with("formKey", "1e1\n").form_key, "1e1");
  EXPECT_EQ(with("formKey", "123456789012345678901234567890").form_key, "123456789012345678901234567890");
  EXPECT_EQ(with("formKey", "true ").form_key, "true");
  EXPECT_EQ(with("formKey", "false").form_key, "false");
  EXPECT_EQ(with("formKey", "null").form_key, std::nullopt);
  EXPECT_EQ(with("formKey", "\"null\"").form_key, "null");
  for (const std::string field :
       {"studyKey", "formKey", "recordOid", "recordType", "recordStatus", "dateCreated", "dateModified", "subjectOid", "subjectKey"}) {
    for (const std::string spelling : {"{}", "[]", "[\"AB-5511\"]", "{\"a\":\"AB-5511\"}"}) {
      const ApiError error = refused(R"({"recordId":77,")" + field + "\":" + spelling + "}");
      EXPECT_EQ(error.code(), ErrorCode::decode);
      EXPECT_THAT(error.what(), testing::AllOf(HasSubstr(field), HasSubstr("record 77"), Not(HasSubstr("AB-5511"))));
    }
  }
}

TEST_F(RecordCursorTest, FlagsAreReadLeniently) {
  for (const char* yes : {"true", "\"true\"", "\"True\"", "\"TRUE\"", "1", "\"1\""}) EXPECT_EQ(with("deleted", yes).deleted, true) << yes;
  for (const char* no : {"false", "\"false\"", "\"False\"", "\"FALSE\"", "0", "\"0\""}) EXPECT_EQ(with("deleted", no).deleted, false) << no;
  for (const char* none : {"null", "\"\""}) EXPECT_EQ(with("deleted", none).deleted, std::nullopt) << none;
  for (const char* bad : {"2", "\"yes\"", "[]", "{}", "1.0", "\"nein\""}) {
    const ApiError error = refused(R"({"recordId":77,"deleted":)" + std::string(bad) + "}");
    EXPECT_EQ(error.code(), ErrorCode::decode);
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("deleted"), HasSubstr("record 77"), Not(HasSubstr("nein"))));
  }
}

TEST_F(RecordCursorTest, RecordDataIsAnObjectOrNothing) {
  EXPECT_EQ(with("recordData", "null").record_data, std::nullopt);
  EXPECT_EQ(with("recordData", "\"\"").record_data, std::nullopt);
  EXPECT_EQ(with("recordData", "{}").record_data, "{}");
  EXPECT_EQ(with("recordData", "{ }  ").record_data, "{ }");
  for (const std::string bad : {"[]", "[{\"a\":1}]", "\"AB-5511\"", "5511", "true"}) {
    const ApiError error = refused(R"({"recordId":77,"recordData":)" + bad + "}");
    EXPECT_EQ(error.code(), ErrorCode::decode);
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("recordData"), HasSubstr("record 77"), Not(HasSubstr("5511"))));
  }
}

TEST_F(RecordCursorTest, TheExactTextOfRecordDataIsKept) {
  for (const std::string text : {R"({"b":1,"a":2,"b":3})", R"({ "n" : 1.500e+02 , "m":1e999})", R"({"s":"\ud800 \u00e9 é \/"})",
                                 "{\n\t\"t\": \"]}\\\"\" }", R"({"recordId":5,"recordData":{"deleted":"x"}})"}) {
    EXPECT_EQ(with("recordData", text).record_data, text);
    EXPECT_EQ(cursor.next(), nullptr);
  }
}

TEST_F(RecordCursorTest, KeysOfRecordDataNeverStandForFieldsOfTheRecord) {
  const RecordView& r = only(R"({"recordData":{"recordId":5,"dateCreated":"inner"},"recordId":6,"dateCreated":"outer"})");
  EXPECT_EQ(r.record_id, 6);
  EXPECT_EQ(r.date_created, "outer");
}

TEST_F(RecordCursorTest, ARepeatedKeyCountsWhereItStandsLast) {
  const RecordView& r = only(R"({"recordId":1,"formKey":"a","recordData":{"x":1},"recordId":2,"formKey":null,"recordData":null})");
  EXPECT_EQ(r.record_id, 2);
  EXPECT_EQ(r.form_key, std::nullopt);
  EXPECT_EQ(r.record_data, std::nullopt);
}

TEST_F(RecordCursorTest, EscapedKeysAreTheSameKeys) {
  const RecordView& r = only("{\"record\\u0049d\":8,\"\\u0064eleted\":true,\"formKey\":\"AE\"}");
  EXPECT_EQ(r.record_id, 8);
  EXPECT_EQ(r.deleted, true);
  EXPECT_EQ(r.form_key, "AE");
}

TEST_F(RecordCursorTest, FieldsAreFoundInAnyOrder) {
  const RecordView& r = only(R"({"recordData":{},"visitId":3,"unknown":[1,{"formKey":"no"}],"formKey":"AE","studyKey":"S","recordId":9})");
  EXPECT_EQ(r.record_data, "{}");
  EXPECT_EQ(r.visit_id, 3);
  EXPECT_EQ(r.form_key, "AE");
  EXPECT_EQ(r.study_key, "S");
  EXPECT_EQ(r.record_id, 9);
}

TEST_F(RecordCursorTest, NothingIsCarriedFromOneRecordToTheNext) {
  open(std::string(kSample) + R"(,{"recordId":8})");
  ASSERT_NE(cursor.next(), nullptr);
  const RecordView* second = cursor.next();
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->record_id, 8);
  EXPECT_EQ(second->study_key, std::nullopt);
  EXPECT_EQ(second->deleted, std::nullopt);
  EXPECT_EQ(second->record_data, std::nullopt);
  EXPECT_EQ(second->raw, R"({"recordId":8})");
}

TEST_F(RecordCursorTest, AnEmptyPageHasNoRecords) {
  open("");
  EXPECT_EQ(cursor.next(), nullptr);
  open(R"({"recordId":1})");  // and the cursor can be used again
  EXPECT_NE(cursor.next(), nullptr);
}

TEST_F(RecordCursorTest, ARecordWithoutIdIsRefusedByItsPlace) {
  EXPECT_THAT(refused(R"({"formKey":"AE"})").what(), testing::AllOf(HasSubstr("recordId"), HasSubstr("the first record of the page")));
  EXPECT_THAT(refused(R"({"recordId":41},{"recordId":null})").what(), HasSubstr("the record after 41"));
  EXPECT_THAT(refused(R"({"recordId":41},{"recordId":""})").what(), HasSubstr("the record after 41"));
  EXPECT_THAT(refused("{}").what(), HasSubstr("recordId is missing"));
}

TEST_F(RecordCursorTest, WhatIsNoObjectIsNoRecord) {
  for (const std::string element : {"5511", "\"AB-5511\"", "null", "true", "[]", "[{\"recordId\":5511}]"}) {
    const ApiError error = refused(R"({"recordId":41},)" + element);
    EXPECT_EQ(error.code(), ErrorCode::decode) << element;
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("the record after 41"), Not(HasSubstr("5511"))));
  }
}

TEST_F(RecordCursorTest, BrokenJsonInsideARecordIsRefused) {
  for (const std::string element :
       {R"({"recordId" 1})", R"({"recordId":1 "formKey":"a"})", R"({"recordId":1,})", R"({"recordId":1,"formKey":nonsense})",
        R"({"recordId":1,"formKey":tru})", R"({"recordId":1,"deleted":nul})", R"({"recordId":1,"formKey":"\x"})",
        R"({"recordId":1,"formKey":"\ud800"})", R"({"recordId":1,"keywords":nix})", R"({"recordId":1,"recordData":nix})",
        R"({"recordId":1}{"recordId":2})"}) {
    const ApiError error = refused(element);
    EXPECT_EQ(error.code(), ErrorCode::decode) << element;
  }
}

TEST_F(RecordCursorTest, InvalidUtf8NeverArrives) {
  Page bad;
  bad.body = "[{\"recordId\":1,\"formKey\":\"\xC3(\"}]";
  bad.data_size = bad.body.size();
  bad.body.reserve(bad.data_size + 256);
  EXPECT_EQ(caught([&] { cursor.open(bad); }).code(), ErrorCode::decode);
}

TEST_F(RecordCursorTest, DeepNestingIsCarriedOrRefused) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_EQ(with("recordData", "{\"a\":" + nested(900) + "}").record_data, "{\"a\":" + nested(900) + "}");
  try {
    with("recordData", "{\"a\":" + nested(200'000) + "}");
  } catch (const ApiError& error) {
    EXPECT_TRUE(error.code() == ErrorCode::decode || error.code() == ErrorCode::protocol) << error.what();
  }
}

TEST(OneDecoder, TheSdksRecordsAndTheViewsAreTheSame) {
  FakeStudy study;
  study.records[7] = kSample;
  study.records[8] = R"({"recordId":"8","formId":"12.0","deleted":"","recordOid":"","keywords":[1],"recordData":"","siteId":null})";
  study.records[9] = R"({"recordId":9,"formKey":12,"deleted":1,"record\u004fid":"x","recordData":{"a":1}})";
  FakeClock clock;
  const auto client = make_client(study.transport(), clock);
  std::vector<Record> records;
  for (Record& record : StudyResource<Record>(client).list("S")) records.push_back(std::move(record));
  ASSERT_EQ(records.size(), 3u);

  const Page page = read_envelope(list_body(study.records[7] + "," + study.records[8] + "," + study.records[9], 3));
  RecordCursor cursor;
  cursor.open(page);
  for (const Record& record : records) {
    const RecordView* view = cursor.next();
    ASSERT_NE(view, nullptr);
    SCOPED_TRACE(view->record_id);
    EXPECT_EQ(view->record_id, record.record_id);
    EXPECT_EQ(view->study_key, record.study_key);
    EXPECT_EQ(view->interval_id, record.interval_id);
    EXPECT_EQ(view->form_id, record.form_id);
    EXPECT_EQ(view->form_key, record.form_key);
    EXPECT_EQ(view->site_id, record.site_id);
    EXPECT_EQ(view->record_oid, record.record_oid);
    EXPECT_EQ(view->record_type, record.record_type);
    EXPECT_EQ(view->record_status, record.record_status);
    EXPECT_EQ(view->deleted, record.deleted);
    EXPECT_EQ(view->date_created, record.date_created);
    EXPECT_EQ(view->date_modified, record.date_modified);
    EXPECT_EQ(view->subject_id, record.subject_id);
    EXPECT_EQ(view->subject_oid, record.subject_oid);
    EXPECT_EQ(view->subject_key, record.subject_key);
    EXPECT_EQ(view->visit_id, record.visit_id);
    EXPECT_EQ(view->parent_record_id, record.parent_record_id);
    EXPECT_EQ(view->keywords, record.keywords);
    EXPECT_EQ(view->record_data, record.record_data);
    EXPECT_EQ(view->raw, record.raw);
  }
  EXPECT_EQ(cursor.next(), nullptr);
}

TEST(RecordValue, IsTheVariablesTextExactlyNamed) {
  Record record;
  record.record_data = R"({"aeterm":"Head\u0061che","n":1.50,"yes":true,"none":null,"empty":"","list":[ 1 ],"a b":"c","k\u0065y":"v"})";
  EXPECT_EQ(record.value("aeterm"), "Headache");
  EXPECT_EQ(record.value("n"), "1.50");
  EXPECT_EQ(record.value("yes"), "true");
  EXPECT_EQ(record.value("none"), std::nullopt);
  EXPECT_EQ(record.value("empty"), "");
  EXPECT_EQ(record.value("list"), "[ 1 ]");
  EXPECT_EQ(record.value("a b"), "c");
  EXPECT_EQ(record.value("key"), "v");
  EXPECT_EQ(record.value("AETERM"), std::nullopt);
  record.record_data.reset();
  EXPECT_EQ(record.value("aeterm"), std::nullopt);
  record.record_id = 41;
  record.record_data = R"({"aeterm":"AB-5511)";
  const ApiError error = caught([&] { static_cast<void>(record.value("aeterm")); });
  EXPECT_EQ(error.code(), ErrorCode::decode);
  EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("record 41"), Not(HasSubstr("5511"))));
}

}  // namespace
}  // namespace imednet::api
