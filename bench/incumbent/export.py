#!/usr/bin/env python3
"""The way of the Python SDK from API pages to Parquet files, and on into Snowflake, over its published packages (README.md here).

Without --table the destination is instant: files are written and nothing is sent. Keys and addresses come from the environment.
"""
import argparse
import os
import pathlib
import re

import pyarrow
import pyarrow.parquet
from imednet import ImednetSDK
from imednet.models.records import Record

BATCH_ROWS = 500  # its default; the page size of 100 is inside its paginator


def snake(name):
    """AEStDat -> ae_st_dat. Worked out for each name of each record, as there."""
    return re.sub("([a-z0-9])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)).lower()


def leaves(value, path):
    """A nested value as pairs of path and plain value: a.b.c, list[0].x."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from leaves(part, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from leaves(part, f"{path}[{index}]")
    else:
        yield path, value


class Rules:
    """Lookups, renaming and masking by name, asked for each value of each row. The default study has none, and the walk is made all the same."""

    def __init__(self):
        self.lookups, self.renamed, self.masked = {}, {}, set()

    def applied(self, value):
        if isinstance(value, dict):
            row = {}
            for name, part in value.items():
                if not isinstance(part, (dict, list)):
                    part = self.lookups.get(name, {}).get(part, part) if name in self.lookups else part
                    part = "[MASKED]" if name in self.masked else part
                row[self.renamed.get(name, name)] = self.applied(part) if isinstance(part, (dict, list)) else part
            return row
        return [self.applied(part) for part in value] if isinstance(value, list) else value


FIELDS = [name for name in Record.model_fields if name != "keywords"]  # keywords are lost on this path


def mapped(record, rules):
    """The metadata as columns, the answers as one struct."""
    row = {snake(name): getattr(record, name, None) for name in FIELDS}
    for name in ("date_created", "date_modified"):  # plain text in its documented layout
        row[name] = row[name].replace(tzinfo=None).isoformat(" ", "seconds")
    row["record_data"] = {snake(name): value for name, value in leaves(record.record_data or {}, "")}
    return rules.applied(row)


def connection():
    import snowflake.connector
    where = {name: os.environ[f"SNOWFLAKE_{name.upper()}"]
             for name in ("account", "user", "password", "database", "schema", "warehouse", "host", "port", "protocol")}
    return snowflake.connector.connect(**where, disable_ocsp_checks=True)


def load(cursor, path, stage, prefix, table):
    """One PUT and one COPY a batch; what they answer is not looked at."""
    cursor.execute(f"PUT file://{path} @{stage}/{prefix}/")
    cursor.execute(f"COPY INTO {table} FROM @{stage}/{prefix}/{path.name} FILE_FORMAT = (TYPE = PARQUET) "
                   "MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE FORCE = FALSE")


def export(options):
    sdk = ImednetSDK(base_url=os.environ["IMEDNET_BASE_URL"])
    records = list(sdk.records.list(study_key=options.study, record_data_filter=None))
    session = connection() if options.table else None
    rules = Rules()
    for number, start in enumerate(range(0, len(records), options.batch_size)):
        rows = [mapped(record, rules) for record in records[start:start + options.batch_size]]
        path = options.staging / f"{options.study}_records_{number}.parquet"
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), str(path))
        if session:
            cursor = session.cursor()
            load(cursor, path, os.environ["SNOWFLAKE_STAGE"], options.stage_prefix, options.table)
            cursor.close()
    if session:
        session.close()


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("study")
    arguments.add_argument("staging", type=pathlib.Path, help="folder for the files; must be there")
    arguments.add_argument("--table", help="also PUT and COPY each file into this table, which must be there")
    arguments.add_argument("--stage-prefix", default="imednet")
    arguments.add_argument("--batch-size", type=int, default=BATCH_ROWS)
    export(arguments.parse_args())


if __name__ == "__main__":
    main()
