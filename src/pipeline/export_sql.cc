// export_sql.cc: a whole study, from the API's pages to a counted table of DuckDB, SQLite or PostgreSQL.
//
// Where it stands: study reading → SqlLoader, one after the other.
#include <fmt/format.h>

#include <chrono>
#include <deque>
#include <optional>

#include "api/client.h"
#include "core/run_id.h"
#include "core/temporary_directory.h"
#include "imednet/integrations/sql.h"
#include "ledger/manifest.h"
#include "pipeline/form_names.h"
#include "pipeline/form_reports.h"
#include "pipeline/form_study.h"
#include "pipeline/reconciliation.h"
#include "pipeline/report_counts.h"
#include "pipeline/run_end.h"
#include "pipeline/run_steps.h"
#include "pipeline/study_reading.h"
#include "pipeline/study_tables.h"
#include "pipeline/vanished.h"
#include "pipeline/write_mode.h"
#include "sinks/sql/sql_loader.h"
#include "sinks/sql/sql_views.h"

namespace imednet::integrations {
namespace {

using sinks::FormRows;
using sinks::LoadResult;
using sinks::sql::Catalog;
using sinks::sql::LoaderSettings;
using sinks::sql::LoadResults;
using sinks::sql::SqlLoader;
using sinks::sql::SqlPlace;
using sinks::sql::TableName;
using sinks::sql::TableWork;

// Views are over the one table, and show all of its sites.
void require_choice(const LayoutChoice& choice) {
  if (!choice.views || (choice.name == LayoutName::records && choice.sites.empty())) return;
  const bool has_sites = choice.name == LayoutName::records;
  throw errors::ExportConfigurationError(
      has_sites ? "cannot export: views show the records of all sites" : "cannot export: typed tables need no typed views",
      {.code = errors::ErrorCode::config,
       .hint = has_sites ? "leave --sites away, or use --layout forms" : "leave --views away, or use --layout records"});
}

// What one export holds from its first to its last breath.
class SqlExport {
 public:
  SqlExport(const ImednetSDK& sdk, std::string_view study, const SqlPlace& place, const std::string& table, const TableLoad& load)
      : sdk_(sdk),
        place_(place),
        load_(load),
        settings_(pipeline::loader_settings(load)),
        temporary_(core::temporary_root(), "imednet-export"),
        steps_(load.on_progress, clock_),
        loader_(place, TableName::parse(table, *place.dialect), settings_, core::make_run_id(clock_), clock_, hooks()) {
    require_choice(load.layout);
    settings_.folder = temporary_.path();
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
    tables_.emplace(sdk_, report_.study, loader_.table(), *place_.dialect, load_.layout);
    if (load_.layout.views) plan_views();
    loader_.look(report_.study, [this](const Catalog& there) { return tables_->targets(there); });  // first: a wrong password costs no page
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
            .on_warning = [this](const std::string& warning) { report_.warnings.push_back(warning); },
            .on_look =
                [this](sinks::sql::SqlSession& session) {
                  if (views_) views_->require_ours(session);
                },
            .on_written = [this](sinks::sql::SqlSession& session) { return views_ && bring_up(session); }};
  }

  pipeline::ReadingHost host() {
    return {.directory = tables_->forms() != nullptr ? temporary_.path() : folder(),
            .batch_size = static_cast<std::int64_t>(load_.batch_size),
            .connections = load_.connections,
            .stop = load_.stop,
            .on_progress = [this](std::string_view step, const api::ReadProof& so_far) { steps_.enter(step, so_far); },
            .beat = [] {}};
  }

  std::filesystem::path folder() const { return load_.local_staging_dir.value_or(temporary_.path()); }

  TableName table_of(const std::string& suffix) const { return loader_.table().with(suffix, *place_.dialect); }

  // A view for each form that the metadata names.
  void plan_views() {
    metadata_.emplace(sdk_, report_.study, load_.layout, table::NameRule{.bytes = place_.dialect->name_bytes});
    pipeline::require_own_views(*metadata_, report_.study, loader_.table().name(),
                                [this](const std::string& suffix) { return table_of(suffix).name(); });
    views_.emplace(place_, loader_.table(), report_.study);
    for (const table::FormLayout* form : metadata_->wanted()) {
      if (form->form_key().empty()) continue;
      views_->add(table_of(pipeline::form_suffix(form->form_key())), form_views_.emplace_back(table::view_of(*form)));
    }
    report_.blinded = metadata_->blinding();
  }

  bool bring_up(sinks::sql::SqlSession& session) {
    const bool has_changed = views_->bring_up(session, [this](const std::string& warning) { report_.warnings.push_back(warning); });
    report_.views = views_->names();
    return has_changed;
  }

  void stage_forms(const pipeline::StagedStudy& staged) {
    steps_.enter("typing", staged.proof);
    tables_->stage(staged, static_cast<std::int64_t>(load_.batch_size), temporary_.path(), folder(), load_.stop);
    tables_->forms()->describe(report_);
  }

  void load_staged(const pipeline::StagedStudy& staged) {
    pipeline::take_reading(report_, staged);
    pipeline::require_reconciled(pipeline::reconcile(report_, pipeline::Counted::staged));
    report_.warnings.clear();
    if (tables_->forms() != nullptr) stage_forms(staged);
    if (metadata_) metadata_->require_same_blinding();
    steps_.enter("preparing", 0, 0);
    const std::vector<TableWork> works = tables_->works(staged);
    loader_.load_study(
        report_.study, works, tables_->splits(),
        [this](std::span<const std::int64_t> ids) { pipeline::require_gone(sdk_, report_.study, ids, load_.layout); },
        [&](const LoadResults& results, const FormRows& after) { judge(staged, sinks::sql::together(works, results), after); });
    report_.reconciled = true;
  }

  // Before COMMIT: all that was counted has to agree.
  void judge(const pipeline::StagedStudy& staged, const LoadResult& result, const FormRows& after) {
    pipeline::take_result(report_, result, sinks::sql::path_of);
    report_.rows_in_target = 0;
    for (const auto& [form, rows] : after) report_.rows_in_target += rows;
    report_.forms = pipeline::form_reports(tables_->rows(staged), result.before, after);
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
  const SqlPlace& place_;
  const TableLoad& load_;
  core::Clock& clock_ = core::system_clock();
  LoaderSettings settings_;
  core::TemporaryDirectory temporary_;
  ExportReport report_;
  pipeline::RunSteps steps_;
  SqlLoader loader_;
  std::optional<pipeline::StudyTables> tables_;
  std::optional<pipeline::FormStudy> metadata_;  // of views: no files are made of it
  std::deque<table::FormView> form_views_;
  std::optional<sinks::sql::SqlViews> views_;
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
