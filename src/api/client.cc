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

// As this room words it: about whom it is, and without a key that the peer sent back.
std::string Client::worded(const errors::ApiError& error) const {
  std::string text = error.what();
  if (!text.starts_with("cannot ")) text.insert(0, "cannot read from iMednet: ");
  for (const Secret* key : {&settings_.api_key, &settings_.security_key}) {
    const std::string& value = key->reveal();
    if (value.empty()) continue;
    for (auto at = text.find(value); at != std::string::npos; at = text.find(value, at + 3)) text.replace(at, value.size(), "***");
  }
  return text;
}

Page Client::try_once(const std::string& url, std::chrono::milliseconds timeout, const std::stop_token& stop, Pace::Turn turn) {
  ++requests_;
  try {
    Page page = exchange(url, timeout, stop);
    turn.answered();
    return page;
  } catch (const http::BodyTooLarge& error) {
    turn.answered();
    throw http::BodyTooLarge(worded(error), error.detail());
  } catch (const errors::ApiError& error) {
    if (error.code() == ErrorCode::rate_limited) turn.throttled(error.retry_after());
    if (error.retry_class() != errors::RetryClass::backoff) turn.answered();
    errors::ErrorDetail detail = error.detail();
    if (detail.origin.system.empty()) detail.origin.system = "imednet";
    throw errors::ApiError(worded(error), std::move(detail));
  }
}

Page Client::exchange(const std::string& url, std::chrono::milliseconds timeout, const std::stop_token& stop) {
  http::Response response =
      transport_->send({.url = url,
                        .headers = {{"Accept", "application/json"}, {"Content-Type", "application/json"}},
                        .secret_headers = {{"x-api-key", settings_.api_key}, {"x-imn-security-key", settings_.security_key}},
                        .timeout = timeout,
                        .max_body_bytes = settings_.max_body_bytes,
                        .bypass_proxy = is_loopback_,
                        .takes_compressed = !is_loopback_},  // on one machine it costs both sides more than it saves
                       stop);
  if (response.status != 200) throw_status(response, clock_.utc_now());
  Page page = read_envelope(std::move(response.body));
  page.rate_headers = rate_headers_of(response);
  return page;
}

// With tries, as long as they may help.
Page Client::page_at(const std::string& url, const std::stop_token& stop) {
  const auto jitter = [this] {
    const std::lock_guard lock(jitter_mutex_);
    return jitter_();
  };
  const auto count = [this] { ++retries_; };
  std::optional<Pace::Turn> first(pace_.begin(stop));
  return core::with_retries(settings_.retry, {.clock = clock_, .jitter = jitter, .stop = stop, .has_budget = true, .on_retry = count},
                            [&](const core::Attempt& attempt) {
                              Pace::Turn turn = first ? std::move(*first) : pace_.begin(stop);
                              first.reset();
                              return try_once(url, std::min(settings_.timeout, attempt.remaining), stop, std::move(turn));
                            });
}

Page Client::get_page(const std::string& path, const Query& query, const std::stop_token& stop) {
  std::string url = settings_.base_url + "/api/v1/edc" + path;
  char separator = '?';
  for (const auto& [name, value] : query) {
    url += fmt::format("{}{}={}", separator, name, encode(value));
    separator = '&';
  }
  try {
    return page_at(url, stop);
  } catch (const errors::ApiError&) {
    throw;
  } catch (const ImednetError& error) {  // a stop between two attempts
    throw errors::ApiError(error.what(), error.detail());
  }
}

}  // namespace imednet::api
