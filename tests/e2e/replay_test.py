#!/usr/bin/env python3
"""`imednet replay`: files that an export kept or staged are loaded again, each compared with the manifest first, and none twice."""
import json
import pathlib

import harness
from harness import run
from own_study import OwnStudyTest

RECORDS = 60
BATCH = 25  # three files


class ReplayTest(OwnStudyTest):
    """Every test has its own small study, named as its table, its own directory on the stage and its own manifest."""

    def setUp(self):
        super().setUp()
        self.kept = self.own / "kept"
        self.manifest = self.own / "manifest.jsonl"
        self.prefix = f"replay/{self._testMethodName}"
        self.second = f"{self.table[:80]}_SECOND"

    def export(self, *options, study=None, **names):
        """Exports the test's study in three files that are kept and staged."""
        more = () if "--local-staging-dir" in options else ("--local-staging-dir", self.kept)
        result = run(self.arguments("--batch-size", BATCH, "--manifest-path", self.manifest, "--stage-prefix", self.prefix,
                                    "--retry-backoff", "0.01", *more, *options, study=study or self.table, **names), self.environment())
        self.assertEqual(result.code, 0, result)
        return result

    def replay(self, *options, manifest=None, environment=None, **names):
        where = {**self.sandbox.snowflake, **names}
        flags = [part for name in ("account", "user", "database", "schema", "warehouse") for part in (f"--{name}", where[name])]
        return run([harness.BIN / "imednet", "replay", manifest or self.manifest, *flags, "--retry-backoff", "0.01", *options],
                   environment or self.environment(HOME=self.own))

    def report_of(self, result):
        self.assertEqual(result.code, 0, result)
        return json.loads(result.stdout)

    def staged(self):
        return [row[0] for row in self.sandbox.rows(f"LIST @MY_STAGE/{self.prefix}/")]

    def remove_staged(self, path=""):
        self.sandbox.rows(f"REMOVE @MY_STAGE/{self.prefix}/{path}")

    def lines(self):
        return [json.loads(line) for line in self.manifest.read_text(encoding="utf-8").splitlines()]

    def content(self, table):
        """Everything but what the load itself stamps."""
        columns = [row[0] for row in self.sandbox.rows(f'DESCRIBE TABLE "{table}"') if row[0] not in ("_RUN_ID", "_LOADED_AT")]
        return self.sandbox.rows("SELECT {} FROM \"{}\" ORDER BY record_id".format(", ".join(f'"{name}"' for name in columns), table))

    def ledger(self):
        return self.sandbox.rows(f"SELECT * FROM IMEDNET_LOADS WHERE study_key = '{self.table}' ORDER BY target_table, file_path, run_id")

    def assert_untouched(self, result, code, *texts):
        """A replay into the second table was refused and wrote nothing."""
        self.assert_exit(result, code, *texts)
        self.assertEqual(result.stdout, "")
        self.assertEqual(self.sandbox.count(self.second), -1)
        self.assert_nothing_temporary()


class FromKeptFiles(ReplayTest):
    def test_kept_files_go_into_a_second_table_with_the_same_rows(self):
        self.export()
        before = self.manifest.read_bytes()
        new_lines = self.own / "second.jsonl"
        report = self.report_of(self.replay("--table", self.second, "--local-staging-dir", self.kept, "--manifest-path", new_lines, "--output", "json"))
        self.assertEqual([report[name] for name in ("rows_in_files", "rows_loaded", "rows_skipped", "files", "files_kept", "files_fetched", "reconciled")],
                         [RECORDS, RECORDS, 0, 3, 3, 0, True])
        study = report["studies"][0]
        self.assertEqual((study["study"], study["table"], study["rows_in_target"]), (self.table, f"IMEDNET_DB.PUBLIC.{self.second}", RECORDS))
        self.assertEqual([batch["stage_path"] for batch in study["batch_reports"]], [line["stage_path"] for line in self.lines()])
        self.assertEqual(self.content(self.second), self.content(self.table))
        self.assertEqual(self.manifest.read_bytes(), before, "the manifest was written")
        written = [json.loads(line) for line in new_lines.read_text(encoding="utf-8").splitlines()]
        self.assertEqual([(line["batch_id"], line["sha256"], line["table"], line["run_id"], line["status"]) for line in written],
                         [(line["batch_id"], line["sha256"], study["table"], study["run_id"], "loaded") for line in self.lines()])
        self.assertEqual({row[0] for row in self.sandbox.rows(f'SELECT DISTINCT _run_id FROM "{self.second}"')}, {study["run_id"]})
        self.assertTrue(any("IMEDNET_LEASES" in text for text in self.sandbox.statements_of(study["run_id"])), "no lease was taken")
        self.assert_nothing_temporary()

    def test_second_replay_loads_nothing(self):
        self.export()
        for rows in (RECORDS, 0):
            self.assert_loaded(self.replay("--table", self.second, "--local-staging-dir", self.kept), rows)
        self.assertEqual(self.sandbox.count(self.second), RECORDS)

    def test_same_table_gets_no_row_twice(self):
        self.export()
        before = self.content(self.table), self.ledger()
        self.assert_loaded(self.replay("--local-staging-dir", self.kept), 0)
        self.assertEqual((self.content(self.table), self.ledger()), before)

    def test_dropped_table_gets_its_rows_back(self):
        self.export()
        before = self.content(self.table)
        self.sandbox.rows(f"DROP TABLE {self.table}")
        self.assert_loaded(self.replay("--local-staging-dir", self.kept), RECORDS)
        self.assertEqual(self.content(self.table), before)
        self.sandbox.rows(f"DROP TABLE {self.table}")
        self.sandbox.rows(f"CREATE TABLE {self.table} (study_key VARCHAR NOT NULL, record_id NUMBER(38,0) NOT NULL)")
        self.assert_loaded(self.replay("--local-staging-dir", self.kept), RECORDS)
        self.assertEqual(self.sandbox.count(self.table), RECORDS)

    def test_kept_files_that_the_stage_lost_are_put_there_again(self):
        self.export()
        staged = self.staged()
        self.remove_staged()
        self.assertEqual(self.staged(), [])
        self.assert_loaded(self.replay("--table", self.second, "--local-staging-dir", self.kept), RECORDS)
        self.assertEqual(self.staged(), staged)

    def test_rows_that_somebody_deleted_are_noticed(self):
        self.export()
        self.sandbox.rows(f"DELETE FROM {self.table} WHERE record_id = 1000")
        self.assert_exit(self.replay("--local-staging-dir", self.kept), 15, "deleted", "fresh table with --table")
        self.assertEqual(self.sandbox.count(self.table), RECORDS - 1)

    def test_other_rows_of_the_study_are_not_joined_unless_they_may_stand_twice(self):
        self.export()
        self.sandbox.rows(f'CREATE TABLE "{self.second}" LIKE {self.table}')
        self.sandbox.rows(f"INSERT INTO \"{self.second}\" (study_key, record_id, _row_hash) VALUES ('{self.table}', 1000, 'made up')")
        options = ("--table", self.second, "--local-staging-dir", self.kept)
        self.assert_exit(self.replay(*options), 13, "--allow-duplicates")
        self.assertEqual(self.sandbox.count(self.second), 1)
        self.assert_loaded(self.replay(*options, "--allow-duplicates"), RECORDS)
        self.assertEqual(self.sandbox.count(self.second), RECORDS + 1)

    def test_odd_paths_work(self):
        odd = self.own / "São Paulo's [x]*? \\data"
        odd.mkdir()
        self.export("--local-staging-dir", odd)
        manifest = odd / "mani fest*.jsonl"
        self.manifest.rename(manifest)
        self.remove_staged()
        self.assert_loaded(self.replay("--table", self.second, "--local-staging-dir", odd, manifest=manifest), RECORDS)
        self.assertEqual(self.sandbox.count(self.second), RECORDS)
        self.assert_nothing_temporary()


class FromTheStage(ReplayTest):
    def test_files_come_from_the_stage_when_none_are_kept(self):
        self.export()
        report = self.report_of(self.replay("--table", self.second, "--output", "json"))
        self.assertEqual((report["rows_loaded"], report["files_kept"], report["files_fetched"]), (RECORDS, 0, 3))
        self.assertEqual(report["bytes_fetched"], sum(line["bytes"] for line in self.lines()))
        self.assertEqual(self.content(self.second), self.content(self.table))
        self.assert_nothing_temporary()

    def test_missing_kept_file_is_fetched_and_a_changed_one_is_not_used(self):
        self.export()
        first, second, _ = sorted(self.kept.glob("*.parquet"))
        first.unlink()
        second.write_bytes(second.read_bytes()[:-1] + b"?")
        changed = second.read_bytes()
        report = self.report_of(self.replay("--table", self.second, "--local-staging-dir", self.kept, "--output", "json"))
        self.assertEqual((report["rows_loaded"], report["files_kept"], report["files_fetched"]), (RECORDS, 1, 2))
        self.assertEqual(self.content(self.second), self.content(self.table))
        self.assertEqual((first.exists(), second.read_bytes()), (False, changed), "something was written beside the kept files")

    def test_flat_files_are_compared_on_the_stage_and_loaded_from_there(self):
        self.export("--stage-layout", "flat")
        report = self.report_of(self.replay("--table", self.second, "--local-staging-dir", self.kept, "--output", "json"))
        self.assertEqual((report["rows_loaded"], report["files_fetched"]), (RECORDS, 3))
        self.assertEqual(self.content(self.second), self.content(self.table))
        self.assert_loaded(self.replay("--stage", "@MY_STAGE"), 0)

    def test_stage_with_an_odd_name_is_read_back(self):
        self.sandbox.rows('CREATE SCHEMA IF NOT EXISTS "Mixed case"')
        self.sandbox.rows('CREATE STAGE IF NOT EXISTS "Mixed case"."it\'s my stage"')
        self.sandbox.rows("USE SCHEMA IMEDNET_DB.PUBLIC")
        table = 'IMEDNET_DB."Mixed case"."it\'s; ""odd"" -- name"'
        self.export(stage='"Mixed case"."it\'s my stage"', table=table)
        self.sandbox.rows(f"DROP TABLE {table}")
        self.assert_loaded(self.replay(), RECORDS)
        self.assertEqual(self.sandbox.rows(f"SELECT COUNT(*) FROM {table}"), [(RECORDS,)])
        self.sandbox.rows("USE SCHEMA IMEDNET_DB.PUBLIC")


class Refused(ReplayTest):
    def test_changed_kept_file_is_refused_when_the_stage_has_none(self):
        self.export()
        changed = sorted(self.kept.glob("*.parquet"))[1]
        changed.write_bytes(changed.read_bytes()[:-1] + b"?")
        self.remove_staged()
        self.assert_untouched(self.replay("--table", self.second, "--local-staging-dir", self.kept), 13, f"{self.table}/records/1", str(changed),
                              "another SHA-256", "is not on the stage")
        self.assertEqual(self.staged(), [])

    def test_file_that_is_nowhere_is_named_before_anything_is_loaded(self):
        self.export()
        last = self.lines()[2]
        self.remove_staged(last["stage_path"].split(f"{self.prefix}/")[1])
        self.assertEqual(len(self.staged()), 2)
        self.assert_untouched(self.replay("--table", self.second), 13, f"{self.table}/records/2", last["stage_path"], "not on the stage", "--local-staging-dir")

    def test_other_bytes_on_the_stage_are_refused(self):
        self.export()
        line = self.lines()[1]
        directory, name = line["stage_path"].rsplit("/", 1)
        (self.own / name).write_bytes(b"not one of ours")
        self.sandbox.rows(f"PUT 'file://{self.own / name}' {directory} AUTO_COMPRESS = FALSE OVERWRITE = TRUE")
        self.assert_untouched(self.replay("--table", self.second), 3, f"{self.table}/records/1", line["stage_path"], "another SHA-256")

    def test_files_of_two_runs_with_the_same_records_need_a_run(self):
        self.export()
        first = self.lines()[0]["run_id"]
        old = self.content(self.table)
        self.sandbox.control("POST", f"/sandbox/studies/{self.table}/records/1003", {"data": {"n": 99}})
        self.export("--force-reload", "--local-staging-dir", self.own / "kept2")
        last = self.lines()[-1]["run_id"]
        self.assertNotEqual(first, last)
        self.assert_untouched(self.replay("--table", self.second), 13, "would stand twice", f"--run {first}", f"--run {last}")
        self.assert_loaded(self.replay("--table", self.second, "--run", first), RECORDS)
        self.assertEqual(self.content(self.second), old)
        third = f"{self.second}_3"
        self.assert_loaded(self.replay("--table", third, "--run", last), RECORDS)
        self.assertEqual(self.content(third), self.content(self.table))
        self.assert_exit(self.replay("--table", self.second, "--run", last), 13, "--table")
        self.assert_exit(self.replay("--run", "20200101T000000Z-00000000"), 2, "no line of the run", first)

    def test_lines_of_another_program_are_refused(self):
        four = {"batch_id": f"{self.table}/records/0", "stage_path": "@MY_STAGE/imednet/x.parquet", "row_count": 1, "loaded_at": "2026-01-15T12:00:00+00:00"}
        self.manifest.write_text(json.dumps(four) + "\n", encoding="utf-8")
        self.assert_untouched(self.replay("--table", self.second), 2, "sha256", f"{self.table}/records/0")

    def test_manifest_that_says_other_rows_is_refused(self):
        self.export()
        line = {**self.lines()[0], "row_count": BATCH + 1}
        self.manifest.write_text(json.dumps(line) + "\n", encoding="utf-8")
        self.assert_untouched(self.replay("--table", self.second, "--local-staging-dir", self.kept), 3, "other rows")

    def test_paths_that_no_export_wrote_are_refused(self):
        self.export()
        for path in ("@~/x.parquet", "@%T/x.parquet", "@MY_STAGE/../x.parquet", "@MY_STAGE/a'b/x.parquet", "@MY_STAGE/x; DROP TABLE T.parquet", "x.parquet"):
            self.manifest.write_text(json.dumps({**self.lines()[0], "stage_path": path}) + "\n", encoding="utf-8")
            result = self.replay("--table", self.second)
            self.assertIn(result.code, (2, 13), result)
            self.assert_untouched(result, result.code, "cannot use the stage")

    def test_manifests_that_cannot_be_used(self):
        self.assert_untouched(self.replay("--table", self.second), 2, "manifest", "No such file")
        self.manifest.write_text("garbage}\n", encoding="utf-8")
        self.assert_untouched(self.replay("--table", self.second), 3, "line 1 is no manifest line")
        self.manifest.write_text("", encoding="utf-8")
        result = self.replay("--table", self.second)
        self.assert_loaded(result, 0)
        self.assertIn("has no lines", result.stderr)
        self.export()
        before = self.manifest.read_bytes()
        again = pathlib.Path(f"{self.own}/./manifest.jsonl")
        self.assert_untouched(self.replay("--table", self.second, "--manifest-path", again), 2, "--manifest-path")
        with self.manifest.open("ab") as file:
            file.write(before[:before.index(b"}")])
        cut = self.replay("--table", self.second)
        self.assert_loaded(cut, RECORDS)
        self.assertIn("cut off", cut.stderr)

    def test_failures_are_json_too(self):
        result = self.replay("--output", "json")
        failed = json.loads(result.stdout)
        self.assertEqual((result.code, failed["exit"], failed["error"]["code"], failed["manifest"]), (2, 2, "io", str(self.manifest)))

    def test_wrong_password_is_a_sign_in_error(self):
        self.export()
        self.assert_untouched(self.replay("--table", self.second, environment=self.environment(SNOWFLAKE_PASSWORD="made up")), 11)


class SeveralStudies(ReplayTest):
    def test_each_line_goes_back_into_its_own_table(self):
        other = "TEST_OTHER_STUDY_FOR_ONE_TABLE"
        self.export()
        self.export("--local-staging-dir", self.own / "elsewhere", study=other, table=f"{self.table}_B")
        self.sandbox.rows(f"DROP TABLE {self.table}")
        self.sandbox.rows(f"DROP TABLE {self.table}_B")
        report = self.report_of(self.replay("--local-staging-dir", self.kept, "--output", "json"))
        self.assertEqual([(study["study"], study["table"], study["rows_in_target"]) for study in report["studies"]],
                         [(self.table, f"IMEDNET_DB.PUBLIC.{self.table}", RECORDS),
                          (other, f"IMEDNET_DB.PUBLIC.{self.table}_B", RECORDS)])
        self.assertEqual((report["files_kept"], report["files_fetched"], report["rows_loaded"]), (3, 3, 2 * RECORDS))
        self.assert_loaded(self.replay("--local-staging-dir", self.kept), 0)

    def test_two_studies_go_into_one_table(self):
        self.export()
        self.export("--local-staging-dir", self.own / "other", study="TEST_OTHER_STUDY_FOR_ONE_TABLE", table=f"{self.table}_B")
        self.assert_loaded(self.replay("--table", self.second), 2 * RECORDS)
        self.assertEqual(self.sandbox.rows(f'SELECT COUNT(*), COUNT(DISTINCT study_key) FROM "{self.second}"'), [(2 * RECORDS, 2)])

    def test_other_study_for_one_table(self):
        """Its study is the second one of the test above; a connection's file names stage and table of exports, which are not these."""
        self.export(study="TEST_OTHER_STUDY_FOR_ONE_TABLE")
        self.sandbox.rows(f"DROP TABLE {self.table}")
        self.assert_loaded(self.replay(environment=self.environment(HOME=self.own, SNOWFLAKE_STAGE="NO_STAGE", SNOWFLAKE_TABLE="NO_TABLE")), RECORDS)
        self.assertEqual(self.sandbox.count(self.table), RECORDS)
        self.assertEqual(self.sandbox.count("NO_TABLE"), -1)


del ReplayTest

if __name__ == "__main__":
    harness.main()
