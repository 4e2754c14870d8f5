#include "sandbox/store/aws_chunked.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace imednet::sandbox::store {
namespace {

constexpr std::size_t kLongestLine = 4096;
constexpr std::int64_t kLargestChunk = std::int64_t{1} << 32;

}  // namespace

bool AwsChunked::add(std::string_view bytes) {
  while (!bytes.empty()) {
    if (state_ == State::done) return false;  // more than there should be
    if (state_ == State::data) {
      const auto some = std::min(bytes.size(), static_cast<std::size_t>(left_));
      if (!sink_(bytes.substr(0, some))) return false;
      size_ += static_cast<std::int64_t>(some);
      left_ -= static_cast<std::int64_t>(some);
      bytes.remove_prefix(some);
      if (left_ == 0) state_ = State::data_end;
      continue;
    }
    const auto end = bytes.find('\n');
    line_ += bytes.substr(0, end);
    if (line_.size() > kLongestLine) return false;
    if (end == std::string_view::npos) return true;
    bytes.remove_prefix(end + 1);
    if (line_.empty() || line_.back() != '\r') return false;
    line_.pop_back();
    if (!take_line()) return false;
    line_.clear();
  }
  return true;
}

bool AwsChunked::take_line() {
  if (state_ == State::head) return take_head();
  if (state_ == State::trailer) return take_trailer();
  state_ = State::head;  // behind a chunk's bytes
  return line_.empty();
}

bool AwsChunked::take_head() {
  const char* const begin = line_.data();
  const char* const end = begin + std::min(line_.find(';'), line_.size());
  const auto [stop, error] = std::from_chars(begin, end, left_, 16);
  if (error != std::errc() || stop != end || left_ < 0 || left_ > kLargestChunk) return false;
  state_ = left_ == 0 ? State::trailer : State::data;
  return true;
}

bool AwsChunked::take_trailer() {
  if (line_.empty()) {
    state_ = State::done;
    return true;
  }
  const auto colon = line_.find(':');
  if (colon == std::string::npos) return false;
  std::string name = line_.substr(0, colon);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto value = line_.find_first_not_of(' ', colon + 1);
  trailers_[name] = value == std::string::npos ? "" : line_.substr(value);
  return true;
}

}  // namespace imednet::sandbox::store
