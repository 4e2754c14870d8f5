#include "imednet/sdk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ranges>

#include "unit/api/fake_study.h"
#include "unit/folder.h"
#include "unit/variables.h"

namespace imednet::api {
namespace {

using errors::ApiError;
using errors::ConfigurationError;
using errors::ErrorCode;
using testing::HasSubstr;
using testing::Not;

static_assert(std::ranges::input_range<ResultRange<Record>>);
static_assert(std::ranges::input_range<ResultRange<Site>>);
static_assert(!std::ranges::forward_range<ResultRange<Record>>);
static_assert(!std::is_copy_constructible_v<ResultRange<Record>> && std::is_nothrow_move_constructible_v<ResultRange<Record>>);

constexpr const char* kVariables[] = {"IMEDNET_API_KEY",      "IMEDNET_SECURITY_KEY",      "IMEDNET_BASE_URL",
                                      "IMEDNET_API_KEY_FILE", "IMEDNET_SECURITY_KEY_FILE", "IMEDNET_TIMEOUT"};

// Starts without any of the SDK's variables and puts back what they were.
class SdkSettings : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    for (const char* name : kVariables) variables.unset(name);
  }
  void set(const char* name, const std::string& value) { variables.set(name, value); }
  void set_keys() {
    set("IMEDNET_API_KEY", kTestApiKey);
    set("IMEDNET_SECURITY_KEY", kTestSecurityKey);
  }
  std::string file_with(const std::string& name, std::string_view content) const {
    put(root / name, content);
    return (root / name).string();
  }
  static ConfigurationError refused(const SdkConfig& config = {}) {
    return caught<ConfigurationError>([&config] { ImednetSDK sdk(config); });
  }

  Variables variables;
};

TEST_F(SdkSettings, ComeFromTheEnvironment) {
  set_keys();
  set("IMEDNET_BASE_URL", " http://127.0.0.1:8080/api/ ");
  set("IMEDNET_TIMEOUT", "2.5");
  const ImednetSDK sdk;
  const ClientSettings& settings = sdk.client()->settings();
  EXPECT_EQ(settings.api_key.reveal(), kTestApiKey);
  EXPECT_EQ(settings.security_key.reveal(), kTestSecurityKey);
  EXPECT_EQ(settings.base_url, "http://127.0.0.1:8080");
  EXPECT_EQ(settings.timeout, std::chrono::milliseconds(2500));
}

TEST_F(SdkSettings, HaveDefaults) {
  set_keys();
  const ImednetSDK sdk;
  const ClientSettings& settings = sdk.client()->settings();
  EXPECT_EQ(settings.base_url, "https://edc.prod.imednetapi.com");
  EXPECT_EQ(settings.timeout, std::chrono::seconds(30));
  EXPECT_EQ(settings.retry.max_retries, 3);
  EXPECT_EQ(settings.retry.total, std::chrono::seconds(60));
  EXPECT_EQ(sdk.client()->requests(), 0);
}

TEST_F(SdkSettings, GivenOnesBeatTheEnvironment) {
  set("IMEDNET_API_KEY", "other");
  set("IMEDNET_SECURITY_KEY", "other");
  set("IMEDNET_BASE_URL", "http://not-used.example.org");
  set("IMEDNET_TIMEOUT", "not used");
  const ImednetSDK sdk({.api_key = kTestApiKey,
                        .security_key = kTestSecurityKey,
                        .base_url = "https://edc.example.org",
                        .timeout = std::chrono::milliseconds(7)});
  EXPECT_EQ(sdk.client()->settings().api_key.reveal(), kTestApiKey);
  EXPECT_EQ(sdk.client()->settings().base_url, "https://edc.example.org");
  EXPECT_EQ(sdk.client()->settings().timeout.count(), 7);
}

TEST_F(SdkSettings, AMissingKeyNamesItsVariable) {
  set("IMEDNET_SECURITY_KEY", kTestSecurityKey);
  for (const char* blank : {"", " ", "\t\n"}) {
    set("IMEDNET_API_KEY", blank);
    const ConfigurationError error = refused();
    EXPECT_EQ(error.code(), ErrorCode::config);
    EXPECT_THAT(error.what(), HasSubstr("IMEDNET_API_KEY"));
    EXPECT_THAT(error.hint(), HasSubstr("IMEDNET_API_KEY_FILE"));
  }
  variables.unset("IMEDNET_API_KEY");
  EXPECT_THAT(refused().what(), HasSubstr("IMEDNET_API_KEY"));
  set("IMEDNET_API_KEY", kTestApiKey);
  variables.unset("IMEDNET_SECURITY_KEY");
  EXPECT_THAT(refused().what(), HasSubstr("IMEDNET_SECURITY_KEY"));
  EXPECT_THAT(refused({.api_key = "  ", .security_key = "x"}).what(), HasSubstr("IMEDNET_API_KEY"));
}

TEST_F(SdkSettings, AKeyWithALineBreakIsRefusedUnseen) {
  set("IMEDNET_API_KEY", "made-up\r\nx-other: 1");
  set("IMEDNET_SECURITY_KEY", kTestSecurityKey);
  const ConfigurationError error = refused();
  EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("line break"), Not(HasSubstr("made-up"))));
  EXPECT_THAT(error.hint(), HasSubstr("IMEDNET_API_KEY"));
  EXPECT_THAT(refused({.api_key = kTestApiKey, .security_key = "a\nb"}).what(), HasSubstr("security key has a line break"));
}

TEST_F(SdkSettings, KeysMayStandInFiles) {
  set("IMEDNET_API_KEY_FILE", file_with("api key", std::string(kTestApiKey) + "\n"));
  set("IMEDNET_SECURITY_KEY_FILE", file_with("security key", kTestSecurityKey));
  const ImednetSDK sdk;
  EXPECT_EQ(sdk.client()->settings().api_key.reveal(), kTestApiKey);
  EXPECT_EQ(sdk.client()->settings().security_key.reveal(), kTestSecurityKey);
}

TEST_F(SdkSettings, KeyFilesThatCanNotBeUsedAreNamed) {
  set("IMEDNET_SECURITY_KEY", kTestSecurityKey);
  set("IMEDNET_API_KEY_FILE", "/nonexistent/key");
  EXPECT_THAT(refused().what(), testing::AllOf(HasSubstr("IMEDNET_API_KEY_FILE"), HasSubstr("/nonexistent/key")));
  set("IMEDNET_API_KEY_FILE", file_with("blank", " \n"));
  EXPECT_THAT(refused().what(), HasSubstr("IMEDNET_API_KEY"));
  set("IMEDNET_API_KEY", kTestApiKey);
  EXPECT_THAT(refused().what(), HasSubstr("both are set"));
}

TEST_F(SdkSettings, ATimeoutThatIsNoneIsRefused) {
  set_keys();
  for (const char* text : {"abc", "0", "-1", "30s", "1 0", "nan", "inf", "1e999", "1e9", "86401", "0.0001", "0x10", "1,5", "+3"}) {
    set("IMEDNET_TIMEOUT", text);
    const ConfigurationError error = refused();
    EXPECT_EQ(error.code(), ErrorCode::config) << text;
    EXPECT_THAT(error.hint(), HasSubstr("IMEDNET_TIMEOUT"));
  }
  for (const auto& [text, milliseconds] : {std::pair{"1", 1000}, {"0.001", 1}, {"1e1", 10'000}, {"86400", 86'400'000}, {" ", 30'000}}) {
    set("IMEDNET_TIMEOUT", text);
    EXPECT_EQ(ImednetSDK().client()->settings().timeout.count(), milliseconds) << text;
  }
}

TEST_F(SdkSettings, ABaseUrlThatKeysMustNotGoToIsRefused) {
  set_keys();
  set("IMEDNET_BASE_URL", "http://edc.example.org");
  EXPECT_THAT(refused().hint(), HasSubstr("IMEDNET_BASE_URL"));
}

TEST(ResultRange, IsLazyAndSinglePass) {
  FakeStudy study;
  study.add_many(1, 3);
  FakeClock clock;
  auto records = StudyResource<Record>(make_client(study.transport(), clock)).list("S");
  EXPECT_EQ(study.requests, 0);
  auto position = records.begin();
  EXPECT_GT(study.requests, 0);
  const Record first = *position;
  EXPECT_EQ(first.record_id, 1);
  ++position;
  EXPECT_EQ(position->record_id, 2);
  EXPECT_EQ(first.record_id, 1);  // a copy is kept
  position++;
  ++position;
  EXPECT_TRUE(position == records.end());
}

TEST(ResultRange, OutlivesTheSdkThatMadeIt) {
  FakeStudy study;
  study.add_many(1, 3);
  FakeClock clock;
  auto client = make_client(study.transport(), clock);
  auto records = StudyResource<Record>(client).list("S");
  client.reset();
  auto moved = std::move(records);
  EXPECT_EQ(std::ranges::distance(moved), 3);
}

TEST(ResultRange, AnErrorOfTheFirstPageIsThrownFromBegin) {
  Script script;
  FakeClock clock;
  script.answers(401);
  auto sites = StudyResource<Site>(make_client(script, clock)).list("S");
  EXPECT_EQ(caught([&] { sites.begin(); }).code(), ErrorCode::unauthenticated);
}

TEST(ResultRange, AnErrorInTheMiddleIsThrownFromTheStep) {
  Script script;
  FakeClock clock;
  script.answers(200, list_body(R"({"siteId":1},{"siteId":2})", 3)).answers(404);
  auto sites = StudyResource<Site>(make_client(script, clock)).list("S");
  auto position = sites.begin();
  EXPECT_EQ(position->site_id, 1);
  ++position;
  const Site kept = *position;
  EXPECT_EQ(caught([&] { ++position; }).code(), ErrorCode::not_found);
  EXPECT_EQ(kept.site_id, 2);
}

TEST(ResultRange, ReachingTheEndMeansThatTheListWasProved) {
  FakeStudy study;
  study.add_many(1, 3);
  study.before_answer = [&study](int number) {
    if (number == 4) study.records.erase(1);
  };
  FakeClock clock;
  auto records = StudyResource<Record>(make_client(study.transport(), clock)).list("S");
  auto position = records.begin();
  ++position;
  ++position;
  EXPECT_EQ(position->record_id, 3);
  EXPECT_EQ(caught([&] { ++position; }).code(), ErrorCode::counts_differ);
}

}  // namespace
}  // namespace imednet::api
