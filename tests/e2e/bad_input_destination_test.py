#!/usr/bin/env python3
"""Bad input: a Snowflake where a name is wrong, a grant is missing, a table does not fit, or something goes away meanwhile."""
import os
import signal
import socket

import harness
from bad_input import BadInputTest, Row
from statement_gate import StatementGate

DATABASE, SCHEMA, WAREHOUSE, STAGE = "IMEDNET_DB", "IMEDNET_DB.PUBLIC", "COMPUTE_WH", "IMEDNET_DB.PUBLIC.MY_STAGE"
FULL = "study_key VARCHAR NOT NULL, record_id NUMBER(38,0) NOT NULL, record_data VARIANT"
LONG = "n" * 250 + "äöü"  # 256 bytes
# What the page on the export asks for, for a role that makes its own tables.
GRANTS = (f"USAGE ON WAREHOUSE {WAREHOUSE}", f"USAGE ON DATABASE {DATABASE}", f"USAGE ON SCHEMA {SCHEMA}", f"READ ON STAGE {STAGE}",
          f"WRITE ON STAGE {STAGE}", f"CREATE TABLE ON SCHEMA {SCHEMA}")


def sql(case, *statements):
    """All under one lock: some change the schema of the session that the rows share."""
    with case.test.lock:
        for statement in statements:
            case.sandbox.rows(statement)


def names(*more, **where):
    def arrange(case):
        case.names.update(where)
        case.options += more
    return arrange


def exporter(*without, also=()):
    """A role of the row's own with the documented grants but these, and with others."""
    def arrange(case):
        role = f"ROLE_{case.key}"
        given = [grant for grant in GRANTS if grant not in without]
        sql(case, f"CREATE ROLE {role}", f"GRANT ROLE {role} TO USER loader", *(f"GRANT {grant} TO ROLE {role}" for grant in (*given, *also)))
        case.options += ["--role", role, "--ledger-schema", "IMEDNET_DB.PUBLIC"]
    return arrange


def exporter_into(columns, privileges, *without):
    """The target belongs to somebody else; the ledger too."""
    def arrange(case):
        sql(case, f"CREATE TABLE {case.table} ({columns})")
        exporter(*without, also=(f"{privileges} ON TABLE {SCHEMA}.{case.table}", f"SELECT, INSERT, UPDATE ON TABLE {SCHEMA}.IMEDNET_LOADS",
                                f"SELECT, INSERT, UPDATE ON TABLE {SCHEMA}.IMEDNET_LEASES"))(case)
    return arrange


ALL_COLUMNS = ("study_key VARCHAR NOT NULL, record_id NUMBER(38,0) NOT NULL, interval_id NUMBER(38,0), form_id NUMBER(38,0), form_key VARCHAR, "
               "site_id NUMBER(38,0), record_oid VARCHAR, record_type VARCHAR, record_status VARCHAR, deleted BOOLEAN, date_created TIMESTAMP_NTZ, "
               "date_modified TIMESTAMP_NTZ, subject_id NUMBER(38,0), subject_oid VARCHAR, subject_key VARCHAR, visit_id NUMBER(38,0), "
               "parent_record_id NUMBER(38,0), keywords VARCHAR, record_data VARIANT, record_data_raw VARCHAR, "
               "_row_hash VARCHAR, _file VARCHAR, _run_id VARCHAR, _loaded_at TIMESTAMP_NTZ, _deleted_at TIMESTAMP_NTZ")


def no_ledger_grant(case):
    sql(case, f"CREATE SCHEMA IF NOT EXISTS IMEDNET_DB.S_{case.key}", "USE SCHEMA IMEDNET_DB.PUBLIC")
    case.options += ["--ledger-schema", f"S_{case.key}"]
    exporter()(case)
    case.options = case.options[:-2] + ["--ledger-schema", f"S_{case.key}"]


def table_of(columns):
    return lambda case: sql(case, f"CREATE TABLE {case.table} ({columns})")


def external_stage(case):
    sql(case, f"CREATE STAGE IF NOT EXISTS OUTSIDE_{case.key} URL = 's3://made-up-bucket/x/'")
    case.names["stage"] = f"OUTSIDE_{case.key}"


def statement_fails(text, code, state, message, times=0, after_running=False):
    """The server answers a statement of this row with an error; told apart by the row's own stage prefix or table."""
    def arrange(case):
        case.options += ["--stage-prefix", f"imednet/{case.key}/own"]
        case.test.sandbox.snowflake_control("POST", "orders", {
            "match": {"statement_contains": text.format(case=case), "times": times},
            "do": {"fail": {"code": code, "sql_state": state, "message": message}, "after_running": after_running}})
    return arrange


def in_doubt(case):
    """COPY is carried out and its answer lost; then the table can't be asked what came in."""
    statement_fails('COPY INTO "IMEDNET_DB"."PUBLIC"."{case.table}"', "000630", "57014", "The answer is lost.", 1, True)(case)
    statement_fails('"{case.table}" WHERE "_DELETED_AT" IS NULL AND "_FILE"', "000625", "57014", "Nobody answers.", 1)(case)
    del case.options[-2:]


def nobody_listens(case):
    nobody = socket.socket()
    nobody.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
    case.closers.append(nobody.close)
    case.variables["SNOWFLAKE_PORT"] = nobody.getsockname()[1]


def gate(case):
    where = case.sandbox.snowflake
    made = StatementGate(where["host"], where["port"])
    case.closers.append(made.close)
    case.variables["SNOWFLAKE_PORT"] = made.port
    return made


def then(statement, act):
    """Once a statement was carried out, and before its answer comes, something happens."""
    def arrange(case):
        made = gate(case)
        made.hold_answer_to(statement)

        def act_once(_):
            if made.held.is_set() and not case.acted:
                case.acted = True
                act(case, made)
        case.acted = False
        case.while_running = act_once
    return arrange


def drop_target(case, made):
    sql(case, f"DROP TABLE {case.table}")
    made.let_go()


def send(number):
    return lambda case, _: os.kill(case.pid, number)


def is_loaded_by_the_next_run(case):
    case.variables.clear()
    case.while_running = lambda _: None
    case.run()
    case.test.assertEqual(case.result.code, 0, case.result)
    case.test.assertEqual(case.test.state(case), (3, 3))


def named(text, written=None):
    """A name that must work: what is typed, and the table's name as Snowflake has it."""
    def arrange(case):
        case.names["table"] = text
    def check(case):
        case.test.assertEqual(case.rows(f'SELECT COUNT(*) FROM "{written.replace(chr(34), chr(34) * 2)}"')[0][0], 3)
    return {"arrange": arrange, "check": check, "own_table": True}


def objects_named(name):
    """Schema, stage and table of that quoted name."""
    def arrange(case):
        quoted = '"' + name.replace('"', '""') + '"'
        sql(case, f"CREATE SCHEMA IF NOT EXISTS {quoted}", f"CREATE STAGE IF NOT EXISTS {quoted}.{quoted}", "USE SCHEMA IMEDNET_DB.PUBLIC")
        case.names.update(schema=quoted, stage=f"{quoted}.{quoted}", table=quoted)
    def check(case):
        quoted = '"' + name.replace('"', '""') + '"'
        case.test.assertEqual(case.rows(f"SELECT COUNT(*) FROM {quoted}.{quoted}")[0][0], 3)
        case.test.assertEqual(case.rows(f"SELECT SUM(row_count) FROM {quoted}.IMEDNET_LOADS WHERE study_key = '{case.key}'")[0][0], 3)
    return {"arrange": arrange, "check": check, "own_table": True}


MISSING = [Row(f"a {what} that is not there", 13, f"use the {what} .*NO_SUCH_THING.*does not exist or the role may not use it",
               "GRANT|CREATE", arrange=names(**{what: "NO_SUCH_THING"})) for what in ("database", "schema", "warehouse", "stage")]
REFUSED = [Row(f"a {what} {kind}", 13, f"use the {what} name", "letters, digits", arrange=names(**{what: name}))
           for what in ("database", "schema", "warehouse", "stage", "table")
           for kind, name in (("with quotes", "a'b"), ("with a semicolon", "x; DROP TABLE RECORDS"), ("with spaces", "my thing"),
                              ("of 300 bytes", "x" * 300), ("with an open quote", '"open'), ("that starts with a digit", "1ST"),
                              ("with letters of other languages", "ünï"), ("with a comment", "a--b"))]
DOTTED = [Row(f"a {what} with dots", 13, f"use the {what} name", "letters, digits|", arrange=names(**{what: "a.b"}))
          for what in ("database", "schema", "warehouse")]
ROWS = (
    *MISSING, *REFUSED, *DOTTED,
    Row("a table of four parts", 13, "use the table name", "SCHEMA.TABLE", arrange=names(table="a.b.c.d")),
    Row("an exact name of 256 bytes", 13, "use the table name.*255", "255", arrange=names(table=f'"{LONG}"')),
    Row("an empty exact name", 13, "use the table name", "quotes", arrange=names(table='""')),
    Row("a role with spaces", 13, "use the role name", "letters, digits", arrange=names("--role", "no role")),
    Row("a role that is not there", 13, "connect to the Snowflake account.*NO_SUCH_ROLE", "--role", arrange=names("--role", "NO_SUCH_ROLE")),
    Row("a role not granted to the user", 13, "connect to the Snowflake account.*OTHERS_ROLE", "--role",
        arrange=lambda case: (sql(case, "CREATE ROLE IF NOT EXISTS OTHERS_ROLE"), names("--role", "OTHERS_ROLE")(case))),
    Row("the user's own stage", 13, "user stage", "CREATE STAGE", arrange=names(stage="@~")),
    Row("a table's own stage", 13, "table stage", "CREATE STAGE", arrange=names(stage="@%TARGET")),
    Row("an external stage", 13, "external stage.*internal stages only", "internal stage", arrange=external_stage),
    Row("a stage prefix with spaces", 13, "stage prefix", "letters, digits", arrange=names("--stage-prefix", "a b")),
    Row("a stage prefix with quotes", 13, "stage prefix", "letters, digits", arrange=names("--stage-prefix", "a'b")),
    Row("a stage prefix with an empty part", 13, "stage prefix", "letters, digits", arrange=names("--stage-prefix", "a//b")),
    Row("a stage prefix with letters of other languages", 13, "stage prefix", "letters, digits", arrange=names("--stage-prefix", "é")),
    Row("a stage prefix that climbs", 13, "stage prefix", "letters, digits", arrange=names("--stage-prefix", "../up")),
    Row("a driver that is not there", 13, "connect to the Snowflake account|driver", "ADBC_DRIVER_PATH", arrange=names("--driver", "no_such_driver")),
    Row("a Snowflake that nobody serves", 13, "connect to the Snowflake account", "network|host", arrange=nobody_listens),
    Row("a missing table that is not to be made", 13, "use the table .*does not exist", "create it", arrange=names("--no-create-table"), own_table=True),
    Row("a ledger schema that is not there", 13, "NO_SUCH_SCHEMA", "--ledger-schema", arrange=names("--ledger-schema", "NO_SUCH_SCHEMA")),
    # Grants: the documented ones are enough, and each of them is needed and named.
    Row("a role with the documented grants", 0, arrange=exporter(also=(f"SELECT, INSERT, UPDATE ON TABLE {SCHEMA}.IMEDNET_LOADS",
                                                                                   f"SELECT, INSERT, UPDATE ON TABLE {SCHEMA}.IMEDNET_LEASES")), own_table=True),
    Row("no USAGE on the warehouse", 13, "use the warehouse", "GRANT USAGE ON WAREHOUSE", arrange=exporter(GRANTS[0]), own_table=True),
    Row("no USAGE on the database", 13, "use the database", "GRANT USAGE ON DATABASE", arrange=exporter(GRANTS[1]), own_table=True),
    Row("no USAGE on the schema", 13, "use the schema", "GRANT USAGE ON SCHEMA", arrange=exporter(GRANTS[2]), own_table=True),
    Row("no privilege on the stage", 13, "use the stage", "GRANT READ, WRITE ON STAGE", arrange=exporter(GRANTS[3], GRANTS[4]), own_table=True),
    Row("no WRITE on the stage", 13, "PUT to the stage.*Insufficient privileges", "GRANT READ, WRITE ON STAGE", arrange=exporter(GRANTS[4]),
        own_table=True),
    Row("no CREATE TABLE on the schema", 13, "make the lease table.*(Insufficient privileges|not authorized)", "GRANT CREATE TABLE ON SCHEMA",
        arrange=exporter(GRANTS[5]), own_table=True),
    Row("somebody else's table, INSERT and SELECT granted", 0, arrange=exporter_into(ALL_COLUMNS, "SELECT, INSERT"),
        own_table=True),
    Row("somebody else's table, no INSERT", 13, "Insufficient privileges", "privilege|GRANT", arrange=exporter_into(ALL_COLUMNS, "SELECT"),
        own_table=True),
    Row("somebody else's table that lacks columns", 13, "add .* missing columns", "owner run: ALTER TABLE",
        arrange=exporter_into(FULL, "SELECT, INSERT"), own_table=True),
    Row("an account that forbids PUT", 13, "PUT to the stage", "external stages only",
        arrange=statement_fails("'@\"IMEDNET_DB\".\"PUBLIC\".\"MY_STAGE\"/imednet/{case.key}/own", "003001", "42501", "PUT is not allowed in this account.")),
    # Tables that do not fit.
    Row("a column of another type", 13, "RECORD_ID is VARCHAR.*RECORD_DATA is VARCHAR", "another table",
        arrange=table_of("study_key VARCHAR, record_id VARCHAR, record_data VARCHAR"), own_table=True),
    Row("an id column too narrow", 13, "RECORD_ID is NUMBER.10,0.", "another table",
        arrange=table_of("study_key VARCHAR, record_id NUMBER(10,0), record_data VARIANT"), own_table=True),
    Row("a column that must not be null and is not ours", 13, "REVIEWED_BY is NOT NULL", "another table",
        arrange=table_of(FULL + ", reviewed_by VARCHAR NOT NULL"), own_table=True),
    Row("a column of ours that must not be null and is", 3, "COPY|load", ".",
        arrange=table_of(ALL_COLUMNS.replace("site_id NUMBER(38,0)", "site_id NUMBER(38,0) NOT NULL")), own_table=True),
    # Trouble on the way.
    Row("a warehouse that is suspended", 13, ".", "OPERATE",
        arrange=statement_fails("FROM @\"IMEDNET_DB\".\"PUBLIC\".\"MY_STAGE\"/imednet/{case.key}/own", "000608", "57014", "Warehouse is suspended.")),
    Row("a statement that takes too long", 13, ".", "--statement-timeout",
        arrange=statement_fails("FROM @\"IMEDNET_DB\".\"PUBLIC\".\"MY_STAGE\"/imednet/{case.key}/own", "000630", "57014", "Statement reached its timeout.")),
    Row("a target dropped while it is loaded", 13, "OWN_", ".", arrange=then("LIST", drop_target), own_table=True, check=is_loaded_by_the_next_run),
    Row("COPY's answer lost, and nobody to ask", 14, ".", "run again|next run", arrange=in_doubt, own_table=True, leaves=(3, 0), check=is_loaded_by_the_next_run),
    Row("SIGINT while a statement runs", 130, ".", ".", arrange=then("LIST", send(signal.SIGINT)), own_table=True, leaves=(0, 0), check=is_loaded_by_the_next_run),
    Row("SIGTERM while a statement runs", 143, ".", ".", arrange=then("LIST", send(signal.SIGTERM)), own_table=True, leaves=(0, 0), check=is_loaded_by_the_next_run),
    # Names that look bad and must work, written as exact names.
    Row("an exact name with spaces", 0, **objects_named("my own things")),
    Row("an exact name with quotes and a semicolon", 0, **objects_named("it's; \"odd\" -- name")),
    Row("an exact name with dots", 0, **objects_named("a.b.c")),
    Row("an exact name that is a reserved word", 0, **objects_named("select")),
    Row("an exact name in lower case", 0, **objects_named("records")),
    Row("an exact name of 255 bytes", 0, **objects_named("n" * 255)),
    Row("a plain name that is a reserved word", 0, **named("ORDER", "ORDER")),
)


class BadDestination(BadInputTest):
    group, table_of_rows = "destination", ROWS


del BadInputTest

if __name__ == "__main__":
    harness.main()
