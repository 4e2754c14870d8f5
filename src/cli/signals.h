// signals.h: SIGINT and SIGTERM as a stop token; a second one ends the process at once.
#pragma once

#include <stop_token>
#include <thread>

namespace imednet::cli {

class SignalStop {
 public:
  // Installs the handlers; one object a process.
  SignalStop();
  ~SignalStop();
  SignalStop(const SignalStop&) = delete;
  SignalStop& operator=(const SignalStop&) = delete;

  std::stop_token token() const { return source_.get_token(); }
  // The signal that came, or 0.
  static int received() noexcept;

 private:
  std::stop_source source_;
  std::thread watcher_;
};

}  // namespace imednet::cli
