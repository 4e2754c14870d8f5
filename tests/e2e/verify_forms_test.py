#!/usr/bin/env python3
"""`imednet verify MANIFEST` of typed tables in Snowflake: every table and dimension for itself, every cell, against what was loaded, kept files, and the API."""
import datetime
import itertools
import json

import harness
from typed_suite import metadata
from harness import run
from snowflake_forms_test import SnowflakeForms

DIMENSIONS = ("STUDY", "SITE", "SUBJECT", "INTERVAL", "VISIT", "FORM", "VARIABLE")
SERVICE = ("_FILE", "_RUN_ID", "_LOADED_AT", "_DELETED_AT")


def literal(value):
    if value is None or isinstance(value, bool):
        return {None: "NULL", True: "TRUE", False: "FALSE"}[value]
    if isinstance(value, (int, float)):
        return repr(value)
    kind = {datetime.datetime: "::TIMESTAMP_NTZ", datetime.date: "::DATE"}.get(type(value), "")
    return "'" + str(value).replace("\\", "\\\\").replace("'", "''") + "'" + kind


class VerifiedForms(SnowflakeForms):
    def setUp(self):
        super().setUp()
        self.manifest, self.kept = self.own / "loads.jsonl", self.own / "kept"
        self.prefix = f"verify-forms/{self._testMethodName}"

    def load(self, *options, kept=None):
        return self.told("--manifest-path", self.manifest, "--stage-prefix", self.prefix, "--local-staging-dir", kept or self.kept, *options)

    def verify(self, *options):
        where = self.sandbox.snowflake
        flags = [part for name in ("account", "user", "database", "schema", "warehouse") for part in (f"--{name}", where[name])]
        return run([harness.BIN / "imednet", "verify", self.manifest, *flags, "--retry-backoff", "0.01", *options], self.environment(HOME=self.own))

    def studies(self, *options, code=0):
        result = self.verify("--output", "json", *options)
        self.assertEqual(result.code, code, result)
        self.assertNotIn("secret arm", result.stdout + result.stderr)
        self.assert_nothing_temporary()
        report = json.loads(result.stdout)
        self.assertEqual(report["faults"], [])
        return {study["table"].split(".")[-1].removeprefix(self.table + "_"): study for study in report["studies"]}

    def wrong(self, *options):
        """Of each table that differs: missing, extra, stale."""
        studies = self.studies(*options, code=15)
        self.assertTrue(all(study["faults"] == [] and study["statements"] <= 2 for study in studies.values()), studies)
        return {name: tuple(study[kind]["record_ids"] for kind in ("missing", "extra", "stale")) for name, study in studies.items() if not study["good"]}

    def sql(self, text):
        self.sandbox.rows(text.format(self.table))

    def remove_staged(self):
        self.sandbox.rows(f"REMOVE @MY_STAGE/{self.prefix}/")


class AsItWasLoaded(VerifiedForms):
    def test_every_table_and_dimension_is_proved_by_one_statement(self):
        self.load()
        studies = self.studies()
        self.assertEqual(set(studies), {"AE", "DM", "VS", *(f"DIM_{name}" for name in DIMENSIONS)})
        self.assertEqual({name: study["rows_found"] for name, study in studies.items() if not name.startswith("DIM_")}, {"AE": 0, "DM": 8, "VS": 4})
        self.assertEqual({(study["rows_expected"] == study["rows_found"], study["statements"], study["rows_compared"]) for study in studies.values()}, {(True, 1, 0)})
        self.assertEqual({name: study["rows_expected"] for name, study in self.studies("--against", "api").items()},
                         {name: study["rows_expected"] for name, study in studies.items()})
        self.remove_staged()
        files = self.studies("--against", "files", "--local-staging-dir", self.kept)
        self.assertEqual(sum(study["rows_compared"] for study in files.values()), sum(study["rows_found"] for study in studies.values()))

    def test_merges_choices_and_columns_that_come_later_are_proved(self):
        self.load("--forms", "DM", "--variables", "AGE", "--sites", "10")
        self.assertEqual(self.studies("--against", "api")["DM"]["rows_found"], 4)
        self.load("--mode", "replace")
        self.sandbox.control("POST", f"/sandbox/studies/{self.table}/records/100", {"data": {"age": "61"}})
        self.vanish(108)
        self.load("--include-blinded")
        self.studies()
        self.studies("--against", "api")
        variables = metadata(self.table, self.variables)["variables"]
        self.answer_variables([*variables, {**variables[0], "variableId": 999, "variableName": "LATER"}])
        before = {path.name: path.read_bytes() for path in self.kept.iterdir()}
        self.assertEqual(self.load("--include-blinded")["method"], "nothing")
        self.assertTrue(any(path.read_bytes() != before[path.name] for path in self.kept.glob("*forms_DM*")), "the same rows, in a file with one more column")
        self.assertEqual(self.studies()["DM"]["statements"], 1)
        self.sql("UPDATE {}_DM SET later = 1 WHERE record_id IN (100, 101)")
        for where in ((), ("--local-staging-dir", self.kept)):
            self.assertEqual(self.wrong(*where), {"DM": ([], [], [100, 101])})

    def test_another_table_that_was_named_is_one_for_all(self):
        self.load()
        self.assert_exit(self.verify("--table", f"{self.table}_ELSE"), 13, f"{self.table}_ELSE_")


class ADamagedTable(VerifiedForms):
    def columns(self, form, key):
        return [(row[0], row[1]) for row in self.sandbox.rows(f"DESCRIBE TABLE {self.table}_{form}") if row[0] not in (*SERVICE, "STUDY_KEY", key.upper())]

    def test_any_cell_that_was_altered_is_found_though_its_hash_was_left_alone(self):
        self.load("--include-blinded")
        for columns in itertools.zip_longest(self.columns("DM", "record_id"), self.columns("DIM_SITE", "site_id")):
            altered = [one for one in zip(("DM", "DIM_SITE"), ("record_id", "site_id"), (101, 11), columns) if one[3]]
            old = [self.sandbox.rows(f'SELECT "{column[0]}" FROM {self.table}_{form} WHERE {key} = {record}')[0][0] for form, key, record, column in altered]
            for (form, key, record, (name, kind)), value in zip(altered, old):
                new = {"F": "-7.5", "B": str(not value).upper(), "D": "'1999-01-01'::DATE", "T": "'1999-01-01 00:00:01'::TIMESTAMP_NTZ", "N": "77"}.get(kind[0], "'altered'")
                self.sandbox.rows(f'UPDATE {self.table}_{form} SET "{name}" = {new} WHERE {key} = {record}')
            self.assertEqual(self.wrong(), {form: ([], [], [record]) for form, _, record, _ in altered}, columns)
            for (form, key, record, (name, _)), value in zip(altered, old):
                self.sandbox.rows(f'UPDATE {self.table}_{form} SET "{name}" = {literal(value)} WHERE {key} = {record}')
        self.studies()

    def test_rows_that_are_missing_too_many_or_altered_together_are_told_apart(self):
        self.load()
        self.sql("DELETE FROM {}_VS WHERE record_id = 108")
        self.sql("UPDATE {}_VS SET _deleted_at = SYSDATE() WHERE record_id = 109")
        self.sql("UPDATE {}_DM SET age = 61 WHERE record_id IN (100, 101)")
        self.sql("UPDATE {}_DM SET it_sex = '', _raw = NULL WHERE record_id = 102")
        self.sql("UPDATE {}_DM SET record_id = 1 WHERE record_id = 103")
        self.sql("INSERT INTO {0}_DM SELECT * FROM {0}_DM WHERE record_id = 104")
        self.sql("INSERT INTO {0}_AE (study_key, record_id, _row_hash) VALUES ('{0}', 900, 'made up')")
        self.sql("UPDATE {}_DIM_FORM SET form_name = NULL")
        self.sql("INSERT INTO {0}_DM (study_key, record_id, _row_hash) VALUES ('ELSEWHERE', 100, 'made up')")
        expected = {"VS": ([108, 109], [], []), "DM": ([103], [1, 104], [100, 101, 102]), "AE": ([], [900], []), "DIM_FORM": ([], [], [1, 2, 3])}
        self.assertEqual(self.wrong(), expected)
        self.assertEqual(self.wrong("--against", "api"), expected)
        self.remove_staged()
        self.assertEqual(self.wrong("--local-staging-dir", self.kept), expected)
        studies = self.studies(code=15)
        self.assertIn(f"the rows of the batch {self.table}/forms/DM/0 (records 100 to 107) are not those that were loaded", studies["DM"]["faults"][0])
        self.assertTrue(studies["DIM_SITE"]["good"])
        self.sql("DROP TABLE {}_AE")
        self.assert_exit(self.verify(), 13, f"{self.table}_AE")

    def test_what_changed_in_the_api_is_named(self):
        self.load()
        self.sandbox.control("POST", f"/sandbox/studies/{self.table}/records/100", {"data": {"age": "61"}})
        self.vanish(108)
        self.add({"studyKey": self.table, "formKey": "AE", "formId": 3, "siteId": 10, "recordId": 500, "recordData": {"age": 1}})
        wrong = self.wrong("--against", "api")
        self.assertEqual({form: wrong.get(form) for form in ("DM", "VS", "AE", "DIM_SITE")}, {"DM": ([], [], [100]), "VS": ([], [108], []), "AE": ([500], [], []), "DIM_SITE": None})
        self.assertEqual(wrong["DIM_VARIABLE"][2], [202, 206, 300], "the spelling in the first record that has it")
        self.studies()
        self.add({"studyKey": self.table, "formKey": "XX", "siteId": 10, "recordId": 501, "recordData": {}})
        self.assertIn("iMednet holds 1 rows for forms/xx, and no run loaded any", repr(json.loads(self.verify("--against", "api", "--output", "json").stdout)))
        self.load()
        self.studies("--against", "api")


class DamagedFiles(VerifiedForms):
    def test_files_that_are_gone_or_others_and_lines_that_are_gone_are_named(self):
        self.load()
        against = ("--against", "files", "--local-staging-dir", self.kept)
        [demographics] = self.kept.glob("*forms_DM*")
        [sites] = self.kept.glob("*dimensions_SITE*")
        whole = demographics.read_bytes()
        for at in (0, len(whole) // 2, len(whole) - 1):
            demographics.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
            self.assertIn("another SHA-256", repr(self.studies(*against, code=15)["DM"]["faults"]))
        demographics.unlink()
        sites.write_bytes(whole)
        studies = self.studies(*against, code=15)
        self.assertEqual({name for name, study in studies.items() if not study["good"]}, {"DM", "DIM_SITE"})
        self.assertIn("is not there", studies["DM"]["faults"][0])
        self.sql("UPDATE {}_DM SET age = 61 WHERE record_id IN (100, 101)")
        self.assertEqual(self.wrong("--local-staging-dir", self.kept), {"DM": ([], [], [100, 101])}, "from the stage")
        lines = self.manifest.read_bytes().splitlines(True)
        self.manifest.write_bytes(b"".join(line for line in lines if b"/forms/VS/" not in line))
        self.assertIn(f"the batch {self.table}/forms/VS/0 has no line", self.verify().stdout)


if __name__ == "__main__":
    del SnowflakeForms, VerifiedForms  # no tests by themselves
    harness.main()
