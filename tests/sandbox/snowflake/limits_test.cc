// What the server refuses for its own sake.
#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>

#include "client.h"

namespace imednet::sandbox::snowflake::testing {
namespace {

constexpr const char* kLogin = "/session/v1/login-request";
constexpr size_t kTooMuch = (64 << 20) + 1;

TEST(Limits, OtherMachinesAreNotServed) {
  for (const char* host : {"0.0.0.0", "::", "192.0.2.1", "localhost.example"}) {
    TempDir folder;
    auto options = options_in(folder.path());
    options.bind_host = host;
    EXPECT_THROW(SnowflakeServer{options}, std::invalid_argument) << host;
  }
}

// Every port that this process listens at, from the system's own table.
TEST(Limits, TheServerAndItsStoreListenToThisMachineOnly) {
  TempDir folder;
  auto options = options_in(folder.path());
  options.stage_kind = "gcs";
  const SnowflakeServer server(options);
  std::ifstream table("/proc/self/net/tcp");
  std::string line, port = "0000";
  std::snprintf(port.data(), port.size() + 1, "%04X", static_cast<unsigned>(server.port()));
  bool is_found = false;
  while (std::getline(table, line)) is_found = is_found || line.find(" 0100007F:" + port + " 00000000:0000 0A") != std::string::npos;
  EXPECT_TRUE(is_found);
  Client client(server.port());
  const Json place = client.run("PUT 'file:///x/f' @MY_STAGE")["data"]["stageInfo"];
  EXPECT_EQ(place["endPoint"].get<std::string>().substr(0, 10), "127.0.0.1:");
}

class Limited : public ::testing::Test {
 protected:
  Limited() { http_.set_read_timeout(60); }
  static SnowflakeServerOptions plain(const std::filesystem::path& folder) {
    auto options = options_in(folder);
    options.allow_faults = false;
    return options;
  }
  int status(const httplib::Result& result) { return result ? result->status : -1; }

  TempDir folder_;
  SnowflakeServer server_{plain(folder_.path())};
  httplib::Client http_{"127.0.0.1", server_.port()};
};

TEST_F(Limited, WhatATestMayOrderIsThereOnlyWhenAllowed) {
  for (const char* path : {"orders", "logins", "statements", "warehouses"})
    EXPECT_EQ(status(http_.Get((std::string("/sandbox/") + path).c_str())), 404) << path;
  for (const char* path : {"orders", "clock", "sessions/expire"})
    EXPECT_EQ(status(http_.Post((std::string("/sandbox/") + path).c_str(), "{}", "application/json")), 404) << path;
  EXPECT_EQ(status(http_.Delete("/sandbox/orders")), 404);
}

TEST_F(Limited, ABodyIsCappedAsItIsAndAsItInflates) {
  EXPECT_EQ(status(http_.Post(kLogin, std::string(kTooMuch, ' '), "application/json")), 413);
  std::string packed(1 << 20, '\0');
  const std::string plain(kTooMuch, ' ');
  z_stream stream{};
  ASSERT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  ASSERT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  httplib::Client other("127.0.0.1", server_.port());
  EXPECT_EQ(status(other.Post(kLogin, {{"Content-Encoding", "gzip"}}, packed, "application/json")), 413);
}

TEST_F(Limited, LongAddressesAndHeadersAreRefused) {
  EXPECT_EQ(status(http_.Post((std::string(kLogin) + "?databaseName=" + std::string(9000, 'x')).c_str(), "{}", "application/json")), 414);
  httplib::Client other("127.0.0.1", server_.port());
  EXPECT_EQ(status(other.Post(kLogin, {{"X-Long", std::string(9000, 'x')}}, "{}", "application/json")), 400);
}

TEST_F(Limited, OddBodiesAreNoTrouble) {
  for (const std::string& body :
       {std::string("[1]"), std::string("nothing"), std::string("{\"data\":"), "{\"data\":" + std::string(500'000, '[') + "}",
        "{\"data\":" + std::string(200'000, '[') + std::string(200'000, ']') + "}", std::string("\0\xff", 2)}) {
    const auto answer = http_.Post(kLogin, body, "application/json");
    ASSERT_TRUE(answer) << body.substr(0, 20);
    EXPECT_FALSE(Json::parse(answer->body).at("success").get<bool>()) << body.substr(0, 20);
  }
}

}  // namespace
}  // namespace imednet::sandbox::snowflake::testing
