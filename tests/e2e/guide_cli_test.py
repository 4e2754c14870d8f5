#!/usr/bin/env python3
"""The guide's two command lines as printed, and what the command promises around them."""
import collections
import json
import re
import time
import unittest

import harness
from harness import SandboxTest, plain_environment, run, study_lines

MINIMAL = r'''imednet export snowflake MY_STUDY \
    myorg-myaccount loader "$SNOWFLAKE_PASSWORD" \
    IMEDNET_DB PUBLIC COMPUTE_WH MY_STAGE RECORDS'''

WITH_OPTIONS = r'''imednet export snowflake MY_STUDY \
    myorg-myaccount loader "$SNOWFLAKE_PASSWORD" \
    IMEDNET_DB PUBLIC COMPUTE_WH MY_STAGE RECORDS \
    --stage-prefix imednet/prod \
    --batch-size 1000 \
    --manifest-path {manifest} \
    --force-reload'''

MANIFEST_KEYS = ["batch_id", "stage_path", "row_count", "loaded_at", "sha256", "bytes", "hash", "table", "run_id", "status", "checksum"]
REPORT_KEYS = ["study", "run_id", "mode", "rows_read", "rows_loaded", "rows_skipped", "files", "batches", "bytes_staged", "seconds", "exit"]


def in_sandbox(test, *lines):
    """Runs shell lines as `imednet-sandbox run` gives them to a person: `imednet` on PATH, addresses in the environment."""
    script = test.own / "lines.sh"
    script.write_text("set -e\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return run([harness.BIN / "imednet-sandbox", "run", "--data-dir", test.own / "data", "--", "bash", script], plain_environment(TMPDIR=test.tmp))


class TheGuidesCommandLines(SandboxTest):
    def test_minimal_example_loads_the_study_and_a_second_run_loads_nothing(self):
        result = in_sandbox(self, MINIMAL, MINIMAL)
        self.assertEqual(result.code, 0, result)
        self.assertEqual(result.stdout, f"Loaded {len(study_lines())} rows\nLoaded 0 rows\n")
        self.assert_nothing_temporary()

    def test_example_with_options_loads_the_study_and_writes_a_manifest(self):
        manifest = self.own / "manifest.jsonl"
        result = in_sandbox(self, WITH_OPTIONS.format(manifest=manifest))
        self.assertEqual(result.stdout, f"Loaded {len(study_lines())} rows\n", result)
        lines = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]
        self.assertEqual({tuple(line) for line in lines}, {tuple(MANIFEST_KEYS)})
        self.assertEqual([line["batch_id"] for line in lines], [f"MY_STUDY/records/{n}" for n in range(16)])
        self.assertEqual([line["row_count"] for line in lines], [1000] * 15 + [len(study_lines()) - 15000])
        for number, line in enumerate(lines):
            self.assertEqual(line["stage_path"], f"@MY_STAGE/imednet/prod/{line['hash']}/MY_STUDY_records_{number}.parquet")
            self.assertRegex(line["loaded_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$")
            self.assertEqual((line["table"], line["status"]), ("IMEDNET_DB.PUBLIC.RECORDS", "loaded"))
        totals = json.loads((self.own / "manifest.jsonl.run.json").read_text(encoding="utf-8"))
        self.assertEqual((totals["rows_loaded"], totals["files"], totals["reconciled"]), (len(study_lines()), 16, True))


class TheCommand(SandboxTest):
    def test_table_holds_as_many_rows_of_each_form_as_the_study(self):
        self.assert_loaded(self.export(), len(study_lines()))
        expected = collections.Counter(json.loads(line)["formKey"] for line in study_lines())
        self.assertEqual(dict(self.sandbox.rows(f"SELECT form_key, COUNT(*) FROM {self.table} GROUP BY 1")), dict(expected))

    def test_second_run_neither_puts_nor_copies(self):
        # A prefix of its own: what another test put under the common one would not be put again.
        first, second = (self.report("--stage-prefix", "imednet/once") for _ in range(2))
        self.assertEqual((first["rows_loaded"], second["rows_loaded"], second["rows_skipped"]), (len(study_lines()), 0, len(study_lines())))
        # Asking whether PUT is allowed names a file that is not there.
        kinds = [{text.split()[0].upper() for text in self.sandbox.statements_of(report["run_id"]) if "asking-whether-put" not in text}
                 for report in (first, second)]
        self.assertLessEqual({"PUT", "LIST", "COPY", "INSERT"}, kinds[0])
        self.assertGreater(len(kinds[1]), 0)
        self.assertFalse({"PUT", "LIST", "COPY", "INSERT", "DELETE", "MERGE"} & kinds[1], kinds[1])

    def test_limits_of_statements_and_queue_reach_the_session(self):
        report = self.report("--statement-timeout", "90", "--queue-timeout", "600")
        session = [text for text in self.sandbox.statements_of(report["run_id"]) if text.startswith("ALTER SESSION SET TIMEZONE")]
        self.assertEqual(len(session), 1)
        self.assertIn(" STATEMENT_TIMEOUT_IN_SECONDS = 90 STATEMENT_QUEUED_TIMEOUT_IN_SECONDS = 600", session[0])
        report = self.report()
        self.assertFalse([text for text in self.sandbox.statements_of(report["run_id"]) if "TIMEOUT_IN_SECONDS" in text])

    def test_sign_in_that_nobody_answers_ends_with_its_time_out(self):
        started = time.monotonic()
        result = self.export("--login-timeout", "2", "--max-retries", "0", environment=self.environment(SNOWFLAKE_PORT="1"))
        self.assert_exit(result, 13, "cannot connect", "hint: ")
        self.assertLess(time.monotonic() - started, 15)  # 30 s without the flag

    def test_report_has_the_documented_keys_and_is_all_there_is_on_stdout(self):
        result = self.export("--output", "json", "--batch-size", "5000")
        report = json.loads(result.stdout)
        self.assertLessEqual(set(REPORT_KEYS), set(report))
        expected = {"study": "MY_STUDY", "mode": "auto", "rows_read": len(study_lines()), "rows_loaded": len(study_lines()), "rows_skipped": 0,
                    "files": 4, "batches": 4, "exit": 0, "reconciled": True, "paging": "keyset"}
        self.assertEqual({key: report[key] for key in expected}, expected)
        self.assertEqual(report["bytes_staged"], sum(batch["bytes"] for batch in report["batch_reports"]))
        self.assertGreater(report["seconds"], 0)

    def test_typed_password_earns_a_warning_and_dash_takes_it_from_the_environment(self):
        typed, dash = self.export(), self.export(password="-")
        self.assertIn("warning: a password on the command line", typed.stderr)
        self.assertNotIn("warning: a password", dash.stderr)
        self.assert_loaded(dash, 0)
        self.assertNotIn(self.sandbox.snowflake["password"], typed.stdout + typed.stderr + dash.stdout + dash.stderr)

    def test_flags_for_the_endpoint_win_over_the_environment(self):
        where = self.sandbox.snowflake
        environment = self.environment(SNOWFLAKE_HOST="127.0.0.1", SNOWFLAKE_PORT="1", SNOWFLAKE_PROTOCOL="https")
        self.assert_loaded(self.export("--host", where["host"], "--port", where["port"], "--protocol", "http", environment=environment),
                           len(study_lines()))

    def test_progress_on_a_pipe_is_silent_unless_asked_for_as_json(self):
        quiet = self.export("--quiet", password="-")
        self.assertEqual((quiet.stdout, quiet.stderr), (f"Loaded {len(study_lines())} rows\n", ""))
        shown = self.export("--quiet", "--progress", "json", password="-")
        steps = [json.loads(line) for line in shown.stderr.splitlines()]
        self.assertGreater(len(steps), 0, shown)
        self.assertIn("reading", {step["step"] for step in steps})


class WithoutAnyAccount(unittest.TestCase):
    """No network, no key, no driver: the environment holds nothing of ours, and nothing listens where the host points."""

    def imednet(self, *arguments, **variables):
        return run([harness.BIN / "imednet", *arguments], plain_environment(SNOWFLAKE_HOST="127.0.0.1", SNOWFLAKE_PORT="1", **variables))

    def test_help_is_given(self):
        for arguments in (["--help"], ["export", "--help"], ["export", "snowflake", "--help"], ["records", "list", "--help"]):
            result = self.imednet(*arguments)
            self.assertEqual((result.code, result.stderr), (0, ""), arguments)
        text = self.imednet("export", "snowflake", "--help").stdout
        for word in ("STUDY", "ACCOUNT", "USER", "PASSWORD", "DATABASE", "SCHEMA", "WAREHOUSE", "STAGE", "TABLE", "--stage-prefix", "--batch-size",
                     "--manifest-path", "--force-reload", "--local-staging-dir", "--mode", "--max-retries", "--retry-backoff"):
            self.assertIn(word, text)
        positions = re.findall(r"^  ([A-Z]+) ", text, re.MULTILINE)
        self.assertEqual(positions, ["STUDY", "ACCOUNT", "USER", "PASSWORD", "DATABASE", "SCHEMA", "WAREHOUSE", "STAGE", "TABLE"])

    def test_version_names_libraries_and_driver(self):
        result = self.imednet("--version")
        self.assertEqual(result.code, 0)
        for pattern in (r"^imednet \d+\.\d+\.\d+$", r"\barrow \d+", r"\blibcurl \d+", r"^ADBC driver snowflake: /"):
            self.assertRegex(result.stdout, re.compile(pattern, re.MULTILINE))

    def test_without_a_command_or_with_an_unknown_one_it_is_usage(self):
        for arguments in ([], ["exprot"], ["export"], ["export", "elsewhere"]):
            result = self.imednet(*arguments)
            self.assertEqual((result.code, result.stdout), (2, ""), result)
            self.assertRegex(result.stderr, r"\Aimednet: error: cannot understand the command line: .+\nhint: imednet.* --help .+\n\Z")

    def test_what_is_typed_in_the_wrong_place_is_not_said_again(self):
        result = self.imednet("export", "snowflake", *(["made-up"] * 9), "made-up-secret", "--passwort=made-up-secret")
        self.assertEqual(result.code, 2)
        self.assertIn("--passwort", result.stderr)
        self.assertNotIn("made-up-secret", result.stderr)


if __name__ == "__main__":
    harness.main()
