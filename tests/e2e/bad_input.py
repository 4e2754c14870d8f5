"""Bad input as a table: a row is one wrong thing, its exit code, the first error line, the hint, and the state it leaves.

What every row checks besides: the target holds what the ledger says and nothing else has changed, the private temporary folder is
empty, and no secret and no patient value stands in what the program said, in its manifest, its totals or its process title.
"""
import concurrent.futures
import dataclasses
import json
import re
import shutil
import subprocess
import threading
import time
import typing

import harness
from harness import Result, SandboxTest, write_study

KEPT = "BEFORE"  # a study that stands in the target from the start and must stay as it is
ALWAYS = {"times": 0}
PAGE = {"query_contains": "size=500"}


def patient(number):
    return f"CANARY-patient-{number}-made-up"


def records(key, count=3):
    """Made-up records of a study; every one carries a patient value to look for."""
    return [json.dumps({"studyKey": key, "formKey": "AE", "recordId": 1000 + n, "subjectKey": patient(n), "dateCreated": "2024-01-01 00:00:00",
                        "recordData": {"n": n, "name": patient(n)}}) for n in range(count)]


def nothing(_):
    pass


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    code: int
    error: str = ""                # pattern for the first error line; empty for exit 0
    hint: str = ""                 # pattern for the hint after it, or, for exit 0, for what is said besides
    loaded: typing.Optional[int] = None  # rows of the study in the target afterwards; none: 3 for exit 0, else 0
    arrange: typing.Callable = nothing   # what is done: changes the case before the run
    check: typing.Callable = nothing     # what else must hold: gets the case, its result in it
    records: typing.Any = 3              # how many, or their texts
    orders: tuple = ()                   # faults of the sample API: (what, when) for this study's records
    own_table: bool = False              # the row makes its target itself, or wants none; a failed run leaves it as it was
    leaves: typing.Optional[tuple] = None  # with own_table: rows in the target and in the ledger that a failed run leaves

    @property
    def rows(self):
        return self.loaded if self.loaded is not None else 3 if self.code == 0 else 0


class Case:
    """One run of one row: what is typed, what is in the environment, what came out."""

    def __init__(self, test, row, number):
        self.test, self.row, self.sandbox = test, row, test.sandbox
        self.key = self.study = f"{test.group.upper()}_{number}"
        self.table = f"OWN_{number}" if row.own_table else test.target
        self.folder = test.folder / self.key
        self.tmp = self.folder / "tmp"
        self.tmp.mkdir(parents=True)
        self.options = ["--max-retries", "0", "--retry-backoff", "0.01", "--login-timeout", "2"]
        self.names, self.variables, self.unset = {}, {}, []
        self.positions = None      # instead of the guide's nine
        self.cwd = None
        self.secrets = [test.sandbox.snowflake["password"], test.sandbox.edc["api_key"], test.sandbox.edc["security_key"]]
        self.closers = []
        self.while_running = nothing
        self.result = None
        self.titles = set()

    def secret(self, kind):
        """A made-up secret of this row, to be looked for afterwards."""
        self.secrets.append(f"CANARY-{kind}-{self.key}-made-up")
        return self.secrets[-1]

    @property
    def manifest(self):
        return self.folder / "manifest.jsonl"

    def rows(self, sql):
        with self.test.lock:
            return self.sandbox.rows(sql)

    def arguments(self):
        names = {"study": self.study, "table": self.table, **self.names}
        everything = self.test.arguments(*self.options, **names)
        if self.positions is not None:
            everything[3:12] = self.positions
        return [str(argument) for argument in everything]

    def environment(self):
        values = self.sandbox.environment(TMPDIR=self.tmp, IMEDNET_TIMEOUT=10)
        values.update({name: str(value) for name, value in self.variables.items()})
        return {name: value for name, value in values.items() if name not in self.unset}

    def run(self):
        process = subprocess.Popen(self.arguments(), env=self.environment(), cwd=self.cwd, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        self.pid = process.pid
        end = time.monotonic() + harness.WAIT_S
        try:
            while True:
                try:
                    stdout, stderr = process.communicate(timeout=0.05)
                    break
                except subprocess.TimeoutExpired:
                    if time.monotonic() > end:
                        raise
                    self.look_at_title()
                    self.while_running(self)
        finally:
            if process.poll() is None:
                process.kill()
                process.communicate()
        self.result = Result(process.returncode, stdout.decode("utf-8", "replace"), stderr.decode("utf-8", "replace"))

    def look_at_title(self):
        """The password is wiped from the title before the temporary folder is made."""
        if not self.titles and any(self.tmp.iterdir()):
            self.titles.add(harness.pathlib.Path(f"/proc/{self.pid}/cmdline").read_bytes().decode("utf-8", "replace"))

    def said(self):
        texts = [self.result.stdout, self.result.stderr, *self.titles]
        for path in (self.manifest, self.manifest.with_name(self.manifest.name + ".run.json")):
            texts += [path.read_text(encoding="utf-8")] if path.is_file() else []
        return "\n".join(texts)


class BadInputTest(SandboxTest):
    """One group of rows against one sandbox, several at a time. A group names itself and its table of rows."""
    group, table_of_rows, workers = "", (), 6
    target = "TARGET"
    sandbox_options = ("--allow-faults",)

    @classmethod
    def setUpClass(cls):
        studies = harness.pathlib.Path(harness.tempfile.mkdtemp(prefix="imednet-e2e-studies-"))
        cls.addClassCleanup(shutil.rmtree, studies, True)
        cls.lock = threading.Lock()
        cls.options = [*cls.sandbox_options, "--studies", write_study(studies / KEPT, KEPT, records(KEPT, 7))]
        for number, row in enumerate(cls.table_of_rows):
            key = f"{cls.group.upper()}_{number}"
            texts = records(key, row.records) if isinstance(row.records, int) else [text.replace("KEY", key, 1) for text in row.records]
            cls.options += ["--studies", write_study(studies / key, key, texts)]
        super().setUpClass()

    def kept(self, where):
        """The study that stood there before, value for value, in the target and in the ledger."""
        with self.lock:
            return (self.sandbox.rows(f"SELECT * FROM {where} WHERE study_key = '{KEPT}' ORDER BY record_id"),
                    self.sandbox.rows(f"SELECT * FROM IMEDNET_LOADS WHERE study_key = '{KEPT}'"))

    def state(self, case):
        """Rows of the row's study in its target, and what the ledger says of them; -1: no such table."""
        with self.lock:
            if not self.sandbox.table_exists(case.table):
                return (-1, 0)
            ledger = f"SELECT SUM(row_count) FROM IMEDNET_LOADS WHERE study_key = '{case.key}' AND superseded_by IS NULL"
            return (self.sandbox.rows(f'SELECT COUNT(*) FROM "{case.table}" WHERE study_key = \'{case.key}\'')[0][0],
                    self.sandbox.rows(ledger)[0][0] or 0)

    def columns(self, case):
        if not case.row.own_table or case.row.code == 0:
            return None
        with self.lock:
            return self.sandbox.rows(f'DESCRIBE TABLE "{case.table}"') if self.sandbox.table_exists(case.table) else []

    def order(self, case):
        for do, match in case.row.orders:
            what = do(case) if callable(do) else do
            self.sandbox.control("POST", "/sandbox/orders",
                                 {"match": {"path_contains": f"/studies/{case.key}/records", **match}, "do": what})

    def run_row(self, row, number):
        case = Case(self, row, number)
        try:
            if not any(option == "--manifest-path" for option in case.options):
                case.options += ["--manifest-path", case.manifest]
            row.arrange(case)
            self.order(case)
            before = self.state(case), self.columns(case)
            case.run()
            self.judge(case, before)
        finally:
            for close in case.closers:
                close()

    def judge(self, case, before):
        row, result = case.row, case.result
        self.assertEqual(result.code, row.code, result)
        if row.code == 0:
            self.assertEqual(result.last_line, f"Loaded {row.rows} rows", result)
            if row.hint:
                self.assertRegex(result.stderr, row.hint)
        else:
            self.assertEqual(result.stdout, "", result)
            lines = [line for line in result.stderr.splitlines() if line.startswith(("imednet: error: ", "hint: "))]
            self.assertEqual([line.split(":")[0] for line in lines], ["imednet", "hint"], result)
            error, hint = lines[0].removeprefix("imednet: error: "), lines[1].removeprefix("hint: ")
            self.assertTrue(error.startswith("cannot "), error)
            self.assertRegex(error, row.error)
            self.assertRegex(hint, row.hint)
        if row.leaves is not None:
            self.assertEqual(self.state(case), row.leaves, "target and ledger")
        elif row.own_table and row.code != 0:
            self.assertEqual((self.state(case), self.columns(case)), before, "the target is not as it was")
        elif case.study == case.key and "table" not in case.names:
            rows, ledger = self.state(case)
            self.assertEqual((rows, ledger), (row.rows, row.rows), "target and ledger")
        row.check(case)
        self.assertEqual(sorted(path.name for path in case.tmp.rglob("*")), [], "left in the temporary folder")
        said = case.said()
        for secret in case.secrets:
            self.assertNotIn(secret, said)
        self.assertNotIn("CANARY-patient", said)

    def make_target(self):
        self.assertIn(self.export(study=KEPT, table=self.target).last_line, ("Loaded 7 rows", "Loaded 0 rows"))

    def test_every_row_ends_as_the_table_says(self):
        self.make_target()
        before = self.kept(self.target)
        with concurrent.futures.ThreadPoolExecutor(self.workers) as pool:
            ends = [(row, pool.submit(self.run_row, row, number)) for number, row in enumerate(self.table_of_rows)]
            for row, end in ends:
                with self.subTest(row.name):
                    end.result()
        self.assertEqual(self.kept(self.target), before)
