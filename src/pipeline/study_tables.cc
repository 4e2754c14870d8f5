#include "pipeline/study_tables.h"

#include "pipeline/form_tables.h"

namespace imednet::pipeline {

using sinks::StudyRead;
using sinks::sql::SqlLoader;
using sinks::sql::TableName;
using sinks::sql::TableWork;

namespace {

void add_work(std::vector<TableWork>& works, TableName table, const table::Layout& layout, StudyRead read,
              const std::vector<staging::StagedFile>& files) {
  for (const staging::StagedFile& file : files) {
    if (file.rows > 0) read.files.push_back(&file);
  }
  works.push_back({std::move(table), &layout, std::move(read)});
}

}  // namespace

sinks::sql::LoaderSettings loader_settings(const integrations::TableLoad& load) {
  return {.mode = load.mode,
          .idempotent = load.idempotent,
          .allow_duplicates = load.allow_duplicates,
          .allow_shrink = load.allow_shrink,
          .create_table = load.create_table,
          .retry = {.max_retries = load.max_retries, .backoff = load.retry_backoff},
          .stop = load.stop};
}

StudyTables::StudyTables(const ImednetSDK& sdk, std::string study, TableName table, const sinks::sql::Dialect& dialect,
                         const integrations::LayoutChoice& choice)
    : study_(std::move(study)), table_(std::move(table)), dialect_(dialect) {
  if (choice.name == integrations::LayoutName::forms) forms_.emplace(sdk, study_, choice, table::NameRule{.bytes = dialect.name_bytes});
}

std::vector<SqlLoader::Target> StudyTables::targets() const {
  std::vector<SqlLoader::Target> targets;
  if (!forms_) return {{table_, &table::records_layout()}};
  require_own_tables(*forms_, study_, [this](const std::string& suffix) { return table_of(suffix).name(); });
  for (const table::FormLayout* form : forms_->wanted()) {
    if (!form->form_key().empty()) targets.emplace_back(table_of(table_suffix(*form)), &form->layout());
  }
  return targets;
}

void StudyTables::stage(const StagedStudy& staged, std::int64_t batch_size, const std::filesystem::path& waiting,
                        const std::filesystem::path& folder, const std::stop_token& stop) {
  if (!forms_) return;
  const auto here = [&](const std::string&) { return folder; };
  forms_->stage(staged, batch_size, {.waiting = waiting, .of_form = here, .of_dimension = here}, stop);
  forms_->require_same_blinding();
}

std::vector<TableWork> StudyTables::works(const StagedStudy& staged) const {
  if (!forms_) return {{table_, &table::records_layout(), staged.read_of(study_)}};
  std::vector<TableWork> works;
  for (const FormFiles& form : forms_->forms())
    add_work(works, table_of(table_suffix(*form.form)), form.form->layout(), {.study = study_, .files = {}, .forms = form.rows},
             form.files);
  for (const DimensionFile& dimension : forms_->dimensions()) {
    add_work(works, table_of(table_suffix(dimension.name)), *dimension.layout, {.study = study_, .files = {}, .forms = {}},
             dimension.files);
  }
  return works;
}

FormRows StudyTables::rows(const StagedStudy& staged) const {
  if (!forms_) return staged.forms;
  FormRows rows;
  for (const FormFiles& form : forms_->forms()) rows.insert(form.rows.begin(), form.rows.end());
  return rows;
}

}  // namespace imednet::pipeline
