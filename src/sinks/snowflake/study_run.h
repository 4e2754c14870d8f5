// study_run.h: what keeps one export of a whole study apart from others, and tells the next one how far it came.
//
// Where it stands: export run → this → lease (destination), run state (this machine's disk).
// Order:   transactions of the dead, lease, what a former run left at work, "planned"; then the export; at its end "ended" and the
//          lease is released. A run that is in doubt ends with neither: the next run then asks for its statements first.
// Errors:  as Lease, RunState and settle_statements_of.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "imednet/errors.h"
#include "ledger/run_state.h"
#include "sinks/snowflake/lease.h"
#include "sinks/snowflake/stage_transfer.h"
#include "staging/staged_file.h"

namespace imednet::sinks::snowflake {

// What a study run is about.
struct StudyRunPlan {
  std::string run_id, study, target, mode, query_tag;
  Identifier database;                                  // whose INFORMATION_SCHEMA is asked
  std::optional<ObjectName> leases{};                   // nullopt: without a ledger there is no lease
  std::optional<std::filesystem::path> state_folder{};  // nullopt: only the lease tells of this run
  std::chrono::seconds wait{0};                         // for the lease
  std::chrono::milliseconds first_look{1000};           // between questions about a former run's statements; then doubled
};

class StudyRun {
 public:
  // Takes the lease, settles what a former run left, writes "planned". `on_warning` hears what was found.
  StudyRun(StudyRunPlan plan, LeaseDeps deps, const std::function<void(const std::string&)>& on_warning);
  ~StudyRun();
  StudyRun(const StudyRun&) = delete;
  StudyRun& operator=(const StudyRun&) = delete;

  void staged(std::span<const staging::StagedFile> files);
  void uploaded(const Files& files);
  // Before the statements that change the target: the lease is proved once more, and the intent is on disk.
  void loading(const Files& files);
  void loaded(const staging::StagedFile& file, std::string_view status, std::int64_t rows, const std::string& statement_tag);
  void verified(std::int64_t rows_read, std::int64_t rows_loaded, std::int64_t rows_in_target);

  void beat() {
    if (lease_) lease_->beat_if_due();
  }
  // Inside the transaction, before COMMIT.
  void check() {
    if (lease_) lease_->check();
  }

  void end();
  void fail(const ImednetError& error) noexcept;

 private:
  void settle_former(const std::optional<LeaseHolder>& former, const std::function<void(const std::string&)>& on_warning);
  void plan_run(const core::ProcessIdentity& process);
  void append(std::string_view event, ledger::Fields fields);
  void write_end(std::string_view outcome, std::string_view code);

  StudyRunPlan plan_;
  LeaseDeps deps_;
  std::optional<Lease> lease_;
  std::optional<ledger::RunState> state_;
  bool keeps_lease_ = false;
};

}  // namespace imednet::sinks::snowflake
