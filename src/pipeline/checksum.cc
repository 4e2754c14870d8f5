#include "pipeline/checksum.h"

#include <array>
#include <limits>

namespace imednet::pipeline {
namespace {

__extension__ using Wide = __int128;  // Snowflake's sums have up to 38 digits

constexpr std::size_t kParts = 3;
constexpr std::size_t kMostDigits = 38;

std::optional<Wide> number_of(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  if (text.empty() || text.size() > kMostDigits) return std::nullopt;
  Wide value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return is_negative ? -value : value;
}

std::optional<std::array<Wide, kParts>> numbers_of(const PartSum& part) {
  std::array<Wide, kParts> numbers{};
  if (part.rows == 0) return numbers;
  std::string_view text = part.checksum;
  for (std::size_t i = 0; i < kParts; ++i) {
    const std::size_t end = text.find(':');
    const auto number = number_of(text.substr(0, end));
    if (!number || (end == std::string_view::npos) != (i + 1 == kParts)) return std::nullopt;
    numbers[i] = *number;
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return numbers;
}

}  // namespace

std::optional<std::int64_t> only_difference(const PartSum& expected, const PartSum& found) {
  const auto before = numbers_of(expected);
  const auto after = numbers_of(found);
  const std::int64_t more = found.rows - expected.rows;
  if (!before || !after || more < -1 || more > 1) return std::nullopt;
  // One row's share of the second sum is q, of the third q * id: so is the difference that it makes.
  const Wide of_digests = (*after)[1] - (*before)[1];
  const Wide of_ids = (*after)[2] - (*before)[2];
  if (of_digests == 0 || of_ids % of_digests != 0) return std::nullopt;
  const Wide id = of_ids / of_digests;
  if (id < std::numeric_limits<std::int64_t>::min() || id > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return static_cast<std::int64_t>(id);
}

}  // namespace imednet::pipeline
