// former_statements.cc: what a run that is no more may have left at work in the warehouse.
#include <fmt/format.h>

#include "core/retry.h"
#include "imednet/errors.h"
#include "imednet/retry.h"
#include "sinks/snowflake/lease.h"

namespace imednet::sinks::snowflake {
namespace {

constexpr int kLooksBeforeCancel = 3;
constexpr int kLooks = 8;

std::vector<std::string> at_work(const LeaseDeps& deps, const Identifier& database, const std::string& run_id) {
  db::Answer answer;
  deps.attempt("former", [&] { answer = deps.run(statements_at_work(database, run_id), "former"); });
  std::vector<std::string> ids;
  for (std::size_t row = 0; row < answer.rows.size(); ++row) ids.push_back(answer.at(row, "QUERY_ID").value_or(""));
  return ids;
}

}  // namespace

void settle_statements_of(const LeaseDeps& deps, const Identifier& database, const std::string& run_id,
                          std::chrono::milliseconds first_wait) {
  if (run_id.empty()) return;
  const RetryPolicy waits{.backoff = first_wait};
  for (int look = 0; look < kLooks; ++look) {
    const std::vector<std::string> ids = at_work(deps, database, run_id);
    if (ids.empty()) return;
    if (look == kLooksBeforeCancel) {
      for (const std::string& id : ids) deps.attempt("former-cancel", [&] { deps.run(cancel_statement(id), "former-cancel"); });
    }
    if (!deps.clock.get().sleep(waits.wait_after(look), deps.stop)) core::throw_cancelled();
  }
  if (at_work(deps, database, run_id).empty()) return;
  throw errors::ExportError(
      fmt::format("cannot load: a statement of run {}, which is no more, is still at work and can't be stopped", run_id),
      {.code = errors::ErrorCode::in_doubt,
       .hint = "run again as it is, later",
       .retry = errors::RetryClass::reconcile,
       .origin = {.system = "snowflake"}});
}

}  // namespace imednet::sinks::snowflake
