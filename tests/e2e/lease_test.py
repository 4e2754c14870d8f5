#!/usr/bin/env python3
"""Two runs of one study into one table are kept apart; what was cut off is found by the next run; its state can be read."""
import hashlib
import json
import pathlib
import signal
import subprocess
import threading
import time

import harness
from harness import SandboxTest, wait_until
from statement_gate import StatementGate

ELSEWHERE = json.dumps({"host": "another-host", "boot_id": "00000000-0000-0000-0000-000000000000", "pid_namespace": "pid:[1]", "pid": 4711, "started": 5,
                        "run_id": "20260115T120000Z-0a0b0c0d", "former_runs": []})


class Leased(SandboxTest):
    def start(self, *options, study="MY_STUDY", gate=None):
        process = subprocess.Popen([str(argument) for argument in self.arguments(*options, study=study)],
                                   env=self.environment(**({"SNOWFLAKE_PORT": gate.port} if gate else {})), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.kill()
        process.communicate(timeout=30)

    def finish(self, process):
        stdout, stderr = process.communicate(timeout=60)
        return harness.Result(process.returncode, stdout, stderr)

    def gate(self):
        gate = StatementGate(self.sandbox.snowflake["host"], self.sandbox.snowflake["port"])
        self.addCleanup(gate.close)
        return gate

    def while_loading(self, *options):
        """A run whose COPY was carried out and has not been answered yet."""
        gate = self.gate()
        gate.hold_answer_to("COPY INTO")
        process = self.start(*options, gate=gate)
        self.assertTrue(gate.held.wait(60), "it never came to its COPY")
        return process, gate

    def lease(self, what, study="MY_STUDY"):
        return self.sandbox.rows(f"SELECT {what} FROM IMEDNET_LEASES WHERE study_key = '{study}' AND target_table LIKE '%.{self.table}'")[0][0]

    def change_lease(self, what):
        self.sandbox.rows(f"UPDATE IMEDNET_LEASES SET {what} WHERE target_table LIKE '%.{self.table}'")

    def states(self):
        """Runs of this test, in the order they last wrote: path and events. (Names of the same second are in no order.)"""
        files = sorted((self.own / "state" / "imednet" / "runs").glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
        return [(path, [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]) for path in files]

    def events(self):
        return [[line["event"] for line in lines] for _, lines in self.states()]

    def assert_whole(self):
        self.assertEqual(self.sandbox.rows(f"SELECT COUNT(*), COUNT(DISTINCT record_id) FROM {self.table}"), [(harness.ROW_COUNT, harness.ROW_COUNT)])


class TwoRunsAtOnce(Leased):
    def test_the_second_leaves_with_10_and_names_the_first(self):
        first, gate = self.while_loading()
        started = time.monotonic()
        second = self.export()
        self.assert_exit(second, 10, f"pid {first.pid}", "last sign of life", "--wait SECONDS", self.lease("PARSE_JSON(holder):run_id::VARCHAR"))
        self.assertLess(time.monotonic() - started, 30)
        gate.let_go()
        self.assert_loaded(self.finish(first), harness.ROW_COUNT)
        self.assert_whole()
        self.assertIsNotNone(self.lease("released_at"))
        self.assertEqual(self.lease("token"), 1)

    def test_the_second_waits_and_then_loads_nothing(self):
        first, gate = self.while_loading()
        second = self.start("--wait", "60", "--verbose")
        line = second.stderr.readline()
        while line and "waits for run" not in line:
            line = second.stderr.readline()
        self.assertIn(f"pid {first.pid}", line)
        gate.let_go()
        self.assert_loaded(self.finish(first), harness.ROW_COUNT)
        self.assert_loaded(self.finish(second), 0)
        self.assert_whole()
        self.assertEqual(self.lease("token"), 2)

    def test_the_second_waits_no_longer_than_it_was_told(self):
        first, gate = self.while_loading()
        started = time.monotonic()
        self.assert_exit(self.export("--wait", "2"), 10, f"pid {first.pid}")
        self.assertGreaterEqual(time.monotonic() - started, 2)
        gate.let_go()
        self.assert_loaded(self.finish(first), harness.ROW_COUNT)

    def test_another_study_goes_into_the_same_table_meanwhile(self):
        first, gate = self.while_loading()
        self.assert_loaded(self.export(study="CDISCPILOT01"), harness.ROW_COUNT)
        gate.let_go()
        self.assert_loaded(self.finish(first), harness.ROW_COUNT)
        self.assertEqual(self.sandbox.rows(f"SELECT study_key, COUNT(*) FROM {self.table} GROUP BY 1 ORDER BY 1"),
                         [("CDISCPILOT01", harness.ROW_COUNT), ("MY_STUDY", harness.ROW_COUNT)])

    def test_many_at_once_load_every_record_once(self):
        runs = [self.start("--wait", "120") for _ in range(4)]
        results = [self.finish(run) for run in runs]
        self.assertEqual([result.code for result in results], [0] * 4, results)
        self.assertEqual(sorted(int(result.last_line.split()[1]) for result in results), [0, 0, 0, harness.ROW_COUNT])
        self.assert_whole()
        self.assertIn(self.lease("token"), range(1, 5))  # one that starts late finds the first one's result and needs no lease
        self.assertEqual(self.lease("COUNT(*)"), 1)

    def test_without_a_ledger_there_is_no_lease_and_a_warning_says_so(self):
        result = self.export("--ledger", "none", "--ledger-schema", "PUBLIC")
        self.assert_loaded(result, harness.ROW_COUNT)
        self.assertIn("two runs of one study are not kept apart", result.stderr)
        if self.sandbox.table_exists("IMEDNET_LEASES"):
            self.assertEqual(self.sandbox.rows(f"SELECT COUNT(*) FROM IMEDNET_LEASES WHERE target_table LIKE '%.{self.table}'"), [(0,)])


class Elsewhere(Leased):
    def setUp(self):
        super().setUp()
        self.assert_loaded(self.export(), harness.ROW_COUNT)
        self.forget_cursors()
        self.change_lease(f"holder = '{ELSEWHERE}', released_at = NULL, heartbeat_at = SYSDATE()")

    def test_a_run_on_another_machine_keeps_it_for_a_minute(self):
        self.assert_exit(self.export(), 10, "another-host", "4711", "20260115T120000Z-0a0b0c0d")
        self.change_lease("heartbeat_at = DATEADD(second, -61, SYSDATE())")
        self.assert_loaded(self.export(), 0)
        self.assertEqual(self.lease("token"), 2)

    def test_a_process_of_this_machine_that_is_gone_loses_it_at_once(self):
        process = subprocess.Popen(["true"])
        process.wait(timeout=30)
        namespace = pathlib.Path("/proc/self/ns/pid").readlink()
        boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        gone = {**json.loads(ELSEWHERE), "boot_id": boot, "pid_namespace": str(namespace), "pid": process.pid}
        self.change_lease(f"holder = '{json.dumps(gone)}'")
        self.assert_loaded(self.export(), 0)
        self.assertEqual(self.lease("token"), 2)


    def test_a_run_elsewhere_that_lost_its_lease_loses_its_session_and_its_transaction(self):
        other = self.sandbox.connect()
        name = "IMEDNET_20260115T120000Z0A0B0C0D_0123456789ABCDEF_4711_5"
        other.cursor().execute(f"BEGIN NAME {name}")
        other.cursor().execute(f"UPDATE {self.table} SET form_key = 'theirs'")
        self.assert_exit(self.export("--mode", "replace"), 10, "another-host")
        self.assertIn(name, [row[3] for row in self.sandbox.rows("SHOW TRANSACTIONS")])
        self.change_lease("heartbeat_at = DATEADD(second, -61, SYSDATE())")
        started = time.monotonic()
        self.assert_loaded(self.export("--mode", "replace"), harness.ROW_COUNT)
        self.assertLess(time.monotonic() - started, 150)
        with self.assertRaises(harness.snowflake.connector.errors.Error):
            other.cursor().execute("COMMIT")
        self.assertEqual(self.sandbox.rows(f"SELECT COUNT(*) FROM {self.table} WHERE form_key = 'theirs'"), [(0,)])
        self.assert_whole()


class CutOff(Leased):
    options = ("--latency-ms", "20")

    def test_after_a_kill_the_next_run_takes_over_at_once(self):
        first, gate = self.while_loading()
        first.kill()
        first.wait(timeout=30)
        self.assertIsNone(self.lease("released_at"))
        started = time.monotonic()
        result = self.export()
        self.assertEqual(result.code, 0, result)
        self.assertLess(time.monotonic() - started, 40)
        self.assert_whole()
        self.assertEqual(self.lease("token"), 2)
        self.assertEqual([events[-1] for events in self.events()], ["loading", "ended"])

    def test_a_run_that_stood_still_for_a_minute_writes_nothing_any_more(self):
        first = self.start("--mode", "replace", "--progress", "json")
        line = first.stderr.readline()
        while line and '"step":"reading"' not in line.replace(" ", ""):
            line = first.stderr.readline()
        first.send_signal(signal.SIGSTOP)
        self.change_lease("heartbeat_at = DATEADD(second, -61, SYSDATE())")
        self.assert_loaded(self.export(), harness.ROW_COUNT)
        before = self.sandbox.rows(f'SELECT DISTINCT "_RUN_ID" FROM {self.table}')
        first.send_signal(signal.SIGCONT)
        self.assert_exit(self.finish(first), 10, "lost its lease")
        self.assertEqual(self.sandbox.rows(f'SELECT DISTINCT "_RUN_ID" FROM {self.table}'), before)
        self.assert_whole()
        self.assertEqual(self.lease("token"), 2)
        self.assertIsNotNone(self.lease("released_at"))

    def test_a_statement_that_a_dead_run_left_at_work_is_cancelled(self):
        self.assert_loaded(self.export(), harness.ROW_COUNT)
        self.forget_cursors()
        run = json.loads(ELSEWHERE)["run_id"]
        self.change_lease(f"holder = '{ELSEWHERE}', released_at = NULL, heartbeat_at = DATEADD(second, -61, SYSDATE())")
        self.sandbox.rows(f"CREATE TABLE held_{self.table} (n NUMBER)")
        self.sandbox.rows(f"INSERT INTO held_{self.table} VALUES (1)")
        holder, waiter = self.sandbox.connect(), self.sandbox.connect()
        self.addCleanup(holder.close)
        self.addCleanup(waiter.close)
        holder.cursor().execute("BEGIN")
        holder.cursor().execute(f"UPDATE held_{self.table} SET n = 2")
        waiter.cursor().execute(f"ALTER SESSION SET QUERY_TAG = 'imednet:{run}:merge:7'")
        ended = []

        def wait():
            try:
                waiter.cursor().execute(f"UPDATE held_{self.table} SET n = 3")
                ended.append("done")
            except harness.snowflake.connector.errors.Error as error:
                ended.append(error.errno)

        thread = threading.Thread(target=wait)
        thread.start()
        at_work = (f"SELECT COUNT(*) FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000)) WHERE query_tag LIKE '%{run}%' "
                   "AND execution_status IN ('RUNNING', 'BLOCKED')")
        wait_until("the statement waits for the table", lambda: self.sandbox.rows(at_work) == [(1,)])
        self.assert_loaded(self.export("--retry-backoff", "0.05"), 0)
        thread.join(30)
        self.assertEqual(ended, [604])
        holder.cursor().execute("ROLLBACK")
        self.assertEqual(self.sandbox.rows(f"SELECT n FROM held_{self.table}"), [(1,)])


class RunState(Leased):
    def test_each_step_stands_in_the_file_in_its_order(self):
        self.assert_loaded(self.export("--batch-size", "10000"), harness.ROW_COUNT)
        (path, lines), = self.states()
        self.assertEqual([line["event"] for line in lines],
                         ["planned", "staged", "staged", "uploaded", "loading", "loaded", "loaded", "verified", "ended"])
        planned, staged = lines[0], [line for line in lines if line["event"] == "staged"]
        self.assertEqual((planned["study"], planned["target"], planned["run_id"], planned["token"]),
                         ("MY_STUDY", f"IMEDNET_DB.PUBLIC.{self.table}", path.stem, 1))
        self.assertEqual(sum(line["rows"] for line in staged), harness.ROW_COUNT)
        ledger = self.sandbox.rows(f"SELECT batch_id, hash, sha256, statement_tag FROM IMEDNET_LOADS WHERE target_table LIKE '%.{self.table}' ORDER BY 1")
        self.assertEqual([(line["batch_id"], line["content_hash"], line["sha256"]) for line in staged], [row[:3] for row in ledger])
        self.assertEqual([line["statement_tag"] for line in lines if line["event"] == "loaded"], [row[3] for row in ledger])
        self.assertEqual(lines[-2]["rows_in_target"], harness.ROW_COUNT)
        self.assertEqual((lines[-1]["outcome"], lines[-1]["code"]), ("done", ""))

    def test_the_chain_holds_and_only_the_owner_may_read_it(self):
        self.assert_loaded(self.export(), harness.ROW_COUNT)
        (path, _), = self.states()
        previous = "0" * 64
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            read = json.loads(line)
            body, mark, _ = line.rpartition(b',"hash":"')
            self.assertTrue(mark)
            self.assertEqual((read["seq"], read["prev"]), (number, previous))
            previous = read["hash"]
            self.assertEqual(hashlib.sha256(read["prev"].encode() + body + b"}").hexdigest(), previous)
        self.assertEqual([oct(p.stat().st_mode & 0o777) for p in (path, path.parent, path.parent.parent)], ["0o600", "0o700", "0o700"])

    def test_nothing_of_a_patient_stands_in_it(self):
        self.assert_loaded(self.export(), harness.ROW_COUNT)
        (path, _), = self.states()
        text = path.read_text(encoding="utf-8")
        record = json.loads(harness.study_lines()[0])
        for value in (record["subjectKey"], record["subjectOid"], "recordData", "subject"):
            self.assertNotIn(str(value), text)

    def test_a_run_with_nothing_to_do_ends_verified(self):
        self.assert_loaded(self.export(), harness.ROW_COUNT)
        self.forget_cursors()
        self.assert_loaded(self.export(), 0)
        self.assertEqual(self.events()[1], ["planned", "staged", "verified", "ended"])

    def test_a_run_that_failed_says_so_and_gives_the_lease_back(self):
        self.assert_exit(self.export("--no-create-table"), 13)
        (_, lines), = self.states()
        self.assertEqual((lines[-1]["event"], lines[-1]["outcome"], lines[-1]["code"]), ("ended", "failed", "not_found"))
        self.assertIsNotNone(self.lease("released_at"))

    def test_the_flag_names_another_folder(self):
        self.assert_loaded(self.export("--state-dir", self.own / "elsewhere"), harness.ROW_COUNT)
        self.assertEqual(self.states(), [])
        self.assertEqual(len(list((self.own / "elsewhere" / "runs").glob("*.jsonl"))), 1)

    def test_a_folder_that_cannot_be_made_stops_the_run_before_anyone_signs_in(self):
        (self.own / "file").write_text("", encoding="utf-8")
        result = self.export("--state-dir", self.own / "file" / "state")
        self.assert_exit(result, 2, "cannot keep the run's state", "--state-dir")
        self.assertFalse(self.sandbox.table_exists(self.table))

    def test_a_changed_line_is_named_and_the_run_goes_on(self):
        self.assert_loaded(self.export(), harness.ROW_COUNT)
        (path, _), = self.states()
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(lines[:2]) + lines[2].replace("loading", "leading") + "".join(lines[3:]), encoding="utf-8")
        lines[2] = lines[2].replace('"rows":', '"rows" :')
        path.write_text("".join(lines), encoding="utf-8")
        self.forget_cursors()
        result = self.export()
        self.assert_loaded(result, 0)
        self.assertIn(f"line 3 of {path}", result.stderr)

    def test_where_the_state_is_gone_the_destination_is_enough(self):
        self.assert_loaded(self.export(), harness.ROW_COUNT)
        for path, _ in self.states():
            path.unlink()
        self.forget_cursors()
        self.assert_loaded(self.export(), 0)
        self.assert_whole()


if __name__ == "__main__":
    harness.main()
