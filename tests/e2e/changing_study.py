"""Tests whose studies change between runs: a small study for each test, the means to change it, and what the API then holds."""
import json

import harness
from harness import run
from own_study import OwnStudyTest

RECORDS = 60
BATCH = 20


def record(key, record_id, n, form="AE"):
    return {"studyKey": key, "formKey": form, "recordId": record_id, "subjectKey": f"S-{n % 7}", "dateModified": "2026-01-02 03:04:05", "recordData": {"n": n}}


def records(key):
    return [json.dumps(record(key, 1000 + 2 * n, n, "AE" if n < 40 else "VS")) for n in range(RECORDS)]


def metadata(key):
    """Forms AE and VS, each of a number and a date, which no record answers."""
    forms = [{"studyKey": key, "formId": n, "formKey": form, "formName": form} for n, form in enumerate(("AE", "VS"), 1)]
    variables = [{**form, "variableId": 10 * n + form["formId"], "variableName": name, "variableType": kind, "label": name, "sequence": n}
                 for form in forms for n, (name, kind) in enumerate((("n", "NUMBER"), ("day", "DATE")), 1)]
    return {"forms": forms, "variables": variables}


class ModesTest(OwnStudyTest):
    """Every test has its own study, named as its table: ids 1000, 1002 … 1118, three files of twenty."""
    records_of = staticmethod(records)

    def export(self, *options, study=None, environment=None, **names):
        return run(self.arguments("--retry-backoff", "0.01", *(() if "--batch-size" in options else ("--batch-size", BATCH)), *options, study=study or self.table, **names),
                   environment or self.environment())

    def add(self, record_id, n=7, form="AE"):
        super().add(record(self.table, record_id, n, form))

    def in_the_api(self):
        """id -> n of every record, by the API's own list."""
        key = f"/api/v1/edc/studies/{self.table}/records?size=500&sort=recordId,asc"
        request = harness.urllib.request.Request(
            self.sandbox.edc["base_url"].removesuffix("/api") + key,
            headers={"x-api-key": self.sandbox.edc["api_key"], "x-imn-security-key": self.sandbox.edc["security_key"], "Content-Type": "application/json",
                     "Accept": "application/json"})
        with harness.urllib.request.urlopen(request, timeout=harness.WAIT_S) as answer:
            return {item["recordId"]: item["recordData"]["n"] for item in json.loads(answer.read())["data"]}

    def gone(self):
        return [row[0] for row in self.sandbox.rows(f"SELECT record_id FROM {self.table} WHERE _deleted_at IS NOT NULL ORDER BY 1")]

    def assert_mirror(self):
        self.assertEqual(self.live(), self.in_the_api())

    def assert_report(self, report, **counts):
        self.assertEqual({name: report[name] for name in counts}, counts, report)
        self.assertTrue(report["reconciled"])
        self.assertEqual(sum(form["rows_in_target"] for form in report["forms"]), report["rows_in_target"])
        self.assertEqual(report["rows_staged"], report["rows_skipped"] + report["rows_loaded"] + report["rows_unchanged"] + report["rows_twice"])
