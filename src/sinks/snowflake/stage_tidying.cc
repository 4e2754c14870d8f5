#include "sinks/snowflake/stage_tidying.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/retry.h"
#include "core/run_id.h"
#include "sinks/snowflake/session_retries.h"
#include "sinks/snowflake/stage_path.h"
#include "sinks/snowflake/target.h"
#include "sinks/snowflake/upkeep_statements.h"

namespace imednet::sinks::snowflake {
namespace {

using errors::ErrorCode;

// The part behind "<prefix>/"; nullopt: the path only shares its beginning with the prefix.
std::optional<std::string_view> below(const StageDirectory& directory, std::string_view path) {
  if (directory.prefix().empty()) return path;
  if (!path.starts_with(directory.prefix())) return std::nullopt;
  path.remove_prefix(directory.prefix().size());
  if (!path.starts_with('/')) return std::nullopt;
  return path.substr(1);
}

bool is_flat_path(const StageDirectory& directory, std::string_view path) {
  const auto rest = below(directory, path);
  return rest && is_staged_file_name(*rest);
}

// In a sorted list the paths that start with one stand right behind it.
bool starts_another(const std::vector<ListedFile>& files, std::size_t i) {
  return i + 1 < files.size() && files[i + 1].path.starts_with(files[i].path);
}

}  // namespace

bool is_own_path(const StageDirectory& directory, std::string_view path) {
  const auto rest = below(directory, path);
  const std::size_t slash = rest ? rest->find('/') : std::string_view::npos;
  if (slash == std::string_view::npos || !is_staged_file_name(rest->substr(slash + 1))) return false;
  std::string_view folder = rest->substr(0, slash);
  if (folder.starts_with(kDoctorFolder)) return core::is_run_id(folder.substr(kDoctorFolder.size()));
  return is_content_folder(folder);
}

void StageTidying::attempt(std::string_view step, const std::function<void()>& action) {
  run_with_retries(session_, config_, clock_, step, action);
}

std::vector<ListedFile> StageTidying::list() {
  std::vector<ListedFile> files;
  attempt("list", [&] { files = list_files(session_, names_.directory); });
  return files;
}

std::set<std::string, std::less<>> StageTidying::known_paths(bool& has_ledger) {
  std::set<std::string, std::less<>> paths;
  attempt("ledger-paths", [&] {
    paths.clear();
    has_ledger = creation_time(session_, names_.ledger).has_value();
    if (!has_ledger) return;
    const db::Answer answer = session_.run(ledger_paths(names_.ledger), "ledger-paths");
    for (std::size_t row = 0; row < answer.rows.size(); ++row) paths.insert(answer.at(row, "FILE_PATH").value_or(""));
  });
  return paths;
}

StageFindings StageTidying::find(std::chrono::seconds older_than) {
  StageFindings findings;
  attempt("clock", [&] {
    const db::Answer answer = session_.run(server_time(), "clock");
    findings.limit = std::chrono::sys_seconds(std::chrono::seconds(answer.number(0, "EPOCH"))) - older_than;
  });
  const auto known = known_paths(findings.has_ledger);
  const std::vector<ListedFile> files = list();
  const bool is_flat = config_.stage_layout == integrations::StageLayout::flat;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const ListedFile& file = files[i];
    const bool is_known = known.contains(file.path);
    const bool is_own = is_own_path(names_.directory, file.path) || (is_flat && is_known && is_flat_path(names_.directory, file.path));
    if (!is_own || file.modified > findings.limit) {
      ++findings.others;
    } else if (starts_another(files, i)) {
      findings.shadowed.push_back(file.path);
    } else {
      findings.old.push_back({file, is_known});
    }
  }
  return findings;
}

// The statement names the whole path; that nothing else went is seen in its answer.
void StageTidying::remove_one(const std::string& path) {
  const auto relative = below(names_.directory, path);
  attempt("remove", [&] {
    const db::Answer answer = session_.run(remove_file(names_.directory, *relative), "remove");
    for (std::size_t row = 0; row < answer.rows.size(); ++row) {
      const std::string gone = path_of_row(answer.at(row, "name").value_or(""));
      if (gone == path) continue;
      throw errors::ExportError(
          fmt::format("cannot go on removing: REMOVE of {} took {} as well", path, gone),
          {.code = ErrorCode::rejected, .hint = "this is a defect; please report it", .origin = {.system = "snowflake"}});
    }
  });
}

std::int64_t StageTidying::remove(const StageFindings& findings) {
  for (const OldFile& old : findings.old) {
    if (config_.stop.stop_requested()) core::throw_cancelled();
    remove_one(old.file.path);
  }
  std::set<std::string, std::less<>> there;
  for (ListedFile& file : list()) there.insert(std::move(file.path));
  const auto still_there =
      std::count_if(findings.old.begin(), findings.old.end(), [&](const OldFile& old) { return there.contains(old.file.path); });
  if (still_there > 0) {
    throw errors::ExportError(
        fmt::format("cannot remove {} of {} files: REMOVE reported success, but LIST still shows them", still_there, findings.old.size()),
        {.code = ErrorCode::unavailable, .hint = "run it again", .origin = {.system = "snowflake"}});
  }
  return static_cast<std::int64_t>(findings.old.size());
}

}  // namespace imednet::sinks::snowflake
