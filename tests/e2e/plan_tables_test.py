#!/usr/bin/env python3
"""`imednet plan duckdb|sql` says what the export that runs next then does, and writes nothing."""
import json

import harness
from changing_study import RECORDS, records
from destinations import DuckDb, OfDestination, Postgres, Sqlite
from harness import run
from own_study import OwnStudyTest
from typed_suite import FormsCase, form_records

COUNTS = ("rows_inserted", "rows_updated", "rows_unchanged", "rows_vanished")


class Planning(OfDestination):
    options_of_all = ()

    def imednet(self, verb, *options):
        always = () if "--batch-size" in options else self.options_of_all
        return run([harness.BIN / "imednet", verb, self.place.command, self.table, "t", self.place.place(), "--retry-backoff", "0.01", *always, *options], self.environment())

    def everything(self):
        return {name: sorted(map(repr, self.place.rows(f'SELECT * FROM "{name}"'))) for name in self.place.tables()}

    def told(self, *options):
        result = self.imednet("export", "--output", "json", *options)
        self.assertEqual(result.code, 0, result)
        return json.loads(result.stdout)

    def plan(self, *options, code=0):
        """The plan as JSON; the tables are the same before and after."""
        before = self.everything()
        result = self.imednet("plan", "--output", "json", *options)
        self.assertEqual(result.code, code, result)
        self.assertEqual(self.everything(), before)
        self.assert_nothing_temporary()
        return json.loads(result.stdout)

    def assert_comes_true(self, *options):
        plan, report = self.plan(*options), self.told(*options)
        for name in ("method", "mode", "table", "rows_read", "files", "forms", *COUNTS):
            self.assertEqual(plan[name], report[name], (name, plan, report))
        self.assertEqual((plan["refusal"], plan["exit"]), (None, 0))
        return plan

    def assert_refused(self, *options, code, says):
        plan = self.plan(*options, code=code)
        self.assertIn(says, plan["refusal"]["message"])
        self.assertEqual(self.imednet("export", *options).code, code)
        return plan


class PlannedRecords(Planning):
    """Ids 1000, 1002 … 1118 in three files of twenty."""
    records_of = staticmethod(records)
    options_of_all = ("--batch-size", "20")

    def test_a_table_that_is_not_there_would_be_made(self):
        for options in ((), ("--mode", "append"), ("--mode", "merge"), ("--mode", "replace")):
            plan = self.plan(*options)
            self.assertEqual((plan["makes_tables"], plan["makes_ledger"], plan["rows_inserted"], plan["files_to_load"]), (["t"], True, RECORDS, 3), options)
        self.assertEqual(self.place.tables(), [])
        self.assertEqual(self.assert_comes_true()["method"], "copy")
        self.assert_exit(self.imednet("plan", "--no-create-table"), 0)

    def test_what_was_changed_added_and_lost_is_counted(self):
        self.told()
        self.assertEqual(self.assert_comes_true()["method"], "nothing")
        self.change(1044)
        self.vanish(1050, 1118)
        self.add({"studyKey": self.table, "formKey": "AE", "recordId": 1045, "recordData": {"n": 7}})
        plan = self.assert_comes_true()
        self.assertEqual([plan[name] for name in COUNTS], [1, 1, 37, 2])
        self.assertEqual((plan["rows_in_table"], plan["makes_table"], plan["makes_ledger"]), (RECORDS, False, False))
        self.add({"studyKey": self.table, "formKey": "AE", "recordId": 1050, "recordData": {"n": 7}})
        self.change(1002)
        self.assertEqual(self.assert_comes_true()["rows_updated"], 2)
        self.assertEqual(self.assert_comes_true("--mode", "replace")["rows_inserted"], RECORDS)
        self.place.rows("DELETE FROM imednet_loads")
        self.assert_comes_true("--batch-size", "7")
        self.assertIn("  records  60: 60 in already, 0 to insert, 0 to update, 0 as they stand\n", self.imednet("plan", "--batch-size", "7").stdout)

    def test_what_an_export_would_refuse_is_said(self):
        self.told("--mode", "append")
        self.change(1044)
        self.assert_refused("--mode", "append", code=13, says="that are not in this export's files")
        self.vanish(*(1000 + 2 * n for n in range(40, RECORDS)))
        plan = self.assert_refused(code=13, says="no record is left of the forms VS")
        self.assertEqual((plan["method"], plan["rows_vanished"]), ("merge", 20))
        self.place.rows("DELETE FROM t WHERE record_id < 1090")
        self.assert_refused(code=15, says="somebody deleted rows")
        self.place.rows("DROP TABLE t")
        self.assert_exit(self.imednet("plan", "--no-create-table"), 13, "there is no table t")
        self.place.rows("CREATE TABLE t (record_id INTEGER)")
        self.assert_exit(self.imednet("plan"), 13, "is not one of this export")


class PlannedForms(Planning):
    records_of = staticmethod(form_records)
    options_of_all = ("--layout", "forms")

    def test_all_tables_are_planned_together(self):
        plan = self.assert_comes_true()
        self.assertEqual(plan["makes_tables"][:3] + plan["makes_tables"][-1:], ["t_AE", "t_DM", "t_VS", "t_DIM_VARIABLE"])
        self.assertEqual((plan["rows_inserted"], plan["makes_ledger"]), (12, True))
        self.vanish(110)
        plan = self.assert_comes_true("--include-blinded")
        self.assertEqual(plan["adds_columns"], ["t_AE.ARM", "t_DM.ARM", "t_VS.ARM"])
        self.assertEqual((plan["makes_tables"], plan["rows_vanished"]), ([], 1))
        self.assertEqual(self.assert_comes_true("--include-blinded")["method"], "nothing")


class DuckDbRecords(PlannedRecords, OwnStudyTest):
    destination_of = DuckDb


class SqliteRecords(PlannedRecords, OwnStudyTest):
    destination_of = Sqlite


class PostgresRecords(PlannedRecords, OwnStudyTest):
    destination_of = Postgres


class DuckDbForms(PlannedForms, FormsCase):
    destination_of = DuckDb


class OneNameForTwo(Planning, FormsCase):
    destination_of = Sqlite
    options_of_all = ("--layout", "forms")
    variables = dict.fromkeys(("DM", "dim_site"), (("DAY", "DATE", "", False), ("DAY_text", "TEXT", "", False), ("AGE", "NUMBER", "", False)))

    def test_both_are_named_and_the_study_is_not_read(self):
        self.sandbox.order({"status": 403}, path_contains="/records", times=0)
        for verb in ("plan", "export", "verify"):
            self.assert_exit(self.imednet(verb), 2, "the variables DAY and DAY_text of form DM would both be the column DAY_text")
            self.assert_exit(self.imednet(verb, "--variables", "AGE"), 2, "form dim_site and the dimension SITE would both have the table t_dim_site")
        self.assertEqual(self.place.tables(), [])


if __name__ == "__main__":
    del Planning, PlannedRecords, PlannedForms, FormsCase  # no tests by themselves
    harness.main()
