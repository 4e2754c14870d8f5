#!/usr/bin/env python3
"""The records of a study as lines, by this program and by the Python SDK, in one run and in turn: ndjson, csv, the library alone, theirs, ndjson, …

Each writes into a pipe whose other end counts the lines (the library alone tells its count); a run that is short of one ends the bench. Prints Markdown; --save writes every run as CSV, --page puts the tables between the marks of that page.
"""
import argparse
import dataclasses
import pathlib
import statistics
import subprocess
import sys
import tempfile

from measure import machine, sandbox, timed, write_csv

BEGIN, END = "<!-- lists: begin -->", "<!-- lists: end -->"
HERE = pathlib.Path(__file__).resolve().parent
NAMES = {"ndjson": "`imednet records list`, NDJSON", "csv": "the same, CSV", "library": "the library alone, counting", "theirs": "the Python SDK, JSON lines"}


def command(options, way, study):
    if way == "theirs":
        return [sys.executable, HERE / "incumbent/list.py", study]
    if way == "library":
        return [options.walk, study]
    return [options.bin / "imednet", "records", "list", study, "--output", way]


def run(options, server, way, records):
    is_library = way == "library"
    reader = subprocess.Popen(["cat"] if is_library else ["wc", "-l"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    figures = timed(command(options, way, f"L{records}"), server.environment(), server, reader.stdin, tells_peak=is_library)
    found, *peak_kb = map(int, reader.communicate()[0].split())
    if found - (way == "csv") != records:  # a header
        sys.exit(f"{way}: {found} instead of {records}")
    return dataclasses.replace(figures, peak_mb=peak_kb[0] / 1024) if is_library else figures


def medians(entries, way, records):
    of = [row for row in entries if (row["way"], row["records"]) == (way, records)]
    return {key: statistics.median(row[key] for row in of) for key in ("rows_per_s", "seconds", "cpu", "peak_mb", "server_cpu")}


def tables(options, entries):
    lines = ["| | records | rows/s | seconds | CPU s per million | peak MB | server's CPU s per million |", "|---|---|---|---|---|---|---|"]
    for way, records in dict.fromkeys((row["way"], row["records"]) for row in entries):
        row = medians(entries, way, records)
        lines.append(f"| {NAMES[way]} | {records:,} | {row['rows_per_s']:,.0f} | {row['seconds']:.2f} | {row['cpu'] / records * 1e6:.1f} | {row['peak_mb']:,.0f} "
                     f"| {row['server_cpu'] / records * 1e6:.1f} |")
    rates = {way: {row["round"]: row["rows_per_s"] for row in entries if row["way"] == way and row["records"] == records}
             for way, records in (("ndjson", options.records), ("theirs", options.theirs))}
    ratios = [rates["ndjson"][number] / theirs for number, theirs in rates["theirs"].items()]
    few, many = (medians(entries, "ndjson", records)["peak_mb"] for records in (options.few, options.records))
    return [*lines, "", f"NDJSON, rows/s, times theirs: min {min(ratios):.1f}, median {statistics.median(ratios):.1f}, max {max(ratios):.1f}. Peak memory at "
            f"{options.records:,} records, times that at {options.few:,}: {many / few:.2f}."]


def put_into(page, lines):
    text = page.read_text(encoding="utf-8")
    start, stop = text.index(BEGIN) + len(BEGIN), text.index(END)
    page.write_text(text[:start] + "\n" + "\n".join(lines) + "\n" + text[stop:], encoding="utf-8")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bin", type=pathlib.Path, required=True)
    arguments.add_argument("--walk", type=pathlib.Path, required=True, help="the program of micro/walk.cc")
    arguments.add_argument("--records", type=int, default=1_000_000)
    arguments.add_argument("--few", type=int, default=100_000, help="records of a smaller study, to see whether memory grows")
    arguments.add_argument("--theirs", type=int, default=1_000_000, help="records for the Python SDK, which holds all of them in memory")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--study", choices=("sample", "uniform"), default="sample")
    arguments.add_argument("--save", type=pathlib.Path)
    arguments.add_argument("--page", type=pathlib.Path)
    options = arguments.parse_args()
    options.bin, options.walk = options.bin.resolve(), options.walk.resolve()
    turns = [(way, records) for records in (options.few, options.records) for way in ("ndjson", "csv", "library")] + [("theirs", options.theirs)]
    about, entries = machine(), []
    with tempfile.TemporaryDirectory(prefix="imednet-bench-") as folder:
        studies = {f"L{records}": records for records in {records for _, records in turns}}
        with sandbox(options.bin, studies, pathlib.Path(folder), options.study) as server:
            for number in range(options.rounds):
                for way, records in turns:
                    figures = run(options, server, way, records)
                    rounded = {name: round(value, 3) for name, value in dataclasses.asdict(figures).items()}
                    entries.append({"study": options.study, "way": way, "round": number, "records": records,
                                    "rows_per_s": round(records / figures.seconds), **rounded})
                    print(f"round {number + 1}: {way}, {records:,} records, {figures.seconds:.2f} s", file=sys.stderr, flush=True)
    lines = tables(options, entries)
    print("\n".join(lines))
    if options.page:
        put_into(options.page, lines)
    if options.save:
        write_csv(options.save, about, entries)


if __name__ == "__main__":
    main()
