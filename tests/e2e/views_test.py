#!/usr/bin/env python3
"""`--views`: over the table of records a typed view a form, which shows what the `forms` layout would hold."""
import decimal
import json

import harness
import nasty_answers
from destinations import DuckDb, OfDestination, Postgres, Sqlite
from harness import SandboxTest, run
from typed_suite import RECORDS, FormsCase, form_records

NASTY = "TEST_VIEWS_SHOW_WHAT_TYPED_TABLES_HOLD"


def view_records(key):
    return nasty_answers.records(key) if key == NASTY else form_records(key)


def folded(key):
    return key.translate({65 + n: 97 + n for n in range(26)})


def has_doubles(text, of):
    """Whether two keys of one object are the same, as `of` sees them; those within answers as they are written."""
    found = []

    def look(pairs):
        keys = [key for key, _ in pairs]
        found.append(len(set(keys)) < len(keys))
        return pairs

    top = json.loads(text, object_pairs_hook=look)
    return any(found) or isinstance(top, list) and bool(top) and isinstance(top[0], tuple) and len({of(key) for key, _ in top}) < len(top)


class Views(OfDestination, FormsCase):
    records_of = staticmethod(view_records)
    variables = FormsCase.variables | {"Nasty": tuple((name, kind, f"label of '{name}'", name == "hidden") for name, kind in nasty_answers.VARIABLES)}

    def go(self, *options, table="r", study=None):
        return run([harness.BIN / "imednet", "export", self.place.command, study or self.table, table, self.place.place(), "--retry-backoff", "0.01", *options], self.environment())

    def told(self, *options, **names):
        result = self.go("--output", "json", *options, **names)
        self.assertEqual(result.code, 0, result)
        return json.loads(result.stdout)

    def of(self, form, what, rest="ORDER BY record_id"):
        return self.place.rows(f'SELECT {what} FROM "r_{form}" {rest}')

    def columns(self, name):
        """Name to type."""
        return dict(self.place.rows(f"SELECT name, type FROM pragma_table_info('{name}')" if self.place.command == "sql" and self.place.quirks.flags == "number" else
                                    f"SELECT column_name, data_type FROM information_schema.columns WHERE table_name = '{name}' ORDER BY ordinal_position"))

    def runs(self):
        return self.place.rows("SELECT COUNT(*) FROM imednet_runs")[0][0]

    def both(self):
        """Rows of the typed table and of the view, by record id, as name to cell."""
        self.told("--layout", "forms", "--include-blinded", table="t")
        self.told("--views", "--include-blinded")
        names = [name for name in self.columns("r_Nasty") if name not in ("_file", "_run_id", "_loaded_at")]
        self.assertEqual(names, [name for name in self.columns("t_Nasty") if name not in ("_file", "_run_id", "_loaded_at", "_raw", "_extra", "_row_hash")])
        what = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
        return ({row[names.index("record_id")]: dict(zip(names, row)) for row in self.place.rows(f'SELECT {what} FROM "{table}_Nasty"')} for table in "tr")

    def may_differ(self, answer, held, shown):
        """What the pages say that this database does otherwise."""
        return False

    def test_views_show_what_typed_tables_hold(self):
        typed, viewed = self.both()
        self.assertEqual((len(typed), typed.keys()), (len(nasty_answers.records("")), viewed.keys()))
        differ = {record: (name, held, viewed[record][name], nasty_answers.answer_of(record)) for record, row in typed.items() for name, held in row.items()
                  if repr(held) != repr(viewed[record][name]) and not self.may_differ(nasty_answers.answer_of(record), held, viewed[record][name])}
        self.assertEqual(differ, {})
        for name, kind in nasty_answers.VARIABLES[:4]:  # otherwise the comparison says little
            held = sum(row[name] is not None for row in typed.values())
            self.assertGreater(held, 5, f"{name} is hardly ever a {kind}")
            self.assertGreater(len(typed) - held, 300, f"{name} is always a {kind}")

    def test_a_view_follows_the_table_and_a_second_run_does_nothing(self):
        report = self.told("--views")
        self.assertEqual((report["method"], report["layout"], report["blinded"], report["rows_in_target"]), ("copy", "records", "left out", RECORDS))
        self.assertEqual(report["views"], ["r_AE", "r_DM", "r_Nasty", "r_VS"])
        self.assertIn("typed views: r_AE, r_DM, r_Nasty, r_VS\n", self.go("--views").stderr)
        self.assertEqual((self.told("--views")["method"], self.runs()), ("nothing", 1))
        self.assertEqual([self.of(form, "COUNT(*)", "") for form in ("DM", "VS", "AE")], [[(8,)], [(4,)], [(0,)]])
        self.assertEqual(self.of("DM", '"AGE", "IT.Sex", "Onset Day_text", _deleted_at')[:2], [(60.0, "F", "2013-12-26", None), (98.1, "", "2013-12", None)])
        self.add({"studyKey": self.table, "formKey": "dM", "recordId": 99, "recordData": {"aGe": "61", "AGE": "62"}})
        self.vanish(108)
        self.told()
        self.assertEqual(self.of("DM", '"AGE"')[:2], [(61.0,), (60.0,)], "spellings that came without --views")
        self.assertEqual(self.of("VS", "record_id", "WHERE _deleted_at IS NOT NULL"), [(108,)])

    def test_a_definition_that_changed_is_brought_up_to_date_without_rows(self):
        self.told("--views", "--variables", "AGE,dm.it.sex", "--forms", "dm")
        self.assertEqual([name for name in self.columns("r_DM") if name in ("AGE", "IT.Sex", "OK")], ["AGE", "IT.Sex"])
        self.assertFalse(self.columns("r_VS"))
        report = self.told("--views")
        self.assertEqual((report["method"], report["rows_loaded"], self.runs()), ("nothing", 0, 2))
        self.assertIn("OK", self.columns("r_DM"))
        self.assertNotIn("ARM", self.columns("r_DM"))
        self.assertNotIn("secret arm", repr(self.of("DM", "*")))
        report = self.told("--views", "--include-blinded", "--forms", "DM")
        self.assertEqual((report["blinded"], report["views"], self.of("DM", '"ARM"')[0]), ("included", ["r_DM"], ("secret arm",)))
        self.assertNotIn("ARM", self.columns("r_VS"), "the view of a form that was not chosen")

    def test_flags_that_do_not_go_together(self):
        for options, told in ((("--views", "--layout", "forms"), "--views"), (("--views", "--sites", "10"), "--sites"), (("--forms", "DM"), "--views"), (("--views", "--forms", "XX"), "XX")):
            self.assert_exit(self.go(*options), 2, told)
        self.assertEqual(self.place.tables(), [])

    def test_what_is_not_ours_is_refused_before_anything_is_read(self):
        self.place.rows('CREATE TABLE "r_VS" (n INTEGER)')
        self.assert_exit(self.go("--views"), 13, "r_VS is there and is no view of this export")
        self.place.rows('DROP TABLE "r_VS"')
        self.place.rows('CREATE VIEW "r_VS" AS SELECT 1 AS n')
        self.assert_exit(self.go("--views"), 13, "r_VS is there")
        self.assertEqual((self.of("VS", "n", ""), self.place.tables().count("r")), ([(1,)], 0))
        self.place.rows('DROP VIEW "r_VS"')
        self.told("--views")
        self.assert_exit(self.go("--views", study=NASTY), 13, "r_AE is a view of another study")
        self.assert_exit(self.go("--layout", "forms"), 13, "r_AE")

    def test_a_run_that_fails_leaves_no_view(self):
        self.told()
        self.vanish(*range(108, 112))
        self.assert_exit(self.go("--views"), 13, "--allow-shrink")
        self.assertFalse(self.columns("r_DM"))


class Commented(Views):
    def test_views_stand_in_the_schema_that_was_named(self):
        self.place.rows("CREATE SCHEMA trial")
        report = self.told("--views", table="trial.r")
        self.assertEqual((report["views"], report["rows_inserted"]), (["trial.r_AE", "trial.r_DM", "trial.r_Nasty", "trial.r_VS"], RECORDS))
        self.assertEqual(self.place.rows('SELECT COUNT(*), MAX("AGE") FROM trial."r_DM"'), [(8, 98.1)])
        self.assertEqual(self.told("--views", table="trial.r")["method"], "nothing")
        self.place.rows('CREATE TABLE trial."q_VS" (n INTEGER)')
        self.assert_exit(self.go("--views", table="trial.q"), 13, "trial.q_VS is there")
        self.assertEqual(self.told("--views")["views"], ["r_AE", "r_DM", "r_Nasty", "r_VS"], "the ones of another schema are not in the way")
        self.assertEqual(self.of("DM", "COUNT(*)", ""), [(8,)])

    def test_labels_are_comments_and_types_those_of_the_tables(self):
        self.told("--layout", "forms", "--forms", "DM", table="t")
        self.told("--views", "--forms", "DM")
        held, shown = self.columns("t_DM"), self.columns("r_DM")
        self.assertEqual({name: kind for name, kind in held.items() if name in shown}, shown)
        self.assertEqual(self.comment_of("AGE"), "Age in years")
        self.assertEqual(self.comment_of('odd "name"'), "With 'quotes'")


class DuckDbViews(Commented):
    destination_of = DuckDb

    def may_differ(self, answer, held, shown):
        return answer == nasty_answers.DEEP and shown is None

    def test_a_view_of_ours_that_somebody_replaced_is_theirs(self):
        self.told("--views")
        self.place.rows('CREATE OR REPLACE VIEW "r_DM" AS SELECT 1 AS n')
        self.assert_exit(self.go("--views"), 13, "r_DM is there")
        self.assertEqual(self.of("DM", "n", ""), [(1,)])

    def comment_of(self, column):
        return self.place.rows(f"SELECT comment FROM duckdb_columns() WHERE table_name = 'r_DM' AND column_name = '{column}'")[0][0]


class SqliteViews(Views):
    destination_of = Sqlite

    def test_a_view_of_ours_that_somebody_changed_is_made_anew(self):
        self.told("--views")
        [[definition]] = self.place.rows("SELECT sql FROM sqlite_master WHERE name = 'r_DM'")
        self.place.rows('DROP VIEW "r_DM"')
        self.place.rows(definition + " AND 1 = 0")
        self.assertEqual(self.of("DM", "COUNT(*)", ""), [(0,)])
        self.told("--views")
        self.assertEqual(self.of("DM", "COUNT(*)", ""), [(8,)])

    def may_differ(self, answer, held, shown):
        text = answer and json.loads(answer)
        if text in nasty_answers.FAR_NUMBERS:
            return shown is None
        return text in nasty_answers.neighbours() and held is None and shown == float(text)


class PostgresViews(Commented):
    destination_of = Postgres

    def may_differ(self, answer, held, shown):
        return answer in nasty_answers.HALVES and shown is None

    def comment_of(self, column):
        return self.place.rows(f"""SELECT col_description('"r_DM"'::regclass, ordinal_position) FROM information_schema.columns WHERE table_name = 'r_DM' AND column_name = '{column}'""")[0][0]

    def test_a_record_that_is_not_read_is_told(self):
        self.add({"studyKey": self.table, "formKey": "DM", "recordId": 500, "recordData": {"age": "5", "it.sex": "\ud83e"}})
        report = self.told("--views")
        self.assertEqual([warning for warning in report["warnings"] if "1 records" in warning and "record_data_raw" in warning], report["warnings"])
        self.assertEqual(self.of("DM", '"AGE"', "WHERE record_id = 500"), [(None,)])

    def test_what_was_granted_stays_while_columns_stay(self):
        self.told("--views")
        self.place.rows("CREATE ROLE viewer")
        self.place.rows('GRANT SELECT ON "r_DM" TO viewer')
        granted = "SELECT has_table_privilege('viewer', '\"r_DM\"', 'SELECT')"
        columns = ", ".join('"' + name.replace('"', '""') + '"' for name in self.columns("r_DM"))
        self.place.rows(f'CREATE OR REPLACE VIEW "r_DM" AS SELECT {columns} FROM "r_VS"')
        self.told("--views")
        self.assertEqual((self.of("DM", "COUNT(*)", ""), self.place.rows(granted)), ([(8,)], [(True,)]))
        self.place.rows('CREATE VIEW old AS SELECT "AGE" FROM "r_DM"')
        self.assert_exit(self.go("--views", "--forms", "DM", "--variables", "AGE"), 13, "depend")
        self.place.rows("DROP VIEW old")
        self.told("--views", "--forms", "DM", "--variables", "AGE")
        self.assertEqual(self.place.rows(granted), [(False,)], "columns went, so it was made anew")
        self.place.rows('COMMENT ON VIEW "r_DM" IS \'imednet view 1 of nobody\'')
        self.assert_exit(self.go("--views", "--forms", "DM"), 13, "another study")


class SnowflakeViews(FormsCase):
    """Names that nobody has to quote; a VARIANT that has forgotten how answers stood."""
    records_of, variables = staticmethod(view_records), Views.variables
    FORMS = ("AE", "DM", "NASTY", "VS")

    def go(self, *options, command="export", study=None, table=None):
        arguments = self.arguments("--retry-backoff", "0.01", *options, study=study or self.table, table=table)
        return run([arguments[0], command, *arguments[2:]], self.environment())

    def told(self, *options, **names):
        result = self.go("--output", "json", *options, **names)
        self.assertEqual(result.code, 0, result)
        return json.loads(result.stdout)

    def rows(self, sql):
        return [tuple(row) for row in self.sandbox.rows(sql)]

    def of(self, form, what, rest="ORDER BY record_id"):
        return self.rows(f"SELECT {what} FROM {self.table}_{form} {rest}")

    def described(self, name):
        """Name to type and comment."""
        return {row[0]: (row[1], row[9]) for row in self.rows(f"DESCRIBE VIEW {name}")}

    def views(self):
        return {row[1]: row for row in self.rows(f"SHOW VIEWS LIKE '{self.table}%'")}

    def statements(self, report):
        """Of that run, which began so."""
        found = self.rows(f"SELECT query_text FROM TABLE(IMEDNET_DB.INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000)) WHERE CONTAINS(query_tag, '{report['run_id']}')")
        return [row[0] for row in found]

    def made(self, report):
        return sum(" VIEW " in text and text.startswith("CREATE") for text in self.statements(report))

    @staticmethod
    def are_alike(answer, held, shown):
        """The same; of JSON that is no text the same values, however they are written, and of 0.0 or -0 the flag."""
        if held is None and isinstance(shown, bool) and answer[:1] != '"':
            return float(answer) == shown
        if repr(held) == repr(shown) or not (isinstance(held, str) and isinstance(shown, str)):
            return repr(held) == repr(shown)
        try:
            one, other = (json.loads(text, parse_float=decimal.Decimal, parse_int=decimal.Decimal) for text in (held, shown))
        except ValueError:
            return False
        return not isinstance(one, str) and one == other

    def test_views_show_what_typed_tables_hold(self):
        """Every cell of a study of odd answers."""
        self.told("--layout", "forms", "--include-blinded", table=f"{self.table}_T")
        report = self.told("--views", "--include-blinded")
        held_types, shown_types = ({name: kind for name, (kind, _) in self.described(name).items()} for name in (f"{self.table}_T_NASTY", f"{self.table}_NASTY"))
        names = [name for name in shown_types if name not in ("_FILE", "_RUN_ID", "_LOADED_AT")]
        self.assertEqual(names, [name for name in held_types if name not in ("_FILE", "_RUN_ID", "_LOADED_AT", "_RAW", "_EXTRA", "_ROW_HASH")])
        self.assertEqual({name: kind for name, kind in held_types.items() if name in shown_types}, shown_types)
        what = ", ".join(f'"{name}"' for name in names)
        typed, viewed = ({row[names.index("RECORD_ID")]: dict(zip(names, row)) for row in self.rows(f"SELECT {what} FROM {table}")} for table in (f"{self.table}_T_NASTY", f"{self.table}_NASTY"))
        self.assertEqual((len(typed), typed.keys()), (len(nasty_answers.records("")), viewed.keys()))
        raw = {row[0] for row in self.rows(f"SELECT record_id FROM {self.table} WHERE record_id >= 1000 AND record_data_raw IS NOT NULL")}
        texts = dict(enumerate(nasty_answers.record_texts(), 1000))
        unread = {record for record in raw if "\\u" in texts[record] or has_doubles(texts[record], str)}
        doubled = {record for record in texts.keys() - unread if has_doubles(texts[record], folded)}
        self.assertGreater(min(len(raw - unread), len(unread), len(doubled)), 2)
        answers = {record: nasty_answers.answer_of(record) for record in texts}
        differ = {record: (name, held, viewed[record][name], answers.get(record)) for record, row in typed.items() for name, held in row.items()
                  if not self.are_alike(answers.get(record), held, viewed[record][name]) and not (viewed[record][name] is None and record in raw | doubled)}
        self.assertEqual(differ, {})
        for name, (_, kind) in zip(("NUM", "FLAG", "THE_DAY", "SEEN_AT"), nasty_answers.VARIABLES):  # otherwise the comparison says little
            self.assertGreater(sum(row[name] is not None for row in viewed.values()), 5, f"{name} is hardly ever a {kind}")
        self.assertEqual([int(text.split()[3]) for text in report["warnings"] if "RECORD_DATA_RAW" in text], [len(unread)])
        self.assertEqual([int(text.split()[0]) for text in report["warnings"] if "case alone" in text], [len(doubled)])
        self.assertEqual({viewed[record]["TXT"] for record in unread}, {None})

    def test_a_view_follows_the_table_and_a_second_run_makes_none(self):
        report = self.told("--views")
        place = f"IMEDNET_DB.PUBLIC.{self.table}"
        self.assertEqual((report["method"], report["blinded"], report["rows_in_target"], report["views"]), ("copy", "left out", RECORDS, [f"{place}_{form}" for form in self.FORMS]))
        self.assertEqual(self.made(report), 4)
        self.assertEqual([self.of(form, "COUNT(*)", "") for form in ("DM", "VS", "AE")], [[(8,)], [(4,)], [(0,)]])
        self.assertEqual([(*row[:2], str(row[2])[:10], row[3]) for row in self.of("DM", "age, it_sex, COALESCE(onset_day_text, ''), _deleted_at")[:2]],
                         [(60.0, "F", "2013-12-26", None), (98.1, "", "2013-12", None)])
        comments = {name: comment for name, (_, comment) in self.described(f"{self.table}_DM").items()}
        self.assertEqual((comments["AGE"], comments["ODD__NAME_"], "ARM" in comments), ("Age in years", "With 'quotes'", False))
        again = self.told("--views")
        self.assertTrue(again["unchanged_since_run"])
        self.assertEqual((self.made(again), again["views"], sum("SHOW VIEWS" in text for text in self.statements(again))), (0, report["views"], 2))
        shown = self.go("--views", "--include-blinded")
        self.assertEqual(shown.code, 0, shown)
        self.assertIn(f"typed views: {place}_AE, {place}_DM", shown.stderr)
        self.assertIn("no warehouse was used", shown.stderr)
        self.assertEqual(self.of("DM", "arm")[0], ("secret arm",))
        self.add({"studyKey": self.table, "formKey": "dM", "recordId": 99, "recordData": {"aGe": "61"}})
        self.vanish(108)
        self.told()
        self.assertEqual(self.of("DM", "age")[:2], [(61.0,), (60.0,)], "a spelling that came without --views")
        self.assertEqual(self.of("VS", "record_id", "WHERE _deleted_at IS NOT NULL"), [(108,)])

    def test_forms_and_variables_are_chosen_and_what_was_granted_stays(self):
        self.told("--views", "--variables", "AGE,dm.it.sex", "--forms", "dm")
        self.assertEqual(list(self.views()), [f"{self.table}_DM"])
        self.rows("CREATE ROLE IF NOT EXISTS VIEWER")
        self.rows(f"GRANT SELECT ON VIEW {self.table}_DM TO ROLE VIEWER")
        report = self.told("--views", "--forms", "DM")
        self.assertEqual((report["method"], self.made(report)), ("nothing", 1))
        self.assertIn("OK", self.described(f"{self.table}_DM"))
        self.assertIn(("SELECT", f"IMEDNET_DB.PUBLIC.{self.table}_DM"), [(row[1], row[3]) for row in self.rows("SHOW GRANTS TO ROLE VIEWER")])
        for options, told in ((("--views", "--layout", "forms"), "--views"), (("--views", "--sites", "10"), "--sites"), (("--views", "--forms", "XX"), "XX")):
            for command in ("export", "plan"):
                self.assert_exit(self.go(*options, command=command), 2, told)

    def test_what_is_not_ours_is_refused_before_anything_is_read(self):
        name = f"{self.table}_VS"
        for make, drop in ((f"CREATE TABLE {name} (n NUMBER)", f"DROP TABLE {name}"), (f"CREATE VIEW {name} AS SELECT 1 AS n", f"DROP VIEW {name}")):
            self.rows(make)
            for command in ("plan", "export"):
                self.assert_exit(self.go("--views", command=command), 13, f"{name} is there and is no view of this export")
            self.assertFalse(self.sandbox.table_exists(self.table))
            self.rows(drop)
        self.told("--views")
        self.assert_exit(self.go("--views", study=NASTY.upper()), 13, f"{self.table}_AE is a view of another study")
        self.rows(f"CREATE OR REPLACE VIEW {name} AS SELECT 1 AS n")
        self.assert_exit(self.go("--views"), 13, f"{name} is there")
        self.assertEqual(self.of("VS", "n", ""), [(1,)])

    def test_a_role_that_may_make_no_view_is_told_what_to_ask_for(self):
        for sql in ("CREATE ROLE IF NOT EXISTS LOADER", f"GRANT ROLE LOADER TO USER {self.sandbox.snowflake['user']}",
                    "GRANT USAGE ON DATABASE IMEDNET_DB TO ROLE LOADER", "GRANT USAGE, CREATE TABLE ON SCHEMA IMEDNET_DB.PUBLIC TO ROLE LOADER",
                    f"GRANT USAGE ON WAREHOUSE {self.sandbox.snowflake['warehouse']} TO ROLE LOADER", f"GRANT READ, WRITE ON STAGE {self.sandbox.snowflake['stage'].lstrip('@')} TO ROLE LOADER"):
            self.rows(sql)
        options = ("--views", "--role", "LOADER", "--ledger", "none", "--forms", "DM")
        self.assert_exit(self.go(*options), 13, "the rows are loaded", "GRANT CREATE VIEW ON SCHEMA")
        self.assertEqual(self.rows(f"SELECT COUNT(*) FROM {self.table}"), [(RECORDS,)])
        self.rows("GRANT CREATE VIEW ON SCHEMA IMEDNET_DB.PUBLIC TO ROLE LOADER")
        self.assertEqual(len(self.told(*options)["views"]), 1)

class SnowflakeSample(SandboxTest):
    def count(self, sql):
        return self.sandbox.rows(f"SELECT COUNT(*) FROM ({sql})")[0][0]

    def test_the_sample_study_is_shown_as_typed_tables_hold_it(self):
        self.report("--layout", "forms", "--include-blinded", table="T")
        views = self.report("--views", "--include-blinded", table="R")["views"]
        self.assertGreater(len(views), 4)
        for form in (name.rsplit(".", 1)[1].removeprefix("R") for name in views):
            columns = ", ".join(f'"{row[0]}"' for row in self.sandbox.rows(f"DESCRIBE VIEW R{form}") if row[0] not in ("_FILE", "_RUN_ID", "_LOADED_AT"))
            held, shown = (f"SELECT {columns} FROM {table}{form}" for table in "TR")
            self.assertEqual((self.count(f"{held} MINUS {shown}"), self.count(f"{shown} MINUS {held}"), self.count(shown)), (0, 0, self.count(held)), form)


if __name__ == "__main__":
    del Views, Commented, FormsCase  # no tests by themselves
    harness.main()
