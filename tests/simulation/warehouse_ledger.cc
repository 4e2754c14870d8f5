// warehouse_ledger.cc: the export's own tables beside the target: which file is in, and which run may load.
#include <algorithm>
#include <map>
#include <set>

#include "simulation/warehouse.h"

namespace imednet::simulation {
namespace {

enum LedgerColumn : std::size_t {
  kTarget,
  kCreated,
  kStudyKey,
  kLayout,
  kBatch,
  kHash,
  kPath,
  kSha,
  kRows,
  kFirst,
  kLast,
  kRun,
  kTag,
  kAt,
  kBy
};
enum LeaseColumn : std::size_t { kLeaseStudy, kLeaseTarget, kToken, kHolder, kHeartbeat, kTaken, kReleased };

constexpr std::int64_t kExpiry = 60'000;

}  // namespace

db::Answer Warehouse::ledger_entries(Call& call) {
  db::Answer answer{{"BATCH_ID", "HASH", "FILE_PATH", "SHA256", "ROW_COUNT", "FIRST_RECORD_ID", "LAST_RECORD_ID"}, {}};
  for (const StoredRow* row : rows(call, table(call, call.holes[0]))) {
    const auto& c = row->cells;
    if (c[kTarget] != call.holes[1] || c[kCreated] != call.holes[2] || c[kStudyKey] != call.holes[3] || c[kBy]) continue;
    answer.rows.push_back({c[kBatch], c[kHash], c[kPath], c[kSha], c[kRows], c[kFirst].value_or("0"), c[kLast].value_or("0")});
  }
  return answer;
}

db::Answer Warehouse::ledger_tables(Call& call) {
  std::map<db::Cell, db::Cell> found;  // table -> the least id of its batches
  for (const StoredRow* row : rows(call, table(call, call.holes[0]))) {
    const auto& c = row->cells;
    if (c[kStudyKey] != call.holes[1] || c[kLayout] != call.holes[2] || c[kBy]) continue;
    const auto [at, is_new] = found.emplace(c[kTarget], c[kBatch]);
    if (!is_new) at->second = std::min(at->second, c[kBatch]);
  }
  db::Answer answer{{"TARGET_TABLE", "BATCH_ID"}, {}};
  for (const auto& [target, batch] : found) answer.rows.push_back({target, batch});
  return answer;
}

db::Answer Warehouse::insert_ledger(Call& call) {
  Table& ledger = table(call, call.holes[0]);
  const std::int64_t transaction = begin_change(call);
  const auto tuples = read_tuples(call.holes[1]);
  for (const auto& values : tuples) {
    if (values.size() != kBy) world_.violate("the simulated ledger has other columns");
    std::vector<db::Cell> cells(values.begin(), values.end());
    cells.emplace_back(std::nullopt);
    ledger.rows.push_back({std::move(cells), transaction, 0});
  }
  end_change(call, transaction);
  return {{"number of rows inserted"}, {{std::to_string(tuples.size())}}};
}

db::Answer Warehouse::supersede_ledger(Call& call) {
  return update(
      call, table(call, call.holes[0]),
      [&](const auto& c) { return c[kTarget] == call.holes[2] && c[kStudyKey] == call.holes[3] && !c[kBy]; },
      [&](auto& c) { c[kBy] = call.holes[1]; });
}

db::Answer Warehouse::supersede_files(Call& call) {
  const auto listed = read_strings(call.holes[4]);
  const std::set<std::string> paths(listed.begin(), listed.end());
  return update(
      call, table(call, call.holes[0]),
      [&](const auto& c) {
        return c[kTarget] == call.holes[2] && c[kStudyKey] == call.holes[3] && !c[kBy] && paths.contains(c[kPath].value_or(""));
      },
      [&](auto& c) { c[kBy] = call.holes[1]; });
}

db::Answer Warehouse::lock_leases(Call& call) {
  return update(
      call, table(call, call.holes[0]), [](const auto& c) { return c[kLeaseStudy] == "*" && c[kLeaseTarget] == "*"; },
      [](auto& c) { c[kToken] = std::to_string(read_number(*c[kToken]) + 1); });
}

db::Answer Warehouse::insert_lease(Call& call) {
  Table& leases = table(call, call.holes[0]);
  const std::int64_t transaction = begin_change(call);
  leases.rows.push_back(
      {{call.holes[1], call.holes[2], "0", std::nullopt, std::nullopt, std::nullopt, std::to_string(world_.now())}, transaction, 0});
  end_change(call, transaction);
  return {{"number of rows inserted"}, {{"1"}}};
}

db::Answer Warehouse::read_lease(Call& call) {
  db::Answer answer{{"TOKEN", "HOLDER", "AGE_MS", "RELEASED_AT"}, {}};
  for (const StoredRow* row : rows(call, table(call, call.holes[0]))) {
    const auto& c = row->cells;
    if (c[kLeaseStudy] != call.holes[1] || c[kLeaseTarget] != call.holes[2]) continue;
    const db::Cell age = c[kHeartbeat] ? std::optional(std::to_string(world_.now() - read_number(*c[kHeartbeat]))) : std::nullopt;
    answer.rows.push_back({c[kToken], c[kHolder], age, c[kReleased]});
  }
  return answer;
}

// Holes: table, token, holder, study, target, token seen.
db::Answer Warehouse::take(Call& call, bool only_when_free) {
  const std::string now = std::to_string(world_.now());
  return update(
      call, table(call, call.holes[0]),
      [&](const auto& c) {
        const bool is_free = c[kReleased] || !c[kHeartbeat] || read_number(*c[kHeartbeat]) < world_.now() - kExpiry;
        return c[kLeaseStudy] == call.holes[3] && c[kLeaseTarget] == call.holes[4] && c[kToken] == call.holes[5] &&
               (is_free || !only_when_free);
      },
      [&](auto& c) {
        c[kToken] = call.holes[1];
        c[kHolder] = call.holes[2];
        c[kHeartbeat] = c[kTaken] = now;
        c[kReleased] = std::nullopt;
      });
}

db::Answer Warehouse::take_lease(Call& call) { return take(call, false); }
db::Answer Warehouse::take_free_lease(Call& call) { return take(call, true); }

db::Answer Warehouse::beat_lease(Call& call) {
  return update(
      call, table(call, call.holes[0]),
      [&](const auto& c) {
        return c[kLeaseStudy] == call.holes[1] && c[kLeaseTarget] == call.holes[2] && c[kToken] == call.holes[3] && !c[kReleased];
      },
      [&](auto& c) { c[kHeartbeat] = std::to_string(world_.now()); });
}

db::Answer Warehouse::release_lease(Call& call) {
  return update(
      call, table(call, call.holes[0]),
      [&](const auto& c) {
        return c[kLeaseStudy] == call.holes[1] && c[kLeaseTarget] == call.holes[2] && c[kToken] == call.holes[3] && !c[kReleased];
      },
      [&](auto& c) { c[kReleased] = std::to_string(world_.now()); });
}

}  // namespace imednet::simulation
