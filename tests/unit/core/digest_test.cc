#include "core/digest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <utility>

#include "imednet/errors.h"
#include "unit/folder.h"

namespace imednet::core {
namespace {

std::string sha256_of(std::string_view text) {
  Sha256 digest;
  digest.update(text);
  return hex(digest.finish());
}

// The examples of FIPS 180-2, appendix B.
TEST(Sha256, GivesTheStandardsOwnExamples) {
  EXPECT_EQ(sha256_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_of(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesGiveWhatTheWholeGives) {
  const std::string text(1000, 'q');
  for (const std::size_t piece : {1u, 63u, 64u, 65u, 999u}) {
    Sha256 digest;
    for (std::size_t start = 0; start < text.size(); start += piece) digest.update(std::string_view(text).substr(start, piece));
    EXPECT_EQ(hex(digest.finish()), sha256_of(text)) << piece;
  }
}

TEST(Sha256, IsEmptyAgainAfterItFinished) {
  Sha256 digest;
  digest.update("something else");
  digest.finish();
  EXPECT_EQ(hex(digest.finish()), sha256_of(""));
  digest.update("abc");
  EXPECT_EQ(hex(digest.finish()), sha256_of("abc"));
}

TEST(Sha256, MovesWithWhatItHasSeen) {
  Sha256 first;
  first.update("ab");
  Sha256 second = std::move(first);
  second.update("c");
  Sha256 third;
  third.update("gone");
  third = std::move(second);
  EXPECT_EQ(hex(third.finish()), sha256_of("abc"));
}

TEST(Hex, IsLowerCaseAndAsLongAsAskedFor) {
  Sha256Bytes bytes{};
  bytes[0] = 0xAB;
  bytes[1] = 0x0F;
  EXPECT_EQ(hex(bytes, 2), "ab0f");
  EXPECT_EQ(hex(bytes, 0), "");
  EXPECT_EQ(hex(bytes), "ab0f" + std::string(60, '0'));
  EXPECT_EQ(hex(bytes, 1000), hex(bytes));
}

using Sha256File = FolderTest;

TEST_F(Sha256File, IsTheDigestOfTheContentWhateverItsSize) {
  for (const std::size_t size : {0u, 1u, 65'535u, 65'536u, 65'537u, 200'000u}) {
    const std::string content(size, 'x');
    put(root / "file", content);
    EXPECT_EQ(hex(sha256_file(root / "file")), sha256_of(content)) << size;
  }
}

TEST_F(Sha256File, WhatCannotBeReadIsAnIoErrorThatNamesTheFile) {
  for (const auto& path : {root / "missing", root}) {
    try {
      sha256_file(path);
      ADD_FAILURE() << path << " was read";
    } catch (const ImednetError& error) {
      EXPECT_EQ(error.code(), errors::ErrorCode::io);
      EXPECT_EQ(error.retry_class(), errors::RetryClass::never);
      EXPECT_THAT(error.what(), testing::HasSubstr(path.string()));
      EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("Success")));
    }
  }
}

}  // namespace
}  // namespace imednet::core
