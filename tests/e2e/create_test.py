#!/usr/bin/env python3
"""Records on their way to iMednet: checked before, sent once whatever happens to the answer, and waited for."""
import http.server
import json
import re
import signal
import subprocess
import threading
import time

import harness
from harness import SandboxTest, run, wait_until

SUBJECT = "701-1015"
AE = {"formKey": "AE", "subjectKey": SUBJECT, "data": {"IT.AETERM": "Headache", "AELLTCD": 7, "IT.AESTDAT": "2014-01-03"}}


class Created(SandboxTest):
    """What the tests of this file share: the command, and what the sandbox then holds."""
    options = ("--allow-faults",)

    def setUp(self):
        super().setUp()
        self.sandbox.control("DELETE", "/sandbox/requests")

    def imednet(self, *words, stdin=None, **variables):
        return run([harness.BIN / "imednet", *words], self.sandbox.environment(**variables), stdin=stdin)

    def create(self, records, *options, **variables):
        text = records if isinstance(records, str) else json.dumps(records)
        return self.imednet("records", "create", "MY_STUDY", "-", *options, stdin=text.encode(), **variables)

    def elements(self, resource, filter_text):
        result = self.imednet(resource, "list", "MY_STUDY", "--filter", filter_text)
        self.assertEqual(result.code, 0, result)
        return [json.loads(line) for line in result.stdout.splitlines()]

    def marked(self, mark):
        """How many records have that answer; whoever sent it made it up for this."""
        return sum(record["recordData"].get("IT.AETERM") == mark for record in self.elements("records", f"formKey==AE;subjectKey=={SUBJECT}"))

    def requests(self, method):
        return [request for request in self.sandbox.control("GET", "/sandbox/requests")["requests"] if request["method"] == method]

    def fault(self, do, **match):
        self.sandbox.control("POST", "/sandbox/orders", {"match": {"path_contains": "/records", "method": "POST", **match}, "do": do})


class Taken(Created):
    def test_a_subject_is_registered_and_seen(self):
        before = {subject["subjectId"] for subject in self.elements("subjects", "siteId==702")}
        result = self.create({"formKey": "DM", "siteName": "Site 702", "data": {"IT.AGE": 63, "IT.SEX": "Female"}}, "--wait", "--interval", "0.1")
        self.assertEqual(result.code, 0, result)
        self.assertEqual(json.loads(result.stdout)["state"], "completed")
        self.assertRegex(result.stderr, r"^imednet: sent 1 record: register_subject 1; to see how it ends: imednet jobs wait MY_STUDY \S+\n$")
        new = [subject for subject in self.elements("subjects", "siteId==702") if subject["subjectId"] not in before]
        self.assertEqual(len(new), 1)
        records = self.elements("records", f"subjectKey=={new[0]['subjectKey']}")
        self.assertEqual([(record["formKey"], record["recordData"]) for record in records], [("DM", {"IT.AGE": 63, "IT.SEX": "Female"})])

    def test_a_scheduled_record_is_updated_and_a_new_one_is_made(self):
        there = self.elements("records", f"formKey==DM;subjectKey=={SUBJECT}")
        records = [{"formKey": "DM", "subjectKey": SUBJECT, "intervalName": "Screening 1", "data": {"COUNTRY": "CAN"}}, AE]
        text = "\n".join(map(json.dumps, records))
        path = self.own / "records.ndjson"
        path.write_text(text, encoding="utf-8")
        result = self.imednet("records", "create", "MY_STUDY", path, "--wait", "--interval", "0.1")
        self.assertEqual(result.code, 0, result)
        self.assertIn("sent 2 records: update_scheduled_record 1, new_record 1", result.stderr)
        now = self.elements("records", f"formKey==DM;subjectKey=={SUBJECT}")
        self.assertEqual([record["recordId"] for record in now], [record["recordId"] for record in there])
        self.assertEqual({name.upper(): value for name, value in now[0]["recordData"].items()}["COUNTRY"], "CAN")
        self.assertEqual(self.marked("Headache"), 1)

    def test_a_job_is_asked_for_by_the_id_that_was_told(self):
        result = self.create({**AE, "data": {"IT.AETERM": "asked for"}})
        self.assertEqual((result.code, json.loads(result.stdout)["state"]), (0, "created"), result)
        words = re.search(r"imednet (jobs wait MY_STUDY \S+)\n", result.stderr).group(1).split()
        self.assertEqual(json.loads(self.imednet("jobs", "status", *words[2:]).stdout)["state"], "running")
        waited = self.imednet(*words, "--interval", "0.1")
        self.assertEqual((waited.code, json.loads(waited.stdout)["state"], waited.stderr), (0, "completed", ""), waited)
        self.assert_exit(self.imednet("jobs", "status", "MY_STUDY", "no-such-job"), 12, "404")

    def test_a_job_that_fails_is_an_error_of_its_own(self):
        records = {"formKey": "AE", "subjectKey": "nobody", "data": {"IT.AETERM": "x"}}  # whether the subject is there is not checked
        result = self.create(records, "--wait", "--interval", "0.1")
        self.assert_exit(result, 3, "cannot store the records: iMednet ended the job ", " as failed", "before any is sent again")
        self.assertEqual(json.loads(result.stdout)["state"], "failed")
        batch_id = json.loads(result.stdout)["batchId"]
        self.assertEqual([self.imednet("jobs", word, "MY_STUDY", batch_id).code for word in ("status", "wait")], [3, 3])

    def test_waiting_ends_and_the_job_goes_on(self):
        self.sandbox.control("POST", "/sandbox/orders", {"match": {"path_contains": "/jobs/", "times": 0},
                                                         "do": {"status": 200, "body": '{"batchId":"b","state":"RUNNING"}'}})
        result = self.create(AE, "--wait", "--timeout", "0.5", "--interval", "0.1")
        self.assert_exit(result, 14, "it is RUNNING after", "hint: the records were sent and the job goes on: imednet jobs wait MY_STUDY ")
        waited = self.imednet("jobs", "wait", "MY_STUDY", "b", "--timeout", "0.3", "--interval", "60")
        self.assert_exit(waited, 12, "hint: the job goes on: imednet jobs wait MY_STUDY b\n")
        self.sandbox.clear_orders()
        self.sandbox.control("POST", "/sandbox/orders", {"match": {"path_contains": "/jobs/", "times": 0}, "do": {"status": 403}})
        self.assert_exit(self.create(AE, "--wait"), 14, "HTTP 403", "hint: the records were sent and the job goes on: imednet jobs wait")

    def test_what_was_done_at_once_has_no_job(self):
        self.fault({"status": 200, "body": "[]"})
        result = self.create(AE, "--wait")
        self.assertEqual((result.code, result.stdout), (0, "{}\n"), result)
        self.assertIn("iMednet did all of it at once", result.stderr)
        self.fault({"status": 202, "body": '[{"jobId":null,"batchId":null,"state":"created"}]'})
        self.assert_exit(self.create(AE, "--wait"), 14, "iMednet gave no batch id to ask by", "look whether the records are there")

    def test_an_address_is_told_by_a_header(self):
        seen = []

        class Peer(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                seen.append((self.path, self.headers["x-email-notify"], self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(202)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"[]")

            def log_message(self, *_):
                pass

        with http.server.HTTPServer(("127.0.0.1", 0), Peer) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            address = f"http://127.0.0.1:{server.server_port}"
            result = self.create(AE, "--no-check", "--email-notify", "someone@example.org", IMEDNET_BASE_URL=address)
            self.assertEqual(result.code, 0, result)
            self.assert_exit(self.create(AE, "--no-check", "--email-notify", "a@b\r\nx: y", IMEDNET_BASE_URL=address), 2, "no e-mail address")
            server.shutdown()
        self.assertEqual([(path, email, json.loads(body)) for path, email, body in seen],
                         [("/api/v1/edc/studies/MY_STUDY/records", "someone@example.org", [AE])])

    def test_the_example_registers_a_subject(self):
        def example(*words):
            return run([harness.BIN / "example_create", *words], self.sandbox.environment())

        self.assertRegex(repr(example("DM", "Site 703", "IT.AGE", "63")), r"^exit 0\n--- stdout\njob \S+: completed\n--- stderr\n$")
        refused = example("DM", "Site 703", "IT.AGE", "sixty")
        self.assertEqual((refused.code, refused.stderr), (2, "record 1 IT.AGE: the answer is no number; a number, or a text that is one, such as 37.5\n"))
        self.assertEqual(example("DM", "no such site", "IT.AGE", "63").code, 3)


class Checked(Created):
    def test_all_findings_are_said_and_nothing_is_sent(self):
        secret = "QQ-an-answer"
        records = [{"formKey": "AE", "subjectKey": SUBJECT, "data": {"it.aeterm": secret, "AELLTCD": secret, "IT.AESTDAT": secret, "PULSE": 80}},
                   AE,
                   {"formKey": "ae", "subjectKey": SUBJECT, "data": {"IT.AETERM": secret}}]
        result = self.create(records)
        self.assert_exit(result, 2, "record 1, it.aeterm: form AE has no such variable; did you mean IT.AETERM?\n",
                         "record 1, AELLTCD: the answer is no number; ", "record 1, IT.AESTDAT: the answer is no date; ",
                         "record 1, PULSE: form AE has no such variable, it is one of form VS; ", "record 3: the study has no form ae; did you mean AE?\n",
                         "error: cannot send the records: 2 of 3 are not as the study has it; nothing was sent\n", "--no-check")
        self.assertEqual((result.stdout, self.requests("POST"), secret in result.stderr), ("", [], False))

    def test_a_dry_run_counts_and_sends_nothing(self):
        result = self.create([AE, AE, {"formKey": "DM", "siteId": 701, "data": {"IT.AGE": "63"}}], "--dry-run", "--wait")
        self.assertEqual((result.code, result.stdout), (0, ""), result)
        self.assertEqual(result.stderr, "imednet: would send 3 records: register_subject 1, new_record 2; nothing was sent\n")
        self.assert_exit(self.create({"formKey": "AE", "subjectKey": "1", "data": {"X": "1"}}, "--dry-run"), 2, "record 1, X: ")
        unchecked = self.create(AE, "--dry-run", "--no-check", IMEDNET_API_KEY="")
        self.assertEqual((unchecked.code, unchecked.stderr), (0, "imednet: would send 1 record: new_record 1; nothing was checked or sent\n"))
        self.assertEqual(self.requests("POST"), [])

    def test_without_the_check_the_records_go_as_they_are(self):
        result = self.create({**AE, "data": {"IT.AETERM": "unchecked", "NOBODY": "1"}}, "--no-check")
        self.assertEqual((result.code, self.marked("unchecked")), (0, 1), result)
        self.assertEqual([request["target"].split("/")[-1] for request in self.requests("POST")], ["records"])
        self.assert_exit(self.create({"formKey": "AE", "subjectKey": "1", "data": {}}, "--no-check"), 2, "record 1 of those given: it has no answers")

    def test_what_holds_no_record_is_usage(self):
        for text in ("", "[]", " \n"):
            self.assert_exit(self.create(text), 2, "cannot send records: standard input holds none")
        self.assert_exit(self.create("{"), 2, "it is no JSON")
        self.assert_exit(self.create('{"\\u001b[2J":1}'), 2, "it has a member  [2J that iMednet does not take")
        self.assert_exit(self.create(AE, "--timeout", "1"), 2, "--timeout requires --wait")
        self.assert_exit(self.create('{"formKey":"AE","subjectKey":"1","data":{"N":0.12345678901234567890}}'), 2, "send it as a text")
        self.assert_exit(self.imednet("records", "create", "MY_STUDY", self.own), 2, f"cannot read {self.own}")
        self.assert_exit(self.imednet("records", "create", "MY_STUDY", self.own / "none"), 2, "cannot read ")
        self.assert_exit(self.imednet("records", "create", "NO_STUDY", "-", stdin=json.dumps(AE).encode()), 12, "403")
        self.assertEqual(self.requests("POST"), [])

    def test_records_of_the_sample_pass_but_for_dates_that_lack_a_day(self):
        texts = [json.loads(line) for line in harness.study_lines()]
        records = [{"formKey": record["formKey"], "subjectKey": record["subjectKey"],
                    "data": {name.upper(): answer for name, answer in record["recordData"].items()}} for record in texts]
        partial = [number for number, record in enumerate(records, 1) if re.fullmatch(r"\d{4}(-\d\d)?", record["data"].get("IT.AESTDAT", ""))]
        self.assertEqual(len(partial), 11)
        result = self.create(records, "--dry-run")
        self.assert_exit(result, 2, f"11 of {len(texts)} are not as the study has it")
        self.assertEqual([int(number) for number in re.findall(r"record (\d+), IT.AESTDAT: the answer is no date;", result.stderr)], partial)
        self.assertEqual(len(result.stderr.splitlines()), 11 + 2)
        whole = [record for number, record in enumerate(records, 1) if number not in partial]
        self.assertEqual(self.create(whole, "--dry-run").code, 0)


# What happens to the answer; whether the records are taken all the same; how often they may be sent. All of these are in doubt.
DOUBTS = {
    "the connection ends in place of the answer": ({"drop": True}, 1),
    "the answer is cut": ({"cut_body_after": 5}, 1),
    "the answer is cut before its first byte": ({"cut_body_after": 0}, 1),
    "the answer comes late": ({"delay_ms": 2_000}, 1),
    "no answer ever comes": ({"hang": True}, 0),
    "500": ({"status": 500}, 0),
    "503 that names a time": ({"status": 503, "retry_after": "1"}, 0),
    "504": ({"status": 504}, 0),
    "408": ({"status": 408}, 0),
    "a redirect": ({"redirect": {"to": "http://127.0.0.1:1/"}}, 0),
    "a gateway's page": ({"html_200": True}, 0),
    "an error inside a success": ({"error_in_200": True}, 0),
    "an empty object": ({"empty_object_200": True}, 0),
}


class InDoubt(Created):
    def test_what_may_have_arrived_is_sent_once_and_said(self):
        for number, (name, (do, taken)) in enumerate(DOUBTS.items()):
            with self.subTest(name):
                self.sandbox.clear_orders()
                self.sandbox.control("DELETE", "/sandbox/requests")
                self.fault(do)
                # The check before it leaves a connection open, which libcurl would use again.
                result = self.create({**AE, "data": {"IT.AETERM": f"doubt {number}"}}, "--wait", IMEDNET_TIMEOUT=1)
                self.assert_exit(result, 14, "hint: look whether the records are there before they are sent again\n")
                self.assertEqual(result.stdout, "")
                self.sandbox.clear_orders()
                if taken:
                    wait_until("the records are there", lambda n=number: self.marked(f"doubt {n}") > 0, timeout=10)
                self.assertEqual((self.marked(f"doubt {number}"), len(self.requests("POST"))), (taken, 1))

    def test_a_refusal_for_too_many_is_waited_for_and_sent_again(self):
        self.fault({"status": 429, "retry_after": "1"})
        started = time.monotonic()
        self.assertEqual(self.create({**AE, "data": {"IT.AETERM": "too many"}}).code, 0)
        self.assertGreater(time.monotonic() - started, 1)
        self.assertEqual((self.marked("too many"), len(self.requests("POST"))), (1, 2))

    def test_a_refusal_is_no_doubt(self):
        for do, text in (({"status": 400}, "HTTP 400"), ({"status": 401}, "HTTP 401"), ({"status": 409}, "HTTP 409"),
                         ({"status": 429, "retry_after": "0"}, "HTTP 429"), ({"redirect": {"to": "/"}, "status": 308}, "HTTP 308")):
            self.sandbox.clear_orders()
            self.fault(do, times=0)
            self.assert_exit(self.create({**AE, "data": {"IT.AETERM": "refused"}}), 12, text)
        self.sandbox.clear_orders()
        self.assertEqual(self.marked("refused"), 0)

    def test_a_stop_is_a_doubt_after_sending_and_names_the_job_while_it_is_waited_for(self):
        self.fault({"hang": True})
        for path, sent, code, text in (("/records", 1, 14, "before they are sent again"), ("/jobs/", 1, 130, "the job goes on: imednet jobs wait")):
            with self.subTest(path):
                self.sandbox.control("DELETE", "/sandbox/requests")
                if path == "/jobs/":
                    self.sandbox.control("POST", "/sandbox/orders", {"match": {"path_contains": path}, "do": {"hang": True}})
                process = subprocess.Popen([harness.BIN / "imednet", "records", "create", "MY_STUDY", "-", "--wait"], stdin=subprocess.PIPE,
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.sandbox.environment())
                process.stdin.write(json.dumps(AE).encode())
                process.stdin.close()
                wait_until("it waits", lambda p=path: any(p in request["target"] and request["status"] == 0
                                                          for request in self.sandbox.control("GET", "/sandbox/requests")["requests"]))
                process.send_signal(signal.SIGINT)
                self.assertEqual(process.wait(timeout=30), code)
                self.assertIn(text, process.stderr.read().decode())
                process.stdout.close()
                process.stderr.close()
                self.assertEqual(len(self.requests("POST")), sent)


if __name__ == "__main__":
    harness.main()
