#!/usr/bin/env python3
"""An iMednet API in trouble that passes: the whole study is loaded all the same. Trouble that stays: bad_input_source_test.py."""
import json
import time

import harness
from harness import SandboxTest, run, write_study

RECORDS = 1200  # three pages; questions before: highest id, what lies above; after: all, what lies above
ALWAYS = {"times": 0}
PAGE = {"query_contains": "size=500"}


def records(key):
    return [json.dumps({"studyKey": key, "formKey": "AE", "recordId": 1000 + n, "dateCreated": "2024-01-01 00:00:00", "recordData": {"n": n}})
            for n in range(RECORDS)]


def fault(do, **match):
    return {"match": {"path_contains": "/records", **match}, "do": do}


# One trouble that goes by itself: the study is loaded all the same.
PASSING = {
    "429 once": fault({"status": 429}, nth=3),
    "503 twice": fault({"status": 503}, nth=4, times=2),
    "500 on the first question": fault({"status": 500}),
    "a cut page": fault({"cut_body_after": 1_000}, nth=2, **PAGE),
    "a page cut before its first byte": fault({"cut_body_after": 0}, nth=2, **PAGE),
    "a dropped connection": fault({"drop": True}, nth=1, **PAGE),
    "a gateway's page": fault({"html_200": True}, nth=3, **PAGE),
    "half an answer": fault({"not_json": True}, nth=1, **PAGE),
    "an empty object": fault({"empty_object_200": True}, nth=2, **PAGE),
    "a server error inside a 200": fault({"error_in_200": True}, nth=2, **PAGE),
}


class ApiFaults(SandboxTest):
    options = ("--allow-faults",)

    @classmethod
    def setUpClass(cls):
        studies = harness.pathlib.Path(harness.tempfile.mkdtemp(prefix="imednet-e2e-studies-"))
        cls.addClassCleanup(harness.shutil.rmtree, studies, True)
        cls.options = ["--allow-faults"]
        for key in ("STUDY", "GROWING", "SHRINKING"):
            cls.options += ["--studies", write_study(studies / key, key, records(key))]
        super().setUpClass()

    def export(self, *options, study="STUDY", timeout=30, environment=None, **names):
        environment = environment or self.environment(IMEDNET_TIMEOUT=timeout)
        return run(self.arguments("--retry-backoff", "0.01", *options, study=study, **names), environment)

    def fired(self):
        return sum(order["fired"] for order in self.sandbox.control("GET", "/sandbox/orders"))

    def test_passing_trouble_does_not_keep_the_study_from_being_loaded(self):
        for number, (name, order) in enumerate(PASSING.items()):
            with self.subTest(name):
                self.sandbox.clear_orders()
                self.sandbox.control("POST", "/sandbox/orders", order)
                table = f"{self.table[:40]}_{number}"
                self.assert_loaded(self.export(table=table), RECORDS)
                self.assertEqual(self.fired(), order["match"].get("times", 1))
                self.assertEqual(self.sandbox.rows(f"SELECT COUNT(*), COUNT(DISTINCT record_id), SUM(record_data:n::number) FROM {table}"),
                                 [(RECORDS, RECORDS, RECORDS * (RECORDS - 1) // 2)])
                self.assert_nothing_temporary()

    def test_retry_after_is_honoured(self):
        for number, wait in enumerate(({"retry_after": "1"}, {"retry_after_date": 2})):
            self.sandbox.clear_orders()
            self.sandbox.order({"status": 429, **wait}, nth=3)
            started = time.monotonic()
            self.assert_loaded(self.export(table=f"{self.table}_{number}"), RECORDS)
            self.assertGreater(time.monotonic() - started, 1)

    def test_no_retries_means_one_attempt(self):
        self.sandbox.order({"status": 503})
        self.assert_exit(self.export("--max-retries", "0"), 12, "503")
        self.assertEqual(self.fired(), 1)

    def test_ignored_filter_is_found_out_and_said_and_the_study_is_read_by_offset(self):
        self.sandbox.order({"ignore_filter": True}, **ALWAYS)
        result = self.export("--output", "json")
        self.assertEqual(result.code, 0, result)
        self.assertIn("ignored a filter", result.stderr)
        report = json.loads(result.stdout)
        self.assertEqual((report["paging"], report["rows_loaded"], report["reconciled"]), ("offset", RECORDS, True))
        self.assertEqual(self.sandbox.rows(f"SELECT COUNT(DISTINCT record_id) FROM {self.table}"), [(RECORDS,)])

    def test_ignored_filter_and_repeated_pages_are_not_taken_for_a_study(self):
        self.sandbox.control("POST", "/sandbox/orders", [fault({"ignore_filter": True}, times=3), fault({"repeat_page": True}, nth=4, **ALWAYS)])
        self.assertIn(self.export("--max-retries", "0").code, (12, 15))
        self.assertEqual(self.sandbox.count(self.table), -1)

    def test_records_made_while_reading_are_left_for_the_next_run(self):
        self.sandbox.order({"change": {"kind": "add", "study": "GROWING", "count": 3}}, nth=2, **PAGE)
        self.assert_loaded(self.export(study="GROWING"), RECORDS)
        self.assertEqual(self.fired(), 1)
        self.assert_loaded(self.export(study="GROWING"), 3)
        self.assertEqual(self.sandbox.count(self.table), RECORDS + 3)

    def test_record_that_vanishes_while_reading_is_noticed_and_the_study_read_again(self):
        self.sandbox.order({"change": {"kind": "vanish", "study": "SHRINKING", "record_id": 1100}}, nth=3, **PAGE)
        report = json.loads(self.export("--output", "json", study="SHRINKING").stdout)
        self.assertEqual((report["rows_loaded"], report["rereads"]), (RECORDS - 1, 1))
        self.assertEqual(self.sandbox.rows(f"SELECT COUNT(*), COUNT_IF(record_id = 1100) FROM {self.table}"), [(RECORDS - 1, 0)])

    def test_answers_without_records_do_not_empty_the_table(self):
        self.assert_loaded(self.export(), RECORDS)
        self.sandbox.order({"body": '{"metadata":{"status":"OK"},"pagination":{"totalElements":0,"totalPages":0},"data":[]}', "status": 200}, **ALWAYS)
        for options in ((), ("--force-reload",)):
            self.assert_exit(self.export(*options), 13, "holds 1200 rows")
        self.assertEqual(self.sandbox.count(self.table), RECORDS)


if __name__ == "__main__":
    harness.main()
