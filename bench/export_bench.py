#!/usr/bin/env python3
"""Rows per second and peak memory of the export and of its parts, in one run against one sandbox.

Prints a table; figures of different runs are not comparable, rows of one run are. --records: sizes of the synthetic study.
"""
import argparse
import http.client
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.parse

PAGE = 500


def sandbox(bin_dir, records, folder):
    study = f"BENCH{records}"
    process = subprocess.Popen([bin_dir / "imednet-sandbox", "serve", "--synthetic", f"{study}:{records}", "--data-dir", folder / f"s{records}"],
                               stdout=subprocess.PIPE, text=True)
    return process, json.loads(process.stdout.readline()), study


def environment(where):
    edc, snowflake = where["edc"], where["snowflake"]
    return {**os.environ, "IMEDNET_API_KEY": edc["api_key"], "IMEDNET_SECURITY_KEY": edc["security_key"], "IMEDNET_BASE_URL": edc["base_url"],
            "SNOWFLAKE_PASSWORD": snowflake["password"], "SNOWFLAKE_HOST": snowflake["host"], "SNOWFLAKE_PORT": str(snowflake["port"]),
            "SNOWFLAKE_PROTOCOL": snowflake["protocol"]}


def timed(command, env):
    """Wall seconds, CPU seconds and peak resident megabytes of one child."""
    started = time.monotonic()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    return time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


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


def row(name, records, seconds, cpu=None, memory=None):
    print(f"{name:<44} {records:>10,} {seconds:>9.2f} {records / seconds:>12,.0f}"
          f" {'' if cpu is None else f'{cpu:9.2f}':>9} {'' if memory is None else f'{memory:8.0f}':>8}", flush=True)


def measure(bin_dir, records, folder):
    server, where, study = sandbox(bin_dir, records, folder)
    try:
        env, snowflake = environment(where), where["snowflake"]
        row("pages read and thrown away (Python, 1 client)", records, drain(where, study, records))
        row("imednet records list --output ndjson", records, *timed([bin_dir / "imednet", "records", "list", study], env))
        export = [bin_dir / "imednet", "export", "snowflake", study, snowflake["account"], snowflake["user"], "-", snowflake["database"],
                  snowflake["schema"], snowflake["warehouse"], snowflake["stage"]]
        row("imednet export snowflake, first run", records, *timed([*export, f"R{records}"], env))
        row("imednet export snowflake, nothing new", records, *timed([*export, f"R{records}"], env))
    finally:
        server.terminate()
        server.wait(timeout=30)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bin", type=pathlib.Path, required=True)
    arguments.add_argument("--records", type=int, nargs="+", default=[100_000, 1_000_000])
    options = arguments.parse_args()
    print(f"{'':<44} {'records':>10} {'seconds':>9} {'rows/s':>12} {'CPU s':>9} {'peak MB':>8}")
    with tempfile.TemporaryDirectory(prefix="imednet-bench-") as folder:
        for records in options.records:
            measure(options.bin.resolve(), records, pathlib.Path(folder))


if __name__ == "__main__":
    main()
