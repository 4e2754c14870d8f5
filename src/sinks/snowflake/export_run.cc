#include "sinks/snowflake/export_run.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "sinks/snowflake/driver_environment.h"
#include "sinks/snowflake/endpoint.h"
#include "sinks/snowflake/sign_in.h"

namespace imednet::sinks::snowflake {
namespace {

// "20261123T091200Z-0123abcd": sorts by time, unique enough for many runs in one second.
std::string make_run_id(core::Clock& clock) {
  std::array<unsigned char, 4> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    throw ImednetError("cannot make a run id: no random numbers", {.code = errors::ErrorCode::internal});
  }
  const auto seconds = std::chrono::floor<std::chrono::seconds>(clock.utc_now());
  return fmt::format("{:%Y%m%dT%H%M%S}Z-{:02x}{:02x}{:02x}{:02x}", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), random[0],
                     random[1], random[2], random[3]);
}

[[noreturn]] void refuse_folder(const std::filesystem::path& folder, int error) {
  throw errors::ExportConfigurationError(
      fmt::format("cannot keep staged files in {}: {}", folder.string(), std::strerror(error)),
      {.code = error == ENOSPC || error == EDQUOT ? errors::ErrorCode::no_space : errors::ErrorCode::io,
       .hint = "name a folder that can be written, or one to be made in a folder that exists (local_staging_dir, --local-staging-dir)",
       .origin = {.system = "local"}});
}

// Judged before anyone signs in. Only the last part is made: a path that is wrong further up is more likely a slip.
std::filesystem::path kept_folder(std::filesystem::path folder) {
  if (!folder.has_filename()) folder = folder.parent_path();  // "staged/"
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) refuse_folder(folder, errno);
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) refuse_folder(folder, ENOTDIR);
  if (access(folder.c_str(), W_OK | X_OK) != 0) refuse_folder(folder, errno);
  return folder;
}

}  // namespace

ExportRun::ExportRun(integrations::SnowflakeSinkConfig config)
    : config_(with_endpoint(std::move(config))),
      clock_(core::system_clock()),
      run_id_(make_run_id(clock_)),
      temporary_(core::temporary_root(), "imednet-run") {
  staging_directory_ = config_.local_staging_dir ? kept_folder(*config_.local_staging_dir) : temporary_.path() / "staging";
  if (config_.manifest_path) manifest_ = std::make_unique<ledger::ManifestWriter>(*config_.manifest_path);
  if (const auto missing = missing_driver_environment(); !missing.empty()) {
    warnings_.push_back(
        fmt::format("set {} in the environment before the program starts, or the Snowflake driver probes cloud metadata addresses",
                    fmt::join(missing, " and ")));
  }
  for (std::string& warning : sign_in_warnings(config_)) warnings_.push_back(std::move(warning));
  loader_ = std::make_unique<Loader>(
      config_, run_id_, temporary_.path(), clock_,
      LoaderHooks{.on_outcome = [this](const FileOutcome& outcome) { note(outcome); },
                  .on_step = [this](std::string_view step, std::int64_t done, std::int64_t all) { report_step(step, done, all); },
                  .on_warning = [this](const std::string& warning) { warnings_.push_back(warning); }});
}

void ExportRun::report_step(std::string_view step, std::int64_t done, std::int64_t all) {
  progress.step = step;
  progress.files_done = done;
  progress.files = all;
  if (config_.on_progress) config_.on_progress(progress);
}

// A batch counts as done when its line is on disk.
void ExportRun::note(const FileOutcome& outcome) {
  if (!manifest_) return;
  const staging::StagedFile& file = *outcome.file;
  manifest_->append({.batch_id = file.batch_id,
                     .stage_path = loader_->stage_path(file),
                     .row_count = file.rows,
                     .loaded_at = core::format_utc(clock_.utc_now()),
                     .sha256 = file.sha256,
                     .bytes = file.bytes,
                     .hash = file.content_hash,
                     .table = loader_->table_text(),
                     .run_id = run_id_,
                     .status = std::string(status_name(outcome.status))});
}

void ExportRun::close() { loader_->close(); }

}  // namespace imednet::sinks::snowflake
