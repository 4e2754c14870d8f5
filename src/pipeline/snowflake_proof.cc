#include "pipeline/snowflake_proof.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

#include "pipeline/table_proof.h"
#include "pipeline/typed_table.h"
#include "sinks/snowflake/stage_path.h"

namespace imednet::pipeline {

using integrations::SnowflakeSinkConfig;
using integrations::StageLayout;
using integrations::VerifiedStudy;
using ledger::PlannedFile;
using ledger::StudyPlan;
using sinks::snowflake::ExportRun;
using sinks::snowflake::ObjectName;
using sinks::snowflake::RunScope;
using sinks::snowflake::StagePath;
using sinks::snowflake::TableShape;

namespace {

const PlannedFile* first_file(const StudyPlan& plan) {
  for (const ledger::PlanLayer& layer : plan.layers) {
    if (!layer.files.empty()) return &layer.files.front();
  }
  return nullptr;
}

// Of files that were loaded into this very table.
Checksums checksums_of(const ledger::Manifest& manifest, const std::string& table) {
  Checksums checksums;
  for (const ledger::ManifestLine& line : manifest.lines) {
    if (line.table == table && !line.checksum.empty()) checksums[line.hash] = line.checksum;
  }
  return checksums;
}

auto directory_of(const SnowflakeSinkConfig& config) { return std::tie(config.stage, config.stage_prefix, config.stage_layout); }

}  // namespace

// Of an empty table: a file of another one of the study.
const PlannedFile* SnowflakeProof::file_near(const StudyPlan& plan) const {
  if (const PlannedFile* file = first_file(plan)) return file;
  for (const StudyPlan& other : check_.totals->plans) {
    if (const PlannedFile* file = other.study == plan.study ? first_file(other) : nullptr) return file;
  }
  return nullptr;
}

SnowflakeSinkConfig SnowflakeProof::config_of(const StudyPlan& plan) const {
  SnowflakeSinkConfig config = config_;
  config.manifest_path.reset();
  config.local_staging_dir.reset();
  if (config.table.empty()) config.table = sinks::snowflake::parse_table_text(plan.table).sql();
  const PlannedFile* file = file_near(plan);
  if (file == nullptr) return config;
  const StagePath path = StagePath::parse(file->stage_path);
  if (config.stage.empty()) config.stage = path.stage;
  config.stage_prefix = path.prefix;
  config.stage_layout = path.hash.empty() ? StageLayout::flat : StageLayout::by_content;
  return config;
}

ExportRun& SnowflakeProof::run_for(const StudyPlan& plan) {
  SnowflakeSinkConfig config = config_of(plan);
  if (run_ && directory_of(run_->config()) == directory_of(config)) return *run_;
  close();
  return run_.emplace(std::move(config), RunScope::proof);
}

ObjectName SnowflakeProof::target_of(const StudyPlan& plan) {
  if (config_.table.empty()) return sinks::snowflake::parse_table_text(plan.table);
  return plan.typed ? typed_table(run_->table(), suffix_of_series(plan.typed->series)) : run_->table();
}

void SnowflakeProof::prove(const StudyPlan& plan, const StudyPlan& expected, ProofFiles& files) {
  ExportRun& run = run_for(plan);
  const auto layout = plan.typed ? layout_of(*plan.typed) : nullptr;
  const auto shape = layout ? std::make_unique<const TableShape>(layout->layout()) : nullptr;
  const auto loader = run.loader_of(target_of(plan), shape ? *shape : sinks::snowflake::records_shape());
  VerifiedStudy result{.study = plan.study, .table = loader->table_text(), .run_id = plan.layers.back().run_id};
  prove_table({run, *loader, expected}, checksums_of(check_.manifest, result.table), files, options_.ids_kept, result);
  report_.studies.push_back(std::move(result));
}

void SnowflakeProof::report_fault(const StudyPlan& plan, std::string fault) {
  report_.studies.push_back({.study = plan.study, .table = plan.table, .run_id = plan.layers.back().run_id, .faults = {std::move(fault)}});
}

void SnowflakeProof::close() {
  if (!run_) return;
  for (const std::string& warning : run_->warnings()) {
    if (std::ranges::find(report_.warnings, warning) == report_.warnings.end()) report_.warnings.push_back(warning);
  }
  run_->close();
  run_.reset();
}

}  // namespace imednet::pipeline
