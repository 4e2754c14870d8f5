// The store over TLS, asked by a client that signs by hand.
#include "sandbox/store/s3_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <unistd.h>

#include <array>
#include <ctime>

namespace imednet::sandbox::store {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// The example of Amazon's reference, "GET Object": made-up credentials, and the signature that is printed there.
SignedRequest example() {
  return {"GET",
          "/test.txt",
          {{"host", "examplebucket.s3.amazonaws.com"},
           {"range", "bytes=0-9"},
           {"x-amz-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
           {"x-amz-date", "20130524T000000Z"},
           {"authorization",
            "AWS4-HMAC-SHA256 "
            "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"}}};
}
constexpr std::int64_t kThen = 1'369'353'600'000'000;

std::string code_of(const SignedRequest& request, std::int64_t now = kThen, const std::string& token = "",
                    std::int64_t expires = kThen + 1) {
  const auto fault = fault_of(
      request,
      [&](const std::string& id) {
        return id == "AKIAIOSFODNN7EXAMPLE" ? std::optional(S3Credentials{id, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", token, expires})
                                            : std::nullopt;
      },
      now);
  return fault ? fault->code : "";
}

TEST(Signature, TheExampleOfTheReferenceIsGood) { EXPECT_EQ(code_of(example()), ""); }

TEST(Signature, WhatWasChangedIsRefused) {
  const auto changed = [](const std::function<void(SignedRequest&)>& change) {
    SignedRequest request = example();
    change(request);
    return code_of(request);
  };
  EXPECT_EQ(changed([](auto& r) { r.method = "PUT"; }), "SignatureDoesNotMatch");
  EXPECT_EQ(changed([](auto& r) { r.target = "/test.txt?acl"; }), "SignatureDoesNotMatch");
  EXPECT_EQ(changed([](auto& r) { r.headers["range"] = "bytes=0-10"; }), "SignatureDoesNotMatch");
  EXPECT_EQ(changed([](auto& r) { r.headers["authorization"] = ""; }), "AccessDenied");
  EXPECT_EQ(changed([](auto& r) { r.headers["authorization"] = "AWS4-HMAC-SHA256 Credential=a/b"; }), "AuthorizationHeaderMalformed");
  EXPECT_EQ(changed([](auto& r) { r.headers["authorization"].replace(29, 4, "BKIA"); }), "InvalidAccessKeyId");
  EXPECT_EQ(changed([](auto& r) { r.headers["x-amz-date"] = "yesterday"; }), "RequestTimeTooSkewed");
}

TEST(Signature, TimeAndTokenCount) {
  EXPECT_EQ(code_of(example(), kThen + std::int64_t{901} * 1'000'000), "RequestTimeTooSkewed");
  EXPECT_EQ(code_of(example(), kThen, "another token"), "InvalidToken");
  EXPECT_EQ(code_of(example(), kThen + 1), "ExpiredToken");
}

class Server : public testing::Test {
 protected:
  static std::int64_t now_us() { return std::int64_t{std::time(nullptr)} * 1'000'000; }

  Server() {
    fs::create_directories(folder_);
    std::ofstream(folder_ / "ca.pem") << authority_.pem();
    S3Options options{
        .find_credentials =
            [this](const std::string& id) { return id == credentials_.access_key_id ? std::optional(credentials_) : std::nullopt; },
        .now_us = now_us};
    options.largest_object = 1 << 20;
    server_ = std::make_unique<StoreServer>(std::make_unique<S3Requests>(store_, options), authority_);
    client_ = std::make_unique<httplib::SSLClient>("127.0.0.1", server_->port());
    client_->set_ca_cert_path((folder_ / "ca.pem").c_str());
    client_->enable_server_certificate_verification(true);
  }
  ~Server() override {
    server_->stop();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  httplib::Headers headers(const std::string& method, const std::string& target, const std::map<std::string, std::string>& more = {}) {
    SignedRequest request{
        method, target, {{"host", "127.0.0.1:" + std::to_string(server_->port())}, {"x-amz-content-sha256", "UNSIGNED-PAYLOAD"}}};
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char stamp[32];
    std::strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &parts);
    request.headers["x-amz-date"] = stamp;
    request.headers["x-amz-security-token"] = credentials_.session_token;
    for (const auto& [name, value] : more) request.headers[name] = value;
    httplib::Headers out{{"Authorization", authorization_for(request, credentials_, "us-east-1")}};
    for (const auto& [name, value] : request.headers) out.emplace(name, value);
    return out;
  }
  httplib::Result put(const std::string& target, const std::string& body, const std::map<std::string, std::string>& more = {}) {
    return client_->Put(target.c_str(), headers("PUT", target, more), body, "application/octet-stream");
  }
  httplib::Result get(const std::string& target) { return client_->Get(target.c_str(), headers("GET", target)); }

  fs::path folder_ = fs::temp_directory_path() / ("sandbox_s3_" + std::to_string(::getpid()));
  TestAuthority authority_;
  ObjectStore store_{folder_ / "objects", now_us};
  S3Credentials credentials_{"MADEUPKEYID", "made-up secret of a test", "made-up token of a test", now_us() + 3'600'000'000};
  std::unique_ptr<StoreServer> server_;
  std::unique_ptr<httplib::SSLClient> client_;
};

TEST_F(Server, AnObjectGoesThereAndComesBackByBothForms) {
  const auto sent = put("/127/stages/1/a%20b.parquet", "content", {{"x-amz-meta-x-amz-key", "wrapped"}});
  ASSERT_TRUE(sent) << httplib::to_string(sent.error());
  EXPECT_EQ(sent->status, 200);
  EXPECT_EQ(sent->get_header_value("ETag"), "\"9a0364b9e99bb480dd25e1f0284c8555\"");
  const auto got = get("/stages/1/a%20b.parquet");
  EXPECT_EQ(got->body, "content");
  EXPECT_EQ(got->get_header_value("x-amz-meta-x-amz-key"), "wrapped");
  const auto head = client_->Head("/stages/1/a%20b.parquet", headers("HEAD", "/stages/1/a%20b.parquet"));
  EXPECT_EQ(head->get_header_value("Content-Length"), "7");
  EXPECT_TRUE(head->body.empty());
  const auto gone = client_->Delete("/stages/1/a%20b.parquet", headers("DELETE", "/stages/1/a%20b.parquet"));
  EXPECT_EQ(gone->status, 204);
  EXPECT_EQ(get("/stages/1/a%20b.parquet")->status, 404);
}

TEST_F(Server, ARangeEndsWithTheObject) {
  put("/k", "0123456789");
  const auto part = [&](const std::string& range) { return client_->Get("/k", headers("GET", "/k", {{"range", range}})); };
  for (const auto& [range, bytes, said] : std::vector<std::array<const char*, 3>>{{"bytes=0-5242879", "0123456789", "bytes 0-9/10"},
                                                                                  {"bytes=2-4", "234", "bytes 2-4/10"},
                                                                                  {"bytes=7-", "789", "bytes 7-9/10"},
                                                                                  {"bytes=-3", "789", "bytes 7-9/10"}}) {
    const auto got = part(range);
    ASSERT_TRUE(got) << range << ": " << httplib::to_string(got.error());
    EXPECT_EQ(got->status, 206) << range;
    EXPECT_EQ(got->body, bytes);
    EXPECT_EQ(got->get_header_value("Content-Range"), said);
  }
  EXPECT_EQ(part("bytes=10-")->status, 416);
  EXPECT_EQ(get("/k")->status, 200);
}

TEST_F(Server, NobodyElseIsServed) {
  httplib::SSLClient stranger("127.0.0.1", server_->port());
  stranger.enable_server_certificate_verification(true);
  EXPECT_FALSE(stranger.Get("/x")) << "a certificate that nobody trusts was taken";
  auto forged = headers("GET", "/x");
  credentials_.session_token = "another one";
  EXPECT_EQ(client_->Get("/x", forged)->status, 400);
  EXPECT_EQ(client_->Get("/x")->status, 403);
  credentials_.expires_us = now_us() - 1;
  const auto late = get("/x");
  EXPECT_EQ(late->status, 400);
  EXPECT_THAT(late->body, HasSubstr("ExpiredToken"));
}

TEST_F(Server, ABodyThatIsNotWhatWasSaidOfItLeavesNoObject) {
  EXPECT_EQ(put("/k", "abc", {{"content-md5", "AAAAAAAAAAAAAAAAAAAAAA=="}})->status, 400);
  EXPECT_EQ(put("/k", "abc", {{"x-amz-content-sha256", hex(sha256("abd"))}})->status, 400);
  EXPECT_EQ(put("/k", std::string((1 << 20) + 1, 'x'))->status, 400);
  const std::map<std::string, std::string> chunked{{"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
                                                   {"x-amz-decoded-content-length", "3"}};
  EXPECT_EQ(put("/k", "3\r\nabc\r\n", chunked)->status, 400);
  EXPECT_EQ(put("/k", "4\r\nabcd\r\n0\r\n\r\n", chunked)->status, 400);
  EXPECT_EQ(put("/k", "3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", chunked)->status, 400);
  EXPECT_FALSE(store_.find("k"));
  EXPECT_EQ(put("/k", "3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n", chunked)->status, 200);
  EXPECT_EQ(put("/l", "abc", {{"x-amz-content-sha256", hex(sha256("abc"))}, {"content-md5", "kAFQmDzST7DWlj99KOF/cg=="}})->status, 200);
  EXPECT_EQ(get("/k")->body, "abc");
}

TEST_F(Server, ListsAreByPrefixAndGoOnWhereTheyEnded) {
  for (int number = 0; number < 1005; ++number) {
    const auto upload = store_.begin();
    store_.commit(*upload, "s/" + std::to_string(10'000 + number) + (number == 3 ? "<&>" : ""), {});
  }
  const auto first = get("/127?prefix=s%2F");
  EXPECT_THAT(first->body,
              testing::AllOf(HasSubstr("<IsTruncated>true"), HasSubstr("<NextMarker>s/10999<"), HasSubstr("s/10003&lt;&amp;&gt;")));
  const auto second = get("/127?list-type=2&prefix=s%2F&continuation-token=s%2F10999");
  EXPECT_THAT(second->body, testing::AllOf(HasSubstr("<IsTruncated>false"), HasSubstr("<KeyCount>5<")));
  EXPECT_EQ(get("/127?accelerate")->status, 200);
}

TEST_F(Server, AnUploadInParts) {
  const auto begun = client_->Post("/k?uploads", headers("POST", "/k?uploads", {{"x-amz-meta-a", "b"}}), "", "text/plain");
  const std::string body = begun->body;
  const auto from = body.find("<UploadId>") + 10;
  const std::string id = body.substr(from, body.find("</UploadId>") - from);
  std::string parts;
  for (const int number : {1, 2}) {
    const auto sent = put("/k?partNumber=" + std::to_string(number) + "&uploadId=" + id, number == 1 ? "first " : "second");
    parts += "<Part><ETag>" + sent->get_header_value("ETag") + "</ETag><PartNumber>" + std::to_string(number) + "</PartNumber></Part>";
  }
  EXPECT_EQ(get("/k")->status, 404);
  EXPECT_EQ(put("/k?partNumber=0&uploadId=" + id, "x")->status, 400);
  EXPECT_EQ(put("/k?partNumber=1&uploadId=unknown", "x")->status, 404);
  const std::string target = "/k?uploadId=" + id;
  EXPECT_EQ(client_->Post(target.c_str(), headers("POST", target), "<Part>", "text/xml")->status, 400);
  const auto done = client_->Post(target.c_str(), headers("POST", target),
                                  "<CompleteMultipartUpload>" + parts + "</CompleteMultipartUpload>", "text/xml");
  EXPECT_EQ(done->status, 200) << done->body;
  EXPECT_EQ(get("/k")->body, "first second");
  EXPECT_EQ(get("/k")->get_header_value("x-amz-meta-a"), "b");
}

}  // namespace
}  // namespace imednet::sandbox::store
