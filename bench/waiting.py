#!/usr/bin/env python3
"""What an export waits for: each answer of the API, each PUT and each COPY is held back, so the machine's speed hardly counts.

Beside the seconds of each step stands the longest chain of waits that can't be had side by side with the settings given.
"""
import argparse
import json
import math
import pathlib
import subprocess
import tempfile
import time
import urllib.request

from measure import machine, sandbox, write_csv

STUDY = "WAIT"
PAGE = 500
HELPERS = 8  # sessions that PUT, as long as --uploads does not say otherwise


def hold_back(server, statement, milliseconds):
    snowflake = server.where["snowflake"]
    order = {"match": {"statement_contains": statement, "times": 0}, "do": {"delay_ms": milliseconds}}
    request = urllib.request.Request(f"http://{snowflake['host']}:{snowflake['port']}/sandbox/orders", data=json.dumps(order).encode())
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
        answer.read()


def chain(options, batch_size):
    """(what, seconds): each waits for the one before it."""
    connections = options.connections
    pages = math.ceil(options.records / PAGE / connections)
    files = math.ceil(options.records / batch_size)
    api, put, copy = options.api / 1000, options.put / 1000, options.copy / 1000
    reading = pages * api
    links = [("the first two answers", 2 * api), ("where ranges end", api), (f"{pages} pages of each of {connections} ranges", reading)]
    # Files come evenly while others are read; what the helpers have not sent by then is sent afterwards.
    links.append(("counts of the ranges", math.ceil((connections + 1) / connections) * api))
    links.append((f"{files} PUT, {HELPERS} at a time, beyond the reading", max(put, files * put / HELPERS - reading)))
    links.append(("COPY", math.ceil(files / 1000) * copy))
    return links


def export(options, server, folder, batch_size):
    snowflake = server.where["snowflake"]
    names = [snowflake[name] for name in ("account", "user")] + ["-"] + [snowflake[name] for name in ("database", "schema", "warehouse", "stage")]
    command = [options.bin / "imednet", "export", "snowflake", STUDY, *names, f"T{batch_size}", "--batch-size", str(batch_size), "--connections",
               str(options.connections), "--output", "json"]
    began = time.monotonic()
    done = subprocess.run(command, env={**server.environment(), "TMPDIR": str(folder), "XDG_STATE_HOME": str(folder / "state")}, check=True,
                          stdout=subprocess.PIPE)
    seconds = time.monotonic() - began
    report = json.loads(done.stdout)
    if report["rows_in_target"] != options.records:
        raise SystemExit(f"{report['rows_in_target']} rows of {options.records}")
    return seconds, report


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bin", type=pathlib.Path, required=True)
    arguments.add_argument("--records", type=int, default=100_000)
    arguments.add_argument("--batches", type=int, nargs="+", default=[500, 50_000], help="rows a file")
    arguments.add_argument("--connections", type=int, default=8)
    arguments.add_argument("--api", type=int, default=150, help="milliseconds before each answer of the API")
    arguments.add_argument("--put", type=int, default=300, help="milliseconds before each PUT")
    arguments.add_argument("--copy", type=int, default=1500, help="milliseconds before each COPY")
    arguments.add_argument("--save", type=pathlib.Path, help="CSV file of the steps")
    options = arguments.parse_args()
    options.bin = options.bin.resolve()
    rows = []
    with tempfile.TemporaryDirectory(prefix="imednet-bench-") as folder:
        folder = pathlib.Path(folder)
        with sandbox(options.bin, {STUDY: options.records}, folder, latency_ms=options.api, faults=True) as server:
            hold_back(server, "PUT ", options.put)
            hold_back(server, "COPY INTO", options.copy)
            for size in options.batches:
                seconds, report = export(options, server, folder, size)
                links = chain(options, size)
                least = sum(wait for _, wait in links)
                print(f"{options.records:,} records, {size:,} rows a file, {options.connections} connections: {seconds:.2f} s; the chain of waits is"
                      f" {least:.2f} s; {seconds / least:.2f} times")
                for what, wait in links:
                    print(f"    {wait:6.2f} s  {what}")
                print("  " + ", ".join(f"{step['step']} {step['seconds']:.2f}" for step in report["steps"]))
                rows.append({"rows_a_file": size, "seconds": round(seconds, 2), "chain": round(least, 2),
                             **{step["step"]: round(step["seconds"], 2) for step in report["steps"]}})
    if options.save:
        write_csv(options.save, machine(), rows)


if __name__ == "__main__":
    main()
