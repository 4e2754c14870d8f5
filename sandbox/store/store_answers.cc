#include "sandbox/store/store_answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "sandbox/store/signed_grants.h"

namespace imednet::sandbox::store {

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

void answer_xml(httplib::Response& response, const std::string& xml) {
  response.set_content("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + xml, "application/xml");
}

std::string time_text(std::int64_t us, const char* format) {
  const std::time_t seconds = us / 1'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

Metadata metadata_of(const httplib::Request& request, std::string_view prefix) {
  Metadata metadata;
  for (const auto& [name, value] : request.headers) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (!lower.starts_with(prefix)) continue;
    auto& text = metadata[lower.substr(prefix.size())];
    text += text.empty() ? value : "," + value;
  }
  return metadata;
}

std::optional<Span> span_of(const std::string& range, std::int64_t size) {
  const std::string begin = "bytes=";
  if (range.empty()) return Span{0, size};
  const auto dash = range.find('-');
  if (!range.starts_with(begin) || dash == std::string::npos) return std::nullopt;
  if (dash == begin.size()) {
    const std::int64_t count = std::min(size, number_of(range.substr(dash + 1)));
    return count > 0 ? std::optional(Span{size - count, count}) : std::nullopt;
  }
  const std::int64_t first = number_of(range.substr(begin.size(), dash - begin.size()));
  std::int64_t last = size - 1;
  if (dash + 1 < range.size()) last = std::min(last, number_of(range.substr(dash + 1)));
  if (first < 0 || last < first) return std::nullopt;
  return Span{first, last - first + 1};
}

void tell_range(httplib::Response& response, const std::string& range, const Span& span, std::int64_t size) {
  if (range.empty()) return;
  response.status = 206;
  response.set_header("Content-Range", fmt::format("bytes {}-{}/{}", span.first, span.first + span.count - 1, size));
}

bool send_bytes(httplib::Response& response, const ObjectStore& store, const Object& object, const Span& span) {
  const auto file = std::make_shared<std::ifstream>(store.file_of(object), std::ios::binary);
  if (!*file) return false;
  response.set_content_provider(static_cast<std::size_t>(span.count), "application/octet-stream",
                                [file, first = span.first](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
                                  std::array<char, 1 << 16> buffer{};
                                  file->seekg(static_cast<std::streamoff>(first) + static_cast<std::streamoff>(offset));
                                  file->read(buffer.data(), static_cast<std::streamsize>(std::min(length, buffer.size())));
                                  return file->gcount() > 0 && sink.write(buffer.data(), static_cast<std::size_t>(file->gcount()));
                                });
  return true;
}

std::unique_ptr<Upload> receive_plain(ObjectStore& store, const httplib::ContentReader& reader, std::int64_t largest, bool& is_too_large) {
  auto upload = store.begin();
  is_too_large = false;
  const bool is_whole = reader([&](const char* data, std::size_t size) {
    is_too_large = upload->size() + static_cast<std::int64_t>(size) > largest;
    return !is_too_large && upload->add({data, size});
  });
  if (!is_whole) return nullptr;
  upload->finish();
  return upload;
}

std::optional<std::string> receive_text(const httplib::ContentReader& reader, std::size_t largest) {
  std::string body;
  const bool is_whole = reader([&](const char* data, std::size_t size) {
    if (body.size() + size > largest) return false;
    body.append(data, size);
    return true;
  });
  return is_whole ? std::optional(body) : std::nullopt;
}

}  // namespace imednet::sandbox::store
