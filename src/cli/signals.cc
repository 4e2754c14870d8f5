#include "cli/signals.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace imednet::cli {
namespace {

std::atomic<int> g_received{0};
int g_pipe[2] = {-1, -1};

void on_signal(int signal) {
  int none = 0;
  if (!g_received.compare_exchange_strong(none, signal)) _exit(128 + signal);  // asked twice: no more waiting
  const int saved = errno;
  [[maybe_unused]] const ssize_t written = write(g_pipe[1], "s", 1);
  errno = saved;
}

}  // namespace

SignalStop::SignalStop() {
  if (pipe2(g_pipe, O_CLOEXEC) != 0) return;
  watcher_ = std::thread([this] {
    char byte = 0;
    while (read(g_pipe[0], &byte, 1) < 0 && errno == EINTR) {
    }
    if (byte == 's') source_.request_stop();
  });
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART | SA_ONSTACK;  // a driver's runtime runs threads with small stacks
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;  // a closed pipe is told by write()
  sigaction(SIGPIPE, &ignore, nullptr);
}

SignalStop::~SignalStop() {
  if (!watcher_.joinable()) return;
  [[maybe_unused]] const ssize_t written = write(g_pipe[1], "q", 1);
  watcher_.join();
}

int SignalStop::received() noexcept { return g_received.load(); }

}  // namespace imednet::cli
