#!/usr/bin/env python3
"""Rows per second and peak memory of an export into each destination, in each layout that it has, and of the run after it, which finds nothing to do.

One study, one sandbox, one run each, one after the other. --only: destinations by their title; --layouts, --records.
"""
import argparse
import contextlib
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/e2e"))

import quirks
from measure import sandbox, timed


@contextlib.contextmanager
def postgresql():
    process = subprocess.Popen([ROOT / ".deps/test/bin/python", ROOT / "tests/e2e/postgres_process.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(timeout=60)


def places(folder, server, address, layout):
    """Of each destination the words behind the study."""
    snowflake = server.where["snowflake"]
    names = (snowflake[name] for name in ("account", "user", "password", "database", "schema", "warehouse", "stage"))
    return {"Snowflake": [*names, layout], "DuckDB": [layout, folder / f"{layout}.duckdb"], "SQLite": [layout, f"sqlite:///{folder / layout}.sqlite"],
            "PostgreSQL": [layout, address], "Parquet": [folder / layout]}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bin", type=pathlib.Path, required=True)
    arguments.add_argument("--records", type=int, default=1_000_000)
    arguments.add_argument("--only", nargs="+", default=[one.title for one in quirks.ALL])
    arguments.add_argument("--layouts", nargs="+", default=["records", "forms"])
    options = arguments.parse_args()
    print(f"{'':<24} {'seconds':>9} {'rows/s':>12} {'CPU s':>9} {'peak MB':>8} {'second run':>11}")
    with tempfile.TemporaryDirectory(prefix="imednet-bench-") as name, postgresql() as address, sandbox(options.bin, {"BENCH": options.records}, pathlib.Path(name)) as server:
        for layout in options.layouts:
            for one in quirks.ALL:
                if one.title not in options.only or layout not in one.layouts:
                    continue
                words = [] if layout == "records" else ["--layout", layout]
                command = [options.bin / "imednet", "export", one.command, "BENCH", *places(pathlib.Path(name), server, address, layout)[one.title], *words]
                first, second = timed(command, server.environment()), timed(command, server.environment())
                print(f"{one.title + ', ' + layout:<24} {first.seconds:>9.1f} {options.records / first.seconds:>12,.0f} {first.cpu:>9.1f} {first.peak_mb:>8.0f} "
                      f"{second.seconds:>9.1f} s", flush=True)


if __name__ == "__main__":
    main()
