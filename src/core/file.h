// file.h: an open file of this machine, and what a failed call on one means.
#pragma once

#include <filesystem>

#include "imednet/errors.h"

namespace imednet::core {

// An open file descriptor, closed with its owner.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  int get() const { return number_; }
  int release();

 private:
  int number_ = -1;
};

// Brings the names in a folder to disk: a new name is only safe then. The error's number; 0: it is done, or this file system can't.
int sync_folder(const std::filesystem::path& folder);

// no_space for a full disk or quota, else io.
errors::ErrorCode code_of_errno(int number) noexcept;

}  // namespace imednet::core
