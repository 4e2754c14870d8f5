#!/usr/bin/env python3
"""`imednet doctor` tries what an export needs, names what fails with the exit code an export would have, and leaves nothing behind."""
import json
import signal
import socket
import subprocess

import harness
from harness import SandboxTest, run

SNOWFLAKE_CHECKS = ["settings", "driver", "network", "sign-in", "role", "warehouse", "database", "schema", "stage", "table", "ledger", "put", "copy",
                    "insert", "stage rules", "time limits", "clock", "clean-up"]
EDC_CHECKS = ["settings", "network", "keys", "study", "page latency", "clock", "rate limit"]


class Doctor(SandboxTest):
    options = ("--allow-faults",)

    def setUp(self):
        super().setUp()
        self.home = self.own / "home"
        self.home.mkdir()
        self.sandbox.snowflake_control("DELETE", "orders")
        self.before = self.traces()

    def traces(self):
        return (sorted(row[0] for row in self.sandbox.rows("LIST @MY_STAGE")),
                sorted((row[2], row[3], row[1]) for row in self.sandbox.rows("SHOW TABLES IN ACCOUNT")))

    def assert_left_nothing(self):
        self.assertEqual(self.traces(), self.before)
        self.assert_nothing_temporary()

    def fail_statement(self, start, code, state, message="Ordered to fail.", **match):
        self.sandbox.snowflake_control("POST", "orders", {"match": {"statement_contains": start, "times": 0, **match},
                                                  "do": {"fail": {"code": code, "sql_state": state, "message": message}}})

    def doctor_environment(self, **more):
        where = self.sandbox.snowflake
        names = {f"SNOWFLAKE_{key.upper()}": where[key] for key in ("account", "user", "database", "schema", "warehouse", "stage")}
        return self.environment(HOME=self.home, **{**names, "SNOWFLAKE_TABLE": self.table, **more})

    def doctor(self, *options, **more):
        """Exit code, and the checks by name, each (status, detail, advice)."""
        result = run([harness.BIN / "imednet", "doctor", *options, "--output", "json"], self.doctor_environment(**more))
        self.assertNotIn(self.sandbox.snowflake["password"], result.stdout + result.stderr)
        self.assertNotIn(self.sandbox.edc["api_key"], result.stdout + result.stderr)
        answer = json.loads(result.stdout)
        self.assertEqual(answer["exit"], result.code)
        self.names = [check["check"] for check in answer["checks"]]
        return result.code, {check["check"]: (check["status"], check["detail"], check["advice"]) for check in answer["checks"]}

    def assert_only_failure(self, checks, name, text, advice):
        failed = [what for what, check in checks.items() if check[0] == "fail"]
        self.assertEqual(failed, [name], checks)
        self.assertIn(text, checks[name][1])
        self.assertIn(advice, checks[name][2])

    # --- all is well

    def test_snowflake_that_is_ready_passes_every_check_and_nothing_is_left(self):
        code, checks = self.doctor("snowflake")
        self.assertEqual((code, self.names), (0, SNOWFLAKE_CHECKS), checks)
        self.assertEqual({status for status, _, _ in checks.values()}, {"ok"}, checks)
        self.assertIn("may make it", checks["table"][1])
        self.assert_left_nothing()

    def test_table_that_is_there_is_compared_and_may_be_written_to(self):
        self.assert_loaded(self.export(), harness.ROW_COUNT)
        self.before = self.traces()
        code, checks = self.doctor("snowflake")
        self.assertEqual((code, {status for status, _, _ in checks.values()}), (0, {"ok"}), checks)
        self.assertIn("has all columns", checks["table"][1])
        self.assertIn("no row was written", checks["insert"][1])
        self.assertEqual(self.sandbox.count(self.table), harness.ROW_COUNT)
        self.assert_left_nothing()
        self.assert_loaded(self.export(), 0)

    def test_edc_that_is_ready_passes_every_check(self):
        code, checks = self.doctor("edc", "--study", "MY_STUDY")
        self.assertEqual((code, self.names), (0, EDC_CHECKS))
        self.assertEqual({status for status, _, _ in checks.values()}, {"ok"}, checks)
        self.assertIn(f"MY_STUDY has {harness.ROW_COUNT} records", checks["study"][1])

    def test_without_a_side_both_are_examined_and_text_has_a_line_a_check(self):
        result = run([harness.BIN / "imednet", "doctor"], self.doctor_environment())
        self.assertEqual(result.code, 0, result)
        lines = result.stdout.splitlines()
        self.assertEqual([line.split("  ")[0].strip() for line in lines], ["ok"] * (len(EDC_CHECKS) + len(SNOWFLAKE_CHECKS)))
        self.assertTrue(lines[0].split(None, 1)[1].startswith("edc settings"))
        self.assertTrue(lines[-1].split(None, 1)[1].startswith("snowflake clean-up"))

    # --- Snowflake

    def test_missing_setting_is_named_with_exit_2(self):
        code, checks = self.doctor("snowflake", SNOWFLAKE_WAREHOUSE="")
        self.assertEqual(code, 2)
        self.assert_only_failure(checks, "settings", "warehouse is missing", "--warehouse")

    def test_name_that_is_none_is_refused_before_anyone_signs_in(self):
        code, checks = self.doctor("snowflake", "--stage", "@~")
        self.assertEqual((code, self.names), (13, ["settings"]))
        self.assert_only_failure(checks, "settings", "user stage", "CREATE STAGE")

    def test_missing_driver_is_named(self):
        code, checks = self.doctor("snowflake", "--driver", "no_such_driver")
        self.assertEqual(code, 13)
        self.assert_only_failure(checks, "driver", "no_such_driver", "install")

    def test_address_without_a_server_is_the_network(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            code, checks = self.doctor("snowflake", "--login-timeout", "2", SNOWFLAKE_PORT=unused.getsockname()[1])
        self.assertEqual(code, 13)
        self.assert_only_failure(checks, "network", "cannot connect", "network")
        self.assertEqual(checks["sign-in"][0], "skipped")

    def test_wrong_password_is_sign_in_with_exit_11(self):
        code, checks = self.doctor("snowflake", SNOWFLAKE_PASSWORD="made-up and wrong")
        self.assertEqual(code, 11)
        self.assert_only_failure(checks, "sign-in", "cannot connect", "password")
        self.assertEqual((checks["network"][0], checks["put"][0]), ("ok", "skipped"))

    def assert_missing(self, check, setting, skipped):
        code, checks = self.doctor("snowflake", **{f"SNOWFLAKE_{setting}": "NOT_THERE"})
        self.assertEqual(code, 13)
        self.assertEqual([what for what, found in checks.items() if found[0] == "fail"][0], check, checks)
        self.assertIn("NOT_THERE", checks[check][1])
        self.assertIn("GRANT", checks[check][2])
        for what in skipped:
            self.assertEqual(checks[what][0], "skipped", checks)
        self.assertEqual(checks["clock"][0], "ok")
        self.assert_left_nothing()

    def test_missing_warehouse_is_named_and_the_rest_is_tried(self):
        self.assert_missing("warehouse", "WAREHOUSE", ["put", "copy", "insert"])

    def test_missing_database_is_named(self):
        self.assert_missing("database", "DATABASE", ["table", "ledger"])

    def test_missing_schema_is_named(self):
        self.assert_missing("schema", "SCHEMA", ["table", "ledger"])

    def test_missing_stage_is_named_and_the_table_is_looked_at(self):
        self.assert_missing("stage", "STAGE", ["put", "copy", "insert"])

    def test_external_stage_is_named(self):
        self.sandbox.rows("CREATE STAGE IF NOT EXISTS OUTSIDE URL = 's3://made-up/'")
        self.before = self.traces()
        code, checks = self.doctor("snowflake", SNOWFLAKE_STAGE="OUTSIDE")
        self.assertEqual(code, 13)
        self.assert_only_failure(checks, "stage", "external stage", "internal stage")

    def test_warehouse_that_runs_nothing_is_named(self):
        self.fail_statement("GENERATOR", "000608", "57014", "Warehouse 'COMPUTE_WH' cannot be resumed")
        code, checks = self.doctor("snowflake")
        self.assertEqual(code, 13)
        self.assert_only_failure(checks, "warehouse", "cannot be resumed", "OPERATE")
        self.assert_left_nothing()

    def test_warehouse_is_tried_with_a_statement_that_needs_one(self):
        self.assertEqual(self.doctor("snowflake")[0], 0)
        tried = [statement["warehouse"] for statement in self.sandbox.snowflake_control("GET", "statements") if "GENERATOR" in statement["text"]]
        self.assertTrue(tried)
        self.assertEqual(set(tried), {self.sandbox.snowflake["warehouse"]})

    def test_role_that_was_granted_nothing_is_told_what_to_ask_for(self):
        user, role = self.sandbox.snowflake["user"], "NOTHING_GRANTED"
        self.sandbox.rows(f"CREATE ROLE IF NOT EXISTS {role}")
        self.sandbox.rows(f"GRANT ROLE {role} TO USER {user}")
        code, checks = self.doctor("snowflake", "--role", role)
        self.assertEqual(code, 13)
        self.assertEqual(checks["role"][:2], ("ok", role))
        for what in ("warehouse", "database", "schema", "stage"):
            self.assertEqual(checks[what][0], "fail", checks)
            self.assertIn("GRANT", checks[what][2])
        self.assert_left_nothing()

    def test_role_that_may_not_write_to_the_stage_is_told_what_to_ask_for(self):
        user, role = self.sandbox.snowflake["user"], "READS_ONLY"
        for sql in (f"CREATE ROLE IF NOT EXISTS {role}", f"GRANT ROLE {role} TO USER {user}", f"GRANT USAGE ON WAREHOUSE COMPUTE_WH TO ROLE {role}",
                    f"GRANT USAGE ON DATABASE IMEDNET_DB TO ROLE {role}", f"GRANT USAGE ON SCHEMA IMEDNET_DB.PUBLIC TO ROLE {role}",
                    f"GRANT READ ON STAGE IMEDNET_DB.PUBLIC.MY_STAGE TO ROLE {role}"):
            self.sandbox.rows(sql)
        code, checks = self.doctor("snowflake", "--role", role)
        self.assertEqual(code, 13)
        self.assertEqual([what for what, check in checks.items() if check[0] == "fail"], ["table", "ledger", "put"], checks)
        self.assertIn("GRANT CREATE TABLE ON SCHEMA", checks["table"][2])
        self.assertIn("GRANT READ, WRITE ON STAGE", checks["put"][2])
        self.assert_left_nothing()

    def test_put_that_is_forbidden_is_named(self):
        self.fail_statement("PUT '", "003001", "42501", "Insufficient privileges to operate on stage")
        code, checks = self.doctor("snowflake")
        self.assertEqual(code, 13)
        self.assert_only_failure(checks, "put", "Insufficient privileges", "GRANT READ, WRITE ON STAGE")
        self.assertEqual((checks["copy"][0], checks["clean-up"][0]), ("skipped", "ok"))
        self.assert_left_nothing()

    def test_upload_that_arrives_nowhere_is_named(self):
        self.sandbox.snowflake_control("POST", "orders", {"match": {"statement_contains": "doctor-", "times": 0}, "do": {"lose_upload": True}})
        code, checks = self.doctor("snowflake")
        self.assertEqual(code, 13)
        self.assert_only_failure(checks, "put", "LIST shows no file", "storage")
        self.assert_left_nothing()

    def test_copy_that_is_refused_is_named_and_the_file_goes_again(self):
        self.fail_statement("COPY INTO", "003001", "42501", "Insufficient privileges")
        code, checks = self.doctor("snowflake")
        self.assertEqual(code, 13)
        self.assert_only_failure(checks, "copy", "Insufficient privileges", "privilege")
        self.assertEqual(checks["clean-up"][0], "ok")
        self.assert_left_nothing()

    def test_table_that_may_not_be_made_is_named(self):
        self.sandbox.rows("CREATE SCHEMA IF NOT EXISTS WITHOUT_LEDGER")  # which the session uses from then on
        self.sandbox.rows("USE SCHEMA PUBLIC")
        self.fail_statement("CREATE TRANSIENT TABLE", "003001", "42501", "Insufficient privileges to operate on schema")
        code, checks = self.doctor("snowflake", "--ledger-schema", "WITHOUT_LEDGER")
        self.assertEqual(code, 13)
        self.assertEqual([what for what, check in checks.items() if check[0] == "fail"], ["table", "ledger"], checks)
        for what in ("table", "ledger"):
            self.assertIn("Insufficient privileges", checks[what][1])
            self.assertIn("GRANT CREATE TABLE", checks[what][2])
        self.assert_left_nothing()

    def test_table_with_other_columns_is_named(self):
        self.sandbox.rows(f"CREATE TABLE {self.table} (RECORD_ID VARCHAR)")
        self.before = self.traces()
        code, checks = self.doctor("snowflake")
        self.assertEqual(code, 13)
        self.assert_only_failure(checks, "table", "RECORD_ID is VARCHAR", "columns")
        self.assert_left_nothing()

    def test_table_that_lacks_columns_is_a_warning_and_is_not_altered(self):
        self.sandbox.rows(f"CREATE TABLE {self.table} (RECORD_ID NUMBER(38,0))")
        code, checks = self.doctor("snowflake")
        self.assertEqual((code, checks["table"][0]), (0, "warn"), checks)
        self.assertIn("ALTER TABLE", checks["table"][2])
        self.assertEqual(len(self.sandbox.rows(f"DESCRIBE TABLE {self.table}")), 1)

    def test_role_without_insert_on_the_table_is_named(self):
        self.assert_loaded(self.export(), harness.ROW_COUNT)
        self.before = self.traces()
        self.fail_statement(f'INSERT INTO "IMEDNET_DB"."PUBLIC"."{self.table}"', "003001", "42501", "Insufficient privileges to operate on table")
        code, checks = self.doctor("snowflake")
        self.assertEqual(code, 13)
        self.assert_only_failure(checks, "insert", "Insufficient privileges", "privilege")
        self.assert_left_nothing()

    def test_clock_that_is_off_is_a_warning(self):
        self.sandbox.snowflake_control("POST", "clock", {"offset_seconds": 300})
        self.addCleanup(self.sandbox.snowflake_control, "POST", "clock", {"offset_seconds": 0})
        code, checks = self.doctor("snowflake")
        self.assertEqual((code, checks["clock"][0]), (0, "warn"), checks)
        self.assertRegex(checks["clock"][1], "(299|300|301) s ahead")

    def test_clean_up_that_fails_is_said(self):
        self.fail_statement("REMOVE @", "003001", "42501", "Insufficient privileges")
        code, checks = self.doctor("snowflake")
        self.assertEqual((code, checks["clean-up"][0]), (13, "fail"), checks)
        self.sandbox.snowflake_control("DELETE", "orders")
        for name in set(self.traces()[0]) - set(self.before[0]):
            self.sandbox.rows("REMOVE @MY_STAGE/" + name.partition("/")[2])

    def test_stop_ends_it_and_the_file_on_the_stage_goes_too(self):
        self.sandbox.snowflake_control("POST", "orders", {"match": {"statement_contains": "COPY INTO"}, "do": {"delay_ms": 120_000}})
        process = subprocess.Popen([harness.BIN / "imednet", "doctor", "snowflake"], env=self.doctor_environment(), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        harness.wait_until("COPY runs", lambda: process.poll() is not None or self.sandbox.snowflake_control("GET", "orders")[0]["fired"])
        self.assertNotEqual(self.traces()[0], self.before[0])
        process.send_signal(signal.SIGTERM)
        _, stderr = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 143, stderr)
        self.assert_left_nothing()

    # --- iMednet

    def test_missing_key_is_named_with_exit_2(self):
        code, checks = self.doctor("edc", IMEDNET_API_KEY="")
        self.assertEqual((code, self.names), (2, ["settings"]))
        self.assert_only_failure(checks, "settings", "IMEDNET_API_KEY", "IMEDNET_API_KEY")

    def test_wrong_key_is_named_with_exit_12(self):
        code, checks = self.doctor("edc", "--study", "MY_STUDY", IMEDNET_SECURITY_KEY="made-up and wrong")
        self.assertEqual(code, 12)
        self.assert_only_failure(checks, "keys", "does not accept these keys", "IMEDNET_SECURITY_KEY")
        self.assertEqual((checks["network"][0], checks["study"][0]), ("ok", "skipped"))

    def test_api_that_is_not_there_is_the_network(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            code, checks = self.doctor("edc", IMEDNET_BASE_URL=f"http://127.0.0.1:{unused.getsockname()[1]}")
        self.assertEqual(code, 12)
        self.assert_only_failure(checks, "network", "cannot", "")

    def test_server_without_tls_is_the_network(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            code, checks = self.doctor("edc", IMEDNET_BASE_URL=f"https://127.0.0.1:{silent.getsockname()[1]}", IMEDNET_TIMEOUT="2")
        self.assertEqual(code, 12)
        self.assert_only_failure(checks, "network", "cannot", "")

    def test_unknown_study_is_named_and_the_rest_is_tried(self):
        code, checks = self.doctor("edc", "--study", "NOT_THERE")
        self.assertEqual((code, checks["study"][0]), (12, "fail"), checks)
        self.assertIn("study key", checks["study"][2])

    def test_slow_pages_are_a_warning(self):
        self.sandbox.order({"delay_ms": 2200}, times=0)
        code, checks = self.doctor("edc", "--study", "MY_STUDY")
        self.assertEqual((code, checks["page latency"][0]), (0, "warn"), checks)


if __name__ == "__main__":
    harness.main()
