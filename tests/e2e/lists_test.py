#!/usr/bin/env python3
"""Every resource as a list, in every output, as a person and as a program read it; and one subject on one screen."""
import csv
import fcntl
import io
import json
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time
import unicodedata
import unittest

import duckdb

import harness
from harness import SandboxTest, needs_terminal, run, wait_until, write_study

STUDY, LONG = "ODD", "LONG"
RECORDS = 1300  # of LONG: three pages
# What a cell must not become on its way into a CSV file, and must not do to a terminal.
ODD = ["-1.5", "=1+1", "+x", "@y", 'she said "no"', "two\nlines", "two\r\nlines", "0012", None, "", ",", "  blanks  ", "\x1b[2Jcleared", "\x9b31mred", "\u202egnitirw",
       "\u2028", "\ufeffmark", "日本語の患者さん", "e\u0301te\u0301", "👍", "#c", "NULL", "\\N", "'q", "\t=1", "x" * 300]
IDS = {"sites": "siteId", "forms": "formId", "intervals": "intervalId", "variables": "variableId", "subjects": "subjectId", "visits": "visitId", "records": "recordId",
       "recordRevisions": "recordRevisionId", "queries": "annotationId", "codings": "codingId", "users": "userId"}
TEXTS = {"sites": "siteName", "forms": "formName", "intervals": "intervalName", "variables": "label", "subjects": "subjectStatus", "visits": "visitDateForm",
         "records": "recordStatus", "recordRevisions": "reasonForChange", "queries": "description", "codings": "value", "users": "lastName"}
COMMANDS = {name: re.sub("[A-Z]", lambda letter: "-" + letter[0].lower(), name) for name in IDS}
FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def elements(name):
    made = [{"studyKey": STUDY, IDS[name]: n + 1, TEXTS[name]: text, "newField": f"new {n}"} for n, text in enumerate(ODD)]
    if name == "users":
        made = [{**{key: value for key, value in one.items() if key != "studyKey"}, "userId": f"u-{one['userId']:03}", "userActiveInStudy": True} for one in made]
    return made


def display_width(text):
    return sum(0 if unicodedata.category(letter) in ("Mn", "Me") else 2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def subject_elements():
    """One subject with visits out of order, records of three forms, queries that are open, closed and silent; and somebody else."""
    def comment(sequence, closed):
        return {"sequence": sequence, "annotationStatus": "said", "user": "jane", "comment": "made up", "closed": closed, "date": "2026-01-02 00:00:00"}

    who = {"studyKey": LONG, "subjectId": 7, "subjectKey": "S 001"}
    other = {"studyKey": LONG, "subjectId": 8, "subjectKey": "S 002"}
    return {
        "subjects": [{**who, "subjectStatus": "Enrolled", "siteName": "Site\x1b[2J", "deleted": False, "enrollmentStartDate": "2026-01-01 00:00:00",
                      "keywords": [{"keywordName": "Diabetic", "keywordKey": "dia", "keywordId": 1}]}, {**other, "subjectStatus": "Screened"}],
        "forms": [{"studyKey": LONG, "formId": 2, "formKey": "VS", "formName": "Vital signs"}, {"studyKey": LONG, "formId": 3, "formKey": "AE", "formName": "Adverse events"}],
        "visits": [{**who, "visitId": 1, "intervalName": "Planned", "dueDate": "2026-03-01"}, {**who, "visitId": 2, "intervalName": "Second", "visitDate": "2026-02-01"},
                   {**who, "visitId": 3, "intervalName": "First", "visitDate": "2026-01-05", "deleted": True}, {**other, "visitId": 4, "intervalName": "Not hers", "visitDate": "2026-01-01"}],
        "queries": [{**who, "annotationId": 1, "annotationType": "Manual", "description": "still open", "recordId": 1, "variable": "n", "queryComments": [comment(2, False), comment(1, True)]},
                    {**who, "annotationId": 2, "description": "long closed", "queryComments": [comment(1, False), comment(2, True)]},
                    {**who, "annotationId": 3, "description": "never said", "queryComments": []},
                    {**other, "annotationId": 4, "description": "not hers", "queryComments": [comment(1, False)]}],
    }


def long_records():
    made = []
    for n in range(1, RECORDS + 1):
        subject = {"subjectId": 7, "subjectKey": "S 001"} if n <= 12 else {"subjectId": 8, "subjectKey": "S 002"}
        made.append(json.dumps({"studyKey": LONG, "recordId": n, "formKey": "VS" if n % 3 else "AE", "recordStatus": "Complete" if n % 2 else "Incomplete", "deleted": n == 9,
                                "visitId": 2, "dateModified": f"2026-01-{n % 27 + 1:02} 00:00:00", **subject, "recordData": {"n": "secret answer"}}))
    return made


class ListsTest(SandboxTest):
    """One sandbox with two made-up studies for all."""

    @classmethod
    def setUpClass(cls):
        studies = pathlib.Path(tempfile.mkdtemp(prefix="imednet-e2e-studies-"))
        cls.addClassCleanup(shutil.rmtree, studies, True)
        odd = write_study(studies / "odd", STUDY, [json.dumps(one, ensure_ascii=False) for one in elements("records")],
                          {name: elements(name) for name in IDS if name != "records"})
        long = write_study(studies / "long", LONG, long_records(), subject_elements())
        cls.options = ["--allow-faults", "--studies", odd, "--studies", long, "--synthetic", "MANY:20000"]
        super().setUpClass()

    def setUp(self):
        super().setUp()
        self.sandbox.control("DELETE", "/sandbox/requests")

    def imednet(self, *arguments, environment=None):
        return run([harness.BIN / "imednet", *arguments], environment or self.environment())

    def targets(self):
        """Requests since the test began, as path and query."""
        return [one["target"] for one in self.sandbox.control("GET", "/sandbox/requests")["requests"]]

    def rows_of(self, *arguments):
        result = self.imednet(*arguments)
        self.assertEqual((result.code, result.stderr), (0, ""), result)
        return result.stdout


class Terminal:
    """A program at a pseudo terminal of that many columns; `text`: all that it wrote there."""

    def __init__(self, arguments, columns, environment, other_error=None):
        reader, terminal = os.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen([str(part) for part in arguments], stdin=terminal, stdout=terminal, stderr=other_error or terminal, env=environment)
        os.close(terminal)
        shown = b""
        try:
            while part := os.read(reader, 65536):
                shown += part
        except OSError:  # nobody writes there any more
            pass
        os.close(reader)
        self.code = process.wait(timeout=harness.WAIT_S)
        self.text = shown.decode("utf-8").replace("\r\n", "\n")
        self.lines = self.text.splitlines()


class EveryResource(ListsTest):
    def test_each_output_shows_all_elements_of_each_resource(self):
        for name, command in COMMANDS.items():
            with self.subTest(name):
                there = elements(name)
                if name == "codings":
                    there.sort(key=lambda one: str(one["codingId"]))  # texts with some tenants, so the sample API sorts them as such
                wanted = [(str(one[IDS[name]]), one[TEXTS[name]]) for one in there]
                fields = ("--fields", f"{IDS[name]},{TEXTS[name]}")
                whole = [json.loads(line) for line in self.rows_of(command, "list", STUDY).split("\n")[:-1]]
                self.assertEqual(whole, there, "each element as it was sent")
                self.assertEqual(json.loads(self.rows_of(command, "list", STUDY, "--output", "json")), whole)
                chosen = json.loads(self.rows_of(command, "list", STUDY, "--output", "json", *fields))
                self.assertEqual([(str(one[IDS[name]]), one[TEXTS[name]]) for one in chosen], wanted)
                table = self.rows_of(command, "list", STUDY, "--output", "table", *fields).split("\n")
                self.assertEqual(len(table), len(ODD) + 2)
                self.assertEqual(table[0].split(), [IDS[name], TEXTS[name]])
                self.assertEqual(FORBIDDEN.findall("\n".join(table)), [])
                rows = list(csv.reader(io.StringIO(self.rows_of(command, "list", STUDY, "--output", "csv", *fields), newline="")))
                self.assertEqual(rows[1:], [[number, text or ""] for number, text in wanted])

    def test_studies(self):
        self.assertEqual([json.loads(line)["studyKey"] for line in self.rows_of("studies", "list").splitlines()], [LONG, "MANY", STUDY])
        self.assertEqual(self.rows_of("studies", "list", "--output", "csv", "--fields", "study_key"), f"study_key\n{LONG}\nMANY\n{STUDY}\n")

    def test_filters_and_sorts_are_the_apis(self):
        self.assertEqual(self.rows_of("records", "list", LONG, "--filter", "recordId>1298", "--fields", "recordId"), '{"recordId":1299}\n{"recordId":1300}\n')
        self.assertEqual(len(self.rows_of("records", "list", LONG, "--data-filter", "n==nothing").splitlines()), 0)
        for sort in ("record_id,desc", "recordId,desc"):
            self.assertEqual(self.rows_of("records", "list", "--sort", sort, LONG, "--limit", 1, "--fields", "recordId"), '{"recordId":1300}\n')
        self.rows_of("sites", "list", "--sort", "site_name", STUDY)
        self.assertIn("sort=siteName%2Casc&sort=siteId%2Casc", self.targets()[-1])
        self.rows_of("users", "list", STUDY, "--include-inactive")
        self.assertIn("includeInactive=true", self.targets()[-1])

    def test_what_is_no_field_is_a_usage_error_that_names_the_near_one(self):
        for asked, near in (("sitename,siteId", "siteName"), ("site_nmae", "siteName")):
            result = self.imednet("sites", "list", "--fields", asked, STUDY, "--output", "csv")
            self.assert_exit(result, 2, f"did you mean {near}?", "fields: studyKey, siteId, siteName")
            self.assertEqual(result.stdout, "")
        self.assertNotIn("did you mean", self.imednet("sites", "list", STUDY, "--fields", "weather").stderr)

    def test_fields_that_no_model_knows_can_be_chosen(self):
        self.assertEqual(self.rows_of("sites", "list", STUDY, "--limit", 2, "--output", "csv", "--fields", "new_field,siteId,site_id"), "new_field,site_id\nnew 0,1\nnew 1,2\n")
        self.assertEqual(self.rows_of("sites", "list", STUDY, "--filter", "siteId==999", "--output", "csv", "--fields", "newField"), "new_field\n")

    def test_deadline(self):
        self.sandbox.order({"delay_ms": 120_000}, path_contains="/sites")
        begun = time.monotonic()
        self.assert_exit(self.imednet("sites", "list", STUDY, "--deadline", "0.2"), 12, "deadline")
        self.assertLess(time.monotonic() - begun, 60)


class Csv(ListsTest):
    def test_no_value_is_altered(self):
        text = self.rows_of("sites", "list", STUDY, "--output", "csv", "--fields", "siteId,siteName,siteEnrollmentStatus")
        self.assertEqual([row[1] for row in list(csv.reader(io.StringIO(text, newline="")))[1:]], [value or "" for value in ODD])
        file = self.own / "sites.csv"
        file.write_text(text, encoding="utf-8", newline="")
        found = duckdb.execute("SELECT site_name FROM read_csv(?, header=true, all_varchar=true, delim=',', quote='\"', escape='\"', allow_quoted_nulls=false, comment='')", [str(file)])
        self.assertEqual([value for value, in found.fetchall()], ODD)

    def test_columns_of_records(self):
        header = self.rows_of("records", "list", LONG, "--output", "csv", "--limit", 1).split("\n")[0]
        self.assertEqual(header, "record_id,study_key,interval_id,form_id,form_key,site_id,record_oid,record_type,record_status,deleted,date_created,date_modified,"
                                 "subject_id,subject_oid,subject_key,visit_id,parent_record_id,keywords,record_data")

    def test_a_null_alone_is_no_empty_line(self):
        text = self.rows_of("sites", "list", STUDY, "--output", "csv", "--fields", "siteName")
        self.assertEqual([row for row in csv.reader(io.StringIO(text, newline=""))][1:], [[value or ""] for value in ODD])

    def test_spreadsheet_guards_formulas_and_nothing_else(self):
        rows = list(csv.reader(io.StringIO(self.rows_of("sites", "list", STUDY, "--output", "csv", "--fields", "siteName", "--spreadsheet"), newline="")))[1:]
        wanted = [f"'{value}" if value in ("=1+1", "+x", "@y", "\t=1") else value or "" for value in ODD]
        self.assertEqual([value for value, in rows], wanted)
        self.assert_exit(self.imednet("sites", "list", STUDY, "--output", "json", "--spreadsheet"), 2, "--output csv")


class Tables(ListsTest):
    def at(self, columns, *arguments, **environment):
        return Terminal([harness.BIN / "imednet", *arguments], columns, self.environment(TERM="xterm", **environment))

    @needs_terminal
    def test_a_table_fits_the_terminal_and_says_nothing_to_it(self):
        for columns in (1, 7, 20, 40, 80, 200, 400):
            shown = self.at(columns, "sites", "list", STUDY, NO_COLOR=1)
            self.assertEqual(shown.code, 0)
            *table, count = shown.lines
            self.assertEqual(len(table), len(ODD) + 1)
            self.assertLessEqual(max(map(display_width, table)), columns)
            self.assertEqual(FORBIDDEN.findall(shown.text), [])
            self.assertTrue(count.startswith(f"({len(ODD)} rows"), count)
        self.assertIn("x" * 300, table[-1], "what has room is not cut")
        self.assertIn("\\u202egnitirw", shown.text)
        self.assertIn("…", self.at(40, "sites", "list", STUDY).text)
        self.assertIn("no room for the last 2 of the columns", self.at(20, "sites", "list", STUDY).lines[-1])

    @needs_terminal
    def test_a_terminal_that_does_not_know_its_width(self):
        for environment, columns in (({"COLUMNS": "30"}, 30), ({"COLUMNS": "nonsense"}, 80), ({"COLUMNS": ""}, 80)):
            shown = self.at(0, "sites", "list", STUDY, NO_COLOR=1, **environment)
            self.assertEqual(max(map(display_width, shown.lines)), columns, environment)

    @needs_terminal
    def test_numbers_stand_at_the_right_and_the_header_comes_once(self):
        shown = self.at(80, "records", "list", LONG, "--fields", "recordId,recordStatus", NO_COLOR=1)
        self.assertEqual(shown.lines[:2], ["recordId  recordStatus", "       1  Complete"])
        self.assertEqual(shown.lines[-2:], ["    1300  Incomplete", f"({RECORDS} rows)"])
        self.assertEqual(shown.text.count("recordId"), 1)

    @needs_terminal
    def test_colours_are_for_terminals_that_want_them(self):
        self.assertIn("\x1b[1msiteId", self.at(80, "sites", "list", STUDY).text)
        for setting in ({"NO_COLOR": "1"}, {"NO_COLOR": " "}, {"TERM": "dumb"}, {"TERM": ""}):
            shown = Terminal([harness.BIN / "imednet", "sites", "list", STUDY], 80, self.environment(**{"TERM": "xterm", **setting}))
            self.assertNotIn("\x1b", shown.text, setting)
            self.assertIn("siteId", shown.text)
        self.assertIn("\x1b", self.at(80, "sites", "list", STUDY, NO_COLOR="").text)
        self.assertNotIn("\x1b", self.rows_of("sites", "list", STUDY, "--output", "table"))

    @needs_terminal
    def test_a_pipe_gets_elements_and_no_count(self):
        result = self.imednet("sites", "list", STUDY, "--limit", 1)
        self.assertEqual((json.loads(result.stdout), result.stderr), (elements("sites")[0], ""))


class Ends(ListsTest):
    def test_limit_asks_for_no_page_too_many(self):
        for limit, requests in ((1, 1), (10, 1), (500, 1), (1000, 4), (1001, 5)):  # above one page: the highest id, whether filters are heard, pages by id
            self.sandbox.control("DELETE", "/sandbox/requests")
            self.assertEqual(len(self.rows_of("records", "list", LONG, "--limit", limit).splitlines()), limit)
            self.assertEqual(len(self.targets()), requests, self.targets())
            self.assertIn(f"size={min(limit, 500)}", self.targets()[-1])
        self.sandbox.control("DELETE", "/sandbox/requests")
        self.assertEqual(len(self.rows_of("sites", "list", STUDY, "--limit", 3).splitlines()), 3)
        self.assertEqual(len(self.targets()), 1)
        self.assertEqual(len(self.rows_of("records", "list", LONG, "--limit", 2000).splitlines()), RECORDS)

    def test_a_reader_that_goes_away_ends_the_reading(self):
        process = subprocess.Popen([str(harness.BIN / "imednet"), "records", "list", "MANY"], env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertTrue(process.stdout.readline())
        process.stdout.close()
        self.assertEqual((process.wait(timeout=harness.WAIT_S), process.stderr.read()), (0, b""))
        process.stderr.close()
        self.assertLess(len(self.targets()), 10, "of the 40 pages of the study")

    def test_a_full_disk_is_told(self):
        for output in ("table", "json", "ndjson", "csv"):
            for arguments in (("records", "list", LONG), ("sites", "list", STUDY, "--limit", "1")):
                with open("/dev/full", "wb") as full:
                    done = subprocess.run([harness.BIN / "imednet", *arguments, "--output", output], env=self.environment(), stdout=full, stderr=subprocess.PIPE,
                                          timeout=harness.WAIT_S, check=False)
                self.assertEqual(done.returncode, 3, (output, arguments))
                self.assertIn(b"cannot write to standard output: No space left", done.stderr)

    def test_half_a_list_is_an_error_and_no_array(self):
        for output in ("json", "ndjson", "csv", "table"):
            self.sandbox.clear_orders()
            self.sandbox.order({"status": 404}, query_contains="recordId>500", times=0)
            result = self.imednet("records", "list", LONG, "--output", output)
            self.assert_exit(result, 12, "note: the list is not whole: 500 elements were printed")
            if output == "json":
                self.assertRaises(ValueError, json.loads, result.stdout)
            else:
                self.assertIn("500", result.stdout)

    def test_a_list_that_is_not_what_the_api_counts_is_an_error(self):
        self.sandbox.order({"wrong_total": 1}, path_contains="/sites", times=0)
        self.assert_exit(self.imednet("sites", "list", STUDY), 15)

    def test_interrupt(self):
        self.sandbox.order({"delay_ms": 120_000}, query_contains="recordId>500", times=0)
        with open(self.own / "out", "wb") as out:
            process = subprocess.Popen([str(harness.BIN / "imednet"), "records", "list", LONG], env=self.environment(), stdout=out, stderr=subprocess.PIPE)
            wait_until("the first page is printed", lambda: (self.own / "out").stat().st_size > 0)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=harness.WAIT_S)
        self.assertEqual(process.returncode, 130)
        self.assertIn(b"hint: run it again\n", said)


class OneSubject(ListsTest):
    def test_on_one_screen(self):
        self.assertEqual(self.rows_of("subject", LONG, "S 001"), SCREEN)
        self.assertEqual(len(self.targets()), 5, self.targets())
        self.assertEqual(sum("filter=subjectKey%3D%3D%22S%20001%22" in target for target in self.targets()), 4, self.targets())

    def test_as_json_without_answers(self):
        text = self.rows_of("subject", LONG, "S 001", "--output", "json")
        self.assertNotIn("secret answer", text)
        file = json.loads(text)
        wanted = subject_elements()
        self.assertEqual(file["subject"], wanted["subjects"][0])
        self.assertEqual(file["visits"], wanted["visits"][:3])
        self.assertEqual(file["queries"], wanted["queries"][:3])
        self.assertEqual([one["recordId"] for one in file["records"]], list(range(1, 13)))

    def test_nobody_else_is_shown_where_the_filter_is_ignored(self):
        for output in ("table", "json"):
            self.sandbox.clear_orders()
            self.sandbox.order({"ignore_filter": True}, path_contains=f"/studies/{LONG}/", times=0)
            text = self.rows_of("subject", LONG, "S 001", "--output", output)
            self.assertNotIn("S 002", text)
            self.assertNotIn("ot hers", text)

    def test_one_list_that_fails_or_is_late_fails_all(self):
        self.sandbox.order({"delay_ms": 120_000}, path_contains="/queries")
        begun = time.monotonic()
        result = self.imednet("subject", LONG, "S 001", "--deadline", "0.3")
        self.assert_exit(result, 12, "deadline")
        self.assertEqual(result.stdout, "")
        self.assertLess(time.monotonic() - begun, 60)
        self.sandbox.order({"wrong_total": 1}, path_contains="/visits", times=0)
        result = self.imednet("subject", LONG, "S 001")
        self.assert_exit(result, 15)
        self.assertEqual(result.stdout, "")

    def test_who_is_not_there(self):
        self.assert_exit(self.imednet("subject", LONG, "S 1"), 12, "there is none of that key", f"imednet subjects list {LONG}")
        self.assert_exit(self.imednet("subject", "NO_STUDY", "S 1"), 12, "check the study key")
        for key in ("", 'a"b'):
            self.assert_exit(self.imednet("subject", LONG, key), 2)

    @needs_terminal
    def test_fits_a_terminal(self):
        for columns in (30, 60, 100):
            shown = Terminal([harness.BIN / "imednet", "subject", LONG, "S 001"], columns, self.environment(TERM="xterm"))
            self.assertIn("\x1b[1mSubject S 001", shown.text)
            plain = re.sub(r"\x1b\[[01]m", "", shown.text)
            self.assertEqual(FORBIDDEN.findall(plain), [])
            self.assertLessEqual(max(map(display_width, plain.splitlines())), columns)


SCREEN = r"""Subject S 001 of study LONG
  Status    Enrolled
  Site      Site\x1b[2J
  Enrolled  2026-01-01 00:00:00
  Keywords  Diabetic

Visits: 3
  Visit    Date        Due         Records
  First    2026-01-05                    0  deleted
  Second   2026-02-01                   11
  Planned              2026-03-01        0

Records: 12
  Form  Name            Records  Status                               Last change
  VS    Vital signs           8  Complete 4, Incomplete 4             2026-01-12 00:00:00
  AE    Adverse events        3  Complete 1, Incomplete 2, deleted 1  2026-01-13 00:00:00

Open queries: 1
  Query  Kind    Form  Record  Variable  Since  Text
      1  Manual  VS         1  n                still open
  closed besides: 1
  besides, without a comment that says whether they are open: 1
"""

del ListsTest

if __name__ == "__main__":
    harness.main()
