#!/usr/bin/env python3
"""What the export refuses, with which exit code and hint, and that refusing changes nothing; and what it does when told to go on."""
import json

import harness
from harness import run
from own_study import OwnStudyTest

RECORDS = 60


class RefusedTest(OwnStudyTest):
    """Every test has its own small study as well, named as its table."""

    def export(self, *options, study=None, environment=None, **names):
        return run(self.arguments("--retry-backoff", "0.01", *options, study=study or self.table, **names), environment or self.environment())

    def content(self):
        return (self.sandbox.rows(f"SELECT * FROM {self.table} ORDER BY record_id, _loaded_at"),
                self.sandbox.rows(f"SELECT * FROM IMEDNET_LOADS WHERE target_table LIKE '%.{self.table}' ORDER BY file_path, run_id"))

    def assert_rows(self, rows, distinct=None):
        self.assertEqual(self.sandbox.rows(f"SELECT COUNT(*), COUNT(DISTINCT record_id) FROM {self.table}"), [(rows, distinct or rows)])


class RowsThatStandThere(RefusedTest):
    def test_force_reload_replaces_the_study_in_one_transaction(self):
        self.assert_loaded(self.export(), RECORDS)
        old = self.sandbox.rows(f"SELECT DISTINCT _run_id FROM {self.table}")
        self.change()
        self.vanish(1010)
        result = self.export("--force-reload", "--output", "json")
        report = json.loads(result.stdout)
        self.assertEqual((report["rows_loaded"], report["rows_in_target"]), (RECORDS - 1, RECORDS - 1))
        self.assert_rows(RECORDS - 1)
        self.assertEqual(self.sandbox.rows(f"SELECT DISTINCT _run_id FROM {self.table}"), [(report["run_id"],)])
        self.assertNotEqual(old, [(report["run_id"],)])
        self.assertEqual(self.sandbox.rows(f"SELECT record_data:n::number FROM {self.table} WHERE record_id = 1003"), [(99,)])
        statements = [text.split()[0].upper() for text in self.sandbox.statements_of(report["run_id"])]
        begin, commit = statements.index("BEGIN"), statements.index("COMMIT")
        self.assertLess(statements.index("COPY"), begin)
        self.assertIn("DELETE", statements[begin:commit])
        self.assertFalse({"CREATE", "DROP", "ALTER", "COPY"} & set(statements[begin:commit]))
        self.assert_loaded(self.export(), 0)

    def test_force_reload_of_one_study_leaves_another_in_the_table_alone(self):
        self.assert_loaded(self.export(), RECORDS)
        self.assert_loaded(self.export(study="TEST_FORCE_RELOAD_REPLACES_THE_STUDY_IN_ONE_TRANSACTION"), RECORDS)
        self.assert_loaded(self.export("--force-reload"), RECORDS)
        self.assertEqual(self.sandbox.rows(f"SELECT COUNT(*), COUNT(DISTINCT _run_id) FROM {self.table}"), [(2 * RECORDS, 2)])

    def test_append_is_guarded_against_doubles_unless_they_are_allowed(self):
        self.assert_loaded(self.export("--mode", "append"), RECORDS)
        self.assert_loaded(self.export("--mode", "append"), 0)
        self.change()
        before = self.content()
        self.assert_exit(self.export("--mode", "append"), 13, "--allow-duplicates")
        self.assertEqual(self.content(), before)
        self.assert_loaded(self.export("--mode", "append", "--allow-duplicates"), RECORDS)
        self.assert_rows(2 * RECORDS, RECORDS)

    def test_force_reload_in_append_is_literal_and_warns(self):
        self.assert_loaded(self.export("--mode", "append"), RECORDS)
        result = self.export("--mode", "append", "--force-reload")
        self.assert_loaded(result, RECORDS)
        self.assertIn("a second time", result.stderr)
        self.assert_rows(2 * RECORDS, RECORDS)

    def test_rows_that_somebody_deleted_are_noticed(self):
        self.assert_loaded(self.export(), RECORDS)
        self.sandbox.rows(f"DELETE FROM {self.table} WHERE record_id = 1000")
        self.assert_exit(self.export(), 15, "--force-reload")
        self.assert_loaded(self.export("--force-reload"), RECORDS)
        self.assert_rows(RECORDS)

    def test_rows_that_somebody_added_are_marked_deleted(self):
        self.assert_loaded(self.export(), RECORDS)
        self.sandbox.rows(f"INSERT INTO {self.table} (study_key, record_id, form_key, _row_hash) VALUES ('{self.table}', 1, 'AE', 'made up')")
        self.assert_loaded(self.export(), 0)
        self.assertEqual(self.sandbox.rows(f"SELECT record_id FROM {self.table} WHERE _deleted_at IS NOT NULL"), [(1,)])
        self.assert_rows(RECORDS + 1)

    def test_rows_of_a_form_that_the_study_does_not_have_are_marked_only_when_told(self):
        self.assert_loaded(self.export(), RECORDS)
        self.sandbox.rows(f"INSERT INTO {self.table} (study_key, record_id, _row_hash) VALUES ('{self.table}', 1, 'made up')")
        before = self.content()
        self.assert_exit(self.export(), 13, "(no form)", "--allow-shrink")
        self.assertEqual(self.content(), before)
        self.assert_loaded(self.export("--allow-shrink"), 0)
        self.assertEqual(self.sandbox.rows(f"SELECT record_id FROM {self.table} WHERE _deleted_at IS NOT NULL"), [(1,)])

    def test_table_that_was_dropped_or_emptied_is_loaded_anew(self):
        self.assert_loaded(self.export(), RECORDS)
        self.sandbox.rows(f"DROP TABLE {self.table}")
        self.assert_loaded(self.export(), RECORDS)
        self.assert_rows(RECORDS)


class LedgerAndStage(RefusedTest):
    def test_without_a_ledger_nothing_is_loaded_twice_and_the_price_is_said(self):
        result = self.export("--ledger", "none")
        self.assert_loaded(result, RECORDS)
        self.assertIn("without a ledger", result.stderr)
        self.assertFalse(self.sandbox.rows(f"SHOW TABLES LIKE 'IMEDNET_LOADS' IN SCHEMA PUBLIC") and
                         self.sandbox.rows(f"SELECT * FROM IMEDNET_LOADS WHERE target_table LIKE '%.{self.table}'"))
        self.assert_loaded(self.export("--ledger", "none"), 0)
        self.change()
        self.assert_loaded(self.export("--ledger", "none"), 1)
        self.assert_rows(RECORDS)
        self.assert_loaded(self.export("--ledger", "none"), 0)

    def test_ledger_can_stand_in_another_schema(self):
        self.sandbox.rows("CREATE SCHEMA IF NOT EXISTS IMEDNET_DB.OPS")
        self.sandbox.rows("USE SCHEMA IMEDNET_DB.PUBLIC")
        self.assert_loaded(self.export("--ledger-schema", "OPS"), RECORDS)
        self.assertEqual(self.sandbox.rows(f"SELECT study_key, row_count FROM OPS.IMEDNET_LOADS WHERE target_table = 'IMEDNET_DB.PUBLIC.{self.table}'"),
                         [(self.table, RECORDS)])
        self.assert_loaded(self.export("--ledger-schema", "IMEDNET_DB.OPS"), 0)
        self.assert_exit(self.export("--ledger-schema", "NO_SUCH_SCHEMA", table="OTHER_TABLE"), 13, "--ledger-schema")

    def test_flat_layout_is_the_guides_path_and_a_second_run_is_fine(self):
        manifest = self.own / "manifest.jsonl"
        options = ("--stage-layout", "flat", "--stage-prefix", "imednet/flat", "--manifest-path", manifest)
        self.assert_loaded(self.export(*options), RECORDS)
        self.assertEqual(json.loads(manifest.read_text(encoding="utf-8"))["stage_path"], f"@MY_STAGE/imednet/flat/{self.table}_records_0.parquet")
        self.assertEqual([row[0] for row in self.sandbox.rows("LIST @MY_STAGE/imednet/flat/")], [f"my_stage/imednet/flat/{self.table}_records_0.parquet"])
        self.assert_loaded(self.export(*options), 0)
        self.assert_rows(RECORDS)

    def test_flat_layout_wants_the_former_file_of_a_changed_study_removed(self):
        options = ("--stage-layout", "flat", "--stage-prefix", "imednet/former")
        self.assert_loaded(self.export(*options), RECORDS)
        self.change()
        before = self.content()
        self.assert_exit(self.export(*options), 13, "another file has that name", "REMOVE @")
        self.assertEqual(self.content(), before)
        self.sandbox.rows("REMOVE @MY_STAGE/imednet/former/")
        self.assert_loaded(self.export(*options), 1)
        self.assert_rows(RECORDS)

    def test_flat_layout_refuses_a_foreign_file_in_its_place(self):
        foreign = self.own / f"{self.table}_records_0.parquet"
        foreign.write_bytes(b"not one of ours")
        self.sandbox.rows(f"PUT 'file://{foreign}' @MY_STAGE/imednet/foreign AUTO_COMPRESS = FALSE")
        before = self.sandbox.rows("LIST @MY_STAGE/imednet/foreign/")
        self.assert_exit(self.export("--stage-layout", "flat", "--stage-prefix", "imednet/foreign"), 13, "another file has that name", "REMOVE @")
        self.assertEqual(self.sandbox.rows("LIST @MY_STAGE/imednet/foreign/"), before)
        self.assert_rows(0)

    def test_longer_neighbour_on_the_stage_is_not_taken_for_the_file(self):
        """LIST matches by prefix."""
        longer = self.own / f"{self.table}_records_0.parquet.bak"
        longer.write_bytes(b"a neighbour")
        self.sandbox.rows(f"PUT 'file://{longer}' @MY_STAGE/imednet/neighbour AUTO_COMPRESS = FALSE")
        self.assert_loaded(self.export("--stage-layout", "flat", "--stage-prefix", "imednet/neighbour"), RECORDS)

    def test_file_removed_from_the_stage_after_loading_changes_nothing(self):
        self.assert_loaded(self.export("--stage-prefix", "imednet/gone"), RECORDS)
        self.sandbox.rows("REMOVE @MY_STAGE/imednet/gone/")
        self.assert_loaded(self.export("--stage-prefix", "imednet/gone"), 0)
        self.assertEqual(self.sandbox.rows("LIST @MY_STAGE/imednet/gone/"), [])


class Names(RefusedTest):
    def test_quoted_dotted_and_folded_names_work(self):
        self.sandbox.rows('CREATE SCHEMA IF NOT EXISTS "Mixed case"')
        self.sandbox.rows('CREATE STAGE IF NOT EXISTS "Mixed case"."my stage"')
        self.sandbox.rows("USE SCHEMA IMEDNET_DB.PUBLIC")
        result = self.export(database="imednet_db", schema="public", warehouse="compute_wh", stage='"Mixed case"."my stage"',
                             table='IMEDNET_DB."Mixed case"."it\'s; ""odd"" -- name"')
        self.assert_loaded(result, RECORDS)
        self.assertEqual(self.sandbox.rows('SELECT COUNT(*) FROM "Mixed case"."it\'s; ""odd"" -- name"'), [(RECORDS,)])
        self.assert_loaded(self.export(stage="@my_stage", table="public.plain"), RECORDS)
        self.assertEqual(self.sandbox.count("PLAIN"), RECORDS)


class ExistingTables(RefusedTest):
    FULL = "study_key VARCHAR NOT NULL, record_id NUMBER(38,0) NOT NULL, record_data VARIANT"

    def make(self, columns):
        self.sandbox.rows(f"CREATE TABLE {self.table} ({columns})")

    def columns(self):
        return [row[0] for row in self.sandbox.rows(f"DESCRIBE TABLE {self.table}")]

    def test_missing_nullable_columns_are_added_and_the_study_loaded(self):
        self.make(self.FULL)
        self.assert_loaded(self.export(), RECORDS)
        self.assertEqual(len(self.columns()), 25)
        self.assertEqual(self.sandbox.rows(f"SELECT COUNT(_file), COUNT(form_key) FROM {self.table}"), [(RECORDS, RECORDS)])

    def test_columns_of_other_order_and_more_of_them_do_not_matter(self):
        self.make("_run_id VARCHAR, mine VARCHAR, record_data VARIANT, record_id NUMBER(38,0), study_key VARCHAR, with_default NUMBER NOT NULL DEFAULT 5")
        self.assert_loaded(self.export(), RECORDS)
        self.assertEqual(self.sandbox.rows(f"SELECT COUNT(mine), SUM(with_default), SUM(record_data:n::number) FROM {self.table}"),
                         [(0, 5 * RECORDS, RECORDS * (RECORDS - 1) // 2)])


del RefusedTest

if __name__ == "__main__":
    harness.main()
