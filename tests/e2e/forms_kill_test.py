#!/usr/bin/env python3
"""The same for typed tables: of several tables of a database, or folders of a lake, none is ahead of the others after a kill at any step; in Snowflake each is whole."""
import harness
from destinations import DuckDb, Lake, Postgres, Snowflake, Sqlite
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
    """There each table is whole by itself, and the next run goes on."""
    destination_of = Snowflake
    steps = ("statement_send/merge", "statement_send/commit", "statement_answered/commit")

    def in_the_table(self):
        tables = set(self.place.tables())
        return {name: dict(self.place.rows(f"SELECT record_id, n FROM {name} WHERE _deleted_at IS NULL")) for name in ("T_AE", "T_VS") if name in tables}

    def assert_whole(self, between, old, new):
        for table, rows in between.items():
            self.assertIn(rows, (old[table], new[table]), f"{table} holds neither the old rows nor the new ones")


if __name__ == "__main__":
    del FormsKilled, Killed  # no tests by themselves
    harness.main()
