#include "pipeline/report_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/exit_code.h"
#include "core/log.h"
#include "ledger/manifest.h"
#include "pipeline/bar_chart.h"
#include "pipeline/html_text.h"
#include "pipeline/report_style_internal.h"

namespace imednet::pipeline {
namespace {

using errors::ErrorCode;
using integrations::BatchReport;
using integrations::ExportReport;
using integrations::FormReport;
using integrations::StepTime;
using integrations::VariableReport;

constexpr std::size_t kFilesTold = 1'000;
constexpr std::size_t kFormsDrawn = 25;
constexpr std::size_t kVariablesTold = 200;

// Names come from the API: <bdi> keeps letters that run the other way to themselves.
std::string name_text(std::string_view name) { return fmt::format("<bdi>{}</bdi>", html_text(name)); }

std::string form_name(std::string_view key) { return key.empty() ? "(no form)" : std::string(key); }

std::string_view method_text(std::string_view method) {
  if (method == "nothing") return "nothing had changed";
  if (method == "copy") return "a new study, copied straight into the table";
  if (method == "merge") return "merged with what stood in the table";
  if (method == "replace") return "the study's rows were replaced";
  if (method == "files") return "what the folder held was replaced as a whole";
  return "appended to what stood in the table";
}

class Page {
 public:
  Page(const ExportReport& report, Counted counted, const ImednetError* failure)
      : report_(report), counted_(counted), failure_(failure), agreed_(reconcile(report, counted)) {}

  std::string text() {
    begin();
    if (failure_ != nullptr) tell_failure();
    tell_figures();
    tell_reconciliation();
    tell_forms();
    tell_answers();
    tell_times();
    tell_way();
    tell_files();
    tell_notes();
    add("<footer>Written by imednet " IMEDNET_VERSION
        ". Counts only: this page holds no answer of any patient and no record's id. Times are UTC.</footer>\n</main>\n</body>\n</html>\n");
    return std::move(out_);
  }

 private:
  template <class... Values>
  void add(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Values>(values)...);
  }

  void begin() {
    const bool is_good = failure_ == nullptr;
    const std::string_view verdict = is_good ? "Reconciled: every count agrees" : "Failed";
    add("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        "<title>imednet: {} into {}, {}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n",
        html_text(report_.study), html_text(report_.table), is_good ? "reconciled" : "failed", kReportStyle);
    add("<h1>Study {}</h1>\n<p>From iMednet into <strong>{}</strong></p>\n", name_text(report_.study),
        report_.table.empty() ? std::string("a table of Snowflake") : name_text(report_.table));
    add("<p id=\"verdict\" class=\"verdict {}\" role=\"status\">{}</p>\n", is_good ? "good" : "bad", verdict);
    add("<p class=\"quiet\">Run <span data-field=\"run_id\">{}</span>, from <time data-field=\"started_at\">{}</time> to "
        "<time data-field=\"finished_at\">{}</time>, {}. Mode <span data-field=\"mode\">{}</span>",
        report_.run_id.empty() ? "without an id" : html_text(report_.run_id), html_text(report_.started_at), html_text(report_.finished_at),
        duration_text(report_.seconds), html_text(report_.mode));
    if (!report_.method.empty()) add(": {}", method_text(report_.method));
    add(".</p>\n");
    if (!report_.since.empty()) add("<p>Only records changed since {} were read.</p>\n", html_text(report_.since));
    if (!report_.unchanged_since_run.empty())
      add("<p>Nothing had changed since the run {}: no warehouse was used.</p>\n", html_text(report_.unchanged_since_run));
  }

  std::string exit_text() const {
    if (failure_->code() == ErrorCode::cancelled) return "130 after SIGINT, 143 after SIGTERM";
    return std::to_string(core::exit_code_of(*failure_, 0));
  }

  void tell_failure() {
    add("<section class=\"failure\" aria-labelledby=\"failure\">\n<h2 id=\"failure\">What went wrong</h2>\n<p "
        "data-field=\"message\">{}</p>\n",
        html_text(without_record_ids(failure_->what())));
    if (!failure_->hint().empty()) add("<p data-field=\"hint\">{}</p>\n", html_text(without_record_ids(failure_->hint())));
    add("<p class=\"quiet\">Code <span data-field=\"code\">{}</span>, exit code <span data-field=\"exit\">{}</span>.</p>\n</section>\n",
        errors::code_name(failure_->code()), exit_text());
  }

  void figure(std::string_view name, std::string_view field, std::int64_t number) {
    add("<div><dt>{}</dt><dd data-field=\"{}\">{}</dd></div>\n", name, field, grouped(number));
  }

  void tell_figures() {
    if (counted_ == Counted::nothing) {
      add("<p>Nothing was counted.</p>\n");
      return;
    }
    add("<dl>\n");
    figure("Records read", "rows_read", report_.rows_read);
    if (counted_ >= Counted::loaded) {
      figure("Rows written", "rows_loaded", report_.rows_loaded);
      figure("Inserted", "rows_inserted", report_.rows_inserted);
      figure("Updated", "rows_updated", report_.rows_updated);
      figure("Left as they were", "rows_unchanged", report_.rows_unchanged);
      figure("In already", "rows_skipped", report_.rows_skipped);
      if (report_.rows_twice > 0) figure("Older rows of a record", "rows_twice", report_.rows_twice);
      figure("Vanished, marked", "rows_vanished", report_.rows_vanished);
    }
    if (counted_ == Counted::everything) figure("Live rows in the table", "rows_in_target", report_.rows_in_target);
    add("</dl>\n");
  }

  void count_cells(const Count& count) {
    add("<td>{}<small>{}</small></td><td class=\"number\" data-count=\"{}\">{}</td>", html_text(count.what), html_text(count.counted_by),
        count.rows, grouped(count.rows));
  }

  static std::string agreement_cell(bool agrees) {
    return agrees ? "<td class=\"good\">yes</td>" : "<td class=\"bad\"><strong>no</strong></td>";
  }

  void tell_reconciliation() {
    if (agreed_.totals.empty()) return;
    add("<section aria-labelledby=\"reconciliation\">\n<h2 id=\"reconciliation\">Reconciliation</h2>\n<div class=\"scroll\">\n"
        "<table id=\"terms\">\n<caption>Each count beside one that somebody else made</caption>\n<thead><tr><th scope=\"col\">One "
        "count</th>"
        "<th scope=\"col\" class=\"number\">Rows</th><th scope=\"col\">The other</th><th scope=\"col\" class=\"number\">Rows</th>"
        "<th scope=\"col\">Agree?</th></tr></thead>\n<tbody>\n");
    for (const Agreement& term : agreed_.totals) {
      add("<tr>");
      count_cells(term.left);
      count_cells(term.right);
      add("{}</tr>\n", agreement_cell(term.agrees()));
    }
    add("</tbody>\n</table>\n</div>\n</section>\n");
  }

  // Before the table was counted there are only the records that were read.
  void form_row(const FormReport& form, std::size_t index) {
    add("<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td>", name_text(form_name(form.form_key)), grouped(form.rows_read));
    if (counted_ == Counted::everything) {
      add("<td class=\"number\">{}</td><td class=\"number\">{}</td>", grouped(form.rows_before), grouped(form.rows_in_target));
      add("{}", index < agreed_.forms.size() ? agreement_cell(agreed_.forms[index].agrees()) : "<td class=\"quiet\">not compared</td>");
    }
    add("</tr>\n");
  }

  void tell_forms() {
    if (report_.forms.empty()) return;
    const bool is_whole = counted_ == Counted::everything;
    add("<section aria-labelledby=\"forms\">\n<h2 id=\"forms\">Forms</h2>\n{}", form_chart(is_whole));
    add("<div class=\"scroll\">\n<table id=\"form-rows\">\n<caption>Rows of each form</caption>\n<thead><tr><th scope=\"col\">Form</th>"
        "<th scope=\"col\" class=\"number\">Records read</th>{}</tr></thead>\n<tbody>\n",
        is_whole ? "<th scope=\"col\" class=\"number\">Live rows before</th><th scope=\"col\" class=\"number\">Live rows now</th>"
                   "<th scope=\"col\">Agree?</th>"
                 : "");
    for (std::size_t i = 0; i < report_.forms.size(); ++i) form_row(report_.forms[i], i);
    add("</tbody>\n</table>\n</div>\n</section>\n");
  }

  std::string form_chart(bool is_whole) const {
    std::vector<std::pair<std::string, std::int64_t>> rows;
    for (const FormReport& form : report_.forms)
      rows.emplace_back(form_name(form.form_key), is_whole ? form.rows_in_target : form.rows_read);
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    std::vector<Bar> bars;
    for (const auto& [form, count] : rows) {
      if (bars.size() == kFormsDrawn) break;
      bars.push_back({form, static_cast<double>(count), grouped(count)});
    }
    const std::size_t left_out = rows.size() - bars.size();
    return bar_chart("form-chart",
                     fmt::format("{} of each form{}", is_whole ? "Live rows in the table" : "Records read",
                                 left_out > 0 ? fmt::format(", without the {} smallest", left_out) : ""),
                     bars);
  }

  // Typed tables: the variables whose columns do not hold every answer.
  void tell_answers() {
    if (report_.variables.empty()) return;
    std::vector<const VariableReport*> told;
    for (const VariableReport& variable : report_.variables) {
      if (variable.misfits > 0) told.push_back(&variable);
    }
    add("<section aria-labelledby=\"answers\">\n<h2 id=\"answers\">Answers that are no value of their type</h2>\n");
    if (!report_.blinded.empty()) add("<p>Variables marked blinded: {}.</p>\n", report_.blinded);
    add("<p>{} of {} columns have such answers; they stand in _raw as they were sent.</p>\n", grouped(std::ssize(told)),
        grouped(std::ssize(report_.variables)));
    if (!told.empty()) answer_table(told);
    add("</section>\n");
  }

  void answer_table(const std::vector<const VariableReport*>& told) {
    add("<div class=\"scroll\">\n<table id=\"answer-rows\">\n<caption>Variables with such answers</caption>\n<thead><tr><th "
        "scope=\"col\">Form</th><th scope=\"col\">Variable</th><th scope=\"col\">Type</th><th scope=\"col\" class=\"number\">Answered</th>"
        "<th scope=\"col\" class=\"number\">No such value</th></tr></thead>\n<tbody>\n");
    for (std::size_t i = 0; i < told.size() && i < kVariablesTold; ++i) {
      const VariableReport& variable = *told[i];
      add("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
          name_text(form_name(variable.form_key)), name_text(variable.variable), html_text(variable.type), grouped(variable.answered),
          grouped(variable.misfits));
    }
    add("</tbody>\n</table>\n</div>\n");
    if (told.size() > kVariablesTold) add("<p>And {} more.</p>\n", grouped(std::ssize(told) - static_cast<std::int64_t>(kVariablesTold)));
  }

  void tell_times() {
    if (report_.steps.empty()) return;
    std::vector<Bar> bars;
    for (const StepTime& step : report_.steps) bars.push_back({step.step, step.seconds, duration_text(step.seconds)});
    add("<section aria-labelledby=\"times\">\n<h2 id=\"times\">Time</h2>\n{}", bar_chart("time-chart", "Time of each step", bars));
    add("<div class=\"scroll\">\n<table id=\"step-times\">\n<caption>Each step with all its turns, in the order of the run</caption>\n"
        "<thead><tr><th scope=\"col\">Step</th><th scope=\"col\" class=\"number\">Time</th><th scope=\"col\" class=\"number\">Share"
        "</th></tr></thead>\n<tbody>\n");
    double all = 0;
    for (const StepTime& step : report_.steps) all += step.seconds;
    for (const StepTime& step : report_.steps) {
      add("<tr><th scope=\"row\">{}</th><td class=\"number\" data-seconds=\"{:.6f}\">{}</td><td class=\"number\">{:.0f} %</td></tr>\n",
          html_text(step.step), step.seconds, duration_text(step.seconds), all > 0 ? step.seconds / all * 100 : 0);
    }
    add("</tbody>\n</table>\n</div>\n</section>\n");
  }

  void tell_way() {
    if (counted_ == Counted::nothing) return;
    add("<section aria-labelledby=\"way\">\n<h2 id=\"way\">On the way</h2>\n<dl>\n");
    figure("Pages of the API", "pages", report_.pages);
    figure("Requests", "requests", report_.requests);
    figure("Tried again", "retries", report_.retries);
    figure("Readings after the first", "rereads", report_.rereads);
    figure("Files", "files", report_.files);
    figure("Stamps that were none", "unreadable_stamps", report_.unreadable_stamps);
    figure("Kept as text", "raw_records", report_.raw_records);
    add("<div><dt>Read</dt><dd>{}</dd></div>\n<div><dt>Staged</dt><dd>{}</dd></div>\n", bytes_text(report_.bytes_read),
        bytes_text(report_.bytes_staged));
    add("<div><dt>Paging</dt><dd data-field=\"paging\">{}</dd></div>\n</dl>\n</section>\n", html_text(report_.paging));
  }

  void tell_files() {
    if (report_.batch_reports.empty()) return;
    add("<section aria-labelledby=\"files\">\n<h2 id=\"files\">Files</h2>\n<div class=\"scroll\">\n<table id=\"file-rows\">\n"
        "<caption>Files of this run</caption>\n<thead><tr><th scope=\"col\">Batch</th><th scope=\"col\">What became of it</th>"
        "<th scope=\"col\" class=\"number\">Rows</th><th scope=\"col\" class=\"number\">Written</th><th scope=\"col\" class=\"number\">Size"
        "</th><th scope=\"col\">Place, SHA-256</th></tr></thead>\n<tbody>\n");
    for (std::size_t i = 0; i < report_.batch_reports.size() && i < kFilesTold; ++i) {
      const BatchReport& file = report_.batch_reports[i];
      add("<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td>"
          "<td class=\"path\">{}<small>{}</small></td></tr>\n",
          name_text(file.batch_id), html_text(file.status), grouped(file.rows), grouped(file.rows_loaded), bytes_text(file.bytes),
          html_text(file.stage_path), html_text(file.sha256));
    }
    add("</tbody>\n</table>\n</div>\n");
    if (report_.batch_reports.size() > kFilesTold)
      add("<p>And {} more.</p>\n", grouped(static_cast<std::int64_t>(report_.batch_reports.size() - kFilesTold)));
    add("</section>\n");
  }

  void tell_notes() {
    if (!report_.warnings.empty()) {
      add("<section aria-labelledby=\"warnings\">\n<h2 id=\"warnings\">Warnings</h2>\n<ul id=\"warning-list\">\n");
      for (const std::string& warning : report_.warnings) add("<li>{}</li>\n", html_text(without_record_ids(warning)));
      add("</ul>\n</section>\n");
    }
    if (report_.cleanup.empty()) return;
    add("<section aria-labelledby=\"cleanup\">\n<h2 id=\"cleanup\">Clean-up</h2>\n<p>These statements would remove this run's files from "
        "the "
        "stage; the table keeps its rows.</p>\n<pre>");
    for (const std::string& statement : report_.cleanup) add("{}\n", html_text(statement));
    add("</pre>\n</section>\n");
  }

  const ExportReport& report_;
  Counted counted_;
  const ImednetError* failure_;
  Reconciliation agreed_;
  std::string out_;
};

bool is_same_file(const std::filesystem::path& one, const std::filesystem::path& other) {
  std::error_code ignored;
  return std::filesystem::weakly_canonical(one, ignored) == std::filesystem::weakly_canonical(other, ignored);
}

}  // namespace

std::string report_page(const ExportReport& report, Counted counted, const ImednetError* failure) {
  return Page(report, counted, failure).text();
}

ReportPage::ReportPage(const std::optional<std::filesystem::path>& path, const std::optional<std::filesystem::path>& manifest)
    : path_(path) {
  if (!path_) return;
  if (manifest) {
    std::filesystem::path totals = *manifest;
    totals += ".run.json";
    if (is_same_file(*path_, *manifest) || is_same_file(*path_, totals)) {
      throw errors::ExportConfigurationError(
          fmt::format("cannot write the report page {}: the manifest keeps its lines or totals there", path_->string()),
          {.code = ErrorCode::config, .hint = "name another file with --report", .origin = {.system = "local"}});
    }
  }
  ledger::require_replaceable(*path_);
}

void ReportPage::write(const ExportReport& report, Counted counted) const {
  if (!path_) return;
  try {
    ledger::write_file_atomically(*path_, report_page(report, counted));
  } catch (const ImednetError& error) {
    errors::ErrorDetail detail = error.detail();
    detail.hint = "the study is loaded and reconciled; make room for the page and run again: nothing is loaded twice";
    throw ImednetError(fmt::format("cannot keep the report page: {}", error.what()), std::move(detail));
  }
}

void ReportPage::write_failed(const ExportReport& report, Counted counted, const ImednetError& failure) const noexcept {
  if (!path_) return;
  try {
    ledger::write_file_atomically(*path_, report_page(report, counted, &failure));
  } catch (const std::exception& error) {
    core::log_warning(fmt::format("the report page of this failed run could not be written: {}", error.what()));
  }
}

}  // namespace imednet::pipeline
