#include "core/plain_path.h"

#include <gtest/gtest.h>

namespace imednet::core {
namespace {

TEST(PlainPath, LettersDigitsAndFourSignsArePlain) {
  std::string plain;
  for (int byte = 0; byte < 256; ++byte) {
    const bool is_plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || byte == '_' ||
                          byte == '.' || byte == '-' || byte == '/';
    EXPECT_EQ(is_plain_path(std::string(1, static_cast<char>(byte))), is_plain) << byte;
    EXPECT_EQ(is_plain_path("/tmp/" + std::string(1, static_cast<char>(byte)) + "x"), is_plain) << byte;
    if (is_plain) plain += static_cast<char>(byte);
  }
  EXPECT_TRUE(is_plain_path(plain));
  EXPECT_FALSE(is_plain_path(""));
  EXPECT_FALSE(is_plain_path("/tmp/S\xC3\xA3o Paulo"));
}

TEST(PlainPath, OnlyOddPathsAreQuotedForAShell) {
  EXPECT_EQ(quoted_for_shell("/run/secrets/rsa_key.p8"), "/run/secrets/rsa_key.p8");
  EXPECT_EQ(quoted_for_shell("rsa key.p8"), "'rsa key.p8'");
  EXPECT_EQ(quoted_for_shell("it's; rm -r $HOME"), "'it'\\''s; rm -r $HOME'");
  EXPECT_EQ(quoted_for_shell(""), "''");
}

}  // namespace
}  // namespace imednet::core
