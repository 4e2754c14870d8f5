// export_parquet.cc: a whole study, from the API's pages to a folder of files.
#include <chrono>
#include <optional>
#include <string>

#include "api/client.h"
#include "core/clock.h"
#include "core/temporary_directory.h"
#include "imednet/integrations/parquet.h"
#include "pipeline/form_study.h"
#include "pipeline/reconciliation.h"
#include "pipeline/report_counts.h"
#include "pipeline/run_steps.h"
#include "pipeline/study_reading.h"
#include "pipeline/write_mode.h"
#include "sinks/parquet/hive_path.h"
#include "sinks/parquet/parquet_folder.h"

namespace imednet::integrations {
namespace {

using sinks::parquet::FolderContent;
using sinks::parquet::hive_part;
using sinks::parquet::ParquetFolder;

// What one export holds from its first to its last breath.
class ParquetExport {
 public:
  ParquetExport(const ImednetSDK& sdk, std::string_view study, const ParquetConfig& config)
      : sdk_(sdk), config_(config), steps_(config.on_progress, clock_), folder_(config.directory) {
    report_.study = pipeline::required_study(study);
    report_.started_at = core::format_utc(clock_.utc_now());
    report_.destination = "parquet";
    report_.mode = "replace";
    report_.method = "files";
    report_.table = folder_.target().string();
  }

  ExportReport run() {
    const auto started = clock_.now();
    const std::int64_t retries_before = sdk_.client()->retries();
    if (config_.layout.name == LayoutName::forms) begin_forms();
    report_.rereads = pipeline::read_study(host(), sdk_, report_.study, staged_, [&] { stage(); });
    pipeline::require_reconciled(pipeline::reconcile(report_, pipeline::Counted::staged));
    report_.reconciled = true;
    steps_.enter("publishing", staged_.proof);
    folder_.publish(content());
    report_.rows_loaded = report_.rows_staged;
    steps_.take(report_);
    report_.retries = sdk_.client()->retries() - retries_before;
    report_.finished_at = core::format_utc(clock_.utc_now());
    report_.seconds = std::chrono::duration<double>(clock_.now() - started).count();
    return report_;
  }

 private:
  // Records wait elsewhere until they are typed, so that only what is to be seen comes into the folder.
  void begin_forms() {
    steps_.enter("preparing", 0, 0);
    waiting_.emplace(core::temporary_root(), "imednet-export");
    forms_.emplace(sdk_, report_.study, config_.layout);
  }

  pipeline::ReadingHost host() {
    return {.directory = waiting_ ? waiting_->path() : folder_.staging(),
            .batch_size = static_cast<std::int64_t>(config_.batch_size),
            .connections = config_.connections,
            .stop = config_.stop,
            .on_progress = [this](std::string_view step, const api::ReadProof& so_far) { steps_.enter(step, so_far); },
            .beat = [] {}};
  }

  void stage() {
    pipeline::take_reading(report_, staged_);
    if (!forms_) return;
    pipeline::require_reconciled(pipeline::reconcile(report_, pipeline::Counted::staged));
    steps_.enter("typing", staged_.proof);
    const std::string study_part = hive_part("study_key", report_.study);
    const auto study = folder_.staging() / study_part;
    forms_->stage(staged_, static_cast<std::int64_t>(config_.batch_size),
                  {.waiting = waiting_->path(),
                   .of_form = [&](const std::string& key) { return study / hive_part("form_key", key); },
                   .of_dimension = [&](const std::string& name) { return folder_.staging() / "_dimensions" / name / study_part; }},
                  config_.stop);
    forms_->require_same_blinding();
    forms_->describe(report_);
  }

  FolderContent content() {
    FolderContent content{.study = report_.study, .layout = &table::records_layout()};
    if (!forms_) {
      content.parts.push_back({.files = &staged_.files});
      return content;
    }
    for (const pipeline::FormFiles& form : forms_->forms()) {
      content.layout = &form.form->layout();
      content.parts.push_back({.about = {{"form_key", form.form->form_key()}}, .files = &form.files});
    }
    for (const pipeline::DimensionFile& dimension : forms_->dimensions()) {
      content.parts.push_back({.about = {{"dimension", dimension.name}}, .files = &dimension.files, .counts = false});
    }
    return content;
  }

  const ImednetSDK& sdk_;
  const ParquetConfig& config_;
  core::Clock& clock_ = core::system_clock();
  ExportReport report_;
  pipeline::RunSteps steps_;
  ParquetFolder folder_;
  std::optional<core::TemporaryDirectory> waiting_;
  std::optional<pipeline::FormStudy> forms_;
  pipeline::StagedStudy staged_;
};

}  // namespace

ExportReport export_to_parquet(const ImednetSDK& sdk, std::string_view study_key, const ParquetConfig& config) {
  return ParquetExport(sdk, study_key, config).run();
}

}  // namespace imednet::integrations
