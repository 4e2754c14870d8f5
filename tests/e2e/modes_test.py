#!/usr/bin/env python3
"""What each write mode makes of a study that changed since the last run: the live rows are then what the API holds, and the report says what was done."""
import json

import harness
from changing_study import BATCH, RECORDS, ModesTest, record


class Auto(ModesTest):
    def test_first_run_copies_and_the_second_does_nothing(self):
        self.assert_report(self.report(), method="copy", rows_inserted=RECORDS, rows_in_target=RECORDS)
        self.assert_report(self.report(), method="nothing", rows_loaded=0, rows_skipped=RECORDS)
        self.assert_mirror()

    def test_changed_record_is_updated_and_its_neighbours_are_left(self):
        self.report()
        before = dict(self.sandbox.rows(f"SELECT record_id, _run_id FROM {self.table}"))
        self.change(1004)
        report = self.report()
        self.assert_report(report, method="merge", rows_updated=1, rows_inserted=0, rows_unchanged=BATCH - 1, rows_skipped=2 * BATCH, rows_vanished=0)
        after = dict(self.sandbox.rows(f"SELECT record_id, _run_id FROM {self.table}"))
        self.assertEqual({key for key in after if after[key] != before[key]}, {1004})
        self.assert_mirror()
        self.assert_report(self.report(), method="nothing", rows_loaded=0)

    def test_record_changed_back_is_updated_again(self):
        self.report()
        self.change(1004, 99)
        self.report()
        self.change(1004, 2)
        self.assert_report(self.report(), method="merge", rows_updated=1)
        self.assert_mirror()
        self.assert_report(self.report(), method="nothing")

    def test_record_inserted_in_the_middle_shifts_files_and_inserts_one_row(self):
        self.report()
        self.add(1003)
        self.assert_report(self.report(), method="merge", rows_inserted=1, rows_updated=0, rows_unchanged=RECORDS, rows_skipped=0)
        self.assert_mirror()
        self.assert_report(self.report(), method="nothing")

    def test_record_added_at_the_end_loads_one_file(self):
        self.report()
        self.add(2000)
        self.assert_report(self.report(), method="merge", rows_inserted=1, rows_unchanged=0, rows_skipped=RECORDS)
        self.assert_mirror()

    def test_record_added_and_vanished_again_leaves_it_marked(self):
        self.report()
        self.add(1117)
        self.report()
        self.vanish(1117)
        self.assert_report(self.report(), method="merge", rows_vanished=1)
        self.assertEqual(self.gone(), [1117])
        self.assert_mirror()
        self.assert_report(self.report(), method="nothing")

    def test_vanished_records_are_marked_and_returning_ones_come_back(self):
        self.report()
        for record_id in (1000, 1058, 1118):
            self.vanish(record_id)
        self.assert_report(self.report(), rows_vanished=3, rows_in_target=RECORDS - 3)
        self.assertEqual(self.gone(), [1000, 1058, 1118])
        self.assert_mirror()
        self.assert_report(self.report(), method="nothing", rows_vanished=0)
        self.add(1058, 29)
        self.assert_report(self.report(), rows_updated=1, rows_vanished=0)
        self.assertEqual(self.gone(), [1000, 1118])
        self.assert_mirror()

    def test_record_deleted_in_the_edc_stays_live_with_its_flag(self):
        self.report()
        self.sandbox.control("DELETE", f"/sandbox/studies/{self.table}/records/1010")
        self.assert_report(self.report(), rows_updated=1, rows_vanished=0)
        self.assertEqual(self.sandbox.rows(f"SELECT record_id, _deleted_at FROM {self.table} WHERE deleted"), [(1010, None)])

    def test_other_batch_size_changes_files_and_no_row(self):
        self.report()
        self.assert_report(self.report("--batch-size", "7"), method="merge", rows_loaded=0, rows_unchanged=RECORDS)
        self.assert_report(self.report("--batch-size", "7"), method="nothing")
        self.assert_report(self.report(), rows_loaded=0)
        self.assert_mirror()

    def test_lost_ledger_costs_time_and_nothing_else(self):
        self.report()
        self.change(1004)
        self.vanish(1030)
        self.sandbox.rows(f"DELETE FROM IMEDNET_LOADS WHERE study_key = '{self.table}'")
        self.assert_report(self.report(), rows_updated=1, rows_vanished=1)
        self.assert_mirror()

    def test_dropped_and_recreated_target_is_loaded_anew(self):
        self.report()
        self.sandbox.rows(f"DROP TABLE {self.table}")
        self.assert_report(self.report(), method="copy", rows_inserted=RECORDS)
        self.assert_mirror()

    def test_rows_stay_once_although_the_load_history_forgot_them(self):
        self.report()
        self.change(1004)
        for days in (15, 70):
            self.sandbox_clock(days)
            self.report()
            self.assert_mirror()
            self.change(1004, days)
        self.sandbox_clock(0)

    def sandbox_clock(self, days):
        self.sandbox.snowflake_control("POST", "clock", {"offset_seconds": days * 86400})
        self.sandbox._connection = None  # its session expired with the clock

    def test_stage_that_was_cleared_changes_nothing(self):
        self.report("--stage-prefix", self.table.lower())
        self.sandbox.rows(f"REMOVE @MY_STAGE/{self.table.lower()}/")
        self.change(1004)
        self.assert_report(self.report("--stage-prefix", self.table.lower()), rows_updated=1)
        self.assert_mirror()

    def test_record_that_comes_back_while_it_is_asked_for_is_not_marked(self):
        self.report()
        self.vanish(1118)
        self.sandbox.order({"change": {"kind": "add", "study": self.table, "record": record(self.table, 1118, 59, "VS")}},
                           path_contains=f"/studies/{self.table}/", query_contains="recordId>1117")
        report = self.report()
        self.assertEqual((report["rereads"], report["rows_vanished"], self.gone()), (1, 0, []), report)
        self.assert_mirror()

    def test_api_that_ignores_filters_still_marks_what_vanished(self):
        self.report()
        self.vanish(1030)
        self.sandbox.order({"ignore_filter": True}, times=0)
        self.assert_report(self.report(), rows_vanished=1, paging="offset")
        self.sandbox.clear_orders()
        self.assert_mirror()


class Shrinking(ModesTest):
    def state(self):
        return self.sandbox.rows(f"SELECT record_id, _run_id, _deleted_at FROM {self.table} ORDER BY 1, 2")

    def test_form_that_lost_all_its_records_needs_a_word(self):
        self.report()
        for n in range(40, RECORDS):
            self.vanish(1000 + 2 * n)
        before = (self.state(), self.sandbox.rows("LIST @MY_STAGE/"))
        self.assert_exit(self.export(), 13, "forms VS", "--allow-shrink")
        self.assert_exit(self.export("--mode", "replace"), 13, "--allow-shrink")
        self.assert_exit(self.export("--force-reload"), 13, "--allow-shrink")
        self.assertEqual((self.state(), self.sandbox.rows("LIST @MY_STAGE/")), before)
        self.assert_report(self.report("--allow-shrink"), rows_vanished=20)
        self.assert_mirror()

    def test_study_below_half_needs_a_word(self):
        self.report()
        for n in range(0, 38):
            self.vanish(1000 + 2 * n)
        self.assert_exit(self.export(), 13, "--allow-shrink")
        self.assert_report(self.report("--mode", "replace", "--allow-shrink"), method="replace", rows_inserted=22)
        self.assert_mirror()

    def test_study_that_is_empty_now_is_marked_whole_when_allowed(self):
        self.report()
        for n in range(RECORDS):
            self.vanish(1000 + 2 * n)
        self.assert_exit(self.export(), 13, "--allow-shrink")
        self.assert_report(self.report("--allow-shrink"), method="merge", rows_vanished=RECORDS, rows_in_target=0)
        self.assertEqual((self.live(), len(self.gone())), ({}, RECORDS))


class Named(ModesTest):
    def test_merge_into_a_table_without_the_study_inserts_it(self):
        self.assert_report(self.report("--mode", "merge"), method="merge", rows_inserted=RECORDS)
        self.assert_report(self.report("--mode", "merge"), method="nothing", rows_loaded=0)
        self.assert_mirror()

    def test_replace_leaves_no_mark_and_no_other_study_behind(self):
        other = "TEST_MERGE_INTO_A_TABLE_WITHOUT_THE_STUDY_INSERTS_IT"
        self.report()
        self.assert_loaded(self.export(study=other), RECORDS)
        self.vanish(1004)
        self.change(1006)
        self.report()
        self.assert_report(self.report("--mode", "replace"), method="replace", rows_inserted=RECORDS - 1, rows_in_target=RECORDS - 1)
        self.assert_mirror()
        self.assertEqual(self.gone(), [])
        self.assertEqual(self.sandbox.rows(f"SELECT COUNT(*) FROM {self.table} WHERE study_key = '{other}'"), [(RECORDS,)])
        self.assert_report(self.report(), method="nothing")

    def test_merge_of_one_study_leaves_another_alone(self):
        other = "TEST_MERGE_INTO_A_TABLE_WITHOUT_THE_STUDY_INSERTS_IT"
        self.report()
        self.assert_loaded(self.export(study=other), RECORDS)
        theirs = self.sandbox.rows(f"SELECT * FROM {self.table} WHERE study_key = '{other}' ORDER BY record_id")
        self.vanish(1004)
        self.change(1006)
        self.assert_report(self.report(), rows_updated=1, rows_vanished=1)
        self.assertEqual(self.sandbox.rows(f"SELECT * FROM {self.table} WHERE study_key = '{other}' ORDER BY record_id"), theirs)
        self.assert_mirror()

    def test_all_changes_stand_in_one_transaction_without_ddl(self):
        self.report()
        self.change(1004)
        self.vanish(1030)
        texts = self.sandbox.statements_of(self.report()["run_id"])
        statements = [text.split()[0].upper() for text in texts if "IMEDNET_LEASES" not in text]  # the lease is given back afterwards
        begin, commit = statements.index("BEGIN"), statements.index("COMMIT")
        self.assertLess(statements.index("COPY"), begin)
        self.assertIn("MERGE", statements[begin:commit])
        self.assertFalse({"CREATE", "DROP", "ALTER", "COPY"} & set(statements[begin:commit]))
        self.assertFalse({"INSERT", "UPDATE", "DELETE", "MERGE"} & set(statements[commit:]))

    def test_rows_that_stand_twice_stop_the_merge_and_nothing_is_changed(self):
        self.assert_loaded(self.export("--mode", "append"), RECORDS)
        self.change(1004)
        self.assert_loaded(self.export("--mode", "append", "--allow-duplicates"), BATCH)
        before = self.sandbox.rows(f"SELECT record_id, _run_id, _deleted_at FROM {self.table} ORDER BY 1, 2")
        self.change(1006)
        self.assert_exit(self.export(), 15, "--force-reload", "nothing was changed")
        self.assertEqual(self.sandbox.rows(f"SELECT record_id, _run_id, _deleted_at FROM {self.table} ORDER BY 1, 2"), before)
        self.assert_report(self.report("--force-reload"), method="replace", rows_inserted=RECORDS)
        self.assert_mirror()

    def test_frozen_schema_stops_before_anything_is_loaded(self):
        self.sandbox.rows(f"CREATE TABLE {self.table} (study_key VARCHAR NOT NULL, record_id NUMBER(38,0) NOT NULL, record_data VARIANT)")
        self.assert_exit(self.export("--schema-changes", "freeze"), 13, "ALTER TABLE", "FORM_KEY")
        self.assertEqual(len(self.sandbox.rows(f"DESCRIBE TABLE {self.table}")), 3)
        self.assert_report(self.report("--schema-changes", "evolve"), rows_inserted=RECORDS)
        self.assert_mirror()


class Grants(ModesTest):
    def grant(self, privileges, on):
        self.sandbox.rows(f"GRANT {privileges} ON {on} TO ROLE {self.table}")

    def test_somebody_elses_table_needs_update_and_delete_for_a_changed_study(self):
        self.report()
        self.sandbox.rows(f"CREATE ROLE {self.table}")
        self.sandbox.rows(f"GRANT ROLE {self.table} TO USER loader")
        for privileges, on in (("USAGE", "WAREHOUSE COMPUTE_WH"), ("USAGE", "DATABASE IMEDNET_DB"), ("USAGE", "SCHEMA IMEDNET_DB.PUBLIC"),
                               ("READ", "STAGE IMEDNET_DB.PUBLIC.MY_STAGE"), ("WRITE", "STAGE IMEDNET_DB.PUBLIC.MY_STAGE"),
                               ("CREATE TABLE", "SCHEMA IMEDNET_DB.PUBLIC"), ("SELECT, INSERT", f"TABLE {self.table}"),
                               ("SELECT, INSERT, UPDATE", "TABLE IMEDNET_LOADS"), ("SELECT, INSERT, UPDATE", "TABLE IMEDNET_LEASES")):
            self.grant(privileges, on)
        self.assert_report(self.report("--role", self.table), method="nothing")
        self.change(1004)
        self.assert_exit(self.export("--role", self.table), 13, "GRANT OWNERSHIP")  # the cursor is another role's, and would say that nothing changed
        self.forget_cursors()
        before = self.sandbox.rows(f"SELECT record_id, _run_id FROM {self.table} ORDER BY 1")
        for mode in ("merge", "replace"):
            self.assert_exit(self.export("--role", self.table, "--mode", mode), 13, "Insufficient privileges", "nothing was changed")
        self.assertEqual(self.sandbox.rows(f"SELECT record_id, _run_id FROM {self.table} ORDER BY 1"), before)
        self.grant("UPDATE, DELETE", f"TABLE {self.table}")
        self.assert_report(self.report("--role", self.table), rows_updated=1)
        self.assert_report(self.report("--role", self.table, "--mode", "replace"), method="replace", rows_inserted=RECORDS)
        self.assert_mirror()


del ModesTest

if __name__ == "__main__":
    harness.main()
