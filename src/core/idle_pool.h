// idle_pool.h: things that are costly to make and are used by one thread at a time, kept for the next one.
//
// Threads: any number.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace imednet::core {

template <class Thing>
class IdlePool {
 public:
  // One that nobody uses now, the last one given back; null: there is none.
  std::unique_ptr<Thing> take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return nullptr;
    std::unique_ptr<Thing> thing = std::move(idle_.back());
    idle_.pop_back();
    return thing;
  }
  void give_back(std::unique_ptr<Thing> thing) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(thing));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Thing>> idle_;
};

}  // namespace imednet::core
