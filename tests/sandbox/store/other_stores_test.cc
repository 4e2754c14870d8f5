// The stores that speak as Google's and Azure's do, asked by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <unistd.h>
#include <zlib.h>

#include <ctime>

#include "sandbox/store/azure_requests.h"
#include "sandbox/store/digests.h"
#include "sandbox/store/gcs_requests.h"
#include "sandbox/store/s3_signature.h"

namespace imednet::sandbox::store {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::int64_t now_us() { return std::int64_t{std::time(nullptr)} * 1'000'000; }
constexpr std::int64_t kHour = 3'600'000'000;

class StoreCase : public testing::Test {
 protected:
  void start(std::unique_ptr<StoreRequests> kind) {
    std::ofstream(folder_ / "ca.pem") << authority_.pem();
    server_ = std::make_unique<StoreServer>(std::move(kind), authority_, 0, &orders_);
    client_ = std::make_unique<httplib::SSLClient>("127.0.0.1", server_->port());
    client_->set_ca_cert_path((folder_ / "ca.pem").c_str());
    client_->enable_server_certificate_verification(true);
  }
  ~StoreCase() override {
    if (server_) server_->stop();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  void order(const std::string& how) {
    orders_.clear();
    orders_.add({{"match", {{"server", "store"}, {"times", 0}}}, {"do", {{"credentials", how}}}});
  }
  // Status, and what the answer says is wrong.
  static std::string told(const httplib::Result& result) {
    if (!result) return httplib::to_string(result.error());
    const auto begin = result->body.find("<Code>");
    return std::to_string(result->status) +
           (begin == std::string::npos ? "" : " " + result->body.substr(begin + 6, result->body.find("</Code>") - begin - 6));
  }
  httplib::Result put(const std::string& target, const std::string& body, const httplib::Headers& headers = {}) {
    return client_->Put(target.c_str(), headers, body, "application/octet-stream");
  }
  httplib::Result get(const std::string& target, const httplib::Headers& headers = {}) { return client_->Get(target.c_str(), headers); }

  fs::path folder_ = fs::temp_directory_path() / ("sandbox_stores_" + std::to_string(::getpid()));
  TestAuthority authority_;
  ObjectStore store_{folder_ / "objects", now_us};
  RequestOrders orders_;
  SignedGrants grants_{"made-up secret of a test"};
  std::unique_ptr<StoreServer> server_;
  std::unique_ptr<httplib::SSLClient> client_;
};

class Gcs : public StoreCase {
 protected:
  Gcs() {
    start(
        std::make_unique<GcsRequests>(store_, GcsOptions{.bucket = "b", .grants = &grants_, .now_us = now_us, .largest_object = 1 << 20}));
  }
  static httplib::Headers bearer(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }
  httplib::Headers good() { return bearer(grants_.token(now_us() + kHour)); }
};

TEST_F(Gcs, AnObjectGoesThereAndComesBackWithItsMetadata) {
  auto headers = good();
  headers.emplace("x-goog-meta-encryptiondata", "{}");
  EXPECT_EQ(told(put("/b/stages%2F1%2Fa%20b", "content", headers)), "200") << "one client encodes the slashes too";
  const auto back = get("/b/stages/1/a%20b", good());
  ASSERT_EQ(told(back), "200");
  EXPECT_EQ(back->body, "content");
  EXPECT_EQ(back->get_header_value("x-goog-meta-encryptiondata"), "{}");
  headers = good();
  headers.emplace("Range", "bytes=3-1000");
  const auto part = get("/b/stages/1/a%20b", headers);
  EXPECT_EQ(part->body, "tent");
  EXPECT_EQ(part->get_header_value("Content-Range"), "bytes 3-6/7");
  EXPECT_EQ(told(client_->Delete("/b/stages/1/a%20b", good())), "204");
  EXPECT_EQ(told(get("/b/stages/1/a%20b", good())), "404 NoSuchKey");
}

TEST_F(Gcs, ATokenThatIsNoneOrOverIsRefused) {
  EXPECT_EQ(told(put("/b/k", "x")), "401 AuthenticationRequired");
  EXPECT_EQ(told(put("/b/k", "x", bearer("made-up"))), "401 AuthenticationRequired");
  EXPECT_EQ(told(put("/b/k", "x", bearer(grants_.token(now_us() - 1)))), "401 AuthenticationRequired");
  EXPECT_EQ(told(put("/b/k", "x", bearer(SignedGrants("another secret").token(now_us() + kHour)))), "401 AuthenticationRequired");
  EXPECT_FALSE(store_.find("k"));
  EXPECT_EQ(told(put("/b/k", "x", good())), "200") << "on the same connection: what was refused was read to its end";
}

TEST_F(Gcs, ASignedAddressIsForOneObjectAndOneMethod) {
  const std::string writes = gcs_signed_query(grants_, "PUT", "p/a", now_us() + kHour),
                    reads = gcs_signed_query(grants_, "GET", "p/a", now_us() + kHour);
  EXPECT_EQ(told(put("/b/p/a" + writes, "x")), "200");
  EXPECT_EQ(told(put("/b/p/b" + writes, "x")), "403 SignatureDoesNotMatch");
  EXPECT_EQ(told(get("/b/p/a" + writes)), "403 SignatureDoesNotMatch");
  EXPECT_EQ(told(get("/b/p/a" + reads)), "200");
  EXPECT_EQ(client_->Head(("/b/p/a" + reads).c_str())->status, 200);
  EXPECT_EQ(told(put("/b/p/a" + gcs_signed_query(grants_, "PUT", "p/a", now_us() - 1), "x")), "400 ExpiredToken");
}

TEST_F(Gcs, AnOrderRefusesEachKindOfCredentialsInItsOwnWords) {
  const std::string address = "/b/p/a" + gcs_signed_query(grants_, "PUT", "p/a", now_us() + kHour);
  order("expired");
  EXPECT_EQ(told(put("/b/p/a", "x", good())), "401 AuthenticationRequired");
  EXPECT_EQ(told(put(address, "x")), "400 ExpiredToken");
  order("refused");
  EXPECT_EQ(told(put("/b/p/a", "x", good())), "401 AuthenticationRequired");
  EXPECT_EQ(told(put(address, "x")), "403 SignatureDoesNotMatch");
  EXPECT_TRUE(store_.list("").empty());
}

TEST_F(Gcs, WhatIsTooLargeOrNotInTheBucketLeavesNothing) {
  EXPECT_EQ(told(put("/b/k", std::string((1 << 20) + 1, 'x'), good())), "400 EntityTooLarge");
  EXPECT_EQ(told(put("/other/k", "x", good())), "404 NoSuchBucket");
  EXPECT_EQ(told(put("/b/" + std::string(1025, 'k'), "x", good())), "400 KeyTooLongError");
  EXPECT_EQ(told(put("/b/" + std::string(9000, 'k'), "x", good())), "414");
  EXPECT_TRUE(store_.list("").empty());
}

TEST_F(Gcs, WhatABodyInflatesToIsCappedToo) {
  auto headers = good();
  headers.emplace("Content-Encoding", "gzip");
  std::string packed(1 << 16, '\0');
  z_stream stream{};
  const std::string plain(8 << 20, 'x');
  ASSERT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  ASSERT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  EXPECT_EQ(told(put("/b/k", packed, headers)), "400 EntityTooLarge");
  EXPECT_TRUE(store_.list("").empty());
}

class Azure : public StoreCase {
 protected:
  Azure() {
    start(std::make_unique<AzureRequests>(store_,
                                          AzureOptions{.container = "c", .grants = &grants_, .now_us = now_us, .largest_object = 1 << 20}));
  }
  std::string sas(const std::string& more = "") { return azure_sas(grants_, "c", now_us() + kHour) + more; }
  static httplib::Headers block_blob() { return {{"x-ms-blob-type", "BlockBlob"}, {"x-ms-meta-sfcdigest", "d"}}; }
};

TEST_F(Azure, ABlobGoesThereAndComesBackInParts) {
  EXPECT_EQ(told(put("/c/p/a" + sas(), "content", block_blob())), "201");
  const auto whole = get("/c/p/a" + sas());
  EXPECT_EQ(whole->body, "content");
  EXPECT_EQ(whole->get_header_value("x-ms-meta-sfcdigest"), "d");
  const auto part = get("/c/p/a" + sas(), {{"x-ms-range", "bytes=2-4"}, {"If-Match", whole->get_header_value("ETag")}});
  EXPECT_EQ(told(part), "206");
  EXPECT_EQ(part->body, "nte");
  EXPECT_EQ(told(get("/c/p/a" + sas(), {{"x-ms-range", "bytes=7-9"}})), "416 InvalidRange");
  EXPECT_EQ(told(get("/c/p/a" + sas(), {{"If-Match", "\"0x1\""}})), "412 ConditionNotMet");
  EXPECT_EQ(client_->Head(("/c/p/b" + sas()).c_str())->get_header_value("x-ms-error-code"), "BlobNotFound");
  EXPECT_EQ(told(client_->Delete(("/c/p/a" + sas()).c_str())), "202");
}

TEST_F(Azure, BlocksAreJoinedInTheOrderOfTheList) {
  EXPECT_EQ(told(put("/c/k" + sas("&comp=block&blockid=QQ%3D%3D"), "one", {})), "201");
  EXPECT_EQ(told(put("/c/k" + sas("&comp=block&blockid=Qg%3D%3D"), "two", {})), "201");
  EXPECT_FALSE(store_.find("k")) << "no blob yet";
  const auto list = [&](const std::string& ids) {
    return put("/c/k" + sas("&comp=blocklist"), "<BlockList>" + ids + "</BlockList>", block_blob());
  };
  EXPECT_EQ(told(list("<Latest>Qw==</Latest>")), "400 InvalidBlockList");
  EXPECT_EQ(told(list("<Latest>Qg==</Latest><Latest>QQ==</Latest>")), "201");
  EXPECT_EQ(get("/c/k" + sas())->body, "twoone");
  EXPECT_EQ(store_.find("k")->metadata.at("sfcdigest"), "d");
}

TEST_F(Azure, TheListThatMadeABlobMayComeAgain) {
  const auto list = [&](const std::string& id) {
    return told(put("/c/k" + sas("&comp=blocklist"), "<BlockList><Latest>" + id + "</Latest></BlockList>", block_blob()));
  };
  const auto block = [&](const std::string& text) { return told(put("/c/k" + sas("&comp=block&blockid=QQ%3D%3D"), text, {})); };
  EXPECT_EQ(block("one"), "201");
  EXPECT_EQ(list("QQ=="), "201");
  const auto first = store_.find("k")->number;
  EXPECT_EQ(list("QQ=="), "201") << "its answer was lost on the way";
  EXPECT_EQ(store_.find("k")->number, first);
  EXPECT_EQ(list("Qg=="), "400 InvalidBlockList");
  EXPECT_EQ(block("two"), "201");
  EXPECT_EQ(list("QQ=="), "201");
  EXPECT_EQ(get("/c/k" + sas())->body, "two") << "a block that is newer than the blob comes first";
  EXPECT_EQ(told(put("/c/k" + sas(), "whole", block_blob())), "201");
  EXPECT_EQ(list("QQ=="), "400 InvalidBlockList") << "the blob is another one now";
  EXPECT_EQ(told(client_->Delete(("/c/k" + sas()).c_str())), "202");
  EXPECT_EQ(list("QQ=="), "400 InvalidBlockList");
}

TEST_F(Azure, ASignatureThatIsNoneOrOverIsToldApart) {
  const auto other = put("/c/k" + azure_sas(SignedGrants("another secret"), "c", now_us() + kHour), "x", block_blob());
  EXPECT_EQ(told(other), "403 AuthenticationFailed");
  EXPECT_THAT(other->body, HasSubstr("Server failed to authenticate the request"));
  EXPECT_THAT(put("/c/k" + azure_sas(grants_, "c", now_us() - 1), "x", block_blob())->body,
              HasSubstr("Signature not valid in the specified time frame"));
  EXPECT_EQ(told(put("/c/k", "x", block_blob())), "403 AuthenticationFailed");
  EXPECT_EQ(told(put("/other/k" + sas(), "x", block_blob())), "404 ContainerNotFound");
  EXPECT_EQ(told(put("/c/k" + sas(), std::string((1 << 20) + 1, 'x'), block_blob())), "413 RequestBodyTooLarge");
  EXPECT_TRUE(store_.list("").empty());
}

}  // namespace
}  // namespace imednet::sandbox::store
