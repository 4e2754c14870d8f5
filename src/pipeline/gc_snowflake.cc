// gc_snowflake.cc: shows what exports left behind on the stage and on this machine, and removes it when told to.
#include <fmt/format.h>

#include "core/clock.h"
#include "core/run_id.h"
#include "core/temporary_directory.h"
#include "imednet/integrations/tidying.h"
#include "ledger/run_state.h"
#include "pipeline/local_leftovers.h"
#include "sinks/snowflake/endpoint.h"
#include "sinks/snowflake/stage_tidying.h"
#include "sinks/snowflake/target.h"

namespace imednet::integrations {
namespace {

using sinks::snowflake::StageFindings;

// This machine's part of both functions.
class LocalTidying {
 public:
  explicit LocalTidying(const TidyOptions& options)
      : temporary_root_(core::temporary_root()),
        state_directory_(options.state_directory.empty() ? ledger::default_state_folder() : options.state_directory),
        limit_(core::system_clock().utc_now() - options.older_than) {
    if (options.older_than.count() >= 0) return;
    throw errors::ExportConfigurationError("cannot look for leftovers: the age is negative", {.code = errors::ErrorCode::invalid_argument});
  }

  std::string limit() const { return core::format_utc(limit_); }
  std::vector<LocalLeftover> find() const { return pipeline::find_local_leftovers(temporary_root_, state_directory_, limit_); }
  std::int64_t remove(const std::vector<LocalLeftover>& found) const {
    return pipeline::remove_local_leftovers(found, temporary_root_, state_directory_, limit_);
  }

 private:
  std::filesystem::path temporary_root_, state_directory_;
  std::chrono::system_clock::time_point limit_;
};

void take(const StageFindings& findings, Leftovers& all) {
  all.has_stage = true;
  all.has_ledger = findings.has_ledger;
  all.limit = core::format_utc(findings.limit);
  all.kept = findings.shadowed;
  all.other_files = findings.others;
  for (const auto& [file, is_in_ledger] : findings.old) {
    all.stage_files.push_back(
        {.path = file.path, .last_modified = core::format_utc(file.modified), .bytes = file.bytes, .is_in_ledger = is_in_ledger});
  }
}

}  // namespace

TidyReport tidy_snowflake(const SnowflakeSinkConfig& given, const TidyOptions& options,
                          const std::function<bool(const Leftovers&)>& may_remove) {
  const SnowflakeSinkConfig config = sinks::snowflake::with_endpoint(given);
  const LocalTidying local(options);
  sinks::snowflake::ConnectionNames names = sinks::snowflake::check_connection(config);
  // Another prefix than an export's, so that making this folder removes nothing that is to be shown first.
  const core::TemporaryDirectory temporary(core::temporary_root(), "imednet-gc");
  core::Clock& clock = core::system_clock();
  sinks::snowflake::Session session(config, core::make_run_id(clock), temporary.path());
  sinks::snowflake::check_context(session, config, names.directory.stage());
  TidyReport report;
  report.found.stage = fmt::format("@{}", names.directory.stage().text());
  if (!names.directory.prefix().empty()) report.found.stage += "/" + names.directory.prefix();
  report.found.ledger = names.ledger.text();
  sinks::snowflake::StageTidying stage(session, config, std::move(names), clock);
  const StageFindings findings = stage.find(options.older_than);
  take(findings, report.found);
  report.found.local = local.find();
  report.was_removing = may_remove && !report.found.empty() && may_remove(report.found);
  if (report.was_removing) {
    report.stage_files_gone = stage.remove(findings);
    report.local_gone = local.remove(report.found.local);
  }
  session.close();
  return report;
}

TidyReport tidy_local(const TidyOptions& options, const std::function<bool(const Leftovers&)>& may_remove) {
  const LocalTidying local(options);
  TidyReport report;
  report.found.limit = local.limit();
  report.found.local = local.find();
  report.was_removing = may_remove && !report.found.empty() && may_remove(report.found);
  if (report.was_removing) report.local_gone = local.remove(report.found.local);
  return report;
}

}  // namespace imednet::integrations
