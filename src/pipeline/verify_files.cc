// verify_files.cc: kept files of any layout against the totals: their bytes, and every row's hash computed anew.
#include <fmt/format.h>

#include <map>

#include "core/digest.h"
#include "imednet/errors.h"
#include "pipeline/id_comparer.h"
#include "pipeline/verify_report.h"
#include "sinks/snowflake/stage_path.h"
#include "staging/file_hashes.h"
#include "staging/file_layout.h"
#include "staging/parquet_stage.h"

namespace imednet::integrations {
namespace {

using ledger::PlannedFile;
using pipeline::Differences;

std::filesystem::path place_of(const PlannedFile& file, const std::filesystem::path& kept) {
  return kept / sinks::snowflake::StagePath::parse(file.stage_path).file_name;
}

// Rows whose hash is not that of their cells.
void check_rows(const std::filesystem::path& place, Differences& differences, VerifiedStudy& result) {
  staging::FileHashes rows(place);
  while (rows.next()) {
    ++result.rows_compared;
    if (rows.computed() != rows.stored()) differences.add(differences.stale, rows.id());
  }
}

void check_file(const PlannedFile& file, const std::filesystem::path& kept, Differences& differences, VerifiedStudy& result) {
  const std::filesystem::path place = place_of(file, kept);
  const auto fault = [&](std::string_view what) {
    result.faults.push_back(fmt::format("{} {} (batch {})", place.string(), what, file.batch_id));
  };
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(place, ignored)) return fault("is not there");
  // A file of other bytes is not read any further: nobody knows what it holds.
  if (core::hex(core::sha256_file(place)) != file.sha256) return fault("has another SHA-256 than its run wrote down");
  try {
    const staging::StagedFile facts = staging::read_staged_file(place, staging::FileLayout(place).layout());
    result.rows_found += facts.rows;
    if (facts.rows != file.rows || facts.content_hash != file.hash || facts.bytes != file.bytes)
      fault("holds other rows than its run wrote down");
    check_rows(place, differences, result);
  } catch (const errors::ExportError& error) {
    if (error.code() != errors::ErrorCode::corrupt && error.code() != errors::ErrorCode::unsupported) throw;
    result.faults.emplace_back(error.what());
  }
}

VerifiedStudy check_kept(const ledger::StudyPlan& plan, const std::filesystem::path& kept, std::size_t ids_kept) {
  VerifiedStudy result{.study = plan.study, .table = plan.table, .run_id = plan.layers.back().run_id};
  Differences differences{.kept = ids_kept};
  std::map<std::filesystem::path, const PlannedFile*> newest;  // a later reading's file may have taken another one's name
  for (const ledger::PlanLayer& layer : plan.layers) {
    for (const PlannedFile& file : layer.files) newest[place_of(file, kept)] = &file;
  }
  for (const auto& [place, file] : newest) {
    ++result.files;
    result.rows_expected += file->rows;
    check_file(*file, kept, differences, result);
  }
  result.stale = std::move(differences.stale);
  return result;
}

}  // namespace

VerifyReport verify_files(const std::filesystem::path& manifest, const std::filesystem::path& kept, const VerifyOptions& options) {
  return pipeline::verify_plans(manifest, "files", options,
                                [&](const pipeline::Plans& plans, const ledger::ChainCheck&, VerifyReport& report) {
                                  for (const ledger::StudyPlan* plan : plans)
                                    report.studies.push_back(check_kept(*plan, kept, options.ids_kept));
                                });
}

}  // namespace imednet::integrations
