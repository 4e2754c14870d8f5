#include "sinks/parquet/parquet_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <system_error>

#include "core/file.h"
#include "ledger/manifest.h"
#include "sinks/parquet/folder_files.h"

namespace imednet::sinks::parquet {
namespace {

namespace fs = std::filesystem;
using errors::ErrorCode;
using errors::ExportConfigurationError;
using errors::ExportError;

constexpr int kFormat = 1;

[[noreturn]] void refuse(const fs::path& target, ErrorCode code, const std::string& cause) {
  throw ExportConfigurationError(
      fmt::format("cannot export into {}: {}", target.string(), cause),
      {.code = code, .hint = "name a new folder in one that exists, or one that an export made", .origin = {.system = "local"}});
}

[[noreturn]] void fail(std::string_view action, const fs::path& path, int error) {
  throw ExportError(fmt::format("cannot {} {}: {}", action, path.string(), std::strerror(error)),
                    {.code = core::code_of_errno(error), .origin = {.system = "local"}});
}

// Symbolic links are followed here, once, so that what is replaced is the folder and not the link.
fs::path resolved(fs::path target) {
  if (target.empty()) refuse(target, ErrorCode::invalid_argument, "no folder is named");
  if (!target.has_filename()) target = target.parent_path();  // "out/"
  std::error_code error;
  fs::path absolute = fs::weakly_canonical(fs::absolute(target), error);  // "out" alone stays relative otherwise
  if (error) refuse(target, ErrorCode::io, error.message());
  if (!absolute.has_filename()) refuse(target, ErrorCode::invalid_argument, "it is no folder of its own");
  if (!fs::is_directory(absolute.parent_path(), error)) refuse(target, ErrorCode::config, "the folder it is to stand in does not exist");
  if (fs::exists(absolute, error) && !fs::is_directory(absolute, error)) refuse(target, ErrorCode::config, "it is no folder");
  return absolute;
}

void require_ours(const fs::path& target) {
  std::error_code error;
  if (!fs::exists(target, error)) return;
  const std::vector<std::string> others = strangers(target, read_manifest(target).files);
  if (!others.empty()) refuse(target, ErrorCode::config, fmt::format("it holds {}, which no export put there", others.front()));
}

std::string manifest_text(const FolderContent& content, const fs::path& folder) {
  nlohmann::ordered_json json = {{"format", kFormat},
                                 {"study", content.study},
                                 {"layout", content.layout->name},
                                 {"layout_version", content.layout->version},
                                 {"rows", 0},
                                 {"files", nlohmann::ordered_json::array()}};
  std::int64_t rows = 0;
  for (const FolderPart& part : content.parts) {
    for (const staging::StagedFile& file : *part.files) {
      rows += part.counts ? file.rows : 0;
      nlohmann::ordered_json entry = {{"name", file.path.lexically_relative(folder).string()}, {"batch_id", file.batch_id}};
      for (const auto& [name, value] : part.about) entry[name] = value;
      entry.update({{"rows", file.rows},
                    {"bytes", file.bytes},
                    {"sha256", file.sha256},
                    {"hash", file.content_hash},
                    {"first_record_id", file.first_record_id},
                    {"last_record_id", file.last_record_id}});
      json["files"].push_back(std::move(entry));
    }
  }
  json["rows"] = rows;
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void sync_folder(const fs::path& folder) {
  if (const int error = core::sync_folder(folder)) fail("keep", folder, error);
}

// What `fresh` held is in `target` afterwards, and what the target held, if anything, in `fresh`.
void change_places(const fs::path& fresh, const fs::path& target) {
  struct stat old {};
  if (::stat(target.c_str(), &old) != 0) {
    if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) == 0) return;
    if (errno != EINVAL && errno != ENOSYS) fail("make", target, errno);
    if (::rename(fresh.c_str(), target.c_str()) != 0) fail("make", target, errno);
    return;
  }
  if (::chmod(fresh.c_str(), old.st_mode & 07777) != 0) fail("make", target, errno);
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0) return;
  if (errno != EINVAL && errno != ENOSYS) fail("replace", target, errno);
  const fs::path aside = fresh.parent_path() / "old";
  if (::rename(target.c_str(), aside.c_str()) != 0) fail("replace", target, errno);
  if (::rename(fresh.c_str(), target.c_str()) != 0) {
    const int error = errno;
    ::rename(aside.c_str(), target.c_str());
    fail("replace", target, error);
  }
}

}  // namespace

ParquetFolder::ParquetFolder(fs::path target)
    : target_(resolved(std::move(target))),
      beside_((require_ours(target_), target_.parent_path()), ".imednet-parquet"),
      staging_(beside_.path() / "new") {
  if (::mkdir(staging_.c_str(), 0700) != 0) fail("make", staging_, errno);
}

void ParquetFolder::publish(const FolderContent& content) {
  ledger::write_file_atomically(staging_ / kManifestName, manifest_text(content, staging_));
  sync_folder(staging_);
  require_ours(target_);  // whatever came meanwhile is not ours to remove
  change_places(staging_, target_);
  sync_folder(target_.parent_path());
}

}  // namespace imednet::sinks::parquet
