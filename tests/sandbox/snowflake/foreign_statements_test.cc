// Statements that the product never sends: the right rows or a clear refusal, never a silent success.
#include <gtest/gtest.h>

#include "script.h"

namespace imednet::sandbox::snowflake::testing {
namespace {

TEST(ForeignStatements, AreAnsweredRightOrRefused) {
  const ScriptResult result = run_script(std::filesystem::path(IMEDNET_SNOWFLAKE_SCRIPTS) / "foreign_statements.txt");
  for (const std::string& failure : result.failures) ADD_FAILURE() << failure;
  EXPECT_GE(result.statements, 200u);
  EXPECT_GE(result.refusals, 50u);
  RecordProperty("statements", static_cast<int>(result.statements));
}

}  // namespace
}  // namespace imednet::sandbox::snowflake::testing
