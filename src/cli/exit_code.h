// exit_code.h: the program's exit codes, as errors come to them (core/exit_code.h).
#pragma once

#include "core/exit_code.h"

namespace imednet::cli {

using core::exit_code_of;
using core::ExitCode;
using enum core::ExitCode;

}  // namespace imednet::cli
