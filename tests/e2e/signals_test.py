#!/usr/bin/env python3
"""A run that is stopped or killed leaves nothing behind but what the next run makes whole; nothing is loaded twice."""
import json
import signal
import subprocess

import harness
from harness import SandboxTest, wait_until
from statement_gate import StatementGate


class Signals(SandboxTest):
    def start(self, *options, **variables):
        process = subprocess.Popen([str(argument) for argument in self.arguments(*options)], env=self.environment(**variables),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=30)

    def leftovers(self):
        return [path for path in self.tmp.iterdir() if path.name.startswith("imednet-run-")]

    def while_reading(self):
        """A program in the middle of its pages: 32 of them, and the API waits before each answer."""
        process = self.start("--progress", "json", "--quiet")
        line = process.stderr.readline()
        while line and json.loads(line)["step"] != "reading":
            line = process.stderr.readline()
        self.assertTrue(line, "it ended before it read")
        self.assertEqual(len(self.leftovers()), 1)
        with open(f"/proc/{process.pid}/cmdline", "rb") as title:
            shown = title.read()
        self.assertIn(b"snowflake\0MY_STUDY\0", shown)
        self.assertNotIn(self.sandbox.snowflake["password"].encode(), shown)
        return process

    def assert_whole(self):
        self.assertEqual(self.sandbox.rows(f"SELECT COUNT(*), COUNT(DISTINCT record_id) FROM {self.table}"), [(harness.ROW_COUNT, harness.ROW_COUNT)])
        self.assertEqual(self.sandbox.rows(f"SELECT SUM(row_count) FROM IMEDNET_LOADS WHERE target_table LIKE '%.{self.table}' "
                                           "AND superseded_by IS NULL"), [(harness.ROW_COUNT,)])
        self.assert_nothing_temporary()


class StoppedWhileReading(Signals):
    options = ("--latency-ms", "60")

    def assert_stopped(self, number, code):
        process = self.while_reading()
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=30)
        self.assertEqual((process.returncode, stdout), (code, ""), stderr)
        self.assertIn("imednet: error: ", stderr)
        self.assert_nothing_temporary()
        self.assertEqual(self.sandbox.count(self.table), -1)
        self.assert_loaded(self.export(), harness.ROW_COUNT)
        self.assert_whole()

    def test_sigint_is_exit_130_and_the_next_run_completes(self):
        self.assert_stopped(signal.SIGINT, 130)

    def test_sigterm_is_exit_143_and_the_next_run_completes(self):
        self.assert_stopped(signal.SIGTERM, 143)

    def test_files_that_were_to_be_kept_are_kept_when_stopped_and_no_part_is_left(self):
        folder = self.own / "staged"
        process = self.start("--local-staging-dir", folder, "--batch-size", "500", "--quiet")
        wait_until("some files are staged", lambda: folder.exists() and len(list(folder.glob("*.parquet"))) > 2)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, 143)
        self.assertGreater(len(list(folder.glob("*.parquet"))), 2)
        self.assertEqual(list(folder.glob("*.part")), [])

    def test_what_a_killed_run_leaves_is_removed_by_the_next_which_loads_once(self):
        process = self.while_reading()
        process.kill()
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, -signal.SIGKILL)
        self.assertEqual(len(self.leftovers()), 1)
        self.assertEqual(self.sandbox.count(self.table), -1)
        self.assert_loaded(self.export(), harness.ROW_COUNT)
        self.assert_whole()

    def test_running_exports_leave_each_others_folders_alone(self):
        first = self.while_reading()
        own = self.leftovers()
        result = self.export(table=f"{self.table}_2")
        self.assert_loaded(result, harness.ROW_COUNT)
        stdout, stderr = first.communicate(timeout=harness.WAIT_S)
        self.assertEqual((first.returncode, stdout), (0, f"Loaded {harness.ROW_COUNT} rows\n"), stderr)
        self.assertEqual(len(own), 1)
        self.assert_nothing_temporary()


class EndedBetweenTwoStatements(Signals):
    """The gate holds an answer back; what the statement did has been done."""

    def setUp(self):
        super().setUp()
        self.gate = StatementGate(self.sandbox.snowflake["host"], self.sandbox.snowflake["port"])
        self.addCleanup(self.gate.close)

    def killed_at(self, statement, *options, number=signal.SIGKILL):
        self.gate.hold_answer_to(statement)
        process = self.start("--quiet", *options, SNOWFLAKE_PORT=self.gate.port)
        wait_until(f"{statement} is carried out", lambda: self.gate.held.is_set() or process.poll() is not None)
        self.assertIsNone(process.poll())
        process.send_signal(number)
        process.communicate(timeout=30)
        return process.returncode

    def test_killed_after_copy_the_rows_are_adopted_and_not_doubled(self):
        self.assertEqual(self.killed_at("COPY INTO", "--batch-size", "4000"), -signal.SIGKILL)
        self.assertEqual(self.sandbox.count(self.table), harness.ROW_COUNT)
        manifest = self.own / "manifest.jsonl"
        report = self.report("--batch-size", "4000", "--manifest-path", manifest)
        self.assertEqual((report["rows_loaded"], report["rows_skipped"]), (0, harness.ROW_COUNT))
        self.assertEqual([json.loads(line)["status"] for line in manifest.read_text(encoding="utf-8").splitlines()], ["adopted"] * 4)
        self.assert_whole()
        self.assert_loaded(self.export("--batch-size", "4000"), 0)

    def test_killed_after_put_the_next_run_loads_once(self):
        self.killed_at("PUT (?!.*asking-whether-put)", "--stage-prefix", "imednet/put")
        self.assertEqual(self.sandbox.count(self.table), 0)
        self.assert_loaded(self.export("--stage-prefix", "imednet/put"), harness.ROW_COUNT)
        self.assert_whole()

    def test_killed_inside_the_replacing_transaction_nothing_is_changed(self):
        self.assert_loaded(self.export(), harness.ROW_COUNT)
        runs = f"SELECT DISTINCT _run_id FROM {self.table}"
        before = self.sandbox.rows(runs)
        self.killed_at("DELETE FROM", "--force-reload")
        self.assertEqual((self.sandbox.count(self.table), self.sandbox.rows(runs)), (harness.ROW_COUNT, before))
        self.assert_loaded(self.export(), 0)
        self.assert_whole()

    def test_killed_after_commit_the_replacement_stands_and_the_next_run_has_nothing_to_do(self):
        self.assert_loaded(self.export(), harness.ROW_COUNT)
        before = self.sandbox.rows(f"SELECT DISTINCT _run_id FROM {self.table}")
        self.killed_at("COMMIT", "--force-reload")
        self.assertNotEqual(self.sandbox.rows(f"SELECT DISTINCT _run_id FROM {self.table}"), before)
        self.assert_loaded(self.export(), 0)
        self.assert_whole()

    def test_terminated_during_copy_the_next_run_makes_it_whole(self):
        code = self.killed_at("COPY INTO", number=signal.SIGTERM)
        self.assertIn(code, (143, 14))
        self.assert_nothing_temporary()
        self.assertIn(self.export().last_line, (f"Loaded {harness.ROW_COUNT} rows", "Loaded 0 rows"))
        self.assert_whole()

    def test_answer_of_copy_that_is_lost_on_the_way_is_no_second_load(self):
        self.gate.drop_answer_to("COPY INTO")
        result = self.export("--retry-backoff", "0.01", environment=self.environment(SNOWFLAKE_PORT=self.gate.port))
        self.assertTrue(self.gate.dropped.is_set())
        self.assert_loaded(result, harness.ROW_COUNT)
        self.assert_whole()


if __name__ == "__main__":
    harness.main()
