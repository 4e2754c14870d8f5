#!/usr/bin/env python3
"""What quirks.py says of each destination is so, and docs/destinations.md is made of it."""
import subprocess
import sys
import unittest

import harness
import quirks
from changing_study import BATCH, RECORDS, metadata
from destinations import DuckDb, Lake, OfDestination, Postgres, Snowflake, Sqlite, export_arguments
from harness import run, wait_until
from own_study import OwnStudyTest


class Claims(OfDestination):
    """Each layout that a destination has goes into a target of its name."""
    elements_of = staticmethod(metadata)

    def go(self, layout, *options):
        words = () if layout == "records" else ("--layout", layout)
        return run(export_arguments(self.place, self, *words, *options, study=self.table, table=f"t_{layout}"), self.environment())

    def table_of(self, layout):
        return f"t_{layout}" if layout == "records" else f"t_{layout}_AE"

    def test_columns_have_these_types(self):
        seen = set()
        for layout in self.place.quirks.layouts:
            self.assertEqual(self.go(layout).code, 0)
            found = self.place.catalogue(self.table_of(layout))
            for kind, column in quirks.SEEN_BY[layout].items():
                with self.subTest(column, layout=layout):
                    self.assertEqual(found[column], self.place.quirks.types["text" if column == "_raw" else kind])
                seen.add(kind)
        self.assertEqual({kind for kind in quirks.KINDS if self.place.quirks.types[kind]}, seen)

    def test_layouts_and_modes_are_these(self):
        for layout in ("records", "forms"):
            self.assertEqual(self.go(layout).code, 0 if layout in self.place.quirks.layouts else 2, layout)
        for mode in quirks.MODES:
            self.assertEqual(self.go("records", "--mode", mode).code, 0 if mode in self.place.quirks.modes else 2, mode)

    def test_null_is_null_and_an_empty_text_is_empty(self):
        self.add({"studyKey": self.table, "formKey": "AE", "recordId": 900, "subjectKey": "", "recordStatus": None, "recordData": {"n": ""}})
        for layout in self.place.quirks.layouts:
            self.assertEqual(self.go(layout).code, 0)
            told = self.place.rows(f"SELECT subject_key, record_status, record_oid FROM {self.place.table(self.table_of(layout))} WHERE record_id = 900 AND study_key = '{self.table}'")
            self.assertEqual(told, [("", None, None)])
        if "forms" in self.place.quirks.layouts:
            self.assertEqual(self.place.rows(f"SELECT n FROM {self.place.table('t_forms_AE')} WHERE record_id = 900 AND study_key = '{self.table}'"), [(None,)])

    def test_flags_and_moments_are_read_as_these(self):
        self.add({"studyKey": self.table, "formKey": "AE", "recordId": 900, "deleted": True, "dateModified": "2026-01-02 03:04:05", "recordData": {"n": 1}})
        for layout in self.place.quirks.layouts:
            self.assertEqual(self.go(layout).code, 0)
            [(flag, moment)] = self.place.rows(f"SELECT deleted, date_modified FROM {self.place.table(self.table_of(layout))} WHERE record_id = 900 AND study_key = '{self.table}'")
            self.assertEqual((type(flag).__name__, type(moment).__name__), ({"bool": "bool", "number": "int"}[self.place.quirks.flags],
                                                                            {"datetime": "datetime", "text": "str"}[self.place.quirks.moments]))
            self.assertEqual((bool(flag), str(moment)[:19]), (True, "2026-01-02 03:04:05"))

    def test_a_text_with_nul_is_kept_or_escaped_and_told(self):
        self.add({"studyKey": self.table, "formKey": "AE", "recordId": 900, "subjectKey": "a\0b\\c", "recordData": {"n": 1}})
        for layout in self.place.quirks.layouts:
            result = self.go(layout)
            self.assertEqual((result.code, "U+0000" in result.stderr), (0, not self.place.quirks.holds_nul), result)
            [(text,)] = self.place.rows(f"SELECT subject_key FROM {self.place.table(self.table_of(layout))} WHERE record_id = 900 AND study_key = '{self.table}'")
            self.assertEqual(text, "a\0b\\c" if self.place.quirks.holds_nul else "a\\u0000b\\\\c")

    def test_names_are_folded_like_this(self):
        if not self.place.quirks.name_bytes:
            return self.skipTest("it has no tables")
        self.assertEqual(run(export_arguments(self.place, self, study=self.table, table="Trial"), self.environment()).code, 0)
        name = {"upper": "TRIAL", "lower": "trial"}.get(self.place.quirks.folds.split()[0], "Trial")
        self.assertIn(name, self.place.tables())
        return None

    def test_the_longest_name_it_takes_and_one_byte_more(self):
        size = self.place.quirks.name_bytes
        for length, code in ((size, 0), (size + 1, 13)) if size else ():
            name = '"' + "X" * length + '"'
            self.assertEqual(run(export_arguments(self.place, self, study=self.table, table=name), self.environment()).code, code, length)


class OfDuckDb(Claims, OwnStudyTest):
    destination_of = DuckDb


class OfSqlite(Claims, OwnStudyTest):
    destination_of = Sqlite


class OfPostgres(Claims, OwnStudyTest):
    destination_of = Postgres


class OfSnowflake(Claims, OwnStudyTest):
    destination_of = Snowflake


class OfLake(Claims, OwnStudyTest):
    destination_of = Lake

    def setUp(self):
        super().setUp()
        self.place.targets = ("t_records", "t_forms")

    def test_the_folder_of_the_run_that_ends_last_stays(self):
        self.sandbox.order({"delay_ms": 3_000}, path_contains=f"/studies/{self.table}/records", nth=2)
        words = [str(word) for word in export_arguments(self.place, self, "--batch-size", str(BATCH), study=self.table, table="t_records")]
        slow = subprocess.Popen(words, env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until("the slow run reads", lambda: any(self.own.glob(".imednet-parquet-*")))
            self.assertEqual(self.go("records", "--batch-size", "7").code, 0)
            self.assertEqual(slow.wait(timeout=harness.WAIT_S), 0)
        finally:
            slow.kill()
            slow.wait()
        self.assertEqual(len(list(self.place.folder("t_records").glob("*.parquet"))), RECORDS // BATCH)


class Page(unittest.TestCase):
    def test_it_is_what_the_table_says(self):
        done = run([sys.executable, harness.SOURCE / "tools/destinations", "--check"])
        self.assertEqual(done.code, 0, done)


if __name__ == "__main__":
    del Claims  # no test by itself
    harness.main()
