"""What typed tables promise wherever they stand: one suite for every destination. forms_test.py and snowflake_forms_test.py say for which, and what is each one's own."""
import json

from destinations import OfDestination, export_arguments
from harness import run
from own_study import OwnStudyTest

VARIABLES = (("AGE", "NUMBER", "Age in years", False), ("IT.Sex", "RADIO", "Sex", False), ("Onset Day", "Date", "First day", False), ("SEEN", "datetime", "Seen at", False),
             ("OK", "Checkbox", "Consent", False), ("ARM", "TEXT", "Planned arm", True), ('odd "name"', "MEMO", "With 'quotes'", False))
RECORDS = 12
TABLES = ("AE", "DM", "VS", *(f"DIM_{name}" for name in ("STUDY", "SITE", "SUBJECT", "INTERVAL", "VISIT", "FORM", "VARIABLE")))


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


class TypedRuns(OfDestination):
    """Runs of the layout `forms` into one destination, and what its tables hold. `base`: the table that is named."""
    base = "t"

    def go(self, *options, command="export", table=None):
        arguments = export_arguments(self.place, self, "--layout", "forms", "--retry-backoff", "0.01", *options, study=self.table, table=table or self.base)
        return run([arguments[0], command, *arguments[2:]], self.environment())

    def told(self, *options, **names):
        result = self.go("--output", "json", *options, **names)
        self.assertEqual(result.code, 0, result)
        return json.loads(result.stdout)

    def of(self, form, what, rest="ORDER BY record_id"):
        return self.place.rows(f"SELECT {what} FROM {self.place.table(f'{self.base}_{form}')} {rest}")

    def has(self, form):
        return f"{self.base}_{form}" in self.place.tables()

    def change_age(self):
        self.sandbox.control("POST", f"/sandbox/studies/{self.table}/records/100", {"data": {"age": "61"}})


class TypedSuite(TypedRuns, FormsCase):
    records_of = staticmethod(form_records)

    def column(self, name):
        """A variable's column as the destination's SQL names it."""
        return '"' + name.replace('"', '""') + '"'

    def columns(self, *names):
        return ", ".join(self.column(name) for name in names)

    def assert_described(self):
        """What the destination itself says of the columns of DM."""

    def test_answers_are_typed_or_kept_as_sent(self):
        report = self.told()
        self.assertEqual((report["layout"], report["blinded"], report["method"], report["rows_in_target"], report["rows_inserted"]), ("forms", "left out", "copy", RECORDS, RECORDS))
        rows = self.of("DM", f"""record_id, {self.columns("AGE", "IT.Sex", "Onset Day", "Onset Day_text", "OK", 'odd "name"')}, _raw, _extra""")[:4]
        plain = [tuple(str(cell) if hasattr(cell, "isoformat") else bool(cell) if place == 5 and cell is not None else cell for place, cell in enumerate(row)) for row in rows]
        self.assertEqual(plain, [
            (100, 60.0, "F", "2013-12-26", "2013-12-26", True, "two\nlines", None, None),
            (101, 98.1, "", None, "2013-12", None, None, '{"age":"098.1","ok":"1`3"}', '{"unvnum":7}'),
            (102, None, None, None, None, None, None, '{"age":"about 60","ok":"no"}', '{"AGE":5}'),
            (103, -0.25, None, "2024-02-29", "2024-02-29", False, None, None, None)])
        self.assertEqual(str(self.of("DM", self.column("SEEN"))[0][0])[:19], "2013-12-26 10:30:00")
        counts = {(one["form_key"], one["variable"]): (one["type"], one["answered"], one["misfits"], one["exact"]) for one in report["variables"]}
        self.assertEqual(counts[("DM", "AGE")], ("number", 8, 2, 2))
        self.assertEqual(counts[("DM", "Onset Day")], ("date", 6, 2, 0))
        self.assertEqual(counts[("VS", "OK")], ("flag", 4, 2, 0))
        self.assert_described()

    def test_a_second_run_does_nothing_and_a_change_writes_one_row(self):
        self.told()
        self.assertEqual(self.told()["method"], "nothing")
        self.change_age()
        self.vanish(108)
        report = self.told()
        self.assertEqual((report["method"], report["rows_updated"], report["rows_inserted"], report["rows_vanished"], report["rows_in_target"]), ("merge", 1, 0, 1, RECORDS - 1))
        self.assertEqual(self.of("DM", self.column("AGE"))[0][0], 61.0)
        self.assertEqual(self.of("VS", "record_id", "WHERE _deleted_at IS NOT NULL"), [(108,)])
        self.assertEqual(self.told()["method"], "nothing")
        self.assertEqual(self.told("--mode", "replace")["rows_inserted"], RECORDS - 1)
        self.assertEqual(self.of("VS", "COUNT(*)", ""), [(3,)])

    def test_what_is_blinded_comes_when_it_is_asked_for_and_the_column_is_added(self):
        self.told()
        for name in filter(self.has, TABLES):
            self.assertNotIn("secret arm", repr(self.of(name, "*", "")), name)
        report = self.told("--include-blinded")
        self.assertEqual((report["blinded"], report["rows_updated"]), ("included", 6))
        self.assertEqual(self.of("DM", self.column("ARM"))[:3], [("secret arm",), ("secret arm",), (None,)])

    def test_forms_variables_and_sites_can_be_chosen(self):
        report = self.told("--forms", "dm", "--variables", "AGE,dm.it.sex", "--sites", "Site 0")
        self.assertEqual((report["rows_left_out"], report["rows_in_target"]), (8, 4))
        self.assertEqual(self.of("DM", f"record_id, {self.column('AGE')}, _extra"), [(100, 60.0, None), (102, None, '{"AGE":5}'), (104, 64.0, None), (106, None, '{"AGE":5}')])
        self.assertFalse(self.has("VS"))
        for flag, name in (("--forms", "XX"), ("--variables", "NOPE"), ("--sites", "99")):
            self.assert_exit(self.go(flag, name), 2, name, flag)
        self.told("--forms", "DM", "--variables", "AGE,IT.SEX")
        self.assert_exit(self.go("--forms", "DM", "--variables", "AGE,IT.SEX", "--sites", "10"), 2, "--mode replace")
