// main.cc: the process itself. The Snowflake driver reads the environment the process was started with, so a command that loads it
// first sets what the driver must find there and executes the program again (ADR 0003).
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "cli/commands.h"
#include "sinks/snowflake/driver_environment.h"

namespace {

constexpr const char* kStartedAgain = "IMEDNET_STARTED_AGAIN";

// Keys, a password and patients' values are in this memory: no core file of it, and no other process of the user reads it.
void keep_memory_private() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);  // execute drops it, so it is said again after the second start
}

// A descriptor that was closed before the start would be given to the first file that is opened, and our words would land in it.
void keep_standard_descriptors() {
  for (int number = 0; number <= 2; ++number) {
    if (fcntl(number, F_GETFD) < 0 && errno == EBADF) open("/dev/null", O_RDWR);
  }
}

void start_again_when_needed(int argc, char** argv) {
  if (!imednet::cli::loads_driver(argc, argv) || std::getenv(kStartedAgain) != nullptr) return;
  if (imednet::sinks::snowflake::missing_driver_environment().empty()) return;
  for (const auto& [name, value] : imednet::sinks::snowflake::driver_environment()) setenv(name.c_str(), value.c_str(), 1);
  setenv(kStartedAgain, "1", 1);
  execv("/proc/self/exe", argv);
  // Where that is not allowed the program goes on; the export warns.
}

}  // namespace

int main(int argc, char** argv) {
  keep_memory_private();
  keep_standard_descriptors();
  start_again_when_needed(argc, argv);
  unsetenv(kStartedAgain);
  return imednet::cli::run_program(argc, argv);
}
