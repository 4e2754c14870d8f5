#include "sandbox/run/signals.h"

#include <csignal>
#include <initializer_list>

namespace imednet::sandbox {
namespace {

sigset_t held() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) {
    sigaddset(&set, number);
  }
  return set;
}

}  // namespace

void hold_signals() {
  const sigset_t set = held();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A write to a client or pipe that has gone is told by its return value.
  std::signal(SIGPIPE, SIG_IGN);
}

HeldSignal next_signal() {
  const sigset_t set = held();
  siginfo_t info{};
  int number = -1;
  do {
    number = sigwaitinfo(&set, &info);
  } while (number < 0);  // interrupted by a signal that is not ours
  return {number, info.si_code == SI_KERNEL};
}

}  // namespace imednet::sandbox
