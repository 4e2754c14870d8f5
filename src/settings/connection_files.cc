#include "settings/connection_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "core/environment.h"
#include "imednet/errors.h"

namespace imednet::settings {
namespace {

constexpr std::size_t kFileBytesMax = 1'048'576;
constexpr const char* kSkipReadWarning = "SF_SKIP_WARNING_FOR_READ_PERMISSIONS_ON_CONFIG_FILE";

[[noreturn]] void refuse(const std::string& file, const std::string& cause, const std::string& hint) {
  throw errors::ExportConfigurationError(fmt::format("cannot use the connection file {}: {}", file, cause),
                                         {.code = errors::ErrorCode::config, .hint = hint, .origin = {.system = "local"}});
}

// An open file; nothing is waited for, so a pipe in its place can't hold the program.
class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : number_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)), error_(errno) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (number_ >= 0) close(number_);
  }
  int number() const noexcept { return number_; }
  int error() const noexcept { return error_; }

 private:
  int number_, error_;
};

void judge_permissions(const struct stat& facts, const std::string& path, std::vector<std::string>& warnings) {
  const std::string command = fmt::format("chmod 0600 '{}'", path);
  if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    refuse(path, fmt::format("group or others may write it (mode {:04o})", facts.st_mode & 07777u), "type: " + command);
  }
  const std::string wants_silence = core::environment(kSkipReadWarning);
  if (wants_silence == "true" || wants_silence == "1") return;
  if ((facts.st_mode & (S_IRGRP | S_IROTH)) != 0) {
    warnings.push_back(
        fmt::format("group or others may read {} (mode {:04o}), which may hold secrets; type: {}", path, facts.st_mode & 07777u, command));
  }
  if (facts.st_uid != 0 && facts.st_uid != geteuid()) {
    warnings.push_back(fmt::format("{} belongs to another user; type: chown \"$USER\" '{}'", path, path));
  }
}

// The whole file; nullopt, and the state says why, when it can't be had.
std::optional<Secret> read_file(LookedAt& looked_at, std::vector<std::string>& warnings) {
  const OpenFile file(looked_at.path);
  if (file.number() < 0) {
    looked_at.state = file.error() == ENOENT || file.error() == ENOTDIR ? "missing" : std::strerror(file.error());
    return std::nullopt;
  }
  struct stat facts {};
  if (fstat(file.number(), &facts) != 0 || !S_ISREG(facts.st_mode)) refuse(looked_at.path, "it is not a regular file", "put a file there");
  judge_permissions(facts, looked_at.path, warnings);
  std::string content(kFileBytesMax + 1, '\0');
  std::size_t size = 0;
  for (ssize_t got = 1; got > 0 && size < content.size(); size += static_cast<std::size_t>(got)) {
    got = read(file.number(), content.data() + size, content.size() - size);
    if (got < 0) refuse(looked_at.path, std::strerror(errno), "check the file");
  }
  if (size > kFileBytesMax) refuse(looked_at.path, "it is larger than 1 MiB", "a connection file holds a few lines");
  content.resize(size);
  looked_at.state = "read";
  return Secret(std::move(content));
}

std::optional<std::vector<TomlEntry>> read_toml(const std::string& path, ConnectionFiles& files) {
  files.looked_at.push_back({path, {}});
  const std::optional<Secret> content = read_file(files.looked_at.back(), files.warnings);
  if (!content) return std::nullopt;
  return parse_toml(content->reveal(), path);
}

// Takes the connections that stand `depth` tables below the top.
void take_connections(const std::vector<TomlEntry>& entries, std::size_t depth, const std::string& path, ConnectionFiles& files) {
  for (const TomlEntry& entry : entries) {
    if (entry.path.size() <= depth || (depth == 1 && entry.path[0] != "connections")) continue;
    const std::string& name = entry.path[depth];
    if (entry.path.size() == depth + 1 && entry.kind == TomlKind::table) files.connections[name].file = path;
    if (entry.path.size() == depth + 1 && entry.kind != TomlKind::table)
      files.notes.push_back(fmt::format("{}: {} is no connection, since it is no table", path, name));
    if (entry.path.size() == depth + 2) files.connections[name].values.emplace(entry.path.back(), entry);
  }
}

void take_default_name(const std::vector<TomlEntry>& entries, const std::string& path, ConnectionFiles& files) {
  for (const TomlEntry& entry : entries) {
    if (entry.path.size() != 1 || entry.path[0] != "default_connection_name") continue;
    if (entry.kind != TomlKind::text)
      refuse(path, fmt::format("default_connection_name is {} where a text is needed", kind_name(entry.kind)), "put it in double quotes");
    files.default_name = entry.text.reveal();
    files.default_file = path;
  }
}

std::string below_home(const std::string& path) {
  const std::string home = core::environment("HOME");
  return home.empty() ? std::string() : (std::filesystem::path(home) / path).string();
}

}  // namespace

std::string connection_folder() {
  std::string own = core::environment("SNOWFLAKE_HOME");
  if (own.empty()) own = "~/.snowflake";
  if (own == "~" || own.starts_with("~/")) own = below_home(own.size() > 2 ? own.substr(2) : "");
  std::error_code ignored;
  if (!own.empty() && std::filesystem::exists(own, ignored)) return own;
  const std::string configuration = core::environment("XDG_CONFIG_HOME");
  return configuration.empty() ? below_home(".config/snowflake") : (std::filesystem::path(configuration) / "snowflake").string();
}

ConnectionFiles read_connection_files() {
  ConnectionFiles files;
  const std::string folder = connection_folder();
  if (folder.empty()) return files;
  const std::string connections = (std::filesystem::path(folder) / "connections.toml").string();
  const std::string configuration = (std::filesystem::path(folder) / "config.toml").string();
  const auto own = read_toml(connections, files);
  const auto shared = read_toml(configuration, files);
  if (own) take_connections(*own, 0, connections, files);
  if (shared) take_default_name(*shared, configuration, files);
  if (shared && !own) take_connections(*shared, 1, configuration, files);
  return files;
}

}  // namespace imednet::settings
