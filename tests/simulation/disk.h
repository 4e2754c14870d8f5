// disk.h: the disk of a simulated run. It is a real folder; the C library's calls of this program are replaced, so that the
// product and Arrow alike meet a full disk, a failed sync, or the end of their process in the middle of a write.
//
// Model:   what was not synced is gone after a power cut; after the death of a process alone it stays. A dead run changes nothing.
#pragma once

#include <filesystem>

#include "simulation/world.h"

namespace imednet::simulation {

// For the calls of the actors of this world, as long as it lives.
class Disk {
 public:
  explicit Disk(World& world);
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  ~Disk();
  // Cuts every file below to what was synced of it.
  void lose_power(const std::filesystem::path& folder);
};

}  // namespace imednet::simulation
