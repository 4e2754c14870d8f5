// The manifest: a line that was written is read back whatever stood before it, and nothing is read that nobody wrote.
#include <sys/mman.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "fuzz/target.h"
#include "imednet/errors.h"
#include "ledger/manifest.h"

namespace imednet::fuzz {
namespace {

using namespace ledger;
using nlohmann::json;

// A file in memory that has a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view text) : file_(memfd_create("manifest", MFD_CLOEXEC)) {
    require(file_ >= 0 && write(file_, text.data(), text.size()) == static_cast<ssize_t>(text.size()), "the test has a file");
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { close(file_); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

std::optional<Manifest> read(const MemoryFile& file) {
  try {
    return read_manifest(file.path());
  } catch (const ImednetError& error) {
    require(error.code() == errors::ErrorCode::corrupt, "what is no manifest is corrupt");
    return std::nullopt;
  }
}

json fields_of(const ManifestLine& line) {
  return {line.batch_id, line.stage_path, line.row_count, line.loaded_at, line.sha256,  line.bytes,
          line.hash,     line.table,      line.run_id,    line.status,    line.checksum};
}

void append(const MemoryFile& file, const ManifestLine& line) { ManifestWriter(file.path()).append(line); }

// Each line that was read stands in the text, with whole numbers where numbers belong.
void check_lines(std::string_view text, const Manifest& manifest) {
  std::vector<json> found;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view line = text.substr(start, end - start);
    // The reader that checks stops at a zero byte, as the one that is checked does: such a line may be neither.
    const json parsed = line.find('\0') == std::string_view::npos ? json::parse(line, nullptr, false) : json();
    if (parsed.is_object()) found.push_back(parsed);
    start = end + 1;
  }
  require(found.size() >= manifest.lines.size(), "a line that is read is a line that stands there");
  for (std::size_t i = 0; i < manifest.lines.size() && found.size() == manifest.lines.size(); ++i) {
    const ManifestLine& line = manifest.lines[i];
    require(found[i].at("row_count").is_number_integer() && found[i].at("row_count") == line.row_count,
            "a count of rows is a whole number");
    require(!found[i].contains("bytes") || (found[i]["bytes"].is_number_integer() && found[i]["bytes"] == line.bytes),
            "a size is a whole number");
    require(found[i].at("batch_id") == line.batch_id && found[i].at("stage_path") == line.stage_path, "names are read as they stand");
  }
}

void run(std::string_view input) {
  const MemoryFile file(input);
  const auto before = read(file);
  if (before) check_lines(input, *before);

  const auto parts = parts_of(input, 4);
  const ManifestLine line{.batch_id = parts[0],
                          .stage_path = parts[1],
                          .row_count = static_cast<std::int64_t>(input.size()),
                          .loaded_at = "2026-01-15T09:30:00+00:00",
                          .sha256 = parts[2],
                          .bytes = -1,
                          .hash = parts[3],
                          .table = "T",
                          .run_id = parts[0],
                          .status = "loaded"};
  append(file, line);
  const auto after = read(file);
  require(before.has_value() == after.has_value(), "a line that is appended makes no manifest good or bad");
  if (!before) return;
  require(after->lines.size() == before->lines.size() + 1, "what stood there stays, and one line more is read");
  for (std::size_t i = 0; i < before->lines.size(); ++i) {
    require(fields_of(before->lines[i]) == fields_of(after->lines[i]), "what stood there stays as it was");
  }
  // Broken UTF-8 is replaced in the file: then it is compared as it was written.
  const std::string written = fields_of(line).dump(-1, ' ', false, json::error_handler_t::replace);
  require(fields_of(after->lines.back()).dump() == written, "a line is read as it was written");
}

}  // namespace

Target manifest_target() {
  return {run,
          {R"({"batch_id":"S/records/0","stage_path":"@S/f.parquet","row_count":1,"loaded_at":"x"})",
           "{\"batch_id\":\"",
           "\",\"stage_path\":\"",
           "\",\"row_count\":",
           "1",
           "1.5",
           "1e300",
           "18446744073709551615",
           "true",
           "null",
           ",\"loaded_at\":\"\"",
           ",\"sha256\":\"\"",
           ",\"bytes\":",
           "}",
           "}\n",
           "\n{",
           "{}",
           "[",
           "[[[[",
           "{\"a\":",
           "\\u0000",
           "\\ud800"},
          10'000};
}

}  // namespace imednet::fuzz
