// The same as vendor_samples_test.cc, of what is entered into a study: records, their revisions, queries and codings; users and jobs;
// stamps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/api/vendor_samples.h"

namespace imednet::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

TEST_F(VendorSamples, Record) {
  const std::string data =
      R"({"dateCreated":"2018-10-18 06:21:46","unvnum":"1","dateModified":"2018-11-18 07:11:16","aeser":"","aeterm":"Headache"})";
  const std::string record =
      R"({"studyKey":"DEMO","intervalId":99,"formId":10202,"formKey":"AE","siteId":128,"recordId":7,"recordOid":"REC-7",
    "recordType":"SUBJECT","recordStatus":"Record Incomplete","deleted":false,"dateCreated":"2025-06-05 21:12:09",
    "dateModified":"2025-06-05 21:12:10","subjectId":326,"subjectOid":"OID-1","subjectKey":"001-003","visitId":1,"parentRecordId":34,
    "keywords":[{"keywordName":"To be looked at","keywordKey":"LOOK","keywordId":15,"dateAdded":"2025-06-05 21:12:09"}],"recordData":)";
  const Record r = api_with(record + data + "}").records().get("DEMO", 7);
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
  EXPECT_EQ(utc_of(r.date_created), at(2025, 6, 5, 21, 12, 9)) << "not the one inside recordData";
  EXPECT_EQ(utc_of(r.date_modified), at(2025, 6, 5, 21, 12, 10));
  EXPECT_EQ(r.subject_id, 326);
  EXPECT_EQ(r.subject_oid, "OID-1");
  EXPECT_EQ(r.subject_key, "001-003");
  EXPECT_EQ(r.visit_id, 1);
  EXPECT_EQ(r.parent_record_id, 34);
  EXPECT_EQ(r.keywords, R"([{"keywordName":"To be looked at","keywordKey":"LOOK","keywordId":15,"dateAdded":"2025-06-05 21:12:09"}])");
  EXPECT_EQ(r.record_data, data);
  EXPECT_EQ(r.value("dateCreated"), "2018-10-18 06:21:46");
  EXPECT_EQ(r.value("unvnum"), "1");
  EXPECT_EQ(r.value("aeser"), "") << "not answered";
  EXPECT_EQ(r.value("aeterm"), "Headache");
  EXPECT_EQ(r.value("AETERM"), std::nullopt) << "names are matched as sent";
  EXPECT_THAT(extra_fields(r), IsEmpty());
}

TEST_F(VendorSamples, AnswersOfEveryType) {
  const Record r = api_with(R"({"recordId":7,"recordData":{"textField":"Text value","dateField":"2024-04-27","numberField":11,
    "radioField":"Yes","dropdownField":"Always","memoField":"several\nlines","checkboxField":true,"several":"1`3`4",
    "partial":"UNK-APR-2024","none":null,"list":["1","3"]}})")
                       .records()
                       .get("DEMO", 7);
  const std::vector<std::pair<std::string, OptionalText>> answers = {
      {"textField", "Text value"}, {"dateField", "2024-04-27"},     {"numberField", "11"},     {"radioField", "Yes"},
      {"dropdownField", "Always"}, {"memoField", "several\nlines"}, {"checkboxField", "true"}, {"several", "1`3`4"},
      {"partial", "UNK-APR-2024"}, {"none", std::nullopt},          {"list", R"(["1","3"])"}};
  for (const auto& [name, answer] : answers) EXPECT_EQ(r.value(name), answer) << name;
}

TEST_F(VendorSamples, RecordRevision) {
  const RecordRevision r = api_with(R"({"studyKey":"DEMO","recordRevisionId":1,"recordId":7,"recordOid":"REC-7","recordRevision":3,
    "dataRevision":2,"recordStatus":"Record Incomplete","subjectId":247,"subjectOid":"OID-1","subjectKey":"001-003","siteId":2,
    "formKey":"AE","intervalId":15,"role":"Research Coordinator","user":"jdoe","reasonForChange":"Data entry error","deleted":true,
    "dateCreated":"2025-06-05 21:12:09"})")
                               .record_revisions()
                               .collect("DEMO")
                               .at(0);
  EXPECT_EQ(r.record_revision_id, 1);
  EXPECT_EQ(r.record_id, 7);
  EXPECT_EQ(r.record_oid, "REC-7");
  EXPECT_EQ(r.record_revision, 3);
  EXPECT_EQ(r.data_revision, 2);
  EXPECT_EQ(r.record_status, "Record Incomplete");
  EXPECT_EQ(r.subject_id, 247);
  EXPECT_EQ(r.subject_oid, "OID-1");
  EXPECT_EQ(r.subject_key, "001-003");
  EXPECT_EQ(r.site_id, 2);
  EXPECT_EQ(r.form_key, "AE");
  EXPECT_EQ(r.interval_id, 15);
  EXPECT_EQ(r.role, "Research Coordinator");
  EXPECT_EQ(r.user, "jdoe");
  EXPECT_EQ(r.reason_for_change, "Data entry error");
  EXPECT_EQ(r.deleted, true);
  EXPECT_EQ(utc_of(r.date_created), at(2025, 6, 5, 21, 12, 9));
}

TEST_F(VendorSamples, Query) {
  const Query q = api_with(R"({"studyKey":"DEMO","subjectId":1,"subjectOid":"OID-1","annotationType":"subject","annotationId":1,"type":null,
    "description":"Monitor Query","recordId":123,"variable":"aeterm","subjectKey":"123-005","dateCreated":"2025-06-05 21:12:09",
    "dateModified":"2025-06-05 21:12:10","queryComments":[{"sequence":1,"annotationStatus":"Monitor Query Open","user":"john",
    "comment":"Added comment to study","closed":false,"date":"2025-06-05 21:12:09"}]})")
                      .queries()
                      .collect("DEMO")
                      .at(0);
  EXPECT_EQ(q.subject_id, 1);
  EXPECT_EQ(q.subject_oid, "OID-1");
  EXPECT_EQ(q.annotation_type, "subject");
  EXPECT_EQ(q.annotation_id, 1);
  EXPECT_EQ(q.type, std::nullopt);
  EXPECT_EQ(q.description, "Monitor Query");
  EXPECT_EQ(q.record_id, 123);
  EXPECT_EQ(q.variable, "aeterm");
  EXPECT_EQ(q.subject_key, "123-005");
  EXPECT_EQ(utc_of(q.date_modified), at(2025, 6, 5, 21, 12, 10));
  ASSERT_THAT(q.query_comments, SizeIs(1));
  EXPECT_EQ(q.query_comments[0].sequence, 1);
  EXPECT_EQ(q.query_comments[0].annotation_status, "Monitor Query Open");
  EXPECT_EQ(q.query_comments[0].user, "john");
  EXPECT_EQ(q.query_comments[0].comment, "Added comment to study");
  EXPECT_EQ(q.query_comments[0].closed, false);
  EXPECT_EQ(utc_of(q.query_comments[0].date), at(2025, 6, 5, 21, 12, 9));
  EXPECT_EQ(q.is_open(), true);
}

TEST_F(VendorSamples, Coding) {
  const std::string rest =
      R"("studyKey":"DEMO","siteName":"Site of the north","siteId":128,"subjectId":247,"subjectKey":"111-005","formId":1,
    "formName":"Adverse events","formKey":"AE","revision":2,"recordId":7,"variable":"AETERM","value":"Angina","code":"10002383",
    "codedBy":"john","reason":null,"dictionaryName":"MedDRA","dictionaryVersion":"24.0","dateCoded":"2025-06-05 21:12:09"})";
  const Coding c = api_with(R"({"codingId":1,)" + rest).codings().collect("DEMO").at(0);
  EXPECT_EQ(c.site_name, "Site of the north");
  EXPECT_EQ(c.site_id, 128);
  EXPECT_EQ(c.subject_id, 247);
  EXPECT_EQ(c.subject_key, "111-005");
  EXPECT_EQ(c.form_id, 1);
  EXPECT_EQ(c.form_name, "Adverse events");
  EXPECT_EQ(c.form_key, "AE");
  EXPECT_EQ(c.revision, 2);
  EXPECT_EQ(c.record_id, 7);
  EXPECT_EQ(c.variable, "AETERM");
  EXPECT_EQ(c.value, "Angina");
  EXPECT_EQ(c.coding_id, "1");
  EXPECT_EQ(c.code, "10002383");
  EXPECT_EQ(c.coded_by, "john");
  EXPECT_EQ(c.reason, std::nullopt);
  EXPECT_EQ(c.dictionary_name, "MedDRA");
  EXPECT_EQ(c.dictionary_version, "24.0") << "not 24";
  EXPECT_EQ(utc_of(c.date_coded), at(2025, 6, 5, 21, 12, 9));
  EXPECT_EQ(api_with(R"({"codingId":"C1",)" + rest).codings().collect("DEMO").at(0).coding_id, "C1");
}

TEST_F(VendorSamples, UserWithDatesOfThreeToSevenParts) {
  const User u = api_with(R"({"userId":"13bd6a63-0000-4000-8000-aacf6c0bb3cd","login":"wade","firstName":"Wade","lastName":"Madeup",
    "email":"wade@example.org","userActiveInStudy":true,"roles":[
    {"dateCreated":[2018,10,18,6,21,46,40000000],"dateModified":[2018,10,18,6,21,46],"roleId":"13bd6a63-0000-4000-8000-0000000000c5",
     "communityId":7,"name":"Role name 1","description":"Role description 1","level":1,"type":"Role type 1","inactive":false},
    {"dateCreated":[2018,10,18,6,21],"dateModified":[2018,10,18,6]},{"dateCreated":[2018,10,18],"dateModified":"2018-10-18 06:21:46"},
    {"dateCreated":null,"dateModified":""}]})")
                     .users()
                     .collect("DEMO")
                     .at(0);
  EXPECT_EQ(u.user_id, "13bd6a63-0000-4000-8000-aacf6c0bb3cd");
  EXPECT_EQ(u.login, "wade");
  EXPECT_EQ(u.first_name, "Wade");
  EXPECT_EQ(u.last_name, "Madeup");
  EXPECT_EQ(u.email, "wade@example.org");
  EXPECT_EQ(u.user_active_in_study, true);
  ASSERT_THAT(u.roles, SizeIs(4));
  const Role& role = u.roles[0];
  EXPECT_EQ(role.role_id, "13bd6a63-0000-4000-8000-0000000000c5");
  EXPECT_EQ(role.community_id, 7);
  EXPECT_EQ(role.name, "Role name 1");
  EXPECT_EQ(role.description, "Role description 1");
  EXPECT_EQ(role.level, 1);
  EXPECT_EQ(role.type, "Role type 1");
  EXPECT_EQ(role.inactive, false);
  EXPECT_EQ(role.date_created, "[2018,10,18,6,21,46,40000000]");
  EXPECT_EQ(utc_of(role.date_created), at(2018, 10, 18, 6, 21, 46) + std::chrono::milliseconds(40));
  EXPECT_EQ(utc_of(role.date_modified), at(2018, 10, 18, 6, 21, 46));
  EXPECT_EQ(utc_of(u.roles[1].date_created), at(2018, 10, 18, 6, 21, 0));
  EXPECT_EQ(utc_of(u.roles[1].date_modified), at(2018, 10, 18, 6, 0, 0));
  EXPECT_EQ(utc_of(u.roles[2].date_created), at(2018, 10, 18, 0, 0, 0));
  EXPECT_EQ(u.roles[2].date_modified, "2018-10-18 06:21:46") << "a text comes without its quotes";
  EXPECT_EQ(utc_of(u.roles[2].date_modified), at(2018, 10, 18, 6, 21, 46));
  EXPECT_EQ(u.roles[3].date_created, std::nullopt);
  EXPECT_EQ(u.roles[3].date_modified, "");
}

TEST_F(VendorSamples, JobInEachStateAndCasing) {
  const std::string rest = R"("jobId":"bdf3d7f9-0000-4000-8000-5d3a2f1f86e4","batchId":"75e63db6-0000-4000-8000-3dd83d3c8d31",
    "dateCreated":"2025-06-05 21:12:09","dateStarted":"2025-06-05 21:12:10","dateFinished":null,"progress":50,"resultUrl":"")";
  const auto in_state = [&](const std::string& state) { return job(R"({"state":")" + state + "\"," + rest + "}"); };
  const Job j = in_state("created");
  EXPECT_EQ(j.job_id, "bdf3d7f9-0000-4000-8000-5d3a2f1f86e4");
  EXPECT_EQ(j.batch_id, "75e63db6-0000-4000-8000-3dd83d3c8d31");
  EXPECT_EQ(j.state, "created");
  EXPECT_EQ(utc_of(j.date_created), at(2025, 6, 5, 21, 12, 9));
  EXPECT_EQ(utc_of(j.date_started), at(2025, 6, 5, 21, 12, 10));
  EXPECT_EQ(j.date_finished, std::nullopt);
  EXPECT_EQ(j.progress, 50);
  EXPECT_EQ(j.result_url, "");
  for (const char* state : {"created", "CREATED", "running", "Running", "PROCESSING", "processing", ""}) {
    EXPECT_EQ(in_state(state).state, state);
    EXPECT_FALSE(in_state(state).is_terminal()) << state;
  }
  for (const char* state : {"completed", "Completed", "COMPLETED", "success", "SUCCESS"}) {
    EXPECT_TRUE(in_state(state).is_terminal()) << state;
    EXPECT_FALSE(in_state(state).has_failed()) << state;
  }
  for (const char* state : {"failed", "FAILED", "cancelled", "Cancelled", "CANCELLED"}) {
    EXPECT_TRUE(in_state(state).is_terminal()) << state;
    EXPECT_TRUE(in_state(state).has_failed()) << state;
  }
}

TEST_F(VendorSamples, StampsInEveryForm) {
  const UtcTime when = at(2025, 6, 5, 21, 12, 9);
  for (const char* form : {"2025-06-05 21:12:09", "2025-06-05T21:12:09", "2025-06-05T21:12:09Z", "2025-06-05T15:12:09-06:00",
                           "2025-06-06T02:42:09+05:30", "2025-06-05 21:12:09.000", "2025-06-05T21:12:09.0000001Z"}) {
    const Site site = api_with(R"({"siteId":1,"dateCreated":")" + std::string(form) + "\"}").sites().collect("DEMO").at(0);
    EXPECT_EQ(site.date_created, form);
    EXPECT_EQ(utc_of(site.date_created), when) << form;
  }
  const Site odd = api_with(R"({"siteId":1,"dateCreated":"","dateModified":"2025-06-05","timeZone":"UTC"})").sites().collect("DEMO").at(0);
  EXPECT_EQ(utc_of(odd.date_created), std::nullopt);
  EXPECT_EQ(utc_of(odd.date_modified), std::nullopt) << "a day is no moment";
  EXPECT_THAT(extra_fields(odd), ElementsAre(Pair("timeZone", "\"UTC\"")));
}

}  // namespace
}  // namespace imednet::api
