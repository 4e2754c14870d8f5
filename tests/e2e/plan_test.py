#!/usr/bin/env python3
"""A plan says what the export that runs next then does, and writes nothing."""
import json

import harness
from changing_study import BATCH, RECORDS, ModesTest
from harness import run

COUNTS = ("rows_inserted", "rows_updated", "rows_unchanged", "rows_vanished")


class PlanTest(ModesTest):
    def plan(self, *options, code=0, **names):
        """The plan as JSON; the server is the same before and after."""
        before = self.server()
        arguments = self.arguments("--retry-backoff", "0.01", *(() if "--batch-size" in options else ("--batch-size", BATCH)), "--output", "json",
                                   *options, study=self.table, **names)
        arguments[1] = "plan"
        result = run(arguments, self.environment())
        self.assertEqual(result.code, code, result)
        self.assertNotIn("SNOWFLAKE_DISABLE_PLATFORM_DETECTION", result.stderr)  # the program sets it itself
        self.assertEqual(self.server(), before)
        self.assert_nothing_temporary()
        return json.loads(result.stdout)

    def server(self):
        tables = [row[1] for row in self.sandbox.rows("SHOW TABLES IN SCHEMA IMEDNET_DB.PUBLIC")]
        content = {name: sorted(map(repr, self.sandbox.rows(f'SELECT * FROM "{name}"'))) for name in tables}
        columns = {name: self.sandbox.rows(f'DESCRIBE TABLE "{name}"') for name in tables}
        return content, columns, self.sandbox.rows("LIST @MY_STAGE/")

    def assert_comes_true(self, *options):
        plan = self.plan(*options)
        report = self.report(*options)
        self.assertEqual(plan["method"], report["method"])
        self.assertEqual({name: plan[name] for name in COUNTS}, {name: report[name] for name in COUNTS}, plan)
        self.assertEqual((plan["rows_read"], plan["files"]), (report["rows_read"], report["files"]))
        self.assertEqual(plan["forms"], report["forms"])
        self.assertIsNone(plan["refusal"])
        self.assert_mirror()
        return plan


class ComingTrue(PlanTest):
    def test_plan_of_a_first_run_copies_into_a_table_that_is_made(self):
        plan = self.assert_comes_true()
        self.assertEqual((plan["method"], plan["makes_table"], plan["rows_inserted"], plan["files_to_load"]), ("copy", True, RECORDS, 3))

    def test_plan_of_a_second_run_is_nothing(self):
        self.report()
        plan = self.assert_comes_true()
        self.assertEqual((plan["method"], plan["makes_table"], plan["rows_in"], plan["files_in"], plan["rows_in_table"]),
                         ("nothing", False, RECORDS, 3, RECORDS))

    def test_plan_counts_what_was_changed_added_and_lost(self):
        self.report()
        self.change(1044)
        self.add(1045)
        self.vanish(1050)
        self.vanish(1118)
        self.add(2000)
        plan = self.assert_comes_true()
        self.assertEqual([plan[name] for name in COUNTS], [2, 1, 37, 2])

    def test_plan_counts_a_record_that_came_back(self):
        self.report()
        self.vanish(1000)
        self.report()
        self.add(1000, 0)
        plan = self.assert_comes_true()
        self.assertEqual([plan[name] for name in COUNTS], [0, 1, RECORDS - 1, 0], plan)

    def test_plan_counts_what_was_lost_before_and_behind_files_that_are_in(self):
        self.add(500)
        self.add(3000)
        self.report("--batch-size", 1)
        self.vanish(500)
        self.vanish(3000)
        plan = self.plan("--batch-size", 1)
        self.assertEqual(plan["rows_vanished"], 2)
        self.assert_comes_true("--batch-size", 1)

    def test_plan_of_other_files_changes_no_row(self):
        self.report()
        plan = self.assert_comes_true("--batch-size", "7")
        self.assertEqual([plan[name] for name in COUNTS], [0, 0, RECORDS, 0])

    def test_plan_of_a_replacement_inserts_all(self):
        self.report()
        self.vanish(1000)
        self.assertEqual(self.assert_comes_true("--mode", "replace")["rows_inserted"], RECORDS - 1)
        self.assertEqual(self.assert_comes_true("--force-reload")["rows_inserted"], RECORDS - 1)

    def test_plan_after_a_run_that_was_cut_off_finds_its_files(self):
        self.report()
        self.sandbox.rows(f"DELETE FROM IMEDNET_LOADS WHERE study_key = '{self.table}'")
        plan = self.plan()
        self.assertEqual((plan["method"], plan["files_in"]), ("nothing", 3))
        self.assert_report(self.report(), method="nothing", rows_loaded=0)


    def test_plan_of_a_table_whose_rows_somebody_deleted_merges_as_the_export_does(self):
        """Snowflake remembers the files, so a COPY into the table would skip them."""
        self.report()
        self.sandbox.rows(f"DELETE FROM {self.table}")
        self.sandbox.rows(f"DELETE FROM IMEDNET_LOADS WHERE study_key = '{self.table}'")
        plan = self.assert_comes_true()
        self.assertEqual((plan["method"], plan["rows_inserted"]), ("merge", RECORDS))


class Telling(PlanTest):
    def test_plan_tells_what_the_export_would_refuse_with_its_exit_code(self):
        self.report()
        for n in range(40, RECORDS):
            self.vanish(1000 + 2 * n)
        plan = self.plan(code=13)
        self.assertEqual((plan["refusal"]["code"], plan["exit"], plan["rows_vanished"]), ("shrink", 13, 20))
        self.assertIn("--allow-shrink", plan["refusal"]["hint"])
        self.assert_comes_true("--allow-shrink")
        self.add(4000)
        self.assertEqual(self.plan("--mode", "append", code=13)["refusal"]["code"], "duplicates")

    def test_plan_names_columns_that_would_be_added(self):
        self.sandbox.rows(f"CREATE TABLE {self.table} (study_key VARCHAR NOT NULL, record_id NUMBER(38,0) NOT NULL, record_data VARIANT)")
        plan = self.plan()
        self.assertIn("_DELETED_AT", plan["adds_columns"])
        self.assertEqual(self.plan("--schema-changes", "freeze", code=13)["error"]["code"], "schema_mismatch")

    def test_plan_in_text_is_read_by_people(self):
        self.report()
        self.change(1044)
        arguments = self.arguments("--batch-size", BATCH, study=self.table)
        arguments[1] = "plan"
        result = run(arguments, self.environment())
        self.assertEqual(result.code, 0, result)
        self.assertIn("merge (mode auto)", result.stdout)
        self.assertIn("3: 2 in already, 1 to load", result.stdout)
        self.assertIn("0 to insert, 1 to update, 19 as they stand", result.stdout)
        self.assertEqual(result.last_line, "nothing was written")

    def test_plan_leaves_no_manifest_and_no_kept_files(self):
        manifest, kept = self.own / "manifest.jsonl", self.own / "kept"
        self.plan("--manifest-path", manifest, "--local-staging-dir", kept)
        self.assertEqual((manifest.exists(), kept.exists()), (False, False))


class Since(PlanTest):
    def test_plan_of_what_changed_comes_true_and_says_since_when(self):
        self.report()
        self.change(1044)
        self.sandbox.control("POST", f"/sandbox/studies/{self.table}/records/1118", {"data": {"n": 59}})
        plan = self.plan("--since", "auto")
        self.assertEqual((plan["method"], plan["rows_read"], plan["rows_updated"], plan["files_to_load"]), ("merge", 2, 2, 1))
        report = self.report("--since", "auto")
        self.assertEqual((plan["since"], {name: plan[name] for name in COUNTS}), (report["since"], {name: report[name] for name in COUNTS}))
        again = self.plan("--since", "auto")
        self.assertEqual((again["rows_read"], again["rows_unchanged"], again["rows_updated"]), (2, 2, 0))
        self.assert_mirror()

    def test_plan_of_a_first_run_and_of_a_study_that_lost_a_record_reads_all(self):
        first = self.plan("--since", "auto")
        self.assertEqual((first["since"], first["method"], first["rows_read"]), ("", "copy", RECORDS))
        self.report()
        self.vanish(1050)
        plan = self.plan("--since", "auto")
        self.assertEqual((plan["since"], plan["rows_vanished"]), ("", 1))
        self.assertIn("the API holds 59 records", " ".join(plan["warnings"]))

    def test_plan_refuses_what_an_export_refuses(self):
        self.plan("--since", "auto", "--mode", "replace", code=2)


del ModesTest, PlanTest

if __name__ == "__main__":
    harness.main()
