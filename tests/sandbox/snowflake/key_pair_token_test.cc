#include "sandbox/snowflake/key_pair_token.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "client.h"
#include "sandbox/snowflake/sandbox_clock.h"

namespace imednet::sandbox::snowflake::testing {
namespace {

constexpr int64_t kNow = 1'800'000'000;

using Key = std::shared_ptr<EVP_PKEY>;

Key made_up_key(unsigned bits = 2048) { return {EVP_RSA_gen(bits), EVP_PKEY_free}; }

std::string public_pem(const Key& key) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_PUBKEY(out.get(), key.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<size_t>(size)};
}

std::string for_urls(const std::string& bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  text.resize(static_cast<size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                                  reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()))));
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

std::string signed_token(const Key& key, const Json& claims, const Json& head = {{"alg", "RS256"}, {"typ", "JWT"}}) {
  const std::string text = for_urls(head.dump()) + "." + for_urls(claims.dump());
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get());
  size_t size = 1024;
  std::string signature(size, '\0');
  EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                 reinterpret_cast<const unsigned char*>(text.data()), text.size());
  signature.resize(size);
  return text + "." + for_urls(signature);
}

class KeyPairTokenTest : public ::testing::Test {
 protected:
  static const Key& key() {
    static const Key made = made_up_key();
    return made;
  }
  static const Key& other_key() {
    static const Key made = made_up_key();
    return made;
  }
  static PublicKey registered(const Key& one) { return PublicKey::parse(public_pem(one)).value(); }
  static KeyPairUser user() { return {"MYORG-MYACCOUNT", "LOADER", {registered(key())}}; }
  static Json claims(int64_t issued = kNow) {
    return {{"iss", "MYORG-MYACCOUNT.LOADER." + registered(key()).fingerprint()},
            {"sub", "MYORG-MYACCOUNT.LOADER"},
            {"iat", issued},
            {"exp", issued + 60}};
  }
  static std::string refusal(const std::string& token) { return key_pair_refusal(token, user(), kNow).value_or(""); }
};

TEST_F(KeyPairTokenTest, ATokenOfTheRegisteredKeyIsGood) {
  EXPECT_EQ(refusal(signed_token(key(), claims())), "");
  EXPECT_EQ(refusal(signed_token(key(), claims(kNow - 30))), "");
}

TEST_F(KeyPairTokenTest, EitherOfTwoKeysIsGood) {
  KeyPairUser both = user();
  both.keys.push_back(registered(other_key()));
  Json of_other = claims();
  of_other["iss"] = "MYORG-MYACCOUNT.LOADER." + registered(other_key()).fingerprint();
  EXPECT_FALSE(key_pair_refusal(signed_token(other_key(), of_other), both, kNow));
  EXPECT_FALSE(key_pair_refusal(signed_token(key(), claims()), both, kNow));
}

TEST_F(KeyPairTokenTest, AnotherKeyIsRefusedWhateverItClaims) {
  Json honest = claims();
  honest["iss"] = "MYORG-MYACCOUNT.LOADER." + registered(other_key()).fingerprint();
  EXPECT_EQ(refusal(signed_token(other_key(), honest)), "JWT_TOKEN_PUBLIC_KEY_FINGERPRINT_MISMATCH");
  EXPECT_EQ(refusal(signed_token(other_key(), claims())), "JWT_TOKEN_INVALID_SIGNATURE");
}

TEST_F(KeyPairTokenTest, WhatWasChangedAfterSigningIsRefused) {
  const std::string good = signed_token(key(), claims());
  const std::string later = signed_token(key(), claims(kNow + 5));
  const std::string mixed = later.substr(0, later.rfind('.')) + good.substr(good.rfind('.'));
  EXPECT_EQ(refusal(mixed), "JWT_TOKEN_INVALID_SIGNATURE");
  EXPECT_EQ(refusal(good.substr(0, good.rfind('.')) + "."), "JWT_TOKEN_INVALID_SIGNATURE");
}

TEST_F(KeyPairTokenTest, AnotherAccountOrUserIsRefused) {
  Json account = claims();
  account["sub"] = "OTHER.LOADER";
  EXPECT_EQ(refusal(signed_token(key(), account)), "JWT_TOKEN_ACCOUNT_MISMATCH");
  Json person = claims();
  person["sub"] = "MYORG-MYACCOUNT.SOMEBODY";
  EXPECT_EQ(refusal(signed_token(key(), person)), "JWT_TOKEN_INVALID_USER_IN_ISSUER");
  Json issuer = claims();
  issuer["iss"] = "MYORG-MYACCOUNT.SOMEBODY." + registered(key()).fingerprint();
  EXPECT_EQ(refusal(signed_token(key(), issuer)), "JWT_TOKEN_INVALID_USER_IN_ISSUER");
}

TEST_F(KeyPairTokenTest, TimesAreChecked) {
  EXPECT_EQ(refusal(signed_token(key(), claims(kNow - 61))), "JWT_TOKEN_EXPIRED");
  EXPECT_EQ(refusal(signed_token(key(), claims(kNow + 61))), "JWT_TOKEN_INVALID_ISSUE_TIME");
  Json old = claims(kNow - 100);
  old["exp"] = kNow + 1000;
  EXPECT_EQ(refusal(signed_token(key(), old)), "JWT_TOKEN_INVALID_ISSUE_TIME");
  Json long_lived = claims();
  long_lived["exp"] = kNow + 3601;
  EXPECT_EQ(refusal(signed_token(key(), long_lived)), "");
  Json hour_old = claims(kNow - 3600);
  hour_old["exp"] = kNow + 100000;
  EXPECT_EQ(refusal(signed_token(key(), hour_old)), "JWT_TOKEN_EXPIRED");
  Json in_milliseconds = claims();
  for (const char* name : {"iat", "exp"}) in_milliseconds[name] = in_milliseconds[name].get<int64_t>() * 1000;
  EXPECT_EQ(refusal(signed_token(key(), in_milliseconds)), "");
  Json backwards = claims();
  backwards["exp"] = kNow - 1;
  EXPECT_EQ(refusal(signed_token(key(), backwards)), "JWT_TOKEN_INVALID_EXPIRATION_TIME");
  Json early = claims();
  early["nbf"] = kNow + 1;
  EXPECT_EQ(refusal(signed_token(key(), early)), "JWT_TOKEN_NOT_YET_VALID");
  Json timeless = claims();
  timeless.erase("exp");
  EXPECT_EQ(refusal(signed_token(key(), timeless)), "JWT_TOKEN_INVALID_FORMAT");
}

TEST_F(KeyPairTokenTest, OtherAlgorithmsAndWhatIsNoTokenAreRefused) {
  for (const char* algorithm : {"none", "HS256", "RS512"}) {
    EXPECT_EQ(refusal(signed_token(key(), claims(), {{"alg", algorithm}})), "JWT_TOKEN_INVALID_ALGORITHM") << algorithm;
  }
  for (const char* text : {"", ".", "..", "a.b", "a.b.c", "e30.e30", "e30.e30.!"}) {
    EXPECT_NE(refusal(text), "") << text;
  }
}

TEST_F(KeyPairTokenTest, OnlyRsaKeysOf2048BitsAreTaken) {
  EXPECT_FALSE(PublicKey::parse(public_pem(made_up_key(1024))));
  EXPECT_FALSE(PublicKey::parse(""));
  EXPECT_FALSE(PublicKey::parse("no key"));
  const Key elliptic(EVP_EC_gen("P-256"), EVP_PKEY_free);
  EXPECT_FALSE(PublicKey::parse(public_pem(elliptic)));
}

// The base64 between the first and the last line, as people paste it.
std::string body_of(const std::string& pem) {
  const size_t from = pem.find('\n') + 1;
  return pem.substr(from, pem.rfind("-----END") - from);
}

Json login(int port, const Json& data) {
  httplib::Client http("127.0.0.1", port);
  Json body = {{"data", {{"ACCOUNT_NAME", "myorg-myaccount"}, {"CLIENT_APP_ID", "Go"}}}};
  body["data"].update(data);
  const auto answer = http.Post("/session/v1/login-request?databaseName=IMEDNET_DB", body.dump(), "application/json");
  return answer ? Json::parse(answer->body) : Json();
}

Json login_with_key(int port, const Key& key, int64_t offset = 0, const std::string& user = "LOADER") {
  const int64_t now = SandboxClock().now_us() / 1000000 + offset;
  const Json claims = {{"iss", "MYORG-MYACCOUNT." + user + "." + PublicKey::parse(public_pem(key))->fingerprint()},
                       {"sub", "MYORG-MYACCOUNT." + user},
                       {"iat", now},
                       {"exp", now + 60}};
  return login(port, {{"AUTHENTICATOR", "SNOWFLAKE_JWT"}, {"TOKEN", signed_token(key, claims)}});
}

class KindsOfSignIn : public KeyPairTokenTest {
 protected:
  static SnowflakeServerOptions options(const std::filesystem::path& data_dir) {
    SnowflakeServerOptions options = options_in(data_dir);
    options.access_token = "made-up-access-token";
    options.oauth_token = "made-up-oauth-token";
    return options;
  }
  TempDir dir;
  SnowflakeServer server{options(dir.path())};
};

TEST_F(KindsOfSignIn, AKeySignsInOnceItIsRegistered) {
  EXPECT_EQ(login_with_key(server.port(), key())["code"], "390144");
  Client client(server.port());
  EXPECT_EQ(client.code("ALTER USER loader SET RSA_PUBLIC_KEY = '" + body_of(public_pem(key())) + "'"), "");
  EXPECT_TRUE(login_with_key(server.port(), key())["success"].get<bool>());
  EXPECT_EQ(login_with_key(server.port(), other_key())["code"], "390144");
  EXPECT_EQ(login_with_key(server.port(), key(), -120)["code"], "390144");
  EXPECT_EQ(client.code("ALTER USER loader SET RSA_PUBLIC_KEY_2 = '" + body_of(public_pem(other_key())) + "'"), "");
  EXPECT_TRUE(login_with_key(server.port(), other_key())["success"].get<bool>());
  EXPECT_EQ(client.code("ALTER USER loader UNSET RSA_PUBLIC_KEY"), "");
  EXPECT_EQ(login_with_key(server.port(), key())["code"], "390144");
}

TEST_F(KindsOfSignIn, TheTokenItselfSaysWhoSignsIn) {
  EXPECT_EQ(user_in_token(signed_token(key(), {{"sub", "MYORG-MYACCOUNT.A.B"}})), "A.B");
  for (const char* odd : {"", "x", "x.y", "x.y.z", "..", "e30.e30.e30", "e30.W10.e30"}) EXPECT_EQ(user_in_token(odd), "") << odd;
  Client client(server.port());
  ASSERT_EQ(client.code("CREATE USER robot TYPE = SERVICE RSA_PUBLIC_KEY = '" + body_of(public_pem(key())) + "'"), "");
  const Json taken = login_with_key(server.port(), key(), 0, "ROBOT");
  ASSERT_TRUE(taken["success"].get<bool>()) << taken;
  EXPECT_EQ(taken["data"]["displayUserName"], "ROBOT");
  EXPECT_EQ(taken["data"]["sessionInfo"]["roleName"], "PUBLIC");
  EXPECT_EQ(login_with_key(server.port(), other_key(), 0, "ROBOT")["code"], "390144");
  EXPECT_EQ(login_with_key(server.port(), key())["code"], "390144") << "the key is not the loader's";
}

TEST_F(KindsOfSignIn, DescribeUserShowsTheFingerprint) {
  Client client(server.port());
  EXPECT_NE(client.rows("DESC USER loader").find("RSA_PUBLIC_KEY_FP|null"), std::string::npos);
  ASSERT_EQ(client.code("ALTER USER LOADER SET RSA_PUBLIC_KEY = '" + public_pem(key()) + "'"), "");
  EXPECT_NE(client.rows("DESCRIBE USER loader").find("RSA_PUBLIC_KEY_FP|" + registered(key()).fingerprint()), std::string::npos);
  EXPECT_EQ(client.code("DESC USER somebody"), "002003");
  EXPECT_EQ(client.code("ALTER USER somebody SET RSA_PUBLIC_KEY = 'x'"), "002003");
  EXPECT_EQ(client.code("ALTER USER loader SET RSA_PUBLIC_KEY = 'no key'"), "002047");
  EXPECT_EQ(client.code("ALTER USER loader SET EMAIL = 'made-up'"), "001003");
}

TEST_F(KindsOfSignIn, TokensAreJudgedAndExpire) {
  const auto code = [&](const char* kind, const char* token, const char* user = "loader") {
    const Json answer = login(server.port(), {{"AUTHENTICATOR", kind}, {"TOKEN", token}, {"LOGIN_NAME", user}});
    return answer["success"].get<bool>() ? std::string() : answer["code"].get<std::string>();
  };
  EXPECT_EQ(code("PROGRAMMATIC_ACCESS_TOKEN", "made-up-access-token"), "");
  EXPECT_EQ(code("PROGRAMMATIC_ACCESS_TOKEN", "made-up-oauth-token"), "394400");
  EXPECT_EQ(code("PROGRAMMATIC_ACCESS_TOKEN", "made-up-access-token", "somebody"), "394400");
  EXPECT_EQ(code("OAUTH", "made-up-oauth-token"), "");
  EXPECT_EQ(code("OAUTH", ""), "390303");
  Client client(server.port());
  client.post("/sandbox/clock", {{"offset_seconds", 601}});
  EXPECT_EQ(code("OAUTH", "made-up-oauth-token"), "390318");
  EXPECT_EQ(code("PROGRAMMATIC_ACCESS_TOKEN", "made-up-access-token"), "");
  client.post("/sandbox/clock", {{"offset_seconds", 16 * 24 * 3600}});
  EXPECT_EQ(code("PROGRAMMATIC_ACCESS_TOKEN", "made-up-access-token"), "394400");
}

TEST_F(KindsOfSignIn, WhatCannotBeJudgedIsRefusedByName) {
  for (const char* kind : {"EXTERNALBROWSER", "WORKLOAD_IDENTITY", "OKTA"}) {
    const Json answer = login(server.port(), {{"AUTHENTICATOR", kind}, {"LOGIN_NAME", "loader"}, {"TOKEN", "made-up"}});
    EXPECT_EQ(answer["code"], "390139");
    EXPECT_NE(answer["message"].get<std::string>().find("can't judge"), std::string::npos);
  }
  Client client(server.port());
  EXPECT_EQ(client.post("/session/authenticator-request", Json::object())["code"], "390139");
}

TEST_F(KindsOfSignIn, TheListOfLoginsSaysWhyAndHoldsNoSecret) {
  login_with_key(server.port(), other_key());
  login(server.port(), {{"AUTHENTICATOR", "OAUTH"}, {"TOKEN", "made-up-wrong-token"}});
  Client client(server.port());
  const Json logins = client.get("/sandbox/logins")["data"];
  EXPECT_EQ(logins[0]["refused"], "JWT_TOKEN_PUBLIC_KEY_FINGERPRINT_MISMATCH");
  EXPECT_TRUE(logins[1].contains("refused"));
  EXPECT_FALSE(logins[2].contains("refused"));
  for (const char* secret : {"made-up-wrong-token", "\"secret\"", "eyJ"}) EXPECT_EQ(logins.dump().find(secret), std::string::npos);
}

TEST(SecondFactor, IsAskedForWhenTheUserHasOne) {
  const TempDir dir;
  SnowflakeServerOptions options = options_in(dir.path());
  options.passcode = "123456";
  const SnowflakeServer server(options);
  const auto code = [&](const Json& more) {
    Json data = {{"LOGIN_NAME", "loader"}, {"PASSWORD", "secret"}};
    data.update(more);
    const Json answer = login(server.port(), data);
    return answer["success"].get<bool>() ? std::string() : answer["code"].get<std::string>();
  };
  EXPECT_EQ(code(Json::object()), "394508");
  EXPECT_EQ(code({{"PASSCODE", "654321"}}), "390127");
  EXPECT_EQ(code({{"PASSCODE", "123456"}}), "");
  EXPECT_EQ(code({{"PASSCODE", "123456"}, {"AUTHENTICATOR", "USERNAME_PASSWORD_MFA"}}), "");
  EXPECT_EQ(code({{"PASSCODE", "123456"}, {"PASSWORD", "wrong"}}), "390100");
}

}  // namespace
}  // namespace imednet::sandbox::snowflake::testing
