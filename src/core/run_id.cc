#include "core/run_id.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/rand.h>

#include <array>

#include "imednet/errors.h"

namespace imednet::core {

std::string make_run_id(core::Clock& clock) {
  std::array<unsigned char, 4> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    throw ImednetError("cannot make a run id: no random numbers", {.code = errors::ErrorCode::internal});
  }
  const auto seconds = std::chrono::floor<std::chrono::seconds>(clock.utc_now());
  return fmt::format("{:%Y%m%dT%H%M%S}Z-{:02x}{:02x}{:02x}{:02x}", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), random[0],
                     random[1], random[2], random[3]);
}

std::string table_suffix(std::string_view run_id) {
  std::string suffix;
  for (const char c : run_id) {
    if (c != '-') suffix.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return suffix;
}

bool is_run_id(std::string_view text) {
  constexpr std::string_view kForm = "00000000T000000Z-xxxxxxxx";
  if (text.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_digit = c >= '0' && c <= '9';
    const bool is_hex = is_digit || (c >= 'a' && c <= 'f');
    const bool fits = kForm[i] == '0' ? is_digit : kForm[i] == 'x' ? is_hex : c == kForm[i];
    if (!fits) return false;
  }
  return true;
}

}  // namespace imednet::core
