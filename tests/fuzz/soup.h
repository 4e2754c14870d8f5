// soup.h: a fixed soup for a target: pieces that mean something, odd bytes, and bits of earlier inputs.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <exception>
#include <random>
#include <string>

#include "fuzz/target.h"

namespace imednet::fuzz {

class Soup {
 public:
  explicit Soup(const Target& target) : target_(target) {}

  const std::string& next() {
    std::string& text = earlier_[random_() % earlier_.size()];
    std::string fresh = random_() % 3 == 0 ? part_of(text) : std::string();
    for (unsigned pieces = random_() % 10; pieces > 0; --pieces) fresh += piece();
    return text = std::move(fresh);
  }

 private:
  static std::string_view any_of(const std::vector<std::string_view>& pieces, unsigned long number) {
    return pieces[number % pieces.size()];
  }

  std::string piece() {
    switch (random_() % 16) {
      case 0:
        return part_of(earlier_[random_() % earlier_.size()]);
      case 1: {  // long ones, for the limits
        std::string run;
        const std::string_view one = any_of(target_.fragments, random_());
        for (unsigned times = random_() % 300; times > 0 && run.size() < 2'000; --times) run += one;
        return run;
      }
      case 2:
      case 3:
      case 4:
        return std::string(1, static_cast<char>(random_()));
      case 5:
      case 6:
      case 7:
        return std::string(any_of(common_fragments(), random_()));
      default:
        return std::string(any_of(target_.fragments, random_()));
    }
  }
  std::string part_of(const std::string& text) {
    if (text.empty()) return text;
    const std::size_t start = random_() % text.size();
    return text.substr(start, std::min<std::size_t>(random_() % text.size() + 1, 1'000));
  }

  const Target& target_;
  std::mt19937_64 random_{20'260'115};
  std::array<std::string, 64> earlier_;
};

inline std::string shown(std::string_view input) {
  std::string text;
  for (const unsigned char c : input)
    text += c >= 0x20 && c < 0x7f && c != '\\' ? std::string(1, static_cast<char>(c)) : fmt::format("\\x{:02x}", c);
  return text;
}

inline void try_many(const Target& target) {
  Soup soup(target);
  for (int i = 0; i < target.inputs; ++i) {
    const std::string input = i == 0 ? std::string() : soup.next();
    try {
      target.run(input);
    } catch (const std::exception& error) {
      FAIL() << error.what() << "\ninput " << i << ": " << shown(input);
    }
  }
}

}  // namespace imednet::fuzz
