#include "core/near_name.h"

#include <algorithm>
#include <vector>

namespace imednet::core {
namespace {

constexpr std::size_t kLongestName = 256;  // a longer one is no name that somebody typed

// Letters to change, put in, take out or swap with their neighbour.
std::size_t distance(std::string_view one, std::string_view other) {
  std::vector<std::size_t> before(other.size() + 1), last(other.size() + 1), row(other.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= one.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= other.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1)});
      const bool is_swapped = i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
      if (is_swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last.back();
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 0x20) : c; });
  return lower;
}

std::optional<std::string> near_name(std::string_view name, std::span<const std::string> known) {
  constexpr std::size_t kShort = 4;
  if (name.size() > kLongestName) return std::nullopt;
  const std::string wanted = lower_case(name);
  std::optional<std::string> nearest;
  std::size_t least = (wanted.size() <= kShort ? 1 : 2) + 1;
  for (const std::string& one : known) {
    const std::size_t longer = std::max(one.size(), wanted.size()), shorter = std::min(one.size(), wanted.size());
    if (longer - shorter >= least) continue;
    const std::size_t changes = distance(wanted, lower_case(one));
    if (changes >= least || changes >= wanted.size()) continue;
    nearest = one;
    least = changes;
  }
  return nearest;
}

}  // namespace imednet::core
