#include "sinks/snowflake/load_ledger.h"

#include <fmt/format.h>

#include <algorithm>

#include "sinks/snowflake/merge_statements.h"

namespace imednet::sinks::snowflake {
namespace {
constexpr std::size_t kRowsAStatement = 1000;
}

void LoadLedger::prepare() {
  if (!ledger_) return;
  try {
    if (!creation_time(session_, *ledger_)) session_.run(create_ledger(*ledger_), "ledger-create");
  } catch (const ImednetError& error) {
    if (error.code() == errors::ErrorCode::cancelled) throw;
    throw errors::ExportConfigurationError(
        fmt::format("cannot make the ledger table {}: {}", ledger_->text(), error.what()),
        {.code = error.code(),
         .hint = fmt::format("ask for: {}; or use --ledger-schema, or --ledger none", grant_to_create(*ledger_)),
         .origin = error.origin()});
  }
}

bool LoadLedger::is_there() { return !ledger_ || creation_time(session_, *ledger_).has_value(); }

LoadedFiles LoadLedger::files_in(const TargetState& target, std::string_view study) {
  LoadedFiles files;
  if (!ledger_) return files;
  const db::Answer answer = session_.run(ledger_entries(*ledger_, target_.text(), target.created, study), "ledger-read");
  for (std::size_t row = 0; row < answer.rows.size(); ++row) {
    files[answer.at(row, "FILE_PATH").value_or("")] = {answer.at(row, "BATCH_ID").value_or(""), answer.at(row, "HASH").value_or(""),
                                                       answer.at(row, "SHA256").value_or(""),   answer.number(row, "ROW_COUNT"),
                                                       answer.number(row, "FIRST_RECORD_ID"),   answer.number(row, "LAST_RECORD_ID")};
  }
  return files;
}

std::vector<std::pair<std::string, std::string>> LoadLedger::tables_of(std::string_view study, std::string_view layout) {
  std::vector<std::pair<std::string, std::string>> tables;
  if (!ledger_ || !is_there()) return tables;
  const db::Answer answer = session_.run(ledger_tables(*ledger_, study, layout), "ledger-read");
  for (std::size_t row = 0; row < answer.rows.size(); ++row)
    tables.emplace_back(answer.at(row, "TARGET_TABLE").value_or(""), answer.at(row, "BATCH_ID").value_or(""));
  return tables;
}

void LoadLedger::record(std::span<const LedgerEntry> entries) {
  if (!ledger_) return;
  for (std::size_t start = 0; start < entries.size(); start += kRowsAStatement) {
    session_.run(insert_ledger(*ledger_, entries.subspan(start, std::min(kRowsAStatement, entries.size() - start))), "ledger-insert");
  }
}

void LoadLedger::supersede(std::string_view study, std::string_view run_id) {
  if (ledger_) session_.run(supersede_ledger(*ledger_, target_.text(), study, run_id), "ledger-supersede");
}

void LoadLedger::supersede(std::string_view study, std::span<const std::string> paths, std::string_view run_id) {
  if (!ledger_) return;
  for (std::size_t start = 0; start < paths.size(); start += kRowsAStatement) {
    const auto some = paths.subspan(start, std::min(kRowsAStatement, paths.size() - start));
    session_.run(supersede_files(*ledger_, target_.text(), study, some, run_id), "ledger-supersede");
  }
}

}  // namespace imednet::sinks::snowflake
