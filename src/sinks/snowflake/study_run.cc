#include "sinks/snowflake/study_run.h"

#include <fmt/format.h>

#include <set>

#include "sinks/snowflake/transactions.h"

namespace imednet::sinks::snowflake {
namespace {

using errors::ErrorCode;
using ledger::Fields;

constexpr std::size_t kRunsKept = 200;  // files of runs that ended

std::vector<std::string> batch_ids(const Files& files) {
  std::vector<std::string> ids;
  for (const staging::StagedFile* file : files) ids.push_back(file->batch_id);
  return ids;
}

std::set<std::string> runs_of(const LeaseHolder& holder) {
  std::set<std::string> runs(holder.former_runs.begin(), holder.former_runs.end());
  runs.insert(holder.run_id);
  return runs;
}

std::int64_t rows_of(const Files& files) {
  std::int64_t rows = 0;
  for (const staging::StagedFile* file : files) rows += file->rows;
  return rows;
}

}  // namespace

StudyRun::StudyRun(StudyRunPlan plan, LeaseDeps deps, const std::function<void(const std::string&)>& on_warning)
    : plan_(std::move(plan)), deps_(std::move(deps)) {
  const core::ProcessIdentity process = deps_.this_process();
  std::optional<LeaseHolder> former;
  abort_transactions_of_the_dead(deps_, on_warning);  // before anything that their locks would keep waiting, the lease's row too
  if (plan_.leases) {
    lease_.emplace(deps_, *plan_.leases, LeaseKey{plan_.study, plan_.target}, LeaseHolder{process, plan_.run_id, {}});
    former = lease_->take(plan_.wait);
  }
  // Where this fails the lease is not given back: its next holder has to settle the same runs.
  settle_former(former, on_warning);
  try {
    plan_run(process);
  } catch (const ImednetError& error) {
    fail(error);
    throw;
  }
}

void StudyRun::plan_run(const core::ProcessIdentity& process) {
  if (!plan_.state_folder) return;
  state_.emplace(*plan_.state_folder, plan_.run_id, deps_.clock.get());
  append(ledger::kPlanned, {{"run_id", plan_.run_id},
                            {"study", plan_.study},
                            {"target", plan_.target},
                            {"mode", plan_.mode},
                            {"tag", fmt::format("{}:{}", plan_.query_tag, plan_.run_id)},
                            {"token", lease_ ? lease_->token() : std::int64_t{0}},
                            {"host", process.host},
                            {"boot_id", process.boot_id},
                            {"pid_namespace", process.pid_namespace},
                            {"pid", process.pid},
                            {"started", process.started}});
  ledger::remove_old_runs(*plan_.state_folder, kRunsKept);
}

void StudyRun::append(std::string_view event, Fields fields) {
  if (state_) state_->append(event, std::move(fields));
}

StudyRun::~StudyRun() {
  if (lease_ && !keeps_lease_) lease_->release();
}

// Two witnesses of a run that was cut off: the lease it never released, and its own file on this machine.
void StudyRun::settle_former(const std::optional<LeaseHolder>& former, const std::function<void(const std::string&)>& on_warning) {
  std::set<std::string> runs;
  if (former) runs = runs_of(*former);
  if (plan_.state_folder) {
    if (const auto cut_off = ledger::last_unfinished_run(*plan_.state_folder, plan_.study, plan_.target)) {
      runs.insert(cut_off->run_id);
      if (cut_off->bad_line) on_warning(cut_off->problem());
    }
  }
  for (const std::string& run : runs) settle_statements_of(deps_, plan_.database, run, plan_.first_look);
  if (former) end_sessions_of(deps_, runs_of(*former), on_warning);
}

void StudyRun::staged(std::span<const staging::StagedFile> files) {
  std::vector<Fields> each;
  for (const staging::StagedFile& file : files) {
    each.push_back({{"batch_id", file.batch_id},
                    {"content_hash", file.content_hash},
                    {"sha256", file.sha256},
                    {"rows", file.rows},
                    {"bytes", file.bytes},
                    {"first_record_id", file.first_record_id},
                    {"last_record_id", file.last_record_id}});
  }
  if (state_) state_->append_all(ledger::kStaged, each);
}

void StudyRun::uploaded(const Files& files) { append(ledger::kUploaded, {{"batch_ids", batch_ids(files)}, {"rows", rows_of(files)}}); }

void StudyRun::loading(const Files& files) {
  if (lease_) lease_->confirm();
  append(ledger::kLoading, {{"batch_ids", batch_ids(files)}, {"rows", rows_of(files)}});
}

void StudyRun::loaded(const staging::StagedFile& file, std::string_view status, std::int64_t rows, const std::string& statement_tag) {
  append(ledger::kLoaded, {{"batch_id", file.batch_id},
                           {"content_hash", file.content_hash},
                           {"status", std::string(status)},
                           {"rows", rows},
                           {"statement_tag", statement_tag}});
}

void StudyRun::verified(std::int64_t rows_read, std::int64_t rows_loaded, std::int64_t rows_in_target) {
  append(ledger::kVerified, {{"rows_read", rows_read}, {"rows_loaded", rows_loaded}, {"rows_in_target", rows_in_target}});
}

void StudyRun::write_end(std::string_view outcome, std::string_view code) {
  append(ledger::kEnded, {{"outcome", std::string(outcome)}, {"code", std::string(code)}});
  state_.reset();
}

void StudyRun::end() {
  write_end("done", "");
  if (lease_) lease_->release();
}

void StudyRun::fail(const ImednetError& error) noexcept {
  if (error.code() == ErrorCode::in_doubt) {
    keeps_lease_ = true;
    return;
  }
  try {
    write_end(error.code() == ErrorCode::cancelled ? "cancelled" : "failed", errors::code_name(error.code()));
  } catch (const std::exception&) {
    // The run counts as cut off then, and the next one asks for its statements: once too often at worst.
  }
  if (lease_) lease_->release();
}

}  // namespace imednet::sinks::snowflake
