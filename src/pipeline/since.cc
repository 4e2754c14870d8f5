#include "pipeline/since.h"

#include <fmt/format.h>

#include "core/stamp.h"

namespace imednet::pipeline {
namespace {

using errors::ErrorCode;
using integrations::SnowflakeSinkConfig;
using integrations::StageLayout;
using integrations::WriteMode;
using sinks::snowflake::CursorTable;

[[noreturn]] void refuse_since(std::string_view cause, std::string_view hint) {
  throw errors::ExportConfigurationError(fmt::format("cannot read what changed since a time: {}", cause),
                                         {.code = ErrorCode::config, .hint = std::string(hint)});
}

}  // namespace

void check_since(const SnowflakeSinkConfig& config) {
  if (config.sweep_every < 0) refuse_since("the sweep comes after 0 or more runs", "give --sweep-every a number from 0 on");
  if (config.since.empty()) return;
  if (config.since != kSinceAuto && !filter_time(config.since))
    refuse_since(fmt::format("{} is no time", config.since), "give auto, or a UTC time such as 2026-01-31T12:00:00Z (--since)");
  if (config.mode == WriteMode::replace || config.mode == WriteMode::append)
    refuse_since("modes replace and append take all records", "leave --mode at auto or merge, or leave --since out");
  if (config.layout.name == integrations::LayoutName::forms)
    refuse_since("the layout forms is made of all records", "leave --since out, or use --layout records");
  if (!config.idempotent) refuse_since("a reload takes all records", "leave --force-reload or --since out");
  if (config.stage_layout == StageLayout::flat)
    refuse_since("the layout flat has one name for what changed each time", "leave --stage-layout at its default, or leave --since out");
  if (!config.use_ledger && config.since == kSinceAuto)
    refuse_since("without a ledger there is no cursor", "leave --ledger on, or give --since a time");
}

std::optional<std::string> filter_time(std::string_view stamp, std::chrono::seconds earlier) {
  const auto micros = core::parse_stamp(stamp);
  if (!micros) return std::nullopt;
  const auto whole =
      std::chrono::floor<std::chrono::seconds>(std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(*micros)));
  const std::chrono::sys_seconds time = whole - earlier;
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const int year = static_cast<int>(date.year());
  if (year < 1 || year > 9999) return std::nullopt;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", year, static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string since_filter(std::string_view since) { return fmt::format("dateModified>={}", since); }

SinceChoice choose_since(const SnowflakeSinkConfig& config, const CursorTable::Seen& seen) {
  if (config.since.empty()) return {};
  if (config.sweep) return {};
  if (config.since != kSinceAuto) {
    const std::string since = *filter_time(config.since);
    const auto own = seen.cursor ? overlap_start(seen.cursor->read_at) : std::nullopt;
    return {.since = since, .follows_cursor = own == since};
  }
  if (!seen.cursor) return {.why_all = seen.problem};
  const auto start = overlap_start(seen.cursor->read_at);
  if (!start) return {.why_all = "the last verified run did not learn the API's time"};
  const std::int64_t runs = seen.cursor->partial_runs + seen.quiet_runs;
  if (config.sweep_every > 0 && runs >= config.sweep_every) return {.why_all = fmt::format("{} runs since all records were read", runs)};
  return {.since = *start, .follows_cursor = true};
}

}  // namespace imednet::pipeline
