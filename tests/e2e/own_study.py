"""Tests that each have a small study of their own, named as their table, and change it between runs."""
import json
import pathlib
import shutil
import tempfile

from harness import SandboxTest, write_study


def small_records(key, count=60):
    """Ids from 1000 on, all of one form."""
    return [json.dumps({"studyKey": key, "formKey": "AE", "recordId": 1000 + n, "subjectKey": f"S-{n % 7}", "recordData": {"n": n}})
            for n in range(count)]


class OwnStudyTest(SandboxTest):
    """`records_of` makes the records of a test's study, as JSON texts, `elements_of` what else the API tells of it."""
    records_of = staticmethod(small_records)
    elements_of = staticmethod(lambda key: {})

    @classmethod
    def setUpClass(cls):
        studies = pathlib.Path(tempfile.mkdtemp(prefix="imednet-e2e-studies-"))
        cls.addClassCleanup(shutil.rmtree, studies, True)
        cls.options = ["--allow-faults"]
        for name in (name for name in dir(cls) if name.startswith("test_")):
            cls.options += ["--studies", write_study(studies / name, name.upper(), cls.records_of(name.upper()), cls.elements_of(name.upper()))]
        super().setUpClass()

    def change(self, record_id=1003, n=99):
        self.sandbox.control("POST", f"/sandbox/studies/{self.table}/records/{record_id}", {"data": {"n": n}})

    def add(self, record):
        self.sandbox.control("POST", f"/sandbox/studies/{self.table}/records", json.dumps(record).encode())

    def vanish(self, *record_ids):
        for record_id in record_ids:
            self.sandbox.control("DELETE", f"/sandbox/studies/{self.table}/records/{record_id}?vanish=true")

    def live(self):
        """id -> n of the study's live rows."""
        rows = self.sandbox.rows(f"SELECT record_id, record_data:n::number FROM {self.table} WHERE _deleted_at IS NULL AND study_key = '{self.table}'")
        self.assertEqual(len(rows), len(dict(rows)), "a record stands twice")
        return dict(rows)
