#!/usr/bin/env python3
"""A study, its stage, its table and the time that changed since the last run, in the modes that are asked for by name: merge and replace mirror the API, append adds
whole new files and stops before anything that would put rows twice. (What the default mode makes of it: modes_test.py.)"""
import harness
from changing_study import BATCH, RECORDS, ModesTest, record

DAYS = (15, 70)  # Snowflake's load history is shown for 14 days, and kept for 64


class Changes(ModesTest):
    mode = None

    def run_mode(self, *options, **names):
        return self.report("--mode", self.mode, "--stage-prefix", self.table.lower(), *options, **names)

    def pass_days(self, days):
        self.sandbox.snowflake_control("POST", "clock", {"offset_seconds": days * 86400})
        self.sandbox._connection = None  # its session expired with the clock

    def setUp(self):
        super().setUp()
        self.addCleanup(self.pass_days, 0)
        self.run_mode()

    def clear_stage(self):
        self.sandbox.rows(f"REMOVE @MY_STAGE/{self.table.lower()}/")
        self.assertEqual(self.staged(), [])

    def staged(self):
        return self.sandbox.rows(f"LIST @MY_STAGE/{self.table.lower()}/")

    def recreate_target(self):
        self.sandbox.rows(f"CREATE TABLE {self.table}_COPY LIKE {self.table}")
        self.sandbox.rows(f"DROP TABLE {self.table}")
        self.sandbox.rows(f"ALTER TABLE {self.table}_COPY RENAME TO {self.table}")

    def while_reading(self, change):
        """The study changes after its first page was read, before its records are counted."""
        self.sandbox.order({"change": {"study": self.table, **change}}, path_contains=f"/studies/{self.table}/", nth=4)


class MirrorModes(Changes):
    """The same for merge and for replace, which both mirror; what they say they did differs."""

    def counts(self, changed=0, new=0, gone=0):
        raise NotImplementedError

    def assert_mirrored(self, changed=0, new=0, gone=0, options=()):
        report = self.run_mode(*options)
        self.assert_report(report, **self.counts(changed, new, gone))
        self.assert_mirror()
        return report

    def test_record_changed_in_the_middle(self):
        self.change(1058)
        self.assert_mirrored(changed=1)

    def test_record_inserted_in_the_middle(self):
        self.add(1059)
        self.assert_mirrored(new=1)

    def test_record_added_at_the_end(self):
        self.add(2000)
        self.assert_mirrored(new=1)

    def test_record_deleted_in_the_edc_keeps_its_row_and_its_flag(self):
        self.sandbox.control("DELETE", f"/sandbox/studies/{self.table}/records/1010")
        self.assert_mirrored(changed=1)
        self.assertEqual(self.sandbox.rows(f"SELECT record_id, _deleted_at FROM {self.table} WHERE deleted"), [(1010, None)])

    def test_records_that_vanished_and_came_back(self):
        self.vanish(1000, 1030, 1118)
        self.assert_mirrored(gone=3)
        self.add(1030, 15)
        self.assert_mirrored(changed=1 if self.mode == "merge" else 0, new=0 if self.mode == "merge" else 1)

    def test_other_batch_size(self):
        self.assert_mirrored(options=("--batch-size", 7))
        self.assert_mirrored()

    def test_stage_that_was_cleared(self):
        self.clear_stage()
        self.change(1004)
        self.assert_mirrored(changed=1)
        self.assertNotEqual(self.staged(), [])

    def test_after_fifteen_and_after_seventy_days(self):
        for days in DAYS:
            self.pass_days(days)
            self.change(1004, 100 + days)
            self.assert_mirrored(changed=1)

    def test_dropped_target(self):
        self.sandbox.rows(f"DROP TABLE {self.table}")
        self.assert_report(self.run_mode(), rows_inserted=RECORDS, rows_in_target=RECORDS)
        self.assert_mirror()

    def test_recreated_target(self):
        self.recreate_target()
        self.assert_report(self.run_mode(), rows_inserted=RECORDS, rows_in_target=RECORDS)
        self.assert_mirror()

    def test_record_added_while_the_study_is_read(self):
        self.while_reading({"kind": "add", "record": record(self.table, 1059, 7)})
        report = self.assert_mirrored(new=1)
        self.assertEqual((report["rereads"], report["rows_read"]), (1, RECORDS + 1), report)


class Merge(MirrorModes):
    mode = "merge"

    def counts(self, changed=0, new=0, gone=0):
        return {"rows_inserted": new, "rows_updated": changed, "rows_vanished": gone}

    def test_nothing_changed(self):
        for days in (0, *DAYS):
            self.pass_days(days)
            self.assert_report(self.run_mode(), method="nothing", rows_loaded=0)
        self.clear_stage()
        self.assert_report(self.run_mode(), method="nothing", rows_loaded=0)
        self.assertEqual(self.staged(), [])
        self.assert_mirror()


class Replace(MirrorModes):
    mode = "replace"

    def counts(self, changed=0, new=0, gone=0):
        return {"method": "replace", "rows_updated": 0, "rows_vanished": 0, "rows_inserted": len(self.in_the_api())}


class Append(Changes):
    mode = "append"

    def assert_refused(self, *options):
        before = (self.live(), self.staged())
        result = self.export("--mode", "append", "--stage-prefix", self.table.lower(), *options)
        self.assert_exit(result, 13, "--mode merge", "--allow-duplicates")
        self.assertEqual((self.live(), self.staged()), before)

    def test_record_that_was_changed_inserted_or_vanished_is_refused_before_any_put(self):
        self.add(1059)
        self.assert_refused()
        self.vanish(1059)
        self.assert_report(self.run_mode(), rows_loaded=0, rows_skipped=RECORDS)
        self.vanish(1004)
        self.assert_refused()
        self.change(1058)
        self.assert_refused()

    def test_record_deleted_in_the_edc_is_refused(self):
        self.sandbox.control("DELETE", f"/sandbox/studies/{self.table}/records/1010")
        self.assert_refused()

    def test_other_batch_size_is_refused(self):
        self.assert_refused("--batch-size", 7)

    def test_whole_new_files_are_added_and_a_file_that_grew_is_refused(self):
        for n in range(BATCH + 1):
            self.add(2000 + n)
        self.assert_report(self.run_mode(), method="append", rows_inserted=BATCH + 1, rows_skipped=RECORDS)
        self.assert_mirror()
        self.add(3000)
        self.assert_refused()

    def test_nothing_is_added_twice_whatever_snowflake_has_forgotten(self):
        for days in (0, *DAYS):
            self.pass_days(days)
            self.assert_report(self.run_mode(), rows_loaded=0, rows_skipped=RECORDS)
        self.clear_stage()
        self.assert_report(self.run_mode(), rows_loaded=0, rows_skipped=RECORDS)
        self.assertEqual(self.staged(), [])
        self.assert_mirror()

    def test_dropped_and_recreated_targets_are_loaded_anew(self):
        self.sandbox.rows(f"DROP TABLE {self.table}")
        self.assert_report(self.run_mode(), rows_inserted=RECORDS)
        self.recreate_target()
        self.assert_report(self.run_mode(), rows_inserted=RECORDS)
        self.assert_mirror()

    def test_record_added_while_the_study_is_read(self):
        for n in range(BATCH - 1):
            self.add(2000 + 2 * n)
        self.while_reading({"kind": "add", "record": record(self.table, 2001, 7)})
        self.assert_report(self.run_mode(), rereads=1, rows_inserted=BATCH, rows_read=RECORDS + BATCH)
        self.assert_mirror()


del Changes, MirrorModes, ModesTest

if __name__ == "__main__":
    harness.main()
