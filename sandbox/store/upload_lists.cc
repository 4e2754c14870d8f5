#include "sandbox/store/upload_lists.h"

#include <algorithm>

namespace imednet::sandbox::store {
namespace {

constexpr std::size_t kMostListedParts = 50'000;  // Azure's; Amazon takes 10,000 [doc]

// What stands between the first <name> of `xml` and its end; `xml` is moved behind it.
std::optional<std::string_view> element(std::string_view& xml, const std::string& name) {
  const std::string open = "<" + name + ">", close = "</" + name + ">";
  const auto begin = xml.find(open);
  if (begin == std::string_view::npos) return std::nullopt;
  const auto end = xml.find(close, begin + open.size());
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view inside = xml.substr(begin + open.size(), end - begin - open.size());
  xml.remove_prefix(end + close.size());
  return inside;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto begin = std::min(text.find_first_not_of(kBlanks), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

// Quotes around a digest, in each form they come in.
std::string_view unquoted(std::string_view text) {
  for (const std::string_view quote : {"&quot;", "&#34;", "\""}) {
    if (text.starts_with(quote)) text.remove_prefix(quote.size());
    if (text.ends_with(quote)) text.remove_suffix(quote.size());
  }
  return text;
}

bool is_all(std::string_view text, std::string_view of) { return !text.empty() && text.find_first_not_of(of) == std::string_view::npos; }

}  // namespace

std::optional<std::vector<std::pair<int, std::string>>> parts_of_completion(std::string_view xml) {
  std::vector<std::pair<int, std::string>> parts;
  while (auto part = element(xml, "Part")) {
    std::string_view inside = *part, again = *part;
    const auto number = element(inside, "PartNumber"), etag = element(again, "ETag");
    if (!number || !etag || parts.size() >= kMostListedParts) return std::nullopt;
    const std::string_view digits = trimmed(*number), digest = unquoted(trimmed(*etag));
    if (!is_all(digits, "0123456789") || digits.size() > 5) return std::nullopt;
    if (!is_all(digest, "0123456789abcdef") || digest.size() != 32) return std::nullopt;
    parts.emplace_back(std::stoi(std::string(digits)), digest);
  }
  if (parts.empty()) return std::nullopt;
  return parts;
}

std::optional<std::vector<std::string>> blocks_of_list(std::string_view xml) {
  auto list = element(xml, "BlockList");
  if (!list) return std::nullopt;
  std::vector<std::string> blocks;
  while (auto block = element(*list, "Latest")) {
    if (blocks.size() >= kMostListedParts || block->empty() || block->size() > 100) return std::nullopt;
    blocks.emplace_back(*block);
  }
  return blocks;
}

}  // namespace imednet::sandbox::store
