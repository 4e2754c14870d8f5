#!/usr/bin/env python3
"""Forms wider than a table of SQLite or PostgreSQL: split, joined by views, proved as any other; and forms that left the metadata."""
import json

import harness
from destinations import DuckDb, Postgres, Sqlite
from own_study import OwnStudyTest
from typed_suite import TypedRuns

WIDE, MIDDLE, RECORDS = 2100, 500, 9
WIDE_RECORDS = 6
HUGE = 3960
SAME_DATE = {"dateModified": None}  # of a change: so that nothing in the first table tells of it but the hash of the rest


def kind_of(n):
    return "DATE" if n % 30 == 5 else "NUMBER" if n % 3 == 0 else "TEXT"


def variable(form, n, kind):
    return f"{form[0]}{n:04}", kind, n % 100 == 50  # name, type, blinded


VARIABLES = {"WIDE": [variable("WIDE", n, kind_of(n)) for n in range(WIDE)], "MIDDLE": [variable("MIDDLE", n, "TEXT") for n in range(MIDDLE)], "AE": []}


def answer(kind, record, n):
    if kind == "NUMBER":
        return str(record * 10_000 + n)
    if kind == "DATE":
        return f"20{record:02}-01-{1 + n % 28:02}"
    return f"{record:03} {n:04}" + "x" * (15 if n % 2 else 40)  # 23 bytes are the most that PostgreSQL keeps in a row in any case


def wide_record(key, number):
    form = "WIDE" if number < WIDE_RECORDS else "MIDDLE"
    data = {name: answer(kind, number, n) for n, (name, kind, _) in enumerate(VARIABLES[form])}
    return {"studyKey": key, "formKey": form, "formId": 1, "siteId": 10, "recordId": 100 + number, "subjectKey": f"S-{number}", "recordData": data}


def metadata(key, forms):
    described = [{"studyKey": key, "formId": n, "formKey": form, "formName": form} for n, form in enumerate(forms, 1)]
    variables = [{"studyKey": key, "variableId": 10_000 * form["formId"] + n, "formKey": form["formKey"], "formId": form["formId"], "variableName": name, "variableType": kind,
                  "label": f"Label {n}", "sequence": n, "blinded": blinded} for form in described for n, (name, kind, blinded) in enumerate(VARIABLES.get(form["formKey"], []))]
    return {"forms": described, "variables": variables}


class WideCase(TypedRuns, OwnStudyTest):
    """Each test's study: forms WIDE (6 records of 2,100 variables), MIDDLE (3 of 500), AE (none)."""
    records_of = staticmethod(lambda key: [json.dumps(wide_record(key, n)) for n in range(RECORDS)])

    @classmethod
    def elements_of(cls, key):
        return metadata(key, [*VARIABLES, *(["wide_2"] if "A_NAME" in key else [])])

    def counts(self, report):
        return tuple(report[name] for name in ("method", "rows_inserted", "rows_updated", "rows_vanished", "rows_in_target"))

    def say(self, *forms):
        """From now on the metadata know these forms."""
        for name, elements in metadata(self.table, forms).items():
            page = {"metadata": {"status": "OK", "path": "/", "timestamp": "2026-01-01 00:00:00", "error": {}},
                    "pagination": {"currentPage": 0, "size": 5000, "totalPages": 1, "totalElements": len(elements), "sort": []}, "data": elements}
            self.sandbox.order({"body": json.dumps(page)}, path_contains=f"/studies/{self.table}/{name}", times=0)

    def parts(self, form):
        tables = set(self.place.tables())
        names = [f"t_{form}"]
        while f"t_{form}_{len(names) + 1}" in tables:
            names.append(f"t_{form}_{len(names) + 1}")
        return names

    def columns(self, table):
        return self.place.columns(table)

    def everything(self):
        return {table: sorted(map(repr, self.place.rows(f'SELECT * FROM "{table}"'))) for table in self.place.tables()}

    def assert_joined(self, form, records, views, blinded=False):
        """Every answer of the form stands in one of these views, beside its record's own columns."""
        found = {}
        for view in views:
            names = self.columns(view)
            self.assertLessEqual({"record_id", "subject_key", "_deleted_at"}, set(names))
            for row in self.place.rows(f'SELECT * FROM "{view}" WHERE _deleted_at IS NULL'):
                cells = dict(zip(names, row))
                self.assertEqual(cells["subject_key"], f"S-{cells['record_id'] - 100}")
                found.setdefault(cells["record_id"], {}).update(cells)
        self.assertEqual(set(found), {100 + n for n in records})
        for number in records:
            for n, (name, kind, is_blinded) in enumerate(VARIABLES[form]):
                if is_blinded and not blinded:
                    self.assertNotIn(name, found[100 + number])
                    continue
                value = found[100 + number][name]
                sent = answer(kind, number, n)
                self.assertEqual(value if kind == "TEXT" else str(value)[:10] if kind == "DATE" else value, float(sent) if kind == "NUMBER" else sent, name)
                if kind == "DATE":
                    self.assertEqual(found[100 + number][name + "_text"], sent)


class WideForms(WideCase):
    def views(self, form):
        """Where all of a form is to be read."""
        parts = self.parts(form)
        views = self.place.views()
        if len(parts) == 1 or f"{parts[0]}_ALL" in views:
            self.assertFalse([view for view in views if view.startswith(f"{parts[0]}_") and view != f"{parts[0]}_ALL"])
            return parts if len(parts) == 1 else [f"{parts[0]}_ALL"]
        self.assertEqual({view for view in views if view.startswith(f"{parts[0]}_")}, {f"{part}_ALL" for part in parts[1:]})
        return [parts[0], *(f"{part}_ALL" for part in parts[1:])]

    def test_a_form_wider_than_a_table_is_split_and_stays_whole(self):
        manifest = self.own / "loads.jsonl"
        report = self.told("--manifest-path", manifest)
        self.assertEqual(self.counts(report), ("copy", RECORDS, 0, 0, RECORDS))
        self.assert_files_told(report, manifest)
        self.assert_tables_named(report)
        self.assertEqual(len(self.parts("WIDE")), self.wide_parts)
        self.assertEqual(len(self.parts("MIDDLE")), self.middle_parts)
        for part in self.parts("WIDE"):
            self.assertLessEqual(len(self.columns(part)), self.limit)
            self.assertEqual(self.place.rows(f'SELECT COUNT(*), COUNT(DISTINCT record_id) FROM "{part}"'), [(WIDE_RECORDS, WIDE_RECORDS)])
        self.assert_joined("WIDE", range(WIDE_RECORDS), self.views("WIDE"))
        self.assert_joined("MIDDLE", range(WIDE_RECORDS, RECORDS), self.views("MIDDLE"))
        ledger = self.place.rows("SELECT target_table, batch_id, row_count FROM imednet_loads WHERE layout = 'forms' AND target_table LIKE 't_WIDE%'")
        self.assertEqual({table.removeprefix("public.") for table, _, _ in ledger}, set(self.parts("WIDE")))
        self.assertIn(("t_WIDE_2", f"{self.table}/forms-2/WIDE/0", WIDE_RECORDS), ledger)
        before = self.everything()
        again = self.told("--manifest-path", manifest)
        self.assertEqual((again["method"], again["rows_skipped"]), ("nothing", RECORDS))
        self.assert_files_told(again, manifest)
        self.assertEqual(self.everything(), before)

    def assert_files_told(self, report, manifest):
        """Each file of each part is in the report, in the manifest and in the ledger; its rows count once."""
        files = {(batch["batch_id"], batch["part"], batch["rows"]) for batch in report["batch_reports"]}
        self.assertEqual(files, {(f"{self.table}/forms{'' if n == 1 else f'-{n}'}/{form}/0", n, rows) for form, rows in (("WIDE", WIDE_RECORDS), ("MIDDLE", RECORDS - WIDE_RECORDS))
                                 for n in range(1, len(self.parts(form)) + 1)})
        self.assertEqual((report["files"], report["batches"], report["rows_staged"]), (len(files), len(files), RECORDS))
        self.assertEqual(report["bytes_staged"], sum(batch["bytes"] for batch in report["batch_reports"]))
        lines = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]
        self.assertEqual({(line["batch_id"], line["row_count"]) for line in lines}, {(batch, rows) for batch, _, rows in files})
        ledger = self.place.rows("SELECT batch_id, row_count FROM imednet_loads WHERE layout = 'forms' AND superseded_by IS NULL")
        self.assertEqual(set(ledger), {(batch, rows) for batch, _, rows in files})

    def assert_tables_named(self, report):
        """What dimension and report say of each variable's table is so."""
        rows = self.place.rows('SELECT variable_name, table_name, column_name, text_column_name FROM "t_DIM_VARIABLE"')
        standing = {table: set(self.columns(table)) for form in ("WIDE", "MIDDLE") for table in self.parts(form)}
        for variable, table, column, text_column in rows:
            self.assertEqual(table is None, column is None, variable)
            if table is not None:
                self.assertLessEqual({column, text_column or column}, standing[table], variable)
        self.assertEqual({table for _, table, _, _ in rows} - {None}, set(standing))
        self.assertEqual({(one["variable"], one["table"], one["column"]) for one in report["variables"]}, {row[:3] for row in rows if row[1]})

    def test_an_answer_in_a_further_part_is_a_change_of_its_record(self):
        self.told()
        last = self.parts("WIDE")[-1]
        self.sandbox.control("POST", f"/sandbox/studies/{self.table}/records/102", {"set": SAME_DATE, "data": {"W2094": "424242"}})
        self.vanish(104)
        self.assertEqual(self.counts(self.told()), ("merge", 0, 1, 1, RECORDS - 1))
        self.assertEqual(self.place.rows(f'SELECT "W2094" FROM "{last}" WHERE record_id = 102'), [(424242.0,)])
        runs = {part: dict(self.place.rows(f'SELECT record_id, _run_id FROM "{part}"')) for part in self.parts("WIDE")}
        changed = {part for part, rows in runs.items() if rows[102] != rows[101]}
        self.assertEqual(changed, {"t_WIDE", last})
        for part in self.parts("WIDE"):
            self.assertEqual(self.place.rows(f'SELECT record_id FROM "{part}" WHERE _deleted_at IS NOT NULL'), [(104,)])
        self.assertEqual(self.told()["method"], "nothing")
        self.assertEqual(self.told("--mode", "replace")["rows_inserted"], RECORDS - 1)
        self.assertEqual(self.place.rows(f'SELECT COUNT(*) FROM "{last}"'), [(WIDE_RECORDS - 1,)])

    def test_variables_that_come_later_move_no_column(self):
        self.told()
        before = {part: self.columns(part) for part in self.parts("WIDE")}
        self.assertEqual(self.told("--include-blinded")["rows_updated"], RECORDS)
        self.assert_joined("WIDE", range(WIDE_RECORDS), self.views("WIDE"), blinded=True)
        self.assert_joined("MIDDLE", range(WIDE_RECORDS, RECORDS), self.views("MIDDLE"), blinded=True)
        for part, columns in before.items():
            self.assertEqual(self.columns(part)[:len(columns)], columns, part)
            if part != list(before)[-1]:
                self.assertEqual(self.columns(part), columns)
        self.assertEqual(self.told("--include-blinded")["method"], "nothing")
        self.told("--variables", "W0001")
        self.assertEqual(self.place.rows(f'SELECT COUNT("W2099"), COUNT(*) FROM "{list(before)[-1]}"'), [(0, WIDE_RECORDS)])


class SqliteWide(WideForms):
    destination_of = Sqlite
    limit, wide_parts, middle_parts = 2000, 2, 1

    def test_a_name_that_another_has_is_refused_before_anything_is_read(self):
        self.assert_exit(self.go(), 2, "form WIDE", "form wide_2", "--forms")
        self.assertEqual(self.place.tables(), [])
        self.place.rows('CREATE TABLE "t_WIDE_2" (record_id INTEGER, form_key VARCHAR(9))')
        self.assert_exit(self.go("--forms", "WIDE"), 2, "t_WIDE_2", "none of its own")
        self.place.rows('DROP TABLE "t_WIDE_2"')
        self.place.rows('CREATE VIEW "t_WIDE_2_ALL" AS SELECT 1 AS record_id')
        self.assert_exit(self.go("--forms", "WIDE"), 2, "t_WIDE_2_ALL", "no view of its own")
        self.assertEqual(self.place.tables(), [])

    def test_records_of_a_form_that_left_the_metadata_are_marked_when_they_are_gone(self):
        self.told()
        parts = self.parts("WIDE")
        self.say("AE")
        self.assertEqual(self.counts(self.told()), ("merge", 0, RECORDS, 0, RECORDS))  # they are still there, but nothing says what their answers are
        self.assertEqual(self.place.rows(f'SELECT COUNT("W0001"), COUNT(_rest_hash), COUNT(_extra) FROM "{parts[0]}"'), [(0, 0, WIDE_RECORDS)])
        self.assertEqual(self.place.rows(f'SELECT COUNT("W2099"), COUNT(*) FROM "{parts[1]}"'), [(0, WIDE_RECORDS)])
        self.vanish(*(100 + n for n in range(WIDE_RECORDS)))
        before = self.everything()
        self.assertEqual(self.told("--forms", "AE")["method"], "nothing")
        self.assert_exit(self.go(), 13, "forms WIDE", "--allow-shrink")
        self.assertEqual(self.everything(), before)
        self.assertEqual(self.counts(self.told("--allow-shrink")), ("merge", 0, 0, WIDE_RECORDS, RECORDS - WIDE_RECORDS))
        for part in parts:
            self.assertEqual(self.place.rows(f'SELECT COUNT(*), COUNT(_deleted_at) FROM "{part}"'), [(WIDE_RECORDS, WIDE_RECORDS)])
        self.assertEqual(self.told()["method"], "nothing")

    def test_a_trigger_that_alters_an_answer_in_a_further_part_is_found(self):
        self.told()
        self.place.rows('CREATE TRIGGER meddler AFTER INSERT ON "t_WIDE_2" BEGIN UPDATE "t_WIDE_2" SET "W2094" = "W2094" + 1 WHERE rowid = NEW.rowid; END')
        self.sandbox.control("POST", f"/sandbox/studies/{self.table}/records/102", {"data": {"W2094": "424242"}})
        before = self.everything()
        self.assert_exit(self.go(), 15, "1 of them with other values")
        self.assertEqual(self.everything(), before)


class SqliteThree(TypedRuns, OwnStudyTest):
    """A form of three tables of SQLite."""
    destination_of = Sqlite
    records_of = staticmethod(lambda key: [json.dumps({"studyKey": key, "formKey": "HUGE", "formId": 1, "recordId": n, "recordData": {f"H{v:04}": f"{n} {v}" for v in range(HUGE) if n == 1 or v == HUGE - 1}})
                                           for n in (1, 2)])

    @classmethod
    def elements_of(cls, key):
        return {"forms": [{"studyKey": key, "formId": 1, "formKey": "HUGE"}],
                "variables": [{"studyKey": key, "variableId": n, "formKey": "HUGE", "formId": 1, "variableName": f"H{n:04}", "variableType": "TEXT", "sequence": n} for n in range(HUGE)]}

    def test_the_third_table_is_told_joined_and_watched(self):
        report = self.told()
        self.assertEqual((report["rows_inserted"], report["files"], len(self.place.columns("t_HUGE_3"))), (2, 3, HUGE - 2 * 1974 + 3 + 4))
        self.assertEqual(self.place.rows("SELECT table_name, COUNT(*) FROM \"t_DIM_VARIABLE\" GROUP BY 1 ORDER BY 1"), [("t_HUGE", 1974), ("t_HUGE_2", 1974), ("t_HUGE_3", HUGE - 2 * 1974)])
        self.assertEqual({view for view in self.place.views() if "HUGE" in view}, {"t_HUGE_2_ALL", "t_HUGE_3_ALL"})
        self.assertEqual(self.place.rows(f'SELECT record_id, "H3948", "H{HUGE - 1}" FROM "t_HUGE_3_ALL" ORDER BY 1'), [(1, "1 3948", f"1 {HUGE - 1}"), (2, None, f"2 {HUGE - 1}")])
        self.sandbox.control("POST", f"/sandbox/studies/{self.table}/records/2", {"set": SAME_DATE, "data": {f"H{HUGE - 1}": "other"}})
        report = self.told()
        self.assertEqual((report["method"], report["rows_updated"], report["rows_unchanged"]), ("merge", 1, 1))
        self.assertEqual(self.place.rows(f'SELECT COUNT(*) FROM "t_HUGE" a JOIN "t_HUGE_2" b USING (record_id) WHERE a._run_id <> b._run_id'), [(1,)])


class PostgresWide(WideForms):
    destination_of = Postgres
    limit, wide_parts, middle_parts = 1600, 6, 2

    def test_parts_and_views_stand_in_the_schema_that_was_named(self):
        self.place.rows("CREATE SCHEMA trial")
        self.assertEqual(self.told("--forms", "MIDDLE", table="trial.t")["rows_inserted"], RECORDS - WIDE_RECORDS)
        self.assertEqual(self.place.tables() + self.place.views(), [])
        self.assertEqual(self.place.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'trial' AND table_name LIKE 't_MIDDLE%' ORDER BY table_name"),
                         [("t_MIDDLE",), ("t_MIDDLE_2",), ("t_MIDDLE_ALL",)])
        self.assertEqual(self.place.rows('SELECT COUNT(*), COUNT("M0001"), COUNT("M0499") FROM trial."t_MIDDLE_ALL"'), [(3, 3, 3)])
        self.assertEqual(self.told("--forms", "MIDDLE", table="trial.t")["method"], "nothing")


class DuckDbWide(WideCase):
    destination_of = DuckDb

    def test_a_wide_form_is_one_table_and_has_the_memory_it_needs(self):
        self.assertEqual(self.counts(self.told()), ("copy", RECORDS, 0, 0, RECORDS))
        self.assertEqual([table for table in self.place.tables() if table.startswith("t_WIDE")], ["t_WIDE"])
        self.assertEqual(self.place.rows('SELECT record_id, "W0001", "W2094" FROM "t_WIDE" ORDER BY 1'),
                         [(100 + n, answer("TEXT", n, 1), float(answer("NUMBER", n, 2094))) for n in range(WIDE_RECORDS)])
        self.assertEqual({path.name for path in self.own.iterdir()} - {"tmp"}, {"study.duckdb"})


if __name__ == "__main__":
    del WideForms, WideCase  # no tests by themselves
    harness.main()
