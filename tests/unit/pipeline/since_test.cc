#include "pipeline/since.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imednet::pipeline {
namespace {

using errors::ErrorCode;
using integrations::SnowflakeSinkConfig;
using integrations::StageLayout;
using integrations::WriteMode;
using sinks::snowflake::CursorTable;
using sinks::snowflake::StudyCursor;
using testing::HasSubstr;

CursorTable::Seen seen(const std::string& read_at, std::int64_t partial_runs = 0, std::int64_t quiet_runs = 0) {
  StudyCursor cursor{.study = "S", .target = "T", .run_id = "run-1", .verified_at = ""};
  cursor.read_at = read_at;
  cursor.partial_runs = partial_runs;
  CursorTable::Seen all;
  all.is_there = true;
  all.cursor = cursor;
  all.quiet_runs = quiet_runs;
  return all;
}

SnowflakeSinkConfig since(const std::string& text) {
  SnowflakeSinkConfig config;
  config.since = text;
  return config;
}

std::string refusal(const SnowflakeSinkConfig& config) {
  try {
    check_since(config);
  } catch (const errors::ExportConfigurationError& error) {
    EXPECT_EQ(error.code(), ErrorCode::config);
    EXPECT_TRUE(error.origin().system.empty());  // exit 2
    return error.what();
  }
  return "";
}

TEST(Since, TimesTakeTheFiltersForm) {
  EXPECT_EQ(filter_time("2026-01-31 12:00:09"), "2026-01-31T12:00:09Z");
  EXPECT_EQ(filter_time("2026-01-31T12:00:09.999Z"), "2026-01-31T12:00:09Z");
  EXPECT_EQ(filter_time("2026-01-31T12:00:09-06:00"), "2026-01-31T18:00:09Z");
  EXPECT_EQ(filter_time("2026-01-01 00:00:00", std::chrono::seconds(1)), "2025-12-31T23:59:59Z");
  EXPECT_EQ(filter_time("1969-12-31 23:59:59.5"), "1969-12-31T23:59:59Z");
  EXPECT_EQ(filter_time("0001-01-01 00:00:00", std::chrono::seconds(1)), std::nullopt);
  for (const char* text : {"", "auto", "yesterday", "2026-01-31", "2026-02-30T00:00:00Z", "2026-01-31T12:00:00;recordId>1"})
    EXPECT_EQ(filter_time(text), std::nullopt) << text;
}

TEST(Since, TheFilterNamesTheTimeBareAndInclusive) {
  EXPECT_EQ(since_filter("2026-01-31T12:00:00Z"), "dateModified>=2026-01-31T12:00:00Z");
}

TEST(Since, AutoGoesOnTenMinutesBeforeTheLastFirstAnswer) {
  const SinceChoice choice = choose_since(since("auto"), seen("2026-01-31 12:00:00"));
  EXPECT_EQ(choice.since, "2026-01-31T11:50:00Z");
  EXPECT_TRUE(choice.follows_cursor);
  EXPECT_TRUE(choice.why_all.empty());
}

TEST(Since, NothingIsChosenWhereNothingWasAsked) {
  EXPECT_TRUE(choose_since(since(""), seen("2026-01-31 12:00:00")).since.empty());
  EXPECT_TRUE(choose_since(since(""), {}).why_all.empty());
}

TEST(Since, AutoReadsAllWithoutACursorOrItsTimeAndSaysSo) {
  CursorTable::Seen none;
  none.problem = "damaged";
  EXPECT_EQ(choose_since(since("auto"), none).why_all, "damaged");
  for (const char* stamp : {"", "soon"}) {
    const SinceChoice choice = choose_since(since("auto"), seen(stamp));
    EXPECT_TRUE(choice.since.empty());
    EXPECT_THAT(choice.why_all, HasSubstr("time"));
  }
}

TEST(Since, AllIsReadOnceAfterSoManyRunsQuietOnesAmongThem) {
  SnowflakeSinkConfig config = since("auto");
  config.sweep_every = 5;
  EXPECT_FALSE(choose_since(config, seen("2026-01-31 12:00:00", 2, 2)).since.empty());
  const SinceChoice choice = choose_since(config, seen("2026-01-31 12:00:00", 2, 3));
  EXPECT_TRUE(choice.since.empty());
  EXPECT_THAT(choice.why_all, HasSubstr("5 runs"));
  config.sweep_every = 0;
  EXPECT_FALSE(choose_since(config, seen("2026-01-31 12:00:00", 200, 300)).since.empty());
}

TEST(Since, ASweepReadsAll) {
  for (const char* text : {"auto", "2026-01-31T12:00:00Z"}) {
    SnowflakeSinkConfig config = since(text);
    config.sweep = true;
    EXPECT_TRUE(choose_since(config, seen("2026-01-31 12:00:00")).since.empty());
  }
}

TEST(Since, ATimeIsTakenAsItIsAndMayBeTheCursorsOwn) {
  EXPECT_EQ(choose_since(since("2026-01-31T12:00:00Z"), {}).since, "2026-01-31T12:00:00Z");
  EXPECT_FALSE(choose_since(since("2026-01-31T12:00:00Z"), seen("2026-01-31 12:00:00")).follows_cursor);
  EXPECT_TRUE(choose_since(since("2026-01-31T11:50:00Z"), seen("2026-01-31 12:00:00", 99)).follows_cursor);
}

TEST(Since, WhatItCanNotGoWithIsRefused) {
  EXPECT_EQ(refusal(since("")), "");
  EXPECT_EQ(refusal(since("auto")), "");
  EXPECT_THAT(refusal(since("yesterday")), HasSubstr("yesterday is no time"));
  const auto with = [](auto change) {
    SnowflakeSinkConfig config = since("auto");
    change(config);
    return refusal(config);
  };
  EXPECT_EQ(with([](auto& config) { config.mode = WriteMode::merge; }), "");
  EXPECT_THAT(with([](auto& config) { config.mode = WriteMode::replace; }), HasSubstr("replace"));
  EXPECT_THAT(with([](auto& config) { config.mode = WriteMode::append; }), HasSubstr("append"));
  EXPECT_THAT(with([](auto& config) { config.idempotent = false; }), HasSubstr("reload"));
  EXPECT_THAT(with([](auto& config) { config.stage_layout = StageLayout::flat; }), HasSubstr("flat"));
  EXPECT_THAT(with([](auto& config) { config.use_ledger = false; }), HasSubstr("ledger"));
  EXPECT_THAT(with([](auto& config) { config.sweep_every = -1; }), HasSubstr("0 or more"));
  EXPECT_EQ(with([](auto& config) {
              config.use_ledger = false;
              config.since = "2026-01-31T12:00:00Z";
            }),
            "");
}

}  // namespace
}  // namespace imednet::pipeline
