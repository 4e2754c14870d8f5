#include "sinks/snowflake/endpoint.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "imednet/errors.h"

namespace imednet::sinks::snowflake {
namespace {

class EndpointTest : public testing::Test {
 protected:
  EndpointTest() { clear(); }
  ~EndpointTest() override { clear(); }

  static void clear() {
    for (const char* name : {"SNOWFLAKE_HOST", "SNOWFLAKE_PORT", "SNOWFLAKE_PROTOCOL", "SNOWFLAKE_OCSP"}) unsetenv(name);
  }
  static void set(const char* host, const char* port, const char* protocol) {
    setenv("SNOWFLAKE_HOST", host, 1);
    setenv("SNOWFLAKE_PORT", port, 1);
    setenv("SNOWFLAKE_PROTOCOL", protocol, 1);
  }
};

TEST_F(EndpointTest, NothingIsSetWithoutSettingsAndVariables) {
  const auto config = with_endpoint({});
  EXPECT_EQ(config.host, "");
  EXPECT_EQ(config.port, 0);
  EXPECT_EQ(config.protocol, "");
}

TEST_F(EndpointTest, WhatIsUnsetComesFromTheEnvironment) {
  set("snowflake.example", "8443", "http");
  const auto config = with_endpoint({});
  EXPECT_EQ(config.host, "snowflake.example");
  EXPECT_EQ(config.port, 8443);
  EXPECT_EQ(config.protocol, "http");
}

TEST_F(EndpointTest, WhatIsSetStays) {
  set("snowflake.example", "8443", "http");
  const auto config = with_endpoint({.host = "127.0.0.1", .protocol = "https", .port = 1});
  EXPECT_EQ(config.host, "127.0.0.1");
  EXPECT_EQ(config.port, 1);
  EXPECT_EQ(config.protocol, "https");
}

TEST_F(EndpointTest, BlankVariablesAreUnset) {
  set(" ", "", "\t");
  const auto config = with_endpoint({});
  EXPECT_EQ(config.host + config.protocol, "");
  EXPECT_EQ(config.port, 0);
}

TEST_F(EndpointTest, APortThatIsNoneIsRefusedByItsVariable) {
  for (const char* port : {"many", "-1", "65536", "80x", "99999999999999999999"}) {
    set("", port, "");
    try {
      with_endpoint({});
      ADD_FAILURE() << port;
    } catch (const errors::ExportConfigurationError& error) {
      EXPECT_EQ(error.code(), errors::ErrorCode::config);
      EXPECT_NE(std::string(error.what()).find("SNOWFLAKE_PORT"), std::string::npos);
    }
  }
}

TEST_F(EndpointTest, CertificatesAreAskedAboutUnlessSomebodySaysNo) {
  EXPECT_EQ(with_endpoint({}).ocsp, true);
  setenv("SNOWFLAKE_OCSP", "off", 1);
  EXPECT_EQ(with_endpoint({}).ocsp, false);
  EXPECT_EQ(with_endpoint({.ocsp = true}).ocsp, true);
  setenv("SNOWFLAKE_OCSP", "no", 1);
  EXPECT_THROW(with_endpoint({}), errors::ExportConfigurationError);
}

TEST_F(EndpointTest, AProtocolOtherThanHttpAndHttpsIsRefused) {
  set("", "", "gopher");
  EXPECT_THROW(with_endpoint({}), errors::ExportConfigurationError);
}

}  // namespace
}  // namespace imednet::sinks::snowflake
