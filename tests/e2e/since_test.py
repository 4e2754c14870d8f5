#!/usr/bin/env python3
"""Runs that read only what changed: what they load, what they can't see and how that is found, and where the next one goes on."""
import datetime
import subprocess

import harness
from changing_study import BATCH, RECORDS
from cursor_case import CursorTest
from statement_gate import StatementGate

LONG_AGO = "2026-01-02T03:04:05Z"


def stamp(seconds=0):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S")


class SinceTest(CursorTest):
    def since(self, *options, **names):
        return self.report("--since", "auto", *options, **names)

    def requests(self):
        """Targets of the requests for this test's study, decoded enough to read, since the log was cleared."""
        seen = self.sandbox.control("GET", "/sandbox/requests")["requests"]
        return [harness.urllib.request.unquote(one["target"]) for one in seen if f"/studies/{self.table}/" in one["target"]]

    def assert_partial(self, report, **counts):
        self.assertNotEqual(report["since"], "", report)
        self.assert_report(report, **counts)

    def assert_all_read(self, report, why, **counts):
        self.assertEqual((report["since"], report["rows_read"] >= RECORDS - 5), ("", True), report)
        self.assertIn(why, " ".join(report["warnings"]))
        self.assert_report(report, **counts)


del CursorTest


class Partial(SinceTest):
    def test_first_run_reads_all_and_the_next_wakes_no_warehouse(self):
        first = self.since()
        self.assert_all_read(first, "no verified run", method="copy", rows_inserted=RECORDS)
        self.sandbox.control("DELETE", "/sandbox/requests")
        second = self.since()
        self.assert_unchanged(second, first)
        self.assertEqual((second["rows_read"], second["files"]), (0, 0))
        self.assertNotEqual(second["since"], "")
        self.assertTrue(all("size=1" in target or "dateModified>=" in target for target in self.requests()), self.requests())
        self.assert_unchanged(self.report(), first)  # and so does one that reads all

    def test_changed_and_inserted_records_are_read_alone(self):
        self.since()
        self.change(1004)
        self.add(1117, 7, "VS")
        self.add(1003)
        self.sandbox.control("POST", f"/sandbox/studies/{self.table}/records/1117", {"data": {"n": 8}})
        self.sandbox.control("POST", f"/sandbox/studies/{self.table}/records/1003", {"data": {"n": 9}})
        report = self.since()
        self.assert_partial(report, method="merge", rows_read=3, rows_inserted=2, rows_updated=1, rows_unchanged=0, rows_in_target=RECORDS + 2)
        self.assertEqual([batch["batch_id"] for batch in report["batch_reports"]], [f"{self.table}/since/0"])
        self.assert_mirror()
        # What was changed within the overlap comes again, is known, and wakes nobody.
        again = self.since()
        self.assertEqual(again["rows_read"], 3)
        self.assert_unchanged(again, report)

    def test_soft_delete_is_a_change(self):
        self.since()
        self.sandbox.control("DELETE", f"/sandbox/studies/{self.table}/records/1010")
        self.assert_partial(self.since(), rows_read=1, rows_updated=1)
        self.assertEqual(self.sandbox.rows(f"SELECT record_id, _deleted_at FROM {self.table} WHERE deleted"), [(1010, None)])

    def test_vanished_record_is_missed_in_the_count_and_all_is_read(self):
        self.since()
        self.vanish(1030)
        report = self.since()
        self.assert_all_read(report, "the API holds 59 records and the table 60", rows_vanished=1, rows_in_target=RECORDS - 1)
        self.assertEqual(self.gone(), [1030])
        self.assert_unchanged(self.since(), report)

    def test_vanished_and_changed_records_in_one_run(self):
        self.since()
        self.vanish(1030)
        self.change(1004)
        report = self.since()
        self.assert_all_read(report, "would have 60 live rows", rows_vanished=1, rows_updated=1)
        self.assert_mirror()
        statements = self.sandbox.statements_of(report["run_id"])
        self.assertEqual([text for text in statements if text in ("COMMIT", "ROLLBACK")].count("ROLLBACK"), 1)

    def test_partial_runs_and_full_runs_agree_afterwards(self):
        self.since()
        self.change(1004)
        self.since()
        self.change(1004, 2)
        self.assert_partial(self.since(), rows_updated=1)
        self.add(1005)
        self.sandbox.control("POST", f"/sandbox/studies/{self.table}/records/1005", {"data": {"n": 9}})
        self.assert_partial(self.since(), rows_inserted=1)
        self.vanish(1005)
        report = self.report()  # the files are those of the first run again, but for the stamp of 1004
        self.assert_report(report, rows_vanished=1)
        self.assert_mirror()
        self.assert_unchanged(self.report(), report)

    def test_record_changed_back_byte_for_byte_is_seen_by_a_full_run(self):
        self.since()
        self.change(1004)
        self.since()
        self.add(1004, 2)  # the first run's record, old stamp and all
        self.assert_report(self.report(), rows_updated=1)
        self.assert_mirror()

    def test_record_between_two_files_that_came_and_went(self):
        self.since()
        self.add(1039)
        self.sandbox.control("POST", f"/sandbox/studies/{self.table}/records/1039", {"data": {"n": 9}})
        self.assert_partial(self.since(), rows_inserted=1)
        self.vanish(1039)
        self.assert_report(self.report(), rows_vanished=1)
        self.assert_mirror()

    def test_time_of_the_users_own(self):
        self.report()
        self.change(1004)
        self.assert_partial(self.report("--since", LONG_AGO), rows_read=RECORDS, rows_updated=1, rows_unchanged=RECORDS - 1)
        self.change(1006)
        report = self.report("--since", stamp(-60).replace(" ", "T") + "Z")
        self.assert_partial(report, rows_read=2, rows_updated=1, rows_unchanged=1)
        # It began after the cursor: the next run goes on from where the last one without a gap ended.
        self.change(1008)
        self.assert_partial(self.since(), rows_read=3, rows_updated=1)
        self.assert_mirror()

    def test_time_into_an_empty_table_reads_all(self):
        self.change(1004)
        self.assert_all_read(self.report("--since", stamp(-60).replace(" ", "T") + "Z"), "", method="copy", rows_inserted=RECORDS)
        self.assert_mirror()


class Clocks(SinceTest):
    def test_cursor_is_the_time_of_the_api(self):
        """The API's clock is five hours behind this machine's, and so are the stamps of what changes."""
        self.sandbox.order({"clock_offset": -5 * 3600}, times=0)
        self.since()
        cursor = datetime.datetime.strptime(self.comment()["read_at"], "%Y-%m-%d %H:%M:%S")
        self.assertLess(abs((cursor - datetime.datetime.utcnow()).total_seconds() + 5 * 3600), 300)
        self.sandbox.control("POST", f"/sandbox/studies/{self.table}/records/1004",
                             {"data": {"n": 99}, "set": {"dateModified": stamp(-5 * 3600)}})
        self.assert_partial(self.since(), rows_read=1, rows_updated=1)
        self.sandbox.clear_orders()
        self.assert_mirror()

    def test_change_behind_the_reader_of_a_run_longer_than_the_overlap(self):
        """Record 1000 changes when it has been read; the reading goes on for an hour, by the API's clock."""
        self.sandbox.order({"clock_offset": 3600}, query_contains="recordId>1020", times=0)
        self.sandbox.order({"change": {"kind": "update", "study": self.table, "record_id": 1000, "data": {"n": 77}, "set": {"dateModified": stamp(1800)}}},
                           path_contains=f"/studies/{self.table}/", query_contains="recordId>1118", nth=2)
        self.since()
        self.sandbox.clear_orders()
        self.assertEqual(self.live()[1000], 0)
        self.assert_partial(self.since(), rows_read=1, rows_updated=1)
        self.assertEqual(self.live()[1000], 77)
        self.assert_mirror()

    def test_change_that_was_stamped_before_the_last_run_and_seen_after_it(self):
        self.since()
        self.sandbox.control("POST", f"/sandbox/studies/{self.table}/records/1004", {"data": {"n": 99}, "set": {"dateModified": stamp(-300)}})
        self.assert_partial(self.since(), rows_updated=1)
        self.assert_mirror()

    def test_api_that_tells_no_usable_time(self):
        self.since()
        name, good = self.cursor_table(), self.comment()
        self.assertNotEqual(good["read_at"], "")
        self.rewrite(name, {**good, "read_at": ""})
        self.assert_all_read(self.since(), "did not learn the API's time", method="nothing")


class Doubtful(SinceTest):
    def test_sweep_comes_every_so_many_runs(self):
        first = self.since("--sweep-every", "3")
        for _ in range(3):
            report = self.since("--sweep-every", "3")
            self.assertNotEqual(report["since"], "")
            self.assert_unchanged(report, first)
        sweep = self.since("--sweep-every", "3")
        self.assertEqual((sweep["since"], sweep["rows_read"]), ("", RECORDS))
        self.assertIn("3 runs", " ".join(sweep["warnings"]))
        self.assert_unchanged(sweep, first)
        self.assertNotEqual(self.since("--sweep-every", "3")["since"], "")

    def test_sweep_finds_what_no_stamp_tells(self):
        self.since()
        self.sandbox.control("POST", f"/sandbox/studies/{self.table}/records/1004", {"data": {"n": 99}, "set": {"dateModified": "2026-01-02 03:04:05"}})
        self.assertEqual(self.since()["rows_read"], 0)
        self.assertEqual(self.live()[1004], 2)
        report = self.since("--sweep")
        self.assertEqual(report["since"], "")
        self.assert_report(report, rows_updated=1)
        self.assert_mirror()

    def test_api_that_ignores_the_filter_is_found_out(self):
        self.since()
        self.change(1004)
        self.sandbox.order({"ignore_filter": True}, query_contains="dateModified", times=0)
        self.assert_all_read(self.since(), "did not change since", rows_updated=1)
        self.sandbox.clear_orders()
        self.vanish(1030)
        self.sandbox.order({"ignore_filter": True}, times=0)
        self.assert_all_read(self.since(), "did not change since", rows_vanished=1)
        self.sandbox.clear_orders()
        self.assert_mirror()

    def test_target_that_is_another_or_was_changed_is_read_in_full(self):
        self.since()
        self.change(1004)
        self.sandbox.rows(f"INSERT INTO {self.table} (study_key, record_id, _row_hash) VALUES ('ANOTHER', 1, 'made up')")
        self.assert_all_read(self.since(), "was changed since", rows_updated=1)
        self.sandbox.rows(f"DROP TABLE {self.table}")
        self.assert_all_read(self.since(), "not the table of the last", method="copy", rows_inserted=RECORDS)
        self.assert_mirror()

    def test_damaged_comment_is_read_in_full(self):
        self.since()
        self.change(1004)
        self.set_comment(self.cursor_table(), "a note of mine")
        self.assert_all_read(self.since(), "damaged", rows_updated=1)
        self.assertNotEqual(self.since()["since"], "")
        self.assert_mirror()

    def test_run_that_dies_between_verified_and_comment(self):
        self.since()
        self.change(1004)
        self.refuse('{"version":1')
        self.assertIn("can't be written", " ".join(self.since()["warnings"]))
        self.assert_all_read(self.since(), "no verified run", rows_loaded=0)
        self.assert_mirror()

    def test_program_that_is_killed_between_the_emptied_comment_and_the_change(self):
        self.since()
        self.change(1004)
        gate = StatementGate(self.sandbox.snowflake["host"], self.sandbox.snowflake["port"])
        self.addCleanup(gate.close)
        gate.hold_answer_to("COMMENT ON TABLE")
        process = subprocess.Popen([str(part) for part in self.arguments("--since", "auto", "--batch-size", BATCH, study=self.table)],
                                   env=self.environment(SNOWFLAKE_PORT=gate.port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait, 30)
        self.addCleanup(process.kill)
        self.assertTrue(gate.held.wait(harness.WAIT_S), "it never emptied its comment")
        process.kill()
        process.wait(30)
        self.assertEqual(self.live()[1004], 2)
        self.assert_all_read(self.since(), "no verified run", rows_updated=1)
        self.assert_mirror()

    def test_change_while_what_changed_is_read(self):
        self.since()
        self.change(1004)
        self.sandbox.order({"change": {"kind": "update", "study": self.table, "record_id": 1002, "data": {"n": 55}}},
                           path_contains=f"/studies/{self.table}/", query_contains="dateModified", nth=3)
        report = self.since()
        self.assertNotEqual(report["since"], "")
        self.since()
        self.assert_mirror()

    def test_what_since_can_not_go_with_is_exit_2_before_anyone_signs_in(self):
        before = len(self.sandbox.snowflake_control("GET", "logins"))
        for options in (("--mode", "replace"), ("--mode", "append"), ("--force-reload",), ("--ledger", "none"), ("--stage-layout", "flat")):
            self.assert_exit(self.export("--since", "auto", *options), 2, "what changed since")
        self.assert_exit(self.export("--since", "yesterday"), 2, "yesterday", "2026-01-31T12:00:00Z")
        self.assert_exit(self.export("--sweep-every", "-1"), 2)
        self.assertEqual(len(self.sandbox.snowflake_control("GET", "logins")), before)

    def test_without_a_ledger_a_time_still_works(self):
        self.report("--ledger", "none")
        self.change(1004)
        self.assert_partial(self.report("--ledger", "none", "--since", stamp(-60).replace(" ", "T") + "Z"), rows_read=1, rows_updated=1)
        self.assert_mirror()


class Page(harness.SandboxTest):
    def test_command_of_the_page_does_what_it_says(self):
        page = (harness.SOURCE / "docs/since.md").read_text(encoding="utf-8")
        command = page.split("```sh\n")[1].split("```")[0]
        result = harness.run([harness.BIN / "imednet-sandbox", "run", "--data-dir", self.own / "data", "--", "bash", "-e", "-c", command + command],
                             harness.plain_environment(TMPDIR=self.tmp))
        self.assertEqual((result.code, result.stdout), (0, f"Loaded {harness.ROW_COUNT} rows\nLoaded 0 rows\n"), result)
        self.assertIn("no warehouse was used", result.stderr)
        self.assertNotIn("no records", result.stderr)


del SinceTest

if __name__ == "__main__":
    harness.main()
