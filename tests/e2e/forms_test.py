#!/usr/bin/env python3
"""The `forms` layout: a typed table a form in every destination that has it, and what happens to answers that do not fit."""
import json

import duckdb
import polars
import pyarrow.dataset
import pyarrow.parquet

import harness
from destinations import DuckDb, OfDestination, Postgres, Sqlite
from harness import SandboxTest, run
from own_study import OwnStudyTest

VARIABLES = (("AGE", "NUMBER", "Age in years", False), ("IT.Sex", "RADIO", "Sex", False), ("Onset Day", "Date", "First day", False), ("SEEN", "datetime", "Seen at", False),
             ("OK", "Checkbox", "Consent", False), ("ARM", "TEXT", "Planned arm", True), ('odd "name"', "MEMO", "With 'quotes'", False))
RECORDS = 12


def answers(n):
    return [{"age": f"{60 + n}", "it.sex": "F", "ONSET DAY": "2013-12-26", "seen": "2013-12-26 10:30", "ok": True, "arm": "secret arm", 'odd "name"': "two\nlines"},
            {"age": "098.1", "it.sex": "", "onset day": "2013-12", "seen": "", "ok": "1`3", "arm": "secret arm", "unvnum": 7},
            {"age": "about 60", "it.sex": None, "AGE": 5, "ok": "no"},
            {"age": -0.25, "onset day": "2024-02-29", "ok": False}][n % 4]


def form_records(key):
    return [json.dumps({"studyKey": key, "formKey": "DM" if n < 8 else "vs", "formId": 1, "siteId": 10 + n % 2, "recordId": 100 + n, "subjectKey": f"S-{n}", "recordData": answers(n)})
            for n in range(RECORDS)]


def metadata(key, variables_of):
    forms = [{"studyKey": key, "formId": n, "formKey": form, "formName": form} for n, form in enumerate(variables_of, 1)]
    variables = [{"studyKey": key, "variableId": 100 * form["formId"] + n, "formKey": form["formKey"], "formId": form["formId"], "variableName": name,
                  "variableType": kind, "label": label, "sequence": n, "blinded": blinded} for form in forms
                 for n, (name, kind, label, blinded) in enumerate(variables_of[form["formKey"]])]
    return {"forms": forms, "variables": variables, "sites": [{"studyKey": key, "siteId": 10 + n, "siteName": f"Site {n}"} for n in range(2)]}


class FormsCase(OwnStudyTest):
    """Each test's study: forms DM (8 records), VS (4, spelled vs), AE (none); two sites."""
    records_of = staticmethod(form_records)
    variables = {form: VARIABLES for form in ("DM", "VS", "AE")}

    @classmethod
    def elements_of(cls, key):
        return metadata(key, cls.variables)


class TypedTables(OfDestination, FormsCase):
    records_of = staticmethod(form_records)

    def go(self, *options, table="t"):
        return run([harness.BIN / "imednet", "export", self.place.command, self.table, table, self.place.place(), "--layout", "forms", "--retry-backoff", "0.01", *options],
                   self.environment())

    def told(self, *options, **names):
        result = self.go("--output", "json", *options, **names)
        self.assertEqual(result.code, 0, result)
        return json.loads(result.stdout)

    def of(self, form, what, rest="ORDER BY record_id"):
        return self.place.rows(f'SELECT {what} FROM "t_{form}" {rest}')

    def test_answers_are_typed_or_kept_as_sent(self):
        report = self.told()
        self.assertEqual((report["layout"], report["blinded"], report["rows_in_target"], report["rows_inserted"]), ("forms", "left out", RECORDS, RECORDS))
        rows = self.of("DM", 'record_id, "AGE", "IT.Sex", "Onset Day", "Onset Day_text", "OK", "odd ""name""", _raw, _extra')[:4]
        plain = [tuple(str(cell) if hasattr(cell, "isoformat") else bool(cell) if place == 5 and cell is not None else cell for place, cell in enumerate(row)) for row in rows]
        self.assertEqual(plain, [
            (100, 60.0, "F", "2013-12-26", "2013-12-26", True, "two\nlines", None, None),
            (101, 98.1, "", None, "2013-12", None, None, '{"age":"098.1","ok":"1`3"}', '{"unvnum":7}'),
            (102, None, None, None, None, None, None, '{"age":"about 60","ok":"no"}', '{"AGE":5}'),
            (103, -0.25, None, "2024-02-29", "2024-02-29", False, None, None, None)])
        self.assertEqual(str(self.of("DM", '"SEEN"')[0][0])[:19], "2013-12-26 10:30:00")
        counts = {(one["form_key"], one["variable"]): (one["type"], one["answered"], one["misfits"], one["exact"]) for one in report["variables"]}
        self.assertEqual(counts[("DM", "AGE")], ("number", 8, 2, 2))
        self.assertEqual(counts[("DM", "Onset Day")], ("date", 6, 2, 0))
        self.assertEqual(counts[("VS", "OK")], ("flag", 4, 2, 0))

    def test_a_second_run_does_nothing_and_a_change_writes_one_row(self):
        self.told()
        self.assertEqual(self.told()["method"], "nothing")
        self.sandbox.control("POST", f"/sandbox/studies/{self.table}/records/100", {"data": {"age": "61"}})
        self.vanish(108)
        report = self.told()
        self.assertEqual((report["method"], report["rows_updated"], report["rows_inserted"], report["rows_vanished"], report["rows_in_target"]), ("merge", 1, 0, 1, RECORDS - 1))
        self.assertEqual(self.of("DM", '"AGE"')[0][0], 61.0)
        self.assertEqual(self.of("VS", "record_id", "WHERE _deleted_at IS NOT NULL"), [(108,)])
        self.assertEqual(self.told()["method"], "nothing")
        self.assertEqual(self.told("--mode", "replace")["rows_inserted"], RECORDS - 1)

    def test_every_form_has_a_table_and_what_it_refers_to(self):
        self.told()
        self.assertEqual(self.of("AE", "COUNT(*)", ""), [(0,)])
        self.assertEqual(self.of("VS", "DISTINCT form_key", ""), [("vs",)])
        self.assertEqual(self.of("DIM_SITE", "site_id, site_name", "ORDER BY 1"), [(10, "Site 0"), (11, "Site 1")])
        self.assertEqual(self.of("DIM_VARIABLE", "answer_key, table_name, column_name, text_column_name", "WHERE variable_name = 'Onset Day' AND form_key = 'DM'"),
                         [("ONSET DAY", "t_DM", "Onset Day", "Onset Day_text")])
        self.assertEqual(self.of("DIM_VARIABLE", "column_name", "WHERE variable_name = 'ARM' AND form_key = 'DM'"), [(None,)])

    def test_what_is_blinded_comes_when_it_is_asked_for_and_the_column_is_added(self):
        self.told()
        names = {name for name in self.place.tables() if name.startswith("t_")}
        for name in names:
            self.assertNotIn("secret arm", repr(self.place.rows(f'SELECT * FROM "{name}"')), name)
        report = self.told("--include-blinded")
        self.assertEqual((report["blinded"], report["rows_updated"]), ("included", 6))
        self.assertEqual(self.of("DM", '"ARM"')[:3], [("secret arm",), ("secret arm",), (None,)])

    def test_forms_variables_and_sites_can_be_chosen(self):
        report = self.told("--forms", "dm", "--variables", "AGE,dm.it.sex", "--sites", "Site 0")
        self.assertEqual((report["rows_left_out"], report["rows_in_target"]), (8, 4))
        self.assertEqual(self.of("DM", 'record_id, "AGE", _extra'), [(100, 60.0, None), (102, None, '{"AGE":5}'), (104, 64.0, None), (106, None, '{"AGE":5}')])
        self.assertNotIn("t_VS", self.place.tables())
        for flag, name in (("--forms", "XX"), ("--variables", "NOPE"), ("--sites", "99")):
            self.assert_exit(self.go(flag, name), 2, name, flag)
        self.told("--forms", "DM", "--variables", "AGE,IT.SEX")
        self.assert_exit(self.go("--forms", "DM", "--variables", "AGE,IT.SEX", "--sites", "10"), 2, "--mode replace")

    def test_a_study_that_shrank_needs_a_word(self):
        self.told()
        self.vanish(*range(108, 112))
        self.assert_exit(self.go(), 13, "forms vs", "--allow-shrink")
        self.assertEqual(self.told("--allow-shrink")["rows_vanished"], 4)

    def test_a_column_of_another_type_is_refused(self):
        self.place.rows('CREATE TABLE "t_DM" (record_id INTEGER, "AGE" VARCHAR(3))')
        self.assert_exit(self.go(), 13, "AGE is", "t_DM")
        self.assertNotIn("t_VS", self.place.tables())


class InSchemas(TypedTables):
    def test_all_tables_stand_in_the_schema_that_was_named(self):
        self.place.rows("CREATE SCHEMA trial")
        self.assertEqual(self.told(table="trial.t")["rows_inserted"], RECORDS)
        there = "SELECT table_name FROM information_schema.tables WHERE table_schema = '{}' AND table_name NOT LIKE 'imednet%' ORDER BY 1"
        names = [name for name, in self.place.rows(there.format("trial"))]
        self.assertEqual((names[:2], "t_DIM_VARIABLE" in names, self.place.rows(there.format(self.home))), (["t_AE", "t_DIM_FORM"], True, []))
        self.assertEqual(self.place.rows('SELECT DISTINCT table_name FROM trial."t_DIM_VARIABLE" WHERE column_name = \'AGE\' ORDER BY 1'), [("t_AE",), ("t_DM",), ("t_VS",)])
        self.assertEqual(self.place.rows("SELECT DISTINCT target_table FROM trial.imednet_loads WHERE layout = 'forms' ORDER BY 1"), [("trial.t_DM",), ("trial.t_VS",)])
        self.assertEqual(self.told(table="trial.t")["method"], "nothing")
        self.vanish(108)
        self.assertEqual(self.told(table="trial.t")["rows_vanished"], 1)
        verified = run([harness.BIN / "imednet", "verify", self.place.command, self.table, "trial.t", self.place.place(), "--layout", "forms"], self.environment())
        self.assertEqual((verified.code, verified.last_line), (0, "Everything is as it was loaded"), verified)
        self.assertEqual(self.told(table=f"{self.home}.t")["rows_inserted"], RECORDS - 1, "another schema's table is another table")
        self.assert_exit(self.go(table="nowhere.t"), 13, "nowhere")


class DuckDbForms(InSchemas):
    destination_of = DuckDb
    home = "main"


class SqliteForms(TypedTables):
    destination_of = Sqlite

    def test_a_trigger_that_alters_a_number_is_found(self):
        self.told()
        self.place.rows('CREATE TRIGGER meddler AFTER INSERT ON "t_DM" BEGIN UPDATE "t_DM" SET "AGE" = "AGE" + 1 WHERE rowid = NEW.rowid; END')
        self.sandbox.control("POST", f"/sandbox/studies/{self.table}/records/100", {"data": {"age": "61"}})
        before = self.place.rows('SELECT * FROM "t_DM" ORDER BY record_id')
        self.assert_exit(self.go(), 15, "1 of them with other values")
        self.assertEqual(self.place.rows('SELECT * FROM "t_DM" ORDER BY record_id'), before)


class PostgresForms(InSchemas):
    destination_of = Postgres
    home = "public"


class Lake(FormsCase):
    def go(self, folder, *options, **environment):
        return run([harness.BIN / "imednet", "export", "parquet", self.table, folder, "--layout", "forms", *options], self.environment(**environment))

    def test_the_lake_is_read_by_others(self):
        folder = self.own / "lake"
        self.assertEqual(self.go(folder).last_line, f"Exported {RECORDS} rows")
        forms = f"{folder}/study_key=*/form_key=*/*.parquet"
        self.assertEqual(duckdb.sql(f"SELECT form_key, COUNT(*) FROM read_parquet('{forms}', union_by_name=true, hive_partitioning=true) GROUP BY 1 ORDER BY 1").fetchall(),
                         [("DM", 8), ("VS", 4)])
        self.assertEqual(pyarrow.dataset.dataset(folder, partitioning="hive").count_rows(), RECORDS)
        [file] = folder.glob("study_key=*/form_key=DM/*.parquet")
        schema = pyarrow.parquet.read_schema(file)
        self.assertEqual((str(schema.field("AGE").type), schema.field("AGE").metadata[b"label"]), ("double", b"Age in years"))
        self.assertNotIn(b"secret arm", b"".join(path.read_bytes() for path in folder.rglob("*.parquet")))
        manifest = json.loads((folder / "_manifest.json").read_text(encoding="utf-8"))
        self.assertEqual((manifest["layout"], manifest["rows"]), ("forms", RECORDS))
        self.assertEqual({one["name"] for one in manifest["files"]} | {"_manifest.json"},
                         {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()})

    def test_polars_reads_what_duckdb_and_pyarrow_read(self):
        folder = self.own / "lake"
        self.go(folder)
        lake = polars.scan_parquet(folder / "study_key=*/form_key=*/*.parquet", hive_partitioning=True, missing_columns="insert", extra_columns="ignore")
        self.assertEqual(lake.group_by("study_key", "form_key").len().sort("form_key").collect().rows(), [(self.table, "DM", 8), (self.table, "VS", 4)])
        files = f"{folder}/study_key=*/form_key=DM/*.parquet"
        frame = polars.read_parquet(files, hive_partitioning=False)
        self.assertEqual({name: frame.schema[name] for name in ("record_id", "AGE", "OK", "Onset Day", "SEEN", "date_modified", "_raw")},
                         {"record_id": polars.Int64, "AGE": polars.Float64, "OK": polars.Boolean, "Onset Day": polars.Date, "SEEN": polars.Datetime("us"),
                          "date_modified": polars.Datetime("us", "UTC"), "_raw": polars.String})
        self.assertEqual(frame["Onset Day"].null_count(), 4)
        columns = ", ".join('"' + name.replace('"', '""') + '"' for name in frame.columns if frame.schema[name] != polars.Datetime("us", "UTC"))
        told = duckdb.sql(f"SELECT {columns} FROM read_parquet('{files}', hive_partitioning=false) ORDER BY record_id").fetchall()
        self.assertEqual(frame.drop(polars.selectors.datetime(time_zone="*")).sort("record_id").rows(), told)
        self.assertEqual(frame.sort("record_id").to_dicts(), pyarrow.dataset.dataset(next(folder.glob("study_key=*/form_key=DM"))).to_table().sort_by("record_id").to_pylist())
        sites = polars.read_parquet(folder / "_dimensions/SITE/study_key=*/*.parquet")
        self.assertEqual(sites.select("site_id", "site_name").sort("site_id").rows(), [(10, "Site 0"), (11, "Site 1")])

    def test_a_second_run_replaces_and_a_stranger_is_left_alone(self):
        folder = self.own / "lake"
        self.go(folder)
        first = {path.name: path.read_bytes() for path in folder.rglob("*.parquet")}
        self.assertEqual(self.go(folder).code, 0)
        self.assertEqual({path.name: path.read_bytes() for path in folder.rglob("*.parquet")}, first)
        self.assertEqual(self.go(folder, "--batch-size", "3", "--forms", "DM").code, 0)
        self.assertEqual(len(list(folder.glob("study_key=*/form_key=DM/*.parquet"))), 3)
        (folder / "_dimensions" / "SITE" / "link").symlink_to("/etc/hostname")
        self.assert_exit(self.go(folder), 2, "_dimensions/SITE/link")
        self.assertTrue((folder / "_dimensions" / "SITE" / "link").is_symlink())

    def test_no_key_leads_out_of_the_folder(self):
        self.add({"studyKey": self.table, "formKey": "../../x/é", "recordId": 500, "recordData": {"n": 1}})
        self.add({"studyKey": self.table, "formKey": None, "recordId": 501, "recordData": {"n": 1}})
        folder = self.own / "lake"
        self.assertEqual(self.go(folder).last_line, f"Exported {RECORDS + 2} rows")
        names = {path.parent.name for path in folder.glob("study_key=*/*/*.parquet")}
        self.assertEqual(names, {"form_key=DM", "form_key=VS", "form_key=AE", "form_key=..%2F..%2Fx%2F%C3%A9", "form_key=__HIVE_DEFAULT_PARTITION__"})
        self.assertEqual({path.name for path in self.own.iterdir()} - {"lake", "tmp"}, set())

    def test_a_flag_that_changes_meanwhile_ends_the_run(self):
        folder = self.own / "lake"
        self.sandbox.order({"body": json.dumps({"metadata": {"status": "OK", "path": "/", "timestamp": "2026-01-01 00:00:00", "error": {}},
                                                "pagination": {"currentPage": 0, "size": 500, "totalPages": 1, "totalElements": 1, "sort": []},
                                                "data": [{"studyKey": self.table, "variableId": 10, "variableName": "AGE", "formKey": "DM", "blinded": True}]})},
                           path_contains=f"/studies/{self.table}/variables", nth=2)
        self.assert_exit(self.go(folder), 10, "blinded")
        self.assertFalse(folder.exists())

    def test_choices_are_for_typed_tables(self):
        result = run([harness.BIN / "imednet", "export", "parquet", self.table, self.own / "lake", "--forms", "DM"], self.environment())
        self.assert_exit(result, 2, "--layout forms")


class PublicStudy(SandboxTest):
    def test_the_public_study_is_typed(self):
        folder = self.own / "lake"
        result = run([harness.BIN / "imednet", "export", "parquet", "MY_STUDY", folder, "--layout", "forms", "--output", "json"], self.environment())
        report = json.loads(result.stdout)
        self.assertEqual((report["rows_staged"], report["blinded"], len(report["forms"])), (harness.ROW_COUNT, "left out", 5))
        self.assertEqual(sum(one["misfits"] for one in report["variables"]), 11)
        people = next(folder.glob("*/form_key=DM"))
        self.assertEqual(polars.read_parquet(people / "*.parquet", hive_partitioning=False).to_dicts(), pyarrow.parquet.read_table(next(people.iterdir())).to_pylist())
        self.assertNotIn("ACTUAL_ARM", pyarrow.parquet.read_schema(next(folder.glob("*/form_key=DM/*"))).names)


if __name__ == "__main__":
    del InSchemas, TypedTables, FormsCase  # no tests by themselves
    harness.main()
