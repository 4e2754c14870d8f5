#!/usr/bin/env python3
"""This program beside the Python SDK's way, on records of the same kind in one run: ours, theirs, ours, theirs, …

Prints rows per second, CPU seconds and peak memory of each side, the server's CPU seconds apart, and the ratios with their smallest, median and
largest; then the yardsticks on the same rows. --save writes every run as CSV. What each row is: bench/README.md.
"""
import argparse
import dataclasses
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

from measure import machine, sandbox, timed, write_csv

HERE = pathlib.Path(__file__).resolve().parent
OURS, THEIRS = "OURS", "THEIRS"
WAYS = ("staging only", "end to end")
YARDSTICKS = ("duckdb", "pyarrow", "polars")
COLUMNS = """study_key TEXT, interval_id BIGINT, form_id BIGINT, form_key TEXT, site_id BIGINT, record_id BIGINT, record_oid TEXT, record_type TEXT,
    record_status TEXT, deleted BOOLEAN, date_created TIMESTAMP_NTZ, date_modified TIMESTAMP_NTZ, subject_id BIGINT, subject_oid TEXT,
    subject_key TEXT, visit_id BIGINT, parent_record_id BIGINT, record_data VARIANT"""


class Side:
    """One way of one side: the command of a run, and what it must have left behind."""

    def __init__(self, options, server, folder, who):
        self.options, self.server, self.folder, self.who = options, server, folder, who
        self.env = {**server.environment(), "XDG_STATE_HOME": str(folder / "state"), "TMPDIR": str(folder)}
        self.records = options.ours if who == OURS else options.theirs

    def command(self, way, number):
        table, snowflake = f"{self.who}{number}", self.server.where["snowflake"]
        if self.who == THEIRS:
            loading = ["--table", table, "--stage-prefix", table] if way == "end to end" else []
            return [sys.executable, HERE / "incumbent/export.py", THEIRS, self.folder / "staged", *loading]
        if way == "staging only":
            return [self.options.bin / "imednet", "export", "parquet", OURS, self.folder / "staged"]
        names = [snowflake[name] for name in ("database", "schema", "warehouse", "stage")]
        return [self.options.bin / "imednet", "export", "snowflake", OURS, snowflake["account"], snowflake["user"], "-", *names, table]

    def query(self, sql):
        done = subprocess.run([self.options.bin / "imednet-sandbox", "query", sql], env=self.env, check=True, capture_output=True, text=True)
        return done.stdout.split("\n")

    def run(self, way, number):
        """The figures of one run, whose rows were counted."""
        shutil.rmtree(self.folder / "staged", ignore_errors=True)
        if self.who == THEIRS:
            (self.folder / "staged").mkdir()
            if way == "end to end":
                self.query(f"CREATE TABLE {THEIRS}{number} ({COLUMNS})")  # it makes no table
        figures = timed(self.command(way, number), self.env, self.server)
        if way == "end to end":
            found = int(self.query(f"SELECT COUNT(*) AS n FROM {self.who}{number}")[1])
        else:
            found = int(subprocess.run([sys.executable, HERE / "yardsticks.py", "count", self.folder / "staged"], check=True, capture_output=True).stdout)
        if found != self.records:
            sys.exit(f"{self.who}, {way}: {found} rows instead of {self.records}")
        return figures


def entry(study, way, side, number, records, figures):
    rounded = {name: round(value, 3) for name, value in dataclasses.asdict(figures).items()}
    return {"study": study, "way": way, "side": side, "round": number, "records": records, "rows_per_s": round(records / figures.seconds), **rounded}


def show(entries, way, side, name):
    """One line: medians of the rounds."""
    of = [row for row in entries if (row["way"], row["side"]) == (way, side)]
    middle = {key: statistics.median(row[key] for row in of) for key in ("rows_per_s", "seconds", "cpu", "peak_mb", "server_cpu")}
    print(f"  {name:<34} {of[0]['records']:>10,} {middle['seconds']:>8.2f} {middle['rows_per_s']:>10,.0f} {middle['cpu']:>8.2f}"
          f" {middle['cpu'] / of[0]['records'] * 1e6:>8.2f} {middle['peak_mb']:>8.0f} {middle['server_cpu']:>9.2f}", flush=True)


def show_ratios(entries, way):
    """Of each pair of neighbouring runs: rows per second, and CPU seconds a row."""
    pairs = [[next(row for row in entries if (row["way"], row["side"], row["round"]) == (way, side, number)) for side in (OURS, THEIRS)]
             for number in {row["round"] for row in entries if row["way"] == way}]
    faster = [ours["rows_per_s"] / theirs["rows_per_s"] for ours, theirs in pairs]
    thriftier = [theirs["cpu"] / theirs["records"] * ours["records"] / ours["cpu"] for ours, theirs in pairs]
    for what, ratios in (("rows/s, times theirs", faster), ("rows a CPU second, times theirs", thriftier)):
        print(f"  {what:<34} min {min(ratios):.1f}  median {statistics.median(ratios):.1f}  max {max(ratios):.1f}", flush=True)


def yardsticks(options, server, folder, study):
    source, found = folder / "rows.ndjson", []
    subprocess.run([sys.executable, HERE / "yardsticks.py", "pages", OURS, source], env=server.environment(), check=True)
    for number in range(options.rounds):
        for name in YARDSTICKS:
            target = folder / "out.parquet"
            figures = timed([sys.executable, HERE / "yardsticks.py", name, source, target], server.environment())
            found.append(entry(study, "file to Parquet", name, number, options.ours, figures))
            target.unlink()
    print("JSON lines in a file to one Parquet file, no API")
    for name in YARDSTICKS:
        show(found, "file to Parquet", name, name)
    source.unlink()
    return found


def compare(options, study, folder):
    folder.mkdir()
    entries = []
    with sandbox(options.bin, {OURS: options.ours, THEIRS: options.theirs}, folder, study) as server:
        print(f"\nstudy: {study}\n  {'':<34} {'records':>10} {'seconds':>8} {'rows/s':>10} {'CPU s':>8} {'CPU s/M':>8} {'peak MB':>8} {'server s':>9}")
        sides = {who: Side(options, server, folder, who) for who in (OURS, THEIRS)}
        for way in WAYS:
            for number in range(options.rounds):
                for who, side in sides.items():
                    entries.append(entry(study, way, who, number, side.records, side.run(way, number)))
            print(way)
            show(entries, way, OURS, "ours")
            show(entries, way, THEIRS, "theirs")
            show_ratios(entries, way)
        entries += yardsticks(options, server, folder, study)
    shutil.rmtree(folder)
    return entries


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bin", type=pathlib.Path, required=True)
    arguments.add_argument("--ours", type=int, default=200_000, help="records of our runs and of the yardsticks")
    arguments.add_argument("--theirs", type=int, default=20_000, help="records of their runs")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--study", nargs="+", choices=("sample", "uniform"), default=["sample", "uniform"])
    arguments.add_argument("--save", type=pathlib.Path, help="the CSV file")
    options = arguments.parse_args()
    options.bin = options.bin.resolve()
    about, entries = machine(), []
    with tempfile.TemporaryDirectory(prefix="imednet-bench-") as folder:
        for study in options.study:
            entries += compare(options, study, pathlib.Path(folder) / study)
    if options.save:
        write_csv(options.save, about, entries)


if __name__ == "__main__":
    main()
