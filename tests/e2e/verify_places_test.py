#!/usr/bin/env python3
"""`imednet verify duckdb|sql|parquet`: what stands in a table or a folder against what iMednet holds now: whatever differs is found, named by id, and nothing is
written."""
import json
import sqlite3
import subprocess
import sys

import harness
from changing_study import RECORDS, records
from destinations import DuckDb, OfDestination, Postgres, Sqlite
from harness import run
from own_study import OwnStudyTest
from typed_suite import FormsCase, form_records

SECRET = "made-up value"
KINDS = ("missing", "extra", "stale")


class Verifying(OfDestination):
    layout = ()  # of export and verify

    def imednet(self, verb, *options):
        return run([harness.BIN / "imednet", verb, self.place.command, self.table, "t", self.place.place(), "--retry-backoff", "0.01", *self.layout, *options], self.environment())

    def load(self, *options):
        result = self.imednet("export", *options)
        self.assertEqual(result.code, 0, result)

    def everything(self):
        return {name: sorted(map(repr, self.place.rows(f'SELECT * FROM "{name}"'))) for name in self.place.tables()}

    def report_of(self, *options, code):
        """The report as JSON; the tables are as before, and no value is in what was said."""
        before = self.everything()
        result = self.imednet("verify", "--output", "json", *options)
        self.assertEqual(result.code, code, result)
        self.assertEqual(self.everything(), before)
        self.assert_nothing_temporary()
        self.assertNotIn(SECRET, result.stdout + result.stderr)
        report = json.loads(result.stdout)
        self.assertEqual((report["exit"], report["good"], report["against"], report["manifest"]), (code, code == 0, "api", ""), report)
        return report

    def assert_named(self, number=0, **kinds):
        study = self.report_of(code=15)["studies"][number]
        self.assertEqual([study[kind]["record_ids"] for kind in KINDS], [kinds.get(kind, []) for kind in KINDS], study)
        self.assertEqual((study["faults"], study["good"]), ([], False))
        return study

    def sql(self, text):
        self.place.rows(text)


class VerifiedRecords(Verifying):
    """Ids 1000, 1002 … 1118, loaded from three files of twenty."""
    records_of = staticmethod(records)

    layout = ("--batch-size", "20")

    def test_a_table_as_it_was_loaded_is_good(self):
        self.load()
        study, = self.report_of(code=0)["studies"]
        self.assertEqual([study[name] for name in ("rows_expected", "rows_found", "rows_compared", "files")], [RECORDS, RECORDS, RECORDS, 3])
        self.assertEqual(study["forms"], [{"form_key": "AE", "rows_expected": 40, "rows_found": 40}, {"form_key": "VS", "rows_expected": 20, "rows_found": 20}])
        self.assertTrue(study["run_id"] and study["table"].endswith("#t"), study)
        result = self.imednet("verify")
        self.assertEqual((result.code, result.last_line), (0, "Everything is as it was loaded"), result)

    def test_whatever_differs_is_named(self):
        self.load()
        for change in (f"UPDATE t SET record_status = '{SECRET}' WHERE record_id = 1004", "DELETE FROM t WHERE record_id = 1040",
                       "INSERT INTO t SELECT * FROM t WHERE record_id = 1100", "UPDATE t SET _deleted_at = _loaded_at WHERE record_id = 1118",
                       "UPDATE t SET _row_hash = 'x' WHERE record_id = 1006", "UPDATE t SET record_id = 1061 WHERE record_id = 1060",
                       "UPDATE t SET date_modified = NULL WHERE record_id = 1010", "UPDATE t SET study_key = 'ANOTHER' WHERE record_id = 1012"):
            self.sql(change)
        study = self.assert_named(missing=[1012, 1040, 1060, 1118], extra=[1061, 1100], stale=[1004, 1006, 1010])
        self.assertEqual((study["rows_expected"], study["rows_found"]), (RECORDS, RECORDS - 2))
        text = self.imednet("verify").stdout
        self.assertIn("  missing 4: 1012 1040 1060 1118\n  extra 2: 1061 1100\n  stale 3: 1004 1006 1010\n", text)
        self.load("--force-reload")
        self.report_of(code=0)

    def test_what_changed_in_the_api_since_is_told(self):
        self.load()
        self.change(1044)
        self.vanish(1050)
        self.add({"studyKey": self.table, "formKey": "AE", "recordId": 1045, "recordData": {"n": 7}})
        self.assert_named(missing=[1045], extra=[1050], stale=[1044])
        self.load()
        self.report_of(code=0)

    def test_a_table_that_is_not_there_or_of_another_kind_is_an_error(self):
        result = self.imednet("verify", "--output", "json")
        self.assert_exit(result, 13, "there is no table t")
        self.assertEqual(json.loads(result.stdout)["exit"], 13)
        self.assertEqual(self.place.tables(), [], "nothing was made")
        self.sql("CREATE TABLE t (record_id INTEGER)")
        self.assert_exit(self.imednet("verify"), 13, "is not one of this export")


class VerifiedForms(Verifying):
    """Forms DM (8 records), VS (4), AE (none), and seven dimensions."""
    records_of = staticmethod(form_records)
    layout = ("--layout", "forms")

    def test_every_table_is_compared(self):
        self.load()
        studies = self.report_of(code=0)["studies"]
        self.assertEqual([(study["table"].rpartition("#")[2], study["rows_expected"], study["rows_found"]) for study in studies[:4]],
                         [("t_AE", 0, 0), ("t_DM", 8, 8), ("t_VS", 4, 4), ("t_DIM_STUDY", 1, 1)])
        self.assertEqual(len(studies), 3 + 7)
        self.sql('UPDATE "t_DM" SET "AGE" = 7 WHERE record_id = 100')
        self.sql('UPDATE "t_DM" SET "OK" = NULL WHERE record_id = 103')
        self.sql('DELETE FROM "t_DM" WHERE record_id = 105')
        self.assert_named(1, missing=[105], stale=[100, 103])
        self.load("--force-reload")
        self.sql("UPDATE \"t_DIM_SITE\" SET site_name = 'elsewhere' WHERE site_id = 11")
        self.assert_named(4, stale=[11])
        self.sql('DROP TABLE "t_VS"')
        report = self.report_of(code=15)
        self.assertEqual((report["studies"][2]["faults"], report["studies"][2]["missing"]["count"]), (["there is no table t_VS"], 4))

    def test_layout_and_choice_are_those_of_the_export(self):
        chosen = ("--forms", "dm", "--variables", "AGE", "--sites", "Site 0")
        self.load(*chosen)
        self.assertEqual([study["rows_found"] for study in self.report_of(*chosen, code=0)["studies"][:1]], [4])
        self.assertEqual(self.report_of("--forms", "dm", "--variables", "AGE", code=15)["studies"][0]["missing"]["count"], 4)
        report = self.report_of("--forms", "dm", "--sites", "Site 0", code=15)
        self.assertIn("lacks columns", report["warnings"][0])
        self.layout = ()
        self.assert_exit(self.imednet("verify"), 13, "there is no table t of an export")


class DuckDbRecords(VerifiedRecords, OwnStudyTest):
    destination_of = DuckDb

    def test_the_file_is_only_read(self):
        self.load()
        before = self.place.path.read_bytes()
        self.place.path.chmod(0o400)
        self.report_of(code=0)
        self.assertEqual(self.place.path.read_bytes(), before)


    def test_what_a_killed_writer_had_committed_is_seen(self):
        self.load()
        writer = "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]); c.execute(\"UPDATE t SET record_status = 'x' WHERE record_id = 1004\"); os.kill(os.getpid(), 9)"
        run([sys.executable, "-c", writer, self.place.path])
        self.assertTrue(self.place.path.with_name("study.duckdb.wal").exists())
        result = self.imednet("verify")
        self.assertEqual((result.code, "stale 1: 1004" in result.stdout), (15, True), result)


class SqliteRecords(VerifiedRecords, OwnStudyTest):
    destination_of = Sqlite

    def test_values_that_a_column_does_not_hold_are_found(self):
        self.load()
        for record_id, cell in ((1000, "deleted = 2"), (1002, "visit_id = 'x'"), (1004, "date_created = 'never'"), (1006, "site_id = 1.5"), (1008, "subject_key = x'00'")):
            self.sql(f"UPDATE t SET {cell} WHERE record_id = {record_id}")
        self.assert_named(stale=[1000, 1002, 1004, 1006, 1008])

    def test_what_others_write_counts_from_their_commit_on(self):
        self.load()
        self.sql("PRAGMA journal_mode = WAL")
        writer = sqlite3.connect(self.place.path, isolation_level=None)
        try:
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("DELETE FROM t WHERE record_id = 1040")
            self.report_of(code=0)
            writer.execute("COMMIT")
            self.assert_named(missing=[1040])
        finally:
            writer.close()


    def test_what_a_killed_writer_left_is_rolled_back_first(self):
        self.load()
        writer = ("import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('PRAGMA cache_size = 1'); c.execute('BEGIN'); "
                  "c.execute(\"UPDATE t SET record_status = hex(zeroblob(3000))\"); os.kill(os.getpid(), 9)")
        run([sys.executable, "-c", writer, self.place.path])
        self.assertTrue(self.place.path.with_name("study.sqlite-journal").stat().st_size > 0)
        result = self.imednet("verify")
        self.assertEqual((result.code, result.last_line), (0, "Everything is as it was loaded"), result)


class PostgresRecords(VerifiedRecords, OwnStudyTest):
    destination_of = Postgres

    def test_one_moment_is_seen_of_a_table_that_changes_meanwhile(self):
        self.load()
        command = [harness.BIN / "imednet", "verify", "sql", self.table, "t", self.place.place()]
        with self.place.server.connect(self.place.database) as writer:
            writer.execute("BEGIN")
            writer.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
            process = subprocess.Popen([str(word) for word in command], env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            try:
                harness.wait_until("verify waits for the table", lambda: self.place.rows("SELECT 1 FROM pg_locks WHERE NOT granted"))
                writer.execute("DELETE FROM t WHERE record_id = 1040")
                writer.execute("COMMIT")
                told = process.communicate(timeout=harness.WAIT_S)
            finally:
                process.kill()
                process.wait()
        self.assertEqual(process.returncode, 0, told)
        self.assert_named(missing=[1040])

    def test_a_user_who_may_only_read_can_verify(self):
        self.load()
        self.sql("CREATE ROLE auditor LOGIN PASSWORD 'made-up-too'")
        self.sql("GRANT SELECT ON t, imednet_runs TO auditor")
        address = self.place.place().replace("imednet:made-up-for-tests", "auditor:made-up-too")
        result = run([harness.BIN / "imednet", "verify", "sql", self.table, "t", "-"], self.environment(IMEDNET_SQL_URI=address))
        self.assertEqual((result.code, result.last_line), (0, "Everything is as it was loaded"), result)


class Lake(FormsCase):
    """The study of the typed tables as a folder; test_records_… have the records layout."""

    def setUp(self):
        super().setUp()
        self.lake = self.own / "lake"

    def imednet(self, verb, *options):
        layout = () if "_records_" in self._testMethodName else ("--layout", "forms")
        return run([harness.BIN / "imednet", verb, "parquet", self.table, self.lake, *layout, *options], self.environment())

    def load(self, *options):
        result = self.imednet("export", "--batch-size", "3", *options)
        self.assertEqual(result.code, 0, result)

    def report_of(self, *options, code):
        before = {path: path.read_bytes() for path in self.lake.rglob("*") if path.is_file()}
        result = self.imednet("verify", "--output", "json", *options)
        self.assertEqual(result.code, code, result)
        self.assertEqual({path: path.read_bytes() for path in self.lake.rglob("*") if path.is_file()}, before)
        self.assert_nothing_temporary()
        return json.loads(result.stdout)

    def faults(self, *options):
        studies = self.report_of(*options, code=15)["studies"]
        return [fault for study in studies for fault in study["faults"]]

    def test_a_records_folder_is_compared_with_its_manifest_and_with_the_api(self):
        self.load()
        study, = self.report_of(code=0)["studies"]
        self.assertEqual([study[name] for name in ("rows_expected", "rows_found", "rows_compared", "files")], [12, 12, 12, 4])
        self.assertEqual(study["forms"], [{"form_key": "DM", "rows_expected": 8, "rows_found": 8}, {"form_key": "vs", "rows_expected": 4, "rows_found": 4}])
        self.sandbox.control("POST", f"/sandbox/studies/{self.table}/records/104", {"data": {"age": "1"}})
        self.vanish(106)
        self.add({"studyKey": self.table, "formKey": "DM", "recordId": 105000, "siteId": 10, "recordData": {}})
        study, = self.report_of(code=15)["studies"]
        self.assertEqual([study[kind]["record_ids"] for kind in KINDS], [[105000], [106], [104]])
        self.assertEqual(self.report_of("--against", "files", code=0)["studies"][0]["rows_found"], 12)

    def test_a_records_folder_that_was_meddled_with_is_a_fault_and_the_api_is_not_asked(self):
        self.load()
        files = sorted(self.lake.glob("*.parquet"))
        whole = files[1].read_bytes()
        self.sandbox.order({"status": 403}, times=0)
        files[1].write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
        self.assertEqual(self.faults(), [f"{files[1].name} has another SHA-256 than the manifest says (batch {self.table}/records/1, records 103 to 105)"])
        files[1].write_bytes(whole + b"x")
        self.assertIn("has another size", self.faults()[0])
        files[1].unlink()
        self.assertEqual(self.faults(), [f"{files[1].name} is not there (batch {self.table}/records/1, records 103 to 105)"])
        files[1].symlink_to(files[0])
        self.assertEqual([fault.split(" (")[0] for fault in self.faults()], [f"{files[1].name} is not there", f"{files[1].name} is in the folder and not in its manifest"])
        files[1].unlink()
        files[1].write_bytes(whole)
        (self.lake / "notes.txt").write_text("mine")
        self.assertEqual(self.faults("--against", "files"), ["notes.txt is in the folder and not in its manifest"])
        (self.lake / "notes.txt").unlink()
        manifest = self.lake / "_manifest.json"
        text = manifest.read_text()
        for damaged in (text[:-20], text.replace('"sha256"', '"sha"', 1), text.replace(self.table, "ANOTHER"), text.replace(files[0].name, "../x.parquet")):
            manifest.write_text(damaged)
            self.assertTrue(self.faults("--against", "files"), damaged)
        manifest.unlink()
        self.assert_exit(self.imednet("verify"), 2, "it has no _manifest.json")

    def test_typed_files_are_compared_form_by_form(self):
        self.load()
        studies = self.report_of(code=0)["studies"]
        self.assertEqual([(study["table"].rpartition("/")[2], study["rows_found"]) for study in studies[:3]], [("form_key=AE", 0), ("form_key=DM", 8), ("form_key=VS", 4)])
        self.assertEqual(len(studies), 3 + 7)
        self.vanish(110)
        studies = self.report_of(code=15)["studies"]
        self.assertEqual([study["extra"]["record_ids"] for study in studies if not study["good"]], [[110]])
        self.assertEqual(self.report_of("--forms", "DM", code=15)["faults"][0].split(" is ")[1], "of none of the forms that were chosen")
        self.assertTrue(any("other columns" in fault for fault in self.faults("--include-blinded")))
        self.assert_exit(run([harness.BIN / "imednet", "verify", "parquet", self.table, self.lake], self.environment()), 2, "its layout is forms")


class DuckDbForms(VerifiedForms, FormsCase):
    destination_of = DuckDb


class SqliteForms(VerifiedForms, FormsCase):
    destination_of = Sqlite


class PostgresForms(VerifiedForms, FormsCase):
    destination_of = Postgres


if __name__ == "__main__":
    del Verifying, VerifiedRecords, VerifiedForms, FormsCase  # no tests by themselves
    harness.main()
