#!/usr/bin/env python3
"""A run in which nothing changed wakes no warehouse; and every way in which that could be wrong makes it look again."""
import json

import harness
from changing_study import BATCH, RECORDS
from cursor_case import CursorTest


class Unchanged(CursorTest):
    def test_second_run_wakes_no_warehouse(self):
        first = self.report()
        self.assertLess(len(json.dumps(self.comment())), 1000)
        second = self.report()
        self.assert_unchanged(second, first)
        self.assertEqual((second["rows_read"], second["rows_skipped"], second["files"]), (RECORDS, RECORDS, 3))
        self.assert_unchanged(self.report("--mode", "merge"), first)
        result = self.export()
        self.assert_loaded(result, 0)
        self.assertIn(f"nothing changed since run {first['run_id']}", result.stderr)
        self.assert_mirror()

    def test_warehouse_that_sleeps_goes_on_sleeping(self):
        first = self.report()
        self.sandbox.rows("ALTER WAREHOUSE COMPUTE_WH SUSPEND")
        self.assert_unchanged(self.report(), first)
        state = {one["name"]: one["state"] for one in self.sandbox.snowflake_control("GET", "warehouses")}
        self.assertEqual(state["COMPUTE_WH"], "SUSPENDED")

    def test_a_change_is_loaded_and_then_rests_again(self):
        self.report()
        self.change(1004)
        second = self.report()
        self.assert_looked(second)
        self.assert_report(second, method="merge", rows_updated=1)
        self.assert_unchanged(self.report(), second)
        self.vanish(1030)
        third = self.report()
        self.assert_report(third, rows_vanished=1)
        self.assert_unchanged(self.report(), third)
        self.assert_mirror()

    def test_run_after_a_replace_and_a_reload_rests(self):
        self.report()
        for options in (("--mode", "replace"), ("--force-reload",)):
            report = self.report(*options)
            self.assert_looked(report)
            self.assert_unchanged(self.report(), report)

    def test_replace_and_reload_never_rest(self):
        self.report()
        for options in (("--mode", "replace"), ("--force-reload",), ("--mode", "append")):
            self.assert_looked(self.report(*options))

    def test_append_leaves_no_cursor(self):
        self.assert_loaded(self.export("--mode", "append"), RECORDS)
        self.assert_looked(self.report())

    def test_other_batch_size_looks_again(self):
        self.report()
        self.assert_looked(self.report("--batch-size", 2 * BATCH))
        self.assert_mirror()

    def test_empty_study_rests_too(self):
        for n in range(RECORDS):
            self.vanish(1000 + 2 * n)
        first = self.report()
        self.assert_unchanged(self.report(), first)


class Doubtful(CursorTest):
    def test_row_that_somebody_deleted_is_found(self):
        self.report()
        self.sandbox.rows(f"DELETE FROM {self.table} WHERE record_id = 1004")
        self.assert_exit(self.export(), 15, "somebody deleted rows")

    def test_target_that_was_emptied_or_made_anew_is_loaded(self):
        self.report()
        self.sandbox.rows(f"DROP TABLE {self.table}")
        self.assert_report(self.report(), method="copy", rows_inserted=RECORDS)
        self.sandbox.rows(f"CREATE OR REPLACE TABLE {self.table} (study_key VARCHAR, record_id NUMBER(38,0))")
        self.assert_report(self.report(), method="copy", rows_inserted=RECORDS)
        self.assert_mirror()

    def test_column_that_is_gone_is_added_again(self):
        self.report()
        self.sandbox.rows(f"ALTER TABLE {self.table} DROP COLUMN subject_oid")
        self.assert_looked(self.report())
        self.assertIn("SUBJECT_OID", [row[0] for row in self.sandbox.rows(f"DESCRIBE TABLE {self.table}")])

    def test_other_study_in_the_table_makes_it_look_again(self):
        other = "TEST_ROW_THAT_SOMEBODY_DELETED_IS_FOUND"
        self.report()
        self.report(study=other)
        again = self.report()
        self.assert_looked(again)
        self.assert_report(again, method="nothing", rows_loaded=0)
        self.assert_unchanged(self.report(), again)

    def test_damaged_foreign_and_future_comments_are_not_believed(self):
        self.report()
        name, good = self.cursor_table(), self.comment()
        bad = [json.dumps({**good, "live_rows": 59}, separators=(",", ":")), json.dumps(good)[:-9], "a note of mine", "[]", "{}",
               json.dumps({**good, "version": 2}, separators=(",", ":"))]
        for text in bad:
            self.set_comment(name, text)
            report = self.report()
            self.assert_looked(report)
            self.assert_report(report, method="nothing", rows_loaded=0)
        self.set_comment(name, json.dumps(good, separators=(",", ":")))
        self.assert_unchanged(self.report(), {**good, "rows_in_target": RECORDS})

    def test_comment_of_another_study_is_not_believed(self):
        other = "TEST_ROW_THAT_SOMEBODY_DELETED_IS_FOUND"
        self.report()
        name, mine = self.cursor_table(), self.comment()
        self.report(study=other)
        theirs = next(row[5] for row in self.sandbox.rows("SHOW TABLES LIKE 'IMEDNET_CURSOR_%'") if f'"study":"{other}"' in (row[5] or "")
                      and self.table in row[5])
        self.set_comment(name, theirs)
        self.assert_looked(self.report())

    def test_without_a_ledger_there_is_no_cursor_and_a_change_empties_the_others(self):
        self.report()
        self.assert_looked(self.report("--ledger", "none"))
        self.change(1004)
        self.report("--ledger", "none")
        self.change(1004, 2)
        self.assert_looked(self.report())
        self.assert_mirror()

    def test_run_that_dies_before_its_comment_leaves_none(self):
        self.report()
        self.change(1004)
        # The comment after the verified run is refused as if the program had died there.
        self.refuse('{"version":1')
        report = self.report()
        self.assertIn("can't be written", " ".join(report["warnings"]))
        self.change(1004, 2)  # as it was before
        again = self.report()
        self.assert_looked(again)
        self.assert_report(again, rows_updated=1)
        self.assert_mirror()

    def test_comment_that_cannot_be_emptied_stops_the_run_before_any_change(self):
        self.report()
        self.change(1004)
        before = self.sandbox.rows(f"SELECT record_id, _run_id FROM {self.table} ORDER BY 1")
        self.refuse("COMMENT ON TABLE")
        self.assert_exit(self.export(), 13, "GRANT OWNERSHIP")
        self.assertEqual(self.sandbox.rows(f"SELECT record_id, _run_id FROM {self.table} ORDER BY 1"), before)
        self.assert_report(self.report(), rows_updated=1)


del CursorTest

if __name__ == "__main__":
    harness.main()
