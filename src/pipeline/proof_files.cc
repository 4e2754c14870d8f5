#include "pipeline/proof_files.h"

#include "core/digest.h"
#include "core/retry.h"
#include "imednet/errors.h"
#include "sinks/snowflake/stage_path.h"
#include "staging/file_layout.h"
#include "staging/parquet_stage.h"

namespace imednet::pipeline {

using sinks::snowflake::StagePath;

namespace {

bool has_rows_of(const ledger::PlannedFile& file, const std::filesystem::path& place) {
  try {
    const staging::FileLayout layout(place);
    return layout.owned() != nullptr && staging::read_staged_file(place, layout.layout()).content_hash == file.hash;
  } catch (const errors::ExportError&) {
    return false;  // whatever it is, it is not that file
  }
}

bool is_that(const ledger::PlannedFile& file, const std::filesystem::path& place) {
  return core::hex(core::sha256_file(place)) == file.sha256 || has_rows_of(file, place);
}

}  // namespace

std::optional<std::filesystem::path> ProofFiles::find(const ledger::PlannedFile& file) {
  if (const auto known = places_.find(file.batch_id); known != places_.end()) return known->second;
  if (run_.config().stop.stop_requested()) core::throw_cancelled();
  if (kept_) {
    const std::filesystem::path place = *kept_ / StagePath::parse(file.stage_path).file_name;
    std::error_code ignored;
    if (std::filesystem::is_regular_file(place, ignored) && is_that(file, place)) return place;
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
  const std::filesystem::path place = stage.get(relative, new_folder());
  return is_that(file, place) ? std::optional(place) : std::nullopt;
}

// Files of one name may come from several places.
std::filesystem::path ProofFiles::new_folder() {
  std::filesystem::create_directories(run_.staging_directory());
  for (int number = 0;; ++number) {
    std::filesystem::path folder = run_.staging_directory() / std::to_string(number);
    if (std::filesystem::create_directory(folder)) return folder;
  }
}

}  // namespace imednet::pipeline
