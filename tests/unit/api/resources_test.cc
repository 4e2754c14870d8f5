// Lists and single elements of every resource: what is asked for, what comes back, and what is refused before anything is sent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imednet/filters.h"
#include "imednet/sdk.h"
#include "unit/api/scripted_transport.h"

namespace imednet::api {
namespace {

using errors::ApiError;
using errors::ConfigurationError;
using errors::ErrorCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class Resources : public testing::Test {
 protected:
  ImednetSDK sdk() { return ImednetSDK::over(make_client(script, clock)); }

  Script script;
  FakeClock clock;
};

TEST_F(Resources, RecordRevisions) {
  script.answers(
      200,
      list_body(R"({"studyKey":"S","recordRevisionId":9,"recordId":7,"recordOid":"R-7","recordRevision":2,"dataRevision":1,)"
                R"("recordStatus":"Record Complete","subjectId":3,"subjectOid":"O","subjectKey":"01-001","siteId":1,"formKey":"AE",)"
                R"("intervalId":4,"role":"CRC","user":"jane","reasonForChange":null,"deleted":false,"dateCreated":"2026-01-31 12:00:00"})",
                1),
      {}, "/studies/S/recordRevisions?page=0&size=500&sort=recordRevisionId%2Casc");
  const RecordRevision r = sdk().record_revisions().collect("S").at(0);
  EXPECT_EQ(r.record_revision_id, 9);
  EXPECT_EQ(r.data_revision, 1);
  EXPECT_EQ(r.user, "jane");
  EXPECT_EQ(r.reason_for_change, std::nullopt);
  EXPECT_EQ(presence(r.raw, "reasonForChange"), Presence::null);
  EXPECT_EQ(r.interval_id, 4);
}

TEST_F(Resources, Queries) {
  script.answers(
      200,
      list_body(R"({"studyKey":"S","annotationId":5,"annotationType":"Monitor Query","type":null,"variable":"AESER","recordId":7,)"
                R"("queryComments":[{"sequence":1,"annotationStatus":"Open","user":"jane","comment":"Please check","closed":false,)"
                R"("date":"2026-01-31 12:00:00"},{"sequence":"2","closed":"true"}]})",
                1),
      {}, "/studies/S/queries?page=0&size=500&sort=annotationId%2Casc");
  const Query q = sdk().queries().collect("S").at(0);
  EXPECT_EQ(q.variable, "AESER");
  EXPECT_EQ(q.record_id, 7);
  ASSERT_THAT(q.query_comments, SizeIs(2));
  EXPECT_EQ(q.query_comments[0].comment, "Please check");
  EXPECT_EQ(q.query_comments[1].sequence, 2);
  EXPECT_EQ(q.is_open(), false);
}

TEST_F(Resources, CodingsHaveIdsOfEitherKind) {
  script.answers(200, list_body(R"({"codingId":7,"code":"10019211","value":"Headache"},{"codingId":"C8","dictionaryVersion":24.0})", 2), {},
                 "/studies/S/codings?page=0&size=500&sort=codingId%2Casc");
  const auto codings = sdk().codings().collect("S");
  EXPECT_EQ(codings.at(0).coding_id, "7");
  EXPECT_EQ(codings.at(0).value, "Headache");
  EXPECT_EQ(codings.at(1).coding_id, "C8");
  EXPECT_EQ(codings.at(1).dictionary_version, "24.0");
}

TEST_F(Resources, UsersWithTheirRoles) {
  const std::string jane =
      R"({"userId":"u-1","login":"jane","firstName":"Jane","lastName":"D","email":"jane@example.org","userActiveInStudy":true,)"
      R"("roles":[{"dateCreated":[2026,1,31,12,0],"dateModified":null,"roleId":"r-1","communityId":1,"name":"CRC",)"
      R"("description":"","level":3,"type":"SITE","inactive":false}]})";
  script.answers(200, list_body(jane, 1), {}, "/studies/S/users?page=0&size=500&sort=userId%2Casc&includeInactive=true");
  const User u = sdk().users().collect("S", {.include_inactive = true}).at(0);
  EXPECT_EQ(u.email, "jane@example.org");
  ASSERT_THAT(u.roles, SizeIs(1));
  EXPECT_EQ(u.roles[0].date_created, "[2026,1,31,12,0]");
  EXPECT_EQ(utc_of(u.roles[0].date_created), UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) + std::chrono::hours(12)));
  EXPECT_EQ(u.roles[0].level, 3);
  script.answers(200, list_body(jane, 1), {}, "includeInactive=true");
  EXPECT_EQ(sdk().users().get("S", "u-1").login, "jane");
}

TEST_F(Resources, EveryDocumentedFieldOfDesignAndSubjects) {
  script.answers(200,
                 list_body(R"({"formId":1,"embeddedLog":true,"enforceOwnership":"","otherForms":[],"eproForm":"false","allowCopy":0})", 1));
  const Form form = sdk().forms().collect("S").at(0);
  EXPECT_EQ(form.embedded_log, true);
  EXPECT_EQ(form.enforce_ownership, std::nullopt);
  EXPECT_EQ(form.other_forms, std::nullopt);
  EXPECT_EQ(form.epro_form, false);
  EXPECT_EQ(form.allow_copy, false);
  script.answers(
      200,
      list_body(R"({"intervalId":1,"timeline":"Due Date","negativeSlack":"-3","forms":[{"formId":1,"formKey":"AE","formName":"Adverse"}]})",
                1));
  const Interval interval = sdk().intervals().collect("S").at(0);
  EXPECT_EQ(interval.timeline, "Due Date");
  EXPECT_EQ(interval.negative_slack, -3);
  EXPECT_EQ(interval.forms.at(0).form_key, "AE");
  script.answers(
      200, list_body(
               R"({"subjectId":1,"keywords":[{"keywordName":"Lost","keywordKey":"LOST","keywordId":4,"dateAdded":"2026-01-31 12:00:00"}]},)"
               R"({"subjectId":2,"keywords":null})",
               2));
  const auto subjects = sdk().subjects().collect("S");
  EXPECT_EQ(subjects.at(0).keywords.at(0).keyword_key, "LOST");
  EXPECT_THAT(subjects.at(1).keywords, SizeIs(0));
  script.answers(200, list_body(R"({"intervalId":1,"forms":"none"})", 1));
  EXPECT_EQ(caught([&] { sdk().intervals().collect("S"); }).code(), ErrorCode::decode);
}

TEST_F(Resources, OneElementById) {
  script.answers(200, list_body(R"({"siteId":3,"siteName":"A"})", 1), {}, "filter=siteId%3D%3D3");
  EXPECT_EQ(sdk().sites().get("S", 3).site_name, "A");
  script.answers(200, list_body(R"({"siteId":1},{"siteId":2},{"siteId":3,"siteName":"C"})", 3));
  EXPECT_EQ(sdk().sites().get("S", 3).site_name, "C") << "the API ignores the filter";
  script.answers(200, list_body(R"({"recordId":7,"formKey":"AE"})", 1), {},
                 "/records?page=0&size=500&sort=recordId%2Casc&filter=recordId%3D%3D7");
  EXPECT_EQ(sdk().records().get("S", 7).form_key, "AE");
  script.answers(200, list_body(R"({"studyKey":"OTHER"},{"studyKey":"S 1","studyName":"A"})", 2), {}, "filter=studyKey%3D%3D%22S%201%22");
  EXPECT_EQ(sdk().studies().get("S 1").study_name, "A");
  script.answers(200, list_body("", 0));
  const auto none = caught<errors::NotFoundError>([&] { sdk().variables().get("S", 9); });
  EXPECT_THAT(none.what(), HasSubstr("cannot read a variable of study S from iMednet: there is none with that id"));
}

TEST_F(Resources, SubjectsOfASite) {
  script.answers(200, list_body(R"({"subjectId":1,"siteId":3},{"subjectId":2,"siteId":4})", 2), {},
                 "filter=siteId%3D%3D3%3Bdeleted%3D%3Dfalse");
  std::vector<std::int64_t> ids;
  for (const Subject& subject : sdk().subjects().list_by_site("S", 3, {.filter = filters::attribute("deleted") == false}))
    ids.push_back(*subject.subject_id);
  EXPECT_THAT(ids, ElementsAre(1)) << "whoever ignores the filter shows others";
  EXPECT_THROW(sdk().subjects().list_by_site("S", 3, {.filter = "a==1,b==2"}), ConfigurationError);
  EXPECT_THROW(sdk().subjects().list_by_site("S", 3, {.filter = "siteId==4"}), ConfigurationError);
}

TEST_F(Resources, OrderAndPages) {
  script.answers(200, list_body(R"({"recordId":9},{"recordId":7})", 2), {},
                 "page=0&size=100&sort=dateModified%2Cdesc&sort=recordId%2Casc&recordDataFilter=AESER%3D%3DYes");
  const auto records = sdk().records().collect(
      "S", {.record_data_filter = filters::answer("AESER") == "Yes", .sort = {"dateModified,desc"}, .page_size = 100});
  EXPECT_EQ(records.at(0).record_id, 9);
  EXPECT_EQ(records.at(1).record_id, 7);
  script.answers(200, list_body("", 0));
  EXPECT_TRUE(sdk().sites().collect("S", {.sort = {"siteId,desc"}}).empty());
  EXPECT_TRUE(script.seen.back().url.ends_with("/sites?page=0&size=500&sort=siteId%2Cdesc")) << "the id is named once";
}

TEST_F(Resources, ADeadlineThatPassesIsTheHint) {
  script.runs([&](const http::Request& request) -> http::Response {
    clock.elapsed += request.timeout;
    throw ApiError("no complete answer", {.code = ErrorCode::timeout, .hint = "raise the time-out", .retry = errors::RetryClass::backoff});
  });
  EXPECT_EQ(caught([&] { sdk().sites().collect("S", {.call = {.deadline = std::chrono::seconds(3)}}); }).hint(),
            "the deadline of the call has passed");
}

TEST_F(Resources, WhatTheApiWouldRefuseIsRefusedBefore) {
  EXPECT_THROW(sdk().sites().list("S", {.page_size = 501}), ConfigurationError);
  EXPECT_THROW(sdk().sites().list("S", {.page_size = 0}), ConfigurationError);
  EXPECT_THROW(sdk().sites().list("S", {.record_data_filter = "A==1"}), ConfigurationError);
  EXPECT_THROW(sdk().sites().list("S", {.include_inactive = true}), ConfigurationError);
  EXPECT_THROW(sdk().users().list("S", {.filter = "login==jane"}), ConfigurationError);
  EXPECT_THROW(sdk().sites().list("S", {.sort = {"siteId"}}), ConfigurationError);
  EXPECT_THROW(sdk().sites().list(" "), ConfigurationError);
}

TEST_F(Resources, ADeadlineIsOfTheWholeCall) {
  std::vector<std::chrono::milliseconds> timeouts;
  const auto unavailable = [&](const http::Request& request) {
    timeouts.push_back(request.timeout);
    clock.elapsed += std::chrono::milliseconds(2'000);
    return http::Response{.status = 503};
  };
  script.runs(unavailable);
  script.runs(unavailable);
  const ApiError error = caught([&] { sdk().sites().collect("S", {.call = {.deadline = std::chrono::seconds(3)}}); });
  EXPECT_EQ(error.code(), ErrorCode::unavailable) << error.what();
  ASSERT_EQ(timeouts.size(), 2u);
  EXPECT_EQ(timeouts[0], std::chrono::milliseconds(3'000)) << "no longer than what is left";
  EXPECT_LE(timeouts[1], std::chrono::milliseconds(1'000));
}

TEST_F(Resources, NoPageIsAskedForAfterTheDeadline) {
  script.runs([&](const http::Request&) {
    clock.elapsed += std::chrono::seconds(5);
    return http::Response{.status = 200, .body = list_body(R"({"siteId":1})", 2)};
  });
  EXPECT_EQ(caught([&] { sdk().sites().collect("S", {.call = {.deadline = std::chrono::seconds(3)}}); }).code(), ErrorCode::timeout);
}

TEST_F(Resources, ACallIsStoppedByItsOwnToken) {
  std::stop_source stop;
  script.runs([&](const http::Request&) {
    stop.request_stop();
    return http::Response{.status = 200, .body = list_body(R"({"siteId":1})", 2)};
  });
  EXPECT_EQ(caught([&] { sdk().sites().collect("S", {.call = {.stop = stop.get_token()}}); }).code(), ErrorCode::cancelled);
}

}  // namespace
}  // namespace imednet::api
