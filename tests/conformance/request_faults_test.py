#!/usr/bin/env python3
"""Faults ordered for single requests, on the Snowflake server and on each kind of object store, and what the ADBC driver makes of them.

request_faults_test.py --bin build/release/bin --source .
"""
import concurrent.futures
import pathlib
import sys
import tempfile
import urllib.error

from sandbox_server import Checks, parser
from stage_clients import Adbc, Connector, Server, padded, write_parquet

STATEMENTS = "/queries/v1/query-request"


KINDS = ("s3", "gcs", "gcs-presigned", "azure")
STORED, TOLD, SILENT = ("no error", "stored"), ("error", "not stored"), ("no error", "not stored")  # of the last only LIST tells

# What the driver tells of a 403: of Google's store it keeps the status only. [seen]
REFUSAL = {"s3": "AccessDenied", "gcs": "403 Forbidden", "gcs-presigned": "403 Forbidden", "azure": "AccessDenied"}
# Where a download that failed once is tried again. [seen]
DOWNLOADS_AGAIN = ("s3", "azure")


class Case:
    """One stage folder and one file a fault."""

    def __init__(self, kind, server, client, folder, check):
        self.kind, self.server, self.client, self.folder, self.check, self.count = kind, server, client, folder, check, 0

    def put(self, say, do, expected, fired=1, **match):
        """PUT with that fault on the store, and what became of it, by the driver's word and by LIST."""
        self.count += 1
        say = f"{self.kind}: {say}"
        where = f"@MY_STAGE/fault{self.count}/"
        sent = write_parquet(self.folder / f"f{self.count}.parquet", say)
        self.server.order(do, server="store", method="PUT", path_contains=f"/fault{self.count}/", **match)
        answer = self.client.run(f"PUT 'file://{sent}' {where} AUTO_COMPRESS = FALSE OVERWRITE = TRUE")
        seen = self.server.fired()
        self.check.equal(f"{say}: the order fired", sum(seen) >= fired, True)
        self.server.clear()
        listed = [row[1] for row in self.client.run(f"LIST {where}")]
        self.check.equal(f"{say}: what PUT says, and what is there", ("no error" if isinstance(answer, list) else "error", listed),
                         (expected[0], [str(padded(sent.stat().st_size))] if expected[1] == "stored" else []))
        return answer

    def statement(self, say, do, sql, expected, **match):
        self.server.order(do, server="snowflake", path_contains=STATEMENTS, **match)
        answer = self.client.run(sql)
        self.check.equal(f"{say}: the order fired", sum(self.server.fired()) >= 1, True)
        self.server.clear()
        self.check.equal(say, answer, expected)


def store_faults(case):
    case.put("the store says 500 once", {"status": 500}, STORED)
    case.put("the store says 503 twice", {"status": 503}, STORED, fired=2, times=2)
    case.put("the connection ends after the effect of PUT", {"cut": "after"}, STORED)
    case.put("the connection ends before the effect of PUT", {"cut": "before"}, STORED)
    case.put("PUT's answer is late", {"delay_ms": 300}, STORED)
    case.put("500 after the effect of PUT", {"status": 500, "after": True}, STORED)
    case.put("the credentials are over once", {"credentials": "expired"}, STORED)
    case.put("the credentials are over each time", {"credentials": "expired"}, SILENT, fired=2, times=0)
    answer = case.put("the store refuses with AccessDenied", {"status": 403, "code": "AccessDenied"}, TOLD, times=0)
    case.check.equal(f"{case.kind}: which the driver tells", REFUSAL[case.kind] in answer, True)


def head_400(server, folder, check):
    """A HEAD has no body that could tell an expired token: the connector fails there, loudly."""
    client = Connector(server.where)
    sent = write_parquet(folder / "head.parquet", "head")
    server.order({"credentials": "expired"}, server="store", method="HEAD", path_contains="/head/", times=0)
    answer = client.run(f"PUT 'file://{sent}' @MY_STAGE/head/ AUTO_COMPRESS = FALSE")
    check.equal("HEAD 400: the order fired", sum(server.fired()) >= 1, True)
    server.clear()
    check.equal("HEAD 400: the connector raises, and nothing is stored", (isinstance(answer, str), client.run("LIST @MY_STAGE/head/")), (True, []))
    client.close()


def get_faults(case):
    sent = write_parquet(case.folder / "back.parquet", "back")
    case.client.run(f"PUT 'file://{sent}' @MY_STAGE/back/ AUTO_COMPRESS = FALSE OVERWRITE = TRUE")
    is_again = case.kind in DOWNLOADS_AGAIN
    for say, do, expected in (("ends early", {"truncate": 1000}, is_again), ("meets a 500", {"status": 500}, is_again), ("meets a 403", {"status": 403}, False)):
        say = f"{case.kind}: a download that {say} once"
        with tempfile.TemporaryDirectory(dir=case.folder) as target:
            case.server.order(do, server="store", method="GET", path_contains="/back/")
            answer = case.client.run(f"GET @MY_STAGE/back/ 'file://{target}/'")
            case.check.equal(f"{say}: the order fired", case.server.fired(), [1])
            case.server.clear()
            back = pathlib.Path(target) / sent.name
            got = back.read_bytes() == sent.read_bytes() if back.exists() else None
            case.check.equal(f"{say} {'is tried again' if expected else 'is an error, and leaves no file'}", (isinstance(answer, list), got),
                             (True, True) if expected else (False, None))


def statement_faults(case):
    run = case.client.run
    run("CREATE OR REPLACE TABLE once (n INT)")
    case.statement("the server is throttled once", {"status": 429, "retry_after": "1"}, "SELECT 1", [["1"]])
    case.statement("the server says 503 once", {"status": 503}, "SELECT 2", [["2"]])
    case.statement("the session has expired", {"session": "expired"}, "SELECT 3", [["3"]])
    for cut in ("before", "after"):
        run("DELETE FROM once")
        case.server.order({"cut": cut}, server="snowflake", path_contains=STATEMENTS)
        run("INSERT INTO once VALUES (1)")
        case.check.equal(f"cut {cut} the effect: the order fired", case.server.fired(), [1])
        case.server.clear()
        case.check.equal(f"cut {cut} the effect: the row is there once", run("SELECT COUNT(*) FROM once"), [["1"]])
    case.server.order({"body": "<html>no JSON</html>", "content_type": "text/html"}, server="snowflake", path_contains=STATEMENTS)
    answer = run("SELECT 4")
    case.check.equal("an answer that is no JSON is an error", (isinstance(answer, str), case.server.fired()), (True, [1]))
    case.server.clear()
    case.server.order({"truncate": 20}, server="snowflake", path_contains=STATEMENTS)
    answer = run("SELECT 5")
    case.check.equal("an answer that ends early: the order fired", case.server.fired(), [1])
    case.check.equal("an answer that ends early is never another value", answer == [["5"]] or isinstance(answer, str), True)
    case.server.clear()


def refused_orders(server, check):
    for order in ({"match": {"server": "mail"}, "do": {"status": 500}}, {"match": {"server": "store"}, "do": {}},
                  {"match": {"server": "store", "pth": "x"}, "do": {"status": 500}}, {"match": {"server": "store"}, "do": {"cut": "during"}},
                  {"match": {"server": "store"}, "do": {"session": "expired"}}, {"match": {"server": "store"}, "do": {"status": 500, "cut": "after"}}):
        try:
            server.control("POST", "orders", order)
            check.equal(f"refused: {order}", "accepted", 400)
        except urllib.error.HTTPError as error:
            check.equal(f"refused: {order}", error.code, 400)


def run_kind(kind, given, check):
    with tempfile.TemporaryDirectory() as name, Server(given.bin, f"{name}/data", kind) as server:
        folder = pathlib.Path(name)
        client = Adbc(server.where, given.source)
        case = Case(kind, server, client, folder, check)
        store_faults(case)
        get_faults(case)
        if kind == "s3":
            refused_orders(server, check)
            statement_faults(case)
            head_400(server, folder, check)
        client.close()


def main():
    given = parser().parse_args()
    check = Checks()
    # Side by side: nearly all the time is the driver's own waiting.
    with concurrent.futures.ThreadPoolExecutor(len(KINDS)) as pool:
        for done in [pool.submit(run_kind, kind, given, check) for kind in KINDS]:
            done.result()
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
