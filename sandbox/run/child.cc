#include "sandbox/run/child.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "sandbox/run/signals.h"

namespace imednet::sandbox {
namespace {

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& variables) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (variables.count(text.substr(0, text.find('='))) == 0) {
      merged.push_back(text);
    }
  }
  for (const auto& [name, value] : variables) {
    merged.push_back(std::string(name).append("=").append(value));
  }
  return merged;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (std::string& text : texts) {
    list.push_back(text.data());
  }
  list.push_back(nullptr);
  return list;
}

// The child starts with the signals as a shell would give them, not with ours held back.
int spawn(pid_t& child, std::vector<std::string> command, std::vector<std::string> environment) {
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  sigset_t defaults;
  sigemptyset(&defaults);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGPIPE}) {
    sigaddset(&defaults, number);
  }
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const int error =
      posix_spawnp(&child, command.front().c_str(), nullptr, &attributes, pointers(command).data(), pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  return error;
}

int exit_code(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

int wait_for(pid_t child) {
  for (;;) {  // ends with the child
    int status = 0;
    if (waitpid(child, &status, WNOHANG) == child) {
      return exit_code(status);
    }
    const HeldSignal signal = next_signal();
    if (signal.number != SIGCHLD && !signal.from_terminal) {
      kill(child, signal.number);
    }
  }
}

}  // namespace

int run_child(const std::vector<std::string>& command, const std::map<std::string, std::string>& variables) {
  // posix_spawnp looks in our PATH, not in the one it hands over.
  const auto path = variables.find("PATH");
  if (path != variables.end()) {
    setenv("PATH", path->second.c_str(), 1);
  }
  pid_t child = -1;
  const int error = spawn(child, command, merged_environment(variables));
  if (error != 0) {
    fmt::print(stderr, "imednet-sandbox: cannot run {}: {}\n", command.front(), std::strerror(error));
    return error == ENOENT ? 127 : 126;
  }
  return wait_for(child);
}

std::string no_proxy_with_loopback(const char* current) {
  const std::string before = current == nullptr ? "" : current;
  return before + (before.empty() ? "" : ",") + "127.0.0.1,localhost";
}

}  // namespace imednet::sandbox
