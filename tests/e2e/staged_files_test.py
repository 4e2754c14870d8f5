#!/usr/bin/env python3
"""The files an export leaves behind on request hold the study record by record, as two other readers of Parquet see them."""
import hashlib
import json
import stat
import sys

import pyarrow.parquet

import harness
from harness import SandboxTest, run

ODD_NAMES = ["São Paulo trial's [x]*? dir", "x[1]*?", 'with "quotes" and\ttab', "back\\slash", "%41 & $HOME; --"]


class StagedFiles(SandboxTest):
    def export_to(self, folder, *options, **names):
        return self.export("--local-staging-dir", folder, *options, **names)

    def witness(self, folder):
        script = harness.SOURCE / "tests/conformance/staged_files_check.py"
        records = harness.SOURCE / "sandbox/data/cdiscpilot01/records.ndjson.gz"
        return run([sys.executable, script, folder, records, "--study", "MY_STUDY"])

    def assert_faithful(self, folder, files):
        seen = self.witness(folder)
        self.assertEqual(seen.code, 0, seen)
        self.assertEqual(seen.stdout, f"files {files}, staged {harness.ROW_COUNT}, records {harness.ROW_COUNT}, "
                                      f"values {harness.ROW_COUNT * 21}, raw 0, differences 0\n")

    def assert_private(self, folder, files):
        self.assertEqual(stat.S_IMODE(folder.stat().st_mode), 0o700)
        left = sorted(folder.iterdir())
        self.assertEqual([path.name for path in left], sorted(f"MY_STUDY_records_{n}.parquet" for n in range(files)))
        self.assertEqual({stat.S_IMODE(path.stat().st_mode) for path in left}, {0o600})

    def test_one_file_by_default_holds_the_study(self):
        folder = self.own / "staged"
        self.assert_loaded(self.export_to(folder), harness.ROW_COUNT)
        self.assert_private(folder, 1)
        self.assert_faithful(folder, 1)
        self.assert_nothing_temporary()

    def test_sixteen_files_of_a_thousand_hold_the_study(self):
        folder = self.own / "staged"
        self.assert_loaded(self.export_to(folder, "--batch-size", "1000"), harness.ROW_COUNT)
        self.assert_private(folder, 16)
        self.assert_faithful(folder, 16)

    def test_batch_size_changes_files_and_not_rows(self):
        rows = []
        for size in ("1000", "7000", "50000"):
            folder = self.own / size
            self.assert_loaded(self.export_to(folder, "--batch-size", size, table=f"{self.table}_{size}"), harness.ROW_COUNT)
            hashes = []
            for number in range(len(list(folder.iterdir()))):
                hashes += pyarrow.parquet.read_table(folder / f"MY_STUDY_records_{number}.parquet", columns=["_row_hash"]).column(0).to_pylist()
            rows.append(hashes)
        self.assertEqual(len(rows[0]), harness.ROW_COUNT)
        self.assertTrue(rows[0] == rows[1] == rows[2])
        tables = [self.sandbox.rows(f"SELECT record_id, _row_hash FROM {self.table}_{size} ORDER BY 1") for size in ("1000", "7000", "50000")]
        self.assertEqual([row[1] for row in tables[0]], rows[0])
        self.assertTrue(tables[0] == tables[1] == tables[2])

    def test_odd_directory_names_work(self):
        for number, name in enumerate(ODD_NAMES):
            with self.subTest(name):
                folder = self.own / name
                result = self.export_to(folder, "--batch-size", "8000", table=f"ODD_{number}")
                self.assert_loaded(result, harness.ROW_COUNT)
                self.assert_private(folder, 2)
        self.assert_faithful(self.own / ODD_NAMES[0], 2)
        self.assert_nothing_temporary()

    def test_relative_directory_and_trailing_slash_work(self):
        arguments = self.arguments("--local-staging-dir", "./here/")
        result = run(arguments, self.environment(), cwd=self.own)
        self.assert_loaded(result, harness.ROW_COUNT)
        self.assert_private(self.own / "here", 1)

    def test_manifest_and_report_name_the_bytes_that_lie_there(self):
        folder, manifest = self.own / "staged", self.own / "manifest.jsonl"
        report = self.report("--local-staging-dir", folder, "--batch-size", "6000", "--manifest-path", manifest)
        lines = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]
        for number, (line, batch) in enumerate(zip(lines, report["batch_reports"], strict=True)):
            content = (folder / f"MY_STUDY_records_{number}.parquet").read_bytes()
            facts = (hashlib.sha256(content).hexdigest(), len(content))
            self.assertEqual((line["sha256"], line["bytes"]), facts)
            self.assertEqual((batch["sha256"], batch["bytes"]), facts)

    def test_same_study_gives_the_same_bytes_twice(self):
        one, two = self.own / "one", self.own / "two"
        self.export_to(one, "--batch-size", "9000")
        self.export_to(two, "--batch-size", "9000")
        self.assertEqual([path.read_bytes() for path in sorted(one.iterdir())], [path.read_bytes() for path in sorted(two.iterdir())])

    def test_directory_that_cannot_be_used_is_named_and_nothing_is_loaded(self):
        file = self.own / "file"
        file.write_text("in the way", encoding="utf-8")
        for folder in (file, file / "below", self.own / "missing" / "below"):
            result = self.export_to(folder)
            self.assertEqual((result.code, result.stdout), (2, ""), result)
            self.assertEqual(self.sandbox.count(self.table), -1)
        self.assertEqual(file.read_text(encoding="utf-8"), "in the way")


if __name__ == "__main__":
    harness.main()
