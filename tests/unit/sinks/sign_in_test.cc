#include "sinks/snowflake/sign_in.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <map>

#include "unit/folder.h"
#include "unit/sinks/made_up_keys.h"

namespace imednet::sinks::snowflake {
namespace {

using errors::ExportConfigurationError;
using integrations::SignIn;
using integrations::SnowflakeSinkConfig;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

using OptionMap = std::map<std::string, std::string>;

constexpr const char* kAuthType = "adbc.snowflake.sql.auth_type";
constexpr const char* kToken = "adbc.snowflake.sql.client_option.auth_token";
constexpr const char* kKey = "adbc.snowflake.sql.client_option.jwt_private_key_pkcs8_value";

class SignInTest : public FolderTest {
 protected:
  static OptionMap options_of(const SnowflakeSinkConfig& config) {
    SignInOptions all;
    fill(all, config);
    return {all.options.begin(), all.options.end()};
  }
  static std::string refusal_of(const SnowflakeSinkConfig& config) {
    try {
      check_sign_in(config);
    } catch (const ExportConfigurationError& error) {
      EXPECT_EQ(error.code(), errors::ErrorCode::config);
      EXPECT_FALSE(error.hint().empty());
      EXPECT_EQ((std::string(error.what()) + error.hint()).find("made-up"), std::string::npos) << error.what() << error.hint();
      return error.what();
    }
    return "";
  }
  static const MadeUpKey& key() {
    static const MadeUpKey made = rsa_key(2048);
    return made;
  }
};

TEST_F(SignInTest, TheKindFollowsFromWhatIsGiven) {
  EXPECT_EQ(kind_of({.password = "made-up"}), SignIn::password);
  EXPECT_EQ(kind_of({.password = "made-up", .passcode = "123456"}), SignIn::mfa);
  EXPECT_EQ(kind_of({.password = "made-up", .token = "made-up"}), SignIn::access_token);
  EXPECT_EQ(kind_of({.token_file = "token"}), SignIn::access_token);
  EXPECT_EQ(kind_of({.private_key = "made-up", .token = "made-up"}), SignIn::key_pair);
  EXPECT_EQ(kind_of({.private_key_file = "rsa_key.p8"}), SignIn::key_pair);
  EXPECT_EQ(kind_of({.sign_in = SignIn::oauth, .private_key = "made-up"}), SignIn::oauth);
  EXPECT_EQ(kind_of({.private_key = " \n", .token = " "}), SignIn::password) << "blank is unset";
}

TEST_F(SignInTest, APasswordIsAllThatPasswordSignInSends) {
  EXPECT_THAT(options_of({.password = "made-up"}), ElementsAre(Pair("password", "made-up")));
}

TEST_F(SignInTest, APasscodeTravelsInTheAddress) {
  SignInOptions all;
  fill(all, {.password = "made-up", .sign_in = SignIn::mfa, .passcode = "123456"});
  EXPECT_EQ(all.address_query, "passcode=123456");
  EXPECT_THAT(OptionMap(all.options.begin(), all.options.end()), ElementsAre(Pair(kAuthType, "auth_mfa"), Pair("password", "made-up")));
  SignInOptions push;
  fill(push, {.password = "made-up", .sign_in = SignIn::mfa});
  EXPECT_EQ(push.address_query, "");
}

TEST_F(SignInTest, TheKeyIsGivenOpenAndItsPassphraseNowhere) {
  const std::string passphrase = "made-up passphrase";
  const SnowflakeSinkConfig config{
      .password = "made-up password", .private_key = pkcs8_pem(key().get(), passphrase), .private_key_passphrase = passphrase};
  SignInOptions all;
  fill(all, config);
  const OptionMap options(all.options.begin(), all.options.end());
  EXPECT_THAT(options, ElementsAre(Pair(kAuthType, "auth_jwt"), Pair(kKey, pkcs8_pem(key().get()))));
  for (const auto& [name, value] : options) {
    EXPECT_EQ(name.find("password"), std::string::npos);
    EXPECT_EQ(value.find(passphrase), std::string::npos);
  }
  EXPECT_THAT(all.fingerprint, testing::MatchesRegex("SHA256:[A-Za-z0-9+/]{43}="));
}

TEST_F(SignInTest, TokensAreGivenByKind) {
  EXPECT_THAT(options_of({.token = " made-up token\n"}), ElementsAre(Pair(kAuthType, "auth_pat"), Pair(kToken, "made-up token")));
  EXPECT_THAT(options_of({.password = "made-up", .sign_in = SignIn::oauth, .token = "made-up token"}),
              ElementsAre(Pair(kAuthType, "auth_oauth"), Pair(kToken, "made-up token")));
}

TEST_F(SignInTest, ATokenFileIsReadAnewEachTime) {
  const SnowflakeSinkConfig config{.token_file = root / "token"};
  put(root / "token", "made-up first\n");
  EXPECT_EQ(options_of(config).at(kToken), "made-up first");
  put(root / "token", "made-up second\n");
  EXPECT_EQ(options_of(config).at(kToken), "made-up second");
  put(root / "token", " \n");
  EXPECT_EQ(code_of<ExportConfigurationError>([&] { options_of(config); }), errors::ErrorCode::config);
}

TEST_F(SignInTest, BrowserAndWorkloadIdentityNeedNoSecret) {
  EXPECT_THAT(options_of({.sign_in = SignIn::external_browser}), ElementsAre(Pair(kAuthType, "auth_ext_browser")));
  EXPECT_THAT(options_of({.sign_in = SignIn::workload_identity, .workload_identity_provider = "AWS"}),
              ElementsAre(Pair(kAuthType, "auth_wif"), Pair("adbc.snowflake.sql.client_option.identity_provider", "AWS")));
  const auto with_token =
      options_of({.sign_in = SignIn::workload_identity, .token = "made-up token", .workload_identity_provider = "OIDC"});
  EXPECT_EQ(with_token.at(kToken), "made-up token");
}

TEST_F(SignInTest, WhatAKindNeedsMustBeThere) {
  EXPECT_THAT(refusal_of({}), HasSubstr("the password is missing"));
  EXPECT_THAT(refusal_of({.password = "made-up", .sign_in = SignIn::key_pair}), HasSubstr("the private key is missing"));
  EXPECT_THAT(refusal_of({.sign_in = SignIn::access_token}), HasSubstr("the token is missing"));
  EXPECT_THAT(refusal_of({.sign_in = SignIn::oauth}), HasSubstr("the token is missing"));
  EXPECT_THAT(refusal_of({.sign_in = SignIn::mfa, .passcode = "123456"}), HasSubstr("the password is missing"));
  EXPECT_THAT(refusal_of({.sign_in = SignIn::workload_identity}), HasSubstr("provider is missing"));
  EXPECT_THAT(refusal_of({.sign_in = SignIn::workload_identity, .workload_identity_provider = "aws"}), HasSubstr("provider is unknown"));
  EXPECT_THAT(refusal_of({.sign_in = SignIn::workload_identity, .workload_identity_provider = "OIDC"}), HasSubstr("the token is missing"));
  EXPECT_THAT(refusal_of({.private_key = "made-up", .private_key_file = "f"}), HasSubstr("given twice"));
  EXPECT_THAT(refusal_of({.token = "made-up", .token_file = "f"}), HasSubstr("given twice"));
  EXPECT_THAT(refusal_of({.password = "made-up", .passcode = "12&role=x"}), HasSubstr("passcode holds something else"));
  for (const SnowflakeSinkConfig& good :
       {SnowflakeSinkConfig{.password = "made-up"}, SnowflakeSinkConfig{.private_key_file = "f"}, SnowflakeSinkConfig{.token = "made-up"},
        SnowflakeSinkConfig{.password = "made-up", .sign_in = SignIn::mfa}, SnowflakeSinkConfig{.sign_in = SignIn::external_browser}}) {
    EXPECT_EQ(refusal_of(good), "");
  }
}

TEST_F(SignInTest, OcspIsOffForThisMachineOnly) {
  EXPECT_THAT(refusal_of({.password = "made-up", .ocsp = false}), HasSubstr("certificates"));
  EXPECT_THAT(refusal_of({.password = "made-up", .host = "snowflake.example", .ocsp = false}), HasSubstr("certificates"));
  EXPECT_EQ(refusal_of({.password = "made-up", .host = "127.0.0.1", .ocsp = false}), "");
}

TEST_F(SignInTest, APasswordOverTheNetworkEarnsOneWarning) {
  EXPECT_THAT(sign_in_warnings({.password = "made-up"}), ElementsAre(HasSubstr("type SERVICE")));
  EXPECT_THAT(sign_in_warnings({.password = "made-up", .host = "127.0.0.1"}), IsEmpty());
  EXPECT_THAT(sign_in_warnings({.token = "made-up"}), IsEmpty());
  EXPECT_THAT(sign_in_warnings({.password = "made-up", .passcode = "123456"}), IsEmpty());
}

TEST_F(SignInTest, AKeyFileThatOthersMayReadEarnsAWarning) {
  put(root / "rsa_key.p8", "made-up");
  chmod((root / "rsa_key.p8").c_str(), 0644);
  EXPECT_THAT(sign_in_warnings({.private_key_file = root / "rsa_key.p8"}), ElementsAre(HasSubstr("chmod 600")));
}

TEST_F(SignInTest, ARefusedKeyIsHintedWithItsFingerprint) {
  EXPECT_THAT(refused_hint({.private_key = "made-up"}, "SHA256:abc="), testing::AllOf(HasSubstr("SHA256:abc="), HasSubstr("DESC USER")));
  EXPECT_THAT(refused_hint({.token = "made-up"}, ""), HasSubstr("programmatic access token"));
  EXPECT_THAT(refused_hint({.password = "made-up"}, ""), HasSubstr("--private-key-file"));
}

}  // namespace
}  // namespace imednet::sinks::snowflake
