#include "sandbox/store/azure_requests.h"

#include <fmt/format.h>

#include "sandbox/store/digests.h"
#include "sandbox/store/s3_signature.h"
#include "sandbox/store/store_answers.h"
#include "sandbox/store/upload_lists.h"

namespace imednet::sandbox::store {
namespace {

constexpr std::string_view kAzureMetadata = "x-ms-meta-";
constexpr std::size_t kAzureLongestKey = 1024, kLongestList = 8 << 20;
constexpr std::size_t kMostUnfinished = 1000;
using Verdict = SignedGrants::Verdict;

void fail_azure(httplib::Response& response, int status, const std::string& code, const std::string& message) {
  response.status = status;
  response.set_header("x-ms-error-code", code);
  answer_xml(response, fmt::format("<Error><Code>{}</Code><Message>{}</Message></Error>", escaped(code), escaped(message)));
}

void fail_signature(httplib::Response& response, bool is_expired) {
  fail_azure(response, 403, "AuthenticationFailed",
             is_expired ? "Signature not valid in the specified time frame"
                        : "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly.");
}

std::string tag_of(const Object& object) { return fmt::format("\"0x{:016X}\"", object.number); }

void add_azure_facts(httplib::Response& response, const Object& object) {
  response.set_header("ETag", tag_of(object));
  response.set_header("Last-Modified", time_text(object.modified_us, kHttpTime));
  response.set_header("x-ms-blob-type", "BlockBlob");
  response.set_header("x-ms-version", "2021-12-02");
  for (const auto& [name, value] : object.metadata) response.set_header(std::string(kAzureMetadata) + name, value);
}

std::string digest_of(const std::string& text) {
  Digest digest("SHA256");
  digest.add(text);
  return hex(digest.finish());
}

std::string purpose(const std::string& container) { return "container\n" + container; }

}  // namespace

std::string azure_sas(const SignedGrants& grants, const std::string& container, std::int64_t expires_us) {
  return fmt::format("?sv=2021-12-02&sr=c&sp=racwd&se={}&sig={}", expires_us, grants.signature(purpose(container), expires_us));
}

std::optional<std::string> AzureRequests::admitted(const httplib::Request& request, httplib::Response& response) const {
  const auto verdict = options_.grants->judge(purpose(options_.container), number_of(request.get_param_value("se")),
                                              request.get_param_value("sig"), options_.now_us());
  if (verdict != Verdict::good) return fail_signature(response, verdict == Verdict::expired), std::nullopt;
  std::string key = percent_decoded(std::string_view(request.target).substr(0, request.target.find('?')));
  const std::string begin = "/" + options_.container + "/";
  if (!key.starts_with(begin) || key.size() == begin.size())
    return fail_azure(response, 404, "ContainerNotFound", "The specified container does not exist."), std::nullopt;
  key.erase(0, begin.size());
  if (key.size() > kAzureLongestKey)
    return fail_azure(response, 400, "InvalidResourceName", "The name of the blob is too long."), std::nullopt;
  return key;
}

void AzureRequests::get(const httplib::Request& request, httplib::Response& response) {
  const auto key = admitted(request, response);
  if (!key) return;
  const auto object = store_.find(*key);
  if (!object) return fail_azure(response, 404, "BlobNotFound", "The specified blob does not exist.");
  if (const std::string match = request.get_header_value("If-Match"); !match.empty() && match != "*" && match != tag_of(*object))
    return fail_azure(response, 412, "ConditionNotMet", "The condition specified using HTTP conditional header(s) is not met.");
  const std::string range = request.get_header_value("x-ms-range");
  const auto span = span_of(range, object->size);
  if (!span) return fail_azure(response, 416, "InvalidRange", "The range specified is invalid for the current size of the resource.");
  if (!send_bytes(response, store_, *object, *span)) return fail_azure(response, 404, "BlobNotFound", "The specified blob does not exist.");
  add_azure_facts(response, *object);
  tell_range(response, range, *span, object->size);
}

void AzureRequests::put(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) {
  const auto key = admitted(request, response);
  if (!key) return;
  const std::string part = request.get_param_value("comp");
  if (part == "blocklist") {
    const auto xml = receive_text(reader, kLongestList);
    return xml ? put_list(*key, request, response, *xml) : fail_azure(response, 413, "RequestBodyTooLarge", "The list is too long.");
  }
  if (part.empty() && request.get_header_value("x-ms-blob-type") != "BlockBlob")
    return fail_azure(response, 400, "UnsupportedHeader", "Block blobs only.");
  if (request.get_header_value("If-None-Match") == "*" && store_.find(*key))
    return fail_azure(response, 409, "BlobAlreadyExists", "The specified blob already exists.");
  bool is_too_large = false;
  auto upload = receive_plain(store_, reader, options_.largest_object, is_too_large);
  if (is_too_large) return fail_azure(response, 413, "RequestBodyTooLarge", "The request body is too large.");
  if (!upload) return fail_azure(response, 400, "IncompleteBody", "The body ended early.");
  if (const std::string md5 = request.get_header_value("Content-MD5"); !md5.empty() && md5 != base64(upload->finish()))
    return fail_azure(response, 400, "Md5Mismatch", "The MD5 value specified in the request did not match the one calculated.");
  response.status = 201;
  if (part == "block") return put_block(*key, request, response, std::move(upload));
  if (!part.empty()) return fail_azure(response, 400, "InvalidQueryParameterValue", "This operation is not served.");
  add_azure_facts(response, store_.commit(*upload, *key, metadata_of(request, kAzureMetadata)));
}

void AzureRequests::put_block(const std::string& key, const httplib::Request& request, httplib::Response& response,
                              std::unique_ptr<Upload> block) {
  const std::string id = request.get_param_value("blockid");
  const std::lock_guard lock(mutex_);
  if (id.empty() || id.size() > 100) return fail_azure(response, 400, "InvalidBlockId", "The specified block id is invalid.");
  if (!blocks_.contains(key) && blocks_.size() >= kMostUnfinished)
    return fail_azure(response, 409, "BlockCountExceedsLimit", "Too many blobs are not finished.");
  Blocks& blocks = blocks_[key];
  if (blocks.upload.empty()) blocks.upload = store_.begin_parts(key, {});
  const auto known = blocks.known.find(id);
  const int number = known == blocks.known.end() ? static_cast<int>(blocks.known.size()) + 1 : known->second.first;
  blocks.known[id] = {number, hex(block->finish())};
  store_.add_part(blocks.upload, number, std::move(block));
}

void AzureRequests::put_list(const std::string& key, const httplib::Request& request, httplib::Response& response, const std::string& xml) {
  const auto ids = blocks_of_list(xml);
  if (!ids) return fail_azure(response, 400, "InvalidXmlDocument", "The specified XML is not syntactically valid.");
  const std::lock_guard lock(mutex_);
  const auto found = blocks_.find(key);
  // A client that missed the answer sends its list again; the service finds those blocks in the blob. [doc]
  if (const auto joined = joined_.find(key); found == blocks_.end() && joined != joined_.end() && joined->second.list == digest_of(xml)) {
    if (const auto object = store_.find(key); object && object->number == joined->second.number) {
      response.status = 201;
      return add_azure_facts(response, *object);
    }
  }
  std::vector<std::pair<int, std::string>> parts;
  for (const std::string& id : *ids) {
    if (found == blocks_.end() || !found->second.known.contains(id))
      return fail_azure(response, 400, "InvalidBlockList", "The specified block list is invalid.");
    parts.push_back(found->second.known.at(id));
  }
  response.status = 201;
  const Metadata metadata = metadata_of(request, kAzureMetadata);
  if (parts.empty()) return add_azure_facts(response, store_.commit(*store_.begin(), key, metadata));
  const auto object = store_.complete(found->second.upload, parts, &metadata);
  if (!object) return fail_azure(response, 400, "InvalidBlockList", "The specified block list is invalid.");
  blocks_.erase(found);
  joined_[key] = {digest_of(xml), object->number};
  add_azure_facts(response, *object);
}

void AzureRequests::post(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) {
  if (!receive_text(reader, 1 << 20) || !admitted(request, response)) return;
  fail_azure(response, 405, "UnsupportedHttpVerb", "The resource doesn't support the specified HTTP verb.");
}

void AzureRequests::remove(const httplib::Request& request, httplib::Response& response) {
  const auto key = admitted(request, response);
  if (!key) return;
  if (!store_.remove(*key)) return fail_azure(response, 404, "BlobNotFound", "The specified blob does not exist.");
  const std::lock_guard lock(mutex_);
  joined_.erase(*key);
  response.status = 202;
}

void AzureRequests::refuse(const RequestFault& fault, const httplib::Request&, httplib::Response& response) const {
  if (!fault.credentials.empty()) return fail_signature(response, fault.credentials == "expired");
  const char* usual = fault.status == 403                          ? "AuthorizationFailure"
                      : fault.status == 404                        ? "BlobNotFound"
                      : fault.status == 429 || fault.status == 503 ? "ServerBusy"
                                                                   : "InternalError";
  fail_azure(response, fault.status, fault.code.empty() ? usual : fault.code, "Ordered to fail.");
}

}  // namespace imednet::sandbox::store
