#include "pipeline/doctor_trial.h"

#include <fmt/format.h>

#include "core/run_id.h"
#include "imednet/models.h"
#include "sinks/snowflake/copy_answer.h"
#include "sinks/snowflake/stage_listing.h"
#include "sinks/snowflake/stage_tidying.h"
#include "sinks/snowflake/target.h"
#include "staging/record_stager.h"

namespace imednet::pipeline {
namespace {

using errors::ErrorCode;
using sinks::snowflake::Identifier;
using sinks::snowflake::ObjectName;
using sinks::snowflake::records_shape;
using sinks::snowflake::StageDirectory;
using sinks::snowflake::TableKind;

constexpr const char* kMadeUpStudy = "IMEDNET_DOCTOR";

// A table's name that nobody else has.
ObjectName own_table(const ObjectName& beside, std::string_view run_id, std::string_view ending) {
  return {beside.database(), beside.schema(), Identifier::own(fmt::format("IMEDNET_DOCTOR_{}{}", core::table_suffix(run_id), ending))};
}

staging::StagedFile stage_made_up_record(const std::filesystem::path& folder, const std::string& run_id) {
  staging::BatchStager stager(folder, fmt::format("{}/records/0", kMadeUpStudy), kMadeUpStudy);
  Record record;
  record.study_key = kMadeUpStudy;
  record.record_id = 1;
  record.record_data = fmt::format(R"({{"run":"{}"}})", run_id);
  record.raw = "{}";
  stager.append(record);
  return stager.finish();
}

[[noreturn]] void throw_differ(const std::string& message) {
  throw errors::ExportError(
      message, {.code = ErrorCode::counts_differ, .hint = "report it with the lines above", .origin = {.system = "snowflake"}});
}

}  // namespace

TrialLoad::TrialLoad(sinks::snowflake::Session& session, const StageDirectory& directory, const ObjectName& table, std::string run_id,
                     std::filesystem::path temporary)
    : session_(session),
      table_(table),
      trial_(own_table(table, run_id, "_TRIAL")),
      run_id_(std::move(run_id)),
      temporary_(std::move(temporary)),
      transfer_(
          session,
          {StageDirectory(directory.stage(), directory.path_of(std::string(sinks::snowflake::kDoctorFolder) + run_id_)), false, temporary_},
          [](std::string_view, const std::function<void()>& action) { action(); }) {}

Finding TrialLoad::put() {
  transfer_.require_put_allowed();
  file_ = stage_made_up_record(temporary_ / "staging", run_id_);
  has_put_ = true;
  transfer_.upload({&*file_}, {}, [](std::int64_t) {});
  return {.detail = fmt::format("PUT of {} bytes, and LIST shows them", file_->bytes)};
}

Finding TrialLoad::copy() {
  has_trial_ = true;
  ask(create_target(trial_, records_shape(), TableKind::temporary));
  const std::string relative = transfer_.relative(*file_);
  const std::string path = transfer_.path(*file_);
  const db::Answer answer = ask(copy_into(trial_, records_shape(), transfer_.directory(), std::span(&relative, 1), run_id_, false));
  const auto copied = sinks::snowflake::read_copy_answer(answer, {path});
  if (copied.size() != 1 || copied.begin()->second.rows_loaded != 1) throw_differ("cannot COPY: it loaded no row of a file with one");
  const db::Answer facts = ask(file_facts(trial_, records_shape(), std::span(&path, 1), run_id_));
  if (facts.rows.size() != 1 || facts.number(0, "ROW_COUNT") != 1) throw_differ("cannot COPY: the table does not show the row it loaded");
  return {.detail = "one row into a temporary table, and it is there"};
}

Finding TrialLoad::insert_nothing() {
  ask(delete_study(trial_, kMadeUpStudy));
  ask(insert_all_from(table_, trial_, records_shape()));
  return {.detail = fmt::format("the role may write to {} (no row was written)", table_.text())};
}

void TrialLoad::make_table(const ObjectName& wanted) {
  const ObjectName& name = made_.emplace_back(own_table(wanted, run_id_, fmt::format("_MADE_{}", made_.size())));
  try {
    ask(create_target(name, records_shape(), TableKind::transient));
  } catch (const ImednetError& error) {
    if (error.code() == ErrorCode::cancelled) throw;
    throw errors::ExportConfigurationError(fmt::format("cannot make the table {}: {}", wanted.text(), error.what()),
                                           {.code = error.code(), .hint = "ask for: " + grant_to_create(wanted), .origin = error.origin()});
  }
  ask(drop_table(name));
}

Finding TrialLoad::clean_up() {
  std::vector<ObjectName> tables = made_;
  if (has_trial_) tables.push_back(trial_);
  for (const ObjectName& name : tables) ask(drop_table(name));
  if (has_put_) {
    ask(remove_file(transfer_.directory(), transfer_.relative(*file_)));
    if (!list_files(session_, transfer_.directory()).empty())
      throw_differ(fmt::format("cannot clean up: files are left below {}", transfer_.directory().sql()));
  }
  for (const ObjectName& name : tables) {
    if (creation_time(session_, name)) throw_differ(fmt::format("cannot clean up: {} is left", name.text()));
  }
  return {.detail = "nothing is left on the stage, no table is left"};
}

}  // namespace imednet::pipeline
