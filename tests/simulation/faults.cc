#include "simulation/faults.h"

#include <array>

#include "simulation/world.h"

namespace imednet::simulation {
namespace {

constexpr int kAlways = 100'000;

constexpr std::array kKinds = {
    // The API: at the nth request.
    FaultKind{"api-429", "request", 10, 2},
    FaultKind{"api-429-seconds", "request", 10},
    FaultKind{"api-429-date", "request", 10},
    FaultKind{"api-429-negative", "request", 10},
    FaultKind{"api-429-year", "request", 10},
    FaultKind{"api-500", "request", 10},
    FaultKind{"api-503-burst", "request", 10, 3},
    FaultKind{"api-down", "request", 10},
    FaultKind{"api-401", "request", 10},
    FaultKind{"api-refused", "request", 10, 2},
    FaultKind{"api-timeout", "request", 10},
    FaultKind{"api-slow", "request", 6, 4},
    FaultKind{"api-cut-body", "request", 10},
    FaultKind{"api-truncated", "request", 10},
    FaultKind{"api-html", "request", 10},
    FaultKind{"api-empty-object", "request", 10},
    FaultKind{"api-empty-body", "request", 10},
    FaultKind{"api-error-in-200", "request", 10},
    FaultKind{"api-bom", "request", 10},
    FaultKind{"api-nan", "request", 10},
    FaultKind{"api-repeat-page", "request", 10},
    FaultKind{"api-ignore-filter", "request", 4},
    FaultKind{"api-ignore-sort", "request", 8},
    FaultKind{"api-total-high", "request", 10},
    FaultKind{"api-total-low", "request", 10},
    FaultKind{"api-hides-all", "request", 3},
    FaultKind{"api-hides-form", "request", 3},
    FaultKind{"study-insert", "request", 12, 1, 3},
    FaultKind{"study-update", "request", 12, 1, 3},
    FaultKind{"study-vanish", "request", 12, 1, 3},
    // Snowflake: at the nth statement, or the nth of a kind.
    FaultKind{"sign-in-refused", "connect", 1, 1},
    FaultKind{"sql-lost-before", "sql", 70, 1, 3},
    FaultKind{"sql-lost-after", "sql", 70, 1, 3},
    FaultKind{"session-expired", "sql", 70, 1, 3},
    FaultKind{"token-expired", "sql", 70},
    FaultKind{"sql-cancelled", "sql", 70},
    FaultKind{"sql-timeout", "sql", 70},
    FaultKind{"sql-refused", "sql", 70},
    FaultKind{"warehouse-suspended", "sql", 70, 2},
    FaultKind{"maintenance", "sql", 70},
    FaultKind{"table-locked", "change", 3},
    FaultKind{"put-lost-upload", "put", 3},
    FaultKind{"put-cut", "put", 3},
    FaultKind{"put-corrupt", "put", 3},
    FaultKind{"put-lost-after", "put", 3},
    FaultKind{"put-listed-late", "put", 3},
    FaultKind{"copy-lost-before", "copy", 1},
    FaultKind{"copy-lost-after", "copy", 1, 1, 3},
    FaultKind{"copy-late", "copy", 1, 1, 3},
    FaultKind{"copy-late-and-death", "copy", 1, 1, 3},
    FaultKind{"copy-partial", "copy", 1},
    FaultKind{"copy-nothing", "copy", 1},
    FaultKind{"copy-lies", "copy", 1},
    FaultKind{"copy-null-column", "copy", 1},
    FaultKind{"copy-file-gone", "copy", 1},
    FaultKind{"commit-lost-before", "commit", 2, 1, 2},
    FaultKind{"commit-lost-after", "commit", 2, 1, 3},
    FaultKind{"commit-late", "commit", 2, 1, 2},
    FaultKind{"commit-session-lost", "commit", 2, 1, 2},
    FaultKind{"commit-death-after", "commit", 2, 1, 2},
    // The disk: at the nth call.
    FaultKind{"disk-full", "write", 25, kAlways},
    FaultKind{"disk-short-write", "write", 25, 3},
    FaultKind{"disk-write-error", "write", 25},
    FaultKind{"disk-sync-error", "sync", 12},
    FaultKind{"disk-rename-error", "rename", 3},
    FaultKind{"disk-death-in-write", "write", 25, 1, 2},
    FaultKind{"disk-death-before-sync", "sync", 12, 1, 2},
    FaultKind{"disk-death-after-rename", "rename", 3},
    // The process: at the nth step.
    FaultKind{"process-death", "step", 120, 1, 20},
    FaultKind{"process-power-cut", "step", 120, 1, 6},
    FaultKind{"process-stall", "step", 120, 1, 5},
    FaultKind{"process-stop", "step", 120, 1, 3},
    FaultKind{"clock-step-back", "step", 120, 1, 2},
    // Around a run.
    FaultKind{"second-run", "run", 1, 1, 8},
    FaultKind{"second-run-here", "run", 1, 1, 4},
    FaultKind{"clock-day-ahead", "run"},
    FaultKind{"clock-day-behind", "run"},
    FaultKind{"state-lost", "run"},
    FaultKind{"history-lost", "run"},
    FaultKind{"table-recreated", "run"},
    FaultKind{"stage-emptied", "run"},
    FaultKind{"study-shrinks", "run"},
};

}  // namespace

std::span<const FaultKind> fault_kinds() { return kKinds; }

FaultPlan draw_plan(Random& random) {
  std::int64_t all = 0;
  for (const FaultKind& kind : kKinds) all += kind.weight;
  FaultPlan plan;
  const std::int64_t count = random.between(0, 4);
  while (static_cast<std::int64_t>(plan.size()) < count) {
    std::int64_t place = random.between(1, all);
    for (const FaultKind& kind : kKinds) {
      place -= kind.weight;
      if (place > 0) continue;
      plan.push_back({std::string(kind.name), std::string(kind.operation), random.between(1, kind.latest), kind.times});
      break;
    }
  }
  return plan;
}

}  // namespace imednet::simulation
