// POST records and the jobs that come of it, over HTTP.
#include <gmock/gmock.h>

#include <chrono>
#include <set>
#include <thread>

#include "tests/sandbox/edc/sample_client.h"

namespace imednet::sandbox::edc {
namespace {

constexpr const char* kRecordsPath = "/api/v1/edc/studies/MY_STUDY/records";

class Intake : public testing::Test {
 protected:
  Intake() {
    EdcServerOptions options;
    options.studies.push_back(cdisc_folder());
    options.synthetic.push_back({"BIG", 1000});
    options.allow_faults = true;
    server_ = std::make_unique<EdcServer>(options);
    client_ = std::make_unique<SampleClient>(*server_);
  }

  httplib::Result post(const std::string& body, const std::string& path = kRecordsPath) {
    return client_->http().Post(path, headers_without_type(), body, "application/json");
  }
  static httplib::Headers headers_without_type() {
    auto headers = good_headers();
    headers.erase("Content-Type");
    return headers;
  }

  Json job(const std::string& batch_id, const std::string& study = "MY_STUDY") {
    const auto answer = client_->get("/api/v1/edc/studies/" + study + "/jobs/" + batch_id);
    return Json::parse(answer->body);
  }
  // The job's last state.
  std::string outcome(const std::string& body) {
    const auto answer = post(body);
    EXPECT_EQ(answer->status, 202) << answer->body;
    const std::string batch_id = Json::parse(answer->body).at("batchId").get<std::string>();
    job(batch_id);
    return job(batch_id).at("state").get<std::string>();
  }
  std::size_t total(const std::string& resource, const httplib::Params& query = {}) {
    return client_->total("/MY_STUDY/" + resource, query);
  }
  Json only(const std::string& resource, const std::string& filter) {
    const Json found = client_->list_json("/MY_STUDY/" + resource, {{"filter", filter}}).at("data");
    EXPECT_EQ(found.size(), 1u) << filter;
    return found.empty() ? Json() : found[0];
  }

  std::unique_ptr<EdcServer> server_;
  std::unique_ptr<SampleClient> client_;
};

constexpr const char* kHeadache = R"({"formKey":"AE","subjectKey":"701-1015","data":{"IT.AETERM":"Headache","SERIOUS":false,"DAYS":3}})";

TEST_F(Intake, ARecordOfASubjectIsMadeWithTheNextIdAndARevision) {
  const auto answer = post(std::string("[") + kHeadache + "]");
  ASSERT_EQ(answer->status, 202);
  const Json made = Json::parse(answer->body);
  EXPECT_EQ(made.at("state"), "created");
  EXPECT_NE(made.at("jobId"), made.at("batchId"));

  const Json record = only("records", "recordId>515916");
  EXPECT_EQ(record.at("recordId"), 515917);
  EXPECT_EQ(record.at("studyKey"), "MY_STUDY");
  EXPECT_EQ(record.at("formId"), 102);
  EXPECT_EQ(record.at("subjectId"), 1000);
  EXPECT_EQ(record.at("siteId"), 701);
  EXPECT_EQ(record.at("intervalId"), nullptr);
  EXPECT_EQ(record.at("deleted"), false);
  EXPECT_EQ(record.at("recordData"), Json::parse(R"({"IT.AETERM":"Headache","SERIOUS":false,"DAYS":3})"));
  const Json revision = only("recordRevisions", "recordId==515917");
  EXPECT_EQ(revision.at("recordRevisionId"), 903069);
  EXPECT_EQ(revision.at("recordRevision"), 1);
  EXPECT_EQ(total("records"), 15917u);
  EXPECT_EQ(client_->total("/CDISCPILOT01/records", {}), 15916u);  // the other name is another study
}

TEST_F(Intake, AScheduledRecordIsUpdatedAndItsOtherAnswersStay) {
  const std::string filter = "formKey==DM;subjectKey==701-1015";
  const Json before = only("records", filter);
  EXPECT_EQ(outcome(R"([{"formKey":"DM","subjectKey":"701-1015","intervalName":"Screening 1","data":{"IT.AGE":64}}])"), "completed");
  const Json after = only("records", filter);
  EXPECT_EQ(after.at("recordId"), before.at("recordId"));
  EXPECT_EQ(after.at("recordData").at("it.age"), 64);
  EXPECT_EQ(after.at("recordData").at("it.sex"), before.at("recordData").at("it.sex"));
  EXPECT_EQ(after.at("recordData").size(), before.at("recordData").size());
  EXPECT_EQ(after.at("dateCreated"), before.at("dateCreated"));
  EXPECT_GT(after.at("dateModified"), before.at("dateModified"));
  EXPECT_EQ(total("records"), 15916u);
  EXPECT_EQ(total("recordRevisions", {{"filter", "recordId==500001;recordRevision==3"}}), 1u);
}

TEST_F(Intake, AListedFilterSeesWhatWasSent) {
  const httplib::Params by_term{{"recordDataFilter", "it.aeterm=~headache"}, {"filter", "formKey==AE"}};
  const std::size_t before = total("records", by_term);
  EXPECT_EQ(outcome(std::string("[") + kHeadache + "," + kHeadache + "]"), "completed");
  EXPECT_EQ(total("records", by_term), before + 2);
}

TEST_F(Intake, ASubjectIsRegisteredAtASite) {
  EXPECT_EQ(
      outcome(R"([{"formKey":"DM","siteName":"Site 703","data":{"IT.AGE":"70"}},{"formId":101,"siteId":"703","data":{"IT.AGE":"71"}}])"),
      "completed");
  const Json subjects = client_->list_json("/MY_STUDY/subjects", {{"filter", "subjectId>1305"}}).at("data");
  ASSERT_EQ(subjects.size(), 2u);
  EXPECT_EQ(subjects[0].at("subjectKey"), "703-1306");
  EXPECT_EQ(subjects[0].at("siteName"), "Site 703");
  EXPECT_EQ(subjects[0].at("subjectStatus"), "Registered");
  EXPECT_EQ(only("records", "subjectKey==703-1307").at("recordData").at("IT.AGE"), "71");
}

TEST_F(Intake, ARecordThatIsNamedIsChangedTwiceInOneRequest) {
  EXPECT_EQ(outcome(R"([{"formKey":"AE","recordId":500307,"data":{"it.aesev":"Severe"}},
                        {"formKey":"AE","recordOid":"REC-000307","data":{"IT.AESER":"Yes"}}])"),
            "completed");
  const Json data = only("records", "recordId==500307").at("recordData");
  EXPECT_EQ(data.at("it.aesev"), "Severe");
  EXPECT_EQ(data.at("it.aeser"), "Yes");
  EXPECT_FALSE(data.contains("IT.AESER"));
}

TEST_F(Intake, OneScheduledRecordIsMadeOfTwoItemsAboutIt) {
  const std::string item = R"({"formKey":"EC","subjectKey":"701-1015","intervalName":"Screening 1","data":{")";
  EXPECT_EQ(outcome("[" + item + R"(A":"1"}},)" + item + R"(B":"2"}}])"), "completed");
  EXPECT_EQ(only("records", "recordId>515916").at("recordData"), Json::parse(R"({"A":"1","B":"2"})"));
}

TEST_F(Intake, NothingIsStoredWhereOneOfThemNamesWhatIsNotThere) {
  for (const char* item :
       {R"({"formKey":"NONE","subjectKey":"701-1015","data":{"A":1}})", R"({"formKey":"AE","subjectKey":"NONE","data":{"A":1}})",
        R"({"formKey":"AE","siteName":"NONE","data":{"A":1}})",
        R"({"formKey":"DM","siteName":"Site 703","subjectKey":"703-NEW","data":{"A":1}})",  // an update of a subject who is not there
        R"({"formKey":"AE","subjectKey":"701-1015","intervalName":"NONE","data":{"A":1}})",
        R"({"formKey":"AE","recordId":1,"data":{"A":1}})", R"({"formKey":"AE","formId":101,"subjectKey":"701-1015","data":{"A":1}})",
        R"({"formKey":"AE","subjectId":"x","data":{"A":1}})"}) {
    EXPECT_EQ(outcome(std::string("[") + kHeadache + "," + item + "]"), "failed") << item;
  }
  EXPECT_EQ(total("records"), 15916u);
  EXPECT_EQ(total("recordRevisions"), 3068u);
  EXPECT_EQ(total("subjects"), 306u);
}

TEST_F(Intake, WhatTheVendorsPagesDoNotAllowIsRefusedAtOnce) {
  const std::vector<std::pair<std::string, std::string>> refused{
      {"", "records"},
      {"{}", "records"},
      {"[]", "records"},
      {"[1]", "records"},
      {"not json", "records"},
      {kHeadache, "records"},
      {R"([{"formKey":"AE","subjectKey":"701-1015","recordData":{"A":1}}])", "recordData"},
      {R"([{"formKey":"AE","subjectKey":"701-1015","visitDate":"2020-01-01","data":{"A":1}}])", "visitDate"},
      {R"([{"formKey":"AE","subjectKey":"701-1015","data":{}}])", "data"},
      {R"([{"formKey":"AE","subjectKey":"701-1015","data":null}])", "data"},
      {R"([{"formKey":"AE","subjectKey":"701-1015","data":[1]}])", "data"},
      {R"([{"formKey":"AE","subjectKey":"701-1015"}])", "data"},
      {R"([{"formKey":"AE","subjectKey":"701-1015","data":{"A":{}}}])", "data"},
      {R"([{"formKey":"AE","subjectKey":"701-1015","data":{"A":[1]}}])", "data"},
      {R"([{"formKey":["AE"],"subjectKey":"701-1015","data":{"A":1}}])", "formKey"},
      {R"([{"subjectKey":"701-1015","data":{"A":1}}])", "formKey"},
      {R"([{"formKey":null,"subjectKey":"701-1015","data":{"A":1}}])", "formKey"},
      {R"([{"formKey":"AE","data":{"A":1}}])", "subjectKey"},
      {std::string("[") + kHeadache + R"(,{"formKey":"AE","subjectKey":"701-1015","data":{}}])", "data"}};
  for (const auto& [body, attribute] : refused) {
    const auto answer = post(body);
    ASSERT_EQ(answer->status, 400) << body;
    const Json error = Json::parse(answer->body).at("metadata").at("error");
    EXPECT_EQ(error.at("code"), "1000") << body;
    EXPECT_EQ(error.at("field").at("attribute"), attribute) << body;
  }
  EXPECT_EQ(total("records"), 15916u);
}

TEST_F(Intake, KeysStudyAndPathAreJudgedAsForLists) {
  const std::string body = std::string("[") + kHeadache + "]";
  const auto code = [](const httplib::Result& answer) { return Json::parse(answer->body).at("metadata").at("error").at("code"); };
  const auto unknown = client_->http().Post(kRecordsPath, {{"Accept", "application/json"}}, body, "application/json");
  EXPECT_EQ(unknown->status, 401);
  EXPECT_EQ(code(unknown), "9001");
  const auto plain = client_->http().Post(kRecordsPath, headers_without_type(), body, "text/plain");
  EXPECT_EQ(plain->status, 400);
  EXPECT_EQ(code(plain), "1000");
  for (const char* study : {"NOT_MINE", "BIG"}) {  // nobody may write in a made-up study
    const auto answer =
        post(R"([{"formKey":"AE","subjectKey":"701-1015","data":{"A":1}}])", std::string("/api/v1/edc/studies/") + study + "/records");
    EXPECT_EQ(answer->status, 403) << study;
    EXPECT_EQ(code(answer), "9001") << study;
  }
  for (const char* path : {"/subjects", "/records/1", "/jobs", ""})
    EXPECT_EQ(post(body, std::string("/api/v1/edc/studies/MY_STUDY") + path)->status, 404) << path;
  EXPECT_EQ(client_->http().Put(kRecordsPath, headers_without_type(), body, "application/json")->status, 404);
  EXPECT_EQ(total("records"), 15916u);
}

TEST_F(Intake, AJobGoesFromStateToStateAndIsKnownInItsStudyOnly) {
  const Json made = Json::parse(post(std::string("[") + kHeadache + "]")->body);
  const std::string batch_id = made.at("batchId").get<std::string>();
  const Json running = job(batch_id);
  EXPECT_EQ(running.at("state"), "running");
  EXPECT_EQ(running.at("jobId"), made.at("jobId"));
  EXPECT_EQ(running.at("dateFinished"), nullptr);
  const Json done = job(batch_id);
  EXPECT_EQ(done.at("state"), "completed");
  EXPECT_TRUE(done.at("dateFinished").is_string());
  for (const std::string& path : {"CDISCPILOT01/jobs/" + batch_id, std::string("MY_STUDY/jobs/none"), std::string("MY_STUDY/jobs")})
    EXPECT_EQ(client_->get("/api/v1/edc/studies/" + path)->status, 404) << path;
  EXPECT_EQ(client_->get("/api/v1/edc/studies/NOT_MINE/jobs/" + batch_id)->status, 403);
}

TEST_F(Intake, AnOrderTakesTheAnswerAwayBeforeOrAfterTheRecordsAreTaken) {
  const std::string body = std::string("[") + kHeadache + "]";
  const auto order = [&](const std::string& what) {
    client_->control(R"({"match":{"method":"POST","path_contains":"/records"},"do":)" + what + "}");
  };
  order(R"({"drop":true})");  // taken, but nobody is told
  EXPECT_FALSE(post(body));
  EXPECT_EQ(total("records"), 15917u);
  order(R"({"cut_body_after":10})");
  EXPECT_FALSE(post(body));
  EXPECT_EQ(total("records"), 15918u);
  order(R"({"status":503})");  // refused before
  EXPECT_EQ(post(body)->status, 503);
  order(R"({"status":429,"retry_after":"1"})");
  EXPECT_EQ(post(body)->get_header_value("Retry-After"), "1");
  order(R"({"body":"[]"})");  // a list without a job, as some tenants answer
  EXPECT_EQ(post(body)->body, "[]");
  EXPECT_EQ(total("records"), 15918u);
}

TEST_F(Intake, RequestsAtTheSameTimeGetIdsOfTheirOwn) {
  constexpr std::size_t kClients = 4, kEach = 5;
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < kClients; ++i) {
    threads.emplace_back([&] {
      SampleClient client(*server_);
      for (std::size_t n = 0; n < kEach; ++n) {
        const auto answer =
            client.http().Post(kRecordsPath, headers_without_type(), std::string("[") + kHeadache + "]", "application/json");
        EXPECT_EQ(answer->status, 202);
      }
    });
  }
  threads.clear();
  const auto ids = record_ids(client_->list_json("/MY_STUDY/records", {{"filter", "recordId>515916"}}));
  EXPECT_EQ(std::set<int>(ids.begin(), ids.end()).size(), kClients * kEach);
  EXPECT_EQ(ids.size(), kClients * kEach);
}

TEST_F(Intake, AHundredRecordsAreTakenInLittleTime) {
  std::string body;
  for (int i = 0; i < 50; ++i)
    body.append(i == 0 ? "[" : ",")
        .append(kHeadache)
        .append(R"(,{"formKey":"DM","subjectKey":"701-1015","intervalId":200,"data":{"A":)" + std::to_string(i) + "}}");
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(outcome(body + "]"), "completed");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));  // a tenth of it without sanitizers
  EXPECT_EQ(total("records"), 15966u);
  EXPECT_EQ(only("records", "recordId==500001").at("recordData").at("A"), 49);
}

}  // namespace
}  // namespace imednet::sandbox::edc
