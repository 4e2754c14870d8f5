// faults.h: what can go wrong in a simulation, by name; which of it goes wrong in a run is drawn from the seed.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace imednet::simulation {

class Random;

// A kind of fault: at which operations it can strike, and which of the list in docs/simulation.md it stands for.
struct FaultKind {
  std::string_view name;
  std::string_view operation;  // "request", "sql", "put", "copy", "commit", "list", "change", "write", "sync", "rename", "step", "run"
  int latest = 1;              // the operation it strikes is drawn from 1 to this
  int times = 1;               // how many operations in a row
  int weight = 1;              // how often it is drawn, against the others
};

struct Fault {
  std::string name, operation;
  std::int64_t nth = 1, times = 1;
};
using FaultPlan = std::vector<Fault>;

struct FaultCount {
  std::int64_t ordered = 0, fired = 0;
};

std::span<const FaultKind> fault_kinds();

// Zero to four faults.
FaultPlan draw_plan(Random& random);

}  // namespace imednet::simulation
