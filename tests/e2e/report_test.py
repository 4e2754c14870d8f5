#!/usr/bin/env python3
"""--report: the page of a run, opened in a headless browser: its figures are those of the JSON report, it asks nobody for anything, and it can be seen."""
import json
import os

import browser
import harness
from harness import run
from own_study import OwnStudyTest

HOSTILE = "</td><script>document.title='taken'</script><img src=http://192.0.2.1/x.png onerror=alert(1)>&\"'"
ACCENT = {"light": bytes.fromhex("2f6fb5"), "dark": bytes.fromhex("6ea8e6")}
PAPER = {"light": bytes.fromhex("ffffff"), "dark": bytes.fromhex("12161c")}
FIELDS = ("rows_read", "rows_loaded", "rows_inserted", "rows_updated", "rows_unchanged", "rows_skipped", "rows_vanished", "rows_in_target", "pages",
          "requests", "retries", "rereads", "files", "unreadable_stamps", "raw_records")


def records_of(key):
    """Sixty records of three forms, one of them with a name that is no name."""
    forms = ("AE", "VS", HOSTILE)
    return [json.dumps({"studyKey": key, "formKey": forms[n % 7 % 3], "recordId": 770000 + n, "subjectKey": f"CANARY-SUBJECT-{n}",
                        "recordData": {"n": n, "note": f"CANARY-VALUE-{n}"}}) for n in range(60)]


class ReportPage(OwnStudyTest):
    records_of = staticmethod(records_of)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "browser").mkdir()
        cls.browser = browser.Browser(cls.folder / "browser")
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        super().setUp()
        self.page = self.own / "run report.html"
        self.browser.media("light")

    def tearDown(self):
        self.sandbox.snowflake_control("DELETE", "orders")

    def export(self, *options, **names):
        names.setdefault("study", self.table)
        return run(self.arguments("--retry-backoff", "0.01", "--batch-size", "20", "--report", self.page, *options, **names), self.environment())

    def open(self, **size):
        asked, said = self.browser.open(self.page, **size)
        self.assertEqual(asked, [self.page.resolve().as_uri()], "it asked for something else")
        self.assertEqual(said, [])
        self.assertEqual(self.browser.value("document.scripts.length + document.images.length"), 0)

    def texts(self, selector):
        return self.browser.value(f"[...document.querySelectorAll({json.dumps(selector)})].map(one => one.textContent)")

    def number(self, field):
        found = self.texts(f"[data-field={field}]")
        self.assertEqual(len(found), 1, field)
        return int(found[0].replace(",", ""))

    def table_rows(self, table):
        return self.browser.value(f"[...document.querySelectorAll('#{table} tbody tr')].map(row => [...row.cells].map(cell => cell.textContent))")

    def assert_as_in(self, report):
        self.assertEqual({name: self.number(name) for name in FIELDS}, {name: report[name] for name in FIELDS})
        self.assertEqual([(row[0], *(int(cell.replace(",", "")) for cell in row[1:4])) for row in self.table_rows("form-rows")],
                         [(form["form_key"] or "(no form)", form["rows_read"], form["rows_before"], form["rows_in_target"]) for form in report["forms"]])
        counts = self.browser.value("[...document.querySelectorAll('#terms [data-count]')].map(cell => +cell.dataset.count)")
        self.assertEqual(counts, [count for term in report["reconciliation"] for count in (term["left"]["rows"], term["right"]["rows"])])
        self.assertEqual([row[0] for row in self.table_rows("step-times")], [step["step"] for step in report["steps"]])
        seconds = self.browser.value("[...document.querySelectorAll('#step-times [data-seconds]')].map(cell => +cell.dataset.seconds)")
        for told, step in zip(seconds, report["steps"]):
            self.assertAlmostEqual(told, step["seconds"], places=4)
        self.assertEqual([row[0] for row in self.table_rows("file-rows")], [batch["batch_id"] for batch in report["batch_reports"]])
        self.assertEqual(self.texts("#warning-list li"), report["warnings"])

    def assert_drawn(self):
        """Each bar of the forms' chart is as long as its number says, and the steps have one bar each."""
        rows = [int(row[3].replace(",", "")) for row in self.table_rows("form-rows")]
        widths = self.browser.value("[...document.querySelectorAll('#form-chart rect')].map(bar => bar.getBoundingClientRect().width)")
        for width, count in zip(widths, sorted(rows, reverse=True)):
            self.assertAlmostEqual(width / widths[0], count / max(rows), delta=0.01)
        self.assertEqual(self.browser.value("document.querySelectorAll('#time-chart rect').length"), len(self.table_rows("step-times")))

    def test_figures_are_those_of_the_json_report(self):
        self.assertEqual(self.export().code, 0)
        self.change(770004)
        self.vanish(770030)
        self.sandbox.order({"status": 503}, nth=2)
        self.sandbox.snowflake_control("POST", "orders", {"match": {"statement_contains": "LIST "}, "do": {"fail": {"code": "000625"}}})
        result = self.export("--output", "json")
        self.assertEqual(result.code, 0, result)
        report = json.loads(result.stdout)
        self.assertEqual((report["retries"], report["rows_updated"], report["rows_vanished"], report["rows_in_target"]), (2, 1, 1, 59))
        self.open()
        self.assert_as_in(report)
        self.assert_drawn()
        self.assertEqual(self.texts("#verdict"), ["Reconciled: every count agrees"])
        self.assertNotEqual(self.browser.value("document.title"), "taken")
        self.assertIn(HOSTILE, self.texts("#form-rows th"))
        self.assertEqual(os.stat(self.page).st_mode & 0o777, 0o600)

    def test_steps_take_the_time_of_the_run(self):
        result = self.export("--output", "json")
        report = json.loads(result.stdout)
        names = [step["step"] for step in report["steps"]]
        for name in ("connecting", "preparing", "reading", "uploading", "loading", "verifying", "committing"):
            self.assertIn(name, names)
        self.assertEqual((names[0], names[-1]), ("connecting", "finishing"))
        total = sum(step["seconds"] for step in report["steps"])
        self.assertLessEqual(total, report["seconds"])
        self.assertGreater(total, report["seconds"] * 0.9)

    def test_nothing_of_a_patient_is_in_the_page(self):
        self.assertEqual(self.export().code, 0)
        text = self.page.read_text(encoding="utf-8")
        for canary in ("CANARY", "7700", self.sandbox.snowflake["password"], self.sandbox.edc["api_key"]):
            self.assertNotIn(canary, text)

    def test_page_can_be_seen_on_light_and_dark_screens_and_printed(self):
        self.assertEqual(self.export().code, 0)
        for scheme in ("light", "dark"):
            self.browser.media(scheme)
            self.open(width=700, height=2400)
            seen = browser.colours(self.browser.screenshot())
            pixels = sum(seen.values())
            self.assertEqual(seen.most_common(1)[0][0], PAPER[scheme])
            self.assertLess(seen[PAPER[scheme]] / pixels, 0.97, "a blank page")
            self.assertGreater(seen[ACCENT[scheme]] / pixels, 0.002, "no bars")
            self.assertGreater(len(seen), 50, "no text")
        self.assertTrue(self.browser.pdf().startswith(b"%PDF"))
        self.browser.open(self.page, width=380, height=800)
        self.assertLessEqual(self.browser.value("document.documentElement.scrollWidth"), 380, "wider than a small screen")

    def test_page_can_be_read_aloud(self):
        self.assertEqual(self.export().code, 0)
        self.open()
        self.assertEqual(self.browser.value("document.documentElement.lang"), "en")
        self.assertTrue(self.browser.value("document.title"))
        self.assertEqual(self.browser.value("document.querySelectorAll('thead th:not([scope=col]), tbody th:not([scope=row])').length"), 0)
        self.assertEqual(self.browser.value("[...document.querySelectorAll('table')].every(table => table.caption && table.tHead)"), True)
        self.assertEqual(self.browser.value("[...document.querySelectorAll('svg')].every(one => "
                                            "document.getElementById(one.getAttribute('aria-labelledby')).textContent.length > 0)"), True)
        self.assertEqual(self.browser.value("[...document.querySelectorAll('[id]')].length == new Set([...document.querySelectorAll('[id]')]"
                                            ".map(one => one.id)).size"), True)

    def test_failed_run_says_so_with_what_it_counted(self):
        self.sandbox.snowflake_control("POST", "orders", {"match": {"statement_contains": "COPY INTO"}, "do": {"copy_rows": 5}})
        result = self.export("--output", "json")
        self.assertEqual(result.code, 15, result)
        error = json.loads(result.stdout)["error"]
        self.open()
        self.assertEqual(self.texts("#verdict"), ["Failed"])
        self.assertEqual((self.texts("[data-field=code]"), self.texts("[data-field=exit]")), ([error["code"]], ["15"]))
        self.assertEqual((self.texts("[data-field=message]"), self.texts("[data-field=hint]")), ([error["message"]], [error["hint"]]))
        self.assertEqual(self.number("rows_read"), 60)
        self.assertEqual(self.texts("[data-field=rows_loaded]"), [])
        self.assertEqual(len(self.table_rows("terms")), 2)

    def test_run_that_fails_while_reading_names_how_far_it_came(self):
        self.sandbox.order({"status": 400}, nth=3)
        result = self.export()
        self.assertEqual(result.code, 12, result)
        self.open()
        self.assertEqual((self.texts("[data-field=exit]"), self.number("rows_read")), (["12"], 0))
        self.assertEqual([row[4] for row in self.table_rows("terms")], ["no"])

    def test_run_that_cannot_sign_in_has_counted_nothing(self):
        result = self.export(password="wrong")
        self.assertEqual(result.code, 11, result)
        self.open()
        self.assertIn("Nothing was counted", self.browser.value("document.body.innerText"))
        self.assertEqual(self.texts("[data-field=exit]"), ["11"])

    def test_a_place_that_cannot_be_written_is_told_before_anything_is_sent(self):
        self.page = self.own / "missing" / "page.html"
        before = len(self.sandbox.control("GET", "/sandbox/requests"))
        self.assert_exit(self.export(), 2, "page.html")
        self.assertEqual(len(self.sandbox.control("GET", "/sandbox/requests")), before)
        self.assertEqual(self.sandbox.count(self.table), -1)

    def test_pages_of_other_places(self):
        """The same page of a table of DuckDB, typed tables of SQLite and a folder, of a run that ends well and of one that does not."""
        folder = str(self.own / "lake")
        places = (("duckdb", "records", str(self.own / "study.duckdb")), ("sql", "records", f"sqlite:///{self.own / 'study.sqlite'}", "--layout", "forms"),
                  ("parquet", folder))
        for command, *words in places:
            with self.subTest(command):
                arguments = [harness.BIN / "imednet", "export", command, self.table, *words, "--retry-backoff", "0.01", "--batch-size", "20", "--report", self.page, "--output", "json"]
                result = run(arguments, self.environment())
                self.assertEqual(result.code, 0, result)
                report = json.loads(result.stdout)
                self.open()
                self.assertEqual(self.texts("#verdict"), ["Reconciled: every count agrees"])
                self.assertIn(report["table"], self.browser.value("document.body.innerText"))
                self.assertEqual((self.number("rows_read"), self.number("files")), (60, report["files"]))
                self.assertEqual([row[4] for row in self.table_rows("terms")], ["yes"] * (2 if command == "parquet" else 4))
                if command != "parquet":
                    self.assert_as_in(report)
                    self.assert_drawn()
                self.sandbox.order({"status": 503})
                self.assertEqual(run([*arguments, "--max-retries", "0"], self.environment()).code, 12)
                self.sandbox.clear_orders()
                self.open()
                self.assertEqual((self.texts("#verdict"), self.texts("[data-field=exit]")), (["Failed"], ["12"]))
                self.assertIn(report["table"], self.browser.value("document.body.innerText"))

    def test_plan_writes_no_page(self):
        arguments = self.arguments("--report", self.page, study=self.table)
        arguments[1] = "plan"
        self.assertEqual(run(arguments, self.environment()).code, 0)
        self.assertFalse(self.page.exists())


if __name__ == "__main__":
    harness.main()
