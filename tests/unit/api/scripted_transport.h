// scripted_transport.h: an API that follows a script, and a clock that only moves when told, for the tests of this room.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/client.h"
#include "core/clock.h"
#include "http/transport.h"
#include "imednet/errors.h"

namespace imednet::api {

// Sleeping takes no time here and all of it there; the waits are kept.
class FakeClock final : public core::Clock {
 public:
  std::chrono::steady_clock::time_point now() const override { return std::chrono::steady_clock::time_point(elapsed); }
  std::chrono::system_clock::time_point utc_now() const override {
    return std::chrono::system_clock::time_point(std::chrono::seconds(1'780'000'000)) + elapsed;  // 2026-05-28 20:26:40
  }
  bool sleep(std::chrono::milliseconds duration, const std::stop_token& stop) override {
    if (on_sleep) on_sleep();
    if (stop.stop_requested()) return false;
    waits.push_back(duration.count());
    elapsed += duration;
    return true;
  }

  std::chrono::milliseconds elapsed{0};
  std::vector<std::int64_t> waits;  // milliseconds
  std::function<void()> on_sleep;
};

// Lines are used up in order, one a request. A request without a line and a line without a request both fail the test.
class Script {
 public:
  using Answer = std::function<http::Response(const http::Request&)>;
  using Headers = std::vector<std::pair<std::string, std::string>>;

  Script() = default;
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;
  ~Script() {
    for (const Line& line : lines_) ADD_FAILURE() << "never asked for: " << line.url_part;
  }

  // `url_part`: what the URL must contain.
  Script& runs(Answer answer, std::string url_part = {}) {
    lines_.push_back({std::move(answer), std::move(url_part)});
    return *this;
  }
  Script& answers(int status, std::string body = {}, Headers headers = {}, std::string url_part = {}) {
    return runs([=](const http::Request&) { return http::Response{.status = status, .headers = headers, .body = body}; },
                std::move(url_part));
  }
  Script& throws(const std::string& message, errors::ErrorDetail detail) {
    return runs([=](const http::Request&) -> http::Response { throw errors::ApiError(message, detail); });
  }

  http::Response take(const http::Request& request) {
    seen.push_back(request);
    if (lines_.empty()) {
      ADD_FAILURE() << "not in the script: " << request.url;
      throw errors::ApiError("the script is over", {.code = errors::ErrorCode::internal});
    }
    const Line line = std::move(lines_.front());
    lines_.pop_front();
    EXPECT_NE(request.url.find(line.url_part), std::string::npos) << request.url << " has no " << line.url_part;
    return line.answer(request);
  }

  std::vector<http::Request> seen;

 private:
  struct Line {
    Answer answer;
    std::string url_part;
  };
  std::deque<Line> lines_;
};

// A transport by a function that outlives it.
class ScriptedTransport final : public http::Transport {
 public:
  explicit ScriptedTransport(Script::Answer send) : send_(std::move(send)) {}
  http::Response send(const http::Request& request, const std::stop_token&) override { return send_(request); }

 private:
  Script::Answer send_;
};

// Made-up keys.
inline constexpr const char* kTestApiKey = "made-up-api-key-7781";
inline constexpr const char* kTestSecurityKey = "made-up-security-key-4402";

inline ClientSettings test_settings() {
  return {.api_key = kTestApiKey, .security_key = kTestSecurityKey, .base_url = "https://edc.example.org"};
}

inline std::shared_ptr<Client> make_client(
    Script::Answer send, core::Clock& clock, ClientSettings settings = test_settings(),
    std::function<double()> jitter = [] { return 0.5; }) {
  return std::make_shared<Client>(std::move(settings), std::make_unique<ScriptedTransport>(std::move(send)), clock, std::move(jitter));
}

inline std::shared_ptr<Client> make_client(Script& script, core::Clock& clock, ClientSettings settings = test_settings()) {
  return make_client([&script](const http::Request& request) { return script.take(request); }, clock, std::move(settings));
}

// A list answer as the API words it around `data` (the inside of the array).
inline std::string list_body(const std::string& data, std::int64_t total) {
  return R"({"metadata":{"status":"OK","method":"GET","path":"/api/v1/edc/x","timestamp":"2026-05-28 20:26:41","error":{}},)"
         R"("pagination":{"currentPage":0,"size":500,"totalPages":1,"totalElements":)" +
         std::to_string(total) + R"(,"sort":[{"property":"id","direction":"ASC"}]},"data":[)" + data + "]}";
}

inline std::string error_body(const std::string& code, const std::string& description, const std::string& field = "{}") {
  return R"({"metadata":{"status":"BAD_REQUEST","path":"/x","timestamp":"2026-05-28 20:26:41","error":{"code":")" + code +
         R"(","description":")" + description + R"(","field":)" + field + "}}}";
}

// The error that `call` ends with; a call that returns fails the test.
template <class Error = errors::ApiError, class Call>
Error caught(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return Error("nothing was thrown", {});
}

}  // namespace imednet::api
