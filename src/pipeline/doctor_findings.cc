#include "pipeline/doctor_findings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cstdlib>

#include "core/redact.h"

namespace imednet::pipeline {
namespace {

constexpr std::int64_t kClockTolerance = 30;   // seconds; a key pair's token may be 60 old
constexpr std::int64_t kShortStatement = 300;  // seconds
constexpr std::int64_t kShortQueue = 60;

bool is_true(std::string_view value) { return value == "true" || value == "TRUE"; }

}  // namespace

Finding clock_finding(std::int64_t seconds_ahead, std::string_view consequence) {
  if (seconds_ahead == 0) return {.detail = "as on this machine, to the second"};
  Finding finding{.detail = fmt::format("{} s {} this machine", std::abs(seconds_ahead), seconds_ahead > 0 ? "ahead of" : "behind")};
  if (std::abs(seconds_ahead) > kClockTolerance) finding.advice = fmt::format("set this machine's clock (NTP): {}", consequence);
  return finding;
}

Finding stage_rules_finding(const db::Answer& rules) {
  std::vector<std::string> on;
  for (std::size_t row = 0; row < rules.rows.size(); ++row) {
    if (is_true(rules.at(row, "value").value_or(""))) on.push_back(core::redact(rules.at(row, "key").value_or(""), 80));
  }
  if (on.empty()) return {.detail = "no account parameter keeps data from stages"};
  return {.detail = fmt::format("{} is on: it forbids unloading, which an export does not do", fmt::join(on, ", ")),
          .advice = "where PUT fails above, ask the account's administrator about this rule"};
}

Finding time_limits_finding(const db::Answer& limits) {
  std::vector<std::string> texts;
  bool is_short = false;
  for (std::size_t row = 0; row < limits.rows.size(); ++row) {
    const std::string key = limits.at(row, "key").value_or("");
    const std::string value = limits.at(row, "value").value_or("");
    std::int64_t seconds = 0;
    std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (seconds <= 0) continue;
    texts.push_back(fmt::format("{} = {}", core::redact(key, 80), seconds));
    is_short = is_short || seconds < (key.find("QUEUED") == std::string::npos ? kShortStatement : kShortQueue);
  }
  Finding finding{.detail = texts.empty() ? "none is set" : fmt::format("{}", fmt::join(texts, ", "))};
  if (is_short) finding.advice = "a large COPY may take longer: --statement-timeout and --queue-timeout raise them for a run";
  return finding;
}

}  // namespace imednet::pipeline
