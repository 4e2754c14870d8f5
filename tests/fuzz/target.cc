#include "fuzz/target.h"

namespace imednet::fuzz {

using namespace std::string_view_literals;

const std::vector<std::string_view>& common_fragments() {
  static const std::vector<std::string_view> fragments = {"'"sv,
                                                          "\""sv,
                                                          "''"sv,
                                                          "\"\""sv,
                                                          "\\"sv,
                                                          "\\'"sv,
                                                          "`"sv,
                                                          ";"sv,
                                                          "--"sv,
                                                          "/*"sv,
                                                          "*/"sv,
                                                          "//"sv,
                                                          "$$"sv,
                                                          "\0"sv,
                                                          "\n"sv,
                                                          "\r"sv,
                                                          "\t"sv,
                                                          " "sv,
                                                          "."sv,
                                                          ".."sv,
                                                          "/"sv,
                                                          "../"sv,
                                                          "_"sv,
                                                          "-"sv,
                                                          "%"sv,
                                                          "@"sv,
                                                          "\xC3\xA9"sv,
                                                          "\xC3"sv,
                                                          "\xA9"sv,
                                                          "\xE2\x82\xAC"sv,
                                                          "\xE2\x82"sv,
                                                          "\xF0\x9F\x98\x80"sv,
                                                          "\xED\xA0\x80"sv,
                                                          "\xC0\xA7"sv,
                                                          "\xEF\xBB\xBF"sv,
                                                          "\xFF"sv,
                                                          "\xE2\x80\x99"sv,
                                                          "\x7F"sv,
                                                          "\x1B[31m"sv,
                                                          "a"sv,
                                                          "Z"sv,
                                                          "0"sv,
                                                          "9"sv,
                                                          "\x1f"sv,
                                                          "DROP TABLE t"sv};
  return fragments;
}

std::vector<std::string> parts_of(std::string_view input, std::size_t count, char separator) {
  std::vector<std::string> parts(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t end = i + 1 == count ? std::string_view::npos : input.find(separator);
    parts[i] = std::string(input.substr(0, end));
    input = end == std::string_view::npos ? std::string_view() : input.substr(end + 1);
  }
  return parts;
}

}  // namespace imednet::fuzz
