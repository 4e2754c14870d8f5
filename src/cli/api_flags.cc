#include "cli/api_flags.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include <cmath>

namespace imednet::cli {

void add_deadline(CLI::App& command, double& seconds) {
  command.add_option("--deadline", seconds, "Seconds for all of it; 0: as long as it takes")
      ->check(CLI::Range(0.0, 604'800.0))
      ->capture_default_str();
}

std::chrono::milliseconds deadline_of(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(seconds * 1000)));
}

}  // namespace imednet::cli
