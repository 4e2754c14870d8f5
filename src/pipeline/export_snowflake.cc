// export_snowflake.cc: a whole study into Snowflake: its table of records, or its typed tables.
//
// Where it stands: export_to → this → ExportRun, its loaders.
#include <optional>
#include <span>

#include "imednet/integrations/warehouse.h"
#include "pipeline/cursor_run.h"
#include "pipeline/export_to.h"
#include "pipeline/form_names.h"
#include "pipeline/form_reports.h"
#include "pipeline/report_counts.h"
#include "pipeline/since.h"
#include "pipeline/snowflake_forms.h"
#include "pipeline/snowflake_views.h"
#include "pipeline/study_export.h"
#include "pipeline/vanished.h"
#include "pipeline/write_mode.h"
#include "sinks/snowflake/export_run.h"

namespace imednet::integrations {
namespace {

using pipeline::Counted;
using pipeline::ExportSoFar;
using pipeline::ReadingHost;
using pipeline::ReadingOrder;
using pipeline::StagedStudy;
using sinks::FileOutcome;
using sinks::FileStatus;
using sinks::FormRows;
using sinks::LoadResult;
using sinks::snowflake::ExportRun;
using sinks::snowflake::RunScope;

constexpr int kRemovesShown = 20;  // more REMOVE lines than that help nobody

// What both layouts have in common. The lease is taken before anything is read, so that no older reading lands on a newer one.
class SnowflakeDestination : public pipeline::StudyDestination {
 public:
  SnowflakeDestination(const ImednetSDK& sdk, const SnowflakeSinkConfig& config, const sinks::snowflake::Surroundings& around)
      : sdk_(sdk), config_(config), around_(around) {
    pipeline::check_since(config);
    pipeline::require_views_fit(config.layout);
  }

  void open(ExportReport& report) override {
    report.mode = pipeline::mode_name(config_.mode);
    run_.emplace(config_, RunScope::study, around_);
    report.run_id = run().run_id();
    report.table = run().loader().table_text();
  }
  void begin(const ExportReport& report) override { run().begin_study(report.study, report.mode); }
  ReadingHost host() override { return pipeline::host_of(run()); }
  void failed(const ImednetError& error) noexcept override { run().fail_study(error); }
  void close() override { run().close(); }
  void take_costs(ExportReport& report) override {
    if (!run_) return;
    report.steps = run().steps();
    report.retries += run().retries();
    report.warnings.insert(report.warnings.end(), run().warnings().begin(), run().warnings().end());
  }

 protected:
  ExportRun& run() { return *run_; }
  const ImednetSDK& sdk() const { return sdk_; }

  void describe(ExportReport& report, const LoadResult& result) {
    pipeline::take_result(report, result, [&](const staging::StagedFile& file) { return run().loader().stage_path(file); });
    for (const FileOutcome& outcome : result.outcomes) {
      const bool is_in = outcome.status == FileStatus::skipped || outcome.status == FileStatus::adopted;
      if (!is_in && result.outcomes.size() <= kRemovesShown) report.cleanup.push_back(run().loader().remove_statement(*outcome.file));
    }
  }

  // `after`: counted in the table just now.
  void verify(ExportSoFar& so_far, const FormRows& read, const FormRows& before, const std::function<FormRows()>& after) {
    run().report_step("verifying", 0, 0);
    ExportReport& report = so_far.report;
    const FormRows there = after();
    report.rows_in_target = 0;
    for (const auto& [form, rows] : there) report.rows_in_target += rows;
    report.forms = pipeline::form_reports(read, before, there);
    so_far.counted = Counted::everything;
    pipeline::require_reconciled(pipeline::reconcile(report));
    report.reconciled = true;
  }

  void end_verified(const ExportReport& report) {
    run().report_step("finishing", 0, 0);
    run().study().verified(report.rows_read, report.rows_loaded, report.rows_in_target);
  }

 private:
  const ImednetSDK& sdk_;
  const SnowflakeSinkConfig& config_;
  const sinks::snowflake::Surroundings& around_;
  std::optional<ExportRun> run_;
};

// Where the last result may still stand the study is read before the lease is taken: when it does, nothing in Snowflake has to wake up.
class RecordsDestination final : public SnowflakeDestination {
 public:
  using SnowflakeDestination::SnowflakeDestination;

  bool still_stands(ExportSoFar& so_far) override {
    ExportReport& report = so_far.report;
    study_ = report.study;
    views_.emplace(run(), sdk(), study_);
    cursor_.emplace(run(), sdk(), study_);
    const auto standing = cursor_->unchanged(so_far.staged);
    report.rereads = cursor_->rereads();
    if (!standing) return false;
    cursor_->tell(so_far.staged);
    describe_unchanged(so_far, *standing);
    views_->bring_up(report);
    return true;
  }

  ReadingOrder order() override { return cursor_->order(); }
  ReadingOrder order_all(const std::string& why) override { return cursor_->order_all(why); }

  // Into a table that is not there yet every file has to go, so none waits for the last one to be read.
  ReadingHost host() override {
    ReadingHost host = SnowflakeDestination::host();
    if (!cursor_->is_first_load()) return host;
    sinks::snowflake::StageTransfer& stage = run().loader().stage();
    host.on_file = [&stage](const staging::StagedFile& file) { stage.send_ahead(file); };
    host.on_dropped = [&stage] { stage.forget_ahead(); };
    return host;
  }

  void load(ExportSoFar& so_far) override {
    const StagedStudy& staged = so_far.staged;
    run().study().staged(staged.files);
    const sinks::StudyRead read = staged.read_of(study_);
    const auto gone = [&](std::span<const std::int64_t> ids) { pipeline::require_gone(sdk(), study_, ids); };
    result_ = staged.since.empty() ? run().loader().load_study(read, gone) : run().loader().load_changes(read, staged.records_in_api);
  }

  void finish(ExportSoFar& so_far) override {
    cursor_->tell(so_far.staged);
    describe(so_far.report, result_);
    so_far.counted = Counted::loaded;
    cursor_->look_at_target();
    verify(so_far, so_far.staged.forms, result_.before, [this] { return run().loader().forms_of(study_); });
    views_->bring_up(so_far.report);
    end_verified(so_far.report);
    cursor_->keep(so_far.staged, so_far.report);
    run().end_study();
  }

  void failed(const ImednetError& error) noexcept override {
    run().loader().stage().forget_ahead();
    SnowflakeDestination::failed(error);
  }

 private:
  // What stands in the table was counted by the run that left the cursor, and by nobody since.
  void describe_unchanged(ExportSoFar& so_far, const sinks::snowflake::StudyCursor& cursor) {
    ExportReport& report = so_far.report;
    const StagedStudy& staged = so_far.staged;
    for (const staging::StagedFile& file : staged.files) result_.outcomes.push_back({&file, FileStatus::skipped, 0});
    pipeline::take_reading(report, staged);
    describe(report, result_);
    report.unchanged_since_run = cursor.run_id;
    report.rows_in_target = cursor.live_rows;
    if (staged.since.empty()) report.forms = pipeline::form_reports(staged.forms, staged.forms, staged.forms);
    so_far.counted = Counted::everything;
    pipeline::require_reconciled(pipeline::reconcile(report));
    report.reconciled = true;
  }

  std::string study_;
  std::optional<pipeline::SnowflakeViews> views_;
  std::optional<pipeline::CursorRun> cursor_;
  LoadResult result_;
};

// All records are read, and every table says itself what of it is there already.
class FormsDestination final : public SnowflakeDestination {
 public:
  using SnowflakeDestination::SnowflakeDestination;

  void open(ExportReport& report) override {
    SnowflakeDestination::open(report);
    forms_.emplace(run(), sdk(), report.study);
    forms_->look();
  }

  ReadingHost host() override {
    ReadingHost host = SnowflakeDestination::host();
    host.directory = run().temporary() / "records";
    return host;
  }

  void load(ExportSoFar& so_far) override { result_ = forms_->load(so_far.staged, so_far.report); }

  void finish(ExportSoFar& so_far) override {
    describe(so_far.report, result_);
    so_far.counted = Counted::loaded;
    verify(so_far, forms_->rows_read(), result_.before, [this] { return forms_->rows_there(); });
    end_verified(so_far.report);
    so_far.typed = forms_->plans();
    run().end_study();
  }

 private:
  std::optional<pipeline::SnowflakeForms> forms_;
  LoadResult result_;
};

}  // namespace

ExportReport export_study(const ImednetSDK& sdk, std::string_view study_key, const SnowflakeSinkConfig& config,
                          const sinks::snowflake::Surroundings& around) {
  const auto export_into = [&](pipeline::StudyDestination&& place) {
    return pipeline::export_to(place, sdk, study_key, {config.manifest_path, config.report_path}, around.clock);
  };
  if (config.layout.name == LayoutName::forms) return export_into(FormsDestination(sdk, config, around));
  return export_into(RecordsDestination(sdk, config, around));
}

ExportReport export_to_snowflake_with_report(const ImednetSDK& sdk, std::string_view study_key, const SnowflakeSinkConfig& config) {
  return export_study(sdk, study_key, config, {});
}

RowCount export_to_snowflake(const ImednetSDK& sdk, std::string_view study_key, const SnowflakeSinkConfig& config) {
  return export_to_snowflake_with_report(sdk, study_key, config).rows_loaded;
}

}  // namespace imednet::integrations
