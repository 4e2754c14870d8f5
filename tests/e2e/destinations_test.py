#!/usr/bin/env python3
"""The suite of destination_suite.py for each destination, and what is each one's own. A new destination is a class in destinations.py and one here."""
import json
import subprocess

import harness
from changing_study import BATCH, RECORDS
from destination_suite import RecordsSuite, RecordsTransactionSuite, Suite, TransactionSuite
from destinations import DuckDb, Postgres, Snowflake, Sqlite
from harness import run, wait_until
from own_study import OwnStudyTest


class DuckDbTest(RecordsTransactionSuite, OwnStudyTest):
    destination_of = DuckDb

    def test_a_file_that_another_program_holds_is_not_waited_for_for_ever(self):
        self.told()
        import duckdb
        with duckdb.connect(str(self.place.path)):
            self.assert_exit(self.go("--max-retries", "1"), 10, "another program")
        self.told()

    def test_a_file_of_another_kind_is_refused(self):
        self.place.path.write_text("this is no database, but a text that is long enough to be read as one " * 100)
        before = self.place.path.read_bytes()
        self.assert_exit(self.go(), 13)
        self.assertEqual(self.place.path.read_bytes(), before)

    def test_a_study_that_is_not_there_leaves_no_file(self):
        self.assertEqual(self.go(study="NO_SUCH_STUDY").code, 12)
        self.assertFalse(self.place.path.exists())


class SqliteTest(RecordsTransactionSuite, OwnStudyTest):
    destination_of = Sqlite

    def with_trigger(self, action, told):
        self.told()
        self.place.rows(f"CREATE TRIGGER meddler AFTER INSERT ON {self.target} BEGIN {action} END")
        self.change(1004)
        before = self.everything()
        self.assert_exit(self.go(), 15, told)
        self.assertEqual(self.everything(), before)
        self.place.rows("DROP TRIGGER meddler")
        self.told()
        self.assert_mirror()

    def test_a_trigger_that_alters_rows_is_found(self):
        self.with_trigger(f"UPDATE {self.target} SET record_type = 'altered' WHERE rowid = NEW.rowid;", "1 of them with other values")

    def test_a_trigger_that_drops_rows_is_found(self):
        self.with_trigger(f"DELETE FROM {self.target} WHERE rowid = NEW.rowid;", "0 were written")

    def test_addresses_are_read_as_sqlalchemy_writes_them(self):
        result = run([harness.BIN / "imednet", "export", "sql", self.table, "records", "sqlite:///relative.db"], self.environment(), cwd=self.own)
        self.assertEqual((result.code, result.last_line), (0, f"Loaded {RECORDS} rows"), result)
        self.assertTrue((self.own / "relative.db").exists())
        for address in ("sqlite://", "sqlite:///:memory:", "sqlite://host/x.db", "mysql://x/y", "x.db", "sqlite:////no/such/folder/x.db"):
            self.assertEqual(run([harness.BIN / "imednet", "export", "sql", self.table, "records", address], self.environment()).code, 2, address)

    def test_a_warehouse_is_not_reached_this_way(self):
        for address in ("snowflake://user:x@account/db", "duckdb:///x.duckdb"):
            self.assert_exit(run([harness.BIN / "imednet", "export", "sql", self.table, "records", address], self.environment()), 2, "imednet export")
        self.told()
        self.assert_exit(self.go("--driver", "duckdb"), 2, "imednet export duckdb")

    def test_a_file_that_another_program_writes_is_not_waited_for_for_ever(self):
        import sqlite3
        self.told()
        self.change(1004)
        holder = sqlite3.connect(self.place.path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        try:
            self.assert_exit(run(self.command("--max-retries", "0"), self.environment()), 10, "another program")
        finally:
            holder.execute("ROLLBACK")
            holder.close()
        self.told()
        self.assert_mirror()


class PostgresTest(RecordsTransactionSuite, OwnStudyTest):
    destination_of = Postgres

    def test_a_wrong_password_is_a_sign_in_that_failed_and_is_not_told(self):
        address = self.place.server.address(self.place.database, "wrong-one")
        result = run([harness.BIN / "imednet", "export", "sql", self.table, "records", address, "--max-retries", "0"], self.environment())
        self.assert_exit(result, 11)
        self.assertNotIn("wrong-one", result.stdout + result.stderr)

    def test_a_server_that_is_not_there(self):
        address = "postgresql://imednet:secret-of-nobody@127.0.0.1:1/x"
        result = run([harness.BIN / "imednet", "export", "sql", self.table, "records", address, "--max-retries", "0"], self.environment())
        self.assert_exit(result, 13, "127.0.0.1")
        self.assertNotIn("secret-of-nobody", result.stderr)

    def test_the_address_may_come_from_the_environment(self):
        result = run([harness.BIN / "imednet", "export", "sql", self.table, "records", "-"], self.environment(IMEDNET_SQL_URI=self.place.place()))
        self.assertEqual(result.last_line, f"Loaded {RECORDS} rows", result)

    def test_a_schema_that_is_there_and_one_that_is_not(self):
        self.place.rows("CREATE SCHEMA trial")
        self.assertEqual(self.go(table="trial.records").code, 0)
        self.assertEqual(self.place.rows("SELECT COUNT(*) FROM trial.records"), [(RECORDS,)])
        self.assertEqual(self.place.rows("SELECT COUNT(*) FROM trial.imednet_loads"), [(RECORDS // BATCH,)])
        self.assert_exit(self.go(table="nowhere.records"), 13, "nowhere")

    def test_a_table_that_another_run_makes_at_the_same_time_is_waited_for(self):
        self.told()
        for name in ("imednet_loads", "imednet_runs"):
            self.place.rows(f"ALTER TABLE {name} RENAME TO former_{name}")
        with self.place.server.connect(self.place.database) as other, other.transaction():
            for name in ("imednet_loads", "imednet_runs"):
                other.execute(f"CREATE TABLE {name} (LIKE former_{name} INCLUDING ALL)")
            command = [str(word) for word in self.command("--output", "json", table="beside")]
            beside = subprocess.Popen(command, env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            wait_until("the run waits for the other one",
                       lambda: self.place.rows("SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()") != [(0,)])
        output, errors = beside.communicate(timeout=harness.WAIT_S)
        self.assertEqual(beside.returncode, 0, errors)
        report = json.loads(output)
        self.assertEqual((report["retries"], report["rows_in_target"]), (1, RECORDS))

    def test_a_user_who_may_not_write_is_told_so(self):
        self.place.rows("CREATE ROLE reader LOGIN PASSWORD 'made-up-too'")
        self.place.rows("GRANT USAGE ON SCHEMA public TO reader")
        address = self.place.place().replace("imednet:made-up-for-tests", "reader:made-up-too")
        self.assert_exit(run([harness.BIN / "imednet", "export", "sql", self.table, "records", address], self.environment()), 13, "may not write")


class SnowflakeTest(RecordsSuite, OwnStudyTest):
    destination_of = Snowflake

    def quoted(self):
        return self.name

    def told(self, *options, **names):
        self.forget_cursors()
        return super().told(*options, **names)


class DuckDbForms(TransactionSuite, OwnStudyTest):
    destination_of, layout = DuckDb, "forms"


class SqliteForms(TransactionSuite, OwnStudyTest):
    destination_of, layout = Sqlite, "forms"


class PostgresForms(TransactionSuite, OwnStudyTest):
    destination_of, layout = Postgres, "forms"


if __name__ == "__main__":
    del Suite, TransactionSuite, RecordsSuite, RecordsTransactionSuite  # no tests by themselves
    harness.main()
