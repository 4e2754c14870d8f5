"""A small load, tested without an account: a file goes to an encrypted stage and from there into a table."""
import datetime
import pathlib

import pytest

FILE = pathlib.Path(__file__).resolve().parent.parent / "visits.parquet"
COPY = "COPY INTO visits FROM @loads FILE_FORMAT = (TYPE = PARQUET) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE"
ROWS = [(1, "S-001", datetime.date(2026, 1, 5)), (2, "S-002", datetime.date(2026, 1, 6)), (3, None, datetime.date(2026, 2, 1))]


@pytest.fixture
def cursor(connection):
    with connection.cursor() as opened:
        opened.execute("CREATE OR REPLACE TABLE visits (id NUMBER(9,0), subject VARCHAR, visited DATE)")
        opened.execute("CREATE OR REPLACE STAGE loads")
        yield opened


def put(cursor):
    return cursor.execute(f"PUT 'file://{FILE}' @loads AUTO_COMPRESS = FALSE").fetchall()[0][6]


def test_the_file_is_staged_encrypted_and_loaded_once(cursor):
    assert put(cursor) == "UPLOADED"
    name, size, *_ = cursor.execute("LIST @loads").fetchone()
    assert (name, size) == ("loads/visits.parquet", 16 * (FILE.stat().st_size // 16 + 1))  # of AES, by the connector
    assert cursor.execute(COPY).fetchone()[:4] == ("loads/visits.parquet", "LOADED", 3, 3)
    assert cursor.execute("SELECT id, subject, visited FROM visits ORDER BY id").fetchall() == ROWS
    assert cursor.execute(COPY).fetchone()[0] == "Copy executed with 0 files processed."


def test_a_session_that_expires_is_renewed_and_the_copy_runs_once(cursor, sandbox):
    put(cursor)
    sandbox.orders("POST", {"match": {"statement_contains": "COPY INTO visits"}, "do": {"expire": "token"}})
    cursor.execute(COPY)
    assert [order["fired"] for order in sandbox.orders()] == [1]
    assert cursor.execute("SELECT COUNT(*) FROM visits").fetchone() == (3,)
