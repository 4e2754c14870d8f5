#include "sinks/parquet/folder_files.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>

#include "core/digest.h"
#include "imednet/errors.h"

namespace imednet::sinks::parquet {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// False: there is no such member, or it is something else.
bool take(const Json& object, const char* name, std::string& value) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return false;
  value = found->get<std::string>();
  return true;
}

bool take(const Json& object, const char* name, std::int64_t& value) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer()) return false;
  value = found->get<std::int64_t>();
  return true;
}

std::optional<std::string> text_of(const Json& object, const char* name) {
  std::string value;
  return take(object, name, value) ? std::optional(value) : std::nullopt;
}

void take_file(FolderManifest& manifest, const Json& entry) {
  ListedFile file;
  if (!entry.is_object() || !take(entry, "name", file.name)) {
    manifest.is_whole = false;
    return;
  }
  const bool is_whole = take(entry, "batch_id", file.batch_id) && take(entry, "sha256", file.sha256) && take(entry, "rows", file.rows) &&
                        take(entry, "bytes", file.bytes) && take(entry, "first_record_id", file.first_record_id) &&
                        take(entry, "last_record_id", file.last_record_id);
  manifest.is_whole = manifest.is_whole && is_whole;
  file.form_key = text_of(entry, "form_key");
  file.dimension = text_of(entry, "dimension");
  manifest.files.push_back(std::move(file));
}

}  // namespace

FolderManifest read_manifest(const fs::path& folder) {
  FolderManifest manifest;
  std::ifstream file(folder / kManifestName, std::ios::binary);
  manifest.text.assign(std::istreambuf_iterator<char>(file), {});
  const Json object = Json::parse(manifest.text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object() || !object.contains("files") || !object["files"].is_array()) return manifest;
  manifest.is_whole = take(object, "study", manifest.study) && take(object, "layout", manifest.layout);
  for (const Json& entry : object["files"]) take_file(manifest, entry);
  return manifest;
}

std::vector<std::string> strangers(const fs::path& folder, const std::vector<ListedFile>& files) {
  std::set<std::string> names{std::string(kManifestName)}, folders;
  for (const ListedFile& file : files) {
    names.insert(file.name);
    for (fs::path path = fs::path(file.name).parent_path(); !path.empty() && path != path.parent_path(); path = path.parent_path())
      folders.insert(path.string());
  }
  std::vector<std::string> others;
  std::error_code error;
  for (auto entry = fs::recursive_directory_iterator(folder, error); !error && entry != fs::end(entry); entry.increment(error)) {
    const std::string name = entry->path().lexically_relative(folder).string();
    const auto type = entry->symlink_status(error).type();
    const bool is_known =
        type == fs::file_type::regular ? names.contains(name) : type == fs::file_type::directory && folders.contains(name);
    if (!is_known) others.push_back(name);
  }
  if (!error) return others;
  throw errors::ExportConfigurationError(fmt::format("cannot list {}: {}", folder.string(), error.message()),
                                         {.code = errors::ErrorCode::io,
                                          .hint = "name a new folder in one that exists, or one that an export made",
                                          .origin = {.system = "local"}});
}

std::string fault_of(const fs::path& folder, const ListedFile& file) {
  const fs::path place = folder / file.name;
  const auto fault = [&](std::string_view what) {
    return fmt::format("{} {} (batch {}, records {} to {})", file.name, what, file.batch_id, file.first_record_id, file.last_record_id);
  };
  const fs::path inside = fs::path(file.name).lexically_normal();
  if (inside.is_absolute() || inside.empty() || *inside.begin() == "..") return fault("is no name of a file in the folder");
  std::error_code error;
  if (fs::symlink_status(place, error).type() != fs::file_type::regular) return fault("is not there");
  if (static_cast<std::int64_t>(fs::file_size(place)) != file.bytes) return fault("has another size than the manifest says");
  if (core::hex(core::sha256_file(place)) != file.sha256) return fault("has another SHA-256 than the manifest says");
  return "";
}

}  // namespace imednet::sinks::parquet
