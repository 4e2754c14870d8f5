// export_run.h: what one sink or one whole-study export holds from its first to its last breath.
//
// Owner:   the temporary folder (removed on every way out), the manifest, the session and its loaders, of a whole study also its
//          lease and its state.
// Errors:  as Loader; ImednetError io / no_space for the folders and the manifest.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/step_times.h"
#include "core/temporary_directory.h"
#include "imednet/integrations/warehouse.h"
#include "ledger/manifest.h"
#include "sinks/snowflake/loader.h"
#include "sinks/snowflake/study_run.h"
#include "sinks/snowflake/surroundings.h"
#include "sinks/snowflake/typed_views.h"

namespace imednet::sinks::snowflake {

enum class RunScope {
  batches,  // literal batches of whoever calls: nothing keeps runs apart
  study,    // whole studies, each between begin_study() and end_study()
  proof,    // nothing is loaded
};

class ExportRun {
 public:
  explicit ExportRun(integrations::SnowflakeSinkConfig config, RunScope scope = RunScope::batches, Surroundings around = {});
  ExportRun(const ExportRun&) = delete;
  ExportRun& operator=(const ExportRun&) = delete;

  const integrations::SnowflakeSinkConfig& config() const noexcept { return config_; }
  const std::string& run_id() const noexcept { return run_id_; }
  const std::filesystem::path& temporary() const noexcept { return temporary_.path(); }  // gone with the run
  const std::filesystem::path& staging_directory() const noexcept { return staging_directory_; }
  // Of the settings' own table, in the `records` layout; and of another table of the same run, which this outlives.
  Loader& loader() noexcept { return *loader_; }
  std::unique_ptr<Loader> loader_of(ObjectName table, const TableShape& shape) {
    return std::make_unique<Loader>(*connection_, std::move(table), shape);
  }
  // Over the settings' own table; this outlives them.
  TypedViews typed_views(const std::string& study) { return {*connection_, study}; }
  const ObjectName& table() const noexcept { return connection_->table(); }
  std::int64_t retries() const noexcept { return connection_->retries(); }  // further tries of steps, so far
  core::Clock& clock() noexcept { return around_.clock; }
  const std::vector<std::string>& warnings() const noexcept { return warnings_; }
  void warn(std::string text) { warnings_.push_back(std::move(text)); }

  // Takes the lease of the study and the settings' table, or of another one by text: from here on no other run loads it.
  // `keeps_state`: at most once a run.
  void begin_study(const std::string& study, std::string_view mode, bool keeps_state = true, const std::string& table_text = {});
  StudyRun& study() { return *study_run_; }
  void end_study();
  // Whatever went wrong with it; a run in doubt leaves its traces for the next one.
  void fail_study(const ImednetError& error) noexcept;
  // Shows the holders of other leases that this run is alive, when it is time to.
  void beat();

  // Told to the caller with the rows known so far.
  void report_step(std::string_view step, std::int64_t done, std::int64_t all);
  integrations::ExportProgress progress;
  // Seconds of each step since this run began.
  std::vector<integrations::StepTime> steps() const;

  void close();

 private:
  void note(const Loader& loader, const FileOutcome& outcome);

  integrations::SnowflakeSinkConfig config_;
  Surroundings around_;
  core::StepTimes times_;
  std::string run_id_;
  core::TemporaryDirectory temporary_;
  std::filesystem::path staging_directory_, state_folder_;
  std::unique_ptr<ledger::ManifestWriter> manifest_;
  std::vector<std::string> warnings_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Loader> loader_;
  std::optional<StudyRun> study_run_;
};

}  // namespace imednet::sinks::snowflake
