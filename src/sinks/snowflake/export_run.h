// export_run.h: what one sink or one whole-study export holds from its first to its last breath.
//
// Owner:   the temporary folder (removed on every way out), the manifest, the loader with its session.
// Errors:  as Loader; ImednetError io / no_space for the folders and the manifest.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/temporary_directory.h"
#include "imednet/integrations/warehouse.h"
#include "ledger/manifest.h"
#include "sinks/snowflake/loader.h"

namespace imednet::sinks::snowflake {

class ExportRun {
 public:
  explicit ExportRun(integrations::SnowflakeSinkConfig config);
  ExportRun(const ExportRun&) = delete;
  ExportRun& operator=(const ExportRun&) = delete;

  const integrations::SnowflakeSinkConfig& config() const noexcept { return config_; }
  const std::string& run_id() const noexcept { return run_id_; }
  const std::filesystem::path& staging_directory() const noexcept { return staging_directory_; }
  Loader& loader() noexcept { return *loader_; }
  core::Clock& clock() noexcept { return clock_; }
  const std::vector<std::string>& warnings() const noexcept { return warnings_; }

  // Told to the caller with the rows known so far.
  void report_step(std::string_view step, std::int64_t done, std::int64_t all);
  integrations::ExportProgress progress;

  void close();

 private:
  void note(const FileOutcome& outcome);

  integrations::SnowflakeSinkConfig config_;
  core::Clock& clock_;
  std::string run_id_;
  core::TemporaryDirectory temporary_;
  std::filesystem::path staging_directory_;
  std::unique_ptr<ledger::ManifestWriter> manifest_;
  std::vector<std::string> warnings_;
  std::unique_ptr<Loader> loader_;
};

}  // namespace imednet::sinks::snowflake
