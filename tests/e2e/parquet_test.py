#!/usr/bin/env python3
"""`imednet export parquet`: a folder that holds a whole study or what it held before, and the same files however many readers there were."""
import hashlib
import json
import os
import signal
import stat
import subprocess
import sys

import pyarrow.parquet

import harness
from harness import SandboxTest, run, wait_until

BIG = 100_000


class ParquetTest(SandboxTest):
    def parquet(self, folder, *options, study="MY_STUDY", **environment):
        return run([harness.BIN / "imednet", "export", "parquet", study, folder, *options], self.environment(**environment))

    def assert_exported(self, result, rows):
        self.assertEqual((result.code, result.last_line), (0, f"Exported {rows} rows"), result)

    def manifest(self, folder):
        return json.loads((folder / "_manifest.json").read_text(encoding="utf-8"))

    def assert_whole(self, folder, study, rows, batch_size):
        """The manifest tells the truth about every file, and there is no other."""
        manifest = self.manifest(folder)
        self.assertEqual((manifest["study"], manifest["layout"], manifest["rows"]), (study, "records", rows))
        files = manifest["files"]
        self.assertEqual(sorted(os.listdir(folder)), sorted(["_manifest.json", *(file["name"] for file in files)]))
        self.assertEqual(len(files), -(-rows // batch_size))
        ids = []
        for number, file in enumerate(files):
            data = (folder / file["name"]).read_bytes()
            self.assertEqual((file["batch_id"], file["bytes"], file["sha256"]), (f"{study}/records/{number}", len(data), hashlib.sha256(data).hexdigest()))
            column = pyarrow.parquet.read_table(folder / file["name"], columns=["record_id"]).column(0).to_pylist()
            self.assertEqual((file["rows"], file["first_record_id"], file["last_record_id"]), (len(column), column[0], column[-1]))
            ids += column
        self.assertEqual(len(ids), rows)
        self.assertTrue(all(one < other for one, other in zip(ids, ids[1:])), "ids rise from file to file")

    def hashes(self, folder):
        return [(file["name"], file["sha256"]) for file in self.manifest(folder)["files"]]

    def assert_nothing_beside(self, folder):
        self.assertEqual([name for name in os.listdir(folder.parent) if name.startswith(".imednet")], [])


class Folders(ParquetTest):
    options = ("--allow-faults",)

    def test_holds_the_study_and_nothing_else(self):
        folder = self.own / "out"
        self.assert_exported(self.parquet(folder, "--batch-size", "6000"), harness.ROW_COUNT)
        self.assert_whole(folder, "MY_STUDY", harness.ROW_COUNT, 6000)
        self.assertEqual(stat.S_IMODE(folder.stat().st_mode), 0o700)
        self.assertEqual({stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}, {0o600})
        witness = harness.SOURCE / "tests/conformance/staged_files_check.py"
        seen = run([sys.executable, witness, folder, harness.SOURCE / "sandbox/data/cdiscpilot01/records.ndjson.gz", "--study", "MY_STUDY"])
        self.assertEqual(seen.code, 0, seen)
        self.assertIn("differences 0", seen.stdout)
        self.assert_nothing_beside(folder)
        self.assert_nothing_temporary()

    def test_a_name_alone_is_a_folder_of_the_working_directory(self):
        result = run([harness.BIN / "imednet", "export", "parquet", "MY_STUDY", "out"], self.environment(), cwd=self.own)
        self.assert_exported(result, harness.ROW_COUNT)
        self.assert_whole(self.own / "out", "MY_STUDY", harness.ROW_COUNT, 50_000)

    def test_a_second_run_replaces_the_first(self):
        folder = self.own / "out"
        self.assert_exported(self.parquet(folder, "--batch-size", "1000"), harness.ROW_COUNT)
        folder.chmod(0o750)
        self.assert_exported(self.parquet(f"{folder}/", "--batch-size", "9000"), harness.ROW_COUNT)
        self.assert_whole(folder, "MY_STUDY", harness.ROW_COUNT, 9000)
        self.assertEqual(stat.S_IMODE(folder.stat().st_mode), 0o750, "whoever may read it may still")
        self.assert_nothing_beside(folder)

    def test_a_link_leads_to_the_folder_that_is_replaced(self):
        (self.own / "real").mkdir()
        (self.own / "link").symlink_to(self.own / "real")
        self.assert_exported(self.parquet(self.own / "link"), harness.ROW_COUNT)
        self.assertTrue((self.own / "link").is_symlink())
        self.assert_whole(self.own / "real", "MY_STUDY", harness.ROW_COUNT, 50_000)

    def test_what_is_not_ours_is_never_touched(self):
        folder = self.own / "mine"
        folder.mkdir()
        (folder / "thesis.txt").write_text("ten years of work")
        result = self.parquet(folder)
        self.assert_exit(result, 2, "thesis.txt", "hint:")
        self.assertEqual((folder / "thesis.txt").read_text(), "ten years of work")
        (self.own / "file").write_text("x")
        self.assert_exit(self.parquet(self.own / "file"), 2, "it is no folder")
        self.assert_exit(self.parquet(self.own / "gone" / "out"), 2, "does not exist")
        out = self.own / "out"
        self.assert_exported(self.parquet(out), harness.ROW_COUNT)
        (out / "notes.txt").write_text("mine")
        self.assert_exit(self.parquet(out), 2, "notes.txt")
        self.assertEqual((out / "notes.txt").read_text(), "mine")

    def test_a_run_that_fails_leaves_the_folder_as_it_was(self):
        folder = self.own / "out"
        self.assert_exported(self.parquet(folder), harness.ROW_COUNT)
        before = self.hashes(folder)
        self.sandbox.order({"status": 403}, nth=20, times=0)
        self.assert_exit(self.parquet(folder, "--batch-size", "1000"), 12)
        self.assertEqual(self.hashes(folder), before)
        self.assert_nothing_beside(folder)

    def test_a_killed_run_leaves_the_folder_as_it_was_and_the_next_one_clears_up(self):
        folder = self.own / "out"
        self.assert_exported(self.parquet(folder), harness.ROW_COUNT)
        before = self.hashes(folder)
        self.sandbox.order({"delay_ms": 30_000}, nth=20, times=0)
        command = [harness.BIN / "imednet", "export", "parquet", "MY_STUDY", folder, "--batch-size", "500"]
        process = subprocess.Popen([str(word) for word in command], env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until("some files are staged", lambda: any(len(list(path.glob("new/*.parquet"))) > 5 for path in folder.parent.glob(".imednet-parquet-*")))
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=harness.WAIT_S)
        self.sandbox.clear_orders()
        self.assertEqual(self.hashes(folder), before)
        self.assert_exported(self.parquet(folder), harness.ROW_COUNT)
        self.assert_nothing_beside(folder)

    def test_its_report(self):
        result = self.parquet(self.own / "out", "--output", "json")
        self.assertEqual(result.code, 0, result)
        report = json.loads(result.stdout)
        self.assertEqual([report[name] for name in ("rows_expected", "rows_read", "rows_staged", "method", "reconciled")],
                         [harness.ROW_COUNT] * 3 + ["files", True])
        self.assertEqual(report["table"], str(self.own / "out"))

    def test_a_rate_that_is_none_is_refused(self):
        for options, environment in ((("--rate", "fast"), {}), ((), {"IMEDNET_RATE": "100/sec"}), (("--rate-file", self.own / "rate"), {})):
            self.assert_exit(self.parquet(self.own / "out", *options, **environment), 2, "rate")
        self.assertFalse((self.own / "out").exists())

    def test_a_shared_rate_counts_every_request(self):
        rate = self.own / "rate"
        for folder in ("one", "two"):
            result = self.parquet(self.own / folder, "--rate", "1000/min,5000/h", "--rate-file", rate, "--output", "json")
            self.assertEqual(result.code, 0, result)
        requests = json.loads(result.stdout)["requests"]
        self.assertEqual(rate.stat().st_size, 8 * 2 * requests)


class Ranges(ParquetTest):
    """A study that is large enough to be read by several, from an API that takes its time."""
    options = ("--allow-faults", "--synthetic", f"BIG:{BIG}", "--latency-ms", "8")

    def report_of(self, folder, *options):
        result = self.parquet(folder, "--output", "json", *options, study="BIG")
        self.assertEqual(result.code, 0, result)
        return json.loads(result.stdout)

    def test_give_the_files_of_one_reader(self):
        for size in ("777", "30000", "1000000"):
            one, many = self.own / f"one{size}", self.own / f"many{size}"
            alone = self.report_of(one, "--connections", "1", "--batch-size", size)
            wide = self.report_of(many, "--connections", "8", "--batch-size", size)
            self.assertEqual(self.hashes(one), self.hashes(many))
            self.assert_whole(many, "BIG", BIG, int(size))
            self.assertEqual([form["rows_read"] for form in alone["forms"]], [form["rows_read"] for form in wide["forms"]])
            self.assertGreater(wide["requests"], alone["requests"], "it was read in ranges")
            self.assertLessEqual(wide["requests"], BIG // 500 + 2 * 8 + 3)

    def test_survive_an_api_in_trouble(self):
        calm = self.own / "calm"
        self.report_of(calm)
        for name, orders in {"faults": [({"status": 500}, {"nth": 30, "times": 3}), ({"status": 503}, {"nth": 90, "times": 2})],
                             "refusals": [({"status": 429, "retry_after": "1"}, {"nth": 60, "times": 2})],
                             "cuts": [({"cut_body_after": 1000}, {"nth": 50, "times": 4})]}.items():
            for do, match in orders:
                self.sandbox.order(do, **match)
            report = self.report_of(self.own / name, "--retry-backoff", "0.05")
            self.sandbox.clear_orders()
            self.assertGreater(report["retries"], 0, name)
            self.assertEqual(self.hashes(self.own / name), self.hashes(calm), name)

    def test_end_with_the_first_error(self):
        self.sandbox.order({"status": 403}, nth=70, times=0)
        result = self.parquet(self.own / "out", study="BIG")
        self.assert_exit(result, 12)
        self.assertFalse((self.own / "out").exists())
        self.assert_nothing_beside(self.own / "out")

    def test_load_what_one_reader_loads(self):
        self.assert_loaded(self.export("--connections", "8", "--batch-size", "30000", study="BIG"), BIG)
        self.forget_cursors()
        self.assert_loaded(self.export("--connections", "1", "--batch-size", "30000", study="BIG"), 0)


if __name__ == "__main__":
    harness.main()
