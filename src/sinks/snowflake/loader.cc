#include "sinks/snowflake/loader.h"

#include <fmt/format.h>

#include "sinks/snowflake/lease_statements.h"
#include "sinks/snowflake/merge_statements.h"

namespace imednet::sinks::snowflake {
using errors::ErrorDetail;

std::vector<Files> in_groups(const Files& files) {
  std::vector<Files> groups;
  for (auto first = files.begin(); first != files.end();) {
    const auto last = files.end() - first > static_cast<std::ptrdiff_t>(kFilesACopy) ? first + kFilesACopy : files.end();
    groups.emplace_back(first, last);
    first = last;
  }
  return groups;
}

Loader::Loader(Connection& shared, ObjectName table, const TableShape& shape)
    : shared_(shared),
      config_(shared.config()),
      names_(shared.names()),
      run_id_(shared.run_id()),
      clock_(shared.clock()),
      hooks_(shared.hooks()),
      session_(shared.session()),
      transfer_(shared.transfer()),
      table_(std::move(table)),
      shape_(shape),
      ledger_(session_, config_.use_ledger ? std::optional(names_.ledger) : std::nullopt, table_) {}

void Loader::prepare() {
  if (is_prepared_) return;
  attempt("prepare", [this] { target_ = prepare_target(session_, table_, shape_, config_); });
  attempt("prepare", [this] { ledger_.prepare(); });
  is_prepared_ = true;
}

void Loader::look() {
  attempt("prepare", [this] {
    if (creation_time(session_, table_)) {
      columns_to_add(session_, table_, shape_, config_);
    } else {
      require_may_create(table_, config_);
    }
  });
}

bool Loader::is_there() {
  bool is_there = false;
  attempt("prepare", [&] { is_there = creation_time(session_, table_).has_value(); });
  return is_there;
}

std::vector<std::pair<std::string, std::string>> Loader::tables_of(const std::string& study, std::string_view layout) {
  std::vector<std::pair<std::string, std::string>> tables;
  attempt("ledger", [&] { tables = ledger_.tables_of(study, layout); });
  return tables;
}

std::vector<std::string> Loader::paths(const Files& files) const {
  std::vector<std::string> all;
  all.reserve(files.size());
  for (const staging::StagedFile* file : files) all.push_back(transfer_.path(*file));
  return all;
}

std::string Loader::stage_path(const staging::StagedFile& file) const {
  return transfer_.directory().display(transfer_.relative(file), config_.stage);
}

std::string Loader::remove_statement(const staging::StagedFile& file) const { return fmt::format("REMOVE {};", stage_path(file)); }

FormRows Loader::count_forms(const std::string& study) {
  FormRows forms;
  if (!shape_.holds_records()) return forms;
  const db::Answer answer = session_.run(form_rows(table_, study), "count");
  for (std::size_t row = 0; row < answer.rows.size(); ++row) {
    forms[answer.at(row, "FORM_KEY").value_or("")] = answer.number(row, "ROW_COUNT");
  }
  return forms;
}

StudyState Loader::count_study(const std::string& study) {
  const db::Answer answer = session_.run(study_state(table_, shape_, study, run_id_), "count");
  return {answer.number(0, "ROW_COUNT"), answer.number(0, "LIVE_ROWS"), answer.number(0, "LIVE_IDS"), answer.number(0, "RUN_ROWS")};
}

FormRows Loader::forms_of(const std::string& study) {
  FormRows forms;
  attempt("count", [&] { forms = count_forms(study); });
  return forms;
}

StudyState Loader::state_of(const std::string& study) {
  StudyState state;
  attempt("count", [&] { state = count_study(study); });
  return state;
}

LoadPlan Loader::make_plan(const StudyRead& read, bool has_ledger) {
  LoadedFiles known;
  if (has_ledger) attempt("ledger", [&] { known = ledger_.files_in(target_, read.study); });
  LoadPlan plan = compare(read, std::move(known), [this](const staging::StagedFile& file) { return transfer_.path(file); });
  plan.there = state_of(read.study);
  return plan;
}

std::string Loader::statement_tag(const staging::StagedFile& file) const {
  const auto tag = copy_tags_.find(file.batch_id);
  return tag == copy_tags_.end() ? "" : tag->second;
}

std::string Loader::checksum(const staging::StagedFile& file) const {
  const auto found = checksums_.find(transfer_.path(file));
  return found == checksums_.end() ? "" : found->second;
}

std::optional<ObjectName> Loader::leases() const {
  const auto& ledger = ledger_.name();
  if (!ledger) return std::nullopt;
  return leases_beside(*ledger);
}

CursorTable Loader::cursor_of(const std::string& study) { return {shared_.lease_deps(), names_.ledger, study, table_}; }

bool Loader::has_all_columns() {
  bool has_all = false;
  attempt("describe", [&] { has_all = columns_to_add(session_, table_, shape_, config_).empty(); });
  return has_all;
}

// Only of the `records` layout runs leave cursors.
void Loader::set_cursor_aside(const std::string& study) {
  if (&shape_ != &records_shape() || cursors_aside_.contains(study)) return;
  cursor_of(study).set_aside(ledger_.is_used());
  cursors_aside_.insert(study);
}

LedgerEntry Loader::entry(const std::string& study, const staging::StagedFile& file) const {
  return {.target = table_.text(),
          .target_created = target_.created,
          .study = study,
          .layout = std::string(shape_.layout().name),
          .batch_id = file.batch_id,
          .hash = file.content_hash,
          .file_path = transfer_.path(file),
          .sha256 = file.sha256,
          .run_id = run_id_,
          .statement_tag = statement_tag(file),
          .rows = file.rows,
          .first_record_id = file.first_record_id,
          .last_record_id = file.last_record_id};
}

void Loader::remember(const std::string& study, const Files& files) {
  std::vector<LedgerEntry> entries;
  for (const staging::StagedFile* file : files) entries.push_back(entry(study, *file));
  ledger_.record(entries);
}

void Loader::throw_for(const staging::StagedFile& file, const std::string& message, ErrorDetail detail) const {
  throw errors::ExportBatchError(message, file.batch_id, std::move(detail));
}

}  // namespace imednet::sinks::snowflake
