#!/usr/bin/env python3
"""A Snowflake that did the work and whose answer is lost, that did half of it, or that is no longer there: no record is lost, none stands twice, and exit 0 is said
of the whole study only. (What becomes of a lost COMMIT: merge_faults_test.py.)"""
import subprocess

import harness
from changing_study import RECORDS, ModesTest

COPY = "COPY INTO"


class LostAnswers(ModesTest):
    def setUp(self):
        super().setUp()
        self.sandbox.snowflake_control("DELETE", "orders")

    def order_statement(self, contains, do, **match):
        self.sandbox.snowflake_control("POST", "orders", {"match": {"statement_contains": contains, **match}, "do": do})

    def fired(self):
        return [order["fired"] for order in self.sandbox.snowflake_control("GET", "orders")]

    def export(self, *options, **names):
        return super().export("--stage-prefix", self.table.lower(), *options, **names)

    def assert_loaded_in_spite_of_it(self, **counts):
        report = self.report()
        self.assertEqual(self.fired(), [1])
        self.assert_report(report, **counts)
        self.assert_mirror()
        self.assert_settled()

    def assert_settled(self, *options):
        self.sandbox.snowflake_control("DELETE", "orders")
        self.report(*options)
        self.assert_mirror()
        self.assert_report(self.report(), method="nothing", rows_loaded=0)
        self.assertEqual(self.sandbox.rows(f"SELECT SUM(row_count) FROM IMEDNET_LOADS WHERE target_table LIKE '%.{self.table}' AND superseded_by IS NULL"),
                         [(len(self.in_the_api()),)])

    def start_and_kill(self, contains, *options):
        """The program is gone while the statement is at work."""
        self.order_statement(contains, {"delay_ms": 4000})
        process = subprocess.Popen([str(part) for part in self.arguments("--batch-size", 20, "--stage-prefix", self.table.lower(), *options, study=self.table)],
                                   env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait, 30)
        self.addCleanup(process.kill)
        harness.wait_until(f"{contains} is at work", lambda: self.fired() == [1] or process.poll() is not None)
        self.assertIsNone(process.poll())
        process.kill()
        process.wait(30)


class FirstLoad(LostAnswers):
    def test_put_done_and_its_answer_cut(self):
        self.order_statement("RECORDS_0.PARQUET", {"cut_answers": 1})
        self.assert_loaded_in_spite_of_it(method="copy", rows_inserted=RECORDS)

    def test_put_that_reports_success_and_brings_nothing(self):
        self.order_statement("RECORDS_1.PARQUET", {"lose_upload": True})
        self.assert_loaded_in_spite_of_it(method="copy", rows_inserted=RECORDS)

    def test_copy_done_and_its_answer_cut(self):
        self.order_statement(COPY, {"cut_answers": 1})
        self.assert_loaded_in_spite_of_it(method="copy", rows_inserted=RECORDS)

    def test_copy_done_and_an_error_in_place_of_its_answer(self):
        self.order_statement(COPY, {"fail": {"code": "000630"}, "after_running": True})
        self.assert_loaded_in_spite_of_it(method="copy", rows_inserted=RECORDS)

    def test_copy_whose_token_expired_is_sent_with_a_new_one(self):
        self.order_statement(COPY, {"expire": "token"})
        self.assert_loaded_in_spite_of_it(method="copy", rows_inserted=RECORDS)

    def test_copy_whose_session_ended_is_sent_in_another(self):
        self.order_statement(COPY, {"expire": "master"})
        self.assert_loaded_in_spite_of_it(method="copy", rows_inserted=RECORDS)

    def test_copy_that_loads_a_part_of_each_file_is_15_and_the_next_run_puts_it_right(self):
        self.order_statement(COPY, {"copy_rows": 5})
        self.assert_exit(self.export(), 15, "cannot trust the load")
        self.assertEqual(self.fired(), [1])
        self.assert_settled()

    def test_copy_that_loads_nothing_and_reports_success_is_15(self):
        self.order_statement(COPY, {"copy_nothing": True})
        self.assert_exit(self.export(), 15, "cannot trust the load")
        self.assertEqual((self.fired(), self.live()), ([1], {}))
        self.assert_settled()

    def test_warehouse_that_is_gone_is_13_and_with_a_new_one_the_study_is_loaded(self):
        self.addCleanup(self.sandbox.rows, "CREATE WAREHOUSE IF NOT EXISTS COMPUTE_WH")
        self.order_statement(COPY, {"run": "DROP WAREHOUSE COMPUTE_WH"})
        self.assert_exit(self.export(), 13, "warehouse")
        self.assertEqual(self.fired(), [1])
        self.sandbox.rows("CREATE WAREHOUSE COMPUTE_WH")
        self.sandbox.rows("USE WAREHOUSE COMPUTE_WH")
        self.assertEqual(self.live(), {})
        self.assert_settled()

    def test_copy_that_is_still_at_work_for_a_dead_run_is_waited_for(self):
        self.start_and_kill(COPY)
        self.assert_settled()


class Merge(LostAnswers):
    def setUp(self):
        super().setUp()
        self.report()
        self.change(1004)
        self.vanish(1030)
        self.add(2000)
        self.old = self.live()

    def test_copy_into_the_temporary_table_cut(self):
        self.order_statement(COPY, {"cut_answers": 1})
        self.assert_loaded_in_spite_of_it(method="merge", rows_inserted=1, rows_updated=1, rows_vanished=1)

    def test_merge_done_and_its_answer_cut(self):
        self.order_statement("MERGE INTO", {"cut_answers": 1})
        self.assert_loaded_in_spite_of_it(method="merge", rows_inserted=1, rows_updated=1, rows_vanished=1)

    def test_token_that_expired_within_the_transaction_is_renewed_and_the_transaction_goes_on(self):
        self.order_statement("MERGE INTO", {"expire": "token"})
        self.assert_loaded_in_spite_of_it(method="merge", rows_inserted=1, rows_updated=1, rows_vanished=1)

    def test_copy_of_a_part_or_of_nothing_leaves_the_old_rows(self):
        for do in ({"copy_rows": 5}, {"copy_nothing": True}):
            self.order_statement(COPY, do)
            self.assert_exit(self.export(), 15, "cannot trust the load")
            self.assertEqual((self.fired(), self.live()), ([1], self.old))
            self.sandbox.snowflake_control("DELETE", "orders")
        self.assert_settled()

    def test_warehouse_that_is_gone_within_the_transaction_leaves_the_old_rows(self):
        self.addCleanup(self.sandbox.rows, "CREATE WAREHOUSE IF NOT EXISTS COMPUTE_WH")
        self.order_statement("MERGE INTO", {"run": "DROP WAREHOUSE COMPUTE_WH"})
        self.assert_exit(self.export(), 13, "nothing was changed")
        self.assertEqual(self.fired(), [1])
        self.sandbox.rows("CREATE WAREHOUSE COMPUTE_WH")
        self.sandbox.rows("USE WAREHOUSE COMPUTE_WH")
        self.assertEqual(self.live(), self.old)
        self.assert_settled()

    def test_merge_that_is_still_at_work_for_a_dead_run_is_ended_with_its_transaction(self):
        self.start_and_kill("MERGE INTO")
        self.assertEqual(self.live(), self.old)
        started = harness.time.monotonic()
        self.assert_settled()
        self.assertLess(harness.time.monotonic() - started, 150)


del LostAnswers, ModesTest

if __name__ == "__main__":
    harness.main()
