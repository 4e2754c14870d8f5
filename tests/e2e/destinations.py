"""The destinations of an export as the suite of destinations_test.py sees them: how each is named to the command, how its tables are asked, what is odd about it."""
import dataclasses
import json
import sqlite3

import duckdb

import harness
from changing_study import records
from postgres_server import PostgresServer


@dataclasses.dataclass(frozen=True)
class Quirks:
    """What a test may not take for granted."""
    holds_nul: bool = True        # a text may hold U+0000
    flags: str = "bool"           # what its clients make of a flag: "bool" or "number"
    name_bytes: int = 255
    is_warehouse: bool = False    # files, stages, a lease: tests of its own say the rest
    layouts: tuple = ("records", "forms")


class Destination:
    quirks = Quirks()
    command = ""

    def __init__(self, case):
        self.case = case

    @classmethod
    def start(cls):
        """Whatever has to run for a class of tests; ended by stop()."""

    @classmethod
    def stop(cls):
        pass

    def table(self, name):
        """The table as its own SQL names it."""
        return f'"{name}"'


class DuckDb(Destination):
    quirks = Quirks()
    command = "duckdb"
    n = "CAST(json_extract_string(record_data, '$.n') AS BIGINT)"

    @property
    def path(self):
        return self.case.own / "study.duckdb"

    def place(self):
        return self.path

    def rows(self, sql):
        with duckdb.connect(str(self.path)) as connection:
            return connection.execute(sql).fetchall()

    def tables(self):
        return [row[0] for row in self.rows("SELECT table_name FROM information_schema.tables")] if self.path.exists() else []


class Sqlite(Destination):
    quirks = Quirks(flags="number")
    command = "sql"
    n = "CAST(json_extract(record_data, '$.n') AS INTEGER)"

    @property
    def path(self):
        return self.case.own / "study.sqlite"

    def place(self):
        return f"sqlite:///{self.path}"

    def rows(self, sql):
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=10)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def tables(self):
        return [row[0] for row in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")] if self.path.exists() else []


class Postgres(Destination):
    quirks = Quirks(holds_nul=False, name_bytes=63)
    command = "sql"
    n = "CAST(record_data->>'n' AS BIGINT)"
    server = None

    @classmethod
    def start(cls):
        cls.server = PostgresServer()

    @classmethod
    def stop(cls):
        cls.server.stop()

    def __init__(self, case):
        super().__init__(case)
        self.database = "t_" + case.table.lower()[:50]
        with self.server.connect() as connection:
            connection.execute(f'CREATE DATABASE "{self.database}"')

    def place(self):
        return self.server.address(self.database)

    def rows(self, sql):
        with self.server.connect(self.database) as connection:
            answer = connection.execute(sql)
            rows = answer.fetchall() if answer.description else []
        # The driver reads JSON; what counts here is the text.
        return [tuple(json.dumps(value) if isinstance(value, (dict, list)) else value for value in row) for row in rows]

    def tables(self):
        return [row[0] for row in self.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")]


class Snowflake(Destination):
    quirks = Quirks(is_warehouse=True, layouts=("records",))
    command = "snowflake"
    n = "record_data:n::number"

    def table(self, name):
        return f'"{name.upper()}"'

    def rows(self, sql):
        return [tuple(row) for row in self.case.sandbox.rows(sql)]

    def tables(self):
        return [row[1] for row in self.rows("SHOW TABLES")]


def export_arguments(destination, case, *options, study, table):
    if destination.quirks.is_warehouse:
        return case.arguments(*options, study=study, table=table)
    return [harness.BIN / "imednet", "export", destination.command, study, table, destination.place(), *options]


class OfDestination:
    """Tests of one destination, which runs as long as their class; each has its own study, named as itself: ids 1000, 1002 … 1118."""
    records_of = staticmethod(records)
    destination_of = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.destination_of.start()
        cls.addClassCleanup(cls.destination_of.stop)

    def setUp(self):
        super().setUp()
        self.place = self.destination_of(self)
