#include "core/answer_kind.h"

#include <gtest/gtest.h>

namespace imednet::core {
namespace {

TEST(AnswerKind, OfATypeInAnySpelling) {
  EXPECT_EQ(answer_kind("Date/Time Precision"), AnswerKind::moment);
  EXPECT_EQ(answer_kind("check-box"), AnswerKind::flag);
  EXPECT_EQ(answer_kind("Text Area"), AnswerKind::text);
  EXPECT_EQ(answer_kind("ext_question"), AnswerKind::none);
  EXPECT_EQ(answer_kind("hologram"), AnswerKind::text);
  EXPECT_EQ(answer_kind(""), AnswerKind::text);
  EXPECT_TRUE(is_known_type("Text Area"));
  EXPECT_FALSE(is_known_type("hologram"));
  EXPECT_FALSE(is_known_type(""));
  EXPECT_TRUE(takes_partial_dates("precisionDate"));
  EXPECT_FALSE(takes_partial_dates("datetime"));
}

}  // namespace
}  // namespace imednet::core
