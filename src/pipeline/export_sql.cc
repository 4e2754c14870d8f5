// export_sql.cc: a whole study, from the API's pages to a counted table of DuckDB, SQLite or PostgreSQL.
//
// Where it stands: export_to → this → SqlLoader.
#include <optional>

#include "core/run_id.h"
#include "core/temporary_directory.h"
#include "imednet/integrations/sql.h"
#include "ledger/manifest.h"
#include "pipeline/export_to.h"
#include "pipeline/form_names.h"
#include "pipeline/form_reports.h"
#include "pipeline/form_study.h"
#include "pipeline/planned_views.h"
#include "pipeline/report_counts.h"
#include "pipeline/run_steps.h"
#include "pipeline/study_tables.h"
#include "pipeline/vanished.h"
#include "sinks/sql/sql_loader.h"
#include "sinks/sql/sql_views.h"

namespace imednet::integrations {
namespace {

using pipeline::Counted;
using pipeline::ExportSoFar;
using sinks::FormRows;
using sinks::LoadResult;
using sinks::sql::Catalog;
using sinks::sql::LoaderSettings;
using sinks::sql::LoadResults;
using sinks::sql::SqlLoader;
using sinks::sql::SqlPlace;
using sinks::sql::TableName;
using sinks::sql::TableWork;

// A table of one of the three databases, or the typed tables that go by its name.
class SqlDestination final : public pipeline::StudyDestination {
 public:
  SqlDestination(const ImednetSDK& sdk, const SqlPlace& place, const std::string& table, const TableLoad& load)
      : sdk_(sdk),
        place_(place),
        load_(load),
        settings_(pipeline::loader_settings(load)),
        temporary_(core::temporary_root(), "imednet-export"),
        steps_(load.on_progress, clock_),
        loader_(place, TableName::parse(table, *place.dialect), settings_, core::make_run_id(clock_), clock_, hooks()) {
    pipeline::require_views_fit(load.layout);
    settings_.folder = temporary_.path();
    if (load.manifest_path) manifest_.emplace(*load.manifest_path);
  }

  void open(ExportReport& report) override {
    report.run_id = loader_.run_id();
    report.destination = place_.dialect->system;
    report.mode = sinks::mode_name(load_.mode);
    report.table = place_.name + "#" + loader_.table().text();
    study_ = report.study;
    steps_.enter("connecting", 0, 0);
    tables_.emplace(sdk_, study_, loader_.table(), *place_.dialect, load_.layout);
    if (load_.layout.views) plan_views(report);
    loader_.look(study_, [this](const Catalog& there) { return tables_->targets(there); });
  }

  pipeline::ReadingHost host() override {
    return {.directory = tables_->forms() != nullptr ? temporary_.path() : folder(),
            .batch_size = static_cast<std::int64_t>(load_.batch_size),
            .connections = load_.connections,
            .stop = load_.stop,
            .on_progress = [this](std::string_view step, const api::ReadProof& so_far) { steps_.enter(step, so_far); },
            .beat = [] {}};
  }

  void load(ExportSoFar& so_far) override {
    const pipeline::StagedStudy& staged = so_far.staged;
    warnings_.clear();
    if (tables_->forms() != nullptr) stage_forms(staged, so_far.report);
    if (planned_) planned_->metadata().require_same_blinding();
    steps_.enter("preparing", 0, 0);
    const std::vector<TableWork> works = tables_->works(staged);
    loader_.load_study(
        study_, works, tables_->splits(),
        [this](std::span<const std::int64_t> ids) { pipeline::require_gone(sdk_, study_, ids, load_.layout); },
        [&](const LoadResults& results, const FormRows& after) { judge(so_far, sinks::sql::together(works, results), after); });
  }

  void finish(ExportSoFar& so_far) override {
    so_far.report.reconciled = true;
    if (views_) so_far.report.views = views_->names();
    if (manifest_) note(so_far.report);
  }

  void take_costs(ExportReport& report) override {
    steps_.take(report);
    report.retries += loader_.retries();
    report.warnings.insert(report.warnings.end(), warnings_.begin(), warnings_.end());
  }

 private:
  sinks::sql::LoaderHooks hooks() {
    return {.on_step = [this](std::string_view step, std::int64_t done, std::int64_t all) { steps_.enter(step, done, all); },
            .on_warning = [this](const std::string& warning) { warnings_.push_back(warning); },
            .on_look =
                [this](sinks::sql::SqlSession& session) {
                  if (views_) views_->require_ours(session);
                },
            .on_written =
                [this](sinks::sql::SqlSession& session) {
                  return views_ && views_->bring_up(session, [this](const std::string& warning) { warnings_.push_back(warning); });
                }};
  }

  std::filesystem::path folder() const { return load_.local_staging_dir.value_or(temporary_.path()); }

  TableName table_of(const std::string& suffix) const { return loader_.table().with(suffix, *place_.dialect); }

  // A view for each form that the metadata names.
  void plan_views(ExportReport& report) {
    planned_.emplace(sdk_, study_, load_.layout, table::NameRule{.bytes = place_.dialect->name_bytes}, loader_.table().name(),
                     [this](const std::string& suffix) { return table_of(suffix).name(); });
    views_.emplace(place_, loader_.table(), study_);
    for (const auto& [suffix, view] : planned_->views()) views_->add(table_of(suffix), view);
    report.blinded = planned_->metadata().blinding();
  }

  void stage_forms(const pipeline::StagedStudy& staged, ExportReport& report) {
    steps_.enter("typing", staged.proof);
    tables_->stage(staged, static_cast<std::int64_t>(load_.batch_size), temporary_.path(), folder(), load_.stop);
    tables_->forms()->describe(report);
  }

  // Before COMMIT: all that was counted has to agree.
  void judge(ExportSoFar& so_far, const LoadResult& result, const FormRows& after) {
    ExportReport& report = so_far.report;
    pipeline::take_result(report, result, sinks::sql::path_of);
    report.rows_in_target = 0;
    for (const auto& [form, rows] : after) report.rows_in_target += rows;
    report.forms = pipeline::form_reports(tables_->rows(so_far.staged), result.before, after);
    so_far.counted = Counted::everything;
    pipeline::require_reconciled(pipeline::reconcile(report));
  }

  // A batch counts as done when its line is on disk.
  void note(const ExportReport& report) {
    for (const BatchReport& batch : report.batch_reports) {
      manifest_->append({.batch_id = batch.batch_id,
                         .stage_path = batch.stage_path,
                         .row_count = batch.rows,
                         .loaded_at = core::format_utc(clock_.utc_now()),
                         .sha256 = batch.sha256,
                         .bytes = batch.bytes,
                         .hash = batch.content_hash,
                         .table = report.table,
                         .run_id = report.run_id,
                         .status = batch.status});
    }
  }

  const ImednetSDK& sdk_;
  const SqlPlace& place_;
  const TableLoad& load_;
  core::Clock& clock_ = core::system_clock();
  LoaderSettings settings_;
  core::TemporaryDirectory temporary_;
  pipeline::RunSteps steps_;
  SqlLoader loader_;
  std::string study_;
  std::vector<std::string> warnings_;
  std::optional<pipeline::StudyTables> tables_;
  std::optional<pipeline::PlannedViews> planned_;
  std::optional<sinks::sql::SqlViews> views_;
  std::optional<ledger::ManifestWriter> manifest_;
};

ExportReport export_into(const ImednetSDK& sdk, std::string_view study_key, const SqlPlace& place, const std::string& table,
                         const TableLoad& load) {
  SqlDestination destination(sdk, place, table, load);
  return pipeline::export_to(destination, sdk, study_key, {load.manifest_path, load.report_path});
}

void require_table(std::string_view table) {
  if (!table.empty()) return;
  throw errors::ExportConfigurationError("cannot export: the table is missing",
                                         {.code = errors::ErrorCode::config, .hint = "name the table that rows go to"});
}

}  // namespace

ExportReport export_to_duckdb(const ImednetSDK& sdk, std::string_view study_key, const DuckDbConfig& config) {
  require_table(config.table);
  const SqlPlace place = sinks::sql::place_of_duckdb(config.path, config.driver);
  return export_into(sdk, study_key, place, config.table, config.load);
}

ExportReport export_to_sql(const ImednetSDK& sdk, std::string_view study_key, const SqlConfig& config) {
  require_table(config.table);
  const SqlPlace place = sinks::sql::place_of_address(config.uri, config.driver);
  return export_into(sdk, study_key, place, config.table, config.load);
}

}  // namespace imednet::integrations
