// imednet-simulate: seeds A..B, each a whole history of runs, faults and deaths; a seed that fails replays exactly.
#include <fmt/format.h>
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "simulation/simulation.h"

namespace imednet::simulation {
namespace {

constexpr std::uint64_t kReplayEvery = 97;  // seeds that are run twice, and must leave the same trace

struct Sum {
  std::int64_t seeds = 0, runs = 0, deaths = 0, failures = 0;
  std::map<std::string, FaultCount, std::less<>> faults;
};

struct Range {
  std::uint64_t first = 1, last = 1;
};

void take_one(std::uint64_t seed, const std::filesystem::path& folder, const Wishes& wishes, Sum& sum) {
  Verdict verdict = simulate(seed, folder, wishes);
  if (verdict.violation.empty() && seed % kReplayEvery == 0 && simulate(seed, folder, {}).trace_hash != verdict.trace_hash)
    verdict.violation = "the seed does not replay: a second time it leaves another trace";
  if (wishes.prints_trace) fmt::print("trace {:016x}\n", verdict.trace_hash);
  if (!verdict.violation.empty()) {
    ++sum.failures;
    fmt::print("seed {}: {}\n", seed, verdict.violation);
    std::fflush(stdout);
  }
  ++sum.seeds;
  sum.runs += verdict.runs;
  sum.deaths += verdict.deaths;
  for (const auto& [name, count] : verdict.faults) {
    sum.faults[name].ordered += count.ordered;
    sum.faults[name].fired += count.fired;
  }
}

void write_sum(const Sum& sum, const std::filesystem::path& path) {
  std::ofstream file(path);
  file << sum.seeds << ' ' << sum.runs << ' ' << sum.deaths << ' ' << sum.failures << '\n';
  for (const auto& [name, count] : sum.faults) file << name << ' ' << count.ordered << ' ' << count.fired << '\n';
}

bool add_sum(const std::filesystem::path& path, Sum& all) {
  std::ifstream file(path);
  Sum part;
  if (!(file >> part.seeds >> part.runs >> part.deaths >> part.failures)) return false;
  all.seeds += part.seeds;
  all.runs += part.runs;
  all.deaths += part.deaths;
  all.failures += part.failures;
  std::string name;
  for (FaultCount count; file >> name >> count.ordered >> count.fired;) {
    all.faults[name].ordered += count.ordered;
    all.faults[name].fired += count.fired;
  }
  return true;
}

// Each job is a process with every jobs-th seed.
bool run_jobs(const Range& range, std::uint64_t jobs, const std::filesystem::path& folder, const Wishes& wishes, Sum& all) {
  std::vector<pid_t> children;
  std::fflush(stdout);
  for (std::uint64_t job = 0; job < jobs; ++job) {
    const pid_t child = fork();
    if (child != 0) {
      children.push_back(child);
      continue;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    Sum sum;
    const auto own = folder / std::to_string(job);
    for (std::uint64_t seed = range.first + job; seed <= range.last; seed += jobs) take_one(seed, own, wishes, sum);
    write_sum(sum, folder / fmt::format("sum-{}", job));
    std::fflush(stdout);
    _exit(0);
  }
  bool is_whole = true;
  for (std::uint64_t job = 0; job < children.size(); ++job) {
    int status = 0;
    waitpid(children[job], &status, 0);
    is_whole = is_whole && WIFEXITED(status) && WEXITSTATUS(status) == 0 && add_sum(folder / fmt::format("sum-{}", job), all);
  }
  return is_whole;
}

int report(const Sum& sum, bool shows_faults, double seconds) {
  int never = 0;
  for (const FaultKind& kind : fault_kinds()) {
    const auto found = sum.faults.find(kind.name);
    const FaultCount count = found == sum.faults.end() ? FaultCount{} : found->second;
    if (shows_faults) fmt::print("{:<24} ordered {:>7}  fired {:>7}\n", kind.name, count.ordered, count.fired);
    if (count.ordered == 0 || count.fired > 0) continue;
    ++never;
    if (sum.seeds >= 1'000) fmt::print("fault {} was ordered {} times and never fired\n", kind.name, count.ordered);
  }
  fmt::print("{} seeds, {} runs, {} deaths, {} failed, {:.1f} s\n", sum.seeds, sum.runs, sum.deaths, sum.failures, seconds);
  return sum.failures > 0 || (never > 0 && sum.seeds >= 1'000) ? 1 : 0;
}

Range parse_range(const std::string& text) {
  Range range;
  const auto dots = text.find("..");
  range.first = std::stoull(text.substr(0, dots));
  range.last = dots == std::string::npos ? range.first : std::stoull(text.substr(dots + 2));
  return range;
}

}  // namespace
}  // namespace imednet::simulation

int main(int argc, char** argv) {
  using namespace imednet::simulation;
  CLI::App app("Runs whole exports in a simulated world: API, stage, warehouse, clock, network and disk all follow from a seed.");
  std::string seeds, one;
  std::uint64_t jobs = 1;
  bool shows_faults = false;
  Wishes wishes;
  app.add_option("--seeds", seeds, "seeds A..B");
  app.add_option("--seed", one, "one seed");
  app.add_option("--jobs", jobs, "processes")->check(CLI::Range(1, 256));
  app.add_flag("--trace", wishes.prints_trace, "print everything that happens");
  app.add_option("--sabotage", wishes.sabotage, "spoil the table at the end, to see that it is seen")
      ->check(CLI::IsMember({"lose", "double", "alter"}));
  app.add_flag("--faults", shows_faults, "print how often each fault was ordered and fired");
  CLI11_PARSE(app, argc, argv);
  const std::string text = one.empty() ? seeds : one;
  if (text.find_first_not_of("0123456789.") != std::string::npos || text.empty()) {
    fmt::print(stderr, "give --seeds A..B or --seed N\n");
    return 2;
  }
  std::string folder = std::filesystem::is_directory("/dev/shm") ? "/dev/shm/imednet-simulate-XXXXXX" : "/tmp/imednet-simulate-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    fmt::print(stderr, "cannot make a folder for the simulated disks\n");
    return 2;
  }
  // Each run is a new thread and Parquet's compressor takes memory by the megabyte: keep both from going back to the system.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, 256 << 20);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
  const auto began = std::chrono::steady_clock::now();
  Sum sum;
  const bool is_whole = run_jobs(parse_range(text), jobs, folder, wishes, sum);
  std::filesystem::remove_all(folder);
  if (!is_whole) fmt::print("a process of the simulation died\n");
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return report(sum, shows_faults, seconds) != 0 || !is_whole ? 1 : 0;
}
