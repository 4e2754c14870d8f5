#!/usr/bin/env python3
"""The page on exit codes lists the rows of bad input as the tests have them, and no code is without a row.

`--write` instead of a test run writes the list into the page.
"""
import re
import sys
import unittest

import harness
import bad_input_data_test
import bad_input_destination_test
import bad_input_disk_test
import bad_input_settings_test
import bad_input_sign_in_test
import bad_input_source_test

GROUPS = {"source": bad_input_source_test, "settings": bad_input_settings_test, "sign-in": bad_input_sign_in_test,
          "destination": bad_input_destination_test, "disk": bad_input_disk_test, "data": bad_input_data_test}
START, END = "<!-- rows: start -->\n", "<!-- rows: end -->\n"
NO_ROW = {1}  # a defect: no input that is known leads to it


def page():
    return harness.SOURCE / "docs/exit-codes.md"


def rows():
    return [(group, row) for group, module in GROUPS.items() for row in module.ROWS]


def written(name):
    """A row's name as Markdown shows it, whatever signs are in it."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", name)


def listed():
    lines = [f"{len(rows())} rows, each run against the built program.\n", "\n", "| code | group | what is wrong |\n", "|---|---|---|\n"]
    for code in sorted({row.code for _, row in rows()}):
        for group in GROUPS:
            names = [written(row.name) for of, row in rows() if of == group and row.code == code]
            if names:
                lines.append(f"| {code} | {group} | {' · '.join(names)} |\n")
    return "".join(lines)


class ExitCodes(unittest.TestCase):
    maxDiff = None

    def test_page_lists_the_rows_as_they_are(self):
        text = page().read_text(encoding="utf-8")
        self.assertIn(START, text)
        self.assertEqual(text[text.index(START) + len(START):text.index(END)], listed(), "run this file with --write")

    def test_every_code_of_the_page_has_a_row_and_every_rows_code_is_in_the_page(self):
        causes = page().read_text(encoding="utf-8").split(START)[0]
        described = {int(code) for code in re.findall(r"^\| (\d+) \|", causes, re.MULTILINE)}
        self.assertEqual({row.code for _, row in rows()} | NO_ROW, described)
        self.assertEqual({row.code for _, row in rows()} & NO_ROW, set())

    def test_every_row_has_a_name_of_its_own(self):
        names = [(group, row.name) for group, row in rows()]
        self.assertEqual(len(names), len(set(names)))


if __name__ == "__main__":
    if "--write" in sys.argv:
        harness.SOURCE = harness.pathlib.Path(__file__).resolve().parents[2]
        before, rest = page().read_text(encoding="utf-8").split(START)
        page().write_text(before + START + listed() + END + rest.split(END)[1], encoding="utf-8")
    else:
        harness.main()
