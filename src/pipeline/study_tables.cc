#include "pipeline/study_tables.h"

namespace imednet::pipeline {

using sinks::sql::SqlLoader;
using sinks::sql::TableName;
using sinks::sql::TableWork;

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
  if (choice.name != integrations::LayoutName::forms) return;
  forms_.emplace(sdk, study_, choice, table::NameRule{.bytes = dialect.name_bytes});
  form_tables_.emplace(*forms_, study_, table_, dialect_);
}

std::vector<SqlLoader::Target> StudyTables::targets(const sinks::sql::Catalog& there) {
  if (!forms_) return {{table_, &table::records_layout()}};
  return form_tables_->look(there);
}

void StudyTables::stage(const StagedStudy& staged, std::int64_t batch_size, const std::filesystem::path& waiting,
                        const std::filesystem::path& folder, const std::stop_token& stop) {
  if (!forms_) return;
  const auto here = [&](const std::string&) { return folder; };
  const auto table_of = [this](const table::FormLayout& form, std::size_t part) { return form_tables_->part_table(form, part).name(); };
  forms_->stage(staged, batch_size, {.waiting = waiting, .of_form = here, .of_dimension = here, .table_of = table_of}, stop);
  forms_->require_same_blinding();
}

std::vector<TableWork> StudyTables::works(const StagedStudy& staged) const {
  if (forms_) return form_tables_->works();
  return {{table_, &table::records_layout(), staged.read_of(study_)}};
}

std::vector<sinks::sql::SplitForm> StudyTables::splits() const {
  return form_tables_ ? form_tables_->splits() : std::vector<sinks::sql::SplitForm>();
}

FormRows StudyTables::rows(const StagedStudy& staged) const { return forms_ ? forms_->rows() : staged.forms; }

}  // namespace imednet::pipeline
