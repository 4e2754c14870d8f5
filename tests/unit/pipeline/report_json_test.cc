#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "imednet/integrations/warehouse.h"

namespace imednet::integrations {
namespace {

using nlohmann::ordered_json;

ExportReport report() {
  ExportReport all;
  all.study = "MY_STUDY";
  all.run_id = "20260115T120000Z-0a0b0c0d";
  all.mode = "auto";
  all.method = "merge";
  all.table = "IMEDNET_DB.PUBLIC.RECORDS";
  all.started_at = "2026-01-15T12:00:00+00:00";
  all.finished_at = "2026-01-15T12:00:02+00:00";
  all.rows_expected = 101;
  all.rows_read = 102;
  all.rows_staged = 103;
  all.rows_loaded = 104;
  all.rows_skipped = 105;
  all.rows_in_target = 106;
  all.files = 107;
  all.batches = 108;
  all.bytes_staged = 109;
  all.bytes_read = 110;
  all.pages = 111;
  all.requests = 112;
  all.rereads = 113;
  all.unreadable_stamps = 114;
  all.raw_records = 115;
  all.rows_inserted = 116;
  all.rows_updated = 117;
  all.rows_unchanged = 118;
  all.rows_twice = 119;
  all.rows_vanished = 120;
  all.retries = 121;
  all.steps = {{"connecting", 0.25}, {"reading", 2.125}};
  all.paging = "keyset";
  all.since = "2026-01-15T11:49:00Z";
  all.unchanged_since_run = "20260114T120000Z-0a0b0c0d";
  all.seconds = 2.5;
  all.reconciled = true;
  all.batch_reports = {{"MY_STUDY/records/0", "@MY_STAGE/imednet/0a/MY_STUDY_records_0.parquet", "0a", "ff", "loaded", 1, 2, 3, 4, 5}};
  all.forms = {{"", 1, 2, 3}, {"AE", 4, 5, 6}};
  all.warnings = {"first", "second"};
  all.cleanup = {"REMOVE @MY_STAGE/imednet/0a/MY_STUDY_records_0.parquet;"};
  return all;
}

TEST(ReportJson, EveryCountHasItsOwnName) {
  const ordered_json json = ordered_json::parse(to_json(report(), 15));
  EXPECT_EQ(json.at("study"), "MY_STUDY");
  EXPECT_EQ(json.at("run_id"), "20260115T120000Z-0a0b0c0d");
  EXPECT_EQ(json.at("mode"), "auto");
  EXPECT_EQ(json.at("method"), "merge");
  EXPECT_EQ(json.at("table"), "IMEDNET_DB.PUBLIC.RECORDS");
  EXPECT_EQ(json.at("started_at"), "2026-01-15T12:00:00+00:00");
  EXPECT_EQ(json.at("finished_at"), "2026-01-15T12:00:02+00:00");
  const char* const counts[] = {"rows_expected", "rows_read",         "rows_staged",  "rows_loaded",   "rows_skipped", "rows_in_target",
                                "files",         "batches",           "bytes_staged", "bytes_read",    "pages",        "requests",
                                "rereads",       "unreadable_stamps", "raw_records",  "rows_inserted", "rows_updated", "rows_unchanged",
                                "rows_twice",    "rows_vanished",     "retries"};
  int expected = 101;
  for (const char* name : counts) EXPECT_EQ(json.at(name), expected++) << name;
  EXPECT_EQ(json.at("paging"), "keyset");
  EXPECT_EQ(json.at("since"), "2026-01-15T11:49:00Z");
  EXPECT_EQ(json.at("unchanged_since_run"), "20260114T120000Z-0a0b0c0d");
  EXPECT_EQ(json.at("seconds"), 2.5);
  EXPECT_EQ(json.at("reconciled"), true);
  EXPECT_EQ(json.at("exit"), 15);
  EXPECT_EQ(json.at("warnings"), ordered_json({"first", "second"}));
  EXPECT_EQ(json.at("cleanup").size(), 1u);
}

TEST(ReportJson, EachBatchIsTold) {
  const ordered_json batch = ordered_json::parse(to_json(report(), 0)).at("batch_reports").at(0);
  EXPECT_EQ(batch, ordered_json({{"batch_id", "MY_STUDY/records/0"},
                                 {"part", 1},
                                 {"stage_path", "@MY_STAGE/imednet/0a/MY_STUDY_records_0.parquet"},
                                 {"status", "loaded"},
                                 {"rows", 1},
                                 {"rows_loaded", 2},
                                 {"bytes", 3},
                                 {"hash", "0a"},
                                 {"sha256", "ff"},
                                 {"first_record_id", 4},
                                 {"last_record_id", 5}}));
}

TEST(ReportJson, EachStepIsToldInTheOrderOfTheRun) {
  const ordered_json steps = ordered_json::parse(to_json(report(), 0)).at("steps");
  EXPECT_EQ(steps, ordered_json::array({{{"step", "connecting"}, {"seconds", 0.25}}, {{"step", "reading"}, {"seconds", 2.125}}}));
}

TEST(ReportJson, WhatWasComparedIsToldOfAReconciledRunOnly) {
  ExportReport all = report();
  const ordered_json terms = ordered_json::parse(to_json(all, 0)).at("reconciliation");
  ASSERT_EQ(terms.size(), 4u);
  EXPECT_EQ(terms[0].at("left").at("rows"), 101);
  EXPECT_EQ(terms[0].at("right").at("rows"), 102);
  EXPECT_EQ(terms[0].at("agrees"), false);
  EXPECT_NE(terms[0].at("left").at("counted_by"), terms[0].at("right").at("counted_by"));
  all.reconciled = false;
  EXPECT_EQ(ordered_json::parse(to_json(all, 0)).at("reconciliation"), ordered_json::array());
}

TEST(ReportJson, EachFormIsTold) {
  const ordered_json forms = ordered_json::parse(to_json(report(), 0)).at("forms");
  EXPECT_EQ(forms, ordered_json::array({{{"form_key", ""}, {"rows_read", 1}, {"rows_before", 2}, {"rows_in_target", 3}},
                                        {{"form_key", "AE"}, {"rows_read", 4}, {"rows_before", 5}, {"rows_in_target", 6}}}));
}

TEST(ReportJson, AnEmptyReportHasTheSameNames) {
  const ordered_json empty = ordered_json::parse(to_json(ExportReport(), 0)), full = ordered_json::parse(to_json(report(), 0));
  for (const auto& [name, value] : full.items()) EXPECT_TRUE(empty.contains(name)) << name;
  EXPECT_EQ(empty.at("batch_reports"), ordered_json::array());
  EXPECT_EQ(empty.at("forms"), ordered_json::array());
  EXPECT_EQ(empty.at("warnings"), ordered_json::array());
  EXPECT_EQ(empty.at("exit"), 0);
}

// A study key or a warning may hold any bytes; what reads the report must not fail on them.
TEST(ReportJson, OddBytesStayValidJson) {
  ExportReport odd = report();
  odd.study = std::string("q\"\\\n\0\x1b", 6) + "\xC3";  // cut in the middle of a character
  odd.table = "\xFF\xFE";
  odd.warnings = {"\x80", "caf\xC3\xA9", "\xED\xA0\x80"};
  odd.batch_reports[0].batch_id = "\xC0\xAF/records/0";
  const std::string text = to_json(odd, 0);
  const ordered_json json = ordered_json::parse(text);
  EXPECT_EQ(json.at("study"), std::string("q\"\\\n\0\x1b", 6) + "\xEF\xBF\xBD");
  EXPECT_EQ(json.at("warnings").at(1), "caf\xC3\xA9");
  EXPECT_EQ(json.at("rows_loaded"), 104);
}

}  // namespace
}  // namespace imednet::integrations
