"""What the end-to-end tests share: a sandbox started for them, the real program run against it, and a second pair of eyes on the table.

Every test class has its own sandbox, ports and folders; every test its own table, named after it.
"""
import argparse
import atexit
import functools
import gzip
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

os.environ.setdefault("SNOWFLAKE_DISABLE_PLATFORM_DETECTION", "true")
os.environ.setdefault("SF_DISABLE_MINICORE", "true")

import snowflake.connector

WAIT_S = 120  # a command that takes longer hangs; busy machines stall one for a minute
BIN = SOURCE = None
ROW_COUNT = 15916  # records of the sample study


def study_lines():
    """The sample study's records as the API sends them, one JSON text each, in recordId order."""
    path = SOURCE / "sandbox/data/cdiscpilot01/records.ndjson.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        return [line for line in (line.strip() for line in lines) if line]


def write_study(folder, key, records, elements=None):
    """A made-up study for `imednet-sandbox --studies`: its records as JSON texts, `elements` of other lists by their name."""
    folder.mkdir(parents=True)
    (folder / "studies.ndjson").write_text(json.dumps({"studyKey": key, "studyId": 1, "studyName": "made up"}) + "\n", encoding="utf-8")
    (folder / "records.ndjson").write_text("".join(record + "\n" for record in records), encoding="utf-8")
    for name, list_of in (elements or {}).items():
        (folder / f"{name}.ndjson").write_text("".join(json.dumps(element) + "\n" for element in list_of), encoding="utf-8")
    return folder


class Result:
    """What a finished program left: exit code, output, error output."""

    def __init__(self, code, stdout, stderr):
        self.code, self.stdout, self.stderr = code, stdout, stderr

    @property
    def last_line(self):
        return self.stdout.splitlines()[-1] if self.stdout else ""

    def __repr__(self):
        return f"exit {self.code}\n--- stdout\n{self.stdout}--- stderr\n{self.stderr}"


@functools.cache
def state_home():
    """Where runs keep their state unless a test says otherwise: never in the home of whoever runs the tests."""
    folder = tempfile.mkdtemp(prefix="imednet-e2e-state-")
    atexit.register(shutil.rmtree, folder, True)
    return folder


def needs_terminal(test):
    """Skips where the system has no pseudo terminals to give: a bare root without /dev/pts."""
    try:
        for end in os.openpty():
            os.close(end)
    except OSError:
        return unittest.skip("needs a pseudo terminal")(test)
    return test


def plain_environment(**more):
    """The environment without any setting of ours or of Snowflake's, so that only what a test sets counts."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("IMEDNET_", "SNOWFLAKE_", "SF_"))}
    return {**kept, "XDG_STATE_HOME": state_home(), **{name: str(value) for name, value in more.items()}}


def run(arguments, environment=None, stdin=None, timeout=WAIT_S, cwd=None):
    done = subprocess.run([str(argument) for argument in arguments], env=environment or plain_environment(), input=stdin, capture_output=True,
                          timeout=timeout, cwd=cwd, check=False)
    return Result(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


def wait_until(what, condition, timeout=WAIT_S):
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout} s in vain: {what}")
        time.sleep(0.01)


class Sandbox:
    """`imednet-sandbox serve`, ended by its process id."""

    def __init__(self, folder, *options):
        self.process = subprocess.Popen([str(BIN / "imednet-sandbox"), "serve", "--data-dir", str(folder), *map(str, options)],
                                        stdout=subprocess.PIPE, env=plain_environment(TMPDIR=folder), text=True)
        line = self.process.stdout.readline()
        if not line:
            self.stop()
            raise AssertionError("the sandbox did not start")
        ready = json.loads(line)
        self.edc, self.snowflake = ready["edc"], ready["snowflake"]
        self._connection = None

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(timeout=30)
        self.process.stdout.close()

    def environment(self, **more):
        where = {"IMEDNET_BASE_URL": self.edc["base_url"], "IMEDNET_API_KEY": self.edc["api_key"], "IMEDNET_SECURITY_KEY": self.edc["security_key"],
                 "SNOWFLAKE_PASSWORD": self.snowflake["password"], "SNOWFLAKE_HOST": self.snowflake["host"],
                 "SNOWFLAKE_PORT": self.snowflake["port"], "SNOWFLAKE_PROTOCOL": self.snowflake["protocol"]}
        return plain_environment(**{**where, **self.trust(), **more})

    def trust(self):
        """Variables for the certificate of the stages, which was made at the sandbox's start."""
        return {"SSL_CERT_FILE": self.snowflake["trusted_roots"], "SNOWFLAKE_OCSP": "off"}

    def control(self, method, path, body=None):
        """A route of the sample API for changes and faults; `body`: bytes as they are, anything else as JSON."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.edc["base_url"].removesuffix("/api") + path, data=data, method=method)
        with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
            return json.loads(answer.read())

    def snowflake_control(self, method, name, body=None):
        """A route of the Snowflake server below /sandbox/; what it says."""
        request = urllib.request.Request(f"http://{self.snowflake['host']}:{self.snowflake['port']}/sandbox/{name}", method=method,
                                         data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
            return json.loads(answer.read()).get("data")

    def order(self, do, **match):
        self.control("POST", "/sandbox/orders", {"match": {"path_contains": "/records", **match}, "do": do})

    def clear_orders(self):
        self.control("DELETE", "/sandbox/orders")

    def connect(self):
        where = self.snowflake
        os.environ["REQUESTS_CA_BUNDLE"] = where["trusted_roots"]
        return snowflake.connector.connect(
            host=where["host"], port=int(where["port"]), protocol=where["protocol"], account=where["account"], user=where["user"],
            password=where["password"], database=where["database"], schema=where["schema"], warehouse=where["warehouse"], login_timeout=20,
            disable_ocsp_checks=True)

    def rows(self, sql):
        if self._connection is None:
            self._connection = self.connect()
        return self._connection.cursor().execute(sql).fetchall()

    def table_exists(self, table):
        return bool(self.rows(f"SHOW TABLES LIKE '{table}'"))

    def count(self, table):
        """Rows of the table; -1 when it does not exist."""
        return self.rows(f'SELECT COUNT(*) FROM "{table}"')[0][0] if self.table_exists(table) else -1

    def statements_of(self, run_id):
        """Texts of the statements of one run, oldest first, as the server logged them."""
        found = self.rows("SELECT query_text, query_tag FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000))")
        return [text for text, tag in reversed(found) if f":{run_id}" in (tag or "")]


class SandboxTest(unittest.TestCase):
    """A class of tests with one sandbox. `options` go to the sandbox."""
    options = ()
    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="imednet-e2e-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        (cls.folder / "snowflake").mkdir()
        cls.sandbox = Sandbox(cls.folder / "snowflake", *cls.options)
        cls.addClassCleanup(cls.sandbox.stop)

    def setUp(self):
        self.table = re.sub(r"[^A-Z0-9_]", "_", self.id().rsplit(".", 1)[-1].upper())
        self.own = self.folder / self._testMethodName  # this test's folder
        self.tmp = self.own / "tmp"                    # its TMPDIR: nothing may stay in it
        self.tmp.mkdir(parents=True)
        if "--allow-faults" in self.options:
            self.sandbox.clear_orders()

    def arguments(self, *options, study="MY_STUDY", password=None, table=None, **names):
        """The guide's positions, with what a test puts in place of one."""
        where = {**self.sandbox.snowflake, **names}
        return [BIN / "imednet", "export", "snowflake", study, where["account"], where["user"],
                where["password"] if password is None else password, where["database"], where["schema"], where["warehouse"], where["stage"],
                self.table if table is None else table, *options]

    def environment(self, **more):
        return self.sandbox.environment(**{"TMPDIR": self.tmp, "XDG_STATE_HOME": self.own / "state", **more})

    def export(self, *options, environment=None, **names):
        return run(self.arguments(*options, **names), environment or self.environment())

    def report(self, *options, **names):
        """Exports and returns the report that --output json prints."""
        result = self.export("--output", "json", *options, **names)
        self.assertEqual(result.code, 0, result)
        return json.loads(result.stdout)

    def forget_cursors(self):
        """From here on no run knows that nothing changed: the next one asks the table."""
        for row in self.sandbox.rows("SHOW TABLES LIKE 'IMEDNET_CURSOR_%'"):
            self.sandbox.rows(f"DROP TABLE {row[1]}")

    def assert_exit(self, result, code, *texts):
        self.assertEqual(result.code, code, result)
        for text in texts:
            self.assertIn(text, result.stderr)

    def assert_loaded(self, result, rows):
        self.assertEqual((result.code, result.last_line), (0, f"Loaded {rows} rows"), result)

    def assert_nothing_temporary(self):
        self.assertEqual(sorted(path.name for path in self.tmp.rglob("*")), [])


def main():
    global BIN, SOURCE
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True, type=pathlib.Path)
    parser.add_argument("--source", required=True, type=pathlib.Path)
    options, rest = parser.parse_known_args()
    BIN, SOURCE = options.bin.resolve(), options.source.resolve()
    unittest.main(module="__main__", argv=[sys.argv[0], *rest], verbosity=2)
