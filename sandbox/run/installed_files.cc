#include "sandbox/run/installed_files.h"

#include <cstdlib>

namespace imednet::sandbox {
namespace {

namespace fs = std::filesystem;

fs::path first_of(const char* variable, const fs::path& installed, const fs::path& built) {
  const char* const set = std::getenv(variable);
  if (set != nullptr && *set != '\0') {
    return set;
  }
  return fs::exists(installed) ? installed : built;
}

}  // namespace

fs::path executable_directory() { return fs::read_symlink("/proc/self/exe").parent_path(); }

fs::path sample_study() {
  const fs::path installed = executable_directory() / "../share/imednet/sandbox";
  return first_of("IMEDNET_SANDBOX_DATA", installed, IMEDNET_SAMPLE_DATA_DIR) / "cdiscpilot01";
}

fs::path duckdb_library() {
  const fs::path installed = executable_directory() / "../lib/imednet/libduckdb.so";
  return first_of("IMEDNET_DUCKDB_LIBRARY", installed, IMEDNET_DUCKDB_LIBRARY);
}

}  // namespace imednet::sandbox
