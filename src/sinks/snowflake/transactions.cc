#include "sinks/snowflake/transactions.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <vector>

#include "core/digest.h"
#include "core/run_id.h"
#include "imednet/errors.h"
#include "sinks/snowflake/transaction_statements.h"

namespace imednet::sinks::snowflake {
namespace {

constexpr std::string_view kOurs = "IMEDNET_";
constexpr std::size_t kPlaceBytes = 8;

struct Open {
  std::int64_t id = 0, session = 0;
  TransactionOwner owner{};
};

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

// Where pids mean the same process; "0": not known, and then nobody there is known to be dead.
std::string place_of(const core::ProcessIdentity& process) {
  if (process.boot_id.empty() || process.pid_namespace.empty()) return "0";
  core::Sha256 digest;
  digest.update(process.boot_id);
  digest.update("\n");
  digest.update(process.pid_namespace);
  return upper(core::hex(digest.finish(), kPlaceBytes));
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::vector<Open> open_transactions(const LeaseDeps& deps, const OnWarning& on_warning) {
  std::vector<Open> found;
  const core::ProcessIdentity here = deps.this_process();
  try {
    db::Answer answer;
    deps.attempt("transactions", [&] { answer = deps.run(show_transactions(), "transactions"); });
    for (std::size_t row = 0; row < answer.rows.size(); ++row) {
      TransactionOwner owner = owner_of_transaction(upper(answer.at(row, "name").value_or("")), here, deps.liveness_of);
      if (!owner.run.empty()) found.push_back({answer.number(row, "id"), answer.number(row, "session"), std::move(owner)});
    }
  } catch (const ImednetError& error) {
    if (error.code() == errors::ErrorCode::cancelled) throw;
    on_warning(fmt::format("open transactions could not be looked up: {}", error.what()));
  }
  return found;
}

bool end(const LeaseDeps& deps, const Open& open, const SqlText& sql, const OnWarning& on_warning) {
  try {
    deps.attempt("end-former", [&] { deps.run(sql, "end-former"); });
    return true;
  } catch (const ImednetError& error) {
    if (error.code() == errors::ErrorCode::cancelled) throw;
    on_warning(fmt::format("the transaction {} of a run that is no more could not be ended, and its locks stay for up to five minutes: {}",
                           open.id, error.what()));
    return false;
  }
}

}  // namespace

std::string transaction_name(const core::ProcessIdentity& process, std::string_view run_id) {
  return fmt::format("{}{}_{}_{}_{}", kOurs, core::table_suffix(run_id), place_of(process), process.pid, process.started);
}

TransactionOwner owner_of_transaction(std::string_view name, const core::ProcessIdentity& here, const LivenessOf& liveness_of) {
  if (!name.starts_with(kOurs)) return {};
  std::vector<std::string_view> parts;
  for (std::string_view rest = name.substr(kOurs.size());;) {
    const auto end = rest.find('_');
    parts.push_back(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  if (parts.size() != 4 || parts[0].empty()) return {};
  const auto pid = number(parts[2]);
  const auto started = number(parts[3]);
  if (!pid || !started) return {};
  TransactionOwner owner{.run = std::string(parts[0])};
  if (parts[1] == "0" || parts[1] != place_of(here)) return owner;
  owner.liveness = liveness_of({here.host, here.boot_id, here.pid_namespace, *pid, *started});
  return owner;
}

int abort_transactions_of_the_dead(const LeaseDeps& deps, const OnWarning& on_warning) {
  int ended = 0;
  for (const Open& open : open_transactions(deps, on_warning)) {
    if (open.owner.liveness == core::Liveness::dead) ended += end(deps, open, abort_transaction(open.id), on_warning) ? 1 : 0;
  }
  return ended;
}

int end_sessions_of(const LeaseDeps& deps, const std::set<std::string>& run_ids, const OnWarning& on_warning) {
  std::set<std::string> runs;
  for (const std::string& run : run_ids) runs.insert(core::table_suffix(run));
  int ended = 0;
  for (const Open& open : open_transactions(deps, on_warning)) {
    if (runs.contains(open.owner.run)) ended += end(deps, open, abort_session(open.session), on_warning) ? 1 : 0;
  }
  return ended;
}

}  // namespace imednet::sinks::snowflake
