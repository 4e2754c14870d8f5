#!/usr/bin/env python3
"""The guide's three code examples and that of one sink for every destination, as the C++ programs under examples/, run against the sandbox."""
import json
import re
import subprocess
import time

import harness
from harness import SandboxTest, run, wait_until


class Examples(SandboxTest):
    """Each test is one example; they name one table, so it is dropped first."""
    options = ("--allow-faults",)

    def setUp(self):
        super().setUp()
        self.sandbox.rows("DROP TABLE IF EXISTS RECORDS")

    def example(self, name, *arguments, **variables):
        return run([harness.BIN / f"example_{name}", *arguments], self.environment(**variables))

    def test_quickstart_loads_the_study_once(self):
        first, second = self.example("quickstart"), self.example("quickstart")
        self.assertEqual((first.code, first.stdout), (0, f"Loaded {harness.ROW_COUNT} rows\n"), first)
        self.assertEqual((second.code, second.stdout), (0, "Loaded 0 rows\n"), second)
        self.assertEqual(self.sandbox.count("RECORDS"), harness.ROW_COUNT)
        self.assert_nothing_temporary()

    def test_batches_add_up_to_the_study_and_are_loaded_once(self):
        first, second = self.example("batches"), self.example("batches")
        self.assertEqual((first.code, first.stderr), (0, ""))
        pattern = re.compile(r"  batch (\d+): (\d+) rows")
        loaded = [tuple(map(int, pattern.fullmatch(line).groups())) for line in first.stdout.splitlines()]
        self.assertEqual(loaded, [(n, 1000) for n in range(15)] + [(15, harness.ROW_COUNT - 15000)])
        self.assertEqual(second.stdout.splitlines(), [f"  batch {n}: 0 rows" for n in range(16)])
        self.assertEqual(self.sandbox.rows("SELECT COUNT(*), COUNT(DISTINCT record_id), COUNT(DISTINCT _file) FROM RECORDS"),
                         [(harness.ROW_COUNT, harness.ROW_COUNT, 16)])
        self.assertRegex(self.sandbox.rows("SELECT MIN(_file) FROM RECORDS")[0][0], r"^imednet/MY_STUDY/[0-9a-f]{32}/MY_STUDY_records_\d+\.parquet$")
        self.assert_nothing_temporary()

    def test_manifest_example_prints_the_line_of_each_batch(self):
        path = self.own / "imednet_manifest.jsonl"
        result = self.example("manifest", path)
        self.assertEqual((result.code, result.stdout), (0, path.read_text(encoding="utf-8")), result)
        line = json.loads(result.stdout)
        self.assertEqual(list(line)[:4], ["batch_id", "stage_path", "row_count", "loaded_at"])
        self.assertEqual((line["batch_id"], line["row_count"]), ("MY_STUDY/records/0", harness.ROW_COUNT))

    def test_one_loop_loads_every_destination(self):
        lake, duckdb, sqlite = (self.own / name for name in ("lake", "it.duckdb", "it.sqlite"))
        for _ in range(2):  # a folder is made anew
            self.assert_last(self.example("sinks", "parquet", lake), f"{harness.ROW_COUNT} rows")
        self.assertEqual(run([harness.BIN / "imednet", "verify", "parquet", "MY_STUDY", lake], self.environment()).code, 0)
        for kind, place, address in (("duckdb", duckdb, duckdb), ("sql", sqlite, f"sqlite:///{sqlite}")):
            self.assert_last(self.example("sinks", kind, address), f"{harness.ROW_COUNT} rows")
            self.assert_last(self.example("sinks", kind, address), "0 rows")
            words = [kind, "MY_STUDY", "records", address]
            self.assertEqual(run([harness.BIN / "imednet", "verify", *words], self.environment()).code, 0)
            result = run([harness.BIN / "imednet", "export", *words, "--batch-size", "1000", "-q"], self.environment())
            self.assert_last(result, "Loaded 0 rows")  # its files are those batches
        self.assert_nothing_temporary()

    def test_batches_overtake_an_export_that_still_reads(self):
        place = self.own / "it.duckdb"
        self.sandbox.order({"delay_ms": 15_000}, path_contains="/studies/MY_STUDY/records", nth=2)
        words = [harness.BIN / "imednet", "export", "duckdb", "MY_STUDY", "records", place, "--connections", "1", "--max-retries", "0"]
        slow = subprocess.Popen(list(map(str, words)), env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            wait_until("the export reads", lambda: any(self.tmp.glob("imednet-export-*")))
            time.sleep(1)
            self.assert_last(self.example("sinks", "duckdb", place), f"{harness.ROW_COUNT} rows")
            _, told = slow.communicate(timeout=harness.WAIT_S)
        finally:
            slow.kill()
            slow.wait()
        self.assertEqual((slow.returncode, "another run loaded it" in told), (10, True), told)
        self.assertEqual(run([harness.BIN / "imednet", "verify", "duckdb", "MY_STUDY", "records", place], self.environment()).code, 0)

    def assert_last(self, result, line):
        self.assertEqual((result.code, result.last_line), (0, line), result)

    def test_error_is_told_with_its_hint(self):
        for variables, told in (({"SNOWFLAKE_PASSWORD": "not-the-password"}, "cannot connect to the Snowflake account myorg-myaccount"),
                                ({"IMEDNET_API_KEY": ""}, "IMEDNET_API_KEY"), ({"SNOWFLAKE_PORT": "many"}, "SNOWFLAKE_PORT"),
                                ({"SNOWFLAKE_PROTOCOL": "gopher"}, "SNOWFLAKE_PROTOCOL")):
            result = self.example("quickstart", **variables)
            self.assertEqual((result.code, result.stdout), (1, ""), result)
            self.assertIn(told, result.stderr)
            self.assertIn("hint: ", result.stderr)
        self.assertEqual(self.sandbox.count("RECORDS"), -1)


if __name__ == "__main__":
    harness.main()
