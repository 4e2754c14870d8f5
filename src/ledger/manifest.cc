#include "ledger/manifest.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/failpoint.h"
#include "core/file.h"
#include "imednet/errors.h"

namespace imednet::ledger {
namespace {

using core::Failpoint;
using errors::ErrorCode;
using nlohmann::ordered_json;

[[noreturn]] void throw_io(std::string_view doing, const std::filesystem::path& path, int error) {
  throw ImednetError(fmt::format("cannot {} {}: {}", doing, path.string(), std::strerror(error)),
                     {.code = core::code_of_errno(error),
                      .hint = "check that its folder exists, can be written and has room",
                      .origin = {.system = "local"}});
}

void write_all(int file, std::string_view text, const std::filesystem::path& path) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_io("write", path, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// A crash may have cut the last line: what follows must start on a line of its own.
bool ends_inside_a_line(int file) {
  const off_t size = lseek(file, 0, SEEK_END);
  char last = '\n';
  return size > 0 && pread(file, &last, 1, size - 1) == 1 && last != '\n';
}

std::int64_t whole_number(const ordered_json& value) {
  const bool is_too_large = value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX;
  if (!value.is_number_integer() || is_too_large) throw ordered_json::type_error::create(302, "a whole number is needed", &value);
  return value.get<std::int64_t>();
}

ManifestLine parse_line(const std::string& text) {
  // The parser takes a zero byte for the end and would not look at what follows.
  if (text.find('\0') != std::string::npos) throw ordered_json::type_error::create(302, "a zero byte is no JSON", nullptr);
  const ordered_json json = ordered_json::parse(text);
  ManifestLine line;
  json.at("batch_id").get_to(line.batch_id);
  json.at("stage_path").get_to(line.stage_path);
  line.row_count = whole_number(json.at("row_count"));
  json.at("loaded_at").get_to(line.loaded_at);
  line.sha256 = json.value("sha256", "");
  line.bytes = json.contains("bytes") ? whole_number(json["bytes"]) : 0;
  line.hash = json.value("hash", "");
  line.table = json.value("table", "");
  line.run_id = json.value("run_id", "");
  line.status = json.value("status", "");
  line.checksum = json.value("checksum", "");
  return line;
}

// A crash leaves the beginning of a line, whatever its last character is: an object in which the parser finds no fault before
// the text ends. Some file systems then show zero bytes where the rest was to be.
bool is_cut(const std::string& line) {
  const std::string written = line.substr(0, line.find_last_not_of('\0') + 1);
  if (written.empty()) return true;
  if (written.front() != '{') return false;
  try {
    const ordered_json whole = ordered_json::parse(written);
    return written.size() < line.size();
  } catch (const ordered_json::parse_error& fault) {
    return fault.byte > written.size();
  } catch (const ordered_json::exception&) {  // a number beyond every range
    return false;
  }
}

}  // namespace

ManifestWriter::ManifestWriter(std::filesystem::path path) : path_(std::move(path)) {
  file_ = open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file_ < 0) throw_io("open the manifest", path_, errno);
}

ManifestWriter::~ManifestWriter() { close(file_); }

void ManifestWriter::append(const ManifestLine& line) {
  const ordered_json json = {{"batch_id", line.batch_id},   {"stage_path", line.stage_path}, {"row_count", line.row_count},
                             {"loaded_at", line.loaded_at}, {"sha256", line.sha256},         {"bytes", line.bytes},
                             {"hash", line.hash},           {"table", line.table},           {"run_id", line.run_id},
                             {"status", line.status},       {"checksum", line.checksum}};
  // A name that is no UTF-8 must not fail here, after the batch is loaded: its bytes become U+FFFD.
  const std::string object = json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  const std::string text = (ends_inside_a_line(file_) ? "\n" : "") + object + "\n";
  if (const int error = core::failpoint(Failpoint::manifest_write)) throw_io("write", path_, error);
  write_all(file_, text, path_);
  core::failpoint(Failpoint::manifest_written);
  if (fsync(file_) != 0) throw_io("sync the manifest", path_, errno);
  core::failpoint(Failpoint::manifest_synced);
}

std::string read_text_file(const std::filesystem::path& path, std::string_view what) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw_io(fmt::format("open {}", what), path, errno);
  std::string text;
  std::array<char, 65536> piece{};
  ssize_t count = 0;
  while ((count = read(file, piece.data(), piece.size())) != 0) {
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) break;
    text.append(piece.data(), static_cast<std::size_t>(count));
  }
  const int error = errno;
  close(file);
  if (count < 0) throw_io(fmt::format("read {}", what), path, error);
  return text;
}

Manifest read_manifest(const std::filesystem::path& path) { return parse_manifest(read_text_file(path, "the manifest"), path); }

Manifest parse_manifest(std::string_view text, const std::filesystem::path& path) {
  Manifest manifest;
  std::size_t number = 0;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = text.find('\n', start);
    const std::string line(text.substr(start, end == std::string_view::npos ? end : end - start));
    ++number;
    try {
      if (!line.empty()) manifest.lines.push_back(parse_line(line));
    } catch (const ordered_json::exception&) {
      if (!is_cut(line)) {
        throw ImednetError(fmt::format("cannot read the manifest {}: line {} is no manifest line", path.string(), number),
                           {.code = ErrorCode::corrupt,
                            .hint = "restore the file, or start a new one with another --manifest-path",
                            .origin = {.system = "local"}});
      }
      manifest.has_cut_line = true;  // later runs went on below it
    }
    start = end == std::string_view::npos ? text.size() : end + 1;
  }
  return manifest;
}

void require_replaceable(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) throw_io("replace", path, EISDIR);
  std::filesystem::path temporary = path;
  temporary += ".part";
  const int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) throw_io("write", temporary, errno);
  close(file);
  unlink(temporary.c_str());
}

void write_file_atomically(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::path temporary = path;
  temporary += ".part";
  const int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) throw_io("write", temporary, errno);
  try {
    if (const int error = core::failpoint(Failpoint::file_write)) throw_io("write", temporary, error);
    write_all(file, text, temporary);
    core::failpoint(Failpoint::file_written);
    if (fsync(file) != 0) throw_io("sync", temporary, errno);
    core::failpoint(Failpoint::file_synced);
  } catch (...) {
    close(file);
    unlink(temporary.c_str());
    throw;
  }
  close(file);
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    unlink(temporary.c_str());
    throw_io("replace", path, error);
  }
  core::failpoint(Failpoint::file_renamed);
}

}  // namespace imednet::ledger
