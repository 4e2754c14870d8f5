#include "api/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/api/scripted_transport.h"

namespace imednet::api {
namespace {

using errors::ApiError;
using errors::ConfigurationError;
using errors::ErrorCode;
using errors::RetryClass;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class ClientTest : public testing::Test {
 protected:
  Page get(Parameters query = {}) { return make_client(script, clock, settings)->get_page("/studies", query); }
  ApiError get_error() {
    return caught([this] { get(); });
  }

  Script script;
  FakeClock clock;
  ClientSettings settings = test_settings();
};

TEST_F(ClientTest, KeysAndHeadersGoWithEveryRequest) {
  script.answers(200, list_body("", 0), {}, "https://edc.example.org/api/v1/edc/studies");
  get();
  const http::Request& request = script.seen.at(0);
  EXPECT_EQ(request.method, "GET");
  EXPECT_THAT(request.headers, testing::UnorderedElementsAre(testing::Pair("Accept", "application/json"),
                                                             testing::Pair("Content-Type", "application/json")));
  ASSERT_EQ(request.secret_headers.size(), 2u);
  EXPECT_EQ(request.secret_headers[0].first, "x-api-key");
  EXPECT_EQ(request.secret_headers[0].second.reveal(), kTestApiKey);
  EXPECT_EQ(request.secret_headers[1].first, "x-imn-security-key");
  EXPECT_EQ(request.secret_headers[1].second.reveal(), kTestSecurityKey);
  EXPECT_THAT(request.url, Not(HasSubstr("made-up")));
  EXPECT_EQ(request.timeout, std::chrono::milliseconds(30'000));
  EXPECT_EQ(request.max_body_bytes, 64LL << 20);
}

TEST_F(ClientTest, QueryValuesAreEncoded) {
  script.answers(200, list_body("", 0));
  get({{"page", "0"}, {"sort", "recordId,asc"}, {"filter", "formKey==\"A B\";recordId>7&x=1"}});
  EXPECT_EQ(script.seen.at(0).url,
            "https://edc.example.org/api/v1/edc/studies?page=0&sort=recordId%2Casc&filter=formKey%3D%3D%22A%20B%22%3BrecordId%3E7%26x%3D1");
}

TEST(Encode, KeepsUnreservedCharactersOnly) {
  EXPECT_EQ(encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(encode("a/b?c#d e%+"), "a%2Fb%3Fc%23d%20e%25%2B");
  EXPECT_EQ(encode("caf\xC3\xA9"), "caf%C3%A9");
  EXPECT_EQ(encode(std::string_view("\0\x7f", 2)), "%00%7F");
}

TEST_F(ClientTest, ThePageKeepsItsDataAndTotals) {
  script.answers(200, list_body(R"({"a":1})", 41));
  const Page page = get();
  EXPECT_EQ(page.body.substr(page.data_begin, page.data_size), R"([{"a":1}])");
  EXPECT_EQ(page.total_elements, 41);
  EXPECT_EQ(page.total_pages, 1);
  EXPECT_EQ(page.timestamp, "2026-05-28 20:26:41");
}

TEST_F(ClientTest, APageMayLackTotalsAndOrderDoesNotMatter) {
  script.answers(200, R"({"data":[],"extra":{"data":[1]},"metadata":{"error":{}}})");
  const Page page = get();
  EXPECT_EQ(page.total_elements, -1);
  EXPECT_EQ(page.body.substr(page.data_begin, page.data_size), "[]");
}

TEST_F(ClientTest, MembersOfAnEnvelopeMayBeWrittenWithEscapes) {
  script.answers(200, R"({"d\u0061ta":[1],"p\u0061gination":{"total\u0045lements":1}})");
  const Page page = get();
  EXPECT_EQ(page.total_elements, 1);
  EXPECT_EQ(page.body.substr(page.data_begin, page.data_size), "[1]");
  script.answers(200, R"({"data":[],"met\u0061data":{"\u0065rror":{"c\u006fde":"9001"}}})");
  EXPECT_EQ(caught([this] { get(); }).code(), errors::ErrorCode::unauthenticated);
}

struct BaseUrl {
  const char *given, *used;  // used: null when refused
};

TEST(ClientBaseUrl, KeysTravelOverHttpsOrToThisMachine) {
  for (const BaseUrl& url : std::initializer_list<BaseUrl>{
           {"https://edc.example.org", "https://edc.example.org/api/v1/edc/s"},
           {"https://edc.example.org///", "https://edc.example.org/api/v1/edc/s"},
           {"https://edc.example.org/api", "https://edc.example.org/api/v1/edc/s"},
           {"https://edc.example.org/api/", "https://edc.example.org/api/v1/edc/s"},
           {"https://edc.example.org/proxy/api", "https://edc.example.org/proxy/api/v1/edc/s"},
           {"https://api", "https://api/api/v1/edc/s"},
           {"https://edc.example.org:8443", "https://edc.example.org:8443/api/v1/edc/s"},
           {"http://127.0.0.1:8080", "http://127.0.0.1:8080/api/v1/edc/s"},
           {"http://localhost", "http://localhost/api/v1/edc/s"},
           {"http://[::1]:81/", "http://[::1]:81/api/v1/edc/s"},
           {"http://edc.example.org", nullptr},
           {"http://127.0.0.1.example.org", nullptr},
           {"http://localhost.example.org", nullptr},
           {"http://127.0.0.1@example.org", nullptr},
           {"https://user:word@edc.example.org", nullptr},
           {"https://edc.example.org/a b", nullptr},
           {"https://edc.example.org\n", nullptr},
           {"https://edc.example.org?x=1", nullptr},
           {"https://edc.example.org#part", nullptr},
           {"http://localhost\\.example.org", nullptr},
           {"ftp://127.0.0.1", nullptr},
           {"edc.example.org", nullptr},
           {"https://", nullptr},
           {"https://:443", nullptr},
           {"", nullptr},
       }) {
    SCOPED_TRACE(url.given);
    FakeClock clock;
    Script script;
    ClientSettings settings = test_settings();
    settings.base_url = url.given;
    if (url.used == nullptr) {
      const auto error = caught<ConfigurationError>([&] { make_client(script, clock, settings); });
      EXPECT_EQ(error.code(), ErrorCode::config);
      EXPECT_THAT(error.hint(), HasSubstr("IMEDNET_BASE_URL"));
      EXPECT_THAT(error.what(), Not(HasSubstr("word")));
      continue;
    }
    script.answers(200, list_body("", 0));
    make_client(script, clock, settings)->get_page("/s", {});
    EXPECT_EQ(script.seen.at(0).url, url.used);
    EXPECT_EQ(script.seen.at(0).bypass_proxy, std::string_view(url.given).starts_with("http:"));
  }
}

TEST_F(ClientTest, WaitsDoubleAndAreJittered) {
  settings.retry = {.max_retries = 4, .backoff = std::chrono::milliseconds(1000), .max_wait = std::chrono::milliseconds(5000)};
  script.answers(500).answers(502, "<html>").answers(503).answers(599).answers(200, list_body("", 0));
  get();
  EXPECT_THAT(clock.waits, ElementsAre(500, 1000, 2000, 2500));  // half of 1, 2, 4 and, capped, 5 s
}

TEST_F(ClientTest, RetryAfterReplacesTheWaitAndIsCapped) {
  settings.retry = {.max_retries = 6, .max_wait = std::chrono::milliseconds(7000)};
  script.answers(503, "", {{"retry-after", "3"}})
      .answers(503, "", {{"retry-after", "0"}})
      .answers(503, "", {{"retry-after", "Thu, 28 May 2026 20:26:48 GMT"}})  // the clock says :43 by then
      .answers(503, "", {{"retry-after", "3600"}})
      .answers(503, "", {{"retry-after", "soon"}})
      .answers(503)
      .answers(200, list_body("", 0));
  get();
  EXPECT_THAT(clock.waits, ElementsAre(3000, 0, 5000, 7000, 3500, 3500));
}

TEST_F(ClientTest, RetriesEndAtTheirNumber) {
  settings.retry.max_retries = 2;
  script.answers(503).answers(503).answers(503);
  const ApiError error = get_error();
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_EQ(error.retry_class(), RetryClass::backoff);
  EXPECT_EQ(error.origin().http_status, 503);
  EXPECT_THAT(error.what(), HasSubstr("(3 attempts)"));
}

TEST_F(ClientTest, NoRetriesIsOneAttempt) {
  settings.retry.max_retries = 0;
  script.answers(429, "", {{"retry-after", "1"}});
  const ApiError error = get_error();
  EXPECT_EQ(error.code(), ErrorCode::rate_limited);
  EXPECT_EQ(error.retry_after(), std::chrono::milliseconds(1000));
  EXPECT_TRUE(clock.waits.empty());
}

TEST_F(ClientTest, TheTotalBudgetBeginsNoWaitItWouldNotOutlast) {
  settings.retry = {.max_retries = 50, .max_wait = std::chrono::milliseconds(60'000), .total = std::chrono::milliseconds(60'000)};
  script.answers(429, "", {{"retry-after", "25"}}).answers(429, "", {{"retry-after", "25"}}).answers(429, "", {{"retry-after", "25"}});
  EXPECT_EQ(get_error().code(), ErrorCode::rate_limited);
  EXPECT_THAT(clock.waits, ElementsAre(25'000, 25'000));
  ASSERT_EQ(script.seen.size(), 3u);
  EXPECT_EQ(script.seen[0].timeout, std::chrono::milliseconds(30'000));
  EXPECT_EQ(script.seen[2].timeout, std::chrono::milliseconds(10'000));  // what is left of the budget
}

TEST_F(ClientTest, BrokenTransportIsTriedAgain) {
  script.throws("no connection: refused", {.code = ErrorCode::unavailable, .retry = RetryClass::backoff})
      .throws("no complete answer within 30 s", {.code = ErrorCode::timeout, .retry = RetryClass::backoff})
      .answers(200, list_body("", 0));
  EXPECT_EQ(get().total_elements, 0);
  EXPECT_EQ(script.seen.size(), 3u);
}

TEST_F(ClientTest, ATransportErrorSaysWhatCouldNotBeDone) {
  script.throws("the server's certificate is not trusted", {.code = ErrorCode::unavailable});
  const ApiError error = get_error();
  EXPECT_STREQ(error.what(), "cannot read from iMednet: the server's certificate is not trusted");
  EXPECT_EQ(error.origin().system, "imednet");
}

TEST_F(ClientTest, EveryPrefixOfAnAnswerIsACutBody) {
  const std::string whole = list_body(R"({"recordId":1,"recordData":{"a":"]}"}})", 1);
  settings.retry.max_retries = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    script.answers(200, whole.substr(0, size));
    const ApiError error = get_error();
    EXPECT_EQ(error.code(), ErrorCode::protocol) << size;
    EXPECT_EQ(error.retry_class(), RetryClass::backoff) << size;
  }
  script.answers(200, whole);
  EXPECT_EQ(get().total_elements, 1);
}

TEST_F(ClientTest, ASuccessThatIsNoEnvelopeIsTriedAgainAndNeverAnEmptyPage) {
  for (const std::string body : {"",
                                 " ",
                                 "<html><body>Sign in</body></html>",
                                 "{}",
                                 "[]",
                                 R"([{"recordId":1}])",
                                 "null",
                                 "\"text\"",
                                 "12",
                                 R"({"metadata":{}})",
                                 R"({"data":null})",
                                 R"({"data":{}})",
                                 R"({"data":"[]"})",
                                 R"({"metadata":null,"data":[]})",
                                 R"({"pagination":[],"data":[]})",
                                 R"({"data":[]} trailing)",
                                 R"({"data":[]}{"data":[]})",
                                 "{\"data\":[\"\xFF\"]}",
                                 R"({"pagination":{"totalElements":"12"},"data":[]})",
                                 R"({"pagination":{"totalElements":-1},"data":[]})",
                                 R"({"pagination":{"totalPages":1.5},"data":[]})"}) {
    SCOPED_TRACE(body);
    settings.retry.max_retries = 1;
    script.answers(200, body).answers(200, body);
    const ApiError error = get_error();
    EXPECT_EQ(error.code(), ErrorCode::protocol);
    EXPECT_THAT(error.what(), HasSubstr("(2 attempts)"));
    EXPECT_FALSE(error.hint().empty());
    EXPECT_THAT(error.what(), Not(HasSubstr("Sign in")));
  }
  settings.retry.max_retries = 0;
  script.answers(200, "<html><body>Sign in</body></html>");
  EXPECT_EQ(get_error().origin().body, "<html><body>Sign in</body></html>");
  settings.retry.max_retries = 1;
  script.answers(200, "<html>").answers(200, list_body("", 0));
  EXPECT_EQ(get().total_elements, 0);
}

TEST_F(ClientTest, AnErrorInsideASuccessIsAnError) {
  const auto body = [](const std::string& error) {
    return R"({"metadata":{"error":)" + error + R"(},"pagination":{"totalElements":0},"data":[]})";
  };
  const auto code = [&](const std::string& error) {
    settings.retry.max_retries = 0;
    script.answers(200, body(error));
    return get_error().code();
  };
  EXPECT_EQ(code(R"({"code":"1000","description":"bad"})"), ErrorCode::invalid_argument);
  EXPECT_EQ(code(R"({"code":1000})"), ErrorCode::invalid_argument);
  EXPECT_EQ(code(R"({"code":"9000"})"), ErrorCode::unavailable);
  EXPECT_EQ(code(R"({"code":"9001"})"), ErrorCode::unauthenticated);
  EXPECT_EQ(code(R"({"code":"4711"})"), ErrorCode::protocol);
  EXPECT_EQ(code(R"({"description":"?"})"), ErrorCode::protocol);
  EXPECT_EQ(code(R"("something broke")"), ErrorCode::protocol);
  for (const std::string none : {"{}", "null", "\"\"", "[]", "false"}) {
    script.answers(200, body(none));
    EXPECT_EQ(get().total_elements, 0) << none;
  }
}

TEST_F(ClientTest, OnlyTheUnknownServerErrorInASuccessIsTriedAgain) {
  script.answers(200, error_body("9000", "unknown")).answers(200, list_body("", 0));
  EXPECT_EQ(get().total_elements, 0);
  for (const std::string code : {"1000", "9001", "4711"}) {
    script.answers(200, error_body(code, "no"));
    const ApiError error = get_error();
    EXPECT_EQ(error.retry_class(), RetryClass::never) << code;
    EXPECT_EQ(error.origin().vendor_code, code);
    EXPECT_EQ(error.origin().http_status, 200);
  }
  EXPECT_EQ(clock.waits.size(), 1u);
}

TEST_F(ClientTest, WhatCanNotHelpIsNotRepeated) {
  for (const int status : {301, 302, 307, 308, 400, 401, 403, 404, 409, 204}) {
    script.answers(status, "", {{"location", "https://elsewhere.example.org/"}});
    const ApiError error = get_error();
    EXPECT_EQ(error.retry_class(), RetryClass::never) << status;
    EXPECT_EQ(error.origin().http_status, status);
  }
  EXPECT_EQ(script.seen.size(), 10u);  // and no redirect was followed
  EXPECT_TRUE(clock.waits.empty());
}

TEST_F(ClientTest, ABodyOverTheCapIsItsOwnErrorAndNotRepeated) {
  script.runs(
      [](const http::Request&) -> http::Response { throw http::BodyTooLarge("the answer is larger", {.code = ErrorCode::protocol}); });
  const auto error = caught<http::BodyTooLarge>([this] { get(); });
  EXPECT_THAT(error.what(), HasSubstr("cannot read from iMednet"));
}

TEST_F(ClientTest, AStopBeforeTheRequestMakesNone) {
  std::stop_source stop;
  settings.stop = stop.get_token();
  stop.request_stop();
  EXPECT_EQ(get_error().code(), ErrorCode::cancelled);
}

TEST_F(ClientTest, AStopEndsAWait) {
  std::stop_source stop;
  settings.stop = stop.get_token();
  clock.on_sleep = [&stop] { stop.request_stop(); };
  script.answers(429, "", {{"retry-after", "30"}});
  EXPECT_EQ(get_error().code(), ErrorCode::cancelled);
  EXPECT_TRUE(clock.waits.empty());
}

TEST_F(ClientTest, MessagesHoldNoKeyNoQueryAndNoValue) {
  settings.retry.max_retries = 1;
  const std::string echo = std::string("key ") + kTestApiKey + " and " + kTestSecurityKey + " are unknown";
  const auto refuse = [&](auto&& prepare) {
    prepare();
    const auto error = caught([this] {
      make_client(script, clock, settings)->get_page("/studies/S/records", {{"filter", "aeterm==Headache"}});
    });
    const std::string text = std::string(error.what()) + error.hint();
    for (const char* secret : {kTestApiKey, kTestSecurityKey, "Headache", "aeterm%3D", "filter="}) {
      EXPECT_THAT(text, Not(HasSubstr(secret)));
    }
    return text;
  };
  refuse([&] { script.answers(401, error_body("9001", echo)); });
  refuse([&] { script.answers(200, error_body("9001", echo)); });
  refuse([&] { script.throws(echo, {.code = ErrorCode::unavailable}); });
  refuse([&] { script.answers(500, echo).answers(500, "https://edc.example.org/x?filter=aeterm==Headache"); });
  refuse([&] { script.answers(403, error_body("9001", "GET https://edc2.example.org/x?filter=Headache was refused")); });
  const std::string validation = refuse(
      [&] { script.answers(400, error_body("1000", "aeterm has no value Headache", R"({"attribute":"aeterm","value":"Headache"})")); });
  EXPECT_THAT(validation, HasSubstr("attribute aeterm"));
  EXPECT_THAT(validation, HasSubstr("code 1000"));
}

TEST_F(ClientTest, RequestsAreCountedWithTheirRetries) {
  auto client = make_client(script, clock, settings);
  script.answers(500).answers(200, list_body("", 0)).answers(200, list_body("", 0));
  client->get_page("/a", {});
  client->get_page("/b", {});
  EXPECT_EQ(client->requests(), 3);
  EXPECT_EQ(client->retries(), 1);
}

}  // namespace
}  // namespace imednet::api
