#include "core/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace imednet::core {

Descriptor::~Descriptor() {
  if (number_ >= 0) {
    ::close(number_);
  }
}
Descriptor::Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}
int Descriptor::release() { return std::exchange(number_, -1); }

int sync_folder(const std::filesystem::path& folder) {
  const Descriptor open_folder(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (open_folder.get() < 0) return errno;
  return ::fsync(open_folder.get()) == 0 || errno == EINVAL ? 0 : errno;
}

errors::ErrorCode code_of_errno(int number) noexcept {
  return number == ENOSPC || number == EDQUOT ? errors::ErrorCode::no_space : errors::ErrorCode::io;
}

}  // namespace imednet::core
