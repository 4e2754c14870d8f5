#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "imednet/integrations/replay.h"

namespace imednet::integrations {
namespace {

TEST(ReplayJson, SaysEverythingThatWasCounted) {
  ReplayReport report;
  report.started_at = "2026-01-15T12:00:00+00:00";
  report.finished_at = "2026-01-15T12:00:02+00:00";
  report.rows_in_files = 1;
  report.rows_loaded = 2;
  report.rows_skipped = 3;
  report.files = 4;
  report.files_kept = 5;
  report.files_fetched = 6;
  report.bytes_fetched = 7;
  report.seconds = 2.5;
  report.reconciled = true;
  report.studies = {{"S", "DB.S.T", "run-1", 8, 9, 10, 11, {{"S/records/0", "@P/h/f.parquet", "h", "ff", "loaded", 12, 13, 14, 15, 16}}}};
  report.warnings = {"caf\xE9"};
  const auto expected = nlohmann::ordered_json::parse(R"({
    "started_at": "2026-01-15T12:00:00+00:00", "finished_at": "2026-01-15T12:00:02+00:00",
    "rows_in_files": 1, "rows_loaded": 2, "rows_skipped": 3, "reconciled": true,
    "files": 4, "files_kept": 5, "files_fetched": 6, "bytes_fetched": 7, "seconds": 2.5, "warnings": ["caf\ufffd"],
    "studies": [{"study": "S", "table": "DB.S.T", "run_id": "run-1", "rows_in_files": 8, "rows_loaded": 9, "rows_skipped": 10,
      "rows_in_target": 11, "batch_reports": [{"batch_id": "S/records/0", "part": 1, "stage_path": "@P/h/f.parquet", "status": "loaded", "rows": 12,
      "rows_loaded": 13, "bytes": 14, "hash": "h", "sha256": "ff", "first_record_id": 15, "last_record_id": 16}]}],
    "exit": 0})");
  EXPECT_EQ(nlohmann::ordered_json::parse(to_json(report, 0)).dump(), expected.dump());
}

}  // namespace
}  // namespace imednet::integrations
