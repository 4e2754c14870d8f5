// The transport against a real HTTP server: what comes back is a value, whatever its status.
#include <httplib.h>

#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "unit/http/exchange.h"
#include "unit/http/listener.h"
#include "unit/http/scripted_peer.h"
#include "unit/variables.h"

namespace imednet::http {
namespace {

using testing::HasSubstr;

class RealServer : public testing::Test {
 protected:
  void SetUp() override {
    server.Get("/echo", [](const httplib::Request& request, httplib::Response& response) {
      std::string text = request.method + " " + request.target + "\n";
      for (const auto& [name, value] : request.headers) text += name + "=" + value + "\n";
      response.set_content(text, "text/x-plain");
    });
    server.Get("/answer", [](const httplib::Request& request, httplib::Response& response) {
      response.status = std::stoi(request.get_param_value("status"));
      response.set_header("X-Request-Id", "r-1");
      response.set_header("Retry-After", "7");
      if (response.status != 204) response.set_content("{\"status\":" + std::to_string(response.status) + "}", "application/x");
    });
    server.Get("/moved", [this](const httplib::Request&, httplib::Response& response) { response.set_redirect(url("/target")); });
    server.Get("/target", [this](const httplib::Request&, httplib::Response& response) {
      ++followed;
      response.set_content("followed", "text/plain");
    });
    server.Get("/large", [](const httplib::Request& request, httplib::Response& response) {
      const std::string type = request.has_param("plain") ? "application/octet-stream" : "application/json";  // the latter is compressed
      response.set_content(std::string(std::stoul(request.get_param_value("size")), '7'), type);
    });
    server.Get("/cookie", [](const httplib::Request&, httplib::Response& response) { response.set_header("Set-Cookie", "session=1"); });
    listener.emplace(server);
  }
  std::string url(const std::string& target) const { return "http://" + listener->authority() + target; }
  Response get(const std::string& target) { return transport.send(request_to(url(target)), {}); }

  std::atomic<int> followed{0};
  httplib::Server server;
  std::optional<Listener> listener;
  CurlTransport transport;
};

TEST_F(RealServer, EveryStatusIsAValueWithHeadersAndBody) {
  for (const int status : {200, 201, 204, 301, 400, 401, 403, 404, 429, 500, 503}) {
    const Response response = get("/answer?status=" + std::to_string(status));
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.header("retry-after"), "7");
    EXPECT_EQ(response.header("Retry-After"), "") << "names are in lower case";
    EXPECT_EQ(response.header("absent"), "");
    EXPECT_EQ(response.request_id, "r-1");
    EXPECT_EQ(response.body, status == 204 ? "" : "{\"status\":" + std::to_string(status) + "}");
  }
}

TEST_F(RealServer, RequestLineHeadersAndSecretHeadersArrive) {
  Request request = request_to(url("/echo?filter=recordId%3E5&sort=recordId%2Casc"));
  request.headers.emplace_back("Accept", "application/json");
  const std::string seen = transport.send(request, {}).body;
  EXPECT_THAT(seen, HasSubstr("GET /echo?filter=recordId%3E5&sort=recordId%2Casc\n"));
  EXPECT_THAT(seen, HasSubstr("x-imn-study=plain-header-value\n"));
  EXPECT_THAT(seen, HasSubstr(std::string("x-imn-security-key=") + kKey + "\n"));
  EXPECT_THAT(seen, HasSubstr("Accept=application/json\n"));
  EXPECT_THAT(seen, HasSubstr("Accept-Encoding=gzip, deflate\n"));
}

TEST_F(RealServer, HeadersOfOneRequestDoNotReachTheNext) {
  get("/echo");
  const Request bare{.url = url("/echo"), .bypass_proxy = true};
  EXPECT_THAT(transport.send(bare, {}).body, testing::Not(HasSubstr("x-imn-")));
}

TEST_F(RealServer, ACookieIsNotSentBack) {
  EXPECT_EQ(get("/cookie").header("set-cookie"), "session=1");
  EXPECT_THAT(get("/echo").body, testing::Not(HasSubstr("ookie")));
}

TEST_F(RealServer, ADotPathIsSentAsItIs) { EXPECT_EQ(get("/target/../echo").status, 404); }

TEST_F(RealServer, ACompressedBodyIsReadAsText) {
  const Response response = get("/large?size=100000");
  EXPECT_EQ(response.header("content-encoding"), "gzip") << "the server did not compress: this test sees nothing";
  EXPECT_EQ(response.body, std::string(100'000, '7'));
}

TEST_F(RealServer, ARedirectIsAValueAndNotFollowed) {
  const Response response = get("/moved");
  EXPECT_EQ(response.status, 302);
  EXPECT_EQ(response.header("location"), url("/target"));
  EXPECT_EQ(followed, 0);
}

TEST_F(RealServer, ABodyOverTheCapIsRefusedAndOneAtTheCapIsNot) {
  Request request = request_to(url("/large?size=5000&plain=1"));
  request.max_body_bytes = 5'000;
  EXPECT_EQ(transport.send(request, {}).body.size(), 5'000u);
  request.max_body_bytes = 4'999;
  EXPECT_THROW(transport.send(request, {}), BodyTooLarge);
  EXPECT_EQ(verdict_of(error_of(transport, request)), kTooLarge);
}

TEST_F(RealServer, TheCapCountsWhatComesOutOfTheCompression) {
  Request request = request_to(url("/large?size=3000000"));  // some 3 KB on the line
  request.max_body_bytes = 2 << 20;
  EXPECT_THROW(transport.send(request, {}), BodyTooLarge);
  const auto error = error_of(transport, request);
  ASSERT_TRUE(error);
  EXPECT_STREQ(error->what(), "the answer is larger than 2 MiB");
  request.max_body_bytes = 3'000'000;
  EXPECT_EQ(transport.send(request, {}).body.size(), 3'000'000u);
}

TEST_F(RealServer, AnErrorDoesNotSpoilTheNextExchange) {
  Request request = request_to(url("/large?size=5000&plain=1"));
  request.max_body_bytes = 10;
  EXPECT_THROW(transport.send(request, {}), BodyTooLarge);
  EXPECT_EQ(get("/answer?status=200").status, 200);
}

TEST_F(RealServer, SeveralThreadsTakeTurnsOnAConnectionEach) {
  server.set_keep_alive_max_count(1'000);
  std::atomic<int> good{0};
  std::mutex mutex;
  std::set<std::string> connections;  // by the port of this side
  {
    std::array<std::jthread, 4> threads;
    for (std::size_t i = 0; i < threads.size(); ++i) {
      threads[i] = std::jthread([&, i] {
        for (int turn = 0; turn < 10; ++turn) {
          const std::string mark = std::to_string(i) + "." + std::to_string(turn);
          const std::string body = transport.send(request_to(url("/echo?mark=" + mark)), {}).body;
          good += body.starts_with("GET /echo?mark=" + mark + "\n") ? 1 : 0;
          const std::size_t port = body.find("REMOTE_PORT=");
          const std::lock_guard lock(mutex);
          connections.insert(body.substr(port, body.find('\n', port) - port));
        }
      });
    }
  }
  EXPECT_EQ(good, 40);
  EXPECT_LE(connections.size(), 4u);
  EXPECT_TRUE(connections.begin()->starts_with("REMOTE_PORT="));
}

TEST_F(RealServer, AProxyOfTheEnvironmentIsUsedUnlessBypassed) {
  Variables variables;
  for (const char* name : {"HTTP_PROXY", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"}) variables.unset(name);
  ScriptedPeer proxy([](Line& line) {
    const std::string asked = line.request();
    line.say("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(asked.size()) + "\r\n\r\n" + asked);
  });
  variables.set("http_proxy", proxy.url(""));
  Request request{.url = "http://study.invalid/echo"};  // a name that no resolver knows
  EXPECT_THAT(transport.send(request, {}).body, testing::StartsWith("GET http://study.invalid/echo HTTP/1.1\r\n"));
  variables.set("http_proxy", "http://127.0.0.1:1");
  request = {.url = url("/echo")};
  EXPECT_EQ(verdict_of(error_of(transport, request)), kNoConnection);
  request.bypass_proxy = true;
  EXPECT_EQ(transport.send(request, {}).status, 200);
}

TEST_F(RealServer, TheFactoryMakesTheSameTransport) { EXPECT_EQ(make_curl_transport()->send(request_to(url("/echo")), {}).status, 200); }

}  // namespace
}  // namespace imednet::http
