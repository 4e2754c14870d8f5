#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace imednet::sandbox::edc {

// What goes wrong while an answer is on the wire; counted in bytes of the body as sent.
struct WireFault {
  bool drop = false;  // the connection closes without a byte
  std::optional<std::size_t> cut_after;
  std::optional<std::size_t> hang_after;
  std::chrono::milliseconds per_byte{0};
  std::size_t padded_to = 0;  // white space after the body, made as it is sent
};

struct Answer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  WireFault fault;
};

}  // namespace imednet::sandbox::edc
