// What a client sends to the sandbox's object store: it is taken as one thing or refused, however it arrives, and nobody gets in by luck.
#include <algorithm>
#include <stdexcept>

#include "fuzz/target.h"
#include "sandbox/store/aws_chunked.h"
#include "sandbox/store/digests.h"
#include "sandbox/store/s3_signature.h"
#include "sandbox/store/signed_grants.h"
#include "sandbox/store/store_answers.h"
#include "sandbox/store/upload_lists.h"

namespace imednet::fuzz {
namespace {

using namespace std::string_view_literals;
namespace store = sandbox::store;

struct Unpacked {
  bool is_taken = true, is_complete = false;
  std::string bytes;
  bool operator==(const Unpacked&) const = default;
};

Unpacked unpacked(std::string_view text, std::size_t step) {
  Unpacked out;
  store::AwsChunked chunks([&](std::string_view some) {
    out.bytes += some;
    return true;
  });
  for (std::size_t at = 0; out.is_taken && at < text.size(); at += step) out.is_taken = chunks.add(text.substr(at, step));
  out.is_complete = out.is_taken && chunks.is_complete();
  require(static_cast<std::size_t>(chunks.size()) == out.bytes.size(), "the size is that of what was unpacked");
  return out;
}

void check_chunks(std::string_view text) {
  const Unpacked whole = unpacked(text, std::max<std::size_t>(text.size(), 1));
  require(whole.bytes.size() <= text.size(), "no more comes out than went in");
  for (const std::size_t step : {1, 2, 7}) require(unpacked(text, step) == whole, "where a body is cut makes no difference");
}

void check_lists(std::string_view text) {
  if (const auto parts = store::parts_of_completion(text)) {
    require(!parts->empty(), "a completion names parts");
    for (const auto& [number, digest] : *parts) {
      require(number >= 0 && number < 100'000 && digest.size() == 32, "a part has a number and an MD5");
      require(text.find(digest) != std::string_view::npos, "an MD5 is one that was given");
    }
  }
  if (const auto blocks = store::blocks_of_list(text)) {
    for (const std::string& block : *blocks)
      require(!block.empty() && text.find(block) != std::string_view::npos, "a block is one that was given");
  }
}

// Somebody who knows a key's id but not its secret.
void check_signature(std::string_view text) {
  const auto find = [](const std::string& id) {
    return id == "MADEUP" ? std::optional(store::S3Credentials{id, "made-up secret", "", 2'000'000'000'000'000}) : std::nullopt;
  };
  constexpr std::int64_t kNow = 1'767'225'600'000'000;  // 20260101T000000Z
  store::SignedRequest request{"PUT", std::string(text), {{"host", "127.0.0.1"}, {"x-amz-date", "20260101T000000Z"}}};
  for (const std::string& begin :
       {std::string(), std::string("AWS4-HMAC-SHA256 Credential=MADEUP/20260101/r/s3/aws4_request, SignedHeaders=host, ")}) {
    request.headers["authorization"] = begin + std::string(text);
    require(store::fault_of(request, find, kNow).has_value(), "nobody gets in without the secret");
  }
}

void check_words(std::string_view text) {
  const std::string word(text);
  require(store::percent_decoded(store::percent_encoded(word, false)) == word, "an encoded name is read back");
  require(store::percent_decoded(word).size() <= word.size(), "decoding makes nothing longer");
  if (const auto span = store::span_of(word, 1000))
    require(span->first >= 0 && span->count > 0 && span->first + span->count <= 1000, "a range lies inside");
  const store::SignedGrants grants("made-up secret");
  require(grants.judge_token(word, 0) == store::SignedGrants::Verdict::unknown, "no token is good by luck");
  try {
    const std::string bytes = store::from_base64(word);
    require(store::from_base64(store::base64(bytes)) == bytes && bytes.size() <= word.size(), "what was base64 is read back");
  } catch (const std::invalid_argument&) {  // it was none
  }
}

void run(std::string_view text) {
  check_chunks(text);
  check_lists(text);
  check_signature(text);
  check_words(text);
}

}  // namespace

Target store_requests_target() {
  return {run,
          {"3\r\nabc\r\n"sv,
           "0\r\n"sv,
           "\r\n"sv,
           "5;chunk-signature=00\r\nhello\r\n"sv,
           "x-amz-checksum-crc32:AAAAAA==\r\n"sv,
           "ffffffff\r\n"sv,
           "<CompleteMultipartUpload>"sv,
           "<Part><PartNumber>1</PartNumber><ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag></Part>"sv,
           "<Part>"sv,
           "</Part>"sv,
           "<PartNumber>"sv,
           "</PartNumber>"sv,
           "<ETag>"sv,
           "</ETag>"sv,
           "<BlockList>"sv,
           "<Latest>QQ==</Latest>"sv,
           "</BlockList>"sv,
           "Signature="sv,
           "SignedHeaders=host,"sv,
           "Credential=MADEUP/20260101/r/s3/aws4_request"sv,
           "bytes=0-9"sv,
           "bytes="sv,
           "sandbox."sv,
           "?uploadId="sv,
           "%2F"sv,
           "%"sv,
           "AA=="sv},
          40'000};
}

}  // namespace imednet::fuzz
