// child_process.h: a program that runs beside the tests and says on its first line where it is to be reached.
//
// posix_spawn and no fork: a process with the Snowflake driver in it must not fork.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace imednet::e2e {

class ChildProcess {
 public:
  // Starts it and waits for its first line, or its end. Throws std::runtime_error when it can't be started.
  explicit ChildProcess(const std::vector<std::string>& command);
  ~ChildProcess();  // ends its input, and with a signal those that do not listen to that; waits
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  const std::string& first_line() const noexcept { return first_line_; }
  // From here on it is ended by SIGTERM.
  void ends_by_signal() { by_signal_ = true; }

 private:
  pid_t process_ = -1;
  int input_ = -1;
  bool by_signal_ = false;
  std::string first_line_;
};

}  // namespace imednet::e2e
