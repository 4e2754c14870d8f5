#include "db/shipped_driver.h"

#include <link.h>

#include <filesystem>

namespace imednet::db {
namespace {

namespace fs = std::filesystem;

// Called for each loaded object until it returns 1.
int keep_arrow_folder(dl_phdr_info* info, std::size_t /*size*/, void* folder) {
  const fs::path path(info->dlpi_name);
  if (!path.filename().string().starts_with("libarrow.so")) return 0;
  *static_cast<fs::path*>(folder) = path.parent_path();
  return 1;
}

}  // namespace

std::string shipped_driver_directory() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  const fs::path beside_program = program.parent_path().parent_path() / "lib" / "imednet" / "drivers";
  if (fs::is_directory(beside_program, ignored)) return beside_program.string();
  fs::path arrow_folder;
  dl_iterate_phdr(keep_arrow_folder, &arrow_folder);
  if (const fs::path beside_arrow = arrow_folder / "drivers"; !arrow_folder.empty() && fs::is_directory(beside_arrow, ignored)) {
    return beside_arrow.string();
  }
  return beside_program.string();
}

}  // namespace imednet::db
