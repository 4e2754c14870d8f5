#!/usr/bin/env python3
"""How `imednet export parquet` behaves as one thing grows: records, rows a file, connections, variables, forms, cores. Writes a CSV file and a drawing of each curve.

Each point is run --rounds times, the points taken in turn; the drawing has the medians, the file every run. Beside the machine's own cores the
server has its share of the work: seconds here are of both.
"""
import argparse
import json
import pathlib
import random
import shutil
import statistics
import tempfile

import uniform_study
from chart import draw
from measure import machine, sandbox, timed, write_csv

STUDY = "CURVE"
RATE = ("rows a second", "rows_per_s")
MEMORY = ("peak memory, MB", "peak_mb")
SECONDS = ("seconds", "seconds")
BYTES = ("MB of records a second", "mb_per_s")


def point(options, server, folder, study, records, flags, before=()):
    command = [*before, options.bin / "imednet", "export", "parquet", study, folder / "staged", *map(str, flags)]
    figures = timed(command, {**server.environment(), "TMPDIR": str(folder)}, server)
    shutil.rmtree(folder / "staged")
    return {"records": records, "seconds": round(figures.seconds, 3), "rows_per_s": round(records / figures.seconds), "cpu": round(figures.cpu, 3),
            "peak_mb": round(figures.peak_mb, 1), "server_cpu": round(figures.server_cpu, 2)}


def curve(options, name, title, x_title, xs, panels, run):
    """Runs every x in turn, `rounds` times; saves all runs and draws the medians."""
    rows = []
    for number in range(options.rounds):
        for x in xs:
            rows.append({name: x, "round": number, **run(x)})
            print(f"{name} {x:>10,}  {rows[-1]['rows_per_s']:>10,} rows/s  {rows[-1]['seconds']:>8.2f} s  {rows[-1]['cpu']:>7.2f} CPU s"
                  f"  {rows[-1]['peak_mb']:>7.1f} MB", flush=True)
    write_csv(options.out / f"{name}.csv", {**options.about, "study": options.study}, rows)
    drawn = [(label, [statistics.median(row[key] for row in rows if row[name] == x) for x in xs]) for label, key in panels]
    draw(options.out / f"{name}.svg", title, x_title, xs, drawn)


def rows_curve(options, folder):
    with sandbox(options.bin, {f"{STUDY}{size}": size for size in options.rows}, folder, options.study) as server:
        curve(options, "rows", "Records of the study", "records", options.rows, [RATE, MEMORY],
              lambda size: point(options, server, folder, f"{STUDY}{size}", size, []))


def batch_curve(options, folder):
    with sandbox(options.bin, {STUDY: options.records}, folder, options.study) as server:
        curve(options, "batch", f"Rows a file, of {options.records:,}", "rows a file (--batch-size)", options.batches, [RATE, MEMORY],
              lambda size: point(options, server, folder, STUDY, options.records, ["--batch-size", size]))


def connections_curve(options, folder):
    with sandbox(options.bin, {STUDY: options.waiting_records}, folder, options.study, options.latency) as server:
        title = f"Connections, {options.waiting_records:,} records, each answer after {options.latency} ms"
        curve(options, "connections", title, "connections (--connections)", options.connections, [RATE, SECONDS, MEMORY],
              lambda count: point(options, server, folder, STUDY, options.waiting_records, ["--connections", count]))


def record_bytes(variables, forms=1):
    dice = random.Random(7)
    return statistics.mean(len(json.dumps(uniform_study.record(number, dice, variables, forms), separators=(",", ":"))) for number in range(20))


def variables_curve(options, folder):
    """About as many bytes at each point, so a study of wide forms has fewer records."""
    def run(variables):
        own = folder / f"{variables}-{len(list(folder.iterdir()))}"
        own.mkdir()
        size = record_bytes(variables)
        records = int(options.megabytes * 1e6 / size)
        with sandbox(options.bin, {STUDY: records}, own, "uniform", variables=variables) as server:
            figures = point(options, server, own, STUDY, records, [])
        shutil.rmtree(own)
        return {**figures, "record_bytes": round(size), "mb_per_s": round(records * size / 1e6 / figures["seconds"], 1)}
    curve(options, "variables", f"Variables of a form, {options.megabytes} MB of records", "answers a record", options.variables, [RATE, BYTES, MEMORY], run)


def forms_curve(options, folder):
    def run(forms):
        own = folder / f"{forms}-{len(list(folder.iterdir()))}"
        own.mkdir()
        with sandbox(options.bin, {STUDY: options.form_records}, own, "uniform", forms=forms) as server:
            figures = point(options, server, own, STUDY, options.form_records, [])
        shutil.rmtree(own)
        return figures
    curve(options, "forms", f"Forms of the study, {options.form_records:,} records of forty answers", "forms", options.forms, [RATE, MEMORY], run)


def cores_curve(options, folder):
    """The client on so many of the cores; the server has all of them."""
    with sandbox(options.bin, {STUDY: options.records}, folder, options.study) as server:
        curve(options, "cores", f"Cores of the client, {options.records:,} records", "cores", options.cores, [RATE, MEMORY],
              lambda count: point(options, server, folder, STUDY, options.records, [], ["taskset", "-c", f"0-{count - 1}"]))


CURVES = {"rows": rows_curve, "batch": batch_curve, "connections": connections_curve, "variables": variables_curve, "forms": forms_curve,
          "cores": cores_curve}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bin", type=pathlib.Path, required=True)
    arguments.add_argument("--curve", nargs="+", choices=CURVES, default=list(CURVES))
    arguments.add_argument("--study", choices=("sample", "uniform"), default="sample")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--rows", type=int, nargs="+", default=[10_000, 30_000, 100_000, 300_000, 1_000_000])
    arguments.add_argument("--records", type=int, default=1_000_000, help="size of the study for the curve of rows a file")
    arguments.add_argument("--batches", type=int, nargs="+", default=[500, 2_000, 10_000, 50_000, 200_000, 1_000_000])
    arguments.add_argument("--waiting-records", type=int, default=200_000, help="size of the study for the curve of connections")
    arguments.add_argument("--connections", type=int, nargs="+", default=[1, 2, 4, 8, 16, 32])
    arguments.add_argument("--latency", type=int, default=50, help="milliseconds before each answer, in the curve of connections")
    arguments.add_argument("--variables", type=int, nargs="+", default=[10, 40, 160, 640, 2_500, 5_000])
    arguments.add_argument("--megabytes", type=int, default=200, help="of records, in the curve of variables")
    arguments.add_argument("--forms", type=int, nargs="+", default=[1, 10, 50, 200])
    arguments.add_argument("--form-records", type=int, default=200_000, help="size of the study for the curve of forms")
    arguments.add_argument("--cores", type=int, nargs="+", default=[1, 2])
    arguments.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent / "results")
    options = arguments.parse_args()
    options.bin, options.about = options.bin.resolve(), machine()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="imednet-bench-") as folder:
        for name in options.curve:
            own = pathlib.Path(folder) / name
            own.mkdir()
            CURVES[name](options, own)


if __name__ == "__main__":
    main()
