#!/usr/bin/env python3
"""Standard input, output or error that nobody reads, that is full or that was closed before the start: the load is whole, and no word of the program lands in a file of its own."""
import json
import os
import subprocess

import harness
from changing_study import RECORDS, ModesTest


class ClosedOutput(ModesTest):
    def run_with(self, *options, closed=(), **streams):
        """The program with these descriptors closed; its exit code."""
        def close():
            for number in closed:
                os.close(number)

        arguments = self.arguments("--batch-size", 20, "--manifest-path", self.own / "manifest.jsonl", *options, study=self.table)
        streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **streams}
        return subprocess.run([str(part) for part in arguments], env=self.environment(), stdin=subprocess.DEVNULL, timeout=harness.WAIT_S, check=False,
                              preexec_fn=close if closed else None, **streams).returncode

    def assert_whole(self):
        self.assert_mirror()
        lines = (self.own / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
        self.assertEqual([json.loads(line)["batch_id"] for line in lines], [f"{self.table}/records/{n}" for n in range(3)])
        self.assertTrue(json.loads((self.own / "manifest.jsonl.run.json").read_text(encoding="utf-8"))["reconciled"])
        for path in (self.own / "state" / "imednet" / "runs").glob("*.jsonl"):
            self.assertEqual([json.loads(line)["seq"] for line in path.read_text(encoding="utf-8").splitlines()][0], 1)
        self.assert_nothing_temporary()
        self.assert_loaded(self.export(), 0)

    def test_reader_that_went_away(self):
        for number, options in enumerate(((), ("--output", "json"))):
            with self.subTest(options):
                reader, writer = os.pipe()
                os.close(reader)
                self.addCleanup(os.close, writer)
                self.assertEqual(self.run_with(*options, stdout=writer, stderr=writer), 0)
                if number == 0:
                    self.assert_whole()

    def test_closed_before_the_start(self):
        for closed in ((1,), (0, 1, 2)):
            with self.subTest(closed):
                self.sandbox.rows(f"DROP TABLE IF EXISTS {self.table}")
                (self.own / "manifest.jsonl").unlink(missing_ok=True)
                self.assertEqual(self.run_with("--progress", "json", closed=closed), 0)
                self.assert_whole()

    def test_output_that_is_full_is_told_and_the_rows_are_there(self):
        with open("/dev/full", "wb") as full:
            self.assertEqual(self.run_with(stdout=full), 3)
        self.assert_whole()
        self.assertEqual(len(self.live()), RECORDS)


del ModesTest

if __name__ == "__main__":
    harness.main()
