#include "sandbox/store/gcs_requests.h"

#include <fmt/format.h>

#include "sandbox/store/digests.h"
#include "sandbox/store/s3_signature.h"
#include "sandbox/store/store_answers.h"

namespace imednet::sandbox::store {
namespace {

constexpr std::string_view kGcsMetadata = "x-goog-meta-";
constexpr std::size_t kGcsLongestKey = 1024;
using Verdict = SignedGrants::Verdict;

void fail_gcs(httplib::Response& response, int status, const std::string& code, const std::string& message) {
  response.status = status;
  if (status == 401) response.set_header("WWW-Authenticate", "Bearer realm=\"https://accounts.google.com/\"");
  answer_xml(response, fmt::format("<Error><Code>{}</Code><Message>{}</Message></Error>", escaped(code), escaped(message)));
}

void fail_token(httplib::Response& response) { fail_gcs(response, 401, "AuthenticationRequired", "Authentication required."); }

bool is_by_address(const httplib::Request& request) { return request.has_param("X-Goog-Signature"); }

void fail_address(httplib::Response& response, bool is_expired) {
  if (is_expired) return fail_gcs(response, 400, "ExpiredToken", "The provided token has expired.");
  fail_gcs(response, 403, "SignatureDoesNotMatch", "The request signature we calculated does not match.");
}

std::string purpose(const std::string& method, const std::string& key) { return method + "\n" + key; }

void add_gcs_facts(httplib::Response& response, const Object& object) {
  response.set_header("ETag", "\"" + object.etag + "\"");
  response.set_header("Last-Modified", time_text(object.modified_us, kHttpTime));
  response.set_header("x-goog-generation", std::to_string(object.number));
  for (const auto& [name, value] : object.metadata) response.set_header(std::string(kGcsMetadata) + name, value);
}

}  // namespace

std::string gcs_signed_query(const SignedGrants& grants, const std::string& method, const std::string& key, std::int64_t expires_us) {
  return fmt::format("?X-Goog-Algorithm=GOOG4-SANDBOX&X-Goog-Expires={}&X-Goog-Signature={}", expires_us,
                     grants.signature(purpose(method, key), expires_us));
}

std::optional<std::string> GcsRequests::admitted(const httplib::Request& request, httplib::Response& response) const {
  std::string key = percent_decoded(std::string_view(request.target).substr(0, request.target.find('?')));
  const std::string begin = "/" + options_.bucket + "/";
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  const bool is_in_bucket = key.starts_with(begin);
  if (is_in_bucket) key.erase(0, begin.size());
  if (is_by_address(request)) {
    const auto verdict = options_.grants->judge(purpose(method, key), number_of(request.get_param_value("X-Goog-Expires")),
                                                request.get_param_value("X-Goog-Signature"), options_.now_us());
    if (verdict != Verdict::good) return fail_address(response, verdict == Verdict::expired), std::nullopt;
  } else {
    const std::string authorization = request.get_header_value("Authorization"), bearer = "Bearer ";
    const std::string token = authorization.starts_with(bearer) ? authorization.substr(bearer.size()) : "";
    if (options_.grants->judge_token(token, options_.now_us()) != Verdict::good) return fail_token(response), std::nullopt;
  }
  if (!is_in_bucket || key.empty()) return fail_gcs(response, 404, "NoSuchBucket", "The specified bucket does not exist."), std::nullopt;
  if (key.size() > kGcsLongestKey) return fail_gcs(response, 400, "KeyTooLongError", "Your key is too long."), std::nullopt;
  return key;
}

void GcsRequests::get(const httplib::Request& request, httplib::Response& response) {
  const auto key = admitted(request, response);
  if (!key) return;
  const auto object = store_.find(*key);
  if (!object) return fail_gcs(response, 404, "NoSuchKey", "The specified key does not exist.");
  const std::string range = request.get_header_value("Range");
  const auto span = span_of(range, object->size);
  if (!span) return fail_gcs(response, 416, "InvalidRange", "The requested range cannot be satisfied.");
  if (!send_bytes(response, store_, *object, *span)) return fail_gcs(response, 404, "NoSuchKey", "The specified key does not exist.");
  tell_range(response, range, *span, object->size);
  add_gcs_facts(response, *object);
}

void GcsRequests::put(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) {
  const auto key = admitted(request, response);
  if (!key) return;
  if (request.get_header_value("x-goog-if-generation-match") == "0" && store_.find(*key))
    return fail_gcs(response, 412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold.");
  bool is_too_large = false;
  const auto upload = receive_plain(store_, reader, options_.largest_object, is_too_large);
  if (is_too_large) return fail_gcs(response, 400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.");
  if (!upload) return fail_gcs(response, 400, "IncompleteBody", "The body ended early.");
  if (const std::string md5 = request.get_header_value("Content-MD5"); !md5.empty() && md5 != base64(upload->finish()))
    return fail_gcs(response, 400, "BadDigest", "The Content-MD5 you specified did not match what we received.");
  const Object object = store_.commit(*upload, *key, metadata_of(request, kGcsMetadata));
  response.set_header("ETag", "\"" + object.etag + "\"");
  response.set_header("x-goog-generation", std::to_string(object.number));
}

void GcsRequests::post(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) {
  if (!receive_text(reader, 1 << 20) || !admitted(request, response)) return;
  fail_gcs(response, 501, "NotImplemented", "Neither the JSON API nor resumable uploads are served.");
}

void GcsRequests::remove(const httplib::Request& request, httplib::Response& response) {
  const auto key = admitted(request, response);
  if (!key) return;
  if (!store_.remove(*key)) return fail_gcs(response, 404, "NoSuchKey", "The specified key does not exist.");
  response.status = 204;
}

void GcsRequests::refuse(const RequestFault& fault, const httplib::Request& request, httplib::Response& response) const {
  if (!fault.credentials.empty())
    return is_by_address(request) ? fail_address(response, fault.credentials == "expired") : fail_token(response);
  const char* usual = fault.status == 403   ? "AccessDenied"
                      : fault.status == 404 ? "NoSuchKey"
                      : fault.status == 429 ? "SlowDown"
                      : fault.status == 503 ? "ServiceUnavailable"
                                            : "InternalError";
  fail_gcs(response, fault.status, fault.code.empty() ? usual : fault.code, "Ordered to fail.");
}

}  // namespace imednet::sandbox::store
