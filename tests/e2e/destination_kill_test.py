#!/usr/bin/env python3
"""A run into DuckDB, SQLite or PostgreSQL that is killed at any of its steps leaves the table as it was or as it should be, and the next one makes it right."""
import harness
from destinations import DuckDb, Postgres, Sqlite
from killed_export import Killed
from own_study import OwnStudyTest


class BothModes(Killed):
    def test_merge(self):
        self.try_all()

    def test_replace(self):
        self.try_all("--mode", "replace")


class DuckDbKilled(BothModes, OwnStudyTest):
    destination_of = DuckDb


class SqliteKilled(BothModes, OwnStudyTest):
    destination_of = Sqlite


class PostgresKilled(BothModes, OwnStudyTest):
    destination_of = Postgres


if __name__ == "__main__":
    del BothModes, Killed  # no tests by themselves
    harness.main()
