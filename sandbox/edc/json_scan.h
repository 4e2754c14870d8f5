#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace imednet::sandbox::edc {

// A document of a study may be odd on purpose (a number past every range, a key twice, bytes that are no UTF-8) and must still be
// served byte for byte. So rows are never parsed as a whole, only their members are found.
struct Member {
  std::string_view key;    // between the quotes, escapes not decoded
  std::string_view value;  // the value's text
};

class MemberReader {
 public:
  explicit MemberReader(std::string_view object);
  std::optional<Member> next();

 private:
  void skip_space();
  std::string_view take_string();
  std::string_view take_value();

  std::string_view text_;
  std::size_t at_ = 0;
};

// The first member of that name; later ones of the same name are not looked at.
std::optional<std::string_view> find_member(std::string_view object, std::string_view key);

bool is_json_string(std::string_view value);
// The text of a JSON string; of any other value, its spelling.
std::string decoded_text(std::string_view value);

std::string quoted_json(std::string_view text);

}  // namespace imednet::sandbox::edc
