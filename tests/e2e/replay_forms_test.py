#!/usr/bin/env python3
"""`imednet replay` of typed tables: each file goes back to its form's table, or to one beside another that was named, with the columns that its own file tells."""
import json

import harness
from typed_suite import metadata
from harness import run
from verify_forms_test import VerifiedForms

TABLES = ("DM", "VS", "DIM_STUDY", "DIM_SITE", "DIM_FORM", "DIM_VARIABLE")  # a form without records has no file


class ReplayedForms(VerifiedForms):
    def setUp(self):
        super().setUp()
        self.second = f"{self.table[:80]}_2ND"

    def replay(self, *options):
        where = self.sandbox.snowflake
        flags = [part for name in ("account", "user", "database", "schema", "warehouse") for part in (f"--{name}", where[name])]
        return run([harness.BIN / "imednet", "replay", self.manifest, *flags, "--retry-backoff", "0.01", *options], self.environment(HOME=self.own))

    def replayed(self, *options):
        result = self.replay("--output", "json", *options)
        self.assertEqual(result.code, 0, result)
        self.assert_nothing_temporary()
        return json.loads(result.stdout)

    def content(self, table):
        """Columns with their types and comments, and all rows but what a load itself stamps."""
        described = [(row[0], row[1], row[9]) for row in self.sandbox.rows(f"DESCRIBE TABLE {table}")]
        names = ", ".join(f'"{name}"' for name, *_ in described if name not in ("_RUN_ID", "_LOADED_AT"))
        return described, sorted(map(repr, self.sandbox.rows(f"SELECT {names} FROM {table}")))

    def lines(self):
        return [json.loads(line) for line in self.manifest.read_text(encoding="utf-8").splitlines()]

    def assert_refused(self, result, code, *texts):
        self.assert_exit(result, code, *texts)
        self.assertFalse(any(self.sandbox.table_exists(f"{self.second}_{name}") for name in TABLES))

    def test_kept_files_go_into_second_tables_that_are_the_same(self):
        self.load()
        again = self.own / "again.jsonl"
        report = self.replayed("--table", self.second, "--local-staging-dir", self.kept, "--manifest-path", again)
        self.assertEqual((report["files"], report["files_kept"], report["rows_loaded"], report["reconciled"]), (6, 6, report["rows_in_files"], True))
        self.assertEqual({study["table"].split(".")[-1] for study in report["studies"]}, {f"{self.second}_{name}" for name in TABLES})
        for name in TABLES:
            self.assertEqual(self.content(f"{self.second}_{name}"), self.content(f"{self.table}_{name}"), name)
        self.assertEqual({(line["batch_id"], line["sha256"], line["table"]) for line in map(json.loads, again.read_text(encoding="utf-8").splitlines())},
                         {(line["batch_id"], line["sha256"], line["table"].replace(self.table, self.second)) for line in self.lines()})
        run_id = report["studies"][0]["run_id"]
        leases = [text for text in self.sandbox.statements_of(run_id) if "IMEDNET_LEASES" in text and "HOLDER" in text]
        self.assertTrue(leases and all(f"'IMEDNET_DB.PUBLIC.{self.second}'" in text for text in leases), leases)
        self.assertEqual(self.replayed("--table", self.second)["rows_loaded"], 0)

    def test_dropped_tables_get_their_rows_back_and_others_no_row_twice(self):
        self.load()
        before = {name: self.content(f"{self.table}_{name}") for name in TABLES}
        self.assertEqual(self.replayed()["rows_loaded"], 0)
        for name in ("DM", "DIM_SITE"):
            self.sql(f"DROP TABLE {{}}_{name}")
        report = self.replayed()
        self.assertEqual((report["rows_loaded"], report["rows_skipped"], report["files_fetched"]), (8 + 2, report["rows_in_files"] - 10, 6))
        self.assertEqual({name: self.content(f"{self.table}_{name}") for name in TABLES}, before)
        self.assertTrue(self.studies()["DM"]["good"])

    def test_files_of_runs_with_other_columns_make_one_table(self):
        self.load("--batch-size", "4")
        variables = metadata(self.table, self.variables)["variables"]
        self.answer_variables([*variables, {**variables[0], "variableId": 999, "variableName": "LATER", "label": "Came later"}])
        self.add({"studyKey": self.table, "formKey": "DM", "formId": 1, "siteId": 10, "recordId": 200, "recordData": {"later": 7}})
        self.assertEqual(self.load("--batch-size", "4")["rows_inserted"], 1)
        self.assertEqual(len([line for line in self.lines() if "/forms/DM/" in line["batch_id"]]), 3)
        report = self.replayed("--table", self.second)
        self.assertEqual((report["files"], self.sandbox.count(f"{self.second}_DM")), (8, 9), "of a dimension the last line counts")
        self.assertEqual(sorted(self.content(f"{self.second}_DM")[0]), sorted(self.content(f"{self.table}_DM")[0]))
        self.assertEqual(self.sandbox.rows(f"SELECT record_id, later FROM {self.second}_DM WHERE later IS NOT NULL"), [(200, 7.0)])
        self.assertEqual(self.content(f"{self.second}_DIM_VARIABLE"), self.content(f"{self.table}_DIM_VARIABLE"))

    def test_what_would_stand_twice_or_is_another_file_is_refused(self):
        self.load()
        first = self.lines()[0]["run_id"]
        self.sandbox.control("POST", f"/sandbox/studies/{self.table}/records/100", {"data": {"age": "61"}})
        self.load(kept=self.own / "newer")
        last = self.lines()[-1]["run_id"]
        self.assert_refused(self.replay("--table", self.second), 13, "would stand twice", f"--run {first}", f"--run {last}")
        [demographics] = self.kept.glob("*forms_DM*")
        demographics.write_bytes(demographics.read_bytes()[:-1] + b"?")
        self.remove_staged()
        self.assert_refused(self.replay("--table", self.second, "--run", first, "--local-staging-dir", self.kept), 13, f"{self.table}/forms/DM/0", "another SHA-256")
        [demographics] = (self.own / "newer").glob("*forms_DM*")
        self.assertEqual(self.replayed("--table", self.second, "--run", last, "--local-staging-dir", self.own / "newer")["rows_loaded"], 8)
        self.assertEqual(self.sandbox.rows(f"SELECT age FROM {self.second}_DM WHERE record_id = 100"), [(61.0,)])
        self.load("--force-reload", kept=self.own / "all")
        again = ("--table", self.second, "--run", self.lines()[-1]["run_id"], "--local-staging-dir", self.own / "all")
        self.sandbox.rows(f"CREATE TABLE {self.second}_DIM_SITE LIKE {self.table}_DIM_SITE")
        self.sandbox.rows(f"INSERT INTO {self.second}_DIM_SITE (study_key, site_id, _raw, _row_hash) VALUES ('{self.table}', 12, '{{}}', 'made up')")
        self.assert_exit(self.replay(*again), 13, f"{self.second}_DIM_SITE", "--allow-duplicates")
        self.assertEqual(self.sandbox.count(f"{self.second}_DIM_SITE"), 1)
        self.replayed(*again, "--allow-duplicates")
        self.assertEqual(self.content(f"{self.second}_DIM_SITE"), self.content(f"{self.table}_DIM_SITE"))
        self.sandbox.rows(f"DELETE FROM {self.second}_DIM_SITE WHERE site_id = 10")
        self.assert_exit(self.replay(*again), 15, "somebody deleted rows")

    def test_columns_of_two_types_are_refused_by_name(self):
        self.load()
        variables = metadata(self.table, self.variables)["variables"]
        self.answer_variables([{**one, "variableType": "TEXT"} if one["variableName"] == "AGE" else one for one in variables])
        for name in ("DM", "VS", "AE"):
            self.sql(f"DROP TABLE {{}}_{name}")
        self.load()
        self.assert_refused(self.replay("--table", self.second), 2, "the column AGE has one type", "--run")


if __name__ == "__main__":
    del VerifiedForms  # no tests by itself
    harness.main()
