"""The destinations of an export as the suite of destinations_test.py sees them: how each is named to the command, how its tables are asked, what is odd about it."""
import json
import sqlite3

import duckdb
import pyarrow.parquet

import harness
import quirks
from changing_study import records
from postgres_server import PostgresServer


class Destination:
    quirks = None

    def __init__(self, case):
        self.case = case

    @property
    def command(self):
        return self.quirks.command

    @classmethod
    def start(cls):
        """Whatever has to run for a class of tests; ended by stop()."""

    @classmethod
    def stop(cls):
        pass

    def catalogue(self, name):
        """The types of a table's columns as the destination itself spells them."""
        raise NotImplementedError

    def table(self, name):
        """The table as its own SQL names it."""
        return f'"{name}"'


class DuckDb(Destination):
    quirks = quirks.DUCKDB
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

    def catalogue(self, name):
        return dict(self.rows(f"SELECT column_name, data_type FROM information_schema.columns WHERE table_name = '{name}'"))


class Sqlite(Destination):
    quirks = quirks.SQLITE
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

    def views(self):
        return [row[0] for row in self.rows("SELECT name FROM sqlite_master WHERE type = 'view'")]

    def columns(self, table):
        return [row[0] for row in self.rows(f"SELECT name FROM pragma_table_info('{table}') ORDER BY cid")]

    def catalogue(self, name):
        return dict(self.rows(f"SELECT name, type FROM pragma_table_info('{name}')"))


class Postgres(Destination):
    quirks = quirks.POSTGRESQL
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
        return [row[0] for row in self.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'")]

    def views(self):
        return [row[0] for row in self.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'VIEW'")]

    def columns(self, table):
        return [row[0] for row in self.rows(f"SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position")]

    def catalogue(self, name):
        return dict(self.rows(f"SELECT column_name, data_type FROM information_schema.columns WHERE table_name = '{name}'"))


class Snowflake(Destination):
    quirks = quirks.SNOWFLAKE
    n = "record_data:n::number"

    def table(self, name):
        return f'"{name.upper()}"'

    def rows(self, sql):
        return [tuple(row) for row in self.case.sandbox.rows(sql)]

    def tables(self):
        return [row[1] for row in self.rows("SHOW TABLES")]

    def catalogue(self, name):
        rows = self.rows(f"SELECT column_name, data_type FROM information_schema.columns WHERE table_name = '{name.upper()}'")
        return {column.lower(): kind for column, kind in rows}


class Lake(DuckDb):
    """Folders of Parquet files, one a target, that DuckDB reads as views of the names that tables have elsewhere; every row of theirs is live."""
    quirks = quirks.LAKE
    targets = ("t",)

    def folder(self, target):
        return self.case.own / f"{target}.lake"

    def place(self):
        return self.folder(self.targets[0])

    def views(self):
        for target in self.targets:
            for folder in self.folder(target).glob("study_key=*/form_key=*"):
                yield f"{target}_{folder.name.removeprefix('form_key=')}", folder
            for folder in self.folder(target).glob("_dimensions/*/study_key=*"):
                yield f"{target}_DIM_{folder.parent.name}", folder
            if any(self.folder(target).glob("*.parquet")):
                yield target, self.folder(target)

    def rows(self, sql):
        with duckdb.connect() as connection:
            for name, folder in self.views():
                connection.execute(f"""CREATE VIEW "{name}" AS SELECT *, CAST(NULL AS TIMESTAMP) AS _deleted_at FROM read_parquet('{folder}/*.parquet', hive_partitioning = false)""")
            return connection.execute(sql).fetchall()

    def tables(self):
        return [name for name, _ in self.views()]

    def catalogue(self, name):
        schema = pyarrow.parquet.read_schema(next(dict(self.views())[name].glob("*.parquet")))
        return {field.name: str(field.type) for field in schema}


def export_arguments(destination, case, *options, study, table):
    if destination.quirks.is_warehouse:
        return case.arguments(*options, study=study, table=table)
    if destination.command == "parquet":
        return [harness.BIN / "imednet", "export", "parquet", study, destination.folder(table), *options]
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
