#include "api/client.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/api_errors.h"
#include "api/envelope.h"
#include "core/redact.h"
#include "core/retry.h"

namespace imednet::api {
namespace {

using errors::ErrorCode;

std::string_view host_of(std::string_view url) {
  const auto start = url.find("://");
  std::string_view rest = start == std::string_view::npos ? url : url.substr(start + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (rest.starts_with('[')) return rest.substr(0, rest.find(']') + 1);
  return rest.substr(0, rest.find(':'));
}

bool is_loopback(std::string_view url) {
  const std::string_view host = host_of(url);
  return host == "127.0.0.1" || host == "localhost" || host == "[::1]";
}

// Trailing slashes and one trailing /api do not matter. Keys travel over plain http to this machine only.
std::string checked_base_url(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  if (url.ends_with("/api") && !url.ends_with("//api")) url.resize(url.size() - 4);
  const std::string_view host = host_of(url);
  const bool is_plain = url.find_first_of(" \t\r\n@?#\\") == std::string::npos && !host.empty();
  if (is_plain && (url.starts_with("https://") || (url.starts_with("http://") && is_loopback(url)))) return url;
  throw errors::ConfigurationError(
      "cannot use the base URL: it must be https://<host>, without user, query or spaces (plain http only for this machine)",
      {.code = ErrorCode::config, .hint = "check IMEDNET_BASE_URL"});
}

// There is no one name for them; these are the two families in use.
std::vector<std::pair<std::string, std::string>> rate_headers_of(const http::Response& response) {
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto& [name, value] : response.headers) {
    if (name.starts_with("x-ratelimit") || name.starts_with("x-rate-limit") || name.starts_with("ratelimit"))
      found.emplace_back(core::redact(name, 60), core::redact(value, 60));
  }
  return found;
}

RateLimits with_hold(const ClientSettings& settings) {
  RateLimits limits = settings.limits;
  limits.longest_hold = settings.retry.max_wait;
  return limits;
}

}  // namespace

std::string encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool is_safe =
        (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (is_safe) {
      encoded.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return encoded;
}

Client::Client(ClientSettings settings, std::unique_ptr<http::Transport> transport, core::Clock& clock, std::function<double()> jitter)
    : settings_(std::move(settings)),
      transport_(std::move(transport)),
      clock_(clock),
      jitter_(std::move(jitter)),
      pace_(with_hold(settings_), clock) {
  settings_.base_url = checked_base_url(settings_.base_url);
  is_loopback_ = is_loopback(settings_.base_url);
}

struct Client::Asked {
  std::string url;
  const CallLimits& limits;
  Asking asking = Asking::reading;
  Headers headers{};
  std::string body{};
};

// As this room words it: about whom it is, and without a key that the peer sent back.
std::string Client::worded(const errors::ApiError& error, std::string_view failing) const {
  std::string text = error.what();
  if (!text.starts_with("cannot ")) text.insert(0, fmt::format("{}: ", failing));
  for (const Secret* key : {&settings_.api_key, &settings_.security_key}) {
    const std::string& value = key->reveal();
    if (value.empty()) continue;
    for (auto at = text.find(value); at != std::string::npos; at = text.find(value, at + 3)) text.replace(at, value.size(), "***");
  }
  return text;
}

// An answer that says that nothing was done with what was sent. A redirect to another page may be the answer to what was done.
static bool is_refusal(const errors::ApiError& error) {
  constexpr int kRedirect = 300, kFound = 302, kSeeOther = 303, kServerFault = 500;
  if (dynamic_cast<const http::NotSent*>(&error) != nullptr) return true;
  const int status = error.origin().http_status;
  if (status == kFound || status == kSeeOther || error.code() == ErrorCode::timeout) return false;
  return status >= kRedirect && status < kServerFault;
}

errors::ErrorDetail Client::detail_of(const errors::ApiError& error, Asking asking) {
  errors::ErrorDetail detail = error.detail();
  if (detail.origin.system.empty()) detail.origin.system = "imednet";
  if (asking == Asking::reading || is_refusal(error)) return detail;
  detail.code = ErrorCode::in_doubt;
  detail.retry = errors::RetryClass::reconcile;
  detail.hint = "look whether the records are there before they are sent again";
  return detail;
}

http::Response Client::exchange(const Asked& asked, std::chrono::milliseconds timeout) {
  Headers headers = {{"Accept", "application/json"}, {"Content-Type", "application/json"}};
  headers.insert(headers.end(), asked.headers.begin(), asked.headers.end());
  http::Response response =
      transport_->send({.method = asked.asking == Asking::sending ? "POST" : "GET",
                        .url = asked.url,
                        .headers = std::move(headers),
                        .secret_headers = {{"x-api-key", settings_.api_key}, {"x-imn-security-key", settings_.security_key}},
                        .body = asked.body,
                        .timeout = timeout,
                        .max_body_bytes = settings_.max_body_bytes,
                        .bypass_proxy = is_loopback_,
                        .takes_compressed = !is_loopback_},  // on one machine it costs both sides more than it saves
                       asked.limits.stop);
  constexpr int kOk = 200, kCreated = 201, kAccepted = 202;
  const bool is_taken = asked.asking == Asking::sending && (response.status == kCreated || response.status == kAccepted);
  if (response.status != kOk && !is_taken) throw_status(response, clock_.utc_now(), asked.asking);
  return response;
}

template <class Read>
auto Client::try_once(const Asked& asked, std::chrono::milliseconds timeout, Pace::Turn turn, const Read& read) {
  ++requests_;
  try {
    auto answer = read(exchange(asked, timeout));
    turn.answered();
    return answer;
  } catch (const http::BodyTooLarge& error) {
    turn.answered();
    throw http::BodyTooLarge(worded(error, failing(asked.asking)), detail_of(error, asked.asking));
  } catch (const errors::ApiError& error) {
    if (error.code() == ErrorCode::rate_limited) turn.throttled(error.retry_after());
    if (error.retry_class() != errors::RetryClass::backoff) turn.answered();
    throw errors::ApiError(worded(error, failing(asked.asking)), detail_of(error, asked.asking));
  }
}

// No tries after the end of the call, not even the first.
RetryPolicy Client::policy_until(const std::optional<std::chrono::steady_clock::time_point>& end) const {
  RetryPolicy policy = settings_.retry;
  if (!end) return policy;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(*end - clock_.now());
  if (left.count() <= 0)
    throw errors::ApiError("the deadline of the call has passed", {.code = ErrorCode::timeout, .origin = {.system = "imednet"}});
  policy.total = std::min(left, policy.total);
  return policy;
}

// With tries, as long as they may help; the error at the end is of the class that its status stands for.
template <class Read>
auto Client::answer(const Asked& asked, const Read& read) {
  const auto jitter = [this] {
    const std::lock_guard lock(jitter_mutex_);
    return jitter_();
  };
  const auto count = [this] { ++retries_; };
  const CallLimits& limits = asked.limits;
  try {
    std::optional<Pace::Turn> first(pace_.begin(limits.stop, limits.end));
    const RetryPolicy policy = policy_until(limits.end);
    return core::with_retries(policy, {.clock = clock_, .jitter = jitter, .stop = limits.stop, .has_budget = true, .on_retry = count},
                              [&](const core::Attempt& attempt) {
                                Pace::Turn turn = first ? std::move(*first) : pace_.begin(limits.stop, limits.end);
                                first.reset();
                                return try_once(asked, std::min(settings_.timeout, attempt.remaining), std::move(turn), read);
                              });
  } catch (const http::BodyTooLarge&) {
    throw;
  } catch (const ImednetError& error) {
    errors::ErrorDetail detail = error.detail();
    const bool is_over = limits.end && *limits.end - clock_.now() <= std::chrono::milliseconds(1);
    if (is_over && detail.code == ErrorCode::timeout) detail.hint = "the deadline of the call has passed";
    if (asked.asking == Asking::sending && detail.code == ErrorCode::cancelled) detail.hint = "nothing was sent";
    throw_typed(error.what(), std::move(detail));
  }
}

std::string Client::url_of(const std::string& path) const { return settings_.base_url + "/api/v1/edc" + path; }

Page Client::get_page(const std::string& path, const Parameters& query, const CallLimits& limits) {
  std::string url = url_of(path);
  char separator = '?';
  for (const auto& [name, value] : query) {
    url += fmt::format("{}{}={}", separator, name, encode(value));
    separator = '&';
  }
  return answer({.url = std::move(url), .limits = limits}, [](http::Response response) {
    Page page = read_envelope(std::move(response.body));
    page.rate_headers = rate_headers_of(response);
    return page;
  });
}

std::string Client::get_body(const std::string& path, const CallLimits& limits) {
  return answer({.url = url_of(path), .limits = limits}, [](http::Response response) { return std::move(response.body); });
}

std::string Client::post(const std::string& path, const std::string& body, const Headers& headers, const CallLimits& limits) {
  return answer({.url = url_of(path), .limits = limits, .asking = Asking::sending, .headers = headers, .body = body},
                [](http::Response response) { return std::move(response.body); });
}

}  // namespace imednet::api
