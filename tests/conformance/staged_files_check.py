#!/usr/bin/env python3
"""Do staged Parquet files hold exactly the records of a study? An independent witness: it shares no code with the writer.

usage: staged_files_check.py DIR RECORDS_NDJSON[.gz]... [--study KEY]

DIR is searched for *.parquet files of the `records` layout. Each is read twice, with pyarrow and with DuckDB, and compared
record by record with the API's own JSON: every field with its type, null against empty, stamps in UTC, the exact text of
keywords and recordData, the order of ids, the row hash, the file's facts in its footer. The rules are those of
docs/formats/records-layout.md and docs/formats/staged-file.md.

Prints one line of counts, never a value; the exit status is 0 when everything agrees, 1 when something differs, 2 when the
comparison could not be made. --study: the study key for records that do not carry their own, and the key that rows are
expected to have (records served under another study's name).
"""
import argparse
import collections
import datetime
import gzip
import hashlib
import json
import pathlib
import re
import struct
import sys

# name on the wire, column, kind: in the order of the layout
COLUMNS = [
    ("studyKey", "study_key", "text"), ("intervalId", "interval_id", "integer"), ("formId", "form_id", "integer"),
    ("formKey", "form_key", "text"), ("siteId", "site_id", "integer"), ("recordId", "record_id", "integer"),
    ("recordOid", "record_oid", "text"), ("recordType", "record_type", "text"), ("recordStatus", "record_status", "text"),
    ("deleted", "deleted", "boolean"), ("dateCreated", "date_created", "timestamp"),
    ("dateModified", "date_modified", "timestamp"), ("subjectId", "subject_id", "integer"),
    ("subjectOid", "subject_oid", "text"), ("subjectKey", "subject_key", "text"), ("visitId", "visit_id", "integer"),
    ("parentRecordId", "parent_record_id", "integer"), ("keywords", "keywords", "text"),
    ("recordData", "record_data", "text"), (None, "record_data_raw", "text"),
]
NAMES = [column for _, column, _ in COLUMNS] + ["_row_hash"]
EXACT = ("keywords", "recordData")
ARROW_TYPES = {"text": "string", "integer": "int64", "boolean": "bool", "timestamp": "timestamp[us, tz=UTC]"}
DUCKDB_TYPES = {"text": "VARCHAR", "integer": "BIGINT", "boolean": "BOOLEAN", "timestamp": "TIMESTAMP WITH TIME ZONE"}
STAMP = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):?(\d\d))?", re.ASCII)
EPOCH = datetime.datetime(1970, 1, 1)
KNOWN = {"imednet.staged_file": "1", "imednet.layout": "records", "imednet.layout_version": "1"}


def member_texts(line):
    """The members of a JSON object, each with the exact text of its value."""
    decoder, members, at = json.JSONDecoder(), {}, line.index("{") + 1
    space = re.compile(r"[ \t\r\n]*")
    at = space.match(line, at).end()
    while line[at] != "}":
        key, at = decoder.raw_decode(line, at)
        at = space.match(line, at).end()
        assert line[at] == ":"
        begin = space.match(line, at + 1).end()
        _, at = decoder.raw_decode(line, begin)
        members[key] = line[begin:at]
        at = space.match(line, at).end()
        if line[at] == ",":
            at = space.match(line, at + 1).end()
    return members


def micros(stamp):
    match = STAMP.fullmatch(stamp) if isinstance(stamp, str) else None
    if match is None:
        return None
    day, clock, fraction, sign, hours, minutes = match.groups()
    if sign is not None and (int(hours) > 23 or int(minutes) > 59):
        return None
    try:
        local = datetime.datetime.strptime(f"{day} {clock}", "%Y-%m-%d %H:%M:%S") - EPOCH
    except ValueError:
        return None
    if clock.endswith((":60", ":61")):  # strptime's leap seconds; the format has none
        return None
    east = (int(hours) * 60 + int(minutes)) * (-60 if sign == "-" else 60) if sign is not None else 0
    seconds = local.days * 86_400 + local.seconds - east
    return seconds * 1_000_000 + int((fraction or "").ljust(6, "0")[:6])


def variant_holds(text):
    """The rule of docs/formats/records-layout.md, written down a second time and by other means."""
    if len(text.encode("utf-8")) > 16_777_216:
        return False

    def number(digits):
        sign, whole, fraction, exponent = re.fullmatch(r"(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?", digits, re.ASCII).groups()
        fraction, whole = fraction or "", whole.lstrip("0")
        if exponent is None and len(whole) + len(fraction) <= 38 and len(fraction) <= 37:
            return 0
        if exponent is None and not fraction:
            raise ValueError("integer")
        significant = (whole + fraction).strip("0")
        if significant:
            power = len(whole) - 1 - (len(whole + fraction) - len((whole + fraction).lstrip("0"))) + int(exponent or 0)
            if len(significant) > 15 or abs(power) > 307:
                raise ValueError("double")
        return 0

    def pairs(items):
        if len({key for key, _ in items}) != len(items):
            raise ValueError("duplicate")
        for key, value in items:
            check_text(key)
            check_text(value)
        return {}

    def check_text(value):
        if isinstance(value, str) and ("\0" in value or any("\ud800" <= c <= "\udfff" for c in value)):
            raise ValueError("text")
        if isinstance(value, list):
            for item in value:
                check_text(item)

    def refuse(_):
        raise ValueError("constant")

    depth = deepest = 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text, re.DOTALL):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token.group(), 0)
        deepest = max(deepest, depth)
    if deepest > 64:
        return False
    try:
        check_text(json.loads(text, object_pairs_hook=pairs, parse_int=number, parse_float=number, parse_constant=refuse))
    except (ValueError, RecursionError):
        return False
    return True


def expected_row(line, study):
    """One record of the API as the layout's twenty columns; stamps in microseconds."""
    texts = member_texts(line)
    row = {}
    for wire, column, kind in COLUMNS:
        text = texts.get(wire, "null")
        value = None if text == "null" else text if wire in EXACT else json.loads(text)
        row[column] = micros(value) if kind == "timestamp" else value
    if study is not None or row["study_key"] is None:
        row["study_key"] = study
    if row["record_data"] is not None and not variant_holds(row["record_data"]):
        row["record_data"], row["record_data_raw"] = None, row["record_data"]
    return row


def row_hash(row):
    out = bytearray(b"imednet records row v1\n")
    for _, column, kind in COLUMNS:
        value = row[column]
        if value is None:
            out += b"\0"
        elif kind == "text":
            encoded = value.encode("utf-8")
            out += b"\1" + struct.pack("<Q", len(encoded)) + encoded
        elif kind == "boolean":
            out += b"\3" + bytes([value])
        else:
            out += (b"\2" if kind == "integer" else b"\4") + struct.pack("<q", value)
    return hashlib.sha256(out).hexdigest()[:32]


class Comparison:
    def __init__(self):
        self.differences = collections.Counter()

    def expect(self, good, what):
        if not good:
            self.differences[what] += 1


def pyarrow_rows(path, result):
    import pyarrow as pa
    import pyarrow.parquet as pq
    file = pq.ParquetFile(path)
    types = [ARROW_TYPES[kind] for _, _, kind in COLUMNS] + ["string"]
    result.expect([(f.name, str(f.type)) for f in file.schema_arrow] == list(zip(NAMES, types)), "pyarrow schema")
    metadata = {k.decode(): v.decode() for k, v in (file.metadata.metadata or {}).items()}
    for key, value in KNOWN.items():
        result.expect(metadata.get(key) == value, "file metadata")
    table = file.read()
    result.expect(table.num_rows == file.metadata.num_rows, "footer rows")
    for i, name in enumerate(NAMES):
        nulls = sum(file.metadata.row_group(g).column(i).statistics.null_count for g in range(file.num_row_groups))
        result.expect(nulls == table.column(i).null_count, "footer nulls")
    content = hashlib.sha256(b"imednet records layout v1\n")
    for value in table.column("_row_hash").to_pylist():
        content.update((value or "").encode())
    result.expect(metadata.get("imednet.content_hash") == content.hexdigest()[:32], "content hash")
    for i, (_, column, kind) in enumerate(COLUMNS):
        if kind == "timestamp":
            table = table.set_column(i, column, table.column(i).cast(pa.int64()))
    return metadata.get("imednet.batch_id", ""), table.to_pylist()


def duckdb_rows(path, result):
    import duckdb
    connection = duckdb.connect(config={"autoinstall_known_extensions": False})
    source = "read_parquet(?, file_row_number = true)"
    described = connection.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {source}", [str(path)]).fetchall()
    types = [DUCKDB_TYPES[kind] for _, _, kind in COLUMNS] + ["VARCHAR"]
    result.expect([row[:2] for row in described] == list(zip(NAMES, types)), "duckdb schema")
    select = ", ".join(f"epoch_us({c}) AS {c}" if kind == "timestamp" else c for _, c, kind in COLUMNS)
    rows = connection.execute(f"SELECT {select}, _row_hash FROM {source} ORDER BY file_row_number", [str(path)]).fetchall()
    return [dict(zip(NAMES, row)) for row in rows]


def same(a, b):
    return type(a) is type(b) and a == b


def batch_order(item):
    batch_id = item[0]
    tail = batch_id.rsplit("/", 1)[-1]
    return (batch_id[: len(batch_id) - len(tail)], int(tail) if tail.isdigit() else 0, tail)


def check(directory, record_files, study=None):
    """Compares; returns (counts, differences) where differences maps a kind of difference to how often it was seen."""
    result = Comparison()
    paths = sorted(pathlib.Path(directory).rglob("*.parquet"))
    batches = sorted(((*pyarrow_rows(path, result), path) for path in paths), key=batch_order)
    staged = []
    for _, rows, path in batches:
        second = duckdb_rows(path, result)
        result.expect(len(rows) == len(second), "pyarrow and duckdb rows")
        for a, b in zip(rows, second):
            for name in NAMES:
                result.expect(same(a[name], b[name]), f"pyarrow and duckdb {name}")
        staged += rows
    expected = []
    for name in record_files:
        opener = gzip.open if str(name).endswith(".gz") else open
        with opener(name, "rt", encoding="utf-8", newline="\n") as lines:
            expected += [expected_row(line, study) for line in lines if line.strip()]
    result.expect(len({row["record_id"] for row in expected}) == len(expected), "an id twice in the study")
    by_id = {row["record_id"]: row for row in expected}
    ids = [row["record_id"] for row in staged]
    result.expect(all(a < b for a, b in zip(ids, ids[1:])), "order of ids")
    result.expect(len(staged) == len(expected), "number of records")
    result.differences.update({"records not staged": len(by_id.keys() - set(ids)), "rows that are no record": len(set(ids) - by_id.keys())})
    for ours in staged:
        theirs = by_id.get(ours["record_id"])
        if theirs is not None:
            for _, column, _ in COLUMNS:
                result.expect(same(ours[column], theirs[column]), column)
            result.expect(ours["_row_hash"] == row_hash(theirs), "_row_hash")
    counts = {"files": len(paths), "staged": len(staged), "records": len(expected),
              "values": len(staged) * len(NAMES), "raw": sum(row["record_data_raw"] is not None for row in staged)}
    return counts, {what: count for what, count in result.differences.items() if count}


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory")
    parser.add_argument("records", nargs="+")
    parser.add_argument("--study")
    options = parser.parse_args(arguments)
    try:
        counts, differences = check(options.directory, options.records, options.study)
    except Exception as error:  # its text may quote a value
        print(f"cannot compare: {type(error).__name__}", file=sys.stderr)
        return 2
    if not counts["files"]:
        print("cannot compare: no staged files", file=sys.stderr)
        return 2
    line = ", ".join(f"{name} {count}" for name, count in counts.items())
    print(f"{line}, differences {sum(differences.values())}")
    for what, count in sorted(differences.items()):
        print(f"  {what}: {count}", file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
