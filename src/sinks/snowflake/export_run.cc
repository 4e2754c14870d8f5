#include "sinks/snowflake/export_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/log.h"
#include "core/run_id.h"
#include "sinks/batch_target.h"
#include "sinks/snowflake/driver_environment.h"
#include "sinks/snowflake/endpoint.h"
#include "sinks/snowflake/sign_in.h"

namespace imednet::sinks::snowflake {
ExportRun::ExportRun(integrations::SnowflakeSinkConfig config, RunScope scope, Surroundings around)
    : config_(with_endpoint(std::move(config))),
      around_(std::move(around)),
      times_(around_.clock),
      run_id_(around_.run_id(around_.clock)),
      temporary_(core::temporary_root(), "imednet-run") {
  report_step("connecting", 0, 0);
  staging_directory_ = config_.local_staging_dir ? integrations::kept_folder(*config_.local_staging_dir) : temporary_.path() / "staging";
  if (scope == RunScope::study) state_folder_ = ledger::prepare_state_folder(config_.state_dir);
  if (config_.manifest_path) manifest_ = std::make_unique<ledger::ManifestWriter>(*config_.manifest_path);
  if (const auto missing = missing_driver_environment(); !missing.empty()) {
    warnings_.push_back(
        fmt::format("set {} in the environment before the program starts, or the Snowflake driver probes cloud metadata addresses",
                    fmt::join(missing, " and ")));
  }
  for (std::string& warning : sign_in_warnings(config_)) warnings_.push_back(std::move(warning));
  connection_ = std::make_unique<Connection>(
      config_, run_id_, temporary_.path(), around_.clock,
      LoaderHooks{.on_outcome = [this](const Loader& loader, const FileOutcome& outcome) { note(loader, outcome); },
                  .on_step = [this](std::string_view step, std::int64_t done, std::int64_t all) { report_step(step, done, all); },
                  .on_warning = [this](const std::string& warning) { warnings_.push_back(warning); },
                  .on_transaction =
                      [this] {
                        if (study_run_) study_run_->check();
                      },
                  .on_uploaded =
                      [this](const Files& files) {
                        if (study_run_) study_run_->uploaded(files);
                      },
                  .on_loading =
                      [this](const Files& files) {
                        if (study_run_) study_run_->loading(files);
                      },
                  .loads = scope != RunScope::proof,
                  .this_process = around_.this_process},
      around_.connect);
  loader_ = std::make_unique<Loader>(*connection_, connection_->table());
}

void ExportRun::report_step(std::string_view step, std::int64_t done, std::int64_t all) {
  times_.enter(step);
  progress.step = step;
  progress.files_done = done;
  progress.files = all;
  if (config_.on_progress) config_.on_progress(progress);
  beat();
}

std::vector<integrations::StepTime> ExportRun::steps() const {
  std::vector<integrations::StepTime> steps;
  for (auto& [step, time] : times_.times()) steps.push_back({step, time.count()});
  return steps;
}

void ExportRun::beat() {
  if (study_run_) study_run_->beat();
}

void ExportRun::begin_study(const std::string& study, std::string_view mode, bool keeps_state, const std::string& table_text) {
  report_step("preparing", 0, 0);
  StudyRunPlan plan{.run_id = run_id_,
                    .study = study,
                    .target = table_text.empty() ? loader_->table_text() : table_text,
                    .mode = std::string(mode),
                    .query_tag = config_.query_tag,
                    .database = loader_->database(),
                    .leases = loader_->leases(),
                    .state_folder = keeps_state ? std::optional(state_folder_) : std::nullopt,
                    .wait = config_.wait,
                    .first_look = config_.retry_backoff};
  LeaseDeps deps = connection_->lease_deps();
  deps.this_process = around_.this_process;
  deps.liveness_of = around_.liveness_of;
  deps.on_waiting = [this](std::string_view holder) {
    core::log_detail(fmt::format("waits for {}", holder));
    report_step("waiting", 0, 0);
  };
  study_run_.emplace(std::move(plan), std::move(deps), [this](const std::string& warning) { warnings_.push_back(warning); });
}

void ExportRun::end_study() {
  if (study_run_) study_run_->end();
  study_run_.reset();
}

void ExportRun::fail_study(const ImednetError& error) noexcept {
  if (study_run_) study_run_->fail(error);
  study_run_.reset();
}

// A batch counts as done when its line is on disk.
void ExportRun::note(const Loader& loader, const FileOutcome& outcome) {
  const staging::StagedFile& file = *outcome.file;
  if (study_run_) study_run_->loaded(file, status_name(outcome.status), outcome.rows_loaded, loader.statement_tag(file));
  if (!manifest_) return;
  manifest_->append({.batch_id = file.batch_id,
                     .stage_path = loader.stage_path(file),
                     .row_count = file.rows,
                     .loaded_at = core::format_utc(clock().utc_now()),
                     .sha256 = file.sha256,
                     .bytes = file.bytes,
                     .hash = file.content_hash,
                     .table = loader.table_text(),
                     .run_id = run_id_,
                     .status = std::string(status_name(outcome.status)),
                     .checksum = loader.checksum(file)});
}

void ExportRun::close() { connection_->close(); }

}  // namespace imednet::sinks::snowflake
