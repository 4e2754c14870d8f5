"""One suite for every destination and both layouts: what an export promises holds wherever the rows go. destinations_test.py says for which."""
import json
import subprocess

import harness
from changing_study import BATCH, RECORDS, metadata, record
from destinations import OfDestination, export_arguments
from harness import run, wait_until

ODD_TEXTS = ("", "plain", "Größe \u2264 5 \u00b5g", "two\nlines\tand 'quotes' \"twice\"", "\\u0000 and \\ alone", "\U0001f9ea", "NULL", "0012", "= 1 + 1", "x" * 1500)


def odd_record(key, number, text):
    return {"studyKey": key, "formKey": "AE", "recordId": 1000 + number, "subjectKey": text, "recordStatus": text, "deleted": number % 2 == 0 or None,
            "dateModified": ("2026-01-02 03:04:05", "2026-01-02 03:04:05.123456", None, "1901-12-31 23:59:59")[number % 4], "visitId": (0, -1, 2**63 - 1, None)[number % 4],
            "recordData": {"n": number, "text": text, "number": "1.50", "empty": "", "null": None}}


class Suite(OfDestination):
    """Three files of twenty records, unless a test says otherwise; for both layouts."""
    layout = "records"
    elements_of = staticmethod(metadata)
    asked = 'study_key, record_id, record_status, subject_key, deleted, "n", _run_id, _deleted_at'  # of typed tables, by the tests

    def setUp(self):
        super().setUp()
        self.name = self.table[:60] if self.layout == "records" else "t"

    def table_of(self, form):
        return self.place.table(self.name if self.layout == "records" else f"{self.name}_{form}")

    @property
    def target(self):
        """All records: one table, or several under one another."""
        if self.layout == "records":
            return self.table_of("AE")
        return "(" + " UNION ALL ".join(f"SELECT {self.asked} FROM {self.table_of(form)}" for form in ("AE", "VS")) + ") every_record"

    def quoted(self):
        return f'"{self.name}"'

    def command(self, *options, study=None, table=None):
        size = () if "--batch-size" in options else ("--batch-size", str(BATCH))
        layout = () if self.layout == "records" else ("--layout", self.layout)
        return export_arguments(self.place, self, "--retry-backoff", "0.01", *size, *layout, *options, study=study or self.table, table=table or self.quoted())

    def go(self, *options, **names):
        return run(self.command(*options, **names), self.environment())

    def told(self, *options, **names):
        result = self.go("--output", "json", *options, **names)
        self.assertEqual(result.code, 0, result)
        report = json.loads(result.stdout)
        self.assertTrue(report["reconciled"])
        self.assertEqual(report["rows_staged"], report["rows_skipped"] + report["rows_loaded"] + report["rows_unchanged"] + report["rows_twice"])
        return report

    def assert_told(self, report, **counts):
        self.assertEqual({name: report[name] for name in counts}, counts, report)

    @property
    def n(self):
        return self.place.n if self.layout == "records" else '"n"'

    def rows(self, what, rest=""):
        return self.place.rows(f"SELECT {what} FROM {self.target} {rest}")

    def in_the_table(self):
        found = self.rows(f"record_id, {self.n}", f"WHERE _deleted_at IS NULL AND study_key = '{self.table}'")
        self.assertEqual(len(found), len(dict(found)), "a record stands twice")
        return dict(found)

    def in_the_api(self):
        request = harness.urllib.request.Request(
            self.sandbox.edc["base_url"].removesuffix("/api") + f"/api/v1/edc/studies/{self.table}/records?size=500&sort=recordId,asc",
            headers={"x-api-key": self.sandbox.edc["api_key"], "x-imn-security-key": self.sandbox.edc["security_key"], "Content-Type": "application/json",
                     "Accept": "application/json"})
        with harness.urllib.request.urlopen(request, timeout=harness.WAIT_S) as answer:
            return {item["recordId"]: item["recordData"]["n"] for item in json.loads(answer.read())["data"]}

    def assert_mirror(self):
        self.assertEqual(self.in_the_table(), self.in_the_api())

    def gone(self):
        return [row[0] for row in self.rows("record_id", "WHERE _deleted_at IS NOT NULL ORDER BY 1")]

    def everything(self):
        """Every row of the target, of typed tables their dimensions as well; None without a table."""
        prefix = self.name.upper()
        names = [name for name in self.place.tables() if name.upper() == prefix or self.layout == "forms" and name.upper().startswith(f"{prefix}_")]
        return {name: sorted(map(repr, self.place.rows(f"SELECT * FROM {self.place.table(name)}"))) for name in names} or None

    def kept(self, text):
        """A text as the destination holds it."""
        is_escaped = not self.place.quirks.holds_nul and ("\0" in text or "\\u0000" in text)
        return text.replace("\\", "\\\\").replace("\0", "\\u0000") if is_escaped else text

    # What a run does

    def test_the_first_run_loads_and_the_second_does_nothing(self):
        self.assert_told(self.told(), method="copy", rows_inserted=RECORDS, rows_in_target=RECORDS)
        self.assert_told(self.told(), method="nothing", rows_loaded=0, rows_skipped=RECORDS)
        self.assert_mirror()
        self.assertEqual(self.go().last_line, "Loaded 0 rows")
        self.assert_nothing_temporary()

    def test_a_changed_record_is_updated_and_its_neighbours_are_left(self):
        self.told()
        before = dict(self.rows("record_id, _run_id"))
        self.change(1004)
        self.assert_told(self.told(), method="merge", rows_updated=1, rows_inserted=0, rows_unchanged=BATCH - 1, rows_skipped=2 * BATCH, rows_vanished=0)
        after = dict(self.rows("record_id, _run_id"))
        self.assertEqual({key for key in after if after[key] != before[key]}, {1004})
        self.assert_mirror()
        self.assert_told(self.told(), method="nothing")

    def test_vanished_records_are_marked_and_returning_ones_come_back(self):
        self.told()
        self.vanish(1000, 1058, 1118)
        self.assert_told(self.told(), rows_vanished=3, rows_in_target=RECORDS - 3)
        self.assertEqual(self.gone(), [1000, 1058, 1118])
        self.assert_mirror()
        self.assert_told(self.told(), method="nothing", rows_vanished=0)
        self.add(record(self.table, 1058, 29))
        self.assert_told(self.told(), rows_updated=1, rows_vanished=0)
        self.assertEqual(self.gone(), [1000, 1118])
        self.assert_mirror()

    def test_a_record_deleted_in_the_edc_stays_with_its_flag(self):
        self.told()
        self.sandbox.control("DELETE", f"/sandbox/studies/{self.table}/records/1010")
        self.assert_told(self.told(), rows_updated=1, rows_vanished=0)
        flag = "deleted = 1" if self.place.quirks.flags == "number" else "deleted"
        self.assertEqual(self.rows("record_id, _deleted_at", f"WHERE {flag}"), [(1010, None)])

    def test_another_batch_size_changes_files_and_no_row(self):
        self.told()
        before = self.everything()
        self.assert_told(self.told("--batch-size", "7"), method="merge", rows_loaded=0, rows_unchanged=RECORDS)
        self.assert_told(self.told("--batch-size", "7"), method="nothing")
        self.assert_told(self.told(), rows_loaded=0)
        self.assertEqual(self.everything(), before)

    # Modes

    def test_replace_leaves_no_mark_behind(self):
        self.told()
        self.vanish(1004)
        self.change(1006)
        self.told()
        self.assert_told(self.told("--mode", "replace"), method="replace", rows_inserted=RECORDS - 1, rows_in_target=RECORDS - 1)
        self.assertEqual(self.gone(), [])
        self.assert_mirror()
        self.assert_told(self.told(), method="nothing")
        self.assert_told(self.told("--force-reload"), method="replace", rows_inserted=RECORDS - 1)
        self.assert_mirror()

    def test_another_study_in_the_table_is_left_alone(self):
        mine = "TEST_THE_FIRST_RUN_LOADS_AND_THE_SECOND_DOES_NOTHING"
        self.told()
        theirs = sorted(map(repr, self.rows("*")))
        self.assert_told(self.told(study=mine), method="copy", rows_inserted=RECORDS)
        self.told("--mode", "replace", study=mine)
        self.told("--force-reload", study=mine)
        self.assertEqual(sorted(map(repr, self.rows("*", f"WHERE study_key = '{self.table}'"))), theirs)

    def test_append_is_guarded_against_doubles(self):
        self.assert_told(self.told("--mode", "append"), method="append", rows_inserted=RECORDS)
        self.assert_told(self.told("--mode", "append"), method="append", rows_loaded=0)
        self.change(1004)
        before = self.everything()
        self.assert_exit(self.go("--mode", "append"), 13, "--mode merge", "--allow-duplicates")
        self.assertEqual(self.everything(), before)
        self.assert_told(self.told("--mode", "append", "--allow-duplicates"), method="append", rows_inserted=BATCH)
        self.assertEqual(len(self.rows("record_id")), RECORDS + BATCH)

    def test_a_study_that_shrank_needs_a_word(self):
        self.told()
        self.vanish(*(1000 + 2 * n for n in range(40, RECORDS)))
        before = self.everything()
        for options in ((), ("--mode", "replace"), ("--force-reload",)):
            self.assert_exit(self.go(*options), 13, "forms VS", "--allow-shrink")
        self.assertEqual(self.everything(), before)
        self.assert_told(self.told("--allow-shrink"), rows_vanished=20)
        self.assert_mirror()

    # What goes wrong

    def test_a_table_of_another_kind_is_refused(self):
        self.place.rows(f"CREATE TABLE {self.table_of('AE')} (record_id INTEGER, answer INTEGER NOT NULL)")
        before = self.everything()
        result = self.go()
        self.assertEqual((result.code, "answer" in result.stderr.lower()), (13, True), result)
        self.assertEqual(self.everything(), before)

    def test_a_missing_table_may_not_have_to_be_made(self):
        self.assert_exit(self.go("--no-create-table"), 13)
        self.assertIsNone(self.everything())

class TransactionSuite(Suite):
    """Destinations that are one transaction: what a warehouse has other tests for."""

    def test_a_run_that_was_overtaken_changes_nothing(self):
        self.told()
        self.change(1004, 5)
        self.sandbox.order({"delay_ms": 4_000}, path_contains=f"/studies/{self.table}/records", nth=2)
        command = [str(word) for word in self.command("--max-retries", "0")]
        slow = subprocess.Popen(command, env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            wait_until("the slow run reads", lambda: any(self.tmp.glob("imednet-export-*")))
            harness.time.sleep(1)
            self.change(1006, 6)
            self.told()
            _, errors = slow.communicate(timeout=harness.WAIT_S)
        finally:
            slow.kill()
            slow.wait()
        self.assertEqual((slow.returncode, "another run" in errors), (10, True), errors)
        self.assert_mirror()

    def test_a_value_changed_in_the_table_is_written_again_by_a_forced_run(self):
        self.told()
        self.place.rows(f"UPDATE {self.table_of('AE')} SET record_status = 'altered' WHERE record_id = 1004")
        self.assert_told(self.told("--force-reload"), method="replace", rows_inserted=RECORDS)
        self.assertEqual(self.rows("record_status", "WHERE record_id = 1004"), [(None,)])

    def test_rows_deleted_behind_its_back_stop_the_next_run(self):
        self.told()
        self.place.rows(f"DELETE FROM {self.table_of('AE')} WHERE record_id = 1004")
        self.assert_exit(self.go(), 15, "somebody deleted rows", "--force-reload")
        self.told("--force-reload")
        self.assert_mirror()

    def test_a_text_with_nul_arrives_or_is_kept_escaped_and_told(self):
        self.add({"studyKey": self.table, "formKey": "AE", "recordId": 1003, "recordStatus": "a\0b\\c", "subjectKey": "\\u0000", "recordData": {"n": 7}})
        report = self.told()
        self.assertEqual(self.rows("record_status, subject_key", "WHERE record_id = 1003"), [(self.kept("a\0b\\c"), self.kept("\\u0000"))])
        self.assertEqual(any("U+0000" in warning for warning in report["warnings"]), not self.place.quirks.holds_nul)
        self.assert_told(self.told(), method="nothing")
        self.change(1003, 8)
        self.assert_told(self.told(), method="merge", rows_updated=1)


class RecordsSuite(Suite):
    """What is asked of one layout alone, as the other goes the same way or has tests of its own."""

    def test_a_record_changed_back_is_updated_again(self):
        self.told()
        self.change(1004, 99)
        self.told()
        self.change(1004, 2)
        self.assert_told(self.told(), method="merge", rows_updated=1)
        self.assert_mirror()
        self.assert_told(self.told(), method="nothing")

    def test_records_come_in_the_middle_and_at_the_end(self):
        self.told()
        self.add(record(self.table, 1003, 7))
        self.assert_told(self.told(), method="merge", rows_inserted=1, rows_updated=0, rows_unchanged=RECORDS)
        self.add(record(self.table, 2000, 8))
        self.told()
        self.assert_mirror()
        self.assert_told(self.told(), method="nothing")

    def test_a_record_vanished_beyond_files_that_stay_is_marked(self):
        self.told()
        self.add(record(self.table, 1119, 7))
        self.told()
        self.vanish(1119)
        self.assert_told(self.told(), method="merge", rows_vanished=1, rows_skipped=RECORDS)
        self.assertEqual(self.gone(), [1119])
        self.assert_mirror()

    def test_a_record_that_comes_back_while_it_is_asked_for_is_not_marked(self):
        self.told()
        self.vanish(1118)
        self.sandbox.order({"change": {"kind": "add", "study": self.table, "record": record(self.table, 1118, 59, "VS")}},
                           path_contains=f"/studies/{self.table}/", query_contains="recordId>1117")
        report = self.told()
        self.assertEqual((report["rereads"], report["rows_vanished"], self.gone()), (1, 0, []), report)
        self.assert_mirror()

    def test_a_study_without_records_is_marked_whole_when_allowed(self):
        self.told()
        self.vanish(*(1000 + 2 * n for n in range(RECORDS)))
        self.assert_exit(self.go(), 13, "--allow-shrink")
        self.assert_told(self.told("--allow-shrink"), method="merge", rows_vanished=RECORDS, rows_in_target=0)
        self.assertEqual((self.in_the_table(), len(self.gone())), ({}, RECORDS))

    def test_every_value_arrives_as_it_was_sent(self):
        self.vanish(*(1000 + 2 * n for n in range(RECORDS)))
        for number, text in enumerate(ODD_TEXTS):
            self.add(odd_record(self.table, number, text))
        self.told()
        found = self.rows("record_id, subject_key, record_status, visit_id, record_data", "ORDER BY record_id")
        self.assertEqual([row[:4] for row in found],
                         [(1000 + n, self.kept(text), self.kept(text), (0, -1, 2**63 - 1, None)[n % 4]) for n, text in enumerate(ODD_TEXTS)])
        for (_, _, _, _, data), (number, text) in zip(found, enumerate(ODD_TEXTS)):
            self.assertEqual(json.loads(data), odd_record("", number, text)["recordData"])
        stamps = [str(row[0]) for row in self.rows("date_modified", "WHERE date_modified IS NOT NULL ORDER BY record_id")][:2]
        self.assertEqual([stamp[:26] for stamp in stamps], ["2026-01-02 03:04:05", "2026-01-02 03:04:05.123456"])

    def test_a_run_that_fails_while_reading_changes_nothing(self):
        self.told()
        before = self.everything()
        self.change(1004)
        self.sandbox.order({"status": 403}, path_contains=f"/studies/{self.table}/", nth=3, times=0)
        self.assert_exit(self.go("--mode", "replace"), 12)
        self.sandbox.clear_orders()
        self.assertEqual(self.everything(), before)
        self.assert_nothing_temporary()

    def test_names_that_are_none_are_refused_before_anything_is_read(self):
        for table in ("a b", "1st", "x; DROP TABLE y", "", '"open', "a.b.c.d"):
            with self.subTest(table):
                result = run(export_arguments(self.place, self, study=self.table, table=table), self.environment())
                self.assertEqual(result.code, 13 if table else 2, result)

    def test_the_manifest_names_every_batch(self):
        manifest = self.own / "manifest.jsonl"
        report = self.told("--manifest-path", manifest)
        lines = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]
        self.assertEqual([(line["batch_id"], line["row_count"], line["status"]) for line in lines],
                         [(f"{self.table}/records/{n}", BATCH, "loaded") for n in range(RECORDS // BATCH)])
        self.assertEqual({line["run_id"] for line in lines}, {report["run_id"]})
        self.assertEqual({line["table"] for line in lines}, {report["table"]})
        self.assertTrue((self.own / "manifest.jsonl.run.json").exists())


class RecordsTransactionSuite(RecordsSuite, TransactionSuite):
    def test_a_lost_ledger_costs_time_and_nothing_else(self):
        self.told()
        self.change(1004)
        self.vanish(1030)
        self.place.rows("DELETE FROM imednet_loads")
        self.assert_told(self.told(), method="merge", rows_updated=1, rows_vanished=1)
        self.assert_mirror()

    def test_a_dropped_table_is_loaded_anew(self):
        self.told()
        self.place.rows(f"DROP TABLE {self.target}")
        self.assert_told(self.told(), method="copy", rows_inserted=RECORDS)
        self.assert_mirror()

    def test_rows_that_stand_twice_are_made_one_by_the_next_merge(self):
        self.told("--mode", "append")
        self.change(1004)
        self.told("--mode", "append", "--allow-duplicates")
        self.assert_told(self.told("--mode", "merge", "--batch-size", "7"), rows_in_target=RECORDS)
        self.assert_mirror()
