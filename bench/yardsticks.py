#!/usr/bin/env python3
"""What others need for the same rows, from a file of JSON lines to one Parquet file; each in a process of its own.

    yardsticks.py duckdb|pyarrow|polars ROWS.ndjson OUT.parquet
    yardsticks.py pages STUDY ROWS.ndjson    saves the API's records, a line each
    yardsticks.py count FOLDER               rows of the Parquet files in a folder
"""
import http.client
import json
import os
import pathlib
import sys
import urllib.parse

PAGE = 500


def duckdb(source, target):
    import duckdb as engine
    engine.sql(f"COPY (SELECT * FROM read_json('{source}', format = 'newline_delimited')) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


def pyarrow(source, target):
    import pyarrow.json
    import pyarrow.parquet
    pyarrow.parquet.write_table(pyarrow.json.read_json(source), target, compression="zstd")


def polars(source, target):
    import polars as engine
    engine.read_ndjson(source).write_parquet(target, compression="zstd")


def api_pages(study):
    """The bodies of a study's pages, by one keep-alive connection."""
    base = urllib.parse.urlsplit(os.environ["IMEDNET_BASE_URL"])
    headers = {"Accept": "application/json", "Content-Type": "application/json", "x-api-key": os.environ["IMEDNET_API_KEY"],
               "x-imn-security-key": os.environ["IMEDNET_SECURITY_KEY"]}
    connection = http.client.HTTPConnection(base.hostname, base.port)
    page, total = 0, 1
    while page < total:
        connection.request("GET", f"/api/v1/edc/studies/{study}/records?page={page}&size={PAGE}&sort=recordId%2Casc", headers=headers)
        body = json.loads(connection.getresponse().read())
        yield body["data"]
        page, total = page + 1, body["pagination"]["totalPages"]


def pages(study, target):
    with open(target, "w", encoding="utf-8") as file:
        for rows in api_pages(study):
            file.writelines(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)


def count(folder):
    from pyarrow import parquet
    print(sum(parquet.ParquetFile(path).metadata.num_rows for path in pathlib.Path(folder).rglob("*.parquet")))


if __name__ == "__main__":
    {"duckdb": duckdb, "pyarrow": pyarrow, "polars": polars, "pages": pages, "count": count}[sys.argv[1]](*sys.argv[2:])
