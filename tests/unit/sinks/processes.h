// processes.h: processes that hold a lease or a transaction and are not this one.
#pragma once

#include "core/process_identity.h"

namespace imednet::sinks::snowflake {

inline core::ProcessIdentity dead_process() {
  core::ProcessIdentity process = core::this_process();
  process.started -= 1;
  return process;
}

inline core::ProcessIdentity process_elsewhere() {
  core::ProcessIdentity process = dead_process();
  process.boot_id = "00000000-0000-0000-0000-000000000000";
  return process;
}

}  // namespace imednet::sinks::snowflake
