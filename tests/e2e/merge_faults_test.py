#!/usr/bin/env python3
"""A merge or replace whose transaction is cut: the live rows are the old or the new ones, never a mix, no record stands twice, and exit 0 is said only of the new ones."""
import subprocess
import time

import harness
from harness import run
from own_study import OwnStudyTest
from statement_gate import StatementGate

RECORDS = 60
BATCH = 20


class CutTest(OwnStudyTest):
    """Every test has its own study, named as its table (so no name holds a word of an order): ids 1000 … 1059, three files of twenty, loaded once before the test."""

    def setUp(self):
        super().setUp()
        self.sandbox.snowflake_control("DELETE", "orders")
        self.assert_loaded(self.export(), RECORDS)

    def statement_order(self, contains, do, **match):
        self.sandbox.snowflake_control("POST", "orders", {"match": {"statement_contains": contains, **match}, "do": do})

    def fired(self):
        return [order["fired"] for order in self.sandbox.snowflake_control("GET", "orders")]

    def export(self, *options, gate=None):
        environment = self.environment(**({"SNOWFLAKE_PORT": gate.port} if gate else {}))
        batch_size = () if "--batch-size" in options else ("--batch-size", BATCH)
        return run(self.arguments("--retry-backoff", "0.01", *batch_size, *options, study=self.table), environment)

    def gate(self):
        gate = StatementGate(self.sandbox.snowflake["host"], self.sandbox.snowflake["port"])
        self.addCleanup(gate.close)
        return gate

    def state(self):
        return (self.sandbox.rows(f"SELECT record_id, _run_id, _deleted_at FROM {self.table} ORDER BY 1, 2"),
                self.sandbox.rows(f"SELECT file_path, run_id, superseded_by FROM IMEDNET_LOADS WHERE target_table LIKE '%.{self.table}' ORDER BY 1, 2"))

    def change_three(self):
        """Changes, and what the live rows are then to be: one record changed, one new, one gone."""
        self.change(1004)
        self.vanish(1030)
        self.add({"studyKey": self.table, "formKey": "AE", "recordId": 2000, "recordData": {"n": 7}})
        rows = {1000 + n: n for n in range(RECORDS) if n != 30}
        return {**rows, 1004: 99, 2000: 7}

    def assert_settled(self, new):
        """The next runs bring the new rows, and then nothing more."""
        self.sandbox.snowflake_control("DELETE", "orders")
        result = self.export()
        self.assertEqual((result.code, self.live()), (0, new), result)
        self.assert_loaded(self.export(), 0)
        self.assertEqual(self.live(), new)


class AnswerOfCommitLost(CutTest):
    def assert_success_with_the_rows(self, new, *options, loaded=2):
        result = self.export(*options)
        self.assert_loaded(result, loaded)
        self.assertEqual(self.live(), new)
        self.assertIn(1, self.fired())
        self.assert_settled(new)

    def test_merge_that_was_carried_out_is_found_to_be_there(self):
        new = self.change_three()
        self.statement_order("COMMIT", {"fail": {"code": "000630"}, "after_running": True})
        self.assert_success_with_the_rows(new)

    def test_merge_whose_end_failed_is_rolled_back_and_done_again(self):
        new = self.change_three()
        self.statement_order("COMMIT", {"fail": {"code": "000630"}})
        self.assert_success_with_the_rows(new)

    def test_merge_that_nothing_else_would_end_is_done_again(self):
        """Without a ledger there is no cursor, and the temporary table can't be dropped: no DDL comes that would by chance keep what still stands open."""
        new = self.change_three()
        self.statement_order("COMMIT", {"fail": {"code": "000630"}})
        self.statement_order("DROP TABLE", {"fail": {"code": "003001"}}, times=0)
        self.assert_loaded(self.export("--ledger", "none"), 2)
        self.assertEqual((self.fired()[0], self.live()), (1, new))
        self.assertGreater(self.fired()[1], 0)

    def test_replace_that_was_carried_out_is_found_to_be_there(self):
        new = self.change_three()
        self.statement_order("COMMIT", {"fail": {"code": "000630"}, "after_running": True})
        self.assert_success_with_the_rows(new, "--mode", "replace", loaded=RECORDS)

    def test_replace_whose_end_failed_is_done_again(self):
        new = self.change_three()
        self.statement_order("COMMIT", {"fail": {"code": "000630"}})
        self.assert_success_with_the_rows(new, "--mode", "replace", loaded=RECORDS)

    def test_marks_alone_that_were_made_are_found_to_be_there(self):
        """The last file's records vanish whole: nothing waits in a temporary table."""
        self.vanish(*range(1040, 1060))
        self.statement_order("COMMIT", {"fail": {"code": "000630"}, "after_running": True})
        self.assert_success_with_the_rows({1000 + n: n for n in range(40)}, loaded=0)

    def test_marks_alone_whose_end_failed_are_made_again(self):
        self.vanish(*range(1040, 1060))
        self.statement_order("COMMIT", {"fail": {"code": "000630"}})
        self.assert_success_with_the_rows({1000 + n: n for n in range(40)}, loaded=0)

    def test_other_files_of_the_same_rows_whose_end_failed_change_no_row(self):
        old = self.live()
        self.statement_order("COMMIT", {"fail": {"code": "000630"}})
        self.assert_loaded(self.export("--batch-size", "7"), 0)
        self.assertEqual((self.fired(), self.live()), ([1], old))
        self.assert_settled(old)

    def test_transaction_that_never_ends_well_changes_nothing(self):
        new = self.change_three()
        before = self.state()
        self.statement_order("COMMIT", {"fail": {"code": "000630"}}, times=0)
        result = self.export()
        self.assertNotEqual(result.code, 0, result)
        self.assertEqual(self.state(), before)
        self.assert_settled(new)

    def test_when_nobody_can_tell_the_code_is_14_and_the_next_run_settles_it(self):
        new = self.change_three()
        self.statement_order("COMMIT", {"fail": {"code": "000630"}, "after_running": True})
        self.statement_order("INFORMATION_SCHEMA.QUERY_HISTORY", {"fail": {"code": "000625"}}, times=0)
        self.assert_exit(self.export(), 14, "run again")
        self.assertEqual(self.live(), new)
        self.assert_settled(new)

    def test_connection_cut_at_the_end_leaves_the_new_rows_once(self):
        new = self.change_three()
        gate = self.gate()
        gate.drop_answer_to("COMMIT")
        result = self.export(gate=gate)
        self.assertTrue(gate.dropped.is_set())
        self.assertEqual(self.live(), new)
        self.assert_loaded(result, 2)
        self.assert_settled(new)


class UndoingLost(CutTest):
    """The ledger's rows can't be written when the study's rows are: what follows is a ROLLBACK, and after it DDL that would commit what still stands open."""

    def assert_old_rows(self, do, *texts, **match):
        new = self.change_three()
        before = self.state()
        self.statement_order('INSERT INTO "IMEDNET_DB"."PUBLIC"."IMEDNET_LOADS"', {"fail": {"code": "003001"}})
        self.statement_order("ROLLBACK", do, **match)
        self.assert_exit(self.export(), 13, *texts)
        self.assertTrue(all(self.fired()), self.fired())
        self.assertEqual(self.state(), before)
        self.assert_settled(new)

    def test_undoing_that_failed_is_tried_again(self):
        self.assert_old_rows({"fail": {"code": "000608"}}, "nothing was changed")

    def test_undoing_whose_answer_was_cut_is_tried_again(self):
        self.assert_old_rows({"cut_answers": 1}, "nothing was changed")

    def test_what_can_not_be_undone_goes_with_the_session(self):
        self.assert_old_rows({"fail": {"code": "000608"}}, "cannot undo", times=0)


class SessionLost(CutTest):
    def test_in_the_transaction_the_old_rows_stand_and_the_next_run_brings_the_new(self):
        new = self.live()
        for number, statement in enumerate(("MERGE INTO", 'SET "_DELETED_AT" = SYSDATE()', 'INSERT INTO "IMEDNET_DB"."PUBLIC"."IMEDNET_LOADS"', "COMMIT")):
            with self.subTest(statement):
                self.change(1004, 200 + number)
                self.vanish(1030 + number)
                old, before = self.live(), self.state()
                new[1004] = 200 + number
                del new[1030 + number]
                self.statement_order(statement, {"expire": "master"})
                result = self.export()
                self.assertEqual(self.fired(), [1], result)
                self.assert_exit(result, 13, "nothing was changed", "run again as it is")
                self.assertEqual((self.live(), self.state()), (old, before))
                self.assert_settled(new)

    def test_in_the_count_of_the_forms_the_new_session_does_not_go_on_without_the_transaction(self):
        """The second time that forms are counted is inside the transaction; one updated row leaves their numbers as they were."""
        self.change(1004)
        old, before = self.live(), self.state()
        self.statement_order('COALESCE("FORM_KEY"', {"expire": "master"}, nth=2)
        result = self.export()
        self.assertEqual(self.fired(), [1], result)
        self.assert_exit(result, 13, "nothing was changed", "run again as it is")
        self.assertEqual((self.live(), self.state()), (old, before))
        self.assert_settled({**old, 1004: 99})

    def test_lost_with_the_last_answer_the_new_rows_are_found(self):
        new = self.change_three()
        self.statement_order("COMMIT", {"fail": {"code": "390114"}, "after_running": True})
        self.assert_loaded(self.export(), 2)
        self.assertEqual(self.fired(), [1])
        self.assertEqual(self.live(), new)
        self.assert_settled(new)

    def test_program_killed_in_the_transaction_leaves_the_old_rows(self):
        new = self.change_three()
        old = self.live()
        gate = self.gate()
        gate.hold_answer_to("MERGE INTO")
        process = subprocess.Popen([str(part) for part in self.arguments("--batch-size", BATCH, study=self.table)],
                                   env=self.environment(SNOWFLAKE_PORT=gate.port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait, 30)
        self.addCleanup(process.kill)
        self.assertTrue(gate.held.wait(60), "it never came to its MERGE")
        process.kill()
        process.wait(30)
        self.assertEqual(self.live(), old)
        started = time.monotonic()  # Snowflake would end a transaction that nobody goes on with after five minutes; the next run does it at once
        self.assert_settled(new)
        self.assertLess(time.monotonic() - started, 150)

    def test_program_killed_after_the_transaction_leaves_the_new_rows_and_the_next_run_does_nothing(self):
        new = self.change_three()
        gate = self.gate()
        gate.hold_answer_to("COMMIT")
        process = subprocess.Popen([str(part) for part in self.arguments("--batch-size", BATCH, study=self.table)],
                                   env=self.environment(SNOWFLAKE_PORT=gate.port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait, 30)
        self.addCleanup(process.kill)
        self.assertTrue(gate.held.wait(60), "it never came to its COMMIT")
        process.kill()
        process.wait(30)
        self.assertEqual(self.live(), new)
        self.assert_loaded(self.export(), 0)
        self.assertEqual(self.live(), new)


del CutTest

if __name__ == "__main__":
    harness.main()
