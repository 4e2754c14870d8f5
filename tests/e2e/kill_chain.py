"""A study, its table and what belongs to them, on which one run after the other is ended at a failpoint and the next one made to finish.

The chain goes on from what the last case left: changes the study, has `imednet-failing` end somewhere, looks at the table, runs the product and compares.
"""
import collections
import json
import re
import shutil
import signal
import subprocess
import time
import urllib.request

import harness

BATCH = 20
LIMIT_S = 150  # for the run after a dead one: below the five minutes that an abandoned transaction would keep it waiting
NO_SPACE, INTERRUPTED = 3, 130

Case = collections.namedtuple("Case", "place nth action keeps_files loses_state")


class Chain:
    """`mode`: auto (a changed study is merged), replace, append, or first: every case its own table, ledger and leases, and a stage without its files."""

    def __init__(self, sandbox, folder, study, mode):
        self.sandbox, self.study, self.mode, self.folder = sandbox, study, mode, folder
        self.table, self.number, self.last_added = study, 0, 1000
        self.books = ""  # schema of ledger and leases, with its dot; the target's when empty
        self.connection = sandbox.connect()
        for name in ("tmp", "state", "logs"):
            (folder / name).mkdir(parents=True)
        self.log = folder / "logs" / "points"
        self.manifest = folder / "logs" / "manifest.jsonl"

    def close(self):
        self.connection.close()

    # The study

    def add(self, record_id):
        record = {"studyKey": self.study, "formKey": "VS", "recordId": record_id, "subjectKey": "S-9", "recordData": {"n": record_id}}
        self.sandbox.control("POST", f"/sandbox/studies/{self.study}/records", json.dumps(record).encode())

    def change(self):
        """Between two runs: append only ever gets a further file's worth of records; else one is changed, one new and one gone."""
        self.number += 1
        if self.mode == "first":
            self.table = f"{self.study}_{self.number}"
            self.books = f"BOOKS_{self.table}."
            self.rows(f"CREATE SCHEMA BOOKS_{self.table}")
            self.rows("USE SCHEMA PUBLIC")
            self.rows(f"REMOVE @MY_STAGE/{self.study.lower()}/")
        elif self.mode == "append":
            for _ in range(BATCH):
                self.last_added += 1
                self.add(self.last_added + 1000)
        else:
            path = f"/sandbox/studies/{self.study}/records/"
            self.sandbox.control("POST", f"{path}{1000 + self.number % 50}", {"data": {"n": 5000 + self.number}})
            self.add(2000 + self.number)
            gone = 1999 + self.number if self.number > 1 else 1059
            self.sandbox.control("DELETE", f"{path}{gone}?vanish=true")

    def in_the_api(self):
        records, page = {}, 0
        while True:
            request = urllib.request.Request(
                f"{self.sandbox.edc['base_url'].removesuffix('/api')}/api/v1/edc/studies/{self.study}/records?size=500&page={page}&sort=recordId,asc",
                headers={"x-api-key": self.sandbox.edc["api_key"], "x-imn-security-key": self.sandbox.edc["security_key"],
                         "Content-Type": "application/json", "Accept": "application/json"})
            with urllib.request.urlopen(request, timeout=harness.WAIT_S) as answer:
                data = json.loads(answer.read())["data"]
            records.update({item["recordId"]: (item["formKey"], item["subjectKey"], item["recordData"]["n"], item.get("dateModified", "")[:19]) for item in data})
            if len(data) < 500:
                return records
            page += 1

    # The table

    def rows(self, sql):
        return self.connection.cursor().execute(sql).fetchall()

    def live(self):
        """id -> what the row says; nothing when there is no table. Fails when a record stands twice."""
        if not self.rows(f"SHOW TABLES LIKE '{self.table}'"):
            return {}
        found = self.rows(f"SELECT record_id, form_key, subject_key, record_data:n::number, date_modified, _deleted_at FROM {self.table}")
        assert len(found) == len({row[0] for row in found}), "a record stands twice"
        return {row[0]: (row[1], row[2], row[3], row[4].strftime("%Y-%m-%d %H:%M:%S") if row[4] else "") for row in found if row[5] is None}

    # A run

    def arguments(self, program, keeps_files):
        where = self.sandbox.snowflake
        mode = ("--ledger-schema", self.books[:-1]) if self.mode == "first" else ("--mode", self.mode)
        staging = ("--local-staging-dir", self.folder / "staged") if keeps_files else ()
        parts = [harness.BIN / program, "export", "snowflake", self.study, where["account"], where["user"], where["password"], where["database"],
                 where["schema"], where["warehouse"], where["stage"], self.table, "--batch-size", BATCH, "--retry-backoff", "0.01", "--output", "json",
                 "--stage-prefix", self.study.lower(), "--manifest-path", self.manifest, *mode, *staging]
        return [str(part) for part in parts]

    def environment(self, **more):
        return self.sandbox.environment(TMPDIR=self.folder / "tmp", XDG_STATE_HOME=self.folder / "state", **more)

    def run_failing(self, order="", keeps_files=False):
        """The armed program; its result, pid and the points it passed."""
        self.log.unlink(missing_ok=True)
        process = subprocess.Popen(self.arguments("imednet-failing", keeps_files), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=self.environment(IMEDNET_FAILPOINT=order, IMEDNET_FAILPOINT_LOG=self.log))
        try:
            stdout, stderr = process.communicate(timeout=harness.WAIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        passed = self.log.read_text(encoding="ascii").splitlines() if self.log.exists() else []
        return harness.Result(process.returncode, stdout, stderr), process.pid, passed

    def points(self):
        """place -> how often a run of this mode passes it, in the order of their first time."""
        if self.mode != "first":
            loaded = harness.run(self.arguments("imednet", False), self.environment())
            assert loaded.code == 0, loaded
        self.change()
        result, _, passed = self.run_failing()
        assert result.code == 0, result
        self.assert_finished(json.loads(result.stdout))
        return collections.Counter(passed)

    def try_case(self, case):
        """Whether the table held the new rows when the run had ended there. Raises AssertionError for whatever is not as it should be."""
        self.change()
        old, new = ({} if self.mode == "first" else self.live()), self.in_the_api()
        assert old != new, "nothing was changed"
        result, pid, passed = self.run_failing(f"{case.place}:{case.nth}:{case.action}", case.keeps_files)
        assert f"fired {case.place}" in passed, f"the failpoint never fired: {result}"
        self.assert_ended(case, result)
        between = self.live()
        assert between in (old, new), f"neither the old rows nor the new ones: {sorted(set(between.items()) ^ set(new.items()))}"
        if result.code == 0:
            assert between == new, "exit 0 was said of the old rows"
        if case.loses_state:
            shutil.rmtree(self.folder / "state")
            (self.folder / "state").mkdir()
        started = time.monotonic()
        resumed = harness.run(self.arguments("imednet", case.keeps_files), self.environment(), timeout=harness.WAIT_S)
        assert resumed.code == 0, f"the next run: {resumed}"
        assert time.monotonic() - started < LIMIT_S, "the next run waited"
        self.assert_finished(json.loads(resumed.stdout), new, pid)
        return between == new

    @staticmethod
    def assert_ended(case, result):
        codes = {"kill": {-signal.SIGKILL}, "enospc": {NO_SPACE}, "int": {INTERRUPTED, 0}, "int-twice": {INTERRUPTED}}[case.action]
        assert result.code in codes, f"it ended otherwise: {result}"
        if case.action == "enospc":
            assert "No space left on device" in result.stderr and "hint: " in result.stderr, result

    def assert_finished(self, report, new=None, dead_pid=None):
        """The table mirrors the API, the ledger knows each of its files, and nothing is left over of any run."""
        new = self.in_the_api() if new is None else new
        live = self.live()
        assert live == new, f"the rows are not the API's: {sorted(set(live.items()) ^ set(new.items()))}"
        assert report["reconciled"] and report["rows_in_target"] == len(new), report
        target = f"target_table LIKE '%.{self.table}'"
        rows = self.rows(f"SELECT SUM(row_count) FROM {self.books}IMEDNET_LOADS WHERE {target} AND superseded_by IS NULL")
        assert rows == [(len(new),)], f"the ledger counts {rows}"
        unreleased = self.rows(f"SELECT holder FROM {self.books}IMEDNET_LEASES WHERE {target} AND released_at IS NULL")
        if report["unchanged_since_run"]:  # it woke no warehouse, so what a dead run held stands until a run needs it
            unreleased = [row for row in unreleased if json.loads(row[0])["pid"] != dead_pid]
        assert unreleased == [], f"the lease is held: {unreleased}"
        known = {row[0] for row in self.rows(f"SELECT file_path FROM {self.books}IMEDNET_LOADS WHERE study_key = '{self.study}'")}
        staged = {re.sub(r"^[^/]*/", "", row[0]) for row in self.rows(f"LIST @MY_STAGE/{self.study.lower()}/")}
        assert staged <= known, f"files on the stage that nobody knows: {staged - known}"
        open_ones = [row[3] for row in self.rows("SHOW TRANSACTIONS") if dead_pid is not None and f"_{dead_pid}_" in row[3]]
        assert open_ones == [], f"open transactions of the dead: {open_ones}"
        left = [path.name for path in (self.folder / "tmp").iterdir()]
        assert left == [], f"temporary folders: {left}"
        parts = [path.name for path in self.folder.rglob("*.part")]
        assert parts == [], f"unfinished files: {parts}"
        self.assert_books(report)

    def assert_books(self, report):
        """Each line of the manifest is one, but for at most the ends of those that were cut; the run's state ends well. A run that had nothing to do leaves none."""
        for line in self.manifest.read_text(encoding="utf-8").splitlines():
            assert line.startswith("{") and '"batch_id"' in line, line
        states = list((self.folder / "state").rglob(f"{report['run_id']}.jsonl"))
        assert len(states) == (0 if report["unchanged_since_run"] else 1), (states, report)
        for state in states:
            last = json.loads(state.read_text(encoding="utf-8").splitlines()[-1])
            assert (last["event"], last.get("outcome")) == ("ended", "done"), last
