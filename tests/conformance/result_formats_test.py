#!/usr/bin/env python3
"""Queries answered in JSON and in Arrow: official clients read the same values from both; and lists of binds.

result_formats_test.py --bin build/release/bin --source .    (inside, it starts itself again with the ADBC driver's Python)
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

from sandbox_server import Checks, Server

ROWS = 240_000
MAKE = [
    "CREATE OR REPLACE TABLE formats (n INT, small NUMBER(4,0), money NUMBER(12,2), wide NUMBER(38,0), fine NUMBER(38,10), r FLOAT, t VARCHAR, "
    "b BOOLEAN, d DATE, ti TIME, ntz TIMESTAMP_NTZ, ltz TIMESTAMP_LTZ, bin BINARY, v VARIANT)",
    "INSERT INTO formats SELECT 1, 7, 12.34, 99999999999999999999999999999999999999, 1234567890123456789012345678.0123456789, 0.1, 'é \"quoted\"', TRUE, "
    "'2026-02-28'::DATE, '23:59:59.123456'::TIME, '2026-01-02 03:04:05.678901'::TIMESTAMP_NTZ, '2026-01-02 03:04:05.678901'::TIMESTAMP_LTZ, "
    "NULL, PARSE_JSON('{\"a\": [1, null, \"x\"]}')",
    "INSERT INTO formats SELECT 2, -999, -0.01, -99999999999999999999999999999999999999, -0.0000000001, -1.7e308, '', FALSE, "
    "'1969-12-31'::DATE, '00:00:00'::TIME, '1969-12-31 23:59:59.999999'::TIMESTAMP_NTZ, '1900-01-01 00:00:00.000001'::TIMESTAMP_LTZ, "
    "NULL, PARSE_JSON('17')",
    "INSERT INTO formats (n) VALUES (3)",
    "INSERT INTO formats SELECT 4, 0, 0, 0, 0, 0, 'x', TRUE, '9999-12-31'::DATE, '12:00:00'::TIME, '9999-12-31 23:59:59'::TIMESTAMP_NTZ, "
    "'9999-12-31 00:00:00'::TIMESTAMP_LTZ, NULL, PARSE_JSON('null')",
]
BYTES = {1: b"\0\xff\x10", 2: b"", 4: b"a"}
TYPES = "SELECT * FROM formats ORDER BY n"
# The driver's reader of JSON takes no dates, times or bytes as the service writes them: "cannot parse". [seen: ADBC 1.11]
READ_FROM_JSON = "SELECT n, small, money, wide, fine, r, t, b, v FROM formats ORDER BY n"
NONE = "SELECT * FROM formats WHERE n > 100"
MANY = f"SELECT SEQ4() AS n, 'row ' || SEQ4() AS t FROM TABLE(GENERATOR(ROWCOUNT => {ROWS}))"


def connector(where, **more):
    import snowflake.connector

    return snowflake.connector.connect(
        host=where["host"], port=int(where["port"]), protocol="http", account=where["account"], user=where["user"], password=where["password"],
        database=where["database"], schema=where["schema"], warehouse=where["warehouse"], login_timeout=20, disable_ocsp_checks=True,
        session_parameters={"TIMEZONE": "UTC", **more.pop("parameters", {})}, **more)


def connector_rows(where, format_name):
    with connector(where) as connection:
        cursor = connection.cursor()
        values = cursor.execute(TYPES).fetchall()
        told = cursor._query_result_format  # pylint: disable=protected-access
        none = cursor.execute(NONE).fetchall()
        cursor.execute(MANY)
        parts = len(cursor.get_result_batches())
        total = sum(1 for number, text in cursor if text == f"row {number}")
        switched = cursor.execute("ALTER SESSION SET PYTHON_CONNECTOR_QUERY_RESULT_FORMAT = 'JSON'").execute("SELECT 1.5").fetchall()
        told_then = cursor._query_result_format  # pylint: disable=protected-access
    return {"values": values, "told": told, "none": none, "parts": parts > 2, "total": total, "switched": (told_then, str(switched)), "wanted": format_name}


def with_connector(bin_dir, folder, check):
    """Rows as the connector reads them."""
    seen = {}
    with Server(bin_dir, folder, "--result-format", "json") as server, connector(server.where) as connection:
        for statement in MAKE:
            connection.cursor().execute(statement)
        binds_by_lists(server.where, check)
        seen["json"] = connector_rows(server.where, "json")
    with Server(bin_dir, folder) as server:  # Arrow is what it does by itself
        seen["arrow"] = connector_rows(server.where, "arrow")
        with connector(server.where, parameters={"PYTHON_CONNECTOR_QUERY_RESULT_FORMAT": "JSON"}) as connection:
            cursor = connection.cursor()
            cursor.execute("SELECT 1")
            check.equal("the session's own parameter counts", cursor._query_result_format, "json")  # pylint: disable=protected-access
            with connector(server.where) as other:
                cursor = other.cursor()
                for statement in ("SHOW TABLES", "DESC TABLE formats", "LIST @MY_STAGE", "INSERT INTO formats (n) VALUES (5)", "DELETE FROM formats WHERE n = 5"):
                    cursor.execute(statement)
                    check.equal(f"{statement.split()[0]} stays JSON", cursor._query_result_format, "json")  # pylint: disable=protected-access
    for name, one in seen.items():
        check.equal(f"{name} is what the answer says", one["told"], name)
        check.equal(f"{name}: a large result in parts, every row right", (one["parts"], one["total"]), (True, ROWS))
        check.equal(f"{name}: ALTER SESSION chooses JSON", one["switched"], ("json", "[(Decimal('1.5'),)]"))
        check.equal(f"{name}: four rows", len(one["values"]), 4)
    for column, pair in enumerate(zip(zip(*seen["json"]["values"]), zip(*seen["arrow"]["values"]))):
        check.equal(f"column {column} is the same in both", pair[1], pair[0])
    check.equal("no rows", (seen["json"]["none"], seen["arrow"]["none"]), ([], []))
    return seen["arrow"]["values"]


def binds_by_lists(where, check):
    import snowflake.connector

    snowflake.connector.paramstyle = "qmark"
    try:
        with connector(where) as connection:
            cursor = connection.cursor()
            cursor.execute("CREATE OR REPLACE TABLE bound (n INT NOT NULL, t VARCHAR)")
            rows = [(n, None if n % 7 == 0 else f"it's {n}") for n in range(3000)]
            cursor.executemany("INSERT INTO bound (n, t) VALUES (?, ?)", rows)
            check.equal("executemany counts its rows", cursor.rowcount, 3000)
            check.equal("and they are there", cursor.execute("SELECT n, t FROM bound ORDER BY n").fetchall(), rows)
            try:
                cursor.executemany("INSERT INTO bound (n, t) VALUES (?, ?)", [(5000, "a"), (None, "b")])
                check.equal("a row that does not fit", "no error", "an error")
            except snowflake.connector.errors.Error:
                check.equal("none of its rows stays", cursor.execute("SELECT COUNT(*) FROM bound").fetchone()[0], 3000)
            cursor.execute("DROP TABLE bound")
            for number, value in BYTES.items():
                cursor.execute("UPDATE formats SET bin = ? WHERE n = ?", (value, number))
    finally:
        snowflake.connector.paramstyle = "pyformat"


def adbc_rows(where):
    import adbc_driver_snowflake
    import adbc_driver_snowflake.dbapi

    options = {"adbc.snowflake.sql.account": where["account"], "adbc.snowflake.sql.uri.host": where["host"], "adbc.snowflake.sql.uri.port": str(where["port"]),
               "adbc.snowflake.sql.uri.protocol": "http", "username": where["user"], "password": where["password"],
               "adbc.snowflake.sql.db": where["database"], "adbc.snowflake.sql.schema": where["schema"], "adbc.snowflake.sql.warehouse": where["warehouse"],
               "TIMEZONE": "UTC"}
    with adbc_driver_snowflake.dbapi.connect(db_kwargs=options) as connection, connection.cursor() as cursor:
        cursor.execute(READ_FROM_JSON)
        table = cursor.fetch_arrow_table()
        try:
            cursor.execute(TYPES)
            whole = []
            for column in cursor.fetch_arrow_table().columns:  # nanoseconds are more than Python's own times hold
                whole.append([repr(value) for value in (column.cast("int64") if "timestamp" in str(column.type) else column).to_pylist()])
        except adbc_driver_snowflake.dbapi.Error as error:
            whole = str(error)
        cursor.execute(NONE.replace("*", "n, t"))
        none = cursor.fetch_arrow_table().num_rows
        cursor.execute(MANY)
        many = cursor.fetch_arrow_table()
        good = sum(1 for number, text in zip(many.column(0).to_pylist(), many.column(1).to_pylist()) if text == f"row {number}")
    return {"values": [[repr(value) for value in table.column(i).to_pylist()] for i in range(table.num_columns)],
            "types": [str(field.type) for field in table.schema], "none": none, "total": good, "whole": whole}


def with_adbc(bin_dir, source, folder, rows, check):
    python = pathlib.Path(source) / ".deps/venv/bin/python"
    seen = {}
    for name in ("json", "arrow"):
        with Server(bin_dir, folder, "--result-format", name) as server:
            done = subprocess.run([str(python), __file__, "--adbc", json.dumps(server.where)], capture_output=True, text=True, timeout=120, check=False)
            check.equal(f"ADBC reads {name}", done.returncode, 0)
            if done.returncode:
                print(done.stderr)
                return
            seen[name] = json.loads(done.stdout.splitlines()[-1])
            check.equal(f"ADBC, {name}: every row of a large result, none of an empty one", (seen[name]["total"], seen[name]["none"]), (ROWS, 0))
    check.equal("ADBC reads no dates from JSON", "cannot parse" in seen["json"]["whole"], True)
    whole = seen["arrow"]["whole"]
    check.equal("ADBC reads all columns from Arrow", whole if isinstance(whole, str) else [len(column) for column in whole], [4] * 14)
    expected = [[repr(bytes(row[column]) if isinstance(row[column], bytearray) else row[column]) for row in rows] for column in (8, 12)]
    check.equal("ADBC: dates and bytes are the connector's", [whole[8], whole[12]], expected)
    instants = ["1767323045678901000", "-1000"]
    check.equal("ADBC: instants before and after 1970", [whole[10][:2], whole[11][:1]], [instants, instants[:1]])
    check.equal("ADBC: the same types from both", seen["arrow"]["types"], seen["json"]["types"])
    for column, pair in enumerate(zip(seen["json"]["values"], seen["arrow"]["values"])):
        check.equal(f"ADBC: column {column} is the same in both", pair[1], pair[0])


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--bin")
    arguments.add_argument("--source", default=".")
    arguments.add_argument("--adbc")
    given = arguments.parse_args()
    if given.adbc:
        print(json.dumps(adbc_rows(json.loads(given.adbc))))
        return 0
    check = Checks()
    with tempfile.TemporaryDirectory() as folder:
        rows = with_connector(given.bin, folder, check)
        with_adbc(given.bin, given.source, folder, rows, check)
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
