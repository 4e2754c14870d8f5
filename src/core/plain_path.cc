#include "core/plain_path.h"

namespace imednet::core {

bool is_plain_path(std::string_view path) noexcept {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-/";
  return !path.empty() && path.find_first_not_of(kPlain) == std::string_view::npos;
}

std::string quoted_for_shell(std::string_view path) {
  if (is_plain_path(path)) return std::string(path);
  std::string quoted = "'";
  for (const char c : path) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace imednet::core
