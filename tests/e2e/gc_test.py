#!/usr/bin/env python3
"""`imednet gc` removes what exports left and is old, shows it first, and touches nothing else."""
import fcntl
import json
import os
import pathlib
import pty
import subprocess
import tempfile
import time

import harness
from harness import SandboxTest, run

DAY = 86_400
HASH = "0123456789abcdef0123456789abcdef"
STATE_NAME = "20260901T120000Z-0123abcd.jsonl"


class Gc(SandboxTest):
    options = ("--allow-faults",)

    def setUp(self):
        super().setUp()
        self.prefix = self.table.lower().replace("_", "-")
        self.home = self.own / "home"
        (self.home / "state" / "imednet" / "runs").mkdir(parents=True)

    def gc_environment(self, **more):
        where = self.sandbox.snowflake
        names = {f"SNOWFLAKE_{key.upper()}": where[key] for key in ("account", "user", "database", "schema", "warehouse", "stage")}
        return self.environment(HOME=self.home, XDG_STATE_HOME=self.home / "state", **{**names, **more})

    def gc(self, *options, **names):
        return run([harness.BIN / "imednet", "gc", "--stage-prefix", self.prefix, *options], self.gc_environment(), **names)

    def gc_json(self, *options):
        result = self.gc("--output", "json", *options)
        self.assertEqual(result.code, 0, result)
        return json.loads(result.stdout)

    def staged(self):
        return sorted(row[0].partition("/")[2] for row in self.sandbox.rows("LIST @MY_STAGE"))

    def own_staged(self):
        return [path for path in self.staged() if path.startswith(self.prefix)]

    def make_old(self, relative, days=40):
        """A file on the stage."""
        self.assertEqual(self.sandbox.snowflake_control("POST", "staged-files/age", {"path": relative, "seconds": days * DAY}), {"files": 1})

    def put(self, relative, days=40):
        """A file on the stage that no export wrote."""
        folder, _, name = relative.rpartition("/")
        with tempfile.TemporaryDirectory() as local:
            path = pathlib.Path(local) / name
            path.write_bytes(b"not ours")
            self.sandbox.rows(f"PUT 'file://{path}' '@MY_STAGE/{folder}' AUTO_COMPRESS = FALSE OVERWRITE = TRUE")
        self.make_old(relative, days)
        return relative

    def exported(self, *options):
        self.assert_loaded(self.export("--stage-prefix", self.prefix, *options), harness.ROW_COUNT)
        return self.own_staged()

    def age_all(self, days=40):
        for path in self.own_staged():
            self.make_old(path, days)

    def test_young_files_stay(self):
        files = self.exported("--batch-size", "4000")
        self.assertEqual(len(files), 4)
        result = self.gc("--yes")
        self.assertEqual((result.code, result.last_line), (0, "Nothing to remove"), result)
        self.assertEqual(self.own_staged(), files)

    def test_old_files_go_young_ones_stay_and_an_export_afterwards_loads_nothing(self):
        files = self.exported("--batch-size", "4000")
        for path in files[:3]:
            self.make_old(path)
        result = self.gc("--yes", "--table", self.table)
        self.assertEqual(result.code, 0, result)
        self.assertEqual(result.last_line, "Removed 3 files from the stage and 0 from this machine; LIST shows none of them any more")
        for path in files[:3]:
            self.assertIn(path, result.stdout)
        self.assertEqual(self.own_staged(), files[3:])
        self.assert_loaded(self.export("--stage-prefix", self.prefix, "--batch-size", "4000"), 0)
        self.assertEqual(self.sandbox.count(self.table), harness.ROW_COUNT)
        self.assert_nothing_temporary()

    def test_without_yes_and_terminal_it_shows_and_removes_nothing(self):
        files = self.exported()
        self.age_all()
        result = self.gc()
        self.assertEqual((result.code, result.last_line), (0, "Nothing was removed: give --yes to remove"), result)
        self.assertIn(files[0], result.stdout)
        self.assertEqual(self.own_staged(), files)
        shown = self.gc_json()
        self.assertEqual(shown["removed"], {"asked": False, "stage_files": 0, "local": 0})
        self.assertEqual([file["path"] for file in shown["stage"]["files"]], files)

    def on_terminal(self, answer):
        """The program with a terminal as its standard input, where somebody types `answer`."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen([harness.BIN / "imednet", "gc", "--stage-prefix", self.prefix], env=self.gc_environment(), stdin=theirs,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        os.close(theirs)
        os.write(ours, answer)
        try:
            stdout, stderr = process.communicate(timeout=harness.WAIT_S)
        finally:
            os.close(ours)
        self.assertEqual(process.returncode, 0, stderr)
        self.assertIn("Remove 1 files? [y/N] ", stderr)
        return stdout

    @harness.needs_terminal
    def test_on_a_terminal_it_asks_and_yes_removes(self):
        files = self.exported()
        self.age_all()
        self.assertEqual(self.on_terminal(b"\n").splitlines()[-1], "Nothing was removed")
        self.assertEqual(self.on_terminal(b"no\n").splitlines()[-1], "Nothing was removed")
        self.assertEqual(self.own_staged(), files)
        self.assertIn("Removed 1 files", self.on_terminal(b"y\n").splitlines()[-1])
        self.assertEqual(self.own_staged(), [])

    def test_older_than_zero_takes_todays_files(self):
        self.exported("--batch-size", "8000")
        shown = self.gc_json("--older-than", "0", "--yes")
        self.assertEqual((len(shown["stage"]["files"]), shown["removed"]["stage_files"]), (2, 2))
        self.assertEqual(self.own_staged(), [])

    def test_age_is_judged_by_snowflakes_clock(self):
        files = self.exported()
        self.sandbox.snowflake_control("POST", "clock", {"offset_seconds": 31 * DAY})
        self.addCleanup(self.sandbox.snowflake_control, "POST", "clock", {"offset_seconds": 0})
        self.assertEqual([file["path"] for file in self.gc_json()["stage"]["files"]], files)

    def test_foreign_names_and_prefixes_stay(self):
        self.exported()
        self.age_all()
        kept = [self.put(path) for path in (
            f"{self.prefix}/{HASH}/notes.txt", f"{self.prefix}/{HASH}/x.parquet.gz", f"{self.prefix}/{HASH}/deeper/x.parquet",
            f"{self.prefix}/{HASH}0/x.parquet", f"{self.prefix}/{HASH.upper()}/x.parquet", f"{self.prefix}/MY_STUDY_records_0.parquet",
            f"{self.prefix}/more/{HASH}/x.parquet", f"{self.prefix}-other/{HASH}/x.parquet", f"{HASH}/x.parquet",
            f"{self.prefix}/{HASH}/with space.parquet")]
        before = set(self.staged())
        gone = {file["path"] for file in self.gc_json("--yes")["stage"]["files"]}
        self.assertEqual(len(gone), 1)
        self.assertEqual(before - set(self.staged()), gone)
        self.assertTrue(set(kept) <= set(self.staged()))

    def test_file_whose_path_begins_anothers_is_kept_and_said_so(self):
        self.exported()
        self.age_all()
        short = self.put(f"{self.prefix}/{HASH}/x.parquet")
        long = self.put(f"{self.prefix}/{HASH}/x.parquet.backup")
        shown = self.gc_json("--yes")
        self.assertEqual((shown["stage"]["kept"], shown["removed"]["stage_files"]), ([short], 1))
        self.assertEqual(self.own_staged(), [short, long])

    def test_file_that_was_never_loaded_is_marked(self):
        loaded = self.exported()[0]
        self.age_all()
        stray = self.put(f"{self.prefix}/{HASH}/STRAY_records_0.parquet")
        marks = {file["path"]: file["in_ledger"] for file in self.gc_json()["stage"]["files"]}
        self.assertEqual(marks, {loaded: True, stray: False})
        table = self.gc().stdout
        self.assertRegex(table, rf"loaded +{loaded}\n")
        self.assertRegex(table, rf"unknown +{stray}\n")

    def test_missing_ledger_is_said_and_marks_nothing_as_loaded(self):
        self.exported()
        self.age_all()
        self.sandbox.rows("CREATE SCHEMA EMPTY_ONE")  # which the session uses from then on
        self.sandbox.rows("USE SCHEMA PUBLIC")
        result = self.gc("--ledger-schema", "EMPTY_ONE")
        self.assertIn("IMEDNET_LOADS is not there", result.stdout)
        self.assertRegex(result.stdout, "unknown +" + self.own_staged()[0])

    def test_flat_files_go_only_where_the_ledger_knows_them(self):
        files = self.exported("--stage-layout", "flat")
        self.assertEqual(files, [f"{self.prefix}/MY_STUDY_records_0.parquet"])
        self.age_all()
        stray = self.put(f"{self.prefix}/OTHER_records_0.parquet")
        self.assertEqual(self.gc_json("--yes")["removed"]["stage_files"], 0)
        self.assertEqual(self.gc_json("--yes", "--stage-layout", "flat")["removed"]["stage_files"], 1)
        self.assertEqual(self.own_staged(), [stray])

    def test_local_leftovers_of_dead_runs_go_and_those_of_living_ones_stay(self):
        dead, living = self.tmp / "imednet-run-4711-0123456789abcdef", self.tmp / "imednet-run-4712-0123456789abcdef"
        for folder in (dead, living):
            folder.mkdir()
            (folder / ".lock").touch()
            (folder / "x.parquet").write_bytes(b"rows")
        runs = self.home / "state" / "imednet" / "runs"
        old, young, foreign = runs / STATE_NAME, runs / STATE_NAME.replace("0123", "4567"), runs / "notes.jsonl"
        for file in (old, young, foreign):
            file.write_text("{}\n", encoding="utf-8")
        for file in (old, foreign):
            moment = time.time() - 40 * DAY
            os.utime(file, (moment, moment))
        with open(living / ".lock", "r+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            plain = harness.plain_environment(TMPDIR=self.tmp, HOME=self.home, XDG_STATE_HOME=self.home / "state")
            shown = run([harness.BIN / "imednet", "gc", "--local-only"], plain)
            self.assertEqual((shown.code, shown.last_line), (0, "Nothing was removed: give --yes to remove"), shown)
            self.assertTrue(dead.exists() and old.exists())
            result = run([harness.BIN / "imednet", "gc", "--local-only", "--yes"], plain)
        self.assertEqual((result.code, result.last_line), (0, "Removed 2 from this machine"), result)
        self.assertEqual(sorted(path.name for path in self.tmp.iterdir()), [living.name])
        self.assertEqual(sorted(path.name for path in runs.iterdir()), sorted([young.name, foreign.name]))

    def test_remove_that_fails_is_told_and_what_it_did_not_reach_stays(self):
        files = self.exported("--batch-size", "4000")
        self.age_all()
        self.sandbox.snowflake_control("POST", "orders", {"match": {"statement_contains": "REMOVE @", "nth": 3, "times": 0},
                                        "do": {"fail": {"code": "003001", "sql_state": "42501", "message": "Insufficient privileges"}}})
        self.addCleanup(self.sandbox.snowflake_control, "DELETE", "orders")
        result = self.gc("--yes")
        self.assert_exit(result, 13, "Insufficient privileges")
        self.assertEqual(self.own_staged(), files[2:])
        self.assert_nothing_temporary()

    def test_wrong_settings_are_named_before_anything_is_shown(self):
        for options, text in ((("--stage", "NOT_THERE"), "NOT_THERE"), (("--warehouse", "NOT_THERE"), "NOT_THERE")):
            result = self.gc("--yes", *options)
            self.assert_exit(result, 13, text)
            self.assertEqual(result.stdout, "")
        self.assert_exit(run([harness.BIN / "imednet", "gc"], harness.plain_environment(TMPDIR=self.tmp, HOME=self.home)), 2, "cannot look for old files")
        self.assert_exit(self.gc("--older-than", "-1"), 2)


if __name__ == "__main__":
    harness.main()
