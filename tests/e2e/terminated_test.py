#!/usr/bin/env python3
"""SIGTERM ends a run within 30 seconds wherever it stands, with exit 143 and nothing temporary; the next run has every row once."""
import signal
import time

import harness
from harness import wait_until
from signals_test import Signals
from statement_gate import StatementGate

LIMIT_S = 30


class Terminated(Signals):
    options = ("--allow-faults",)

    def setUp(self):
        super().setUp()
        self.sandbox.snowflake_control("DELETE", "orders")
        self.gate = StatementGate(self.sandbox.snowflake["host"], self.sandbox.snowflake["port"])
        self.addCleanup(self.gate.close)

    def order_statement(self, start, do):
        self.sandbox.snowflake_control("POST", "orders", {"match": {"statement_contains": start, "times": 0}, "do": do})

    def fired(self, orders):
        return any(order["fired"] > 0 for order in orders)

    def terminate(self, process, reached):
        """Sends SIGTERM once `reached` holds; the program's seconds until it was gone."""
        wait_until("the program stands where it is to be ended", lambda: reached() or process.poll() is not None)
        self.assertIsNone(process.poll(), "it ended before")
        start = time.monotonic()
        process.send_signal(signal.SIGTERM)
        stdout, stderr = process.communicate(timeout=LIMIT_S + 10)
        self.assertEqual((process.returncode, stdout), (143, ""), stderr)
        self.assertIn("imednet: error: ", stderr)
        self.assertLess(time.monotonic() - start, LIMIT_S)
        self.assert_nothing_temporary()

    def through_gate(self, *options):
        return self.start("--quiet", *options, SNOWFLAKE_PORT=self.gate.port)

    def assert_next_run_completes(self, loaded=harness.ROW_COUNT):
        self.sandbox.clear_orders()
        self.sandbox.snowflake_control("DELETE", "orders")
        self.assert_loaded(self.export(), loaded)
        self.assert_whole()
        self.assert_loaded(self.export(), 0)

    def test_while_a_page_does_not_come(self):
        self.sandbox.order({"hang": True}, nth=6, times=0)
        process = self.start("--quiet")
        self.terminate(process, lambda: self.fired(self.sandbox.control("GET", "/sandbox/orders")))
        self.assert_next_run_completes()

    def test_while_it_waits_to_ask_the_api_again(self):
        self.sandbox.order({"status": 503, "retry_after": "50"}, nth=6, times=0)
        process = self.start("--quiet")
        self.terminate(process, lambda: self.fired(self.sandbox.control("GET", "/sandbox/orders")))
        self.assert_next_run_completes()

    def test_while_signing_in(self):
        self.gate.hold_answer_to("LOGIN")
        self.terminate(self.through_gate("--login-timeout", "300"), self.gate.held.is_set)
        self.assert_next_run_completes()

    def test_during_put(self):
        self.gate.hold_answer_to("PUT (?!.*asking-whether-put)")
        self.terminate(self.through_gate("--stage-prefix", "imednet/during-put"), self.gate.held.is_set)
        self.assert_next_run_completes()

    def test_while_the_network_is_gone_during_list(self):
        self.gate.hold_all_after("LIST ")
        self.terminate(self.through_gate(), self.gate.held.is_set)
        self.assert_next_run_completes()

    def test_while_it_waits_to_try_a_statement_again(self):
        self.order_statement("LIST @", {"fail": {"code": "000625", "sql_state": "57014", "message": "too many statements wait"}})
        process = self.start("--quiet", "--retry-backoff", "55")
        self.terminate(process, lambda: self.fired(self.sandbox.snowflake_control("GET", "orders")))
        self.assert_next_run_completes()

    def test_during_a_slow_copy(self):
        self.order_statement("COPY INTO", {"delay_ms": 120_000})
        process = self.start("--quiet")
        self.terminate(process, lambda: self.fired(self.sandbox.snowflake_control("GET", "orders")))
        self.assert_next_run_completes()

    def test_when_a_copy_is_done_and_its_answer_takes_long(self):
        self.order_statement("COPY INTO", {"delay_ms": 120_000, "after_running": True})
        process = self.start("--quiet")
        self.terminate(process, lambda: self.fired(self.sandbox.snowflake_control("GET", "orders")))
        self.sandbox.snowflake_control("DELETE", "orders")
        self.assertIn(self.export().last_line, (f"Loaded {harness.ROW_COUNT} rows", "Loaded 0 rows"))
        self.assert_whole()

    def test_during_a_copy_whose_answer_does_not_come(self):
        self.gate.hold_answer_to("COPY INTO")
        self.terminate(self.through_gate(), self.gate.held.is_set)
        result = self.export()
        self.assertIn(result.last_line, (f"Loaded {harness.ROW_COUNT} rows", "Loaded 0 rows"))
        self.assert_whole()

    def test_while_the_network_is_gone_during_copy(self):
        self.gate.hold_all_after("COPY INTO")
        self.terminate(self.through_gate(), self.gate.held.is_set)
        result = self.export()
        self.assertIn(result.last_line, (f"Loaded {harness.ROW_COUNT} rows", "Loaded 0 rows"))
        self.assert_whole()


if __name__ == "__main__":
    harness.main()
