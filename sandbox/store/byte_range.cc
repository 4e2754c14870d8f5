#include "sandbox/store/byte_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>

namespace imednet::sandbox::store {
namespace {

// From the first byte to behind the last one; empty where nothing of the object is meant.
std::pair<std::int64_t, std::int64_t> meant(const httplib::Range& range, std::int64_t size) {
  if (range.first < 0) return {std::max<std::int64_t>(size - range.second, 0), size};
  return {range.first, range.second < 0 ? size : std::min<std::int64_t>(range.second + 1, size)};
}

}  // namespace

bool answer_bytes(const httplib::Request& request, httplib::Response& response, const std::filesystem::path& path, std::int64_t size) {
  const auto file = std::make_shared<std::ifstream>(path, std::ios::binary);
  if (!*file) return false;
  std::int64_t begin = 0, end = size;
  response.status = 200;
  if (request.ranges.size() == 1) {
    std::tie(begin, end) = meant(request.ranges[0], size);
    if (begin >= end) {
      response.status = 416;
      response.set_header("Content-Range", fmt::format("bytes */{}", size));
      begin = end = 0;
    } else {
      response.status = 206;
      response.set_header("Content-Range", fmt::format("bytes {}-{}/{}", begin, end - 1, size));
    }
  }
  response.set_header("Accept-Ranges", "bytes");
  // The server would cut a range out of what it is given, and announce more bytes than there are.
  const_cast<httplib::Request&>(request).ranges.clear();
  response.set_content_provider(static_cast<std::size_t>(end - begin), "application/octet-stream",
                                [file, begin](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
                                  std::array<char, 1 << 16> buffer{};
                                  file->seekg(begin + static_cast<std::streamoff>(offset));
                                  file->read(buffer.data(), static_cast<std::streamsize>(std::min(length, buffer.size())));
                                  return file->gcount() > 0 && sink.write(buffer.data(), static_cast<std::size_t>(file->gcount()));
                                });
  return true;
}

}  // namespace imednet::sandbox::store
