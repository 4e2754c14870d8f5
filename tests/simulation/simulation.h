// simulation.h: all that follows from one seed: a study, runs that go wrong, and the last runs, which must put everything right.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "simulation/faults.h"

namespace imednet::simulation {

struct Verdict {
  std::string violation;  // empty: everything held
  std::uint64_t trace_hash = 0;
  std::int64_t runs = 0, deaths = 0;
  std::map<std::string, FaultCount, std::less<>> faults;
};

struct Wishes {
  bool prints_trace = false;
  std::string sabotage{};  // "lose", "double" or "alter" a row at the end, behind everybody's back: the checker must see it
};

// `folder`: made by the caller; its content is removed.
Verdict simulate(std::uint64_t seed, const std::filesystem::path& folder, const Wishes& wishes);

}  // namespace imednet::simulation
