"""Files: PUT, LIST, GET, REMOVE, and COPY in every way that it ends."""
import filecmp
import hashlib
import pathlib

from steps import step
from world import ClientError

KEY_BLOCK = 16
LARGE = 70 << 20  # above the 64 MiB from which on the Go driver sends parts [seen]


def encrypted_size(size):
    """What the clients' own encryption makes of it. [seen]"""
    return KEY_BLOCK * (size // KEY_BLOCK + 1)


def listed(world, path):
    """Name behind the stage's, and size."""
    answer = world.run(f"LIST @{stage(world)}/{path}")
    return sorted((name.partition("/")[2], int(size)) for name, size in zip(answer.column("name"), answer.column("size")))


def stage(world):
    return f"{world.mark}_STAGE"


def file_of(world, name, content):
    path = world.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def with_stage(action):
    def run(world):
        world.run(f"CREATE OR REPLACE STAGE {stage(world)}")
        try:
            action(world)
        finally:
            if world.is_connected:
                world.run(f"DROP STAGE IF EXISTS {stage(world)}")
    return run


@step("stage", "PUT a new file, LIST it, GET it back, REMOVE it")
@with_stage
def round_trip(world):
    content = bytes(range(256)) * 300 + b"the end"
    sent = file_of(world, "round/trip.bin", content)
    status = world.put(sent, f"@{stage(world)}/round")
    world.same("PUT", status, world.known("PUT rows", {"trip.bin": "UPLOADED"}))
    world.same("LIST", listed(world, "round"), [("round/trip.bin", encrypted_size(len(content)))])
    got = world.folder / "got"
    got.mkdir(exist_ok=True)
    answer = world.run(f"GET @{stage(world)}/round 'file://{got}/'")
    if world.known("GET rows", "rows"):
        world.same("GET", [(pathlib.Path(name).name, size, told) for name, size, told in
                           zip(answer.column("file"), answer.column("size"), answer.column("status"))],
                   [("trip.bin", str(len(content)), "DOWNLOADED")])
    world.same("the bytes", (got / "trip.bin").read_bytes() == content, True)
    removed = world.run(f"REMOVE @{stage(world)}/round")
    world.same("REMOVE", removed.column("result"), ["removed"])
    world.same("LIST after it", listed(world, ""), [])


@step("stage", "PUT again: same content, other content, OVERWRITE")
@with_stage
def again(world):
    sent = file_of(world, "again/one.bin", b"first content")
    world.put(sent, f"@{stage(world)}/again")
    world.same("same name, same content", world.put(sent, f"@{stage(world)}/again"), world.known("PUT rows", {"one.bin": "SKIPPED"}))
    file_of(world, "again/one.bin", b"other content, and longer than before")
    world.same("same name, other content", world.put(sent, f"@{stage(world)}/again"), world.known("PUT rows", {"one.bin": "SKIPPED"}))
    world.same("the file that stands", listed(world, ""), [("again/one.bin", encrypted_size(len(b"first content")))])
    world.same("OVERWRITE", world.put(sent, f"@{stage(world)}/again", "OVERWRITE = TRUE"), world.known("PUT rows", {"one.bin": "UPLOADED"}))
    world.same("the file that stands now", listed(world, ""), [("again/one.bin", encrypted_size(len(sent.read_bytes())))])


@step("stage", "a stage that the service encrypts (SNOWFLAKE_SSE)")
def service_encrypted(world):
    world.run(f"CREATE OR REPLACE STAGE {stage(world)} ENCRYPTION = (TYPE = 'SNOWFLAKE_SSE')")
    try:
        sent = file_of(world, "sse/one.bin", b"not encrypted by the client")
        world.same("PUT", world.put(sent, f"@{stage(world)}/sse"), world.known("PUT rows", {"one.bin": "UPLOADED"}))
        world.same("LIST", listed(world, ""), [("sse/one.bin", len(sent.read_bytes()))])
        got = world.folder / "got_sse"
        got.mkdir(exist_ok=True)
        world.run(f"GET @{stage(world)}/sse 'file://{got}/'")
        world.same("the bytes", (got / "one.bin").read_bytes() == sent.read_bytes(), True)
    finally:
        world.run(f"DROP STAGE IF EXISTS {stage(world)}")


@step("stage", "a file of 70 MiB: whole, or in parts, as the client sends it")
@with_stage
def large(world):
    sent = file_of(world, "large/one.bin", hashlib.sha256(world.mark.encode()).digest() * (LARGE // 32))
    world.put(sent, f"@{stage(world)}/large", "OVERWRITE = TRUE")
    answer = world.run(f"LIST @{stage(world)}/large")
    world.same("LIST", answer.column("size"), [str(encrypted_size(LARGE))])
    world.same("sent in parts", "-" in answer.column("md5")[0], world.known("70 MiB in parts", False))
    got = world.folder / "got_large"
    got.mkdir(exist_ok=True)
    world.run(f"GET @{stage(world)}/large 'file://{got}/'")
    world.same("the bytes", filecmp.cmp(got / "one.bin", sent, shallow=False), True)
    sent.unlink()
    (got / "one.bin").unlink()


@step("stage", "PUT of a pattern")
@with_stage
def wildcard(world):
    for number in range(3):
        file_of(world, f"many/part{number}.bin", b"x" * (100 * number + 1))
    status = world.put(world.folder / "many/part*.bin", f"@{stage(world)}/many")
    world.same("PUT", status, world.known("PUT rows", {f"part{number}.bin": "UPLOADED" for number in range(3)}))
    world.same("LIST", listed(world, ""), [(f"many/part{number}.bin", encrypted_size(100 * number + 1)) for number in range(3)])


@step("stage", "a file that is not here, a stage that is not there")
@with_stage
def nothing_to_put(world):
    sent = file_of(world, "none/one.bin", b"x")
    world.fails("PUT of no file", lambda: world.put(world.folder / "none/two.bin", f"@{stage(world)}"), world.known("no such file", 253006))
    world.fails("PUT to no stage", lambda: world.put(sent, "@NO_SUCH_STAGE"), 2003)
    world.fails("LIST of no stage", lambda: world.run("LIST @NO_SUCH_STAGE"), 2003)


def write_parquet(path, rows, first=0):
    """Made with the sandbox's own COPY in mind: the columns k and v."""
    import pyarrow  # pylint: disable=import-outside-toplevel
    import pyarrow.parquet  # pylint: disable=import-outside-toplevel
    path.parent.mkdir(parents=True, exist_ok=True)
    keys = list(range(first, first + rows))
    table = pyarrow.table({"k": pyarrow.array(keys, pyarrow.int64()), "v": [f"value {key}" for key in keys]})
    pyarrow.parquet.write_table(table, path)
    return path


def copied(world, sql):
    """File, status and rows of each file, or the sentence."""
    answer = world.run(sql)
    if len(answer.columns) == 1:
        return [row[0] for row in answer.rows]
    return sorted(zip([name.rpartition("/")[2] for name in answer.column("file")], answer.column("status"), answer.column("rows_loaded")))


@step("COPY", "loaded; again: nothing to do; FORCE; what was loaded")
@with_stage
def copy_loaded(world):
    with world.table("COPY", "k NUMBER(38,0), v VARCHAR") as table:
        for number in range(2):
            world.put(write_parquet(world.folder / f"copy/part{number}.parquet", 100, 100 * number), f"@{stage(world)}/copy", "OVERWRITE = TRUE")
        copy = (f"COPY INTO {table} FROM @{stage(world)}/copy/ FILES = ('part0.parquet', 'part1.parquet') FILE_FORMAT = (TYPE = PARQUET) "
                "MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE ON_ERROR = ABORT_STATEMENT")
        if world.known("COPY rows", "rows"):
            world.same("COPY", copied(world, copy), [("part0.parquet", "LOADED", "100"), ("part1.parquet", "LOADED", "100")])
            world.same("again", copied(world, copy), ["Copy executed with 0 files processed."])
            world.same("FORCE", copied(world, f"{copy} FORCE = TRUE"), [("part0.parquet", "LOADED", "100"), ("part1.parquet", "LOADED", "100")])
        else:
            world.same("rows that COPY counts", [world.run(sql).count for sql in (copy, copy, f"{copy} FORCE = TRUE")], [200, 0, 200])
        world.same("the table", world.rows(f"SELECT COUNT(*), SUM(k), MAX(v) FROM {table}"), [["400", str(2 * sum(range(200))), "value 99"]])


@step("COPY", "failed: a file that is no Parquet, a named file that is missing; nothing is loaded")
@with_stage
def copy_failed(world):
    with world.table("COPY", "k NUMBER(38,0), v VARCHAR") as table:
        world.put(write_parquet(world.folder / "failed/good.parquet", 10), f"@{stage(world)}/failed")
        world.put(file_of(world, "failed/bad.parquet", b"PAR1 and nothing of it"), f"@{stage(world)}/failed")
        copy = f"COPY INTO {table} FROM @{stage(world)}/failed/ %s FILE_FORMAT = (TYPE = PARQUET) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE"
        world.fails("a broken file", lambda: world.run(copy % "FILES = ('good.parquet', 'bad.parquet')"), 100152, "22000")
        world.fails("a file that is not there", lambda: world.run(copy % "FILES = ('good.parquet', 'none.parquet')"), 91016)
        world.same("the table", world.rows(f"SELECT COUNT(*) FROM {table}"), [["0"]])


@step("COPY", "LOAD_SKIPPED beside LOADED; ON_ERROR = SKIP_FILE and CONTINUE")
@with_stage
def copy_mixture(world):
    with world.table("COPY", "k NUMBER(4,0), v VARCHAR") as table:
        for name, first in (("old", 0), ("new", 100), ("odd", 9_995)):  # the last one's second half does not fit into four digits
            world.put(write_parquet(world.folder / f"mixture/{name}.parquet", 10, first), f"@{stage(world)}/mixture")
        copy = f"COPY INTO {table} FROM @{stage(world)}/mixture/ FILE_FORMAT = (TYPE = PARQUET) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE"
        steps = [("FILES = ('old.parquet')", [("old.parquet", "LOADED", "10")], 10),
                 ("FILES = ('old.parquet', 'new.parquet')", [("new.parquet", "LOADED", "10"), ("old.parquet", "LOAD_SKIPPED", "0")], 10),
                 ("FILES = ('odd.parquet') ON_ERROR = SKIP_FILE", [("odd.parquet", "LOAD_FAILED", "0")], 0),
                 ("FILES = ('odd.parquet') ON_ERROR = CONTINUE", [("odd.parquet", "PARTIALLY_LOADED", "5")], 5)]
        for options, rows, count in steps:
            if world.known("COPY rows", "rows"):
                world.same(options, copied(world, f"{copy} {options}"), rows)
            else:
                world.same(options, world.run(f"{copy} {options}").count, count)
        world.same("the table", world.rows(f"SELECT COUNT(*) FROM {table}"), [["25"]])


@step("COPY", "partially loaded, and an answer that says nothing was", live=False)
@with_stage
def copy_partially(world):
    with world.table("COPY", "k NUMBER(38,0), v VARCHAR") as table:
        world.put(write_parquet(world.folder / "partly/one.parquet", 10), f"@{stage(world)}/partly")
        copy = f"COPY INTO {table} FROM @{stage(world)}/partly/ FILE_FORMAT = (TYPE = PARQUET) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE"
        for do, rows, count in (({"copy_nothing": True}, ["Copy executed with 0 files processed."], 0),
                                ({"copy_rows": 4}, [("one.parquet", "PARTIALLY_LOADED", "4")], 4)):
            world.order(f"INTO {table}", do)
            if world.known("COPY rows", "rows"):
                world.same(f"COPY with {do}", copied(world, copy), rows)
            else:
                world.same(f"rows of COPY with {do}", world.run(copy).count, count)
            world.same("orders that fired", world.fired(), [1])
        world.same("the table", world.rows(f"SELECT COUNT(*) FROM {table}"), [["4"]])


def put_with(world, how):
    """What the client says of a PUT whose credentials the store refuses."""
    sent = file_of(world, "refused/one.bin", b"content")
    world.order(f"{stage(world)}/refused", {"store_credentials": how})
    try:
        said = world.put(sent, f"@{stage(world)}/refused", "OVERWRITE = TRUE")
        return "no rows" if said is None else said["one.bin"]
    except ClientError:
        return "an error"
    finally:
        world.same("orders that fired", world.fired(), [1])


@step("stage", "credentials that the store does not know: an error, and LIST shows no file", live=False)
@with_stage
def unknown_credentials(world):
    world.same("PUT", put_with(world, "unknown"), world.known("PUT with unknown credentials", "an error"))
    world.same("LIST", listed(world, ""), [])


@step("stage", "credentials that have expired: asked for anew", live=False)
@with_stage
def expired_credentials(world):
    world.needs("an end of trying with expired credentials")
    said = put_with(world, "expired")
    world.same("PUT", said, world.known("PUT with expired credentials", "UPLOADED"))
    stored = [("refused/one.bin", encrypted_size(len(b"content")))]
    world.same("LIST", listed(world, ""), stored if said == "UPLOADED" else [])
