#include "simulation/disk.h"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <map>

namespace imednet::simulation {
namespace {

World* world = nullptr;
std::map<std::pair<dev_t, ino_t>, off_t> synced;  // how much of a file is safe

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

bool is_ours() { return world != nullptr && World::current() != nullptr; }
bool is_dead() { return is_ours() && World::current()->is_dead; }

int fails(int error) {
  errno = error;
  return -1;
}

// 0: go on.
int error_at(const char* operation, bool& dies_after) {
  if (is_dead()) return EIO;
  const Fault* fault = world->fault_at(operation);
  if (fault == nullptr) return 0;
  world->trace(World::current()->name + " " + fault->name);
  if (fault->name == "disk-full") return ENOSPC;
  if (fault->name.ends_with("-error")) return EIO;
  if (fault->name == "disk-death-before-sync") {
    World::current()->loses_power = true;
    world->die();
    return EIO;
  }
  dies_after = fault->name.starts_with("disk-death");
  return 0;
}

}  // namespace

Disk::Disk(World& of) { world = &of; }
Disk::~Disk() {
  world = nullptr;
  synced.clear();
}

void Disk::lose_power(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    struct stat facts {};
    if (!entry.is_regular_file() || stat(entry.path().c_str(), &facts) != 0) continue;
    const auto safe = synced.find({facts.st_dev, facts.st_ino});
    const off_t kept = safe == synced.end() ? 0 : std::min(safe->second, facts.st_size);
    if (kept < facts.st_size && truncate(entry.path().c_str(), kept) != 0) world->violate("the simulated disk could not be cut");
  }
}

}  // namespace imednet::simulation

using namespace imednet::simulation;

#define IMEDNET_SEEN extern "C" __attribute__((visibility("default")))

IMEDNET_SEEN ssize_t write(int file, const void* data, size_t size) {
  static auto* const original = real<ssize_t(int, const void*, size_t)>("write");
  struct stat facts {};
  if (!is_ours() || fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) return original(file, data, size);
  bool dies_after = false, is_short = false;
  if (!is_dead()) {
    const Fault* fault = world->fault_at("write");
    if (fault != nullptr) world->trace(World::current()->name + " " + fault->name);
    if (fault != nullptr && fault->name == "disk-full") return fails(ENOSPC);
    if (fault != nullptr && fault->name == "disk-write-error") return fails(EIO);
    dies_after = fault != nullptr && fault->name == "disk-death-in-write";
    is_short = fault != nullptr;
  } else {
    return fails(EIO);
  }
  const ssize_t done = original(file, data, is_short && size > 1 ? size / 2 : size);
  if (!dies_after) return done;
  world->die();
  return fails(EIO);
}

IMEDNET_SEEN int fsync(int file) {
  static auto* const original = real<int(int)>("fsync");
  if (!is_ours()) return original(file);
  bool dies_after = false;
  if (const int error = error_at("sync", dies_after)) return fails(error);
  struct stat facts {};
  if (fstat(file, &facts) == 0 && S_ISREG(facts.st_mode)) synced[{facts.st_dev, facts.st_ino}] = facts.st_size;
  return 0;
}

IMEDNET_SEEN int rename(const char* from, const char* to) noexcept {
  static auto* const original = real<int(const char*, const char*)>("rename");
  bool dies_after = false;
  if (is_ours()) {
    if (const int error = error_at("rename", dies_after)) return fails(error);
  }
  const int done = original(from, to);
  if (dies_after) world->die();
  return dies_after ? fails(EIO) : done;
}

IMEDNET_SEEN int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
  static auto* const original = real<int(int, const char*, int, const char*)>("renameat");
  bool dies_after = false;
  if (is_ours()) {
    if (const int error = error_at("rename", dies_after)) return fails(error);
  }
  const int done = original(from_folder, from, to_folder, to);
  if (dies_after) world->die();
  return dies_after ? fails(EIO) : done;
}

IMEDNET_SEEN int unlink(const char* path) noexcept {
  static auto* const original = real<int(const char*)>("unlink");
  return is_dead() ? fails(EIO) : original(path);
}

IMEDNET_SEEN int unlinkat(int folder, const char* path, int flags) noexcept {
  static auto* const original = real<int(int, const char*, int)>("unlinkat");
  return is_dead() ? fails(EIO) : original(folder, path, flags);
}

IMEDNET_SEEN int remove(const char* path) noexcept {
  static auto* const original = real<int(const char*)>("remove");
  return is_dead() ? fails(EIO) : original(path);
}

IMEDNET_SEEN int ftruncate(int file, off_t size) noexcept {
  static auto* const original = real<int(int, off_t)>("ftruncate");
  return is_dead() ? fails(EIO) : original(file, size);
}
