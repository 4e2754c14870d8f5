#pragma once

namespace imednet::sandbox {

// From here on SIGINT, SIGTERM, SIGHUP and SIGCHLD wait to be fetched, in this thread and those it starts. Call before any other starts.
void hold_signals();

struct HeldSignal {
  int number;
  bool from_terminal;  // then the whole foreground group has it, children included
};

HeldSignal next_signal();

}  // namespace imednet::sandbox
