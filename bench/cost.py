#!/usr/bin/env python3
"""What an export asks of both services, mode by mode: requests of the API, statements, those of them that need a warehouse, bytes that are PUT.

Counted by the local servers, not timed. The study is changed between the runs as the columns say.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile
import urllib.request

import uniform_study
from measure import machine, sandbox, write_csv

STUDY = uniform_study.KEY
FIRST_ID = 1


class Runs:
    def __init__(self, options, server, folder):
        self.options, self.server, self.folder = options, server, folder
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self.rows = []

    def control(self, base, path, body=None):
        request = urllib.request.Request(base + path, data=None if body is None else json.dumps(body).encode())
        with self.opener.open(request, timeout=60) as answer:
            return json.loads(answer.read())

    def change(self, records):
        """So many records, spread over the study."""
        base = self.server.where["edc"]["base_url"].removesuffix("/api")
        step = self.options.records // records
        for number in range(records):
            self.control(base, f"/sandbox/studies/{STUDY}/records/{FIRST_ID + number * step}", {"data": {"variable00": f"changed {number}"}})

    def run(self, what, table, *flags):
        snowflake = self.server.where["snowflake"]
        names = [snowflake["account"], snowflake["user"], "-"] + [snowflake[name] for name in ("database", "schema", "warehouse", "stage")]
        command = [self.options.bin / "imednet", "export", "snowflake", STUDY, *names, table, "--output", "json", *map(str, flags)]
        environment = {**self.server.environment(), "TMPDIR": str(self.folder), "XDG_STATE_HOME": str(self.folder / "state")}
        report = json.loads(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout)
        seen = self.control(f"http://{snowflake['host']}:{snowflake['port']}", "/sandbox/statements")["data"]
        own = [one for one in seen if f":{report['run_id']}" in (one["tag"] or "")]
        needed = [one["text"].split()[0] for one in own if one["warehouse"]]
        loaded = [batch for batch in report["batch_reports"] if batch["status"] not in ("skipped", "adopted")]
        puts = sum(one["text"].startswith("PUT") and ".parquet" in one["text"] for one in own)
        row = {"run": what, "method": report["method"], "records_loaded": report["rows_loaded"], "api_requests": report["requests"], "statements": len(own),
               "of_a_warehouse": len(needed), "puts": puts,
               "bytes_put": sum(batch["bytes"] for batch in loaded) if puts else 0,
               "which": " ".join(f"{needed.count(word)}x{word}" for word in dict.fromkeys(needed))}
        self.rows.append(row)
        print("  ".join(f"{key} {value}" for key, value in row.items()), flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bin", type=pathlib.Path, required=True)
    arguments.add_argument("--records", type=int, default=100_000)
    arguments.add_argument("--changed", type=int, default=1_000, help="records changed between two runs")
    arguments.add_argument("--save", type=pathlib.Path, help="CSV file of the table")
    options = arguments.parse_args()
    options.bin = options.bin.resolve()
    with tempfile.TemporaryDirectory(prefix="imednet-bench-") as folder:
        folder = pathlib.Path(folder)
        with sandbox(options.bin, {}, folder, "uniform", faults=True, records=options.records) as server:
            runs = Runs(options, server, folder)
            runs.run("first load", "T")
            runs.run("nothing changed", "T")
            runs.run("nothing changed, --since auto", "T", "--since", "auto")
            runs.change(options.changed)
            runs.run(f"{options.changed} changed", "T")
            runs.change(options.changed)
            runs.run(f"{options.changed} changed, --since auto", "T", "--since", "auto")
            runs.run("--mode replace", "T", "--mode", "replace")
            runs.run("--mode append, new table", "A", "--mode", "append")
    if options.save:
        write_csv(options.save, machine(), runs.rows)


if __name__ == "__main__":
    main()
