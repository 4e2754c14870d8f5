// client.h: one signed-in view of the iMednet API: a GET of a list page, tried again while that can help.
//
// Where it stands: Transport → this (retries, envelope, errors) → RecordReader, resource lists.
// Promise: get_page returns a page that is a proper envelope of a successful answer, or throws. A 200 that carries an error, a
//          cut body, HTML in place of JSON: none of them is ever an empty page.
// Retries: 429, 5xx, broken transport, cut or non-JSON bodies; full jitter (a random part of backoff * 2^n), Retry-After when
//          the API names one, capped by max_wait; at most max_retries; all within RetryPolicy::total. What the pace (pace.h) makes the
//          first try wait does not count.
// Threads: get_page may be called by several at the same time.  Source: docs/api.md.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/api_errors.h"
#include "api/pace.h"
#include "core/clock.h"
#include "http/transport.h"
#include "imednet/sdk.h"

namespace imednet::api {

using Parameters = std::vector<std::pair<std::string, std::string>>;  // unencoded

// A page as it came, and what its envelope says. `data` is a slice of `body` that has room behind it for the JSON parser.
struct Page {
  std::string body{};
  std::size_t data_begin = 0, data_size = 0;
  std::int64_t total_elements = -1;  // -1: not said
  std::int64_t total_pages = -1;
  std::string timestamp{};                                          // metadata.timestamp
  std::vector<std::pair<std::string, std::string>> rate_headers{};  // what the answer's headers tell of a rate limit
};

struct ClientSettings {
  Secret api_key, security_key;
  std::string base_url;
  std::chrono::milliseconds timeout{30'000};
  RetryPolicy retry{};
  std::stop_token stop{};
  std::int64_t max_body_bytes = 64LL << 20;
  RateLimits limits{};
};

// What ends a request besides its answer and the settings.
struct CallLimits {
  std::stop_token stop{};
  std::optional<std::chrono::steady_clock::time_point> end{};  // by the client's clock
};

using Headers = std::vector<std::pair<std::string, std::string>>;

class Client {
 public:
  // `jitter` returns numbers in [0, 1). Throws ConfigurationError for a base URL keys must not be sent to.
  Client(ClientSettings settings, std::unique_ptr<http::Transport> transport, core::Clock& clock, std::function<double()> jitter);

  // `path` below /api/v1/edc, its parts encoded already (encode()).
  Page get_page(const std::string& path, const Parameters& query) { return get_page(path, query, {.stop = settings_.stop}); }
  // `limits.stop` in place of the settings' own.
  Page get_page(const std::string& path, const Parameters& query, const CallLimits& limits);
  // The body of an answer that has no envelope.
  std::string get_body(const std::string& path, const CallLimits& limits);
  // Sends `body` and returns the answer's. Again only where the API refused it for too many requests, or nothing went out; what else
  // brings no answer is in_doubt, a stop among it.
  std::string post(const std::string& path, const std::string& body, const Headers& headers, const CallLimits& limits);

  std::int64_t requests() const noexcept { return requests_; }
  std::int64_t retries() const noexcept { return retries_; }  // of those requests, the further tries
  const ClientSettings& settings() const noexcept { return settings_; }
  const Pace& pace() const noexcept { return pace_; }
  core::Clock& clock() const noexcept { return clock_; }

 private:
  struct Asked;  // one request of a caller, with its tries
  http::Response exchange(const Asked& asked, std::chrono::milliseconds timeout);
  template <class Read>
  auto try_once(const Asked& asked, std::chrono::milliseconds timeout, Pace::Turn turn, const Read& read);
  template <class Read>
  auto answer(const Asked& asked, const Read& read);
  RetryPolicy policy_until(const std::optional<std::chrono::steady_clock::time_point>& end) const;
  std::string url_of(const std::string& path) const;
  std::string worded(const errors::ApiError& error, std::string_view failing) const;
  static errors::ErrorDetail detail_of(const errors::ApiError& error, Asking asking);

  ClientSettings settings_;
  std::unique_ptr<http::Transport> transport_;
  core::Clock& clock_;
  std::mutex jitter_mutex_;
  std::function<double()> jitter_;
  Pace pace_;
  std::atomic<std::int64_t> requests_ = 0, retries_ = 0;
  bool is_loopback_ = false;
};

// Percent-encodes everything but letters, digits and -._~
std::string encode(std::string_view text);

}  // namespace imednet::api
