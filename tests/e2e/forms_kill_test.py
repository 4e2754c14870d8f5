#!/usr/bin/env python3
"""The same for typed tables: of several tables of a database, or folders of a lake, none is ahead of the others after a kill at any step; in Snowflake each is whole."""
import signal

import harness
from destinations import DuckDb, Lake, Postgres, Snowflake, Sqlite
from harness import run
from killed_export import Killed
from own_study import OwnStudyTest


class FormsKilled(Killed):
    layout = "forms"
    # Behind an answered statement a database is as before the next one is sent, but for the last.
    steps = ("statement_send", "statement_answered/commit", "manifest_write", "manifest_synced", "file_renamed")

    def test_every_step(self):
        self.try_all()


class DuckDbKilled(FormsKilled, OwnStudyTest):
    destination_of = DuckDb


class SqliteKilled(FormsKilled, OwnStudyTest):
    destination_of = Sqlite


class PostgresKilled(FormsKilled, OwnStudyTest):
    destination_of = Postgres


class LakeKilled(FormsKilled, OwnStudyTest):
    destination_of = Lake
    steps = ("folder_made", "folder_remove", "folder_removed", "staged_write", "staged_written", "staged_synced", "staged_named", "file_write", "file_written", "file_synced",
             "file_renamed")


class SnowflakeKilled(FormsKilled, OwnStudyTest):
    """There each table is whole by itself, and the next run goes on: from the middle of a table, and from between two of them."""
    destination_of = Snowflake
    steps = ("statement_send/merge", "statement_send/commit", "statement_answered/commit", "manifest_synced")
    tables = {"T_AE": "record_id, n", "T_VS": "record_id, n", "T_DIM_VARIABLE": "variable_id, variable_name"}

    def setUp(self):
        super().setUp()
        self.drop_tables()

    def in_the_table(self):
        there = set(self.place.tables())
        found = {name: self.place.rows(f"SELECT {what} FROM {name} WHERE _deleted_at IS NULL") for name, what in self.tables.items() if name in there}
        self.assertTrue(all(len(rows) == len(dict(rows)) for rows in found.values()), "a record stands twice")
        return {name: dict(rows) for name, rows in found.items()}

    def assert_whole(self, between, old, new):
        for table, rows in between.items():
            self.assertIn(rows, (old[table], new[table]), f"{table} holds neither the old rows nor the new ones")

    def assert_proved(self):
        where = self.sandbox.snowflake
        flags = [part for name in ("account", "user", "database", "schema", "warehouse") for part in (f"--{name}", where[name])]
        result = run([harness.BIN / "imednet", "verify", self.own / "manifest.jsonl", *flags], self.environment())
        self.assertEqual((result.code, result.last_line), (0, "Everything is as it was loaded"), result)

    def test_every_step(self):
        self.try_all()
        self.assert_proved()

    def drop_tables(self):
        for name in self.place.tables():
            if name.startswith("T_"):
                self.sandbox.rows(f'DROP TABLE "{name}"')

    def test_every_step_of_a_first_load(self):
        self.steps = ("statement_send/copy", "statement_answered/copy", "manifest_synced")
        points = self.places()
        self.assertIn(("statement_send/copy", 1), points)
        new = self.in_the_table()
        for point, nth in points:
            with self.subTest(point, nth=nth):
                self.drop_tables()
                code, passed = self.run_failing(f"{point}:{nth}:kill")
                self.assertIn(f"fired {point}", passed)
                self.assertEqual(code, -signal.SIGKILL)
                for table, rows in self.in_the_table().items():
                    self.assertIn(rows, ({}, new[table]), table)
                self.assertEqual(self.loaded(), new)
        self.assert_proved()


if __name__ == "__main__":
    del FormsKilled, Killed  # no tests by themselves
    harness.main()
