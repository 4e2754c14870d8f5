#include "pipeline/reconciliation.h"

#include <fmt/format.h>

namespace imednet::pipeline {
namespace {

using integrations::ExportReport;
using integrations::FormReport;

constexpr std::string_view kApi = "iMednet: the list's total, asked after reading";
constexpr std::string_view kReader = "this program, record by record";
constexpr std::string_view kFooters = "the Parquet files: their footers, read back";
constexpr std::string_view kAnswers = "Snowflake: its answers to COPY, MERGE and INSERT, and the ledger";
constexpr std::string_view kCursor = "Snowflake: SELECT COUNT(*) in the run whose result still stands";

struct Title {
  std::string_view destination, title;
};
constexpr Title kTitles[] = {{"snowflake", "Snowflake"}, {"duckdb", "DuckDB"}, {"sqlite", "SQLite"}, {"postgresql", "PostgreSQL"}};

std::string_view title_of(const ExportReport& report) {
  for (const auto& [destination, title] : kTitles) {
    if (destination == report.destination) return title;
  }
  return report.destination;
}

// Who says what became of the rows in the files, and how many there are now.
std::string answers_of(const ExportReport& report) {
  if (report.destination == "snowflake") return std::string(kAnswers);
  return fmt::format("{}: SELECT COUNT(*) on what was handed over and written, and the ledger", title_of(report));
}
std::string table_of(const ExportReport& report) { return fmt::format("{}: SELECT COUNT(*) on the table", title_of(report)); }

// A table that rows are only appended to may hold more than the API.
bool is_mirror(const ExportReport& report) { return report.method != "append"; }

Count count(std::string_view what, std::string_view by, std::int64_t rows) { return {std::string(what), std::string(by), rows}; }

void require(const std::vector<Agreement>& agreements) {
  for (const auto& [left, right] : agreements) {
    if (left.rows == right.rows) continue;
    throw errors::ExportError(
        fmt::format("cannot trust the export: {} is {} and {} is {}", left.what, left.rows, right.what, right.rows),
        {.code = errors::ErrorCode::counts_differ, .hint = "run again; if it stays, report it with the run's .run.json"});
  }
}

}  // namespace

Reconciliation reconcile(const ExportReport& report, Counted counted) {
  Reconciliation found;
  if (counted == Counted::nothing) return found;
  const bool is_partial = !report.since.empty(), is_unchanged = !report.unchanged_since_run.empty();
  found.totals.push_back({count(is_partial ? "records that changed" : "records the API holds", kApi, report.rows_expected),
                          count("records read", kReader, report.rows_read)});
  if (counted == Counted::reading) return found;
  found.totals.push_back({count("records read", kReader, report.rows_read),
                          report.rows_left_out == 0
                              ? count("rows in the files", kFooters, report.rows_staged)
                              : count("rows in the files, and records left out", kFooters, report.rows_staged + report.rows_left_out)});
  if (counted == Counted::staged || report.method == "files") return found;  // of a folder only the files count
  found.totals.push_back({count("rows in the files", kFooters, report.rows_staged),
                          count("rows written, left as they were, or in already", answers_of(report),
                                report.rows_loaded + report.rows_unchanged + report.rows_twice + report.rows_skipped)});
  if (counted == Counted::loaded || !is_mirror(report)) return found;
  const Count live =
      count("live rows of the study in the table", is_unchanged ? std::string(kCursor) : table_of(report), report.rows_in_target);
  if (is_partial) {
    found.totals.push_back({count("records the API holds", kApi, report.rows_in_api), live});
    return found;
  }
  found.totals.push_back({count("rows in the files, each record once", kFooters, report.rows_staged - report.rows_twice), live});
  // Nobody knows of which form the rows were that were left out, and nobody counted forms in a table that was left alone.
  if (report.rows_twice > 0 || is_unchanged) return found;
  for (const FormReport& form : report.forms) {
    const std::string name = form.form_key.empty() ? "(none)" : form.form_key;
    found.forms.push_back({count(fmt::format("records of form {}", name), kReader, form.rows_read),
                           count("its live rows in the table", table_of(report), form.rows_in_target)});
  }
  return found;
}

void require_reconciled(const Reconciliation& reconciliation) {
  require(reconciliation.totals);
  require(reconciliation.forms);
}

}  // namespace imednet::pipeline
