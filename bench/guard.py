#!/usr/bin/env python3
"""Is the export much slower, or hungrier, than it was, against a yardstick of the same run? Exit code 1: yes.

`imednet export parquet` of a synthetic study, and pyarrow's JSON reader to Parquet on the same rows from a file, in turn. Of each the best of the
rounds counts, since whatever else the machine does only adds. The limits are three times what was measured when this was written: a guard
against a blunder, not against a few per cent.
"""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

from measure import sandbox, timed

STUDY, FACTOR = "GUARD", 3
# Ours divided by the yardstick's, as measured, about: wall seconds, CPU seconds, peak memory.
MEASURED = {"seconds": 0.8, "cpu": 0.7, "peak_mb": 0.26}


def best(figures):
    return {name: min(getattr(one, name) for one in figures) for name in MEASURED}


def measure(options, folder):
    yardstick = [sys.executable, pathlib.Path(__file__).resolve().parent / "yardsticks.py"]
    source, target, staged = folder / "rows.ndjson", folder / "out.parquet", folder / "staged"
    ours, theirs = [], []
    with sandbox(options.bin.resolve(), {STUDY: options.records}, folder) as server:
        env = server.environment()
        subprocess.run([*yardstick, "pages", STUDY, source], env=env, check=True)
        for _ in range(options.rounds):
            ours.append(timed([options.bin / "imednet", "export", "parquet", STUDY, staged], env))
            shutil.rmtree(staged)
            theirs.append(timed([*yardstick, "pyarrow", source, target], env))
    return best(ours), best(theirs)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bin", type=pathlib.Path, required=True)
    arguments.add_argument("--records", type=int, default=200_000)
    arguments.add_argument("--rounds", type=int, default=3)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="imednet-guard-") as folder:
        ours, theirs = measure(options, pathlib.Path(folder))
    is_slow = False
    for name, usual in MEASURED.items():
        ratio = ours[name] / theirs[name]
        verdict = "ok" if ratio <= FACTOR * usual else "TOO MUCH"
        is_slow |= verdict != "ok"
        print(f"{name:<8} ours {ours[name]:8.2f}  pyarrow {theirs[name]:8.2f}  ratio {ratio:5.2f}  usual {usual:5.2f}  limit {FACTOR * usual:5.2f}  {verdict}")
    return 1 if is_slow else 0


if __name__ == "__main__":
    sys.exit(main())
