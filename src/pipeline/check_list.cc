#include "pipeline/check_list.h"

#include <fmt/format.h>

#include <algorithm>

namespace imednet::pipeline {

using integrations::CheckStatus;

bool CheckList::run(std::string_view what, const std::function<Finding()>& check) {
  try {
    Finding finding = check();
    report_.checks.push_back({.status = finding.advice.empty() ? CheckStatus::ok : CheckStatus::warn,
                              .what = std::string(what),
                              .detail = std::move(finding.detail),
                              .advice = std::move(finding.advice)});
    return true;
  } catch (const ImednetError& error) {
    if (error.code() == errors::ErrorCode::cancelled) throw;
    add_failure(what, error);
    return false;
  }
}

void CheckList::add_ok(std::string_view what, std::string detail) {
  report_.checks.push_back({.what = std::string(what), .detail = std::move(detail)});
}

void CheckList::add_failure(std::string_view what, const ImednetError& error) {
  report_.checks.push_back({.status = CheckStatus::fail,
                            .what = std::string(what),
                            .detail = error.what(),
                            .advice = error.hint().empty() ? "see docs/exit-codes.md" : error.hint(),
                            .error = error.detail()});
}

void CheckList::skip(std::string_view what, std::string_view why) {
  report_.checks.push_back(
      {.status = CheckStatus::skipped, .what = std::string(what), .detail = fmt::format("not tried, since {} failed", why)});
}

}  // namespace imednet::pipeline

namespace imednet::integrations {

const Check* DoctorReport::first_failure() const noexcept {
  const auto failed = std::find_if(checks.begin(), checks.end(), [](const Check& check) { return check.status == CheckStatus::fail; });
  return failed == checks.end() ? nullptr : &*failed;
}

std::string_view status_name(CheckStatus status) noexcept {
  switch (status) {
    case CheckStatus::ok:
      return "ok";
    case CheckStatus::warn:
      return "warn";
    case CheckStatus::fail:
      return "fail";
    default:
      return "skipped";
  }
}

}  // namespace imednet::integrations
