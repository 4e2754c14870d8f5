// world.h: time, chance, faults and the runs that share them. Everything that happens in a simulation follows from its seed.
//
// Rule:    each run is an actor: a thread that goes on only while it holds the baton, so one thing happens at a time. At every step
//          (a request, a statement, a write to disk, a wait) the actor whose turn comes first by the simulated clock goes on.
// Death:   an actor that crashed does nothing to the world any more: its calls fail, whatever its destructors try.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "core/clock.h"
#include "simulation/faults.h"

namespace imednet::simulation {

// The process is gone. Product code does not know this class and lets it pass.
class Crash : public std::exception {
 public:
  const char* what() const noexcept override { return "the simulated process died"; }
};

// The checker's verdict; ends the seed.
class Violation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ULL + 0x2545f4914f6cdd1dULL) {}
  std::uint64_t next();
  // Within [low, high].
  std::int64_t between(std::int64_t low, std::int64_t high);
  bool chance(int percent) { return between(1, 100) <= percent; }

 private:
  std::uint64_t state_;
};

class World;

// One run of the product as the world sees it.
struct Actor {
  std::string name;      // "A", "B": in the trace
  std::string host;      // the machine it runs on
  std::int64_t pid = 0;  // unique in the world
  FaultPlan plan{};
  std::map<std::string, std::int64_t, std::less<>> seen{};  // operations of each class so far
  std::int64_t wakes_at = 0;                                // milliseconds of the world
  std::int64_t steps = 0;
  std::int64_t clock_skew = 0;  // milliseconds that its own clock is off
  bool is_dead = false, is_over = false, loses_power = false;
  std::stop_source stop{};
  std::function<void()> work{};
  std::exception_ptr failure{};
  std::condition_variable turn{};
  std::thread thread{};
};

class World {
 public:
  World(std::uint64_t seed, bool prints_trace);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Random random;
  // Milliseconds since the simulation began, and what the warehouse's clock says.
  std::int64_t now() const noexcept { return now_; }
  std::string stamp(std::int64_t at) const;  // "2026-05-28 20:26:40"

  Actor& add_actor(std::string name, std::string host, std::int64_t starts_at, FaultPlan plan, std::function<void()> work);
  // Until all actors have ended. Rethrows what an actor's work threw.
  void run_actors();
  // The actor whose thread this is; null outside of runs.
  static Actor* current();
  bool is_alive(std::int64_t pid) const;

  // Called before (and after) each effect. Takes `cost` of time, lets others go on, throws Crash when the actor dies here.
  void step(std::string_view what, std::int64_t cost);
  void wait(std::int64_t milliseconds);
  // The fault that the plan has for the next operation of this class; null: none.
  const Fault* fault_at(std::string_view operation);
  [[noreturn]] void crash();
  void die();
  // Keeps what is wrong, whoever catches the exception.
  [[noreturn]] void violate(const std::string& what);
  const std::string& violation() const noexcept { return violation_; }
  // Between runs.
  void skip(std::int64_t milliseconds);

  void trace(const std::string& line);
  std::uint64_t trace_hash() const noexcept { return hash_; }
  // At a moment or soon after it.
  void at(std::int64_t when, std::function<void()> event);
  void run_due_events();

  std::map<std::string, FaultCount, std::less<>> fault_counts;
  std::string root;  // of this seed's files; left out of the trace
  std::function<void(Actor&)> on_death;

 private:
  void hand_over(Actor& from);
  Actor* next_actor();
  void live(Actor& actor);

  std::int64_t now_ = 0;
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
  bool prints_trace_;
  std::string violation_;
  std::mutex mutex_;
  std::condition_variable all_over_;
  Actor* holder_ = nullptr;
  std::vector<std::unique_ptr<Actor>> actors_;
  std::size_t first_of_round_ = 0;
  std::multimap<std::int64_t, std::function<void()>> events_;
};

// An actor's clock: the world's time, with the actor's own error.
class ActorClock final : public core::Clock {
 public:
  ActorClock(World& world, Actor& actor) : world_(world), actor_(actor) {}
  std::chrono::steady_clock::time_point now() const override;
  std::chrono::system_clock::time_point utc_now() const override;
  bool sleep(std::chrono::milliseconds duration, const std::stop_token& stop) override;

 private:
  World& world_;
  Actor& actor_;
};

}  // namespace imednet::simulation
