#include "pipeline/replay_files.h"

#include <fmt/format.h>

#include "core/digest.h"
#include "core/redact.h"
#include "core/retry.h"
#include "imednet/errors.h"
#include "staging/file_study.h"
#include "staging/parquet_stage.h"

namespace imednet::pipeline {
namespace {

using errors::ErrorCode;
using errors::ErrorDetail;

std::string sha256_of(const std::filesystem::path& path) { return core::hex(core::sha256_file(path)); }

}  // namespace

std::string ReplayFiles::stage_path(const ReplayLine& line) const {
  return run_.loader().stage().directory().display(line.path.relative(), group_.stage);
}

void ReplayFiles::refuse(const ReplayLine& line, const std::string& cause, ErrorDetail detail) const {
  throw errors::ExportBatchError(
      fmt::format("cannot replay the batch {}: {} (nothing was loaded)", core::redact(line.line.batch_id), cause), line.line.batch_id,
      std::move(detail));
}

std::optional<std::string> ReplayFiles::fault_of_kept(const ReplayLine& line) const {
  if (!kept_) return "no folder with kept files was named";
  const std::filesystem::path place = *kept_ / line.path.file_name;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(place, ignored)) return fmt::format("{} is not there", place.string());
  if (sha256_of(place) != line.line.sha256) return fmt::format("{} has another SHA-256 than the manifest says", place.string());
  return std::nullopt;
}

void ReplayFiles::plan_fetching() {
  bool asks_stage = group_.is_flat;
  for (const ReplayLine& line : group_.lines) {
    if (run_.config().stop.stop_requested()) core::throw_cancelled();
    kept_faults_.push_back(fault_of_kept(line).value_or(""));
    asks_stage = asks_stage || !kept_faults_.back().empty();
  }
  if (asks_stage) on_stage_ = run_.loader().stage().list();
  for (std::size_t i = 0; i < group_.lines.size(); ++i) {
    const ReplayLine& line = group_.lines[i];
    const bool is_staged = on_stage_.contains(run_.loader().stage().directory().path_of(line.path.relative()));
    if (!is_staged && !kept_faults_[i].empty()) {
      refuse(line, fmt::format("{}, and {} is not on the stage", kept_faults_[i], stage_path(line)),
             {.code = ErrorCode::not_found,
              .hint = "name the folder that the export kept its files in with --local-staging-dir, or export the study again",
              .origin = {.system = "snowflake"}});
    }
    must_fetch_.push_back(is_staged && (group_.is_flat || !kept_faults_[i].empty()));
  }
}

void ReplayFiles::require_room() const {
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < group_.lines.size(); ++i) {
    if (must_fetch_[i]) bytes += on_stage_.at(run_.loader().stage().directory().path_of(group_.lines[i].path.relative()));
  }
  std::error_code unknown;
  const auto space = std::filesystem::space(run_.staging_directory().parent_path(), unknown);
  if (bytes == 0 || unknown || space.available >= static_cast<std::uintmax_t>(bytes)) return;
  throw errors::ExportError(fmt::format("cannot fetch {} bytes from the stage: {} has room for {}", bytes,
                                        run_.staging_directory().parent_path().string(), space.available),
                            {.code = ErrorCode::no_space,
                             .hint = "set TMPDIR to a folder with more room, or replay run by run with --run; nothing was loaded",
                             .origin = {.system = "local"}});
}

std::filesystem::path ReplayFiles::fetch(const ReplayLine& line, std::size_t number) {
  const std::filesystem::path folder = run_.staging_directory() / std::to_string(number);
  std::filesystem::create_directories(folder);
  std::filesystem::path place = run_.loader().stage().get(line.path.relative(), folder);
  if (sha256_of(place) != line.line.sha256) {
    refuse(line, fmt::format("{} has another SHA-256 than the manifest says", stage_path(line)),
           {.code = ErrorCode::corrupt,
            .hint = "another file took its name, or it is broken; export the study again",
            .origin = {.system = "local"}});
  }
  if (group_.is_flat) run_.loader().stage().vouch_for(run_.loader().stage().directory().path_of(line.path.relative()));
  return place;
}

FoundFile ReplayFiles::judge(const ReplayLine& line, const std::filesystem::path& place) const {
  staging::FileLayout layout(place);
  FoundFile found{.facts = staging::read_staged_file(place, layout.layout()),
                  .layout = layout,
                  .study = staging::study_of_file(place),
                  .run_id = line.line.run_id,
                  .table = line.table};
  const std::string& hash = line.path.hash.empty() ? line.line.hash : line.path.hash;
  const bool is_same = found.facts.sha256 == line.line.sha256 && found.facts.rows == line.line.row_count &&
                       (hash.empty() || found.facts.content_hash == hash);
  if (!is_same) {
    refuse(line, fmt::format("{} holds other rows than its line says", place.string()),
           {.code = ErrorCode::corrupt, .hint = "the manifest was changed; export the study again", .origin = {.system = "local"}});
  }
  return found;
}

std::vector<FoundFile> ReplayFiles::find() {
  plan_fetching();
  require_room();
  std::vector<FoundFile> files;
  const auto all = static_cast<std::int64_t>(group_.lines.size());
  for (std::size_t i = 0; i < group_.lines.size(); ++i) {
    if (run_.config().stop.stop_requested()) core::throw_cancelled();
    run_.report_step("checking", static_cast<std::int64_t>(i), all);
    const ReplayLine& line = group_.lines[i];
    files.push_back(judge(line, must_fetch_[i] ? fetch(line, i) : *kept_ / line.path.file_name));
    files.back().is_fetched = must_fetch_[i];
  }
  return files;
}

}  // namespace imednet::pipeline
