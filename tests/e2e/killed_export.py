"""A run that is killed at each of its steps, one after the other, and the next one that makes it right; for any destination that keeps what stood there until it is done."""
import collections
import json
import signal
import subprocess

import harness
from changing_study import BATCH, metadata
from destinations import OfDestination, export_arguments
from harness import run

# Passed on the way and proved elsewhere: reading, staging and the manifest are the same for every destination.
STEPS = ("statement_send", "statement_answered", "manifest_write", "manifest_synced", "file_renamed")


class Killed(OfDestination):
    """Every test is one mode: its study changes before each case, in two forms, so that each has something to do."""
    elements_of = staticmethod(metadata)
    layout, steps = "records", STEPS

    def setUp(self):
        super().setUp()
        self.number = 0
        self.log = self.own / "points"

    def arguments_of(self, program, *options):
        manifest = () if self.place.command == "parquet" else ("--manifest-path", self.own / "manifest.jsonl")
        words = export_arguments(self.place, self, "--batch-size", BATCH, "--layout", self.layout, *manifest, "--output", "json", *options, study=self.table, table="t")
        return [str(word) for word in (harness.BIN / program, *words[1:])]

    def change_study(self):
        self.number += 1
        self.change(1000 + 2 * (self.number % 20), 5000 + self.number)  # in the first file; what comes and goes is in the last
        self.add({"studyKey": self.table, "formKey": "VS", "recordId": 2000 + self.number, "recordData": {"n": self.number}})
        self.vanish(1999 + self.number if self.number > 1 else 1118)

    def in_the_table(self):
        names = ("t",) if self.layout == "records" else ("t_AE", "t_VS")
        if not set(names) <= set(self.place.tables()):
            return {}
        n = self.place.n if self.layout == "records" else '"n"'
        found = [row for name in names for row in self.place.rows(f'SELECT record_id, {n} FROM "{name}" WHERE _deleted_at IS NULL')]
        self.assertEqual(len(found), len(dict(found)), "a record stands twice")
        return dict(found)

    def loaded(self, *options):
        result = run(self.arguments_of("imednet", *options), self.environment())
        self.assertEqual(result.code, 0, result)
        self.assertTrue(json.loads(result.stdout)["reconciled"])
        return self.in_the_table()

    def run_failing(self, order, *options):
        self.log.unlink(missing_ok=True)
        environment = self.environment(IMEDNET_FAILPOINT=order, IMEDNET_FAILPOINT_LOG=self.log)
        done = subprocess.run(self.arguments_of("imednet-failing", *options), env=environment, capture_output=True, timeout=harness.WAIT_S, check=False)
        return done.returncode, self.log.read_text(encoding="ascii").splitlines()

    def places(self, *options):
        code, passed = self.run_failing("", *options)
        self.assertEqual(code, 0)
        counted = collections.Counter(point for point in passed if point in self.steps or point.split("/")[0] in self.steps)
        last = {point: times for point, times in counted.items() if point.startswith("statement_send/")}
        return [(point, nth) for point in counted for nth in sorted({1, last.get(point, 1)})]

    def assert_whole(self, between, old, new):
        self.assertIn(between, (old, new), "neither the old rows nor the new ones")

    def try_all(self, *options):
        self.loaded()
        self.change_study()
        for point, nth in self.places(*options):
            with self.subTest(point, nth=nth):
                old = self.in_the_table()
                self.change_study()
                code, passed = self.run_failing(f"{point}:{nth}:kill", *options)
                self.assertIn(f"fired {point}", passed)
                self.assertEqual(code, -signal.SIGKILL)
                between = self.in_the_table()
                new = self.loaded()
                self.assert_whole(between, old, new)
                self.assertNotEqual(old, new)
        self.assertEqual([path.name for path in (*self.tmp.iterdir(), *self.own.glob(".imednet*"))], [])
