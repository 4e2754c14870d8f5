// secret.h: a value that does not print: keys, passwords, tokens.
//
// A Secret has no stream or format operator, compares in constant time, and wipes its memory when it goes.
// Owner: holds its own copy. Threads: like std::string. Source: ADR 0011.
#pragma once

#include <string>
#include <string_view>

namespace imednet {

// A text that must not be seen: it does not print, and is wiped when it goes.
class Secret {
 public:
  Secret() = default;
  // Implicit, so that `.password = std::getenv("SNOWFLAKE_PASSWORD")` works; a null pointer is an empty secret.
  Secret(const char* value) : value_(value == nullptr ? "" : value) {}  // NOLINT(google-explicit-constructor)
  // Wipes what it was given: a text moved in leaves nothing behind.
  Secret(std::string value);  // NOLINT(google-explicit-constructor)
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  // No value was given.
  bool empty() const noexcept { return value_.empty(); }
  // The value itself: the only way to it, named so that a reader of the code notices.
  const std::string& reveal() const noexcept { return value_; }
  friend bool operator==(const Secret& left, const Secret& right) noexcept;

 private:
  void wipe() noexcept;
  std::string value_;
};

}  // namespace imednet
