// doctor_trial.h: a load of one made-up record that touches no table of anybody: file on the stage, temporary table, COPY.
//
// Promise: everything is below <prefix>/doctor-<run id>/ and in tables named IMEDNET_DOCTOR_<run id>_…; clean_up() removes it and
//          looks again.
// Errors:  as an export's own steps.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/check_list.h"
#include "sinks/snowflake/connection_check.h"
#include "sinks/snowflake/session.h"
#include "sinks/snowflake/stage_transfer.h"
#include "staging/staged_file.h"

namespace imednet::pipeline {

class TrialLoad {
 public:
  // `table`: the export's target. Nothing is sent before the first call.
  TrialLoad(sinks::snowflake::Session& session, const sinks::snowflake::StageDirectory& directory,
            const sinks::snowflake::ObjectName& table, std::string run_id, std::filesystem::path temporary);

  // PUTs a file and finds it by LIST.
  Finding put();
  // Makes the temporary table, COPYs the file into it, counts. put() has worked.
  Finding copy();
  // Inserts no rows into the target from the temporary table: asks for the right alone. copy() has worked.
  Finding insert_nothing();
  // Makes a table under a name of its own where `wanted` is to be, and drops it.
  void make_table(const sinks::snowflake::ObjectName& wanted);
  // Throws counts_differ when something is still there.
  Finding clean_up();

 private:
  db::Answer ask(const sinks::snowflake::SqlText& sql) { return session_.run(sql, "doctor"); }

  sinks::snowflake::Session& session_;
  sinks::snowflake::ObjectName table_, trial_;
  std::vector<sinks::snowflake::ObjectName> made_;
  std::string run_id_;
  std::filesystem::path temporary_;
  sinks::snowflake::StageTransfer transfer_;
  std::optional<staging::StagedFile> file_;
  bool has_put_ = false, has_trial_ = false;
};

}  // namespace imednet::pipeline
