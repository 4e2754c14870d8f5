// curl_transport.h: HTTP over libcurl, with connections that are kept and used again, one for each exchange at the same time.
//
// Rule: http and https only, certificates and host names checked, redirects not followed, no cookies, gzip and deflate
//       accepted. Header count, header bytes and the decompressed body are capped.
// Environment: proxies as libcurl reads them; CURL_CA_BUNDLE, else SSL_CERT_FILE, and SSL_CERT_DIR for a company's own
//              certificates.
// Threads: send() may be called by several at the same time.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "http/transport.h"

namespace imednet::http {

class CurlTransport final : public Transport {
 public:
  CurlTransport();
  ~CurlTransport() override;
  Response send(const Request& request, const std::stop_token& stop) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::unique_ptr<Transport> make_curl_transport();

// "Wed, 21 Oct 2015 07:28:00 GMT" and the older forms HTTP allows; nullopt for anything else.
std::optional<std::chrono::system_clock::time_point> parse_http_date(const std::string& text);

}  // namespace imednet::http
