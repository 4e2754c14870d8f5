#include "e2e_cpp/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace imednet::e2e {
namespace {

constexpr int kStartSeconds = 60;

// One line of the child's output, or what came until it ended or the time was over.
std::string read_line(int file) {
  std::string line;
  pollfd waiting{file, POLLIN, 0};
  char c = 0;
  while (poll(&waiting, 1, kStartSeconds * 1000) > 0 && read(file, &c, 1) == 1 && c != '\n') line += c;
  return line;
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& command) {
  std::array<int, 2> input{}, output{};
  if (pipe2(input.data(), O_CLOEXEC) != 0 || pipe2(output.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int failed = posix_spawn(&process_, command.at(0).c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(input[0]);
  close(output[1]);
  input_ = input[1];
  if (failed == 0) first_line_ = read_line(output[0]);
  close(output[0]);
  if (failed == 0) return;
  close(input_);
  throw std::runtime_error("cannot start " + command.at(0));
}

ChildProcess::~ChildProcess() {
  close(input_);
  if (by_signal_) kill(process_, SIGTERM);
  waitpid(process_, nullptr, 0);
}

}  // namespace imednet::e2e
