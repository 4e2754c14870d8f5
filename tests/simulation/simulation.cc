#include "simulation/simulation.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>

#include "simulation/checker.h"
#include "simulation/disk.h"
#include "simulation/product_run.h"

namespace imednet::simulation {
namespace {

using errors::ErrorCode;
using integrations::WriteMode;

constexpr std::int64_t kRunAtMost = 4 * 3'600'000;   // milliseconds of a run, all its waits included
constexpr std::int64_t kAfterTrouble = 20 * 60'000;  // until the last runs begin: leases and dead transactions are over by then
constexpr int kTriesToMend = 3;
constexpr std::int64_t kDay = 86'400'000;

class Simulation {
 public:
  Simulation(std::uint64_t seed, const std::filesystem::path& folder, const Wishes& wishes)
      : world_(seed, wishes.prints_trace),
        disk_(world_),
        folder_(folder),
        sabotage_(wishes.sabotage),
        study_(world_),
        warehouse_(world_),
        checker_(world_, study_, warehouse_) {
    world_.root = folder.string();
    world_.on_death = [this](Actor& actor) {
      ++deaths_;
      warehouse_.client_died(actor.pid);
      if (actor.loses_power) disk_.lose_power(folder_ / actor.host);
    };
    setup_.mode = world_.random.chance(70) ? WriteMode::automatic : world_.random.chance(50) ? WriteMode::merge : WriteMode::replace;
    setup_.batch_size = static_cast<std::size_t>(world_.random.between(3, 20));
    setup_.max_body_bytes = world_.random.chance(50) ? 1 << 20 : world_.random.between(2'000, 12'000);
    setup_.since_auto = setup_.mode != WriteMode::replace && world_.random.chance(40);
    setup_.sweep_every = static_cast<int>(world_.random.between(0, 3));
    for (const char* host : {"host-1", "host-2"}) std::filesystem::create_directories(folder_ / host);
  }

  Verdict judge() {
    Verdict verdict;
    try {
      for (std::int64_t round = world_.random.between(1, 3); round > 0; --round) trouble();
      mend();
    } catch (const Violation& violation) {
      verdict.violation = violation.what();
    }
    if (!world_.violation().empty()) verdict.violation = world_.violation();
    verdict.trace_hash = world_.trace_hash();
    verdict.runs = runs_;
    verdict.deaths = deaths_;
    verdict.faults = std::move(world_.fault_counts);
    return verdict;
  }

 private:
  // One run with what its plan has in store, maybe with a second one beside it; then life goes on.
  void trouble() {
    FaultPlan plan = draw_plan(world_.random);
    for (const Fault& fault : plan) ++world_.fault_counts[fault.name].ordered;
    RunSetup setup = setup_;
    setup.wait = std::chrono::seconds(world_.random.chance(30) ? 120 : 0);
    if (world_.random.chance(5)) setup.force_reload = true;
    for (const Fault& fault : plan) happen_before(fault);
    Actor& first = add_run("A", "host-1", 0, plan, setup);
    bool has_second = false;
    for (const Fault& fault : plan) {
      if (fault.name == "clock-day-ahead") first.clock_skew = kDay;
      if (fault.name == "clock-day-behind") first.clock_skew = -kDay;
      if (!fault.name.starts_with("second-run") || has_second) continue;
      has_second = true;
      FaultPlan other = world_.random.chance(40) ? draw_plan(world_.random) : FaultPlan{};
      for (const Fault& one : other) ++world_.fault_counts[one.name].ordered;
      add_run("B", fault.name == "second-run" ? "host-2" : "host-1", world_.random.between(0, 20'000), std::move(other), setup);
    }
    run(has_second);
    for (std::int64_t left = world_.random.between(0, 3); left > 0; --left) study_.change();
    world_.skip(world_.random.between(100, 600'000));
  }

  void happen_before(const Fault& fault) {
    if (fault.operation != "run") return;
    ++world_.fault_counts[fault.name].fired;
    if (fault.name == "state-lost") std::filesystem::remove_all(folder_ / "host-1" / "state");
    if (fault.name == "study-shrinks") study_.shrink(70);
    if (fault.name == "stage-emptied") warehouse_.stage.clear();
    if (fault.name == "table-recreated") {
      checker_.excuse();
      warehouse_.recreate(kTarget, world_.random.chance(50));
    }
    if (const auto table = warehouse_.find(kTarget); table && fault.name == "history-lost") {
      table->history.clear();
      table->history_rows.clear();
    }
  }

  Actor& add_run(const std::string& name, const std::string& host, std::int64_t delay, FaultPlan plan, RunSetup setup) {
    setup.folder = folder_ / host;
    for (const Fault& fault : plan) {
      // The warehouse breaks its own promise there: only the next good run has to be right.
      if (fault.name == "copy-partial" || fault.name == "copy-lies" || fault.name == "copy-null-column") checker_.excuse();
    }
    outcomes_.emplace_back();
    setups_.push_back(setup);
    const std::size_t place = outcomes_.size() - 1;
    ++runs_;
    return world_.add_actor(name, host, world_.now() + delay, std::move(plan), [this, place] {
      checker_.run_begins(world_.now(), is_alone_);
      outcomes_[place] = run_product(world_, study_, warehouse_, setups_[place]);
      checker_.run_ends(outcomes_[place], setups_[place]);
      if (outcomes_[place].ended - outcomes_[place].began > kRunAtMost) world_.violate("P8: a run took too long");
    });
  }

  void run(bool has_second) {
    is_alone_ = !has_second;
    world_.run_actors();
    if (!world_.violation().empty()) throw Violation(world_.violation());
    const bool is_quiet = std::none_of(outcomes_.begin(), outcomes_.end(), [](const RunOutcome& o) { return o.is_dead; });
    if (is_quiet && !std::filesystem::is_empty(folder_ / "tmp")) world_.violate("P6: a run left its temporary folder behind");
    last_ = outcomes_.back();
    outcomes_.clear();
    setups_.clear();
  }

  // The study is at rest and nothing goes wrong any more: a person runs it again and follows the hints.
  void mend() {
    world_.skip(kAfterTrouble);
    RunSetup setup = setup_;
    setup.wait = std::chrono::seconds(600);
    for (int attempt = 1;; ++attempt) {
      add_run("Z", "host-1", 0, {}, setup);
      run(false);
      if (last_.report) break;
      if (attempt == kTriesToMend) world_.violate(fmt::format("P5: a run without trouble ends with {}: {}", last_.exit_code, last_.said));
      if (last_.code == ErrorCode::shrink) setup.allow_shrink = true;
      if (last_.code == ErrorCode::counts_differ) setup.force_reload = true;
    }
    const std::string leases = text_of_leases();
    add_run("Z", "host-1", 1'000, {}, setup_);
    run(false);
    if (!last_.report) world_.violate(fmt::format("P5: a second run without trouble ends with {}: {}", last_.exit_code, last_.said));
    if (setup_.mode != WriteMode::replace) require_idle(leases);
    if (!sabotage_.empty()) sabotage();
  }

  // The first good run has left its cursor, and nothing has changed since. After partial readings the turn may have come to read all.
  void require_idle(const std::string& leases_before) {
    const bool reads_all = setup_.since_auto && last_.report->since.empty();
    const bool does_nothing = last_.report->method == "nothing" || (reads_all && last_.report->method == "merge");
    if (!does_nothing || last_.report->rows_loaded != 0) world_.violate("P2: a run that finds nothing new loads something");
    const bool stands = !last_.report->unchanged_since_run.empty();
    if (!stands && !reads_all) world_.violate("P5: a run that finds nothing new does not see the cursor of the one before");
    if (stands && text_of_leases() != leases_before) world_.violate("P5: a run that finds nothing new takes the lease");
  }

  std::string text_of_leases() const {
    std::string text;
    const auto table = warehouse_.find("SIM.PUBLIC.IMEDNET_LEASES");
    if (table == nullptr) return text;
    for (const StoredRow& row : table->rows) {
      if (!warehouse_.is_committed(row)) continue;
      for (const db::Cell& cell : row.cells) text += cell.value_or("\1") + '\2';
    }
    return text;
  }

  void sabotage() {
    const auto table = warehouse_.find(kTarget);
    const auto live = std::find_if(table->rows.begin(), table->rows.end(), [&](const StoredRow& row) {
      return warehouse_.is_committed(row) && !row.cells[table->column("_DELETED_AT")];
    });
    if (live == table->rows.end()) return;
    StoredRow copy = *live;
    if (sabotage_ == "alter") live->cells[table->column("RECORD_STATUS")] = "altered";
    if (sabotage_ == "lose") table->rows.erase(live);
    if (sabotage_ == "double") table->rows.push_back(std::move(copy));
    checker_.committed();
  }

  World world_;
  Disk disk_;
  std::filesystem::path folder_;
  std::string sabotage_;
  Study study_;
  Warehouse warehouse_;
  Checker checker_;
  RunSetup setup_;
  std::vector<RunOutcome> outcomes_;
  std::vector<RunSetup> setups_;
  RunOutcome last_;
  bool is_alone_ = true;
  std::int64_t runs_ = 0, deaths_ = 0;
};

}  // namespace

Verdict simulate(std::uint64_t seed, const std::filesystem::path& folder, const Wishes& wishes) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder / "tmp");
  setenv("TMPDIR", (folder / "tmp").c_str(), 1);
  Verdict verdict;
  {
    Simulation simulation(seed, folder, wishes);
    verdict = simulation.judge();
  }
  std::filesystem::remove_all(folder);
  return verdict;
}

}  // namespace imednet::simulation
