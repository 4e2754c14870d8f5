// verify_snowflake.cc: the table against what was loaded, or against what the API holds now.
#include <fmt/format.h>

#include <algorithm>

#include "imednet/errors.h"
#include "pipeline/study_reading.h"
#include "pipeline/table_proof.h"
#include "pipeline/verify_report.h"
#include "sinks/snowflake/stage_path.h"

namespace imednet::integrations {
namespace {

using ledger::PlannedFile;
using pipeline::Checksums;
using sinks::snowflake::ExportRun;
using sinks::snowflake::RunScope;
using sinks::snowflake::StagePath;

const PlannedFile* first_file(const ledger::StudyPlan& plan) {
  for (const ledger::PlanLayer& layer : plan.layers) {
    if (!layer.files.empty()) return &layer.files.front();
  }
  return nullptr;
}

void require_records(const ledger::StudyPlan& plan) {
  const PlannedFile* file = first_file(plan);
  if (file == nullptr || !file->batch_id.starts_with(plan.study + "/forms/")) return;
  throw errors::ExportConfigurationError(fmt::format("cannot verify study {} by its manifest: typed tables were made of it", plan.study),
                                         {.code = errors::ErrorCode::unsupported,
                                          .hint = "imednet plan snowflake --layout forms compares them with what iMednet holds",
                                          .origin = {.system = "local"}});
}

// Table and stage as the plan has them, unless others were given. Nothing is kept of a comparison.
SnowflakeSinkConfig config_of(const SnowflakeSinkConfig& given, const ledger::StudyPlan& plan) {
  require_records(plan);
  SnowflakeSinkConfig config = given;
  config.manifest_path.reset();
  config.local_staging_dir.reset();
  if (config.table.empty()) config.table = sinks::snowflake::parse_table_text(plan.table).sql();
  const PlannedFile* file = first_file(plan);
  if (file == nullptr) return config;
  const StagePath path = StagePath::parse(file->stage_path);
  if (config.stage.empty()) config.stage = path.stage;
  config.stage_prefix = path.prefix;
  config.stage_layout = path.hash.empty() ? StageLayout::flat : StageLayout::by_content;
  config.batch_size = static_cast<std::size_t>(std::max<std::int64_t>(file->rows, 1));  // the same rows then make the same files
  return config;
}

// Of files that were loaded into this very table.
Checksums checksums_of(const ledger::Manifest& manifest, const std::string& table) {
  Checksums checksums;
  for (const ledger::ManifestLine& line : manifest.lines) {
    if (line.table == table && !line.checksum.empty()) checksums[line.hash] = line.checksum;
  }
  return checksums;
}

void take_warnings(VerifyReport& report, const ExportRun& run) {
  for (const std::string& warning : run.warnings()) {
    if (std::find(report.warnings.begin(), report.warnings.end(), warning) == report.warnings.end()) report.warnings.push_back(warning);
  }
}

VerifiedStudy begin(const ledger::StudyPlan& plan, ExportRun& run) {
  return {.study = plan.study, .table = run.loader().table_text(), .run_id = plan.layers.back().run_id};
}

void prove(const SnowflakeSinkConfig& config, const VerifyOptions& options, const ledger::StudyPlan& plan, const ledger::ChainCheck& check,
           VerifyReport& report) {
  ExportRun run(config_of(config, plan), RunScope::proof);
  VerifiedStudy result = begin(plan, run);
  if (!plan.layers.front().since.empty()) {
    result.faults.push_back(
        fmt::format("the manifest knows of no whole reading of {}: only of what changed since {}", plan.study, plan.layers.front().since));
  } else {
    pipeline::ProofFiles files(run, config.local_staging_dir);
    pipeline::prove_table(run, plan, checksums_of(check.manifest, result.table), files, options.ids_kept, result);
  }
  take_warnings(report, run);
  report.studies.push_back(std::move(result));
  run.close();
}

// What the API holds, as if it had just been exported.
ledger::StudyPlan plan_of(const pipeline::StagedStudy& staged, const ledger::StudyPlan& before) {
  ledger::StudyPlan plan{before.study, before.table, {{before.layers.back().run_id, "", 0, {}}}};
  for (const staging::StagedFile& file : staged.files) {
    plan.layers.front().files.push_back(
        {file.batch_id, "", file.content_hash, file.sha256, file.rows, file.bytes, file.first_record_id, file.last_record_id});
  }
  return plan;
}

void prove_by_api(const ImednetSDK& sdk, const SnowflakeSinkConfig& config, const VerifyOptions& options, const ledger::StudyPlan& plan,
                  const ledger::ChainCheck& check, VerifyReport& report) {
  ExportRun run(config_of(config, plan), RunScope::proof);
  VerifiedStudy result = begin(plan, run);
  pipeline::StagedStudy staged;
  pipeline::read_study(pipeline::host_of(run), sdk, plan.study, staged, [] {});
  const ledger::StudyPlan now = plan_of(staged, plan);
  pipeline::ProofFiles files(run, std::nullopt);
  for (const staging::StagedFile& file : staged.files) files.add(file.batch_id, file.path);
  pipeline::prove_table(run, now, checksums_of(check.manifest, result.table), files, options.ids_kept, result);
  take_warnings(report, run);
  report.studies.push_back(std::move(result));
  run.close();
}

}  // namespace

VerifyReport verify_snowflake(const std::filesystem::path& manifest, const SnowflakeSinkConfig& config, const VerifyOptions& options) {
  return pipeline::verify_each(manifest, "snowflake", options,
                               [&](const ledger::StudyPlan& plan, const ledger::ChainCheck& check, VerifyReport& report) {
                                 prove(config, options, plan, check, report);
                               });
}

VerifyReport verify_api(const ImednetSDK& sdk, const std::filesystem::path& manifest, const SnowflakeSinkConfig& config,
                        const VerifyOptions& options) {
  return pipeline::verify_each(manifest, "api", options,
                               [&](const ledger::StudyPlan& plan, const ledger::ChainCheck& check, VerifyReport& report) {
                                 prove_by_api(sdk, config, options, plan, check, report);
                               });
}

}  // namespace imednet::integrations
