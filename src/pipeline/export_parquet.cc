// export_parquet.cc: a whole study into a folder of files.
//
// Where it stands: export_to → this → ParquetFolder.
#include <optional>
#include <string>

#include "core/temporary_directory.h"
#include "imednet/integrations/parquet.h"
#include "pipeline/export_to.h"
#include "pipeline/form_study.h"
#include "pipeline/run_steps.h"
#include "sinks/parquet/hive_path.h"
#include "sinks/parquet/parquet_folder.h"

namespace imednet::integrations {
namespace {

using pipeline::ExportSoFar;
using sinks::parquet::FolderContent;
using sinks::parquet::hive_part;
using sinks::parquet::ParquetFolder;

// A folder that shows all files of a run or none.
class FolderDestination final : public pipeline::StudyDestination {
 public:
  FolderDestination(const ImednetSDK& sdk, const ParquetConfig& config)
      : sdk_(sdk), config_(config), steps_(config.on_progress, clock_), folder_(config.directory) {}

  // Records wait elsewhere until they are typed, so that only what is to be seen comes into the folder.
  void open(ExportReport& report) override {
    study_ = report.study;
    report.destination = "parquet";
    report.mode = "replace";
    report.method = "files";
    report.table = folder_.target().string();
    if (config_.layout.name != LayoutName::forms) return;
    steps_.enter("preparing", 0, 0);
    waiting_.emplace(core::temporary_root(), "imednet-export");
    forms_.emplace(sdk_, study_, config_.layout);
  }

  pipeline::ReadingHost host() override {
    return {.directory = waiting_ ? waiting_->path() : folder_.staging(),
            .batch_size = static_cast<std::int64_t>(config_.batch_size),
            .connections = config_.connections,
            .stop = config_.stop,
            .on_progress = [this](std::string_view step, const api::ReadProof& so_far) { steps_.enter(step, so_far); },
            .beat = [] {}};
  }

  void load(ExportSoFar& so_far) override {
    if (!forms_) return;
    steps_.enter("typing", so_far.staged.proof);
    const std::string study_part = hive_part("study_key", study_);
    const auto study = folder_.staging() / study_part;
    forms_->stage(so_far.staged, static_cast<std::int64_t>(config_.batch_size),
                  {.waiting = waiting_->path(),
                   .of_form = [&](const std::string& key) { return study / hive_part("form_key", key); },
                   .of_dimension = [&](const std::string& name) { return folder_.staging() / "_dimensions" / name / study_part; }},
                  config_.stop);
    forms_->require_same_blinding();
    forms_->describe(so_far.report);
  }

  // Nobody but the files' own footers counts what is in a folder.
  void finish(ExportSoFar& so_far) override {
    ExportReport& report = so_far.report;
    pipeline::require_reconciled(pipeline::reconcile(report, pipeline::Counted::staged));
    report.reconciled = true;
    steps_.enter("publishing", so_far.staged.proof);
    folder_.publish(content(so_far.staged));
    report.rows_loaded = report.rows_staged;
  }

  void take_costs(ExportReport& report) override { steps_.take(report); }

 private:
  FolderContent content(const pipeline::StagedStudy& staged) {
    FolderContent content{.study = study_, .layout = &table::records_layout()};
    if (!forms_) {
      content.parts.push_back({.files = &staged.files});
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
  pipeline::RunSteps steps_;
  ParquetFolder folder_;
  std::string study_;
  std::optional<core::TemporaryDirectory> waiting_;
  std::optional<pipeline::FormStudy> forms_;
};

}  // namespace

ExportReport export_to_parquet(const ImednetSDK& sdk, std::string_view study_key, const ParquetConfig& config) {
  FolderDestination folder(sdk, config);
  return pipeline::export_to(folder, sdk, study_key, {std::nullopt, config.report_path});
}

}  // namespace imednet::integrations
