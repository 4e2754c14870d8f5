#include "kept_file.h"

#include <fstream>
#include <stdexcept>

namespace imednet::sandbox::snowflake {

void replace_file(const std::filesystem::path& file, const std::string& text) {
  const std::filesystem::path fresh = file.string() + ".new";
  {
    std::ofstream out(fresh, std::ios::trunc | std::ios::binary);
    out << text;
    if (!out.flush()) throw std::runtime_error("cannot write " + fresh.string());
  }
  std::filesystem::rename(fresh, file);
}

}  // namespace imednet::sandbox::snowflake
