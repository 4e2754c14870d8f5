// PARSE_JSON keeps a number without an exponent as NUMBER(38, s) when its digits fit, and anything else as a double.
// Kept means: the same value, not the same spelling (1.50 comes back as 1.5).
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "table/variant_check.h"
#include "table/variant_number_internal.h"

namespace imednet::table {
namespace {

struct Number {
  std::string_view whole, fraction;  // digits; `whole` is empty for 0
  std::int64_t exponent = 0;
  bool has_exponent = false;
};

const char* skip_digits(const char* at, const char* end) {
  while (at != end && *at >= '0' && *at <= '9') {
    ++at;
  }
  return at;
}

// Reads the exponent behind `e`; nullptr when it has no digits.
const char* read_exponent(const char* at, const char* end, Number& number) {
  const bool negative = at != end && *at == '-';
  if (at != end && (*at == '-' || *at == '+')) {
    ++at;
  }
  const char* const first = at;
  for (; at != end && *at >= '0' && *at <= '9'; ++at) {
    // Stops far above the text's own limit, so that no run of digits before the exponent brings it back into range.
    number.exponent = std::min<std::int64_t>(number.exponent * 10 + (*at - '0'), 1'000'000'000);
  }
  if (negative) {
    number.exponent = -number.exponent;
  }
  number.has_exponent = true;
  return at != first ? at : nullptr;
}

bool fits_number(const Number& number) {
  return !number.has_exponent && number.whole.size() + number.fraction.size() <= std::size_t{kVariantFixedDigits} &&
         number.fraction.size() <= std::size_t{kVariantFixedScale};
}

bool fits_double(const Number& number) {
  const std::size_t total = number.whole.size() + number.fraction.size();
  const auto digit = [&](std::size_t i) { return i < number.whole.size() ? number.whole[i] : number.fraction[i - number.whole.size()]; };
  std::size_t first = 0;
  std::size_t last = total;
  while (first != last && digit(first) == '0') {
    ++first;
  }
  while (last != first && digit(last - 1) == '0') {
    --last;
  }
  if (first == last) {
    return true;  // zero, however it is written
  }
  // The power of ten of the first digit that counts. Every double from 1e-307 up to 1e308 has its full precision.
  const std::int64_t power = static_cast<std::int64_t>(number.whole.size()) - 1 - static_cast<std::int64_t>(first) + number.exponent;
  return last - first <= std::size_t{kVariantDoubleDigits} && power >= -307 && power <= 307;
}

bool is_integer(const Number& number) { return !number.has_exponent && number.fraction.empty(); }

}  // namespace

const char* skip_kept_number(const char* at, const char* end) {
  Number number;
  if (at != end && *at == '-') {
    ++at;
  }
  const char* first = at;
  at = skip_digits(at, end);
  number.whole = {first, static_cast<std::size_t>(at - first)};
  if (number.whole.empty() || (number.whole.front() == '0' && number.whole.size() > 1)) {
    return nullptr;
  }
  if (number.whole == "0") {
    number.whole = {};
  }
  if (at != end && *at == '.') {
    first = ++at;
    at = skip_digits(at, end);
    number.fraction = {first, static_cast<std::size_t>(at - first)};
    if (number.fraction.empty()) {
      return nullptr;
    }
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    at = read_exponent(at + 1, end, number);
    if (at == nullptr) {
      return nullptr;
    }
  }
  const bool kept = fits_number(number) || (!is_integer(number) && fits_double(number));
  return kept ? at : nullptr;
}

}  // namespace imednet::table
