#include "core/redact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace imednet::core {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kCanary = "CaNaRy7";  // stands for the secret, in every case; made up

struct Planted {
  const char* name;
  std::string text;
  const char* stays = "";  // what a reader needs and must keep
};

class PlantedSecret : public testing::TestWithParam<Planted> {};

TEST_P(PlantedSecret, IsGoneAndTheRestStays) {
  ASSERT_THAT(GetParam().text, HasSubstr(kCanary));
  const std::string clean = redact(GetParam().text);
  EXPECT_THAT(clean, Not(HasSubstr(kCanary)));
  EXPECT_THAT(clean, HasSubstr("***"));
  EXPECT_THAT(clean, HasSubstr(GetParam().stays));
  EXPECT_EQ(redact(clean), clean) << "a second pass changes the text";
}

INSTANTIATE_TEST_SUITE_P(
    Urls, PlantedSecret,
    testing::Values(Planted{"Query", "GET https://h.example/a/b?x=CaNaRy7&y=1 failed", "https://h.example/a/b?*** failed"},
                    Planted{"SasSignature", "403 from https://acct.blob.example/c/f?sv=2022&sig=CaNaRy7%2Bab%3D&se=2026",
                            "403 from https://"},
                    Planted{"AmazonSignature", "PUT \"http://b.s3.example/k?X-Amz-Credential=A&X-Amz-Signature=CaNaRy7\": 403", "\": 403"},
                    Planted{"CapitalScheme", "HTTPS://h.example/p?CaNaRy7", "h.example/p"},
                    Planted{"OtherScheme", "open azure://acct/c?sig2=CaNaRy7", "azure://acct/c"},
                    Planted{"UserAndPassword", "connect to https://loader:CaNaRy7@h.example:8080/p", "***@h.example:8080/p"},
                    Planted{"UserAlone", "connect to https://CaNaRy7@h.example/p", "https://***@h.example/p"},
                    Planted{"AtSignInPassword", "https://loader:a@CaNaRy7@h.example/p", "h.example/p"},
                    Planted{"UserOfAnotherScheme", "dial snowflake://loader:CaNaRy7@acct/db", "dial snowflake://***@acct/db"},
                    Planted{"TwoUrls", "https://a.example/?k=CaNaRy7 then https://b.example/?k=CaNaRy7!", " then https://b.example/"},
                    Planted{"QueryAndUser", "https://u:CaNaRy7@h.example/p?t=CaNaRy7 end", " end"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Headers, PlantedSecret,
    testing::Values(Planted{"Bearer", "Authorization: Bearer CaNaRy7.x-y_z~/+=, retry", "Authorization: Bearer ***"},
                    Planted{"LowerBearer", "authorization=bearer CaNaRy7", "bearer ***"},
                    Planted{"Basic", "Authorization: Basic CaNaRy7==", "Basic ***"},
                    Planted{"SnowflakeToken", "Authorization: Snowflake Token=\"ver:1-hint:1-CaNaRy7\" refused", " refused"},
                    Planted{"SnowflakeTokenBare", "Snowflake Token=ver:1-CaNaRy7 refused", " refused"},
                    Planted{"ApiKey", "x-api-key: CaNaRy7", "x-api-key: ***"},
                    Planted{"SecurityKey", "x-imn-security-key: CaNaRy7\nHost: h", "x-imn-security-key: *** Host: h"},
                    Planted{"Jwt", "assertion eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJDYU5hUnk3In0.CaNaRy7_-sig was refused", " was refused"},
                    Planted{"JwtWithoutSignature", "got eyJhbGciOiJub25lIn0.CaNaRy7 here", " here"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    NamedValues, PlantedSecret,
    testing::Values(
        Planted{"KeyValue", "user=loader password=CaNaRy7 role=R", "user=loader password=*** role=R"},
        Planted{"Semicolons", "Server=h;Pwd=CaNaRy7;Database=D", ";Database=D"}, Planted{"Colon", "passphrase: CaNaRy7", "passphrase: ***"},
        Planted{"Quoted", "PASSWORD = 'two words CaNaRy7' DEFAULT_ROLE = 'R'", "DEFAULT_ROLE = 'R'"},
        Planted{"QuoteDoubled", "PASSWORD = 'it''s CaNaRy7', COMMENT = 'c'", ", COMMENT = 'c'"},
        Planted{"Json", R"({"LOGIN_NAME":"loader","PASSWORD":"CaNaRy7","x":1})", R"("LOGIN_NAME":"loader")"},
        Planted{"JsonSpaces", "{ \"password\" : \"a b CaNaRy7\" , \"x\": 1}", "\"x\": 1"},
        Planted{"JsonQuoteInside", R"({"password":"a\"b CaNaRy7","x":1})", R"(,"x":1})"},
        Planted{"JsonInsideAString", R"(body "{\"password\":\"two CaNaRy7\",\"x\":1}")", R"(,\"x\":1}")"},
        Planted{"JsonCutOff", R"({"token":"CaNaRy7 and mo)", "{\"token\":"},
        Planted{"SessionToken", R"({"data":{"masterToken":"CaNaRy7","sessionId":5}})", "\"sessionId\":5"},
        Planted{"StageKey", R"({"queryStageMasterKey":"CaNaRy7==","queryId":"q"})", R"("queryId":"q")"},
        Planted{"AmazonKeyId", R"({"AWS_KEY_ID":"CaNaRy7"})", "AWS_KEY_ID"}, Planted{"AmazonSecret", R"(AWS_SECRET_KEY=CaNaRy7 x)", " x"},
        Planted{"AzureSas", R"({"AZURE_SAS_TOKEN":"?sig=CaNaRy7"})", "AZURE"},
        Planted{"AccountKey", "AccountName=a;AccountKey=CaNaRy7==;Suffix=s", "AccountName=a;"},
        Planted{"PrivateKey", "private_key=CaNaRy7 x", " x"}, Planted{"ClientSecret", "client_secret=CaNaRy7&grant=x", "&grant=x"},
        Planted{"Environment", "IMEDNET_SECURITY_KEY=CaNaRy7 imednet", " imednet"},
        Planted{"SignatureWithoutUrl", "se=2026&sig=CaNaRy7%3D&sp=r", "&sp=r"}, Planted{"Credential", "X-Amz-Credential=CaNaRy7", ""},
        Planted{"TwoOnALine", "password=CaNaRy7 token=CaNaRy7 end", " end"},
        Planted{"BehindAControlCharacter", std::string("password=\0CaNaRy7", 17), "password="}),
    [](const auto& test) { return test.param.name; });

std::string pem(const std::string& kind, const std::string& body) {
  return "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----";
}

INSTANTIATE_TEST_SUITE_P(
    PemBlocks, PlantedSecret,
    testing::Values(Planted{"PrivateKey", "read " + pem("PRIVATE KEY", "MIIB\nCaNaRy7\nAA==") + " failed", " failed"},
                    Planted{"EncryptedKey", pem("ENCRYPTED PRIVATE KEY", "CaNaRy7"), ""},
                    Planted{"RsaKeyWithHeaders", pem("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\n\nCaNaRy7-x-y"), ""},
                    Planted{"TwoBlocks", pem("PRIVATE KEY", "CaNaRy7") + " and " + pem("PRIVATE KEY", "CaNaRy7"), " and "},
                    Planted{"WithoutItsEnd", "key -----BEGIN PRIVATE KEY-----\nMIIB\nCaNaRy7", "key "},
                    Planted{"OnOneLine", R"(key="-----BEGIN PRIVATE KEY-----\nCaNaRy7\n-----END PRIVATE KEY-----" x)", " x"}),
    [](const auto& test) { return test.param.name; });

class HarmlessText : public testing::TestWithParam<const char*> {};

TEST_P(HarmlessText, StaysAsItIs) { EXPECT_EQ(redact(GetParam()), GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Texts, HarmlessText,
    testing::Values("", "cannot sign in to Snowflake: wrong user name or password",
                    "002003 (02000): SQL compilation error: Object 'IMEDNET_DB.PUBLIC.RECORDS' does not exist or not authorized.",
                    "cannot reach https://edc.example/api/v1/edc/studies/MY_STUDY/records: timeout",
                    "PUT file:///tmp/imednet-run-7-0123456789abcdef/MY_STUDY_records_0.parquet @MY_STAGE/imednet/ OVERWRITE = TRUE",
                    "batch MY_STUDY/records/0: design=blue, 12:30:01, mail someone@study.example", "naïve café — “quoted” 北京 😀",
                    "line 3, column 14: expected ',' or '}' after \"it.age\":\"63\"", "the session is gone; sign in again"));

TEST(Redact, ControlCharactersBecomeBlanks) {
  EXPECT_EQ(redact("a\x01"
                   "b\tc\rd\ne\x7f"
                   "f\x1b[31m"),
            "a b c d e f [31m");
  EXPECT_EQ(redact(std::string("a\0b", 3)), "a b");
  EXPECT_EQ(redact("a\xC2\x9B"
                   "31mb\xC2\x80"
                   "c"),
            "a 31mb c");
  EXPECT_EQ(redact("\xC2\xA0\xC3\x80"), "\xC2\xA0\xC3\x80") << "a letter was taken for a control character";
}

TEST(Redact, TextUpToTheLimitIsWholeAndLongerTextIsCut) {
  EXPECT_EQ(redact("abcdef", 6), "abcdef");
  EXPECT_EQ(redact("abcdefg", 6), "abcdef…");
  EXPECT_EQ(redact("abc", 0), "…");
  EXPECT_EQ(redact(std::string(600, 'a')), std::string(600, 'a'));
  EXPECT_EQ(redact(std::string(601, 'a')), std::string(600, 'a') + "…");
}

TEST(Redact, TheCutIsNeverInsideACharacter) {
  const std::string text = "aé€😀";  // 1, 2, 3 and 4 bytes
  const char* const wanted[] = {"…", "a…", "a…", "aé…", "aé…", "aé…", "aé€…", "aé€…", "aé€…", "aé€…", "aé€😀"};
  for (std::size_t limit = 0; limit <= text.size(); ++limit) EXPECT_EQ(redact(text, limit), wanted[limit]) << limit;
}

TEST(Redact, BrokenUtf8IsCutWithoutHarm) {
  EXPECT_EQ(redact(std::string(20, '\x80'), 10), "…");
  EXPECT_EQ(redact("caf\xE9"), "caf\xE9");
  EXPECT_EQ(redact("a\xC2"), "a\xC2");
}

TEST(Redact, ASecretThatTheLimitCutsIsStillGone) {
  const std::string text = "password=" + std::string(kCanary) + std::string(700, 'z');
  for (std::size_t limit = 0; limit < 40; ++limit) EXPECT_THAT(redact(text, limit), Not(HasSubstr("CaN"))) << limit;
}

TEST(Redact, VeryLongTextIsReadInPartAndSaysSo) {
  const std::string text(100'000, 'a');
  const std::string clean = redact(text, 50'000);
  EXPECT_LT(clean.size(), 10'000u);
  EXPECT_TRUE(clean.ends_with("a…"));
  const std::string accents = [] {
    std::string all = "x";
    for (int i = 0; i < 10'000; ++i) all += "é";
    return all;
  }();
  const std::string cut = redact(accents, 50'000);
  EXPECT_EQ(cut, accents.substr(0, cut.size() - 3) + "…");
  EXPECT_EQ((cut.size() - 3) % 2, 1u) << "cut inside a character";
}

TEST(Redact, ALongKeyHidesNothingButItselfAndTheCutIsMarked) {
  const std::string clean = redact("before " + std::string("-----BEGIN PRIVATE KEY-----") + std::string(20'000, 'A') + "CaNaRy7", 600);
  EXPECT_EQ(clean, "before ***…");
}

// A peer must not be able to bring the program down, or to a stand, with the text of an error.
TEST(Redact, TextMadeToHurtIsReadAllTheSame) {
  for (const std::string piece : {"a-", "password", "https://", "https://x?", "eyJ-", "eyJa.", "\"token\":\"\\", "token=\"", "signature='",
                                  "password\\\\\"", "-----BEGIN ", "-----BEGIN A-----", "bearer ", "\"", "'", "x"}) {
    std::string text;
    while (text.size() < 20'000) text += piece;
    EXPECT_LE(redact(text).size(), 603u) << piece;
  }
}

TEST(RedactProperty, AnyMixOfSecretsAndWordsIsCleanAfterOnePassAndStaysSo) {
  std::mt19937 random(11);
  const std::string parts[] = {"password=CaNaRy7",
                               R"({"token":"CaNaRy7","x":1})",
                               R"({\"secret\":\"CaNaRy7\"})",
                               "https://u:CaNaRy7@h.example/p?k=CaNaRy7",
                               "Bearer CaNaRy7",
                               "Snowflake Token=\"CaNaRy7\"",
                               "sig=CaNaRy7&sp=r",
                               "eyJhbGciOiJub25lIn0.CaNaRy7",
                               pem("PRIVATE KEY", "CaNaRy7"),
                               "PASSWORD = 'it''s CaNaRy7'",
                               "batch MY_STUDY/records/0",
                               "é€😀",
                               "\x01\n",
                               "'quoted'",
                               "(see \"line 3\")",
                               "https://h.example/p",
                               "***"};
  for (int i = 0; i < 2'000; ++i) {
    std::string text;
    for (unsigned n = 1 + random() % 8; n > 0; --n) text += parts[random() % std::size(parts)] + (random() % 4 == 0 ? ", " : " ");
    const std::string once = redact(text, 2'000);
    ASSERT_THAT(once, Not(HasSubstr("CaNaRy7"))) << text;
    ASSERT_EQ(redact(once, 2'000), once) << text;
  }
}

TEST(RedactProperty, APasswordOfAnyCharactersIsGoneFromJson) {
  std::mt19937 random(12);
  constexpr std::string_view kBytes = "ab \\\"'{}=:,;&?@/\n\xC3";
  for (int i = 0; i < 3'000; ++i) {
    std::string value;
    for (unsigned n = random() % 10; n > 0; --n) {
      const char byte = kBytes[random() % kBytes.size()];
      if (byte == '"' || byte == '\\') value += '\\';
      value += byte;
    }
    const std::string clean = redact("{\"user\":\"u\",\"password\":\"" + value + std::string(kCanary) + "\",\"x\":1}");
    ASSERT_EQ(clean, R"({"user":"u","password":***,"x":1})") << value;
  }
}

}  // namespace
}  // namespace imednet::core
