"""What the destinations have in common and what each one does its own way, as data: destinations.py and its tests go by it, docs/destinations.md is made of it (tools/destinations)."""
import dataclasses

MODES = ("auto", "merge", "replace", "append")
KINDS = ("text", "integer", "flag", "moment", "json", "number", "date")
# Columns of the tests' study by which the types of a kind are seen, in the layout that has them.
SEEN_BY = {"records": {"text": "subject_key", "integer": "record_id", "flag": "deleted", "moment": "date_modified", "json": "record_data"},
           "forms": {"text": "subject_key", "integer": "record_id", "flag": "deleted", "moment": "date_modified", "json": "_raw", "number": "n", "date": "day"}}


@dataclasses.dataclass(frozen=True)
class Quirks:
    """One destination. `types`: of each kind, as its catalogue spells them; `json` is that of `record_data`, the text of `_raw` is a text."""
    title: str
    command: str
    page: str
    types: dict
    layouts: tuple = ("records", "forms")
    modes: tuple = MODES
    transaction: str = "one, over all tables of a run"
    merge: str = "rows that changed, by study and record id"
    proof: str = "every written row is read back before `COMMIT`, its hash computed anew"
    overtaken: str = "the one that commits second changes nothing, exit 10"
    batch: str = "a transaction, proved like a run; there when it returns"
    holds_nul: bool = True        # a text may hold U+0000
    flags: str = "bool"           # what its clients make of a flag: "bool" or "number"
    moments: str = "datetime"     # and of a moment: "datetime" or "text"
    name_bytes: int = 255         # of a table at most
    folds: str = "kept as written"
    is_warehouse: bool = False    # files, stages, a lease: tests of its own say the rest
    tests: dict = dataclasses.field(default_factory=dict)  # of what has no test here: row -> file and names


DUCKDB = Quirks(
    "DuckDB", "duckdb", "export-duckdb.md",
    {"text": "VARCHAR", "integer": "BIGINT", "flag": "BOOLEAN", "moment": "TIMESTAMP", "json": "JSON", "number": "DOUBLE", "date": "DATE"},
    folds="kept as written, compared without case",
    tests={"killed": ("destination_kill_test.py", "DuckDbKilled"), "killed, forms": ("forms_kill_test.py", "DuckDbKilled"),
           "two runs": ("destination_suite.py", "test_a_run_that_was_overtaken_changes_nothing")})
SQLITE = Quirks(
    "SQLite", "sql", "export-sql.md",
    {"text": "TEXT", "integer": "INTEGER", "flag": "BOOLEAN", "moment": "TIMESTAMP", "json": "TEXT", "number": "REAL", "date": "DATE"},
    flags="number", moments="text", folds="kept as written, compared without case",
    tests={"killed": ("destination_kill_test.py", "SqliteKilled"), "killed, forms": ("forms_kill_test.py", "SqliteKilled"),
           "two runs": ("destination_suite.py", "test_a_run_that_was_overtaken_changes_nothing")})
POSTGRESQL = Quirks(
    "PostgreSQL", "sql", "export-sql.md",
    {"text": "text", "integer": "bigint", "flag": "boolean", "moment": "timestamp without time zone", "json": "json", "number": "double precision", "date": "date"},
    holds_nul=False, name_bytes=63, folds="lower case, unless quoted",
    tests={"killed": ("destination_kill_test.py", "PostgresKilled"), "killed, forms": ("forms_kill_test.py", "PostgresKilled"),
           "two runs": ("destination_suite.py", "test_a_run_that_was_overtaken_changes_nothing")})
LAKE = Quirks(
    "Parquet", "parquet", "export-parquet.md",
    {"text": "string", "integer": "int64", "flag": "bool", "moment": "timestamp[us, tz=UTC]", "json": "string", "number": "double", "date": "date32[day]"},
    modes=(), transaction="the folder is changed for the new one in one step", merge="no: the folder is replaced as a whole",
    proof="rows read = rows the API holds = rows in the files' footers; SHA-256 of each file in `_manifest.json`",
    overtaken="the one that ends last stays", batch="a file beside the folder; `close()` shows all of them in place of what was there", name_bytes=0, folds="–",
    tests={"killed": ("parquet_test.py", "test_a_killed_run_leaves_the_folder_as_it_was_and_the_next_one_clears_up"), "killed, forms": ("forms_kill_test.py", "LakeKilled"),
           "two runs": ("quirks_test.py", "test_the_folder_of_the_run_that_ends_last_stays")})
SNOWFLAKE = Quirks(
    "Snowflake", "snowflake", "export-snowflake.md",
    {"text": "TEXT", "integer": "NUMBER", "flag": "BOOLEAN", "moment": "TIMESTAMP_NTZ", "json": "VARIANT", "number": "FLOAT", "date": "DATE"},
    transaction="of each table its own: a first load is one `COPY`; else one around `MERGE` (or `DELETE` and `INSERT`), marks, counts and ledger",
    proof="what `LIST`, `COPY` and the table count against the footers; of a merge every row's hash and each form's live rows, before `COMMIT`",
    overtaken="a lease: the second waits (`--wait`) or leaves, exit 10", batch="a `PUT` and a `COPY`, counted; there when it returns", folds="upper case, unless quoted", is_warehouse=True,
    tests={"killed": ("kill_matrix_test.py", "Matrix"), "killed, forms": ("forms_kill_test.py", "SnowflakeKilled"), "two runs": ("lease_test.py", "test_the_second_leaves_with_10_and_names_the_first")})
ALL = (SNOWFLAKE, DUCKDB, SQLITE, POSTGRESQL, LAKE)
