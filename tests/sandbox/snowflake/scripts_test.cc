// Statements and their answers by the documents, read from scripts/*.txt (script.h). IMEDNET_SCRIPT runs one file from elsewhere.
#include <gtest/gtest.h>

#include <cstdlib>

#include "script.h"

namespace imednet::sandbox::snowflake::testing {
namespace {

class Scripts : public ::testing::TestWithParam<std::string> {};

TEST_P(Scripts, AnswersAsWritten) {
  const char* other = std::getenv("IMEDNET_SCRIPT");
  const std::filesystem::path file =
      other ? std::filesystem::path(other) : std::filesystem::path(IMEDNET_SNOWFLAKE_SCRIPTS) / (GetParam() + ".txt");
  ASSERT_TRUE(std::filesystem::exists(file)) << file;
  const ScriptResult result = run_script(file);
  for (const std::string& failure : result.failures) ADD_FAILURE() << failure;
  EXPECT_GT(result.statements, 0u);
  RecordProperty("statements", static_cast<int>(result.statements));
}

INSTANTIATE_TEST_SUITE_P(Files, Scripts,
                         ::testing::Values("copy", "copy_errors", "copy_formats", "objects", "show", "transactions", "variant", "functions",
                                           "views"),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace imednet::sandbox::snowflake::testing
