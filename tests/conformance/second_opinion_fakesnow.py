#!/usr/bin/env python3
"""Runs the statements given as a JSON list on standard input with fakesnow, in one session, and prints the list of answers.

An answer is {"rows": [[text, …], …]} or {"error": "002003 42S02"}. Runs in the environment that `tools/bootstrap second-opinion` makes.
"""
import json
import pathlib
import sys
import warnings

warnings.simplefilter("ignore")
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import fakesnow
import snowflake.connector
from second_opinion_cells import text_of


def answer(cursor, sql):
    try:
        return {"rows": [[text_of(cell) for cell in row] for row in cursor.execute(sql).fetchall()]}
    except snowflake.connector.errors.Error as error:
        return {"error": f"{error.errno or 0:06d} {error.sqlstate or ''}".strip()}
    except Exception as error:  # the emulator's own, not one of Snowflake's
        return {"error": f"internal: {type(error).__name__}"}


if __name__ == "__main__":
    statements = json.load(sys.stdin)
    with fakesnow.patch():
        cursor = snowflake.connector.connect(database="IMEDNET_DB", schema="PUBLIC").cursor()
        print(json.dumps([answer(cursor, sql) for sql in statements]))
