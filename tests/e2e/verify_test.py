#!/usr/bin/env python3
"""`imednet verify`: any single record that is altered, missing or too many is found and named by its id, and so is a damaged manifest."""
import json

import harness
from changing_study import BATCH, RECORDS, ModesTest
from harness import run

SECRET = "made-up value"


class VerifyTest(ModesTest):
    """Every test has its own study of three files (ids 1000 … 1038, 1040 … 1078, 1080 … 1118), its manifest and its part of the stage."""

    def setUp(self):
        super().setUp()
        self.manifest = self.own / "loads.jsonl"
        self.totals = self.own / "loads.jsonl.run.json"
        self.kept = self.own / "kept"
        self.prefix = f"verify/{self._testMethodName}"

    def load(self, *options, **names):
        result = self.export("--manifest-path", self.manifest, "--stage-prefix", self.prefix, *options, **names)
        self.assertEqual(result.code, 0, result)

    def verify(self, *options, manifest=None, **names):
        where = {**self.sandbox.snowflake, **names}
        flags = [part for name in ("account", "user", "database", "schema", "warehouse") for part in (f"--{name}", where[name])]
        return run([harness.BIN / "imednet", "verify", manifest or self.manifest, *flags, "--retry-backoff", "0.01", *options],
                   self.environment(HOME=self.own))

    def report_of(self, *options, code, **names):
        """The report as JSON; nobody's files, tables or stages are other than before, and no value is in what was said."""
        before = self.around()
        result = self.verify("--output", "json", *options, **names)
        self.assertEqual(result.code, code, result)
        self.assertEqual(self.around(), before)
        self.assert_nothing_temporary()
        self.assertNotIn(SECRET, result.stdout + result.stderr)
        report = json.loads(result.stdout)
        self.assertEqual((report["exit"], report["good"]), (code, code == 0), report)
        return report

    def around(self):
        files = {path.name: path.read_bytes() for path in self.own.rglob("*") if path.is_file() and not {"state", ".cache"} & set(path.parts)}
        tables = sorted(row[1] for row in self.sandbox.rows("SHOW TABLES IN SCHEMA IMEDNET_DB.PUBLIC"))
        return files, tables, self.sandbox.rows(f"LIST @MY_STAGE/{self.prefix}/"), self.rows("SELECT * FROM {}")

    def rows(self, sql):
        return sorted(map(repr, self.sandbox.rows(sql.format(self.table)))) if self.sandbox.table_exists(self.table) else []

    def assert_good(self, *options, rows, **names):
        report = self.report_of(*options, code=0, **names)
        self.assertEqual([(study["rows_expected"], study["rows_found"]) for study in report["studies"]], [(rows, rows)], report)
        return report["studies"][0]

    def assert_named(self, *options, missing=(), extra=(), stale=(), **names):
        report = self.report_of(*options, code=15, **names)
        study = report["studies"][0]
        self.assertEqual([study[kind]["record_ids"] for kind in ("missing", "extra", "stale")], [list(missing), list(extra), list(stale)], report)
        self.assertEqual(study["faults"], [])
        self.assertLessEqual(study["statements"], 2)
        return study

    def sql(self, text):
        self.sandbox.rows(text.format(self.table))

    def with_statements(self, *options):
        """What a run said, and its statements that needed a warehouse."""
        before = {statement["id"] for statement in self.sandbox.snowflake_control("GET", "statements")}
        result = self.verify(*options)
        after = self.sandbox.snowflake_control("GET", "statements")
        return result, [statement["text"] for statement in after if statement["warehouse"] and statement["id"] not in before]

    def remove_staged(self):
        self.sandbox.rows(f"REMOVE @MY_STAGE/{self.prefix}/")


class AGoodRun(VerifyTest):
    def test_first_load_is_proved_by_one_statement(self):
        self.load()
        result, sent = self.with_statements()
        self.assertEqual((result.code, result.last_line), (0, "Everything is as it was loaded"), result)
        self.assertEqual(len(sent), 1, sent)
        self.assertEqual(self.assert_good(rows=RECORDS)["statements"], 1)

    def test_merges_over_several_runs_are_proved(self):
        self.load()
        self.change(1044)
        self.vanish(1050)
        self.load()
        self.add(1045)
        self.vanish(1118)
        self.load()
        self.load()  # nothing to do
        self.add(1050, 3)
        self.load()
        self.assertEqual(self.assert_good(rows=RECORDS)["statements"], 1)
        self.assert_good("--against", "api", rows=RECORDS)

    def test_loads_of_every_mode_are_proved(self):
        self.load("--mode", "append")
        self.assert_good(rows=RECORDS)
        self.change(1044)
        self.load("--mode", "replace")
        self.assert_good(rows=RECORDS)
        self.load("--force-reload")
        self.assert_good(rows=RECORDS)
        self.load("--batch-size", "7", "--stage-layout", "flat")
        self.assert_good(rows=RECORDS)

    def test_files_that_are_gone_are_not_needed(self):
        self.load("--local-staging-dir", self.kept)
        self.remove_staged()
        self.assert_good(rows=RECORDS)
        self.assert_good("--against", "files", "--local-staging-dir", self.kept, rows=RECORDS)

    def test_several_studies_in_one_manifest_are_all_looked_at(self):
        other = "TEST_OTHER_STUDY_FOR_ONE_MANIFEST"
        self.load()
        self.load(study=other)
        report = self.report_of(code=0)
        self.assertEqual([study["study"] for study in report["studies"]], [self.table, other])
        self.sql(f"DELETE FROM {{}} WHERE study_key = '{self.table}' AND record_id = 1004")
        self.assert_named(missing=[1004])
        self.assertEqual(self.report_of("--study", other, code=0)["studies"][0]["rows_found"], RECORDS)
        self.assert_exit(self.verify("--study", "NO_SUCH"), 2, "no run that read all of the study NO_SUCH")

    def test_other_study_for_one_manifest(self):
        """Its study is the second one of the test above. A file that another manifest knows has no checksum here: its rows are compared."""
        first = self.export("--manifest-path", self.own / "other.jsonl", "--stage-prefix", self.prefix)
        self.assertEqual(first.code, 0, first)
        self.load()  # nothing changed, so this manifest learns of no file
        self.assert_exit(self.verify(), 2, "no run that read all of a study ended well with it")
        self.forget_cursors()
        self.load()
        study = self.assert_good(rows=RECORDS)
        self.assertEqual((study["statements"], study["rows_compared"]), (2, RECORDS))
        self.sql(f"UPDATE {{}} SET record_status = '{SECRET}' WHERE study_key = '{self.table}' AND record_id = 1060")
        self.assert_named(stale=[1060])

    def test_study_without_records_is_proved(self):
        for n in range(RECORDS):
            self.vanish(1000 + 2 * n)
        self.load()
        self.assert_good("--stage", "MY_STAGE", rows=0)


class ADamagedTable(VerifyTest):
    def test_altered_cell_is_found_though_its_hash_was_left_alone(self):
        self.load()
        for column in ("record_status", "subject_key", "keywords", "form_key"):
            self.sql(f"UPDATE {{}} SET {column} = '{SECRET}' WHERE record_id = 1042")
            study = self.assert_named(stale=[1042])
            self.assertEqual(study["statements"], 1)
            self.load("--force-reload", "--allow-shrink")  # a form that only the altered row had is gone then
        self.sql("UPDATE {} SET date_modified = DATEADD(SECOND, 1, date_modified) WHERE record_id = 1042")
        self.assert_named(stale=[1042])

    def test_altered_answer_is_found_though_its_hash_was_left_alone(self):
        self.load()
        self.sql(f"UPDATE {{}} SET record_data = PARSE_JSON('{{{{\"n\": \"{SECRET}\"}}}}') WHERE record_id = 1118")
        self.assert_named(stale=[1118])
        result = self.verify()
        self.assertIn("stale 1: 1118\n", result.stdout)
        self.assertEqual(result.last_line, "There are differences")

    def test_altered_hash_is_found(self):
        self.load()
        self.sql("UPDATE {} SET _row_hash = 'd175cf02fc93d22a9ede8fd5220dce0f' WHERE record_id = 1000")
        self.assert_named(stale=[1000])

    def test_missing_row_is_named_and_so_is_one_that_was_marked(self):
        self.load()
        self.sql("DELETE FROM {} WHERE record_id = 1040")
        self.sql("UPDATE {} SET _deleted_at = SYSDATE() WHERE record_id = 1080")
        self.assert_named(missing=[1040, 1080])

    def test_extra_row_is_named_wherever_its_id_is(self):
        self.load()
        for record_id in (1, 1041, 9999999999):
            self.sql(f"INSERT INTO {{0}} (study_key, record_id, _row_hash) VALUES ('{self.table}', {record_id}, 'made up')")
        self.assert_named(extra=[1, 1041, 9999999999])

    def test_row_that_stands_twice_is_extra(self):
        self.load()
        self.sql("INSERT INTO {0} SELECT * FROM {0} WHERE record_id = 1052")
        self.assert_named(extra=[1052])

    def test_several_differences_in_one_file_are_told_apart_by_its_rows(self):
        self.load()
        self.sql(f"UPDATE {{}} SET record_status = '{SECRET}' WHERE record_id IN (1042, 1044)")
        self.sql("UPDATE {} SET record_data = PARSE_JSON('{{\"n\": 7.5}}') WHERE record_id = 1046")
        self.sql("UPDATE {} SET record_id = 1049 WHERE record_id = 1048")
        self.sql("DELETE FROM {} WHERE record_id = 1050")
        self.sql("INSERT INTO {0} SELECT * FROM {0} WHERE record_id = 1052")
        result, sent = self.with_statements()
        self.assertEqual((result.code, len(sent)), (15, 2), (result, sent))
        study = self.assert_named(missing=[1048, 1050], extra=[1049, 1052], stale=[1042, 1044, 1046])
        self.assertEqual(study["rows_compared"], BATCH, "only the file that differs is read")

    def test_kept_files_serve_where_the_stage_has_none_and_no_file_at_all_is_a_fault(self):
        self.load("--local-staging-dir", self.kept)
        self.remove_staged()
        self.sql(f"UPDATE {{}} SET record_status = '{SECRET}' WHERE record_id IN (1042, 1044, 1090)")
        self.assert_named("--local-staging-dir", self.kept, stale=[1042, 1044, 1090])
        study = self.report_of(code=15)["studies"][0]
        self.assertEqual((study["stale"]["record_ids"], study["statements"]), ([1090], 1))
        self.assertIn(f"the rows of the batch {self.table}/records/1 (records 1040 to 1078) are not those that were loaded", study["faults"][0])

    def test_rows_of_another_study_do_not_matter(self):
        self.load()
        self.sql("INSERT INTO {0} (study_key, record_id, _row_hash) VALUES ('ELSEWHERE', 1000, 'made up')")
        self.assert_good(rows=RECORDS)

    def test_next_run_does_not_take_an_altered_row_for_good(self):
        self.load()
        self.sql(f"UPDATE {{}} SET record_status = '{SECRET}' WHERE record_id = 1002")
        self.change(1090)
        self.load()
        self.assert_named(stale=[1002])

    def test_lists_are_cut_and_counts_are_whole(self):
        self.load()
        self.sql("DELETE FROM {} WHERE record_id < 1060")
        result = self.verify()
        self.assertEqual(result.code, 15, result)
        self.assertIn("missing 30: 1000 1002 ", result.stdout)
        self.assertIn("1038 …\n", result.stdout)

    def test_table_that_is_gone_is_no_difference_but_an_error(self):
        self.load()
        self.sql("DROP TABLE {}")
        self.assert_exit(self.verify(), 13, self.table)


class DamagedFiles(VerifyTest):
    def check(self, *texts):
        study = self.report_of("--against", "files", "--local-staging-dir", self.kept, code=15)["studies"][0]
        self.assertTrue(all(text in " ".join(study["faults"]) for text in texts), study)
        return study

    def test_flipped_bytes_are_found_wherever_they_are(self):
        self.load("--local-staging-dir", self.kept)
        place = sorted(self.kept.glob("*.parquet"))[1]
        whole = place.read_bytes()
        for at in (0, 100, len(whole) // 2, len(whole) - 20, len(whole) - 1):
            place.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
            self.check(str(place), "another SHA-256", f"{self.table}/records/1")

    def test_file_that_is_gone_or_is_another_one_is_named(self):
        self.load("--local-staging-dir", self.kept)
        first, second, third = sorted(self.kept.glob("*.parquet"))
        first.unlink()
        second.write_bytes(third.read_bytes())
        study = self.check(f"{first} is not there", f"{second} has another SHA-256")
        self.assertEqual(len(study["faults"]), 2)

    def test_folder_must_be_named_and_neither_snowflake_nor_imednet_is_asked(self):
        self.load("--local-staging-dir", self.kept)
        self.assert_exit(self.verify("--against", "files"), 2, "--local-staging-dir")
        nobody = self.environment(SNOWFLAKE_PASSWORD="", IMEDNET_API_KEY="", SNOWFLAKE_PORT="1", IMEDNET_BASE_URL="http://127.0.0.1:1")
        result = run([harness.BIN / "imednet", "verify", self.manifest, "--against", "files", "--local-staging-dir", self.kept], nobody)
        self.assertEqual((result.code, result.last_line), (0, "Everything is as it was loaded"), result)


class ADamagedManifest(VerifyTest):
    def check(self, *texts):
        for against in (("--against", "snowflake"), ("--against", "files", "--local-staging-dir", self.kept), ("--against", "api")):
            report = self.report_of(*against, code=15)
            self.assertEqual(report["studies"], [])
            self.assertTrue(all(text in " ".join(report["faults"]) for text in texts), report)

    def test_removed_line_is_named(self):
        self.load()
        lines = self.manifest.read_bytes().splitlines(True)
        self.manifest.write_bytes(lines[0] + lines[2])
        self.check(str(self.manifest), f"the batch {self.table}/records/1 has no line")

    def test_edited_line_is_named_and_the_next_run_does_not_heal_it(self):
        self.load()
        self.manifest.write_bytes(self.manifest.read_bytes().replace(b'"row_count":20', b'"row_count":21', 1))
        self.check(f"the line of the batch {self.table}/records/0 says something else")
        self.change(1044)
        self.load()
        self.check("somebody changed the manifest")

    def test_edited_and_lost_totals_are_named(self):
        self.load()
        whole = self.totals.read_bytes()
        self.totals.write_bytes(whole.replace(b'"rows_staged": 60', b'"rows_staged": 61'))
        self.check(str(self.totals), "its text is not the one its hash was made of")
        self.totals.unlink()
        self.check(f"{self.totals} is not there")
        self.totals.write_bytes(whole)
        self.assert_good(rows=RECORDS)

    def test_lines_of_a_run_that_did_not_end_are_told(self):
        self.load()
        with self.manifest.open("ab") as file:
            file.write(self.manifest.read_bytes().splitlines(True)[0])
        result = self.verify()
        self.assertEqual(result.code, 0, result)
        self.assertIn("1 lines of a run that did not end well", result.stderr)

    def test_manifest_that_is_not_there(self):
        self.assert_exit(self.verify(), 2, "manifest", "No such file")
        failed = json.loads(self.verify("--output", "json").stdout)
        self.assertEqual((failed["exit"], failed["error"]["code"], failed["manifest"]), (2, "io", str(self.manifest)))


class TheApi(VerifyTest):
    def test_what_changed_since_is_named(self):
        self.load()
        self.assert_good("--against", "api", rows=RECORDS)
        self.change(1044)
        self.assert_named("--against", "api", stale=[1044])
        self.add(1045)
        self.vanish(1118)
        study = self.assert_named("--against", "api", missing=[1045], extra=[1118], stale=[1044])
        self.assertLess(study["rows_compared"], RECORDS, "the first file is the same as before")
        self.assert_good(rows=RECORDS)  # the table is what was loaded
        self.load()
        self.assert_good("--against", "api", rows=RECORDS)

    def test_altered_row_is_found_by_the_api_too(self):
        self.load()
        self.remove_staged()
        self.sql(f"UPDATE {{}} SET record_status = '{SECRET}' WHERE record_id IN (1002, 1004)")
        self.assert_named("--against", "api", stale=[1002, 1004])

    def test_errors_of_the_api_are_its_own(self):
        self.load()
        self.sandbox.order({"status": 401, "body": "no"}, times=0)
        self.assert_exit(self.verify("--against", "api"), 12)


class WhoMayVerify(VerifyTest):
    def test_right_to_read_is_enough(self):
        self.load()
        for statement in ("CREATE ROLE IF NOT EXISTS auditor", f"GRANT ROLE auditor TO USER {self.sandbox.snowflake['user']}", "GRANT USAGE ON WAREHOUSE COMPUTE_WH TO ROLE auditor",
                          "GRANT USAGE ON DATABASE IMEDNET_DB TO ROLE auditor", "GRANT USAGE ON SCHEMA IMEDNET_DB.PUBLIC TO ROLE auditor",
                          "GRANT READ ON STAGE MY_STAGE TO ROLE auditor", f"GRANT SELECT ON TABLE {self.table} TO ROLE auditor"):
            self.sandbox.rows(statement)
        self.sql("UPDATE {} SET form_key = 'X' WHERE record_id IN (1002, 1004)")
        self.assert_named("--role", "auditor", stale=[1002, 1004])


del ModesTest, VerifyTest

if __name__ == "__main__":
    harness.main()
