// loader_temporary.cc: loads that must be all or nothing: into a temporary table first, then one transaction.
#include <fmt/format.h>

#include "sinks/snowflake/loader.h"
#include "sinks/snowflake/snowflake_errors.h"

namespace imednet::sinks::snowflake {

using errors::ErrorCode;
using errors::RetryClass;

void Loader::load_through_temporary(const std::string& study, const Files& files, const LoadedFiles& known, bool replaces_study) {
  std::int64_t done = 0;
  const auto all = static_cast<std::int64_t>(files.size());
  transfer_.upload(files, known, [&] {
    if (hooks_.on_step) hooks_.on_step("uploading", ++done, all);
  });
  std::string suffix;
  for (const char c : run_id_) {
    if (c != '-') suffix.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  const ObjectName temporary(table_.database(), table_.schema(), Identifier::own("IMEDNET_TMP_" + suffix));
  // All DDL stands before BEGIN: in Snowflake it would commit an open transaction.
  session_.run(create_temporary_like(temporary, table_), "temporary");
  done = 0;
  for (const Files& group : in_groups(files)) {
    if (hooks_.on_step) hooks_.on_step("loading", done, all);
    copy_group(temporary, group, true);
    require_counts(temporary, group, true);
    done += static_cast<std::int64_t>(group.size());
  }
  if (hooks_.on_step) hooks_.on_step("verifying", all, all);
  attempt("replace", [&] { commit_temporary(study, temporary, files, replaces_study); });
  session_.run(drop_table(temporary), "temporary");
  for (const Files& group : in_groups(files)) require_counts(table_, group, true);
  for (const staging::StagedFile* file : files) {
    if (hooks_.on_outcome) hooks_.on_outcome({file, FileStatus::loaded, file->rows});
  }
}

void Loader::commit_temporary(const std::string& study, const ObjectName& temporary, const Files& files, bool replaces_study) {
  bool is_committing = false;
  try {
    session_.run(begin_transaction(), "begin");
    if (replaces_study) session_.run(delete_study(table_, study), "delete");
    session_.run(insert_all_from(table_, temporary), "insert");
    if (replaces_study) ledger_.supersede(study, run_id_);
    remember(study, files);
    is_committing = true;
    session_.run(commit_transaction(), "commit");
  } catch (const ImednetError& error) {
    if (is_committing && error.retry_class() != RetryClass::never) {
      // COMMIT's answer was lost: the rows of this run are there or not, together.
      if (settle_failed_copy(table_, files, error)) return;
    } else {
      roll_back();
    }
    if (error.code() == ErrorCode::cancelled) throw;
    if (is_session_lost(error)) throw_temporary_lost(*files.front(), error);
    throw_for(*files.front(), fmt::format("cannot write the rows of study {}: {} (nothing was changed)", study, error.what()),
              error.detail());
  }
}

void Loader::roll_back() {
  try {
    session_.run(rollback_transaction(), "rollback");
  } catch (const ImednetError&) {
    // The session is gone, and with it the transaction.
  }
}

}  // namespace imednet::sinks::snowflake
