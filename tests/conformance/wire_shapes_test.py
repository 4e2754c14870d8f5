#!/usr/bin/env python3
"""Do the sandbox's answers have the fields that Snowflake's own test fixtures have? No client is in between: plain requests.

wire_shapes_test.py --bin build/release/bin --source .
"""
import argparse
import json
import pathlib
import sys
import tempfile
import urllib.request

from sandbox_server import Server

KINDS = {str: "text", int: "number", float: "number", bool: "boolean", dict: "object", list: "list", type(None): "null"}
WAIT_S = 60
MISSING = object()


class Wire:
    """The server, asked without a client."""

    def __init__(self, where):
        self.where, self.token, self.master, self.count = where, "None", "None", 0

    def post(self, path, body, token=None):
        request = urllib.request.Request(f"http://{self.where['host']}:{self.where['port']}{path}", method="POST", data=json.dumps(body).encode(),
                                         headers={"Authorization": f'Snowflake Token="{token or self.token}"', "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
            return json.loads(answer.read())

    def sign_in(self, **data):
        where = self.where
        named = f"databaseName={where['database']}&schemaName={where['schema']}&warehouse={where['warehouse']}"
        return self.post(f"/session/v1/login-request?{named}", {"data": {"CLIENT_APP_ID": "JavaScript", "ACCOUNT_NAME": where["account"],
                                                                         "LOGIN_NAME": where["user"], **data}})

    def enter(self):
        told = self.sign_in(PASSWORD=self.where["password"])
        self.token, self.master = told["data"]["token"], told["data"]["masterToken"]
        return told

    def run(self, sql, **more):
        self.count += 1
        return self.post(f"/queries/v1/query-request?requestId=made-up-{self.count}", {"sqlText": sql, **more})


def answers(wire):
    """Of each shape, the answer that should have it."""
    yield "a sign-in", wire.enter()
    yield "a wrong password", wire.sign_in(PASSWORD="not the password")
    yield "a token that is none", wire.sign_in(AUTHENTICATOR="SNOWFLAKE_JWT", TOKEN="made.up.token")
    yield "rows", wire.run("SELECT 1 AS n, 'x' AS t")
    yield "rows in chunks", wire.run("SELECT SEQ4(), REPEAT('x', 100) FROM TABLE(GENERATOR(ROWCOUNT => 5000))")
    wire.run("CREATE TABLE shapes (n NUMBER, t VARCHAR)")
    yield "an insert that is only described", wire.run("INSERT INTO shapes VALUES (?, ?)", describeOnly=True)
    yield "a file to be put", wire.run("PUT 'file:///made-up/one.parquet' @MY_STAGE/shapes SOURCE_COMPRESSION = NONE AUTO_COMPRESS = FALSE OVERWRITE = TRUE")
    renewal = {"oldSessionToken": wire.token, "requestType": "RENEW"}
    renewed = wire.post("/session/token-request", renewal, wire.master)
    yield "a session renewed", renewed
    wire.token, wire.master = renewed["data"]["sessionToken"], renewed["data"]["masterToken"]
    renewal["oldSessionToken"] = wire.token
    wire.post("/sandbox/sessions/expire", {"master": True})
    yield "a session whose master token is over", wire.post("/session/token-request", renewal, wire.master)
    wire.enter()
    wire.post("/session?delete=true", {})
    yield "a session that is gone", wire.post("/session?delete=true", {})


def at(answer, path):
    for part in path.split("."):
        if isinstance(answer, list):
            answer = answer[int(part)] if int(part) < len(answer) else MISSING
        else:
            answer = answer.get(part, MISSING) if isinstance(answer, dict) else MISSING
        if answer is MISSING:
            return MISSING
    return answer


def differences(shape, answer):
    """Names of fields and kinds of values only: an answer holds tokens and keys."""
    wrong = []
    for path, kinds in shape["fields"].items():
        value = at(answer, path)
        kind = "missing" if value is MISSING else KINDS[type(value)]
        if kind not in kinds.split("|"):
            wrong.append(f"{path} is {kind}, not {kinds}")
    for path, expected in shape.get("is", {}).items():
        if at(answer, path) != expected:
            wrong.append(f"{path} is not {expected!r}")
    return wrong


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--bin", required=True, type=pathlib.Path)
    arguments.add_argument("--source", required=True, type=pathlib.Path)
    given = arguments.parse_args()
    shapes = json.loads((given.source / "tests/conformance/wire_shapes.json").read_text(encoding="utf-8"))["shapes"]
    failed, seen = 0, set()
    with tempfile.TemporaryDirectory() as folder, Server(given.bin, folder, "--allow-faults") as server:
        for name, answer in answers(Wire(server.where)):
            seen.add(name)
            wrong = differences(shapes[name], answer)
            failed += bool(wrong)
            print(f"{'FAIL' if wrong else 'ok  '} {name}" + "".join(f"\n     {line}" for line in wrong))
    missed = sorted(shapes.keys() - seen)
    fields = sum(len(shape["fields"]) + len(shape.get("is", {})) for shape in shapes.values())
    print(f"{len(seen)} answers, {fields} fields; {failed} answers differ" + (f"; not asked for: {', '.join(missed)}" if missed else ""))
    return 1 if failed or missed else 0


if __name__ == "__main__":
    sys.exit(main())
