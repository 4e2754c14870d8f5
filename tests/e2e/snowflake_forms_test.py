#!/usr/bin/env python3
"""The `forms` layout in Snowflake: typed tables under names that nobody has to quote, one after the other, and the study judged as a whole."""
import json
import re

import harness
from destinations import Snowflake
from harness import SandboxTest, run
from typed_suite import RECORDS, VARIABLES, FormsCase, TypedRuns, TypedSuite, form_records, metadata

TYPES = {"AGE": "FLOAT", "IT_SEX": "VARCHAR", "ONSET_DAY": "DATE", "ONSET_DAY_TEXT": "VARCHAR", "SEEN": "TIMESTAMP_NTZ(9)", "SEEN_TEXT": "VARCHAR", "OK": "BOOLEAN",
         "ODD__NAME_": "VARCHAR", "_RAW": "VARCHAR", "_EXTRA": "VARCHAR"}


def variable(key, n, name, **more):
    return {"studyKey": key, "variableId": 100 + n, "formKey": "DM", "formId": 1, "variableName": name, "variableType": "TEXT", "sequence": n, **more}


class SnowflakeForms(TypedRuns, FormsCase):
    destination_of = Snowflake
    records_of = staticmethod(form_records)

    @property
    def base(self):
        return self.table

    def column(self, name):
        return re.sub(r"[^a-z0-9]", "_", name.lower())

    def has(self, form):
        return self.sandbox.table_exists(f"{self.table}_{form}")

    def answer(self, what, elements, times):
        self.sandbox.order({"body": json.dumps({"metadata": {"status": "OK", "path": "/", "timestamp": "2026-01-01 00:00:00", "error": {}},
                                                "pagination": {"currentPage": 0, "size": 500, "totalPages": 1, "totalElements": len(elements), "sort": []}, "data": elements})},
                           path_contains=f"/studies/{self.table}/{what}", times=times)

    def answer_variables(self, variables, times=2):
        self.answer("variables", variables, times)

    def statement_order(self, contains, do):
        self.sandbox.snowflake_control("POST", "orders", {"match": {"statement_contains": contains}, "do": do})
        self.addCleanup(self.sandbox.snowflake_control, "DELETE", "orders")


class TypedTables(SnowflakeForms, TypedSuite):
    def assert_described(self):
        described = self.sandbox.rows(f"DESCRIBE TABLE {self.table}_DM")
        types = {row[0]: re.sub(r"VARCHAR\(\d+\)", "VARCHAR", row[1]) for row in described}
        self.assertEqual({name: types[name] for name in TYPES}, TYPES)
        comments = {row[0]: row[9] for row in described}
        self.assertEqual((comments["AGE"], comments["ODD__NAME_"]), ("Age in years", "With 'quotes'"))

    def test_every_form_has_a_table_and_what_it_refers_to(self):
        manifest, kept = self.own / "manifest.ndjson", self.own / "kept"
        self.told("--manifest-path", manifest, "--local-staging-dir", kept)
        self.assertEqual(self.of("AE", "COUNT(*)", ""), [(0,)])
        self.assertEqual(self.of("DIM_SITE", "site_id, site_name", "ORDER BY 1"), [(10, "Site 0"), (11, "Site 1")])
        self.assertEqual(self.of("DIM_VARIABLE", "answer_key, table_name, column_name, text_column_name", "WHERE variable_name = 'Onset Day' AND form_key = 'DM'"),
                         [("ONSET DAY", f"{self.table}_DM", "ONSET_DAY", "ONSET_DAY_TEXT")])
        self.assertFalse(self.sandbox.table_exists(self.table), "the table of records")
        lines = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]
        self.assertEqual({line["batch_id"]: line["table"].split(".")[-1] for line in lines},
                         {f"{self.table}/forms/DM/0": f"{self.table}_DM", f"{self.table}/forms/VS/0": f"{self.table}_VS",
                          **{f"{self.table}/dimensions/{name}/0": f"{self.table}_DIM_{name}" for name in ("STUDY", "SITE", "FORM", "VARIABLE")}})
        self.assertEqual({re.search(r"_([A-Z]+)_0-", path.name)[1] for path in kept.iterdir()},
                         {"AE", "DM", "VS", "STUDY", "SITE", "SUBJECT", "INTERVAL", "VISIT", "FORM", "VARIABLE"})
        loads = self.sandbox.rows(f"SELECT layout, COUNT(*) FROM IMEDNET_LOADS WHERE study_key = '{self.table}' AND superseded_by IS NULL GROUP BY 1 ORDER BY 1")
        self.assertEqual([tuple(row) for row in loads], [("dimension", 4), ("forms", 2)])
        # What a dimension shows may change without a record that does.
        self.answer_variables([variable(self.table, 0, "AGE", variableType="NUMBER", label="Age in years")])
        report = self.told()
        self.assertEqual((self.of("DIM_VARIABLE", "variable_name", ""), report["rows_in_target"]), ([("AGE",)], RECORDS))

    def test_a_study_that_shrank_is_refused_before_any_table_changes(self):
        self.told()
        self.change_age()
        self.vanish(*range(108, 112))
        self.assert_exit(self.go(command="plan"), 13, "forms vs", "--allow-shrink")
        self.assert_exit(self.go(), 13, "forms vs", "--allow-shrink")
        self.assertEqual(self.of("DM", "age")[0][0], 60.0)
        self.assertEqual(self.told("--allow-shrink")["rows_vanished"], 4)

    def test_records_of_a_form_that_left_the_metadata_are_marked_when_they_are_gone(self):
        self.add({"studyKey": self.table, "siteId": 10, "recordId": 300, "recordData": {"AGE": "1"}})
        self.told()
        for what, elements in metadata(self.table, {"DM": VARIABLES}).items():
            self.answer(what, elements, 0)
        report = self.told()
        self.assertEqual((report["method"], report["rows_updated"], report["rows_vanished"], report["rows_in_target"]), ("merge", 4, 0, RECORDS + 1))
        self.assertEqual(self.of("VS", "COUNT(*), COUNT(_extra), COUNT(_deleted_at)", ""), [(4, 4, 0)])
        self.vanish(*range(108, 112), 300)
        self.told("--forms", "DM")
        for command in ("plan", "export"):
            self.assert_exit(self.go(command=command), 13, "forms (no form), vs", "--allow-shrink")
        self.assertEqual(self.of("VS", "COUNT(_deleted_at)", ""), [(0,)])
        report = self.told("--allow-shrink")
        self.assertEqual((report["rows_vanished"], report["rows_in_target"]), (5, 8))
        self.assertEqual((self.of("VS", "COUNT(*), COUNT(_deleted_at)", ""), self.of("_NO_FORM", "COUNT(*), COUNT(_deleted_at)", "")), ([(4, 4)], [(1, 1)]))
        statements = [text for text in self.sandbox.statements_of(self.told()["run_id"]) if f"{self.table}_VS" in text]
        self.assertEqual(statements, [], "nothing of it is left to look at")

    def test_a_table_of_a_form_that_left_and_was_dropped_is_not_made_again(self):
        self.told()
        for what, elements in metadata(self.table, {"DM": VARIABLES, "AE": VARIABLES}).items():
            self.answer(what, elements, 0)
        self.vanish(*range(108, 112))
        self.sandbox.rows(f"DROP TABLE {self.table}_VS")
        self.assertEqual(self.told()["method"], "nothing")
        self.assertFalse(self.has("VS"))

    def test_a_table_that_is_another_kind_of_table_is_refused(self):
        self.sandbox.rows(f"CREATE TABLE {self.table}_DM (record_id NUMBER(38,0), age VARCHAR)")
        self.assert_exit(self.go(), 13, "AGE is VARCHAR", f"{self.table}_DM")
        self.assertFalse(self.has("VS"))
        self.sandbox.rows(f"DROP TABLE {self.table}_DM")
        self.told()
        records = self.arguments("--retry-backoff", "0.01", study=self.table, table=f"{self.table}_DM")
        self.assert_exit(run(records, self.environment()), 13, "it is a table of layout forms")
        self.assertEqual(run(self.arguments("--retry-backoff", "0.01", study=self.table, table=f"{self.table}2_DM"), self.environment()).code, 0)
        self.assert_exit(self.go(table=f"{self.table}2"), 13, "it is a table of layout records")

    def test_two_names_for_one_column_are_refused_with_both(self):
        for command in ("plan", "export"):
            self.answer_variables([variable(self.table, 0, "A.B"), variable(self.table, 1, "A B")])
            self.assert_exit(self.go(command=command), 2, "A.B", "A B", "A_B")
        self.sandbox.clear_orders()
        self.answer_variables([variable(self.table, 0, "order"), variable(self.table, 1, "2nd dose"), variable(self.table, 2, "record.id")])
        self.told()
        described = [row[0] for row in self.sandbox.rows(f"DESCRIBE TABLE {self.table}_DM")]
        for name in ("V_ORDER", "V_2ND_DOSE", "V_RECORD_ID"):
            self.assertIn(name, described)

    def test_a_run_that_ends_between_two_tables_is_gone_on_with(self):
        self.statement_order(f'COPY INTO "IMEDNET_DB"."PUBLIC"."{self.table}_VS"', {"fail": {"code": "003001"}})
        result = self.go("--max-retries", "0")
        self.assertNotEqual(result.code, 0, result)
        self.assertEqual((self.of("DM", "COUNT(*)", ""), self.of("VS", "COUNT(*)", "")), ([(8,)], [(0,)]))
        self.sandbox.snowflake_control("DELETE", "orders")
        report = self.told()
        self.assertEqual((report["rows_skipped"], report["rows_inserted"], report["rows_in_target"]), (8, 4, RECORDS))

    def test_a_plan_says_what_the_export_does(self):
        plan = self.told(command="plan")
        self.assertEqual((plan["method"], plan["makes_table"], plan["rows_inserted"]), ("copy", True, RECORDS))
        self.assertEqual(plan["makes_tables"], [f"IMEDNET_DB.PUBLIC.{self.table}_{form}" for form in ("AE", "DM", "VS")])
        self.assertFalse(self.has("DM"))
        self.told()
        self.change_age()
        plan = self.told(command="plan")
        self.assertEqual((plan["method"], plan["makes_table"], plan["rows_updated"], plan["rows_unchanged"], plan["rows_in"]), ("merge", False, 1, 7, 4))
        adds = self.told("--include-blinded", command="plan")["adds_columns"]
        self.assertEqual(adds, [f"IMEDNET_DB.PUBLIC.{self.table}_{form}.ARM" for form in ("AE", "DM", "VS")])

    def test_what_needs_the_layout_records_is_refused(self):
        self.assert_exit(self.go("--since", "auto"), 2, "layout forms")


class PublicStudy(SandboxTest):
    def test_the_public_study_is_typed(self):
        result = run(self.arguments("--layout", "forms", "--output", "json", table="CDISC"), self.environment())
        self.assertEqual(result.code, 0, result)
        report = json.loads(result.stdout)
        self.assertEqual((report["rows_in_target"], report["blinded"], len(report["forms"])), (harness.ROW_COUNT, "left out", 5))
        self.assertEqual(sum(one["misfits"] for one in report["variables"]), 11)
        [[least, most]] = self.sandbox.rows("SELECT MIN(it_age), MAX(it_age) FROM CDISC_DM")
        self.assertEqual((least, most), (50.0, 89.0))


if __name__ == "__main__":
    del TypedSuite, SnowflakeForms  # no tests by themselves
    harness.main()
