// export_sql.cc: a whole study, from the API's pages to a counted table of DuckDB, SQLite or PostgreSQL.
//
// Where it stands: study reading → SqlLoader, one after the other.
#include <chrono>
#include <optional>

#include "api/client.h"
#include "core/run_id.h"
#include "core/temporary_directory.h"
#include "imednet/integrations/sql.h"
#include "ledger/manifest.h"
#include "pipeline/form_reports.h"
#include "pipeline/reconciliation.h"
#include "pipeline/report_counts.h"
#include "pipeline/run_end.h"
#include "pipeline/run_steps.h"
#include "pipeline/study_reading.h"
#include "pipeline/vanished.h"
#include "pipeline/write_mode.h"
#include "sinks/sql/sql_loader.h"

namespace imednet::integrations {
namespace {

using sinks::FormRows;
using sinks::LoadResult;
using sinks::sql::LoaderSettings;
using sinks::sql::SqlLoader;
using sinks::sql::SqlPlace;
using sinks::sql::TableName;

LoaderSettings settings_of(const TableLoad& load) {
  return {.mode = load.mode,
          .idempotent = load.idempotent,
          .allow_duplicates = load.allow_duplicates,
          .allow_shrink = load.allow_shrink,
          .create_table = load.create_table,
          .retry = {.max_retries = load.max_retries, .backoff = load.retry_backoff},
          .stop = load.stop};
}

// What one export holds from its first to its last breath.
class SqlExport {
 public:
  SqlExport(const ImednetSDK& sdk, std::string_view study, const SqlPlace& place, const std::string& table, const TableLoad& load)
      : sdk_(sdk),
        load_(load),
        settings_(settings_of(load)),
        temporary_(core::temporary_root(), "imednet-export"),
        steps_(load.on_progress, clock_),
        loader_(place, TableName::parse(table, *place.dialect), settings_, core::make_run_id(clock_), clock_, hooks()) {
    report_.study = pipeline::required_study(study);
    report_.run_id = loader_.run_id();
    report_.destination = place.dialect->system;
    report_.mode = sinks::mode_name(load.mode);
    report_.table = place.name + "#" + loader_.table().text();
    report_.started_at = core::format_utc(clock_.utc_now());
    if (load.manifest_path) manifest_.emplace(*load.manifest_path);
  }

  ExportReport run() {
    const auto started = clock_.now();
    const std::int64_t retries_before = sdk_.client()->retries();
    steps_.enter("connecting", 0, 0);
    loader_.look(report_.study);  // first: a wrong password costs no page
    pipeline::StagedStudy staged;
    report_.rereads = pipeline::read_study(host(), sdk_, report_.study, staged, [&] { load_staged(staged); });
    if (manifest_) note();
    steps_.take(report_);
    report_.retries = sdk_.client()->retries() - retries_before + loader_.retries();
    report_.finished_at = core::format_utc(clock_.utc_now());
    report_.seconds = std::chrono::duration<double>(clock_.now() - started).count();
    if (load_.manifest_path) pipeline::write_run_end(*load_.manifest_path, report_);
    return report_;
  }

 private:
  sinks::sql::LoaderHooks hooks() {
    return {.on_step = [this](std::string_view step, std::int64_t done, std::int64_t all) { steps_.enter(step, done, all); },
            .on_warning = [this](const std::string& warning) { report_.warnings.push_back(warning); }};
  }

  pipeline::ReadingHost host() {
    return {.directory = load_.local_staging_dir.value_or(temporary_.path()),
            .batch_size = static_cast<std::int64_t>(load_.batch_size),
            .connections = load_.connections,
            .stop = load_.stop,
            .on_progress = [this](std::string_view step, const api::ReadProof& so_far) { steps_.enter(step, so_far); },
            .beat = [] {}};
  }

  void load_staged(const pipeline::StagedStudy& staged) {
    pipeline::take_reading(report_, staged);
    pipeline::require_reconciled(pipeline::reconcile(report_, pipeline::Counted::staged));
    report_.warnings.clear();
    steps_.enter("preparing", 0, 0);
    const auto confirm_gone = [&](std::span<const std::int64_t> ids) { pipeline::require_gone(sdk_, report_.study, ids); };
    loader_.load_study(staged.read_of(report_.study), confirm_gone,
                       [&](const LoadResult& result, const FormRows& after) { judge(staged, result, after); });
    report_.reconciled = true;
  }

  // Before COMMIT: all that was counted has to agree.
  void judge(const pipeline::StagedStudy& staged, const LoadResult& result, const FormRows& after) {
    pipeline::take_result(report_, result, sinks::sql::path_of);
    report_.rows_in_target = 0;
    for (const auto& [form, rows] : after) report_.rows_in_target += rows;
    report_.forms = pipeline::form_reports(staged.forms, result.before, after);
    pipeline::require_reconciled(pipeline::reconcile(report_));
  }

  // A batch counts as done when its line is on disk.
  void note() {
    for (const BatchReport& batch : report_.batch_reports) {
      manifest_->append({.batch_id = batch.batch_id,
                         .stage_path = batch.stage_path,
                         .row_count = batch.rows,
                         .loaded_at = core::format_utc(clock_.utc_now()),
                         .sha256 = batch.sha256,
                         .bytes = batch.bytes,
                         .hash = batch.content_hash,
                         .table = report_.table,
                         .run_id = report_.run_id,
                         .status = batch.status});
    }
  }

  const ImednetSDK& sdk_;
  const TableLoad& load_;
  core::Clock& clock_ = core::system_clock();
  LoaderSettings settings_;
  core::TemporaryDirectory temporary_;
  ExportReport report_;
  pipeline::RunSteps steps_;
  SqlLoader loader_;
  std::optional<ledger::ManifestWriter> manifest_;
};

void require_table(std::string_view table) {
  if (!table.empty()) return;
  throw errors::ExportConfigurationError("cannot export: the table is missing",
                                         {.code = errors::ErrorCode::config, .hint = "name the table that rows go to"});
}

}  // namespace

ExportReport export_to_duckdb(const ImednetSDK& sdk, std::string_view study_key, const DuckDbConfig& config) {
  require_table(config.table);
  const SqlPlace place = sinks::sql::place_of_duckdb(config.path, config.driver);
  return SqlExport(sdk, study_key, place, config.table, config.load).run();
}

ExportReport export_to_sql(const ImednetSDK& sdk, std::string_view study_key, const SqlConfig& config) {
  require_table(config.table);
  const SqlPlace place = sinks::sql::place_of_address(config.uri, config.driver);
  return SqlExport(sdk, study_key, place, config.table, config.load).run();
}

}  // namespace imednet::integrations
