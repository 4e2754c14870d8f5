"""Statements and their answers: values of every type, binds, chunks, DML, DDL, transactions, errors."""
import json

from steps import FORMATS, step

LONG_TEXT = "aé😀" * 2000
CHUNKED_ROWS = 30_000
# Of each type: the extremes as SQL, then as the clients' common form gives them. Where a client keeps less, quirks.py says so.
VALUES = {
    "NUMBER(38,0)": [("99999999999999999999999999999999999999",) * 2, ("-99999999999999999999999999999999999999",) * 2, ("0", "0")],
    "NUMBER(38,37)": [("9.9999999999999999999999999999999999999",) * 2, ("-0.0000000000000000000000000000000000001",) * 2, ("0", "0." + "0" * 37)],
    "NUMBER(12,2)": [("9999999999.99",) * 2, ("-0.01",) * 2, ("1.5", "1.50")],
    "FLOAT": [("1.7976931348623157e308::FLOAT", 1.7976931348623157e308), ("5e-324::FLOAT", 5e-324), ("0.1::FLOAT", 0.1)],
    "VARCHAR": [("''", ""), ("'it''s \\\\ \"x\" \\n\\t'", "it's \\ \"x\" \n\t"), (f"'{LONG_TEXT}'", LONG_TEXT)],
    "BOOLEAN": [("TRUE", "true"), ("FALSE", "false"), ("NULL", None)],
    "BINARY": [("TO_BINARY('00ff7f80')", "00FF7F80"), ("TO_BINARY('')", ""), ("NULL", None)],
    "DATE": [("'0001-01-01'::DATE", "0001-01-01"), ("'9999-12-31'::DATE", "9999-12-31"), ("'1969-12-31'::DATE", "1969-12-31")],
    "TIME": [("'00:00:00'::TIME", "00:00:00.000000000"), ("'23:59:59.999999'::TIME", "23:59:59.999999000"),
             ("'12:34:56.7'::TIME", "12:34:56.700000000")],
    "TIMESTAMP_NTZ": [("'1900-01-01 00:00:00.000001'::TIMESTAMP_NTZ", "1900-01-01 00:00:00.000001000"),
                      ("'9999-12-31 23:59:59.999999'::TIMESTAMP_NTZ", "9999-12-31 23:59:59.999999000"),
                      ("'1969-12-31 23:59:59.5'::TIMESTAMP_NTZ", "1969-12-31 23:59:59.500000000")],
    "TIMESTAMP_LTZ": [("'2024-02-29 23:30:00.123456 -0130'::TIMESTAMP_LTZ", "2024-03-01 01:00:00.123456000Z"),
                      ("'1969-12-31 23:59:59.5 +0000'::TIMESTAMP_LTZ", "1969-12-31 23:59:59.500000000Z"), ("NULL", None)],
    "TIMESTAMP_TZ": [("'2024-02-29 23:30:00.123456 -0130'::TIMESTAMP_TZ", "2024-03-01 01:00:00.123456000Z"),
                     ("'1969-12-31 23:59:59.5 +0000'::TIMESTAMP_TZ", "1969-12-31 23:59:59.500000000Z"), ("NULL", None)],
    "VARIANT": [("PARSE_JSON('{\"a\": [1, null, \"é\"], \"b\": {}}')", {"a": [1, None, "é"], "b": {}}), ("PARSE_JSON('null')", None), ("NULL", None)],
    "OBJECT": [("OBJECT_CONSTRUCT('k', 1)", {"k": 1}), ("OBJECT_CONSTRUCT()", {}), ("NULL", None)],
    "ARRAY": [("ARRAY_CONSTRUCT(1, 'x')", [1, "x"]), ("ARRAY_CONSTRUCT()", []), ("NULL", None)],
}


def meant(kind, cell):
    """A cell as its type means it: the same number or JSON value may be written in several ways."""
    if cell is None or kind not in ("FLOAT", "VARIANT", "OBJECT", "ARRAY"):
        return cell
    return float(cell) if kind == "FLOAT" else json.loads(cell)


def check_values(world, kind):
    with world.table("TYPES", f"nr NUMBER(9,0), cell {kind}") as table:
        for at, (sql, _) in enumerate(VALUES[kind]):
            world.run(f"INSERT INTO {table} SELECT {at}, {sql}")
        world.run(f"INSERT INTO {table} (nr) VALUES ({len(VALUES[kind])})")
        ask = f"SELECT cell FROM {table} ORDER BY nr"
        if world.known(f"{kind}, {world.format}", "read") != "read":
            world.fails(kind, lambda: world.rows(ask), None)
            return
        got = world.rows(ask)
        expected = [*[value for _, value in VALUES[kind]], None]
        # JSON's null in a VARIANT is not SQL's, and is told as the text null. [doc]
        world.same(kind, [meant(kind, row[0]) for row in got], world.known(f"values of {kind}, {world.format}", expected))


@step("values", "numbers, with extremes and null", formats=FORMATS)
def numbers(world):
    for kind in ("NUMBER(38,0)", "NUMBER(38,37)", "NUMBER(12,2)", "FLOAT"):
        check_values(world, kind)


@step("values", "text and booleans", formats=FORMATS)
def texts(world):
    for kind in ("VARCHAR", "BOOLEAN"):
        check_values(world, kind)


@step("values", "binary", formats=FORMATS)
def binary(world):
    check_values(world, "BINARY")


@step("values", "dates and times", formats=FORMATS)
def times(world):
    for kind in ("DATE", "TIME", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ"):
        check_values(world, kind)


@step("values", "VARIANT, OBJECT, ARRAY", formats=FORMATS)
def nested(world):
    for kind in ("VARIANT", "OBJECT", "ARRAY"):
        check_values(world, kind)


@step("answers", "no row, and a row without a value", formats=FORMATS)
def empty(world):
    answer = world.run("SELECT 1 AS n, 'x' AS t WHERE FALSE")
    world.same("no row", (answer.columns, answer.rows), (["N", "T"], []))
    world.same("nulls", world.rows("SELECT NULL, ''"), [[None, ""]])


@step("answers", "several chunks", formats=FORMATS)
def chunks(world):
    rows = world.rows(f"SELECT SEQ4() AS n, 'row ' || SEQ4() || ' ' || REPEAT('x', 200) AS t FROM TABLE(GENERATOR(ROWCOUNT => {CHUNKED_ROWS}))")
    world.same("rows", len(rows), CHUNKED_ROWS)
    wrong = [row for at, row in enumerate(sorted(rows, key=lambda row: int(row[0]))) if row != [str(at), f"row {at} " + "x" * 200]]
    world.same("rows that are not what was asked for", wrong[:1], [])


@step("answers", "the query's id, and LAST_QUERY_ID")
def query_id(world):
    answer = world.run("SELECT 41")
    last = world.rows("SELECT LAST_QUERY_ID()")[0][0]
    world.same("query id", answer.id, world.known("query id", last))


@step("binds", "text, numbers and a boolean")
def binds(world):
    world.same("binds", world.rows("SELECT ?, ?, ?", ["it's ? é", 5, -1.5]), [["it's ? é", "5", "-1.5"]])
    with world.table("BINDS", "t VARCHAR, n NUMBER(9,0), b BOOLEAN") as table:
        world.run(f"INSERT INTO {table} VALUES (?, ?, ?)", ["x", 7, True])
        world.same("bound rows", world.rows(f"SELECT t, n, b FROM {table} WHERE t = ?", ["x"]), [["x", "7", "true"]])


@step("binds", "a null")
def bound_null(world):
    with world.table("BINDS", "t VARCHAR, n NUMBER(9,0)") as table:
        if world.known("a bound null", "taken") != "taken":
            world.fails("a bound null", lambda: world.run(f"INSERT INTO {table} VALUES (?, ?)", [None, 8]), None)
            return
        world.run(f"INSERT INTO {table} VALUES (?, ?)", [None, 8])
        world.same("a bound null", world.rows(f"SELECT t FROM {table} WHERE n = ?", [8]), [[None]])


@step("binds", "many rows in one statement")
def bound_rows(world):
    with world.table("BINDS", "t VARCHAR, n NUMBER(9,0)") as table:
        rows = [[f"it's {number}", number] for number in range(50)]
        told = world.ask(do="execute", sql=f"INSERT INTO {table} VALUES (?, ?)", bind_rows=rows, update=True)["count"]
        world.same("the count", told, 50)
        world.same("the rows", world.rows(f"SELECT t, n FROM {table} ORDER BY n"), [[text, str(number)] for text, number in rows])


@step("DML", "counts of INSERT, UPDATE, DELETE, MERGE")
def dml(world):
    with world.table("DML", "k NUMBER(9,0), v VARCHAR") as table:
        world.same("INSERT", world.update(f"INSERT INTO {table} VALUES (1, 'a'), (2, 'b'), (3, 'c')"), 3)
        world.same("UPDATE", world.update(f"UPDATE {table} SET v = 'z' WHERE k > 1"), 2)
        world.same("DELETE", world.update(f"DELETE FROM {table} WHERE k = 3"), 1)
        source = "(SELECT 2 AS k, 'm' AS v UNION ALL SELECT 9, 'n')"
        merge = (f"MERGE INTO {table} t USING {source} s ON t.k = s.k WHEN MATCHED THEN UPDATE SET v = s.v "
                 "WHEN NOT MATCHED THEN INSERT (k, v) VALUES (s.k, s.v)")
        world.same("MERGE", world.update(merge), 2)
        world.same("rows", world.rows(f"SELECT k, v FROM {table} ORDER BY k"), [["1", "a"], ["2", "m"], ["9", "n"]])
        double = f"MERGE INTO {table} t USING (SELECT 1 AS k UNION ALL SELECT 1) s ON t.k = s.k WHEN MATCHED THEN UPDATE SET v = 'd'"
        world.fails("a row that two would update", lambda: world.run(double), 100090)


@step("DDL", "create, describe, alter, rename, drop")
def ddl(world):
    table = f"{world.mark}_DDL"
    world.run(f"CREATE OR REPLACE TABLE {table} (k NUMBER(38,0) NOT NULL, \"Mixed\" VARCHAR(20))")
    try:
        world.run(f"ALTER TABLE {table} ADD COLUMN extra TIMESTAMP_NTZ")
        described = world.run(f"DESCRIBE TABLE {table}")
        world.same("DESCRIBE", list(zip(described.column("name"), described.column("type"), described.column("null?"))),
                   [("K", "NUMBER(38,0)", "N"), ("Mixed", "VARCHAR(20)", "Y"), ("EXTRA", "TIMESTAMP_NTZ(9)", "Y")])
        shown = world.run(f"SHOW TABLES LIKE '{table}'")
        world.same("SHOW TABLES", shown.column("name"), [table])
        world.run(f"ALTER TABLE {table} RENAME TO {table}_2")
        world.fails("the old name", lambda: world.run(f"SELECT * FROM {table}"), 2003, "42S02")
    finally:
        world.run(f"DROP TABLE IF EXISTS {table}")
        world.run(f"DROP TABLE IF EXISTS {table}_2")


@step("DDL", "two tables change places (SWAP WITH)")
def swap(world):
    old, new = f"{world.mark}_SWAP_OLD", f"{world.mark}_SWAP_NEW"
    try:
        for table, number in ((old, 1), (new, 2)):
            world.run(f"CREATE OR REPLACE TABLE {table} (n NUMBER(9,0))")
            world.run(f"INSERT INTO {table} VALUES ({number})")
        world.run(f"ALTER TABLE {old} SWAP WITH {new}")
        world.same("rows", world.rows(f"SELECT o.n, w.n FROM {old} o, {new} w"), [["2", "1"]])
    finally:
        world.run(f"DROP TABLE IF EXISTS {old}")
        world.run(f"DROP TABLE IF EXISTS {new}")


@step("transactions", "ROLLBACK, COMMIT, a failed statement leaves it open, DDL commits")
def transactions(world):
    table = f"{world.mark}_TX"
    world.run(f"CREATE OR REPLACE TABLE {table} (n NUMBER(9,0))")

    def count():
        return world.rows(f"SELECT COUNT(*) FROM {table}")[0][0]

    try:
        world.run("BEGIN")
        world.run(f"INSERT INTO {table} VALUES (1)")
        world.run("ROLLBACK")
        world.same("after ROLLBACK", count(), "0")
        world.run("BEGIN")
        world.run(f"INSERT INTO {table} VALUES (1)")
        world.fails("a failed statement", lambda: world.run(f"INSERT INTO {table}_none VALUES (1)"), 2003)
        world.run(f"INSERT INTO {table} VALUES (2)")
        world.run("COMMIT")
        world.same("after COMMIT", count(), "2")
        world.run("BEGIN")
        world.run(f"INSERT INTO {table} VALUES (3)")
        world.run(f"CREATE OR REPLACE TABLE {table}_other (n NUMBER(9,0))")
        world.run("ROLLBACK")
        world.same("after DDL and ROLLBACK", count(), "3")
    finally:
        world.run("ROLLBACK")
        world.run(f"DROP TABLE IF EXISTS {table}")
        world.run(f"DROP TABLE IF EXISTS {table}_other")


@step("errors", "numbers and SQLSTATEs of Snowflake's")
def errors(world):
    world.fails("a missing table", lambda: world.run("SELECT * FROM no_such_table"), 2003, "42S02")
    world.fails("no statement", lambda: world.run("FROBNICATE x"), 1003, "42000")
    world.fails("an unknown column", lambda: world.run("SELECT nothing FROM (SELECT 1 AS one)"), 904, "42000")
    world.fails("an unknown function", lambda: world.run("SELECT no_such_function(1)"), 2140, "42601")
    world.fails("no number", lambda: world.run("SELECT 'x'::NUMBER"), 100038, "22018")
    world.fails("division by zero", lambda: world.run("SELECT 1 / 0"), 100051, "22012")
