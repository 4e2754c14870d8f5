// replay_snowflake.cc: from the lines of a manifest to the counted table: all files are found and compared, then loaded.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <span>

#include "imednet/integrations/replay.h"
#include "pipeline/replay_files.h"
#include "pipeline/replay_plan.h"
#include "pipeline/replay_tables.h"

namespace imednet::integrations {
namespace {

using errors::ErrorCode;
using pipeline::FoundFile;
using pipeline::ReplayGroup;
using pipeline::ReplayTable;
using sinks::FileOutcome;
using sinks::FileStatus;
using sinks::snowflake::ExportRun;

void refuse_own_manifest(const std::filesystem::path& manifest, const SnowflakeSinkConfig& config) {
  std::error_code not_there;
  if (!config.manifest_path || !std::filesystem::equivalent(manifest, *config.manifest_path, not_there)) return;
  throw errors::ExportConfigurationError(
      fmt::format("cannot replay {}: new lines can't go into the manifest that is replayed", manifest.string()),
      {.code = ErrorCode::config, .hint = "name another file with --manifest-path", .origin = {.system = "local"}});
}

SnowflakeSinkConfig config_of(const SnowflakeSinkConfig& given, const ReplayGroup& group) {
  SnowflakeSinkConfig config = given;
  config.stage = group.stage;
  config.table = group.table;
  config.stage_prefix = group.prefix;
  config.stage_layout = group.is_flat ? StageLayout::flat : StageLayout::by_content;
  config.mode = WriteMode::append;
  config.idempotent = true;
  config.local_staging_dir.reset();  // kept files are read where they are, and nothing is put beside them
  return config;
}

// The guard against rows that stand twice compares a table with the files of one directory of a stage.
void require_one_directory(const std::vector<ReplayTable>& loads) {
  for (std::size_t i = 0; i < loads.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (loads[i].study != loads[k].study || loads[i].loader->table_text() != loads[k].loader->table_text()) continue;
      throw errors::ExportError(
          fmt::format("cannot replay study {} into {}: its files lie in several directories of the stage, {} and {} among them",
                      loads[i].study, loads[i].loader->table_text(), loads[k].loader->stage().directory().sql(),
                      loads[i].loader->stage().directory().sql()),
          {.code = ErrorCode::unsupported,
           .hint = "load the first run's files with --run, then the others with --run and --allow-duplicates; nothing was written",
           .origin = {.system = "local"}});
    }
  }
}

void require_no_doubles(const std::vector<ReplayTable>& loads) {
  std::vector<pipeline::FileRange> ranges;
  for (const ReplayTable& load : loads) {
    for (const FoundFile* file : load.files) {
      if (file->facts.rows > 0)
        ranges.push_back({load.study, load.loader->table_text(), file->facts.first_record_id, file->facts.last_record_id,
                          file->facts.batch_id, file->run_id});
    }
  }
  pipeline::require_no_overlap(std::move(ranges));
  require_one_directory(loads);
}

// The loader's hints name flags of the export.
[[noreturn]] void rethrow_with_own_hint(const errors::ExportError& error) {
  errors::ErrorDetail detail = error.detail();
  if (detail.code == ErrorCode::duplicates)
    detail.hint = "load into a fresh table with --table, or let rows stand twice with --allow-duplicates";
  if (detail.code == ErrorCode::counts_differ) detail.hint = "load into a fresh table with --table, or export the study again";
  if (const auto* batch = dynamic_cast<const errors::ExportBatchError*>(&error))
    throw errors::ExportBatchError(error.what(), batch->batch_id(), std::move(detail));
  throw errors::ExportError(error.what(), std::move(detail));
}

// An export replaces a dimension by what the API shows; nobody shows a replay anything.
void require_free(const ReplayTable& load, const sinks::PlannedLoad& planned) {
  const sinks::LoadPlan& plan = planned.plan;
  if (planned.method != sinks::LoadMethod::replace || plan.there.rows == 0 || load.run->config().allow_duplicates) return;
  const bool is_cut = plan.rows_in > plan.there.live;
  throw errors::ExportError(
      fmt::format("cannot load study {} into {}: it holds {} rows of the study, {} of them of this replay's files{}", load.study,
                  load.loader->table_text(), plan.there.live, plan.rows_in, is_cut ? "; somebody deleted rows" : ""),
      {.code = is_cut ? ErrorCode::counts_differ : ErrorCode::duplicates, .hint = {}, .origin = {.system = "snowflake"}});
}

std::vector<FileOutcome> load_files(const ReplayTable& load, const sinks::StudyRead& read) {
  const sinks::PlannedLoad planned = load.loader->plan_study(read);
  if (!load.loader->shape().holds_records()) require_free(load, planned);
  return load.loader->load_planned(read, planned, {}).outcomes;
}

std::vector<FileOutcome> load(const ReplayTable& load) {
  sinks::StudyRead read{load.study, {}, {}};
  for (const FoundFile* file : load.files) read.files.push_back(&file->facts);
  try {
    return load_files(load, read);
  } catch (const errors::ExportConfigurationError&) {
    throw;
  } catch (const errors::ExportError& error) {
    if (error.code() != ErrorCode::duplicates && error.code() != ErrorCode::counts_differ) throw;
    rethrow_with_own_hint(error);
  }
}

ReplayedStudy describe(const ReplayTable& load, const std::vector<FileOutcome>& outcomes) {
  sinks::snowflake::Loader& loader = *load.loader;
  ReplayedStudy study{.study = load.study, .table = loader.table_text(), .run_id = load.run->run_id()};
  for (const FileOutcome& outcome : outcomes) {
    const staging::StagedFile& file = *outcome.file;
    study.rows_in_files += file.rows;
    (outcome.status == FileStatus::loaded ? study.rows_loaded : study.rows_skipped) += file.rows;
    study.batch_reports.push_back({file.batch_id, loader.stage_path(file), file.content_hash, file.sha256,
                                   std::string(sinks::status_name(outcome.status)), file.rows, outcome.rows_loaded, file.bytes,
                                   file.first_record_id, file.last_record_id});
  }
  study.rows_in_target = loader.live_rows(load.study);
  return study;
}

void add(ReplayReport& report, ReplayedStudy study) {
  if (study.rows_loaded + study.rows_skipped != study.rows_in_files || study.rows_in_target < study.rows_in_files) {
    throw errors::ExportError(
        fmt::format("cannot trust the replay of study {}: the files have {} rows, {} were loaded and {} in already, and {} holds {}",
                    study.study, study.rows_in_files, study.rows_loaded, study.rows_skipped, study.table, study.rows_in_target),
        {.code = ErrorCode::counts_differ, .hint = "load into a fresh table with --table, or export the study again"});
  }
  report.rows_in_files += study.rows_in_files;
  report.rows_loaded += study.rows_loaded;
  report.rows_skipped += study.rows_skipped;
  report.studies.push_back(std::move(study));
}

// Tables under one lease, so that no export loads the study into them meanwhile.
void replay_tables_of_one(std::span<const ReplayTable> tables, ReplayReport& report) {
  ExportRun& run = *tables.front().run;
  run.begin_study(tables.front().study, "replay", /*keeps_state=*/false, tables.front().leased);
  try {
    for (const ReplayTable& one : tables) add(report, describe(one, load(one)));
    run.end_study();
  } catch (const ImednetError& error) {
    run.fail_study(error);
    throw;
  }
}

void replay_each(const std::vector<ReplayTable>& tables, ReplayReport& report) {
  for (auto first = tables.begin(); first != tables.end();) {
    const auto last = std::find_if(first, tables.end(), [&](const ReplayTable& one) {
      return one.run != first->run || one.study != first->study || one.leased != first->leased;
    });
    replay_tables_of_one({first, last}, report);
    first = last;
  }
}

void take_warnings(ReplayReport& report, const ExportRun& run) {
  for (const std::string& warning : run.warnings()) {
    if (std::find(report.warnings.begin(), report.warnings.end(), warning) == report.warnings.end()) report.warnings.push_back(warning);
  }
}

// Finds and compares all files, then loads; each run stands for one group.
void replay_groups(const SnowflakeSinkConfig& config, const std::vector<ReplayGroup>& groups, ReplayReport& report) {
  std::vector<std::unique_ptr<ExportRun>> runs;
  std::vector<std::vector<FoundFile>> files;
  std::vector<ReplayTable> tables;
  for (const ReplayGroup& group : groups) {
    runs.push_back(std::make_unique<ExportRun>(config_of(config, group)));
    files.push_back(pipeline::ReplayFiles(*runs.back(), group, config.local_staging_dir).find());
    for (const FoundFile& file : files.back()) {
      ++report.files;
      ++(file.is_fetched ? report.files_fetched : report.files_kept);
      if (file.is_fetched) report.bytes_fetched += file.facts.bytes;
    }
  }
  for (std::size_t i = 0; i < runs.size(); ++i) {
    for (ReplayTable& table : pipeline::replay_tables(*runs[i], files[i], !config.table.empty())) tables.push_back(std::move(table));
  }
  if (!config.allow_duplicates) require_no_doubles(tables);
  replay_each(tables, report);
  for (const auto& run : runs) {
    take_warnings(report, *run);
    run->close();
  }
}

}  // namespace

ReplayReport replay_to_snowflake(const std::filesystem::path& manifest, const SnowflakeSinkConfig& config, const ReplayOptions& options) {
  const auto started = std::chrono::steady_clock::now();
  ReplayReport report;
  report.started_at = core::format_utc(core::system_clock().utc_now());
  const ledger::Manifest lines = ledger::read_manifest(manifest);
  refuse_own_manifest(manifest, config);
  if (lines.has_cut_line) report.warnings.push_back(fmt::format("{} has a line that was cut off; it is left out", manifest.string()));
  replay_groups(config, pipeline::plan_replay(lines, manifest, config, options.run_id), report);
  if (report.files == 0) report.warnings.push_back(fmt::format("{} has no lines", manifest.string()));
  report.reconciled = true;
  report.finished_at = core::format_utc(core::system_clock().utc_now());
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return report;
}

}  // namespace imednet::integrations
