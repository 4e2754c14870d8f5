// process_identity.h: which process of which machine, said so that another process can tell whether it still lives.
//
// Rule: a pid is used again, also after a restart of the machine and in each container. So boot, pid namespace, pid and the
//       process's start say together who is meant; a process of another boot or namespace can't be judged from here.
// Source: proc(5): /proc/sys/kernel/random/boot_id, /proc/<pid>/stat (state, start time), /proc/<pid>/ns/pid.
#pragma once

#include <cstdint>
#include <string>

namespace imednet::core {

enum class Liveness {
  alive,
  dead,
  elsewhere,  // another machine, another boot or another container: nobody here can tell
};

struct ProcessIdentity {
  std::string host{};           // for people only
  std::string boot_id{};        // empty: not known
  std::string pid_namespace{};  // as "pid:[4026531836]"; empty: not known
  std::int64_t pid = 0;
  std::int64_t started = 0;  // clock ticks after boot

  bool is_alive() const { return liveness() == Liveness::alive; }
  // Whatever can't be found out counts against `dead`.
  Liveness liveness() const;
  friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

ProcessIdentity this_process();
// A process of this pid namespace; `started` is 0 when it is not there.
ProcessIdentity identity_of(std::int64_t pid);

}  // namespace imednet::core
