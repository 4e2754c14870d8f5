#include "pipeline/snowflake_forms.h"

#include <fmt/format.h>

#include <utility>

#include "pipeline/form_names.h"
#include "pipeline/vanished.h"
#include "staging/batch_names.h"

namespace imednet::pipeline {

using sinks::LoadResult;
using sinks::PlannedLoad;
using sinks::PlannedRead;
using sinks::snowflake::LoadPreview;
using sinks::snowflake::TableShape;

namespace {

void add(LoadPreview& all, const LoadPreview& one, const std::string& table) {
  all.method = sinks::stronger(all.method, one.method);
  all.makes_tables.insert(all.makes_tables.end(), one.makes_tables.begin(), one.makes_tables.end());
  all.makes_ledger = all.makes_ledger || one.makes_ledger;
  for (const std::string& column : one.adds_columns) all.adds_columns.push_back(fmt::format("{}.{}", table, column));
  all.files_in += one.files_in;
  all.files_pending += one.files_pending;
  all.rows_in += one.rows_in;
  all.inserted += one.inserted;
  all.updated += one.updated;
  all.unchanged += one.unchanged;
  all.vanished += one.vanished;
  for (const auto& [form, rows] : one.before) all.before[form] += rows;
  if (!all.refusal) all.refusal = one.refusal;
}

}  // namespace

SnowflakeForms::SnowflakeForms(sinks::snowflake::ExportRun& run, const ImednetSDK& sdk, std::string study)
    : run_(run), sdk_(sdk), study_(std::move(study)), forms_(sdk, study_, run.config().layout, kSnowflakeNames) {}

// Without a ledger nobody knows of them.
void SnowflakeForms::find_left() {
  for (const auto& [table, batch_id] : run_.loader().tables_of(study_, table::kFormsLayout)) {
    const auto form_key = staging::form_of_batch(study_, batch_id);
    if (!form_key || forms_.knows(*form_key)) continue;
    const sinks::snowflake::ObjectName name = table_of(form_suffix(*form_key));
    if (name.text() == table && run_.loader_of(name, sinks::snowflake::records_shape())->is_there()) forms_.add_left(*form_key);
  }
}

void SnowflakeForms::look() {
  find_left();
  require_own_tables(forms_, study_, [this](const std::string& suffix) { return table_of(suffix).object().name(); });
  for (const table::FormLayout* form : forms_.wanted()) {
    if (form->form_key().empty()) continue;
    const TableShape shape(form->layout());
    run_.loader_of(table_of(form_suffix(form->form_key())), shape)->look();
  }
}

void SnowflakeForms::add_table(std::string series, const table::Layout& layout, FormRows rows,
                               const std::vector<staging::StagedFile>& files) {
  Table& table = tables_.emplace_back();
  table.series = std::move(series);
  table.shape = std::make_unique<TableShape>(layout);
  table.read = {.study = study_, .files = {}, .forms = std::move(rows)};
  table.loader = run_.loader_of(table_of(suffix_of_series(table.series)), *table.shape);
  for (const staging::StagedFile& file : files) {
    if (file.rows > 0) table.read.files.push_back(&file);
  }
}

void SnowflakeForms::stage(const StagedStudy& staged) {
  const auto folder = [this](const std::string&) { return run_.staging_directory(); };
  forms_.stage(staged, static_cast<std::int64_t>(run_.config().batch_size),
               {.waiting = run_.temporary(), .of_form = folder, .of_dimension = folder, .table_of = table_names(run_.table())},
               run_.config().stop);
  forms_.require_same_blinding();
  require_own_tables(forms_, study_, [this](const std::string& suffix) { return table_of(suffix).object().name(); });
  tables_.clear();
  for (const FormFiles& form : forms_.forms())
    add_table(staging::form_series(form.form->form_key(), 1), form.part->layout, form.rows, form.files);
  for (const DimensionFile& dimension : forms_.dimensions())
    add_table(series_of_dimension(dimension.name), *dimension.layout, {}, dimension.files);
}

void SnowflakeForms::note_files() {
  std::vector<staging::StagedFile> files;
  for (const Table& table : tables_) {
    for (const staging::StagedFile* file : table.read.files) files.push_back(*file);
  }
  run_.study().staged(files);
}

LoadResult SnowflakeForms::load(const StagedStudy& staged, integrations::ExportReport& report) {
  run_.report_step("typing", 0, 0);
  stage(staged);
  forms_.describe(report);
  note_files();
  std::vector<PlannedLoad> loads;
  loads.reserve(tables_.size());
  std::vector<PlannedRead> records;
  for (Table& table : tables_) {
    loads.push_back(table.loader->plan_study(table.read));
    if (table.shape->holds_records()) records.push_back({&table.read, &loads.back()});
  }
  if (!run_.config().allow_shrink) sinks::require_no_shrink(records, run_.table().text(), "snowflake");
  LoadResult all;
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    const LoadResult result = tables_[i].loader->load_planned(
        tables_[i].read, loads[i], [this](std::span<const std::int64_t> ids) { require_gone(sdk_, study_, ids, run_.config().layout); });
    tables_[i].twice = result.twice;
    if (tables_[i].shape->holds_records()) sinks::add_result(all, result);
  }
  return all;
}

LoadPreview SnowflakeForms::preview(const StagedStudy& staged) {
  stage(staged);
  LoadPreview all;
  std::deque<LoadPreview> each;
  std::vector<PlannedRead> records;
  for (Table& table : tables_) {
    if (!table.shape->holds_records()) continue;
    const LoadPreview& one = each.emplace_back(table.loader->preview_alone(table.read));
    records.push_back({&table.read, &one.planned});
    add(all, one, table.loader->table_text());
  }
  try {
    if (!run_.config().allow_shrink && !all.refusal) sinks::require_no_shrink(records, run_.table().text(), "snowflake");
  } catch (const errors::ExportError&) {
    all.refusal = std::current_exception();
  }
  return all;
}

std::vector<ledger::StudyPlan> SnowflakeForms::plans() const {
  std::vector<ledger::StudyPlan> plans;
  for (const Table& table : tables_) {
    ledger::StudyPlan& plan =
        plans.emplace_back(ledger::StudyPlan{study_, table.loader->table_text(), {{run_.run_id(), "", table.twice, {}}}});
    plan.typed = typed_plan(run_.table(), table.series, run_.config().layout, table.shape->layout());
    for (const staging::StagedFile* file : table.read.files) {
      plan.layers.front().files.push_back({file->batch_id, table.loader->stage_path(*file), file->content_hash, file->sha256, file->rows,
                                           file->bytes, file->first_record_id, file->last_record_id});
    }
  }
  return plans;
}

FormRows SnowflakeForms::rows_there() {
  FormRows rows;
  for (Table& table : tables_) {
    if (!table.shape->holds_records()) continue;
    for (const auto& [form, count] : table.loader->forms_of(study_)) rows[form] += count;
  }
  return rows;
}

}  // namespace imednet::pipeline
