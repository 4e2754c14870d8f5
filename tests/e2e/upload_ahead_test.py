#!/usr/bin/env python3
"""The first load of a study: files are PUT while others are still read, and none of them stays on the stage unless the table was loaded from it."""
import signal
import subprocess

import harness
from own_study import OwnStudyTest, small_records

RECORDS = 12_000
BATCH = 1_000
PAGES = RECORDS // 500


class UploadAhead(OwnStudyTest):
    records_of = staticmethod(lambda key: small_records(key, RECORDS))

    def setUp(self):
        super().setUp()
        self.sandbox.snowflake_control("DELETE", "orders")

    def options_of_run(self, *options):
        return ["--batch-size", BATCH, "--retry-backoff", "0.01", "--stage-prefix", self.table.lower(), *options]

    def export(self, *options, **names):
        return super().export(*self.options_of_run(*options), study=self.table, **names)

    def slow_page(self, do, nth, times=0):
        """Something happens at the nth request for records of this study; helpers have had time by then."""
        self.sandbox.order({"delay_ms": 1_500}, path_contains=f"/studies/{self.table}/records", nth=nth)
        self.sandbox.order(do, path_contains=f"/studies/{self.table}/records", nth=nth + 1, times=times)

    def staged(self):
        return {row[0].partition("/")[2] for row in self.sandbox.rows(f"LIST @MY_STAGE/{self.table.lower()}/")}

    def puts(self):
        return [text for text in self.statements() if text.startswith("PUT") and ".parquet" in text]

    def statements(self):
        found = self.sandbox.rows("SELECT query_text FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000))")
        return [text for (text,) in reversed(found) if self.table.lower() in text]

    def assert_loaded_from_the_stage(self, report, rows=RECORDS):
        self.assertEqual((report["method"], report["rows_loaded"], report["rows_in_target"], report["reconciled"]), ("copy", rows, rows, True), report)
        self.assertEqual(self.staged(), {batch["stage_path"].partition("/")[2] for batch in report["batch_reports"]})
        self.assert_nothing_temporary()

    def test_files_are_sent_while_others_are_read(self):
        self.slow_page({"delay_ms": 1}, PAGES - 1)
        report = self.report("--connections", "1")
        self.assert_loaded_from_the_stage(report)
        texts = self.statements()
        after_reading = [number for number, text in enumerate(texts) if text.startswith("LIST")][1]  # the first is a helper's
        ahead = [text for text in texts[:after_reading] if text.startswith("PUT") and ".parquet" in text]
        self.assertGreaterEqual(len(ahead), RECORDS // BATCH - 3)
        self.assertEqual(len(self.puts()), RECORDS // BATCH, "each file once")

    def test_so_are_those_of_ranges(self):
        report = self.report("--connections", "2")
        self.assert_loaded_from_the_stage(report)
        self.assertEqual(len(self.puts()), RECORDS // BATCH)

    def test_one_session_sends_none_ahead(self):
        report = self.report("--uploads", "1")
        self.assert_loaded_from_the_stage(report)
        texts = self.statements()
        self.assertTrue(next(text for text in texts if ".parquet" in text or text.startswith("LIST")).startswith("LIST"), texts)

    def test_a_reading_that_fails_leaves_nothing_on_the_stage(self):
        self.slow_page({"status": 500}, PAGES - 1)
        result = self.export("--connections", "1", "--max-retries", "1")
        self.assert_exit(result, 12, "500")
        self.assertGreater(len(self.puts()), 0)
        self.assertEqual(self.staged(), set())
        self.assertFalse(self.sandbox.table_exists(self.table))

    def test_a_reading_that_fails_leaves_the_files_that_another_table_was_loaded_from(self):
        report = self.report("--connections", "1")
        self.sandbox.clear_orders()
        self.slow_page({"status": 500}, PAGES - 1)
        self.assert_exit(self.export("--connections", "1", "--max-retries", "1", table="ANOTHER"), 12, "500")
        self.assert_loaded_from_the_stage(report)

    def test_a_study_that_is_read_again_leaves_the_files_of_the_last_reading(self):
        self.slow_page({"change": {"kind": "vanish", "study": self.table, "record_id": 1001}}, PAGES - 1, times=1)
        report = self.report("--connections", "1")
        self.assertEqual(report["rereads"], 1)
        self.assertGreater(len(self.puts()), RECORDS // BATCH)
        self.assert_loaded_from_the_stage(report, RECORDS - 1)

    def test_what_a_helper_could_not_send_is_sent_afterwards(self):
        for nth, do in ((2, {"lose_upload": True}), (6, {"fail": {"code": "000603", "message": "ordered"}})):
            self.sandbox.snowflake_control("POST", "orders", {"match": {"statement_contains": "PUT '", "nth": nth, "times": 3}, "do": do})
        self.slow_page({"delay_ms": 1}, PAGES - 1)
        self.assert_loaded_from_the_stage(self.report("--connections", "1"))
        self.assertEqual([order["fired"] > 0 for order in self.sandbox.snowflake_control("GET", "orders")], [True, True])

    def test_after_a_kill_in_the_reading_the_next_run_loads_each_record_once(self):
        self.sandbox.order({"delay_ms": 60_000}, path_contains=f"/studies/{self.table}/records", nth=PAGES)
        run = subprocess.Popen([str(part) for part in self.arguments(*self.options_of_run("--connections", "1"), study=self.table)], env=self.environment(),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(run.kill)
        harness.wait_until("files lie on the stage", lambda: len(self.staged()) > 4)
        run.send_signal(signal.SIGKILL)
        run.wait(harness.WAIT_S)
        self.sandbox.clear_orders()
        report = self.report()
        self.assertEqual((report["rows_loaded"], report["rows_in_target"]), (RECORDS, RECORDS))


if __name__ == "__main__":
    harness.main()
