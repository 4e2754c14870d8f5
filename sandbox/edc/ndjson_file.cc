#include "sandbox/edc/ndjson_file.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "sandbox/edc/json_scan.h"

namespace imednet::sandbox::edc {
namespace {

// zlib reads plain files too, so both kinds come through here.
std::string read_whole(const std::filesystem::path& path) {
  const gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) {
    throw std::runtime_error("cannot open " + path.string());
  }
  std::string text;
  std::array<char, 1 << 16> buffer{};
  int length = 0;
  while ((length = gzread(file, buffer.data(), buffer.size())) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(length));
  }
  // A cut gzip file ends like a whole one for gzread; only closing it tells.
  const int closed = gzclose_r(file);
  if (length < 0 || closed != Z_OK) {
    throw std::runtime_error("cannot read " + path.string() + ": damaged or cut");
  }
  return text;
}

std::string_view trimmed(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) {
    line.remove_suffix(1);
  }
  return line;
}

std::vector<Row> split_lines(const std::shared_ptr<const std::string>& text, const std::filesystem::path& path) {
  std::vector<Row> rows;
  std::size_t start = 0;
  while (start < text->size()) {
    const std::size_t end = std::min(text->find('\n', start), text->size());
    const std::string_view line = trimmed(std::string_view(*text).substr(start, end - start));
    if (!line.empty() && (line.front() != '{' || line.back() != '}')) {
      throw std::runtime_error("cannot read " + path.string() + ": row " + std::to_string(rows.size() + 1) + " is no JSON object");
    }
    if (!line.empty()) {
      rows.push_back({line, text});
    }
    start = end + 1;
  }
  return rows;
}

}  // namespace

std::vector<Row> read_ndjson(const std::filesystem::path& folder, std::string_view name) {
  for (const char* suffix : {".ndjson", ".ndjson.gz"}) {
    const std::filesystem::path path = folder / (std::string(name) + suffix);
    if (std::filesystem::exists(path)) {
      return split_lines(std::make_shared<const std::string>(read_whole(path)), path);
    }
  }
  return {};
}

std::vector<Row> with_study_key(const std::vector<Row>& rows, std::string_view study_key) {
  const std::string quoted = quoted_json(study_key);
  auto text = std::make_shared<std::string>();
  std::vector<std::size_t> ends;
  for (const Row& row : rows) {
    const auto key = find_member(row.text, "studyKey");
    if (key) {
      const auto before = static_cast<std::size_t>(key->data() - row.text.data());
      text->append(row.text.substr(0, before)).append(quoted).append(row.text.substr(before + key->size()));
    } else {
      text->append(row.text);
    }
    ends.push_back(text->size());
  }
  std::vector<Row> renamed;
  renamed.reserve(rows.size());
  std::size_t start = 0;
  for (const std::size_t end : ends) {
    renamed.push_back({std::string_view(*text).substr(start, end - start), text});
    start = end;
  }
  return renamed;
}

}  // namespace imednet::sandbox::edc
