// curl_transport.cc: the one place that knows libcurl; its error codes become ours here.
#include "http/curl_transport.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>

#include "core/environment.h"
#include "core/failpoint.h"
#include "core/idle_pool.h"

namespace imednet::http {
namespace {

using errors::ApiError;
using errors::ErrorCode;
using errors::RetryClass;
using std::chrono::steady_clock;

constexpr std::size_t kHeadersMax = 200;
constexpr std::size_t kHeaderBytesMax = std::size_t{128} * 1024;

enum class Ending { regular, cancelled, body_too_large, headers_too_large, stalled };

// One exchange under way: what libcurl's callbacks fill in, and why they ended it.
struct Exchange {
  const Request& request;
  const std::stop_token& stop;
  Response response{};
  Ending ending = Ending::regular;
  bool is_asked = false;  // the request went out, so what failed is the answer
  std::size_t header_bytes = 0;
  bool has_all_headers = false;
  bool has_body = false;
  steady_clock::time_point window_start{};
  std::int64_t window_bytes = 0;
};

std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  std::string& body = exchange.response.body;
  if (static_cast<std::int64_t>(body.size() + count) > exchange.request.max_body_bytes) {
    exchange.ending = Ending::body_too_large;
    return CURL_WRITEFUNC_ERROR;
  }
  body.append(bytes, count);
  core::failpoint(core::Failpoint::body_part);
  return count;
}

std::size_t take_header(char* bytes, std::size_t, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  auto& headers = exchange.response.headers;
  const std::string_view line(bytes, count);
  if (line.starts_with("HTTP/")) {  // a new answer begins: the one before was "100 Continue" or a proxy's
    headers.clear();
    exchange.has_all_headers = false;
  }
  if (core::trimmed(line).empty()) exchange.has_all_headers = true;
  exchange.header_bytes += count;
  if (exchange.header_bytes > kHeaderBytesMax || headers.size() >= kHeadersMax) {
    exchange.ending = Ending::headers_too_large;
    return CURL_WRITEFUNC_ERROR;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return count;
  std::string name(core::trimmed(line.substr(0, colon)));
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  headers.emplace_back(std::move(name), core::trimmed(line.substr(colon + 1)));
  return count;
}

// libcurl's own low-speed limit also runs before the first byte, where a slow answer is the timeout's business.
bool has_stalled(Exchange& exchange, curl_off_t received) {
  const auto now = steady_clock::now();
  if (!exchange.has_body) {
    if (received == 0) return false;
    exchange.has_body = true;
    exchange.window_start = now;
    exchange.window_bytes = received;
    return false;
  }
  if (now - exchange.window_start < exchange.request.stall_time) return false;
  if (received - exchange.window_bytes < exchange.request.stall_bytes) return true;
  exchange.window_start = now;
  exchange.window_bytes = received;
  return false;
}

int check_progress(void* user, curl_off_t, curl_off_t received, curl_off_t, curl_off_t) {
  auto& exchange = *static_cast<Exchange*>(user);
  if (exchange.stop.stop_requested()) {
    exchange.ending = Ending::cancelled;
  } else if (has_stalled(exchange, received)) {
    exchange.ending = Ending::stalled;
  }
  return exchange.ending == Ending::regular ? 0 : 1;
}

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

void append(HeaderList& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw ApiError("no memory for the request", {.code = ErrorCode::internal});
  static_cast<void>(list.release());
  list.reset(longer);
}

HeaderList header_list(const Request& request) {
  HeaderList list;
  for (const auto& [name, value] : request.headers) append(list, fmt::format("{}: {}", name, value));
  if (!request.body.empty()) append(list, "Expect:");  // no round trip before the body
  for (const auto& [name, value] : request.secret_headers) append(list, fmt::format("{}: {}", name, value.reveal()));
  return list;
}

[[noreturn]] void throw_ending(const Exchange& exchange) {
  switch (exchange.ending) {
    case Ending::cancelled:
      throw ApiError("a stop was asked for", {.code = ErrorCode::cancelled, .origin = {.system = "local"}});
    case Ending::body_too_large:
      throw BodyTooLarge(fmt::format("the answer is larger than {} MiB", exchange.request.max_body_bytes >> 20),
                         {.code = ErrorCode::protocol});
    case Ending::headers_too_large:
      throw ApiError("the answer's headers are too many or too large", {.code = ErrorCode::protocol});
    default:
      break;
  }
  throw ApiError(fmt::format("the answer stalled: fewer than {} bytes came in {} s", exchange.request.stall_bytes,
                             std::chrono::duration_cast<std::chrono::seconds>(exchange.request.stall_time).count()),
                 {.code = ErrorCode::timeout, .hint = "run again; if it stays, ask for the API's state", .retry = RetryClass::backoff});
}

[[noreturn]] void throw_unreadable(std::string_view cause) {
  throw ApiError(
      fmt::format("the answer was cut or unreadable: {}", cause),
      {.code = ErrorCode::protocol, .hint = "run again; if it stays, check the network and the proxy", .retry = RetryClass::backoff});
}

[[noreturn]] void throw_no_connection(std::string_view cause) {
  throw ApiError(fmt::format("no connection: {}", cause), {.code = ErrorCode::unavailable,
                                                           .hint = "check the network, the proxy variables and IMEDNET_BASE_URL",
                                                           .retry = RetryClass::backoff});
}

// libcurl's own text is used only where it can't quote a URL, a header or a certificate's owner.
[[noreturn]] void throw_failure(const Exchange& exchange, CURLcode code) {
  if (exchange.ending != Ending::regular) throw_ending(exchange);
  const std::string text = curl_easy_strerror(code);
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      throw ApiError(
          fmt::format("no complete answer within {:.3g} s", static_cast<double>(exchange.request.timeout.count()) / 1000),
          {.code = ErrorCode::timeout, .hint = "raise IMEDNET_TIMEOUT (seconds) if the API is only slow", .retry = RetryClass::backoff});
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      throw ApiError(
          fmt::format("the server's certificate is not trusted: {}", text),
          {.code = ErrorCode::unavailable, .hint = "name your company's certificates in SSL_CERT_FILE, or check IMEDNET_BASE_URL"});
    case CURLE_UNSUPPORTED_PROTOCOL:
      if (exchange.is_asked) throw_unreadable("it is not HTTP");  // libcurl took it for the HTTP of 1991
      [[fallthrough]];
    case CURLE_URL_MALFORMAT:
      throw ApiError("the address can't be used", {.code = ErrorCode::config, .hint = "check IMEDNET_BASE_URL"});
    case CURLE_PARTIAL_FILE:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_WEIRD_SERVER_REPLY:
      throw_unreadable(text);
    case CURLE_OUT_OF_MEMORY:
      throw ApiError("no memory for the answer", {.code = ErrorCode::internal});
    default:
      if (exchange.header_bytes > 0) throw_unreadable(text);
      throw_no_connection(text);
  }
}

// As NotSent where nothing of the request went out.
[[noreturn]] void throw_judged(const Exchange& exchange, CURLcode code) {
  if (exchange.is_asked) throw_failure(exchange, code);
  try {
    throw_failure(exchange, code);
  } catch (const ApiError& error) {
    throw NotSent(error.what(), error.detail());
  }
}

std::string request_id_of(const Response& response) {
  for (const std::string_view name : {"x-request-id", "x-amzn-requestid", "x-amz-cf-id", "x-correlation-id"}) {
    if (const auto value = response.header(name); !value.empty()) return std::string(value.substr(0, 100));
  }
  return {};
}

void start_library() {
  static const CURLcode kStarted = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (kStarted != CURLE_OK) throw ApiError("cannot start the HTTP library", {.code = ErrorCode::internal});
}

// One handle of libcurl, used by one exchange at a time; it keeps its connection between them.
class Handle {
 public:
  Handle() : handle_(curl_easy_init()) {
    if (handle_ == nullptr) throw ApiError("cannot start the HTTP library", {.code = ErrorCode::internal});
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { curl_easy_cleanup(handle_); }

  Response exchange(const Request& request, const std::stop_token& stop) {
    Exchange exchange{request, stop};
    const HeaderList headers = header_list(request);
    curl_easy_reset(handle_);
    set_rules();
    set_request(request, exchange, headers.get());
    const CURLcode code = curl_easy_perform(handle_);
    // The handle outlives this call; what it points to does not.
    curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, nullptr);
    long request_bytes = 0;
    curl_easy_getinfo(handle_, CURLINFO_REQUEST_SIZE, &request_bytes);
    exchange.is_asked = request_bytes > 0;
    if (code != CURLE_OK) throw_judged(exchange, code);
    if (!exchange.has_all_headers) throw_unreadable("its headers are incomplete");  // libcurl takes them for all there are
    long status = 0;
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    exchange.response.status = static_cast<int>(status);
    exchange.response.request_id = request_id_of(exchange.response);
    return std::move(exchange.response);
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    if (curl_easy_setopt(handle_, option, value) != CURLE_OK) {
      throw ApiError("the HTTP library lacks what this program needs",
                     {.code = ErrorCode::unsupported, .hint = "use libcurl 7.80 or later"});
    }
  }

  // The rules of every exchange. The handle is reset before, which keeps its connection.
  void set_rules() {
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_PATH_AS_IS, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
    set(CURLOPT_PROTOCOLS_STR, "http,https");
#else
    set(CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    std::string authorities = core::environment("CURL_CA_BUNDLE");
    if (authorities.empty()) authorities = core::environment("SSL_CERT_FILE");
    if (!authorities.empty()) set(CURLOPT_CAINFO, authorities.c_str());
    if (const std::string folder = core::environment("SSL_CERT_DIR"); !folder.empty()) set(CURLOPT_CAPATH, folder.c_str());
  }

  void set_request(const Request& request, Exchange& exchange, curl_slist* headers) {
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    set(CURLOPT_HTTPHEADER, headers);
    // A connection that was kept may have been closed meanwhile; what was sent on it libcurl sends again by itself.
    if (request.method != "GET") set(CURLOPT_FRESH_CONNECT, 1L);
    if (!request.body.empty()) {
      set(CURLOPT_POSTFIELDS, request.body.c_str());
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    }
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(1, request.timeout.count())));
    set(CURLOPT_CONNECTTIMEOUT_MS,
        static_cast<long>(std::max<std::int64_t>(1, std::min(request.timeout, request.connect_timeout).count())));
    if (request.bypass_proxy) set(CURLOPT_PROXY, "");
    if (request.takes_compressed) set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    set(CURLOPT_WRITEFUNCTION, &take_body);
    set(CURLOPT_WRITEDATA, &exchange);
    set(CURLOPT_HEADERFUNCTION, &take_header);
    set(CURLOPT_HEADERDATA, &exchange);
    set(CURLOPT_XFERINFOFUNCTION, &check_progress);
    set(CURLOPT_XFERINFODATA, &exchange);
    set(CURLOPT_NOPROGRESS, 0L);
  }

  CURL* handle_;
};

}  // namespace

std::string_view Response::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, [](const auto& header) { return std::string_view(header.first); });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

// As many as there are exchanges at the same time.
struct CurlTransport::State {
  core::IdlePool<Handle> handles;
};

CurlTransport::CurlTransport() : state_(std::make_unique<State>()) {
  start_library();
  state_->handles.give_back(std::make_unique<Handle>());
}
CurlTransport::~CurlTransport() = default;

Response CurlTransport::send(const Request& request, const std::stop_token& stop) {
  std::unique_ptr<Handle> handle = state_->handles.take();
  if (!handle) handle = std::make_unique<Handle>();
  Response response = handle->exchange(request, stop);  // a handle whose exchange broke is not used again
  state_->handles.give_back(std::move(handle));
  return response;
}

std::unique_ptr<Transport> make_curl_transport() { return std::make_unique<CurlTransport>(); }

std::optional<std::chrono::system_clock::time_point> parse_http_date(const std::string& text) {
  const std::time_t when = curl_getdate(text.c_str(), nullptr);
  if (when == -1) return std::nullopt;
  return std::chrono::system_clock::from_time_t(when);
}

}  // namespace imednet::http
