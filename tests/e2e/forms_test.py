#!/usr/bin/env python3
"""The `forms` layout: a typed table a form in every destination that has it, and what happens to answers that do not fit."""
import json

import duckdb
import polars
import pyarrow.dataset
import pyarrow.parquet

import harness
from destinations import DuckDb, Postgres, Sqlite
from harness import SandboxTest, run
from typed_suite import RECORDS, FormsCase, TypedSuite


class TypedTables(TypedSuite):
    def test_every_form_has_a_table_and_what_it_refers_to(self):
        self.told()
        self.assertEqual(self.of("AE", "COUNT(*)", ""), [(0,)])
        self.assertEqual(self.of("VS", "DISTINCT form_key", ""), [("vs",)])
        self.assertEqual(self.of("DIM_SITE", "site_id, site_name", "ORDER BY 1"), [(10, "Site 0"), (11, "Site 1")])
        self.assertEqual(self.of("DIM_VARIABLE", "answer_key, table_name, column_name, text_column_name", "WHERE variable_name = 'Onset Day' AND form_key = 'DM'"),
                         [("ONSET DAY", "t_DM", "Onset Day", "Onset Day_text")])
        self.assertEqual(self.of("DIM_VARIABLE", "column_name", "WHERE variable_name = 'ARM' AND form_key = 'DM'"), [(None,)])

    def test_a_study_that_shrank_needs_a_word(self):
        self.told()
        self.vanish(*range(108, 112))
        self.assert_exit(self.go(), 13, "forms vs", "--allow-shrink")
        self.assertEqual(self.told("--allow-shrink")["rows_vanished"], 4)

    def test_a_column_of_another_type_is_refused(self):
        self.place.rows('CREATE TABLE "t_DM" (record_id INTEGER, "AGE" VARCHAR(3))')
        self.assert_exit(self.go(), 13, "AGE is", "t_DM")
        self.assertFalse(self.has("VS"))


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
        self.change_age()
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
    del InSchemas, TypedTables, TypedSuite, FormsCase  # no tests by themselves
    harness.main()
