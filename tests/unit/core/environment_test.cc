#include "core/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imednet/errors.h"
#include "unit/folder.h"
#include "unit/variables.h"

namespace imednet::core {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kName = "IMEDNET_TEST_KEY";
constexpr const char* kFileName = "IMEDNET_TEST_KEY_FILE";
constexpr std::string_view kCanary = "canary-4711";  // made up

class Environment : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    variables.unset(kName);
    variables.unset(kFileName);
  }
  static std::string secret() { return secret_environment(kName).reveal(); }
  // The error's message; it must be a settings error and must not hold the secret.
  static std::string refusal() {
    try {
      secret_environment(kName);
    } catch (const errors::ConfigurationError& error) {
      EXPECT_EQ(error.code(), errors::ErrorCode::config);
      EXPECT_EQ(error.retry_class(), errors::RetryClass::never);
      EXPECT_THAT(error.what() + error.hint(), Not(HasSubstr(kCanary)));
      EXPECT_THAT(error.hint(), HasSubstr(kFileName));
      return error.what();
    }
    return "nothing was thrown";
  }

  Variables variables;
};

TEST(Trimmed, TakesWhiteSpaceFromBothEndsOnly) {
  EXPECT_EQ(trimmed(" \t\r\n\v\fa b\n c \t\r\n"), "a b\n c");
  EXPECT_EQ(trimmed("a"), "a");
  EXPECT_EQ(trimmed(" \n\t "), "");
  EXPECT_EQ(trimmed(""), "");
  EXPECT_EQ(trimmed("\xC2\xA0x"), "\xC2\xA0x") << "only ASCII blanks are white space";
}

TEST_F(Environment, AVariableIsReadWithoutSurroundingBlanks) {
  EXPECT_EQ(environment(kName), "");
  variables.set(kName, "  https://edc.example/api \n");
  EXPECT_EQ(environment(kName), "https://edc.example/api");
}

TEST_F(Environment, ABlankVariableCountsAsMissing) {
  for (const char* blank : {"", " ", "\t\r\n"}) {
    variables.set(kName, blank);
    EXPECT_EQ(environment(kName), "");
    EXPECT_TRUE(secret_environment(kName).empty());
  }
}

TEST_F(Environment, NeitherSetIsAnEmptySecret) { EXPECT_TRUE(secret_environment(kName).empty()); }

TEST_F(Environment, ASecretComesFromItsVariable) {
  variables.set(kName, " canary-4711\n");
  EXPECT_EQ(secret(), kCanary);
}

TEST_F(Environment, ASecretComesFromItsFile) {
  put(root / "key", " \ncanary-4711\r\n");
  variables.set(kFileName, (root / "key").string());
  EXPECT_EQ(secret(), kCanary);
}

TEST_F(Environment, AFileOfSeveralLinesIsKeptInside) {
  put(root / "key", "-----BEGIN KEY-----\nab\n-----END KEY-----\n");
  variables.set(kFileName, "  " + (root / "key").string() + " ");
  EXPECT_EQ(secret(), "-----BEGIN KEY-----\nab\n-----END KEY-----");
}

TEST_F(Environment, ASecretFileIsReadAnewEachTime) {
  variables.set(kFileName, (root / "key").string());
  put(root / "key", "first");
  EXPECT_EQ(secret(), "first");
  put(root / "key", "second");
  EXPECT_EQ(secret(), "second");
}

TEST_F(Environment, ABlankVariableLeavesTheFileItsPlace) {
  put(root / "key", kCanary);
  variables.set(kFileName, (root / "key").string());
  variables.set(kName, " ");
  EXPECT_EQ(secret(), kCanary);
  variables.set(kFileName, " ");
  variables.set(kName, "direct");
  EXPECT_EQ(secret(), "direct");
}

TEST_F(Environment, BothSetIsRefusedByName) {
  put(root / "key", kCanary);
  variables.set(kName, "canary-4711-too");
  variables.set(kFileName, (root / "key").string());
  EXPECT_EQ(refusal(), "cannot choose between IMEDNET_TEST_KEY and IMEDNET_TEST_KEY_FILE: both are set");
}

TEST_F(Environment, BothSetIsRefusedEvenWhenTheFileIsMissing) {
  variables.set(kName, "canary-4711");
  variables.set(kFileName, (root / "missing").string());
  EXPECT_THAT(refusal(), HasSubstr("both are set"));
}

TEST_F(Environment, AMissingFileIsRefusedByVariableAndPath) {
  variables.set(kFileName, (root / "missing").string());
  EXPECT_EQ(refusal(),
            "cannot read the file " + (root / "missing").string() + " named by IMEDNET_TEST_KEY_FILE: No such file or directory");
}

TEST_F(Environment, AFolderOrALinkToNothingIsRefused) {
  variables.set(kFileName, root.string());
  EXPECT_THAT(refusal(), HasSubstr("cannot read the file " + root.string()));
  EXPECT_THAT(refusal(), Not(HasSubstr("Success")));
  std::filesystem::create_symlink(root / "missing", root / "link");
  variables.set(kFileName, (root / "link").string());
  EXPECT_THAT(refusal(), HasSubstr("No such file"));
}

TEST_F(Environment, ALargeFileIsRefusedAndTheLargestAllowedIsRead) {
  variables.set(kFileName, (root / "key").string());
  put(root / "key", std::string(65'536, 'k'));
  EXPECT_EQ(secret().size(), 65'536u);
  put(root / "key", std::string(kCanary) + std::string(65'536, 'k'));
  EXPECT_THAT(refusal(), HasSubstr("it is too large"));
  variables.set(kFileName, "/dev/zero");
  EXPECT_THAT(refusal(), HasSubstr("it is too large"));
}

TEST_F(Environment, AnEmptyFileIsAnEmptySecret) {
  variables.set(kFileName, "/dev/null");
  EXPECT_TRUE(secret_environment(kName).empty());
  put(root / "key", " \n");
  variables.set(kFileName, (root / "key").string());
  EXPECT_TRUE(secret_environment(kName).empty());
}

}  // namespace
}  // namespace imednet::core
