// Each kind of order, placed over HTTP and seen from the client's side.
#include <gmock/gmock.h>

#include <chrono>
#include <future>

#include "sandbox/edc/fault_order.h"
#include "tests/sandbox/edc/sample_client.h"

namespace imednet::sandbox::edc {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* kRecords = "/SMALL/records";

class FaultOrders : public testing::Test {
 protected:
  FaultOrders() {
    options_.studies.push_back(study_.folder());
    options_.allow_faults = true;
    server_ = std::make_unique<EdcServer>(options_);
    client_ = std::make_unique<SampleClient>(*server_);
    client_->http().set_read_timeout(2, 0);
  }

  // Places an order for the next request on the records.
  void order(const std::string& action, const std::string& match = "") {
    client_->control(R"({"match":{"path_contains":"/records")" + match + R"(},"do":)" + action + "}");
  }

  httplib::Result records(const httplib::Params& query = {}) { return client_->list(kRecords, query); }
  std::vector<int> ids(const httplib::Params& query = {}) { return record_ids(client_->list_json(kRecords, query)); }
  int fired() { return client_->orders().at(0).at("fired").get<int>(); }

  SmallStudy study_;
  EdcServerOptions options_;
  std::unique_ptr<EdcServer> server_;
  std::unique_ptr<SampleClient> client_;
};

TEST_F(FaultOrders, StatusWithRetryAfterAsSecondsAndAsDate) {
  order(R"({"status":429,"retry_after":"1"})");
  auto answer = records();
  EXPECT_EQ(answer->status, 429);
  EXPECT_EQ(answer->get_header_value("Retry-After"), "1");
  EXPECT_EQ(Json::parse(answer->body).at("metadata").at("status"), "TOO_MANY_REQUESTS");
  EXPECT_EQ(records()->status, 200);
  EXPECT_EQ(fired(), 1);
  order(R"({"status":503,"retry_after_date":5})");
  answer = records();
  EXPECT_EQ(answer->status, 503);
  EXPECT_THAT(answer->get_header_value("Retry-After"), testing::EndsWith(" GMT"));
  order(R"({"status":429})");
  EXPECT_FALSE(records()->has_header("Retry-After"));
}

TEST_F(FaultOrders, FireOnTheNthMatchAndSoOften) {
  order(R"({"status":500})", R"(,"nth":3,"times":2)");
  std::vector<int> statuses;
  for (int i = 0; i < 6; ++i) {
    statuses.push_back(records()->status);
    client_->list("/SMALL/sites");  // does not count
  }
  EXPECT_THAT(statuses, testing::ElementsAre(200, 200, 500, 500, 200, 200));
  const Json told = client_->orders().at(0);
  EXPECT_EQ(told.at("seen"), 6);
  EXPECT_EQ(told.at("fired"), 2);
  EXPECT_EQ(told.at("do"), Json::parse(R"({"status":500})"));
}

TEST_F(FaultOrders, MatchByQueryAndGoOnForEver) {
  order(R"({"status":502})", R"(,"query_contains":"recordId>105","method":"GET","times":0)");
  EXPECT_EQ(records()->status, 200);
  EXPECT_EQ(records({{"filter", "recordId>105"}})->status, 502);
  EXPECT_EQ(records({{"filter", "recordId>105"}})->status, 502);
  EXPECT_EQ(client_->http().Delete("/sandbox/orders")->status, 200);
  EXPECT_EQ(records({{"filter", "recordId>105"}})->status, 200);
  EXPECT_TRUE(client_->orders().empty());
}

TEST_F(FaultOrders, CannedBodies) {
  order(R"({"html_200":true})");
  auto answer = records();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->get_header_value("Content-Type"), "text/html");
  EXPECT_THAT(answer->body, testing::StartsWith("<!DOCTYPE html>"));
  order(R"({"empty_object_200":true})");
  EXPECT_EQ(records()->body, "{}");
  order(R"({"error_in_200":true})");
  answer = records();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(Json::parse(answer->body).at("metadata").at("error").at("code"), "9000");
  order(R"({"not_json":true})");
  EXPECT_FALSE(Json::accept(records()->body));
  order(R"({"body":"[]","status":200})");
  EXPECT_EQ(records()->body, "[]");
  order(R"({"html_200":true,"status":504})");
  EXPECT_EQ(records()->status, 504);
}

TEST_F(FaultOrders, Redirects) {
  order(R"({"redirect":{"to":"http://example.invalid/x"}})");
  const auto answer = records();
  EXPECT_EQ(answer->status, 302);
  EXPECT_EQ(answer->get_header_value("Location"), "http://example.invalid/x");
}

TEST_F(FaultOrders, CutsTheBodyAndDropsTheConnection) {
  order(R"({"cut_body_after":100})");
  std::string received;
  const auto cut = client_->http().Get("/api/v1/edc/studies/SMALL/records", good_headers(), [&](const char* data, size_t length) {
    received.append(data, length);
    return true;
  });
  EXPECT_FALSE(cut);
  EXPECT_EQ(received.size(), 100u);
  order(R"({"drop":true})");
  EXPECT_FALSE(records());
  EXPECT_EQ(records()->status, 200);
}

TEST_F(FaultOrders, DelaysAndTrickles) {
  order(R"({"delay_ms":150})");
  auto before = steady_clock::now();
  EXPECT_EQ(records()->status, 200);
  EXPECT_GE(steady_clock::now() - before, milliseconds(150));
  order(R"({"trickle":50,"body":"{} "})");
  before = steady_clock::now();
  EXPECT_EQ(records()->body, "{} ");
  EXPECT_GE(steady_clock::now() - before, milliseconds(150));
}

TEST_F(FaultOrders, HangsUntilTheClientLeaves) {
  client_->http().set_read_timeout(0, 200'000);
  order(R"({"hang":true})");
  EXPECT_FALSE(records());
  order(R"({"hang_body_after":10})");
  EXPECT_FALSE(records());
  client_->http().set_read_timeout(2, 0);
  EXPECT_EQ(records()->status, 200);
}

TEST_F(FaultOrders, StoppingEndsWhatHangs) {
  order(R"({"hang":true})");
  client_->http().set_read_timeout(30, 0);
  auto hanging = std::async(std::launch::async, [this] { return static_cast<bool>(records()); });
  std::this_thread::sleep_for(milliseconds(100));
  const auto before = steady_clock::now();
  server_->stop();
  EXPECT_FALSE(hanging.get());
  EXPECT_LT(steady_clock::now() - before, std::chrono::seconds(2));
}

TEST_F(FaultOrders, RepeatsThePreviousPage) {
  order(R"({"repeat_page":true})", R"(,"nth":2)");
  const httplib::Params first{{"filter", "recordId>0"}, {"size", "3"}};
  const httplib::Params second{{"filter", "recordId>103"}, {"size", "3"}};
  EXPECT_THAT(ids(first), testing::ElementsAre(101, 102, 103));
  EXPECT_THAT(ids(second), testing::ElementsAre(101, 102, 103));
  EXPECT_THAT(ids(second), testing::ElementsAre(104, 105, 106));
}

TEST_F(FaultOrders, PagesWithoutEnd) {
  order(R"({"endless_pages":true})", R"(,"times":0)");
  for (const int page : {0, 3, 50}) {
    const Json answer = client_->list_json(kRecords, {{"size", "3"}, {"page", std::to_string(page)}});
    EXPECT_GT(answer.at("pagination").at("totalPages"), page + 1);
    EXPECT_FALSE(answer.at("data").empty());
  }
  EXPECT_THAT(ids({{"filter", "recordId>110"}, {"size", "2"}}), testing::ElementsAre(101, 102));
}

TEST_F(FaultOrders, IgnoresFilterAndSort) {
  order(R"({"ignore_filter":true})");
  EXPECT_THAT(ids({{"filter", "recordId>105"}, {"size", "2"}}), testing::ElementsAre(101, 102));
  order(R"({"ignore_sort":true})");
  EXPECT_THAT(ids({{"sort", "recordId,asc"}, {"size", "2"}}), testing::ElementsAre(110, 109));
}

TEST_F(FaultOrders, TellsAWrongTotal) {
  order(R"({"wrong_total":-4})");
  const Json pagination = client_->list_json(kRecords, {{"size", "3"}}).at("pagination");
  EXPECT_EQ(pagination.at("totalElements"), 6);
  EXPECT_EQ(pagination.at("totalPages"), 2);
}

TEST_F(FaultOrders, TellsAnotherTime) {
  const auto time = [&] { return client_->list_json(kRecords, {{"size", "1"}}).at("metadata").at("timestamp").get<std::string>(); };
  const std::string now = time();
  order(R"({"clock_offset":-86400})");
  EXPECT_LT(time().substr(0, 10), now.substr(0, 10));
  EXPECT_GE(time(), now) << "the order was for one answer";
}

TEST_F(FaultOrders, SendsAnOversizedBody) {
  order(R"({"oversized_body":20000000})");
  const auto answer = records();
  EXPECT_EQ(answer->body.size(), 20'000'000u);
  EXPECT_TRUE(Json::accept(answer->body));
}

TEST_F(FaultOrders, ChangesTheStudyAsTheNthRequestArrives) {
  order(R"({"change":{"kind":"add","study":"SMALL","count":2}})", R"(,"nth":2)");
  order(R"({"change":{"kind":"vanish","study":"SMALL","record_id":101}})", R"(,"nth":2)");
  order(R"({"status":500})", R"(,"nth":2)");
  EXPECT_EQ(ids().size(), 10u);
  EXPECT_EQ(records()->status, 500);
  const auto after = ids();
  EXPECT_EQ(after.size(), 11u);
  EXPECT_EQ(after.front(), 102);
  EXPECT_EQ(after.back(), 112);
  for (const Json& told : client_->orders()) {
    EXPECT_EQ(told.at("fired"), 1);
  }
}

TEST_F(FaultOrders, AnImpossibleChangeIsNoSilentSuccess) {
  order(R"({"change":{"kind":"vanish","study":"SMALL","record_id":9}})");
  EXPECT_EQ(records()->status, 500);
}

TEST_F(FaultOrders, BadOrdersAreRefused) {
  for (const char* bad :
       {"{}", "[1]", "nonsense", R"({"do":{}})", R"({"do":{"statsu":500}})", R"({"do":{"status":"x"}})", R"({"do":{"status":99}})",
        R"({"do":{"hang":true},"when":1})", R"({"match":{"nth":0},"do":{"hang":true}})", R"({"do":{"delay_ms":-1}})",
        R"({"do":{"change":{"kind":"burn","study":"SMALL"}}})", R"({"do":{"change":{"kind":"add"}}})"}) {
    EXPECT_EQ(client_->http().Post("/sandbox/orders", bad, "application/json")->status, 400) << bad;
  }
  EXPECT_TRUE(client_->orders().empty());
}

TEST_F(FaultOrders, SeveralOrdersAtOnce) {
  EXPECT_EQ(client_->control(R"([{"do":{"status":500}},{"do":{"status":502}}])").size(), 2u);
  EXPECT_EQ(records()->status, 500);
  EXPECT_EQ(records()->status, 200);  // the second order's only match came while the first was due
}

TEST_F(FaultOrders, RequestsAreLoggedWithoutKeys) {
  records({{"filter", "recordId>105"}});
  client_->get("/api/v1/edc/nothing");
  const std::string text = client_->http().Get("/sandbox/requests")->body;
  const Json requests = Json::parse(text).at("requests");
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].at("method"), "GET");
  EXPECT_EQ(requests[0].at("target"), "/api/v1/edc/studies/SMALL/records?filter=recordId%3E105");
  EXPECT_EQ(requests[0].at("status"), 200);
  EXPECT_EQ(requests[1].at("status"), 404);
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("sandbox-security-key")));
}

TEST_F(FaultOrders, RecordsCanBeChanged) {
  client_->control(R"({"set":{"recordStatus":"Verified"},"data":{"a":"9"}})", "/sandbox/studies/SMALL/records/103");
  Json record = client_->list_json(kRecords, {{"filter", "recordId==103"}}).at("data").at(0);
  EXPECT_EQ(record.at("recordStatus"), "Verified");
  EXPECT_EQ(record.at("recordData").at("a"), "9");
  EXPECT_GT(record.at("dateModified").get<std::string>(), "2020-01-01 00:00:00");
  EXPECT_EQ(client_->http().Delete("/sandbox/studies/SMALL/records/104")->status, 200);
  record = client_->list_json(kRecords, {{"filter", "recordId==104"}}).at("data").at(0);
  EXPECT_EQ(record.at("deleted"), true);
  EXPECT_EQ(client_->http().Delete("/sandbox/studies/SMALL/records/104?vanish=true")->status, 200);
  EXPECT_EQ(ids({{"filter", "recordId==104"}}).size(), 0u);
  const std::string odd = "{\"recordId\":500,\"recordData\":{\"x\":\"\xff\"},\"recordData\":1e999}";
  client_->control(odd, "/sandbox/studies/SMALL/records");
  EXPECT_THAT(records({{"filter", "recordId==500"}})->body, testing::HasSubstr(odd));
  client_->control(SmallStudy::record(500), "/sandbox/studies/SMALL/records");  // takes its place
  EXPECT_EQ(ids({{"filter", "recordId==500"}}).size(), 1u);
  EXPECT_EQ(client_->http().Delete("/sandbox/studies/SMALL/records/999")->status, 400);
  EXPECT_EQ(client_->http().Delete("/sandbox/studies/NOPE/records/101")->status, 400);
  EXPECT_EQ(client_->http().Get("/sandbox/nothing")->status, 404);
}

TEST_F(FaultOrders, LatencyIsForEveryAnswer) {
  options_.latency = milliseconds(60);
  const EdcServer slow(options_);
  SampleClient client(slow);
  const auto before = steady_clock::now();
  EXPECT_EQ(client.list(kRecords)->status, 200);
  EXPECT_GE(steady_clock::now() - before, milliseconds(60));
}

}  // namespace
}  // namespace imednet::sandbox::edc
