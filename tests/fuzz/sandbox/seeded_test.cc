// The sandbox's targets with a fixed soup.
#include <gtest/gtest.h>

#include "fuzz/soup.h"
#include "fuzz/target.h"

namespace imednet::fuzz {
namespace {

TEST(AnyText, IsOneStatementOfTheEngineOrRefused) { try_many(sandbox_statements_target()); }
TEST(AnyText, AsARequestIsAnswered) { try_many(sandbox_requests_target()); }

}  // namespace
}  // namespace imednet::fuzz
