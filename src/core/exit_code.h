// exit_code.h: the exit code that an error comes to (docs/exit-codes.md): that of the root cause.
#pragma once

#include "imednet/errors.h"

namespace imednet::core {

enum ExitCode : int {
  kLoaded = 0,
  kInternal = 1,
  kUsage = 2,
  kBatch = 3,
  kLocked = 10,
  kSignIn = 11,
  kApi = 12,
  kDestination = 13,
  kInDoubt = 14,
  kCountsDiffer = 15,
  kSigint = 130,
  kSigterm = 143,
};

// `signal`: the signal that asked to stop, 0 when none did.
int exit_code_of(const ImednetError& error, int signal);

}  // namespace imednet::core
