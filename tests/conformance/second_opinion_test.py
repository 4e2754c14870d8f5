#!/usr/bin/env python3
"""The same statements on the sandbox and on fakesnow 0.12.1: each difference has a reason, and is told in docs/sandbox-second-opinion.md.

Needs `tools/bootstrap second-opinion`. Statements: second_opinion.txt; reasons: second_opinion.json. --write writes the page's table anew.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

from sandbox_server import Server  # first: the driver reads at once what it sets

import snowflake.connector

from second_opinion_cells import text_of

BEGIN, END = "<!-- differences: begin -->", "<!-- differences: end -->"
SIDES = ("sandbox", "fakesnow", "both", "unknown")


def answer(cursor, sql):
    try:
        return {"rows": [[text_of(cell) for cell in row] for row in cursor.execute(sql).fetchall()]}
    except snowflake.connector.errors.Error as error:
        return {"error": f"{error.errno or 0:06d} {error.sqlstate or ''}".strip()}


def ask_sandbox(where, statements):
    with snowflake.connector.connect(
            host=where["host"], port=int(where["port"]), protocol="http", account=where["account"], user=where["user"],
            password=where["password"], database=where["database"], schema=where["schema"], warehouse=where["warehouse"],
            session_parameters={"TIMEZONE": "UTC"}, login_timeout=20) as connection:
        cursor = connection.cursor()
        return [answer(cursor, sql) for sql in statements]


def ask_fakesnow(source, statements):
    python = source / ".deps/second-opinion/bin/python"
    if not python.exists():
        sys.exit("FAIL fakesnow is not installed: run tools/bootstrap second-opinion")
    script = pathlib.Path(__file__).parent / "second_opinion_fakesnow.py"
    done = subprocess.run([str(python), str(script)], input=json.dumps(statements), capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        sys.exit("FAIL fakesnow did not run:\n" + done.stderr[-2000:])
    return json.loads(done.stdout.splitlines()[-1])


def shown(one):
    text = one["error"] if "error" in one else "; ".join(" / ".join(row) for row in one["rows"]) or "no rows"
    return text.replace("|", "\\|").replace("\n", " ")[:120]


def table(statements, ours, theirs, reasons):
    lines = ["| statement | sandbox | fakesnow | right by the documents | why |", "|---|---|---|---|---|"]
    for sql, mine, other in zip(statements, ours, theirs):
        if mine != other:
            reason = reasons.get(sql, {"right": "?", "why": "?"})
            lines.append(f"| `{sql.replace('|', chr(92) + '|')}` | {shown(mine)} | {shown(other)} | {reason['right']} | {reason['why']} |")
    different = len(lines) - 2
    return f"{len(statements)} statements, {len(statements) - different} answered alike, {different} not.\n\n" + "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path)
    parser.add_argument("--source", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("--server", help="HOST:PORT:USER:PASSWORD of a sandbox that runs")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    here = pathlib.Path(__file__).parent
    statements = [line for line in (here / "second_opinion.txt").read_text().splitlines() if line]
    reasons = json.loads((here / "second_opinion.json").read_text())
    common = {"account": "myorg-myaccount", "database": "IMEDNET_DB", "schema": "PUBLIC", "warehouse": "COMPUTE_WH"}
    if arguments.server:
        host, port, user, password = arguments.server.split(":")
        ours = ask_sandbox({**common, "host": host, "port": port, "user": user, "password": password}, statements)
    else:
        with tempfile.TemporaryDirectory() as folder, Server(arguments.bin, folder) as server:
            ours = ask_sandbox({**common, **server.where}, statements)
    theirs = ask_fakesnow(arguments.source.resolve(), statements)

    failed = 0
    for sql, mine, other in zip(statements, ours, theirs):
        if (mine != other) != (sql in reasons):
            failed += 1
            print(f"FAIL {sql}\n     sandbox {mine}\n     fakesnow {other}\n     " + ("no reason is given" if mine != other else "a reason, but no difference"))
    for sql, reason in reasons.items():
        if sql not in statements or reason.get("right") not in SIDES or not reason.get("why"):
            failed += 1
            print(f"FAIL the reason of {sql!r} is of no statement, or not complete")
    page = arguments.source / "docs/sandbox-second-opinion.md"
    text = page.read_text()
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    fresh = "\n" + table(statements, ours, theirs, reasons) + "\n"
    if arguments.write:
        page.write_text(text[:start] + fresh + text[end:])
    elif text[start:end] != fresh:
        failed += 1
        print("FAIL docs/sandbox-second-opinion.md is not up to date: run this with --write")
    print(f"{len(statements)} statements, {sum(a != b for a, b in zip(ours, theirs))} differ, {failed} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
