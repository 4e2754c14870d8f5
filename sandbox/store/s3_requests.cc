#include "sandbox/store/s3_requests.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "sandbox/store/aws_chunked.h"
#include "sandbox/store/store_answers.h"
#include "sandbox/store/upload_lists.h"

namespace imednet::sandbox::store {
namespace {

constexpr const char* kNamespace = R"( xmlns="http://s3.amazonaws.com/doc/2006-03-01/")";
constexpr std::size_t kMostListed = 1000, kMostBody = 4 << 20, kS3LongestKey = 1024;
constexpr int kS3MostParts = 10'000;
constexpr std::string_view kS3Metadata = "x-amz-meta-";

void fail_s3(httplib::Response& response, const S3Fault& fault) {
  response.status = fault.status;
  answer_xml(response, fmt::format("<Error><Code>{}</Code><Message>{}</Message><RequestId>SANDBOX</RequestId></Error>", fault.code,
                                   escaped(fault.message)));
}

SignedRequest signed_request(const httplib::Request& request) {
  SignedRequest out{request.method, request.target, {}};
  for (const auto& [name, value] : request.headers) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    auto& text = out.headers[lower];
    text += text.empty() ? value : "," + value;
  }
  return out;
}

// What a client said of its body, held to what arrived.
class BodyCheck {
 public:
  explicit BodyCheck(const httplib::Request& request)
      : md5_(request.get_header_value("Content-MD5")),
        sha256_(request.get_header_value("x-amz-content-sha256")),
        decoded_length_(request.get_header_value("x-amz-decoded-content-length")) {}

  void add(std::string_view bytes) {
    digest_.add(bytes);
    crc_ = ::crc32(crc_, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
  }

  std::optional<S3Fault> fault(const Upload& upload, const std::string& md5, const AwsChunked* chunks) {
    if (!md5_.empty() && md5_ != base64(md5))
      return S3Fault{400, "BadDigest", "The Content-MD5 you specified did not match what we received."};
    if (sha256_.size() == 64 && sha256_ != hex(digest_.finish()))
      return S3Fault{400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed."};
    if (chunks == nullptr) return std::nullopt;
    if (!chunks->is_complete() || (!decoded_length_.empty() && decoded_length_ != std::to_string(upload.size())))
      return S3Fault{400, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header"};
    const auto crc = chunks->trailers().find("x-amz-checksum-crc32");
    if (crc == chunks->trailers().end()) return std::nullopt;
    std::string big_endian;
    for (int shift = 24; shift >= 0; shift -= 8) big_endian += static_cast<char>((crc_ >> shift) & 0xff);
    if (crc->second == base64(big_endian)) return std::nullopt;
    return S3Fault{400, "BadDigest", "The CRC32 you specified did not match what we received."};
  }

 private:
  std::string md5_, sha256_, decoded_length_;
  Digest digest_{"SHA256"};
  uLong crc_ = ::crc32(0L, Z_NULL, 0);
};

void add_s3_facts(httplib::Response& response, const Object& object) {
  response.set_header("ETag", "\"" + object.etag + "\"");
  response.set_header("Last-Modified", time_text(object.modified_us, kHttpTime));
  for (const auto& [name, value] : object.metadata) response.set_header("x-amz-meta-" + name, value);
}

}  // namespace

std::optional<std::string> S3Requests::admitted(const httplib::Request& request, httplib::Response& response) const {
  std::string key = percent_decoded(request.target.substr(0, request.target.find('?')));
  key.erase(0, key.find_first_not_of('/'));
  if (key == options_.bucket) key.clear();
  if (key.starts_with(options_.bucket + "/")) key.erase(0, options_.bucket.size() + 1);
  auto fault = fault_of(signed_request(request), options_.find_credentials, options_.now_us());
  if (!fault && key.size() > kS3LongestKey) fault = S3Fault{400, "KeyTooLongError", "Your key is too long"};
  if (!fault) return key;
  fail_s3(response, *fault);
  return std::nullopt;
}

void S3Requests::get(const httplib::Request& request, httplib::Response& response) {
  const auto key = admitted(request, response);
  if (!key) return;
  if (key->empty()) {
    if (request.has_param("accelerate")) return answer_xml(response, fmt::format("<AccelerateConfiguration{}/>", kNamespace));
    return list(request, response);
  }
  const auto object = store_.find(*key);
  if (!object) return fail_s3(response, {404, "NoSuchKey", "The specified key does not exist."});
  const std::string range = request.get_header_value("Range");
  const auto span = span_of(range, object->size);
  if (!span) return fail_s3(response, {416, "InvalidRange", "The requested range is not satisfiable"});
  if (!send_bytes(response, store_, *object, *span)) return fail_s3(response, {404, "NoSuchKey", "The specified key does not exist."});
  tell_range(response, range, *span, object->size);
  add_s3_facts(response, *object);
}

// Both versions of the list; the mark to go on from is the last key.
void S3Requests::list(const httplib::Request& request, httplib::Response& response) const {
  const std::string prefix = request.get_param_value("prefix");
  const bool is_second = request.get_param_value("list-type") == "2";
  const std::string after = request.get_param_value(!is_second                                ? "marker"
                                                    : request.has_param("continuation-token") ? "continuation-token"
                                                                                              : "start-after");
  std::vector<Object> objects = store_.list(prefix);
  std::erase_if(objects, [&](const Object& object) { return object.key <= after; });
  const bool is_cut = objects.size() > kMostListed;
  if (is_cut) objects.resize(kMostListed);
  std::string entries;
  for (const Object& object : objects) {
    entries += fmt::format(
        "<Contents><Key>{}</Key><LastModified>{}</LastModified><ETag>&quot;{}&quot;</ETag><Size>{}</Size><StorageClass>STANDARD</"
        "StorageClass></Contents>",
        escaped(object.key), time_text(object.modified_us, "%Y-%m-%dT%H:%M:%S.000Z"), object.etag, object.size);
  }
  const std::string mark = is_second ? "NextContinuationToken" : "NextMarker";
  const std::string next = is_cut ? fmt::format("<{0}>{1}</{0}>", mark, escaped(objects.back().key)) : "";
  answer_xml(response,
             fmt::format("<ListBucketResult{}><Name>{}</Name><Prefix>{}</Prefix>{}<MaxKeys>{}</MaxKeys><IsTruncated>{}</IsTruncated>{}{}</"
                         "ListBucketResult>",
                         kNamespace, options_.bucket, escaped(prefix),
                         is_second ? fmt::format("<KeyCount>{}</KeyCount>", objects.size()) : "", kMostListed, is_cut, next, entries));
}

// The whole body as it was meant, or nothing, and the response says why.
std::unique_ptr<Upload> S3Requests::receive(const httplib::Request& request, httplib::Response& response,
                                            const httplib::ContentReader& reader) {
  auto upload = store_.begin();
  BodyCheck check(request);
  bool is_too_large = false;
  const auto keep = [&](std::string_view bytes) {
    check.add(bytes);
    is_too_large = upload->size() + static_cast<std::int64_t>(bytes.size()) > options_.largest_object;
    return !is_too_large && upload->add(bytes);
  };
  const bool is_chunked = request.get_header_value("x-amz-content-sha256").starts_with("STREAMING-");
  AwsChunked chunks(keep);
  const bool is_whole = reader([&](const char* data, std::size_t size) {
    return is_chunked ? chunks.add({data, size}) : keep({data, size});
  });
  std::optional<S3Fault> fault;
  if (is_too_large) fault = S3Fault{400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"};
  if (!is_whole && !fault) fault = S3Fault{400, "IncompleteBody", "The body ended early or is not of its form"};
  if (!fault) fault = check.fault(*upload, upload->finish(), is_chunked ? &chunks : nullptr);
  if (!fault) return upload;
  fail_s3(response, *fault);
  return nullptr;
}

void S3Requests::put(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) {
  const auto key = admitted(request, response);
  if (!key) return;
  if (key->empty()) return fail_s3(response, {405, "MethodNotAllowed", "The specified method is not allowed against this resource."});
  if (request.get_header_value("If-None-Match") == "*" && store_.find(*key))
    return fail_s3(response, {412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"});
  auto upload = receive(request, response, reader);
  if (!upload) return;
  if (!request.has_param("uploadId")) {
    response.set_header("ETag", "\"" + store_.commit(*upload, *key, metadata_of(request, kS3Metadata)).etag + "\"");
    return;
  }
  const std::string number = request.get_param_value("partNumber");
  const bool is_number = !number.empty() && number.size() < 6 && number.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number || std::stoi(number) < 1 || std::stoi(number) > kS3MostParts)
    return fail_s3(response, {400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive"});
  const std::string etag = hex(upload->finish());
  if (!store_.add_part(request.get_param_value("uploadId"), std::stoi(number), std::move(upload)))
    return fail_s3(response, {404, "NoSuchUpload", "The specified upload does not exist."});
  response.set_header("ETag", "\"" + etag + "\"");
}

void S3Requests::post(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) {
  const auto body = receive_text(reader, kMostBody);
  const auto key = admitted(request, response);
  if (!key) return;
  if (!body) return fail_s3(response, {400, "IncompleteBody", "The body ended early or is too long"});
  if (request.has_param("uploads")) {
    return answer_xml(
        response,
        fmt::format(
            "<InitiateMultipartUploadResult{}><Bucket>{}</Bucket><Key>{}</Key><UploadId>{}</UploadId></InitiateMultipartUploadResult>",
            kNamespace, options_.bucket, escaped(*key), store_.begin_parts(*key, metadata_of(request, kS3Metadata))));
  }
  if (request.has_param("uploadId")) return complete(request, response, *body);
  fail_s3(response, {405, "MethodNotAllowed", "The specified method is not allowed against this resource."});
}

void S3Requests::complete(const httplib::Request& request, httplib::Response& response, const std::string& body) {
  const auto parts = parts_of_completion(body);
  if (!parts) return fail_s3(response, {400, "MalformedXML", "The XML you provided was not well-formed"});
  const auto falls = [](const auto& one, const auto& next) { return one.first >= next.first; };
  if (std::adjacent_find(parts->begin(), parts->end(), falls) != parts->end())
    return fail_s3(response, {400, "InvalidPartOrder", "The list of parts was not in ascending order."});
  const auto object = store_.complete(request.get_param_value("uploadId"), *parts);
  if (!object) return fail_s3(response, {400, "InvalidPart", "One or more of the specified parts could not be found."});
  answer_xml(
      response,
      fmt::format(
          "<CompleteMultipartUploadResult{}><Bucket>{}</Bucket><Key>{}</Key><ETag>&quot;{}&quot;</ETag></CompleteMultipartUploadResult>",
          kNamespace, options_.bucket, escaped(object->key), object->etag));
}

void S3Requests::remove(const httplib::Request& request, httplib::Response& response) {
  const auto key = admitted(request, response);
  if (!key) return;
  if (request.has_param("uploadId") && !store_.abort_parts(request.get_param_value("uploadId")))
    return fail_s3(response, {404, "NoSuchUpload", "The specified upload does not exist."});
  if (!request.has_param("uploadId")) store_.remove(*key);
  response.status = 204;
}

// A lost session token is a bad request to Amazon, not a refusal. [seen]
void S3Requests::refuse(const RequestFault& fault, const httplib::Request&, httplib::Response& response) const {
  if (fault.credentials == "expired") return fail_s3(response, {400, "ExpiredToken", "The provided token has expired."});
  if (fault.credentials == "refused")
    return fail_s3(response, {403, "InvalidAccessKeyId", "The AWS access key Id you provided does not exist in our records."});
  const char* usual = fault.status == 403                          ? "AccessDenied"
                      : fault.status == 404                        ? "NoSuchKey"
                      : fault.status == 429 || fault.status == 503 ? "SlowDown"
                      : fault.status >= 500                        ? "InternalError"
                                                                   : "InvalidRequest";
  fail_s3(response, {fault.status, fault.code.empty() ? usual : fault.code, "Ordered to fail."});
}

}  // namespace imednet::sandbox::store
