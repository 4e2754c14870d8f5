#!/usr/bin/env python3
"""The official Python connector (4.8.1, pure Python) against the sandbox's Snowflake.

Either against a server that runs:  python_connector_test.py HOST PORT USER PASSWORD ACCOUNT DATABASE SCHEMA WAREHOUSE
or with one started for the test:   python_connector_test.py --bin build/release/bin [--source .]
"""
import argparse
import json
import os
import pathlib
import sys
import tempfile

from sandbox_server import Checks, Server  # first: the driver reads at once what it sets

import pyarrow
import pyarrow.parquet
import snowflake.connector

ROWS = 500
MANY_ROWS = 200_000


def connect(where, password=None):
    return snowflake.connector.connect(
        host=where["host"], port=int(where["port"]), protocol="http", account=where["account"], user=where["user"],
        password=where["password"] if password is None else password, database=where["database"], schema=where["schema"],
        warehouse=where["warehouse"], session_parameters={"TIMEZONE": "UTC", "QUERY_TAG": "connector-test"}, login_timeout=20,
        disable_ocsp_checks=True)


def encrypted_size(size):
    """What a file takes on the stage: clients encrypt in blocks of 16 bytes, and always pad."""
    return 16 * (size // 16 + 1)


def write_parquet(path):
    pyarrow.parquet.write_table(pyarrow.table({
        "record_id": pyarrow.array(range(ROWS), pyarrow.int64()),
        "study_key": ["MY_STUDY"] * ROWS,
        "record_data": [json.dumps({"it.age": n, "name": f"é{n}"}) for n in range(ROWS)],
    }), path, compression="zstd")


def steps(where, check):
    check.fails("a wrong password is refused", 390100, lambda: connect(where, "not the password"))
    with connect(where) as connection, tempfile.TemporaryDirectory() as folder:
        cursor = connection.cursor()

        def rows(sql, *arguments):
            return cursor.execute(sql, *arguments).fetchall()

        check.equal("context", rows("SELECT CURRENT_DATABASE(), CURRENT_SCHEMA(), CURRENT_WAREHOUSE()"),
                    [(where["database"], where["schema"], where["warehouse"])])
        check.equal("client-side binds", rows("SELECT %s, %s", ("it's", 5)), [("it's", 5)])
        check.fails("a missing table", 2003, lambda: rows("SELECT * FROM no_such_table"))
        check.fails("an unknown statement", 1003, lambda: rows("FROBNICATE x"))

        rows("CREATE OR REPLACE TABLE connector_records (record_id NUMBER(38,0) NOT NULL, study_key VARCHAR, record_data VARIANT, _file VARCHAR)")
        file = pathlib.Path(folder) / "MY_STUDY_records_0.parquet"
        write_parquet(file)
        put = rows(f"PUT 'file://{file}' @MY_STAGE/connector AUTO_COMPRESS = FALSE OVERWRITE = TRUE")
        check.equal("PUT says UPLOADED", [row[6] for row in put], ["UPLOADED"])
        listed = rows("LIST @MY_STAGE/connector/")
        check.equal("LIST names it with the size of what is stored", [row[:2] for row in listed],
                    [("my_stage/connector/MY_STUDY_records_0.parquet", encrypted_size(file.stat().st_size))])
        target = pathlib.Path(folder) / "got"
        target.mkdir()
        got = rows(f"GET @MY_STAGE/connector/ 'file://{target}/'")
        check.equal("GET brings back the bytes that PUT sent", ([row[:3] for row in got], (target / file.name).read_bytes() == file.read_bytes()),
                    ([(file.name, file.stat().st_size, "DOWNLOADED")], True))
        check.fails("GET of a pattern that fits no file", 253006, lambda: rows(f"GET @MY_STAGE/connector/ 'file://{target}/' PATTERN = '.*csv'"))
        check.fails("GET from a stage that is not there", 2003, lambda: rows(f"GET @NO_STAGE/connector/ 'file://{target}/'"))
        copy = ("COPY INTO connector_records FROM (SELECT $1:record_id::NUMBER, $1:study_key::VARCHAR, PARSE_JSON($1:record_data::VARCHAR), METADATA$FILENAME "
                "FROM @MY_STAGE/connector/) FILES = ('MY_STUDY_records_0.parquet') FILE_FORMAT = (TYPE = PARQUET) ON_ERROR = ABORT_STATEMENT FORCE = FALSE")
        check.equal("COPY loads it", [(row[0], row[1], row[3]) for row in rows(copy)], [("my_stage/connector/MY_STUDY_records_0.parquet", "LOADED", ROWS)])
        check.equal("COPY loads it once", rows(copy), [("Copy executed with 0 files processed.",)])
        check.equal("what was loaded", rows('SELECT COUNT(*), SUM(record_data:"it.age"::NUMBER), MAX(record_data:name::VARCHAR) FROM connector_records'),
                    [(ROWS, ROWS * (ROWS - 1) // 2, "é99")])
        rows("REMOVE @MY_STAGE/connector/")

        rows("BEGIN")
        rows("DELETE FROM connector_records")
        rows("ROLLBACK")
        check.equal("rollback", rows("SELECT COUNT(*) FROM connector_records"), [(ROWS,)])
        check.equal("several binds in one INSERT", cursor.executemany("INSERT INTO connector_records (record_id, study_key) VALUES (%s, %s)",
                                                                      [(1000 + n, "X") for n in range(20)]).rowcount, 20)
        rows("DROP TABLE connector_records")

        cursor.execute(f"SELECT SEQ4() AS n, 'row ' || SEQ4() AS t FROM TABLE(GENERATOR(ROWCOUNT => {MANY_ROWS}))")
        batches = cursor.get_result_batches()
        check.equal("a large result comes in several chunks", len(batches) > 2, True)
        total = wrong = 0
        for number, text in cursor:
            wrong += text != f"row {number}"
            total += 1
        check.equal(f"all {MANY_ROWS} rows", (total, wrong), (MANY_ROWS, 0))


def main():
    arguments = argparse.ArgumentParser()
    names = ["host", "port", "user", "password", "account", "database", "schema", "warehouse"]
    for name in names:
        arguments.add_argument(name, nargs="?")
    arguments.add_argument("--bin")
    arguments.add_argument("--source")
    given = vars(arguments.parse_args())
    check = Checks()
    if given["bin"]:
        with tempfile.TemporaryDirectory() as folder, Server(given["bin"], folder) as server:
            os.environ["REQUESTS_CA_BUNDLE"] = server.where["trusted_roots"]  # the stages' certificate was made at the server's start
            steps({name: server.where[name] for name in names}, check)
    else:
        steps(given, check)
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
