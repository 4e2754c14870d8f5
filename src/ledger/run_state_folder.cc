// run_state_folder.cc: the folder of all runs' states: where it is, what is in it.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "core/environment.h"
#include "core/file.h"
#include "imednet/errors.h"
#include "ledger/run_state.h"
#include "ledger/run_state_line.h"

namespace imednet::ledger {
namespace {

using errors::ErrorCode;

[[noreturn]] void refuse(const std::filesystem::path& folder, int error) {
  throw errors::ExportConfigurationError(
      fmt::format("cannot keep the run's state in {}: {}", folder.string(), std::strerror(error)),
      {.code = core::code_of_errno(error),
       .hint = "name a folder that can be made and written with --state-dir (state_dir), for example one on a volume that stays",
       .origin = {.system = "local"}});
}

// Makes what is missing of the path, 0700, and has each new name on disk.
void make_folders(const std::filesystem::path& folder) {
  std::filesystem::path so_far;
  for (const auto& part : folder) {
    const std::filesystem::path parent = so_far;
    so_far /= part;
    if (mkdir(so_far.c_str(), 0700) != 0) {
      std::error_code ignored;
      if (errno == EEXIST || std::filesystem::is_directory(so_far, ignored)) continue;
      refuse(folder, errno);
    }
    const int file = open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) continue;  // a folder that may be entered and not read
    fsync(file);
    close(file);
  }
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) refuse(folder, ENOTDIR);
  if (access(folder.c_str(), W_OK | X_OK) != 0) refuse(folder, errno);
}

std::vector<std::filesystem::path> run_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "runs")) {
    if (entry.path().extension() == ".jsonl" && entry.is_regular_file()) files.push_back(entry.path());
  }
  // A run's id begins with its time.
  std::sort(files.begin(), files.end(), std::greater<>());
  return files;
}

bool is_run_of(const RunRecord& run, std::string_view study, std::string_view target) {
  const RunEvent* planned = run.find(kPlanned);
  return planned != nullptr && planned->text("study") == study && planned->text("target") == target;
}

}  // namespace

std::filesystem::path default_state_folder() {
  // As the XDG rules have it, a relative path in the variable does not count.
  if (const std::string state_home = core::environment("XDG_STATE_HOME"); state_home.starts_with('/'))
    return std::filesystem::path(state_home) / "imednet";
  if (const std::string home = core::environment("HOME"); home.starts_with('/'))
    return std::filesystem::path(home) / ".local" / "state" / "imednet";
  return {};
}

std::filesystem::path prepare_state_folder(const std::optional<std::filesystem::path>& wanted) {
  std::filesystem::path folder = wanted ? std::filesystem::absolute(*wanted) : default_state_folder();
  if (folder.empty()) {
    throw errors::ExportConfigurationError(
        "cannot keep the run's state: neither HOME nor XDG_STATE_HOME is set",
        {.code = ErrorCode::config, .hint = "name a folder with --state-dir (state_dir)", .origin = {.system = "local"}});
  }
  make_folders(folder / "runs");
  return folder;
}

RunRecord read_run(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) {
    throw ImednetError(fmt::format("cannot read the run's state {}", path.string()),
                       {.code = ErrorCode::io, .hint = "check who may read it", .origin = {.system = "local"}});
  }
  RunRecord run{.run_id = path.stem().string(), .path = path};
  std::string previous(kFirstPrevious);
  for (std::size_t start = 0, number = 1; start < content.size(); ++number) {
    const std::size_t end = content.find('\n', start);
    if (end == std::string::npos) {
      run.bad_line = {number, "it was cut off"};
      break;
    }
    auto judged = judge_line(std::string_view(content).substr(start, end - start), static_cast<std::int64_t>(number), previous);
    if (auto* why = std::get_if<std::string>(&judged)) {
      run.bad_line = {number, std::move(*why)};
      break;
    }
    run.events.push_back(std::get<RunEvent>(std::move(judged)));
    start = end + 1;
  }
  return run;
}

std::vector<RunRecord> list_runs(const std::filesystem::path& folder) {
  std::vector<RunRecord> runs;
  for (const auto& path : run_files(folder)) runs.push_back(read_run(path));
  return runs;
}

std::optional<RunRecord> last_unfinished_run(const std::filesystem::path& folder, std::string_view study, std::string_view target) {
  for (const auto& path : run_files(folder)) {
    RunRecord run = read_run(path);
    if (!is_run_of(run, study, target)) continue;
    if (run.is_ended()) return std::nullopt;
    return run;
  }
  return std::nullopt;
}

void remove_old_runs(const std::filesystem::path& folder, std::size_t kept) noexcept {
  try {
    const auto files = run_files(folder);
    for (std::size_t i = kept; i < files.size(); ++i) {
      std::error_code ignored;
      if (read_run(files[i]).is_ended()) std::filesystem::remove(files[i], ignored);
    }
  } catch (const std::exception&) {
    // Tidying up must not stop a run.
  }
}

const RunEvent* RunRecord::find(std::string_view event) const {
  const auto found = std::find_if(events.begin(), events.end(), [event](const RunEvent& one) { return one.name == event; });
  return found == events.end() ? nullptr : &*found;
}

std::string RunRecord::problem() const {
  return bad_line ? fmt::format("line {} of {} is not as it was written: {}; what follows it is left out", bad_line->number, path.string(),
                                bad_line->why)
                  : "";
}

namespace {

template <class Value>
Value field_of(const Fields& fields, std::string_view name) {
  for (const auto& [held, value] : fields) {
    const auto* typed = std::get_if<Value>(&value);
    if (held == name && typed != nullptr) return *typed;
  }
  return {};
}

}  // namespace

std::string RunEvent::text(std::string_view field) const { return field_of<std::string>(fields, field); }
std::int64_t RunEvent::number(std::string_view field) const { return field_of<std::int64_t>(fields, field); }

}  // namespace imednet::ledger
