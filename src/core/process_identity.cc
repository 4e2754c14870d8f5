#include "core/process_identity.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "core/environment.h"

namespace imednet::core {
namespace {

constexpr int kFieldsFromStateToStart = 19;  // state is field 3, the start time field 22

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return std::string(trimmed(line));
}

struct ProcessFacts {
  char state = '?';
  std::int64_t started = 0;
};

// The name in field 2 may hold blanks and brackets, so the fields are counted from its last bracket on.
std::optional<ProcessFacts> facts_of(std::int64_t pid) {
  const std::string line = first_line(fmt::format("/proc/{}/stat", pid));
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(name_end + 1));
  ProcessFacts facts;
  fields >> facts.state;
  std::string skipped;
  for (int i = 1; i < kFieldsFromStateToStart; ++i) fields >> skipped;
  if (!(fields >> facts.started)) return std::nullopt;
  return facts;
}

std::string pid_namespace() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/ns/pid", ignored).string();
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace

Liveness ProcessIdentity::liveness() const {
  const bool is_of_here = pid > 0 && !boot_id.empty() && !pid_namespace.empty() &&
                          boot_id == first_line("/proc/sys/kernel/random/boot_id") && pid_namespace == core::pid_namespace();
  if (!is_of_here) return Liveness::elsewhere;
  // /proc may hide other users' processes; a signal's permission is asked of the kernel itself.
  if (kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH) return Liveness::dead;
  const auto facts = facts_of(pid);
  if (!facts) return Liveness::alive;
  const bool is_ended = facts->state == 'Z' || facts->state == 'X';
  return is_ended || facts->started != started ? Liveness::dead : Liveness::alive;
}

ProcessIdentity identity_of(std::int64_t pid) {
  const auto facts = facts_of(pid);
  return {host_name(), first_line("/proc/sys/kernel/random/boot_id"), pid_namespace(), pid, facts ? facts->started : 0};
}

ProcessIdentity this_process() { return identity_of(getpid()); }

}  // namespace imednet::core
