// Records on their way to the API: what is sent, what is refused before, what is never sent again; and the jobs that come of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/transport.h"
#include "imednet/sdk.h"
#include "unit/api/scripted_transport.h"

namespace imednet::api {
namespace {

using errors::ApiError;
using errors::ConfigurationError;
using errors::ErrorCode;
using errors::RetryClass;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class JobsTest : public testing::Test {
 protected:
  Job create(const std::vector<RecordInput>& records, const CreateOptions& options = {}) {
    return Records(make_client(script, clock)).create("S 1", records, options);
  }
  ApiError create_error() {
    return caught([this] { create({new_record("AE", "01-001", {{"AETERM", "Headache"}})}); });
  }
  Jobs jobs() { return Jobs(make_client(script, clock)); }

  Script script;
  FakeClock clock;
};

const std::string kCreated = R"({"jobId":"j","batchId":"b","state":"created"})";

TEST_F(JobsTest, EachOperationNamesWhatItIsAbout) {
  script.answers(202, kCreated, {}, "/api/v1/edc/studies/S%201/records");
  const Job job = create({register_subject("REG", "Site A", {{"DOB", "1980-01-01"}}),
                          update_scheduled_record("AE", "01-001", "Visit 1", {{"AESER", false}, {"TEMP", 37.5}, {"N", std::int64_t{7}}}),
                          new_record("AE", "01-001", {{"AETERM", "a \"quoted\" one"}, {"GONE", nullptr}})},
                         {.email_notify = "someone@example.org"});
  EXPECT_EQ(job.batch_id, "b");
  EXPECT_EQ(job.raw, kCreated);
  const http::Request& request = script.seen.at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_THAT(request.headers, Contains(Pair("x-email-notify", "someone@example.org")));
  EXPECT_EQ(request.body, R"([{"formKey":"REG","siteName":"Site A","data":{"DOB":"1980-01-01"}},)"
                          R"({"formKey":"AE","subjectKey":"01-001","intervalName":"Visit 1","data":{"AESER":false,"N":7,"TEMP":37.5}},)"
                          R"({"formKey":"AE","subjectKey":"01-001","data":{"AETERM":"a \"quoted\" one","GONE":null}}])");
}

TEST_F(JobsTest, AnAnswerMayBeAListOfOneOrOfNone) {
  script.answers(200, "[" + kCreated + "]");
  EXPECT_EQ(create({new_record("AE", "1", {{"X", "1"}})}).batch_id, "b");
  script.answers(200, "[]");
  EXPECT_TRUE(create({new_record("AE", "1", {{"X", "1"}})}).is_terminal());
}

TEST_F(JobsTest, ASuccessThatIsNoJobIsNone) {
  for (const char* body : {"{}", R"({"metadata":{"error":{"code":"9001"}}})", "[{}]", R"([{"state":"created"},{"state":"created"}])",
                           R"({"state":["completed"]})", R"({"jobId":"j","progress":"half"})", "null", "<html>", ""}) {
    script.answers(200, body);
    const ApiError in_doubt = create_error();
    EXPECT_EQ(in_doubt.code(), ErrorCode::in_doubt) << body;
    EXPECT_EQ(in_doubt.detail().retry, RetryClass::reconcile) << body;
    script.answers(200, body);
    EXPECT_EQ(caught([this] { jobs().get("S", "b"); }).code(), ErrorCode::decode) << body;
  }
  script.answers(200, R"({"jobId":null,"batchId":"","state":null})");
  EXPECT_TRUE(create({new_record("AE", "1", {{"X", "1"}})}).is_terminal()) << "done at once";
}

TEST_F(JobsTest, WhatCanNotBeSentIsRefusedBefore) {
  const auto refused = [&](const RecordInput& record) {
    try {
      create({new_record("AE", "1", {{"X", "1"}}), record});
    } catch (const ConfigurationError& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
      return std::string(error.what());
    }
    return std::string("nothing was refused");
  };
  EXPECT_THAT(refused({.subject_key = "1", .data = {{"X", "1"}}}), HasSubstr("record 2 of those given: it names no form"));
  EXPECT_THAT(refused({.form_key = "AE", .data = {{"X", "1"}}}), HasSubstr("neither a subject nor a site"));
  EXPECT_THAT(refused(new_record("AE", "1", {})), HasSubstr("no answers"));
  EXPECT_THAT(refused(new_record("AE", "1", {{"X", std::numeric_limits<double>::quiet_NaN()}})),
              HasSubstr("X: the answer is no finite number"));
  EXPECT_THAT(refused(new_record("AE", "1", {{"X", "\xff"}})), HasSubstr("X: the answer is not UTF-8"));
  EXPECT_THROW(create({}), ConfigurationError);
  for (const char* address :
       {"someone", "@example.org", "someone@", "a b@example.org", "a@example.org\r\nx-other: 1", "\xc3\xa4@example.org"})
    EXPECT_THROW(create({new_record("AE", "1", {{"X", "1"}})}, {.email_notify = address}), ConfigurationError) << address;
}

TEST_F(JobsTest, OnlyARefusalForTooManyIsSentAgain) {
  script.answers(429, "", {{"retry-after", "1"}}).answers(202, kCreated);
  create({new_record("AE", "1", {{"X", "1"}})});
  EXPECT_EQ(script.seen.size(), 2u);
  script
      .runs([](const http::Request&) -> http::Response {
        throw http::NotSent("no connection", {.code = ErrorCode::unavailable, .retry = RetryClass::backoff});
      })
      .answers(202, kCreated);
  create({new_record("AE", "1", {{"X", "1"}})});
  EXPECT_EQ(script.seen.size(), 4u);
}

TEST_F(JobsTest, WhereNoAnswerCameItIsInDoubt) {
  script.answers(500, "").throws("no complete answer", {.code = ErrorCode::timeout, .retry = RetryClass::backoff});
  script.throws("the answer was cut", {.code = ErrorCode::protocol, .retry = RetryClass::backoff}).answers(202, "<html>");
  for (int i = 0; i < 4; ++i) {
    const ApiError error = create_error();
    EXPECT_EQ(error.code(), ErrorCode::in_doubt) << error.what();
    EXPECT_EQ(error.retry_class(), RetryClass::reconcile);
    EXPECT_THAT(error.hint(), HasSubstr("before they are sent again"));
  }
  EXPECT_EQ(script.seen.size(), 4u);
}

TEST_F(JobsTest, AnAnswerThatMayHideASuccessIsADoubt) {
  const std::vector<std::pair<int, std::string>> kAnswers{{302, ""},
                                                          {303, ""},
                                                          {204, ""},
                                                          {408, ""},
                                                          {503, ""},
                                                          {200, "{}"},
                                                          {200, R"({"batchId":"b","state":"created")"},
                                                          {200, R"([{"batchId":"b"},{"batchId":"c"}])"},
                                                          {200, R"({"batchId":"b","progress":{}})"},
                                                          {200, R"({"metadata":{"status":"ERROR","error":{"code":"9000"}}})"}};
  for (const auto& [status, body] : kAnswers) {
    script.answers(status, body);
    EXPECT_EQ(create_error().code(), ErrorCode::in_doubt) << status << " " << body;
  }
  EXPECT_EQ(script.seen.size(), kAnswers.size());
}

TEST_F(JobsTest, WhatNeverLeftThisMachineIsNoDoubt) {
  for (const auto& [status, code] : {std::pair(301, ErrorCode::protocol), std::pair(404, ErrorCode::not_found),
                                     std::pair(409, ErrorCode::protocol), std::pair(425, ErrorCode::protocol)}) {
    script.answers(status, "");
    EXPECT_EQ(create_error().code(), code);
  }
  script.runs([](const http::Request&) -> http::Response {
    throw http::NotSent("the server's certificate is not trusted", {.code = ErrorCode::unavailable});
  });
  EXPECT_EQ(create_error().code(), ErrorCode::unavailable);
  script.runs([](const http::Request&) -> http::Response { throw http::NotSent("a stop", {.code = ErrorCode::cancelled}); });
  const ApiError stopped = create_error();
  EXPECT_EQ(stopped.code(), ErrorCode::cancelled);
  EXPECT_EQ(stopped.hint(), "nothing was sent");
}

TEST_F(JobsTest, AStopAfterItWasSentIsADoubt) {
  script.throws("a stop was asked for", {.code = ErrorCode::cancelled});
  EXPECT_EQ(create_error().code(), ErrorCode::in_doubt);
}

TEST_F(JobsTest, ARefusalSaysWhatWasRefusedAndNeverTheValue) {
  script.answers(
      400,
      R"({"metadata":{"status":"BAD_REQUEST","error":{"code":"1000","description":"no such form","field":{"attribute":"formKey","value":"SECRET"}}}})");
  try {
    create({new_record("AE", "1", {{"X", "1"}})});
    FAIL() << "it was taken";
  } catch (const errors::BadRequestError& error) {
    EXPECT_THAT(error.what(), HasSubstr("cannot send to iMednet: the API refused the request (HTTP 400, code 1000, attribute formKey)"));
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("SECRET")));
    EXPECT_EQ(error.origin().attribute, "formKey");
    EXPECT_EQ(error.origin().value, "SECRET");
    EXPECT_EQ(error.hint(), "check the records");
  }
}

TEST_F(JobsTest, AJobIsAskedForUntilItEnds) {
  script.answers(200, kCreated, {}, "/studies/S/jobs/b%2F1")
      .answers(200, R"({"batchId":"b","state":"RUNNING"})")
      .answers(200, R"({"batchId":"b","state":"COMPLETED"})");
  EXPECT_EQ(jobs().poll_job("S", "b/1", {.interval = std::chrono::seconds(5)}).state, "COMPLETED");
  EXPECT_THAT(clock.waits, ElementsAre(5'000, 5'000));
}

TEST_F(JobsTest, WaitingEnds) {
  for (int i = 0; i < 4; ++i) script.answers(200, R"({"batchId":"b","state":"running"})");
  const ApiError error =
      caught([this] { jobs().poll_job("S", "b", {.interval = std::chrono::seconds(5), .timeout = std::chrono::seconds(12)}); });
  EXPECT_EQ(error.code(), ErrorCode::timeout);
  EXPECT_THAT(error.what(), HasSubstr("the job b any longer: it is running after 12 s"));
  EXPECT_THAT(clock.waits, ElementsAre(5'000, 5'000, 2'000));
  script.answers(404, "");
  EXPECT_EQ(caught([this] { jobs().get("S", "b"); }).code(), ErrorCode::not_found);
  script.answers(200, "[]");
  EXPECT_EQ(caught([this] { jobs().get("S", "b"); }).code(), ErrorCode::decode);
  script.answers(200, R"({"metadata":{"error":{"code":"9000"}}})");
  EXPECT_EQ(caught([this] { jobs().get("S", "b"); }).code(), ErrorCode::decode);
  EXPECT_THROW(jobs().get("S", " "), ConfigurationError);
}

TEST(ParseRecords, OfAnArrayAnObjectOrLines) {
  const RecordInput ae =
      new_record("AE", "01-001", {{"AETERM", "x"}, {"AESER", true}, {"N", std::int64_t{-3}}, {"T", 37.5}, {"G", nullptr}});
  const std::string json = R"({"formKey":"AE","subjectKey":"01-001","data":{"AETERM":"x","AESER":true,"N":-3,"T":37.5,"G":null}})";
  EXPECT_THAT(parse_records(json), ElementsAre(ae));
  EXPECT_THAT(parse_records("[" + json + ",\n" + json + "]"), ElementsAre(ae, ae));
  EXPECT_THAT(parse_records(json + "\n\n" + json + "\r\n"), ElementsAre(ae, ae));
  EXPECT_THAT(parse_records(" \n"), ElementsAre());
  EXPECT_THAT(parse_records("[]"), ElementsAre());
  EXPECT_EQ(parse_records(R"({"formId":7,"siteId":1,"intervalId":null,"data":{"A":"1"}})")[0],
            (RecordInput{.form_id = 7, .site_id = 1, .data = {{"A", "1"}}}));
}

TEST(ParseRecords, WhatIsNoRecordIsNamedByItsPlace) {
  const auto refused = [](const std::string& text) {
    try {
      parse_records(text);
    } catch (const ConfigurationError& error) {
      return std::string(error.what());
    }
    return std::string("nothing was refused");
  };
  EXPECT_THAT(refused("[{\"formKey\":\"AE\"},7]"), HasSubstr("record 2 of those given: it is no JSON object"));
  EXPECT_THAT(refused("{\"formKey\":\"AE\",\"recordData\":{}}"), HasSubstr("a member recordData that iMednet does not take"));
  EXPECT_THAT(refused("{\"formKey\":7}"), HasSubstr("formKey is no text"));
  EXPECT_THAT(refused("{\"formId\":\"7\"}"), HasSubstr("formId is no whole number"));
  EXPECT_THAT(refused("{\"formId\":18446744073709551615}"), HasSubstr("the number of formId has more digits than are kept"));
  EXPECT_THAT(refused("null"), HasSubstr("record 1 of those given: it is no JSON object"));
  EXPECT_THAT(refused(std::string("{\"formKey\":\"AE\"}\n\0{}", 21)), HasSubstr("it is no JSON")) << "the rest would be lost";
  EXPECT_THAT(refused("{\"data\":{\"A\":[1]}}"), HasSubstr("the answer to A is a list or an object"));
  EXPECT_THAT(refused("{\"data\":{\"A\":18446744073709551615}}"), HasSubstr("the number of A has more digits than are kept"));
  EXPECT_THAT(refused("{\"data\":{\"A\":0.12345678901234567890}}"), HasSubstr("the number of A has more digits than are kept"));
  EXPECT_THAT(refused("{\"formKey\":\"AE\",\"formKey\":\"DM\"}"), HasSubstr("stands in it twice"));
  EXPECT_THAT(refused("{\"data\":{\"A\":\"1\",\"A\":\"2\"}}"), HasSubstr("stands in it twice"));
  EXPECT_THAT(refused("{\"formKey\":\"AE\"}\n{\"formKey\""), HasSubstr("record 2 of those given: it is no JSON"));
}

}  // namespace
}  // namespace imednet::api
