#!/usr/bin/env python3
"""Seconds that `imednet verify` takes for a large table: as it was loaded, and with altered records. --records: size of the study.

The study is exported once; the server answers on the same cores. Figures of different runs are not comparable.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from measure import sandbox


def timed(name, command, env, code, records):
    """Runs one command that must end with `code`; prints wall and CPU seconds and peak memory, and returns what it said."""
    started = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, env=env, stdout=output, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode()
    if process.returncode != code:
        sys.exit(f"{name}: ended with {process.returncode}, not {code}\n{text}")
    print(f"{name:<52} {records:>11,} {seconds:>9.2f} {usage.ru_utime + usage.ru_stime:>9.2f} {usage.ru_maxrss / 1024:>8.0f}", flush=True)
    return text


def query(bin_dir, env, sql):
    subprocess.run([bin_dir / "imednet-sandbox", "query", sql], env=env, check=True, stdout=subprocess.DEVNULL)


def measure(bin_dir, records, folder):
    study = f"BENCH{records}"
    with sandbox(bin_dir, {study: records}, folder) as server:
        env = {**server.environment(), "XDG_STATE_HOME": str(folder / "state"), "TMPDIR": str(folder)}
        manifest, table = folder / "loads.jsonl", f"R{records}"
        timed("imednet export snowflake", [bin_dir / "imednet", "export", "snowflake", study, "--table", table, "--manifest-path", manifest], env, 0,
              records)
        verify = [bin_dir / "imednet", "verify", manifest, "--output", "json"]
        timed("imednet verify, all as it was loaded", verify, env, 0, records)
        row = f"(SELECT MIN(record_id) + {records // 2} FROM {table})"
        query(bin_dir, env, f"UPDATE {table} SET record_status = 'altered' WHERE record_id = (SELECT MAX(record_id) FROM {table} WHERE record_id <= {row})")
        report = json.loads(timed("imednet verify, one record altered", verify, env, 15, records))
        assert report["studies"][0]["stale"]["count"] == 1 and report["studies"][0]["statements"] == 1, report["studies"]
        query(bin_dir, env, f"UPDATE {table} SET record_data = PARSE_JSON('{{\"a\": 1}}') WHERE record_id IN (SELECT record_id FROM {table} "
                            f"WHERE record_id > {row} ORDER BY record_id LIMIT 5)")
        report = json.loads(timed("imednet verify, six records altered, rows fetched", verify, env, 15, records))
        assert report["studies"][0]["stale"]["count"] == 6 and report["studies"][0]["statements"] == 2, report["studies"]


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bin", type=pathlib.Path, required=True)
    arguments.add_argument("--records", type=int, nargs="+", default=[1_000_000, 10_000_000])
    options = arguments.parse_args()
    print(f"{'':<52} {'records':>11} {'seconds':>9} {'CPU s':>9} {'peak MB':>8}")
    with tempfile.TemporaryDirectory(prefix="imednet-bench-") as folder:
        for records in options.records:
            own = pathlib.Path(folder) / str(records)
            own.mkdir()
            measure(options.bin.resolve(), records, own)


if __name__ == "__main__":
    main()
