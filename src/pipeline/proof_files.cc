#include "pipeline/proof_files.h"

#include "core/digest.h"
#include "core/retry.h"
#include "sinks/snowflake/stage_path.h"

namespace imednet::pipeline {

using sinks::snowflake::StagePath;

std::optional<std::filesystem::path> ProofFiles::find(const ledger::PlannedFile& file) {
  if (const auto known = places_.find(file.batch_id); known != places_.end()) return known->second;
  if (run_.config().stop.stop_requested()) core::throw_cancelled();
  if (kept_) {
    const std::filesystem::path place = *kept_ / StagePath::parse(file.stage_path).file_name;
    std::error_code ignored;
    if (std::filesystem::is_regular_file(place, ignored) && core::hex(core::sha256_file(place)) == file.sha256) return place;
  }
  return fetch(file);
}

std::optional<std::filesystem::path> ProofFiles::fetch(const ledger::PlannedFile& file) {
  sinks::snowflake::StageTransfer& stage = run_.loader().stage();
  const StagePath path = StagePath::parse(file.stage_path);
  // One LIST tells of all; a file below another prefix than the study's newest ones is not looked for.
  if (path.prefix != run_.config().stage_prefix) return std::nullopt;
  const std::string relative = path.relative();
  if (!on_stage_) on_stage_ = stage.list();
  if (!on_stage_->contains(stage.directory().path_of(relative))) return std::nullopt;
  const std::filesystem::path folder = run_.staging_directory() / std::to_string(fetched_++);
  std::filesystem::create_directories(folder);
  const std::filesystem::path place = stage.get(relative, folder);
  if (core::hex(core::sha256_file(place)) != file.sha256) return std::nullopt;
  return place;
}

}  // namespace imednet::pipeline
