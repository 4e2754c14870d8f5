#include "simulation/world.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace imednet::simulation {
namespace {

thread_local Actor* current_actor = nullptr;

constexpr std::int64_t kStart = 1'780'000'000;  // 2026-05-28 20:26:40
constexpr std::int64_t kStepsAtMost = 20'000;
constexpr std::int64_t kStall = 90'000;
constexpr std::uint64_t kPrime = 0x100000001b3ULL;

}  // namespace

std::uint64_t Random::next() {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

std::int64_t Random::between(std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
}

World::World(std::uint64_t seed, bool prints_trace) : random(seed), prints_trace_(prints_trace) {}

std::string World::stamp(std::int64_t at) const {
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::gmtime(static_cast<std::time_t>(kStart + at / 1000)));
}

Actor* World::current() { return current_actor; }

Actor& World::add_actor(std::string name, std::string host, std::int64_t starts_at, FaultPlan plan, std::function<void()> work) {
  auto actor = std::make_unique<Actor>();
  actor->name = std::move(name);
  actor->host = std::move(host);
  actor->pid = static_cast<std::int64_t>(actors_.size()) + 1;
  actor->plan = std::move(plan);
  actor->wakes_at = starts_at;
  actor->work = std::move(work);
  actors_.push_back(std::move(actor));
  return *actors_.back();
}

void World::run_actors() {
  for (std::size_t i = first_of_round_; i < actors_.size(); ++i) {
    Actor& actor = *actors_[i];
    actor.thread = std::thread([this, &actor] { live(actor); });
  }
  {
    std::unique_lock lock(mutex_);
    holder_ = next_actor();
    if (holder_ != nullptr) holder_->turn.notify_one();
    all_over_.wait(lock, [this] { return holder_ == nullptr; });
  }
  std::exception_ptr failure;
  for (; first_of_round_ < actors_.size(); ++first_of_round_) {
    Actor& actor = *actors_[first_of_round_];
    actor.thread.join();
    if (actor.failure && !failure) failure = actor.failure;
  }
  if (failure) std::rethrow_exception(failure);
}

void World::live(Actor& actor) {
  std::unique_lock lock(mutex_);
  actor.turn.wait(lock, [&] { return holder_ == &actor; });
  lock.unlock();
  current_actor = &actor;
  now_ = std::max(now_, actor.wakes_at);
  try {
    actor.work();
  } catch (...) {
    actor.failure = std::current_exception();
  }
  current_actor = nullptr;
  actor.is_over = true;
  lock.lock();
  holder_ = next_actor();
  if (holder_ == nullptr) {
    all_over_.notify_one();
  } else {
    holder_->turn.notify_one();
  }
}

Actor* World::next_actor() {
  Actor* next = nullptr;
  for (std::size_t i = first_of_round_; i < actors_.size(); ++i) {
    Actor& actor = *actors_[i];
    if (!actor.is_over && (next == nullptr || actor.wakes_at < next->wakes_at)) next = &actor;
  }
  return next;
}

void World::hand_over(Actor& from) {
  std::unique_lock lock(mutex_);
  Actor* next = next_actor();
  if (next != &from) {
    holder_ = next;
    next->turn.notify_one();
    from.turn.wait(lock, [&] { return holder_ == &from; });
  }
  now_ = std::max(now_, from.wakes_at);
}

bool World::is_alive(std::int64_t pid) const {
  return std::any_of(actors_.begin(), actors_.end(), [&](const auto& a) { return a->pid == pid && !a->is_dead && !a->is_over; });
}

void World::wait(std::int64_t milliseconds) {
  Actor* actor = current_actor;
  if (actor == nullptr || actor->is_dead) return;
  actor->wakes_at = now_ + std::max<std::int64_t>(0, milliseconds);
  hand_over(*actor);
  run_due_events();
}

void World::step(std::string_view what, std::int64_t cost) {
  Actor* actor = current_actor;
  if (actor == nullptr) return;
  if (actor->is_dead) throw Crash();
  if (++actor->steps > kStepsAtMost) violate(fmt::format("P8: run {} does not end", actor->name));
  wait(cost);
  if (const Fault* fault = fault_at("step")) {
    trace(fmt::format("{} at {}", fault->name, what));
    if (fault->name == "process-stall") {
      wait(kStall);
    } else if (fault->name == "process-stop") {
      actor->stop.request_stop();
    } else if (fault->name == "clock-step-back") {
      actor->clock_skew -= 3'600'000;
    } else {
      actor->loses_power = fault->name == "process-power-cut";
      crash();
    }
  }
}

void World::die() {
  Actor& actor = *current_actor;
  if (actor.is_dead) return;
  actor.is_dead = true;
  trace(fmt::format("{} dies", actor.name));
  if (on_death) on_death(actor);
}

void World::crash() {
  die();
  throw Crash();
}

void World::violate(const std::string& what) {
  if (violation_.empty()) violation_ = what;
  throw Violation(what);
}

void World::skip(std::int64_t milliseconds) {
  const std::int64_t until = now_ + milliseconds;
  while (!events_.empty() && events_.begin()->first <= until) {
    now_ = std::max(now_, events_.begin()->first);
    run_due_events();
  }
  now_ = until;
}

const Fault* World::fault_at(std::string_view operation) {
  Actor* actor = current_actor;
  if (actor == nullptr || actor->is_dead) return nullptr;
  auto seen = actor->seen.find(operation);
  if (seen == actor->seen.end()) seen = actor->seen.emplace(operation, 0).first;
  const std::int64_t number = ++seen->second;
  for (const Fault& fault : actor->plan) {
    if (fault.operation != operation || number < fault.nth || number >= fault.nth + fault.times) continue;
    ++fault_counts[fault.name].fired;
    return &fault;
  }
  return nullptr;
}

void World::trace(const std::string& line) {
  std::string text = fmt::format("{:>9} {}", now_, line);
  for (auto at = text.find(root); !root.empty() && at != std::string::npos; at = text.find(root, at)) text.erase(at, root.size());
  for (const char c : text) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * kPrime;
  if (prints_trace_) std::fprintf(stdout, "%s\n", text.c_str());
}

void World::at(std::int64_t when, std::function<void()> event) { events_.emplace(when, std::move(event)); }

void World::run_due_events() {
  while (!events_.empty() && events_.begin()->first <= now_) {
    const auto event = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    event();
  }
}

std::chrono::steady_clock::time_point ActorClock::now() const {
  return std::chrono::steady_clock::time_point(std::chrono::milliseconds(world_.now()));
}

std::chrono::system_clock::time_point ActorClock::utc_now() const {
  return std::chrono::system_clock::time_point(std::chrono::seconds(kStart) + std::chrono::milliseconds(world_.now() + actor_.clock_skew));
}

bool ActorClock::sleep(std::chrono::milliseconds duration, const std::stop_token& stop) {
  if (stop.stop_requested()) return false;
  world_.step("sleep", duration.count());
  return !stop.stop_requested();
}

}  // namespace imednet::simulation
