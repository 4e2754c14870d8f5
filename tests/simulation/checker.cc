#include "simulation/checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace imednet::simulation {
namespace {

constexpr std::size_t kFormColumn = 3, kDataColumns = 20;
constexpr const char* kHiddenForm = "AE";

}  // namespace

Checker::Checker(World& world, Study& study, Warehouse& warehouse) : world_(world), study_(study), warehouse_(warehouse) {
  warehouse_.on_commit = [this] { committed(); };
}

Checker::Live Checker::live() const {
  Live rows;
  const auto table = warehouse_.find(kTarget);
  if (!table) return rows;
  const std::size_t study = table->column("STUDY_KEY"), record = table->column("RECORD_ID"), deleted = table->column("_DELETED_AT");
  for (const StoredRow& row : table->rows) {
    if (warehouse_.is_committed(row) && row.cells[study] == kStudy && !row.cells[deleted])
      rows[read_number(row.cells[record].value_or("0"))].push_back(&row);
  }
  return rows;
}

std::string Checker::fingerprint(const Live& rows) const {
  std::string text;
  for (const auto& [id, same] : rows) {
    for (const StoredRow* row : same) {
      text += std::to_string(id);
      for (std::size_t i = 0; i < kDataColumns; ++i) text += row->cells[i].value_or("\1") + '\2';
    }
  }
  return text;
}

bool Checker::holds(const StoredRow& row, const Version& version) const {
  return !version.cells.empty() && std::equal(version.cells.begin(), version.cells.end(), row.cells.begin());
}

const Version* Checker::shown_version(std::int64_t id, const StoredRow& row) const {
  const auto record = study_.records().find(id);
  if (record == study_.records().end()) return nullptr;
  for (const auto& version : record->second) {
    if (version->is_shown && holds(row, *version)) return version.get();
  }
  return nullptr;
}

void Checker::run_begins(std::int64_t now, bool is_alone) {
  is_alone_ = is_alone;
  if (oldest_run_ >= 0) return;
  oldest_run_ = now;
  before_.clear();
  for (const auto& [id, rows] : live()) before_[id] = rows.front()->cells[kFormColumn].value_or("");
  hidden_all_ = times_hidden("api-hides-all");
  hidden_form_ = times_hidden("api-hides-form");
}

std::int64_t Checker::times_hidden(const char* fault) const {
  const auto found = world_.fault_counts.find(fault);
  return found == world_.fault_counts.end() ? 0 : found->second.fired;
}

bool Checker::is_hidden(std::int64_t id) const {
  const auto row = before_.find(id);
  if (times_hidden("api-hides-all") > hidden_all_ && row == before_.end()) return true;
  return times_hidden("api-hides-form") > hidden_form_ && (row == before_.end() || row->second != kHiddenForm);
}

void Checker::require_state(const Live& rows, std::int64_t from, std::int64_t to, const std::string& when) {
  for (const auto& [id, same] : rows) {
    if (same.size() > 1) world_.violate(fmt::format("P2: record {} stands {} times {}", id, same.size(), when));
    if (shown_version(id, *same.front()) == nullptr)
      world_.violate(fmt::format("P1: record {} is no version that the API showed, {}", id, when));
  }
  for (const auto& [id, versions] : study_.records()) {
    const auto row = rows.find(id);
    const auto states = study_.between(id, from, to);
    const bool fits = std::any_of(states.begin(), states.end(), [&](const Version* version) {
      return row == rows.end() ? version == nullptr : version != nullptr && holds(*row->second.front(), *version);
    });
    if (!fits && !is_hidden(id))
      world_.violate(fmt::format("{}: record {} {} {}", row == rows.end() ? "P1" : "P3", id,
                                 row == rows.end() ? "is missing" : "stands as it was at another time", when));
  }
}

void Checker::committed() {
  const Live rows = live();
  std::string now = fingerprint(rows);
  if (now == last_) return;
  last_ = std::move(now);
  if (is_excused_) return;
  require_state(rows, oldest_run_ < 0 ? world_.now() : oldest_run_, world_.now(), "after a commit");
  // The cursor's facts of the table would be wrong only by luck of their kind; nothing may rest on that.
  if (is_alone_ && warehouse_.has_cursor()) world_.violate("P4: the cursor of an earlier run stands while rows change");
}

void Checker::run_ends(const RunOutcome& outcome, const RunSetup& setup) {
  require_silence(outcome.said, "what the run said");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(setup.folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    require_silence({std::istreambuf_iterator<char>(file), {}}, entry.path().filename().extension().string());
  }
  if (!outcome.report) return;
  const auto& report = *outcome.report;
  const Live rows = live();
  require_state(rows, outcome.began, world_.now(), "after a run with exit code 0");
  std::int64_t count = 0;
  for (const auto& [id, same] : rows) count += static_cast<std::int64_t>(same.size());
  if (!report.reconciled || (is_alone_ && report.rows_in_target != count) || report.rows_read != report.rows_expected)
    world_.violate(fmt::format("P4: the run says {} rows in the table, there are {}", report.rows_in_target, count));
  is_excused_ = false;
  if (is_alone_) oldest_run_ = -1;
}

void Checker::require_silence(const std::string& text, const std::string& where) {
  for (const char* word : {kCanary, kSecret}) {
    if (text.find(word) != std::string::npos) world_.violate(fmt::format("P6: {} holds a value or a secret", where));
  }
}

}  // namespace imednet::simulation
