#include "sandbox/store/s3_signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <vector>

#include "sandbox/store/digests.h"

namespace imednet::sandbox::store {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::int64_t kMostSkew_us = std::int64_t{15} * 60 * 1'000'000;

std::vector<std::string> parts_of(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& part : parts_of(query, '&')) {
    const auto equals = std::min(part.find('='), part.size());
    pairs.emplace_back(percent_encoded(percent_decoded(part.substr(0, equals)), false),
                       percent_encoded(percent_decoded(part.substr(std::min(equals + 1, part.size()))), false));
  }
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const auto& [name, value] : pairs) out += (out.empty() ? "" : "&") + name + "=" + value;
  return out;
}

// Blanks at the ends go, and of several in a row one stays.
std::string tidy(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
    out += c;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string header(const SignedRequest& request, const std::string& name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? "" : found->second;
}

struct Scope {
  std::string access_key_id, date, region, service;
};

std::string signature_of(const SignedRequest& request, const Scope& scope, const std::string& signed_headers, const std::string& secret) {
  const auto question = std::min(request.target.find('?'), request.target.size());
  const std::string path = percent_encoded(percent_decoded(request.target.substr(0, question)), true);
  std::string canonical =
      fmt::format("{}\n{}\n{}\n", request.method, path.empty() ? "/" : path,
                  canonical_query(std::string_view(request.target).substr(std::min(question + 1, request.target.size()))));
  for (const std::string& name : parts_of(signed_headers, ';')) canonical += name + ":" + tidy(header(request, name)) + "\n";
  canonical += fmt::format("\n{}\n{}", signed_headers, header(request, "x-amz-content-sha256"));
  const std::string text = fmt::format("{}\n{}\n{}/{}/{}/aws4_request\n{}", kAlgorithm, header(request, "x-amz-date"), scope.date,
                                       scope.region, scope.service, hex(sha256(canonical)));
  std::string key = hmac_sha256("AWS4" + secret, scope.date);
  for (const std::string& part : {scope.region, scope.service, std::string("aws4_request")}) key = hmac_sha256(key, part);
  return hex(hmac_sha256(key, text));
}

// "20260115T120000Z", else nothing.
std::optional<std::int64_t> time_us(const std::string& stamp) {
  std::tm parts{};
  const char* const end = strptime(stamp.c_str(), "%Y%m%dT%H%M%SZ", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return std::int64_t{timegm(&parts)} * 1'000'000;
}

std::string field(const std::string& text, std::string_view name) {
  const auto at = text.find(name);
  if (at == std::string::npos) return "";
  const auto begin = at + name.size();
  return text.substr(begin, std::min(text.find_first_of(", ", begin), text.size()) - begin);
}

}  // namespace

std::string percent_encoded(std::string_view text, bool keeps_slashes) {
  std::string out;
  for (const char byte : text) {
    const bool is_plain = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' ||
                          byte == '.' || byte == '_' || byte == '~' || (keeps_slashes && byte == '/');
    out += is_plain ? std::string(1, byte) : fmt::format("%{:02X}", static_cast<unsigned char>(byte));
  }
  return out;
}

std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%' && at + 2 < text.size() && digit(text[at + 1]) >= 0 && digit(text[at + 2]) >= 0) {
      out += static_cast<char>(digit(text[at + 1]) * 16 + digit(text[at + 2]));
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

std::optional<S3Fault> fault_of(const SignedRequest& request, const FindCredentials& find, std::int64_t now_us) {
  const std::string authorization = header(request, "authorization");
  if (authorization.empty()) return S3Fault{403, "AccessDenied", "Access Denied"};
  const std::vector<std::string> scope_parts = parts_of(field(authorization, "Credential="), '/');
  const std::string signed_headers = field(authorization, "SignedHeaders="), signature = field(authorization, "Signature=");
  if (!authorization.starts_with(kAlgorithm) || scope_parts.size() != 5 || signed_headers.empty() || signature.empty())
    return S3Fault{400, "AuthorizationHeaderMalformed", "The authorization header is malformed"};
  const Scope scope{scope_parts[0], scope_parts[1], scope_parts[2], scope_parts[3]};
  const auto credentials = find(scope.access_key_id);
  if (!credentials) return S3Fault{403, "InvalidAccessKeyId", "The AWS access key Id you provided does not exist in our records."};
  const auto sent = time_us(header(request, "x-amz-date"));
  if (!sent || std::abs(*sent - now_us) > kMostSkew_us)
    return S3Fault{403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large."};
  const std::vector<std::string> names = parts_of(signed_headers, ';');
  const bool has_host = std::find(names.begin(), names.end(), "host") != names.end();
  if (!has_host || !same_secret(signature, signature_of(request, scope, signed_headers, credentials->secret_key)))
    return S3Fault{403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided."};
  if (!same_secret(header(request, "x-amz-security-token"), credentials->session_token))
    return S3Fault{400, "InvalidToken", "The provided token is malformed or otherwise invalid."};
  if (now_us >= credentials->expires_us) return S3Fault{400, "ExpiredToken", "The provided token has expired."};
  return std::nullopt;
}

std::string authorization_for(const SignedRequest& request, const S3Credentials& credentials, const std::string& region) {
  std::string names;
  for (const auto& [name, value] : request.headers) {
    if (name == "host" || name.starts_with("x-amz-")) names += (names.empty() ? "" : ";") + name;
  }
  const Scope scope{credentials.access_key_id, header(request, "x-amz-date").substr(0, 8), region, "s3"};
  return fmt::format("{} Credential={}/{}/{}/s3/aws4_request, SignedHeaders={}, Signature={}", kAlgorithm, scope.access_key_id, scope.date,
                     region, names, signature_of(request, scope, names, credentials.secret_key));
}

}  // namespace imednet::sandbox::store
