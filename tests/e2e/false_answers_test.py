#!/usr/bin/env python3
"""Snowflake or the API says what is not so: the run ends with the code for it and the table is as before, or as the API has it; never is exit 0 said of anything else.

Where rows were copied straight into an empty table they may stand there after exit 15: then the next run makes the table exact.
"""
import json

import harness
from harness import run
from own_study import OwnStudyTest

RECORDS = 60


class FalseAnswers(OwnStudyTest):
    """Every test has its own study of sixty records and three files, named as its table."""

    def setUp(self):
        super().setUp()
        self.sandbox.snowflake_control("DELETE", "orders")

    def order(self, contains, do, **match):
        self.sandbox.snowflake_control("POST", "orders", {"match": {"statement_contains": contains.replace("$T", self.table), **match}, "do": do})

    def fired(self):
        return [order["fired"] for order in self.sandbox.snowflake_control("GET", "orders")]

    def export(self, *options):
        return run(self.arguments("--retry-backoff", "0.01", "--batch-size", "20", *options, study=self.table), self.environment())

    def rows(self):
        if not self.sandbox.table_exists(self.table):
            return []
        return self.sandbox.rows(f"SELECT record_id, record_data:n::number, _run_id, _deleted_at FROM {self.table} ORDER BY 1, 3")

    def ledger(self):
        if not self.sandbox.table_exists("IMEDNET_LOADS"):
            return []
        return self.sandbox.rows(f"SELECT file_path, run_id, superseded_by FROM IMEDNET_LOADS WHERE target_table LIKE '%.{self.table}' ORDER BY 1, 2")

    def state(self):
        return self.rows(), self.ledger()

    def assert_exact(self, result=None, why=None):
        """The live rows are those of the API, each once; `result`: the run that says so with 0."""
        if result is not None:
            self.assertEqual(result.code, 0, f"{why}: {result}")
        self.assertEqual([(row[0], row[1]) for row in self.rows() if row[3] is None], sorted(self.holds.items()), why)

    def settle(self):
        """Without false answers the next run makes the table exact, whatever stands there."""
        self.sandbox.snowflake_control("DELETE", "orders")
        self.sandbox.clear_orders()
        result = self.export()
        if result.code != 0:  # rows that somebody else changed: only the rows' replacement helps, as the hint says
            self.assertIn("--force-reload", result.stderr)
            result = self.export("--force-reload")
        self.assert_exact(result)
        self.assert_loaded(self.export(), 0)


class FirstLoad(FalseAnswers):
    """COPY straight into an empty table."""

    def setUp(self):
        super().setUp()
        self.holds = {1000 + n: n for n in range(RECORDS)}

    def assert_found_out(self, contains, do, *texts, code=15, fired=None, **match):
        self.order(contains, do, **match)
        result = self.export()
        self.assertTrue(all(self.fired()), f"it never fired: {result}")
        self.assert_exit(result, code, *texts)
        self.assertEqual(self.ledger(), [], "the ledger vouches for what was not proved")
        self.settle()

    def test_copy_of_no_file_with_success(self):
        self.assert_found_out("COPY INTO", {"copy_nothing": True}, "COPY did not load its file")

    def test_copy_of_a_part_of_each_file(self):
        self.assert_found_out("COPY INTO", {"copy_rows": 5}, "COPY did not load its file")

    def test_copy_that_says_fewer_rows_than_the_file_has(self):
        self.assert_found_out("COPY INTO", {"say": {"rows_loaded": "19"}}, "its file has 20 rows and COPY loaded 19")

    def test_copy_that_says_more_rows_than_the_file_has(self):
        self.assert_found_out("COPY INTO", {"say": {"rows_loaded": "21"}}, "its file has 20 rows and COPY loaded 21")

    def test_copy_that_says_all_rows_of_which_one_is_not_there(self):
        self.assert_found_out("COPY INTO", {"run": f"DELETE FROM {self.table} WHERE record_id = 1007", "after_running": True},
                              "its file has 20 rows and the table holds 19")

    def test_copy_that_left_a_column_empty(self):
        self.assert_found_out("COPY INTO", {"run": f"UPDATE {self.table} SET subject_key = NULL WHERE record_id = 1007", "after_running": True},
                              "column subject_key has 20 values in the file and 19 in the table")

    def test_count_that_says_fewer_rows_than_were_copied(self):
        self.assert_found_out('"N_0"', {"say": {"ROW_COUNT": "19"}}, "its file has 20 rows and the table holds 19")

    def test_count_that_forgets_a_file(self):
        self.assert_found_out('"N_0"', {"forget_rows": 1}, "its file has 20 rows and the table holds 0")

    def test_column_that_is_counted_too_low(self):
        self.assert_found_out('"N_3"', {"say": {"N_3": "4"}}, "values in the file and 4 in the table")

    def test_copy_that_denies_what_it_loaded_is_not_believed(self):
        """The table itself says that the rows are there."""
        self.order("COPY INTO", {"say": {"status": "LOAD_FAILED"}})
        self.assert_exact(self.export())
        self.assertEqual(self.fired(), [1])
        self.settle()

    def test_copy_that_names_no_file_of_ours_is_asked_for_and_found(self):
        self.order("COPY INTO", {"say": {"file": "somewhere/else.parquet"}})
        self.assert_exact(self.export())
        self.assertEqual(self.fired(), [1])
        self.settle()

    def test_copy_that_forgets_a_file_it_loaded_is_asked_for_and_found(self):
        self.order("COPY INTO", {"forget_rows": 1})
        self.assert_exact(self.export())
        self.assertEqual(self.fired(), [1])
        self.settle()

    def test_put_that_says_success_and_brings_nothing(self):
        self.assert_found_out("PUT '", {"lose_upload": True}, "PUT reported success, but LIST shows no file of that name and size", code=13, times=0)

    def test_put_that_brings_nothing_once_is_sent_again(self):
        self.order("_records_1.parquet", {"lose_upload": True})
        self.assert_exact(self.export())
        self.assertEqual(self.fired(), [1])
        self.settle()

    def test_listing_that_lacks_files_that_are_there(self):
        self.assert_found_out("LIST ", {"forget_rows": 10000}, "LIST shows no file of that name and size", code=13, times=0)

    def test_listing_that_lacks_files_once_costs_a_second_put(self):
        self.order("LIST ", {"forget_rows": 10000}, nth=2)
        self.assert_exact(self.export())
        self.assertEqual(self.fired(), [1])
        self.settle()

    def test_listing_with_a_wrong_size(self):
        self.assert_found_out("LIST ", {"say": {"size": "17"}}, "LIST shows no file of that name and size", code=13, times=0)

    def test_file_that_is_listed_and_gone_when_it_is_copied(self):
        """The files lie there from a run whose table was dropped; they go between LIST and COPY."""
        self.assert_exact(self.export())
        self.sandbox.rows(f"DROP TABLE {self.table}")
        self.order("LIST ", {"run": "REMOVE @MY_STAGE/imednet/", "after_running": True})
        result = self.export()
        self.assertEqual(self.fired(), [1])
        if result.code != 0:
            self.assertIn(result.code, (3, 13, 15), result)
            self.assertEqual(self.rows(), [])
        self.settle()

    def test_count_of_the_forms_that_is_wrong_after_all(self):
        """The last question of the run; the rows are right by then, and the ledger knows them."""
        self.order('COALESCE("FORM_KEY"', {"say": {"ROW_COUNT": "61"}})
        result = self.export()
        self.assert_exit(result, 15, "live rows of the study in the table is 61")
        self.assert_exact()
        self.settle()

    def test_forms_that_are_missing_from_the_last_count(self):
        self.order('COALESCE("FORM_KEY"', {"forget_rows": 1})
        self.assert_exit(self.export(), 15, "live rows of the study in the table is 0")
        self.assert_exact()
        self.settle()


class Unchanged(FalseAnswers):
    """A study that stands in the table as the API has it."""

    def setUp(self):
        super().setUp()
        self.holds = {1000 + n: n for n in range(RECORDS)}
        self.assert_exact(self.export())
        self.forget_cursors()

    def test_live_rows_counted_lower_than_the_ledger_says(self):
        """Somebody deleted rows, or so it looks."""
        before = self.state()
        self.order('"LIVE_ROWS"', {"say": {"LIVE_ROWS": "59"}})
        self.assert_exit(self.export(), 15, "somebody deleted rows")
        self.assertEqual((self.fired(), self.state()), ([1], before))
        self.settle()

    def test_live_rows_counted_higher_than_the_files_have_change_nothing(self):
        """Then a merge looks who vanished, and finds nobody; in its transaction the same false count is an error."""
        before = self.state()
        self.order('"LIVE_ROWS"', {"say": {"LIVE_ROWS": "61"}}, times=0)
        self.assert_exit(self.export(), 15, "nothing was changed")
        self.assertEqual(self.state(), before)
        self.settle()

    def test_ledger_that_is_not_told_is_found_again_in_the_table(self):
        self.order('FROM "IMEDNET_DB"."PUBLIC"."IMEDNET_LOADS"', {"forget_rows": 100})
        self.assert_loaded(self.export(), 0)
        self.assertEqual(self.fired(), [1])
        self.assert_exact()
        self.settle()


class Changed(FalseAnswers):
    """A study that stands in the table, and then one record changes, one comes and one goes."""

    def setUp(self):
        super().setUp()
        self.holds = {1000 + n: n for n in range(RECORDS)}
        self.assert_exact(self.export())
        self.change(1004)
        self.vanish(1030)
        self.add({"studyKey": self.table, "formKey": "AE", "recordId": 2000, "recordData": {"n": 7}})
        self.holds.update({1004: 99, 2000: 7})
        del self.holds[1030]

    def assert_found_out(self, contains, do, *texts, options=(), code=15, **match):
        before = self.state()
        self.order(contains, do, **match)
        result = self.export(*options)
        self.assertTrue(all(self.fired()), f"it never fired: {result}")
        self.assert_exit(result, code, *texts)
        self.assertEqual(self.state(), before)
        self.settle()

    def test_merge_that_says_another_number_of_inserted_rows(self):
        self.assert_found_out("MERGE INTO", {"say": {"number of rows inserted": "2"}}, "nothing was changed")

    def test_merge_that_says_another_number_of_updated_rows(self):
        self.assert_found_out("MERGE INTO", {"say": {"number of rows updated": "0"}}, "nothing was changed")

    def test_replace_that_says_another_number_of_inserted_rows(self):
        self.assert_found_out('INSERT INTO "IMEDNET_DB"."PUBLIC"."$T"', {"say": {"number of rows inserted": "59"}}, "nothing was changed",
                              options=("--mode", "replace"))

    def test_copy_of_no_file_into_the_temporary_table(self):
        self.assert_found_out("COPY INTO", {"copy_nothing": True}, "COPY did not load its file")

    def test_copy_of_a_part_into_the_temporary_table(self):
        self.assert_found_out("COPY INTO", {"copy_rows": 3}, "COPY did not load its file")

    def test_records_in_the_temporary_table_counted_too_low(self):
        self.assert_found_out('"KEY_COUNT"', {"say": {"KEY_COUNT": "20"}}, "nothing was changed")

    def test_rows_that_are_equal_counted_too_low_in_the_transaction(self):
        self.assert_found_out('"_ROW_HASH" WHERE t."_DELETED_AT" IS NULL', {"say": {"ROW_COUNT": "59"}}, "60 records were staged and 59 stand in", nth=2)

    def test_live_rows_counted_too_low_in_the_transaction(self):
        self.assert_found_out('"LIVE_ROWS"', {"say": {"LIVE_ROWS": "59"}}, "nothing was changed", nth=2)

    def test_live_rows_of_both_counts_too_low_in_the_transaction(self):
        """A table that lacks a record counts one less both ways."""
        self.assert_found_out('"LIVE_ROWS"', {"say": {"LIVE_ROWS": "59", "LIVE_IDS": "59"}}, "would hold 59 live rows of 59 records", nth=2)

    def test_records_counted_too_low_in_the_transaction(self):
        self.assert_found_out('"LIVE_IDS"', {"say": {"LIVE_IDS": "59"}}, "nothing was changed", nth=2)

    def test_rows_of_this_run_counted_too_high_in_the_transaction(self):
        self.assert_found_out('"RUN_ROWS"', {"say": {"RUN_ROWS": "3"}}, "nothing was changed", nth=2)

    def test_forms_counted_wrong_in_the_transaction(self):
        self.assert_found_out('COALESCE("FORM_KEY"', {"say": {"FORM_KEY": "VS"}}, "nothing was changed", nth=2)

    def test_record_that_is_said_to_be_missing_is_asked_of_the_api_and_stays(self):
        """The list of live rows without a record names one that the API has: the study is read again, and when it stays so nothing is marked."""
        self.assert_found_out('SELECT t."RECORD_ID"', {"say": {"RECORD_ID": "1031"}}, "that were not shown are there", times=0)

    def test_ledger_that_forgets_its_rows_costs_a_merge_and_no_row(self):
        self.order('FROM "IMEDNET_DB"."PUBLIC"."IMEDNET_LOADS"', {"forget_rows": 100})
        self.assert_exact(self.export())
        self.assertTrue(all(self.fired()))
        self.settle()

    def test_file_whose_digest_the_ledger_has_otherwise_is_not_taken_for_ours(self):
        """Layout flat: a name on the stage is trusted only with the digest that the ledger has."""
        table = f"{self.table}_FLAT"
        arguments = ["--stage-layout", "flat", "--stage-prefix", "flat/own", "--batch-size", "20"]
        flat = lambda: run(self.arguments("--retry-backoff", "0.01", *arguments, study=self.table, table=table), self.environment())
        self.assertEqual(flat().code, 0)
        self.forget_cursors()
        self.sandbox.rows(f"UPDATE IMEDNET_LOADS SET sha256 = REPEAT('0', 64), hash = 'x' WHERE target_table LIKE '%.{table}'")
        before = self.sandbox.rows(f"SELECT record_id, _run_id FROM {table} ORDER BY 1")
        self.assert_exit(flat(), 13, "another file has that name on the stage", "REMOVE")
        self.assertEqual(self.sandbox.rows(f"SELECT record_id, _run_id FROM {table} ORDER BY 1"), before)


class FalseTotals(FalseAnswers):
    """The API's totals are not those of its records."""

    def setUp(self):
        super().setUp()
        self.holds = {1000 + n: n for n in range(RECORDS)}

    def assert_found_out(self, order, code, *texts):
        for loaded in (False, True):
            before = self.state()
            self.sandbox.clear_orders()
            self.sandbox.order(order[0], **order[1])
            self.assert_exit(self.export(), code, *texts)
            self.assertEqual(self.state(), before)
            if not loaded:
                self.settle()
                self.change(1004, 50)
                self.holds[1004] = 50
        self.settle()

    def test_total_of_one_more(self):
        self.assert_found_out(({"wrong_total": RECORDS + 1}, {"times": 0}), 15)

    def test_total_of_one_less(self):
        self.assert_found_out(({"wrong_total": RECORDS - 1}, {"times": 0}), 15)

    def test_total_that_is_wrong_at_the_start_only_costs_nothing(self):
        self.sandbox.order({"wrong_total": 7}, nth=1)
        self.assert_exact(self.export())
        self.settle()

    def test_list_that_lacks_a_record_of_which_the_total_knows(self):
        """The total says 60, and one record is not shown."""
        lines = [json.dumps({"formKey": "AE", "recordId": i, "recordData": {"n": n}}, separators=(",", ":")) for i, n in self.holds.items() if i != 1017]
        body = '{"metadata":{"status":"OK"},"pagination":{"currentPage":0,"size":500,"totalPages":1,"totalElements":60},"data":[' + ",".join(lines) + "]}"
        self.assert_found_out(({"status": 200, "body": body}, {"query_contains": "size=500", "times": 0}), 15)


del FalseAnswers

if __name__ == "__main__":
    harness.main()
