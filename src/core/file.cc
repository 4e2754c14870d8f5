#include "core/file.h"

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

errors::ErrorCode code_of_errno(int number) noexcept {
  return number == ENOSPC || number == EDQUOT ? errors::ErrorCode::no_space : errors::ErrorCode::io;
}

}  // namespace imednet::core
