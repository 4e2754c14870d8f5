#!/usr/bin/env python3
"""What docs/from-the-python-tool.md says of this program, where no other test holds it."""
import csv
import io
import json
import re

import duckdb
import pyarrow.parquet

import harness
from harness import run
from own_study import OwnStudyTest

EIGHTEEN = ("study_key interval_id form_id form_key site_id record_id record_oid record_type record_status deleted date_created date_modified "
            "subject_id subject_oid subject_key visit_id parent_record_id record_data").split()
ANSWERS = [{"dob": "1970-01-02", "WEIGHT": "-1.5", "note": "=1+1"}, {"DOB": "", "weight": "70", "unknown": "kept"}]


def records(key):
    return [json.dumps({"studyKey": key, "formKey": form, "formId": n, "recordId": 100 * n + m, "recordData": answers})
            for n, form in enumerate(("DM", "VS"), 1) for m, answers in enumerate(ANSWERS)]


def metadata(key):
    forms = [{"studyKey": key, "formId": n, "formKey": form, "formName": form} for n, form in enumerate(("DM", "VS"), 1)]
    variables = [{**form, "variableId": 10 * form["formId"] + n, "variableName": name, "variableType": kind, "label": label, "sequence": n}
                 for form in forms for n, (name, kind, label) in enumerate((("dob", "DATE", "Date of birth"), ("WEIGHT", "NUMBER", "Weight, kg"), ("note", "TEXT", "Remark")))]
    return {"forms": forms, "variables": variables}


class FromPython(OwnStudyTest):
    records_of, elements_of = staticmethod(records), staticmethod(metadata)

    def exported(self, *words):
        result = run([harness.BIN / "imednet", "export", *words], self.environment())
        self.assertEqual(result.code, 0, result)

    def queries(self):
        page = (harness.SOURCE / "docs/from-the-python-tool.md").read_text(encoding="utf-8")
        return re.findall(r"```sql\n(.*?)\n```", page, re.S)

    def test_the_columns_of_a_record_and_a_row_an_answer(self):
        self.exported("duckdb", self.table, "records", self.own / "x.duckdb")
        with duckdb.connect(str(self.own / "x.duckdb")) as connection:
            names = [row[0] for row in connection.execute("DESCRIBE records").fetchall()]
            self.assertEqual(([name for name in names if name in EIGHTEEN], names[17:19]), (EIGHTEEN, ["keywords", "record_data"]))
            told = [(row[0], row[2], row[3]) for row in connection.execute(self.queries()[0]).fetchall()]
        self.assertEqual(sorted(told), sorted((100 * n + m, name, value) for n in (1, 2) for m, answers in enumerate(ANSWERS) for name, value in answers.items()))

    def test_typed_tables_keep_names_labels_and_what_no_variable_names(self):
        self.exported("duckdb", self.table, "t", self.own / "x.duckdb", "--layout", "forms")
        with duckdb.connect(str(self.own / "x.duckdb")) as connection:
            self.assertEqual(connection.execute('SELECT CAST("dob" AS VARCHAR), "WEIGHT", "note", _extra FROM "t_DM" ORDER BY record_id').fetchall(),
                             [("1970-01-02", -1.5, "=1+1", None), (None, 70.0, None, '{"unknown":"kept"}')])
            comments = dict(connection.execute("SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 't_DM'").fetchall())
        self.assertEqual((comments["dob"], comments["WEIGHT"]), ("Date of birth", "Weight, kg"))

    def test_the_lake_is_read_by_the_old_query(self):
        self.exported("parquet", self.table, self.own / "lake", "--layout", "forms")
        told = duckdb.sql(self.queries()[1].replace("DIR", str(self.own / "lake"))).fetchall()
        self.assertEqual(told, [("DM", 2), ("VS", 2)])
        schema = pyarrow.parquet.read_schema(next((self.own / "lake").glob("study_key=*/form_key=DM/*.parquet")))
        self.assertEqual(schema.field("WEIGHT").metadata[b"label"], b"Weight, kg")

    def test_csv_holds_what_was_sent(self):
        result = run([harness.BIN / "imednet", "records", "list", self.table, "--output", "csv"], self.environment())
        rows = list(csv.DictReader(io.StringIO(result.stdout)))
        self.assertEqual([json.loads(row["record_data"]) for row in rows], ANSWERS * 2)

    def test_the_old_name_of_a_flag_is_refused(self):
        result = run([harness.BIN / "imednet", "export", "duckdb", self.table, "t", self.own / "x.duckdb", "--vars", "a"], self.environment())
        self.assert_exit(result, 2, "--vars")


if __name__ == "__main__":
    harness.main()
