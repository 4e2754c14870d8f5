#!/usr/bin/env python3
"""Rows per second and peak memory of the export and of its parts, in one run against one sandbox.

Prints a table; figures of different runs are not comparable, rows of one run are. --records: sizes of the synthetic study.
"""
import argparse
import http.client
import pathlib
import tempfile
import time
import urllib.parse

from measure import sandbox, timed

PAGE = 500


def drain(where, study, records):
    """What the sample API gives when nobody looks at it: the same pages by one keep-alive connection."""
    base = urllib.parse.urlsplit(where["edc"]["base_url"])
    headers = {"Accept": "application/json", "Content-Type": "application/json", "x-api-key": where["edc"]["api_key"],
               "x-imn-security-key": where["edc"]["security_key"], "Accept-Encoding": "gzip"}
    connection = http.client.HTTPConnection(base.hostname, base.port)
    started = time.monotonic()
    for page in range(-(-records // PAGE)):
        connection.request("GET", f"/api/v1/edc/studies/{study}/records?page={page}&size={PAGE}&sort=recordId%2Casc", headers=headers)
        connection.getresponse().read()
    return time.monotonic() - started


def row(name, records, seconds, figures=None):
    of_process = f" {figures.cpu:>9.2f} {figures.peak_mb:>8.0f}" if figures else ""
    print(f"{name:<44} {records:>10,} {seconds:>9.2f} {records / seconds:>12,.0f}{of_process}", flush=True)


def measure(bin_dir, records, folder):
    folder.mkdir()
    study = f"BENCH{records}"
    with sandbox(bin_dir, {study: records}, folder) as server:
        env, snowflake = server.environment(), server.where["snowflake"]
        row("pages read and thrown away (Python, 1 client)", records, drain(server.where, study, records))
        export = [bin_dir / "imednet", "export", "snowflake", study, snowflake["account"], snowflake["user"], "-", snowflake["database"],
                  snowflake["schema"], snowflake["warehouse"], snowflake["stage"], f"R{records}"]
        for name, command in (("imednet records list --output ndjson", [bin_dir / "imednet", "records", "list", study]),
                              ("imednet export parquet", [bin_dir / "imednet", "export", "parquet", study, folder / "staged"]),
                              ("imednet export snowflake, first run", export), ("imednet export snowflake, nothing new", export)):
            figures = timed(command, env)
            row(name, records, figures.seconds, figures)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bin", type=pathlib.Path, required=True)
    arguments.add_argument("--records", type=int, nargs="+", default=[100_000, 1_000_000])
    options = arguments.parse_args()
    print(f"{'':<44} {'records':>10} {'seconds':>9} {'rows/s':>12} {'CPU s':>9} {'peak MB':>8}")
    with tempfile.TemporaryDirectory(prefix="imednet-bench-") as folder:
        for records in options.records:
            measure(options.bin.resolve(), records, pathlib.Path(folder) / str(records))


if __name__ == "__main__":
    main()
