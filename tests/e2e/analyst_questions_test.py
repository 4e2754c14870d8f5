#!/usr/bin/env python3
"""Twenty fixed questions have the same answers in every destination and layout, as plain Python computes them from the study's JSON; before and after the study changed.

The SQL is that of docs/analyst-questions.md. `--write` puts the answers there anew.
"""
import datetime
import decimal
import json
import re
import sys

import duckdb

import harness
from analyst_answers import Answers, read_study
from destinations import DuckDb, Lake, OfDestination, Postgres, Snowflake, Sqlite, export_arguments
from harness import SandboxTest, run

STUDY = "MY_STUDY"
CAST_DOUBLE, CAST_DATE = r"TRY_CAST\(((?:\w+\.)?record_data->>'[^']+') AS DOUBLE\)", r"TRY_CAST\(((?:\w+\.)?record_data->>'[^']+') AS DATE\)"

# What is said differently elsewhere; in this order.
SAID = {
    "duckdb": (),
    "sqlite": ((CAST_DOUBLE, r"(CASE WHEN \1 <> '' AND \1 NOT GLOB '*[^0-9.-]*' THEN CAST(\1 AS REAL) END)"),
               (CAST_DATE, r"(CASE WHEN \1 GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' THEN \1 END)"),
               (r"date_diff\('day', ([^,]+), ([^)]+)\)", r"CAST(julianday(\2) - julianday(\1) AS INTEGER)"),
               (r"record_data->>'([^']+)'", r"""record_data->>'$."\1"'""")),
    "postgresql": ((CAST_DOUBLE, r"(CASE WHEN \1 ~ '^-?[0-9]+([.][0-9]+)?$' THEN CAST(\1 AS double precision) END)"),
                   (CAST_DATE, r"(CASE WHEN \1 ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN CAST(\1 AS date) END)"),
                   (r"ROUND\(AVG\((.+?)\), 2\) AS", r"ROUND(CAST(AVG(\1) AS numeric), 2) AS"),
                   (r"date_diff\('day', ([^,]+), ([^)]+)\)", r"(\2 - \1)")),
    "snowflake": ((r'"([^"]+)"', lambda name: f'"{re.sub("[^A-Z0-9_]", "_", name[1].upper())}"'),
                  (r"((?:\w+\.)?record_data)->>'([^']+)'", r'\1:"\2"::VARCHAR'),
                  (r"date_diff\('day', ", "DATEDIFF('day', ")),
}


def page():
    return harness.SOURCE / "docs/analyst-questions.md"


def blocks():
    """The view's SQL, and of each question its title, its SQL for typed tables and for records, and the answer that stands there."""
    text = page().read_text(encoding="utf-8")
    view = re.search(r"```sql\n(CREATE VIEW .*?)\n```", text, re.S)[1]
    found = re.findall(r"^## \d+\. (.+?)\n\nTyped:\n\n```sql\n(.*?)\n```\n\nRecords:\n\n```sql\n(.*?)\n```\n\n```text\n(.*?)```$", text, re.M | re.S)
    return view, found


def plain(cell):
    """A cell as every client would have it: dates as text, numbers as floats to two places."""
    if isinstance(cell, (datetime.datetime, datetime.date)):
        return str(cell)[:19]
    if isinstance(cell, (int, float, decimal.Decimal)):
        return round(float(cell), 2)
    return cell


def plain_rows(rows):
    return [tuple(map(plain, row)) for row in rows]


def as_text(names, rows):
    cells = [list(names)] + [["" if cell is None else f"{cell:g}" if isinstance(cell, float) and cell == int(cell) else str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells)]
    return "".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() + "\n" for row in cells)


class Asked(OfDestination, SandboxTest):
    """`dialect` names a row of SAID. Where there are no typed tables there are no dimensions, and questions about them are not asked."""
    options = ("--allow-faults",)
    dialect = ""

    @property
    def has_forms(self):
        return "forms" in self.place.quirks.layouts

    def export(self, layout, target):
        options = () if layout == "records" else ("--layout", layout)
        self.assert_exit(run(export_arguments(self.place, self, *options, study=STUDY, table=target), self.environment()), 0)

    def said(self, sql):
        for pattern, other in SAID[self.dialect]:
            sql = re.sub(pattern, other, sql)
        return sql

    def look_at_the_page(self):
        """Between the two exports, in one of the classes."""

    def ask_all(self, expected):
        _, questions = blocks()
        self.assertEqual(len(questions), 20)
        asked = 0
        for (title, typed, records, _), rows in zip(questions, expected):
            for layout, sql in (("forms", typed), ("records", records)):
                if self.has_forms or '"trial_' not in sql and "every_record" not in sql:
                    with self.subTest(title, layout=layout):
                        self.assertEqual(plain_rows(self.place.rows(self.said(sql))), plain_rows(rows))
                    asked += 1
        return asked

    def put(self, record):
        self.sandbox.control("POST", f"/sandbox/studies/{STUDY}/records", json.dumps({**record, "studyKey": STUDY}).encode())

    def change_study(self, study):
        """In the API and in `study`: answers, a date that is partial, records below another, one deleted in the EDC, one that is gone."""
        records = study["records"]
        person, events = records[0], [one for one in records if one["formKey"] == "AE"][:2]
        weighed = next(one for one in records if one["formKey"] == "VS" and one["recordData"]["it.weight"])
        person["recordData"].update({"it.age": "101", "it.race": ""})
        events[0]["recordData"]["it.aestdat"] = "2014-01"
        events[1]["deleted"] = True
        children = [{**events[0], "recordId": 900001 + n, "parentRecordId": events[0]["recordId"], "recordData": {**events[0]["recordData"], "it.aestdat": start}}
                    for n, start in enumerate(("2014-02-28", ""))]
        for record in (person, *events, *children):
            record["dateModified"] = "2026-01-02 03:04:05"
            self.put(record)
        self.sandbox.control("DELETE", f"/sandbox/studies/{STUDY}/records/{weighed['recordId']}?vanish=true")
        study["records"] = [one for one in records if one is not weighed] + children

    def test_before_and_after_the_study_changed(self):
        study = read_study()
        self.export_all()
        self.prepare()
        asked = self.ask_all(Answers(study).all())
        self.assertGreaterEqual(asked, 40 if self.has_forms else 14)
        self.look_at_the_page()
        self.change_study(study)
        self.export_all()
        self.ask_all(Answers(study).all())

    def export_all(self):
        self.export("records", "records")
        if self.has_forms:
            self.export("forms", "trial")

    def prepare(self):
        """Between export and questions."""
        if self.has_forms:
            self.place.rows(self.said(blocks()[0]))


class DuckDbAnswers(Asked):
    destination_of, dialect = DuckDb, "duckdb"

    def look_at_the_page(self):
        text = page().read_text(encoding="utf-8")
        with duckdb.connect(str(self.place.path)) as connection:
            for title, typed, _, shown in blocks()[1]:
                found = connection.execute(typed)
                told = as_text([column[0] for column in found.description], plain_rows(found.fetchall()))
                if WRITE:
                    text = text.replace(f"{typed}\n```", f"{typed}\n```\0", 1)
                    head, tail = text.split("\0")
                    text = head + tail.replace(f"```text\n{shown}```", f"```text\n{told}```", 1)
                else:
                    self.assertEqual(shown, told, title)
        if WRITE:
            page().write_text(text, encoding="utf-8")


class SqliteAnswers(Asked):
    destination_of, dialect = Sqlite, "sqlite"


class PostgresAnswers(Asked):
    destination_of, dialect = Postgres, "postgresql"

    def export_all(self):
        super().export_all()
        self.place.rows("ANALYZE")  # else joins are planned as if tables were empty, until the server does so by itself


class SnowflakeAnswers(Asked):
    destination_of, dialect = Snowflake, "snowflake"

    def export(self, layout, target):
        super().export(layout, target)
        self.forget_cursors()


class Folders(Lake):
    targets = ("records", "trial")

    def rows(self, sql):
        return super().rows(f"WITH {blocks()[0].removeprefix('CREATE VIEW ').replace(' AS', ' AS (', 1)}) {sql}")


class LakeAnswers(Asked):
    destination_of, dialect = Folders, "duckdb"

    def prepare(self):
        pass


WRITE = "--write" in sys.argv

if __name__ == "__main__":
    sys.argv = [word for word in sys.argv if word != "--write"]
    del Asked  # no test by itself
    harness.main()
