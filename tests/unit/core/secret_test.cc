#include "imednet/secret.h"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <gtest/gtest.h>

#include <cstring>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

namespace imednet {
namespace {

template <class Value>
concept Streams = requires(std::ostream& out, const Value& value) {
  out << value;
};

static_assert(Streams<std::string> && !Streams<Secret>, "a secret must not print");
static_assert(fmt::is_formattable<std::string>::value && !fmt::is_formattable<Secret>::value, "a secret must not format");
static_assert(!std::is_convertible_v<Secret, std::string> && !std::is_convertible_v<Secret, std::string_view>,
              "a secret must not become a text unnoticed");
static_assert(!std::is_constructible_v<std::string, Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret> && std::is_nothrow_move_assignable_v<Secret>);

const std::string kShort = "made-up";             // fits into a std::string itself
const std::string kShortTail = kShort.substr(1);  // emptying a string overwrites its first byte, which is no wiping
const std::string kLong = "a made-up secret that does not fit into a std::string itself";

TEST(Secret, HoldsWhatItWasGiven) {
  EXPECT_EQ(Secret("made-up").reveal(), "made-up");
  EXPECT_EQ(Secret(kLong).reveal(), kLong);
  EXPECT_EQ(Secret(std::string("with\0zero", 9)).reveal().size(), 9u);
  EXPECT_FALSE(Secret("x").empty());
}

TEST(Secret, NothingIsEmpty) {
  EXPECT_TRUE(Secret().empty());
  EXPECT_TRUE(Secret("").empty());
  EXPECT_TRUE(Secret(static_cast<const char*>(nullptr)).empty());
  EXPECT_TRUE(Secret(std::string()).empty());
}

TEST(Secret, ACopyIsItsOwn) {
  Secret first(kLong);
  const Secret second = first;
  first = Secret("other");
  EXPECT_EQ(second.reveal(), kLong);
  EXPECT_EQ(first.reveal(), "other");
}

TEST(Secret, AssignmentToItselfChangesNothing) {
  Secret secret(kLong);
  Secret& same = secret;
  secret = same;
  EXPECT_EQ(secret.reveal(), kLong);
  secret = std::move(same);
  EXPECT_EQ(secret.reveal(), kLong);
}

TEST(Secret, WhatWasMovedFromIsEmptyAndUsable) {
  for (const std::string& text : {kShort, kLong}) {
    Secret from(text);
    Secret to(std::move(from));
    EXPECT_EQ(to.reveal(), text);
    EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
    Secret third("before");
    third = std::move(to);
    EXPECT_EQ(third.reveal(), text);
    EXPECT_TRUE(to.empty());  // NOLINT(bugprone-use-after-move)
    to = Secret("again");
    EXPECT_EQ(to.reveal(), "again");
  }
}

TEST(Secret, EqualsByValueAlone) {
  EXPECT_EQ(Secret(kLong) == Secret(kLong), true);
  EXPECT_EQ(Secret("made-up") == Secret("made-uq"), false);
  EXPECT_EQ(Secret("made-up") == Secret("nade-up"), false);
  EXPECT_EQ(Secret("made-up") == Secret("made-up2"), false);
  EXPECT_EQ(Secret("made-up2") == Secret("made-up"), false);
  EXPECT_EQ(Secret() == Secret(""), true);
  EXPECT_EQ(Secret() == Secret("x"), false);
  EXPECT_EQ(Secret(std::string("a\0b", 3)) == Secret(std::string("a\0c", 3)), false);
  EXPECT_EQ(Secret("x") != Secret("y"), true);
}

// A short secret lies in the object itself: its bytes are looked at in storage that outlives it.
TEST(SecretMemory, ADestroyedObjectHoldsNothing) {
  alignas(Secret) unsigned char storage[sizeof(Secret)];
  std::memset(storage, 0x55, sizeof storage);
  const auto holds = [&storage] {
    const std::string bytes(reinterpret_cast<const char*>(storage), sizeof storage);
    return bytes.find(kShortTail) != std::string::npos;
  };
  auto* secret = ::new (static_cast<void*>(storage)) Secret(kShort);
  ASSERT_TRUE(holds()) << "a short text lies elsewhere here: this test sees nothing";
  secret->~Secret();
  EXPECT_FALSE(holds());
}

TEST(SecretMemory, AMovedFromOrOverwrittenObjectHoldsNothing) {
  const auto holds = [](const Secret& secret) {
    unsigned char bytes[sizeof(Secret)];
    std::memcpy(bytes, static_cast<const void*>(&secret), sizeof secret);
    return std::string(reinterpret_cast<const char*>(bytes), sizeof bytes).find(kShortTail) != std::string::npos;
  };
  Secret first(kShort);
  ASSERT_TRUE(holds(first));
  const Secret second(std::move(first));
  EXPECT_FALSE(holds(first));  // NOLINT(bugprone-use-after-move)
  Secret third = second;
  Secret fourth;
  fourth = std::move(third);
  EXPECT_FALSE(holds(third));  // NOLINT(bugprone-use-after-move)
  fourth = Secret("x");
  EXPECT_FALSE(holds(fourth));
  Secret fifth(kShort);
  const Secret other("y");
  fifth = other;
  EXPECT_FALSE(holds(fifth));
}

}  // namespace
}  // namespace imednet
