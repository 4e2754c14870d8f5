#!/usr/bin/env python3
"""Each step of a record's way by itself, beside its limit: fetches answers of the API into files and gives them to micro/micro.cc."""
import argparse
import pathlib
import subprocess
import tempfile
import urllib.request

from measure import sandbox

PAGE = 500
STUDY = "MICRO"


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bin", type=pathlib.Path, required=True)
    arguments.add_argument("--micro", type=pathlib.Path, required=True, help="the program of micro/micro.cc")
    arguments.add_argument("--study", choices=("sample", "uniform"), nargs="+", default=["sample", "uniform"])
    arguments.add_argument("--step", default="every", help="one step alone, for a profiler: decode, build, hash, encode, quote, all")
    arguments.add_argument("--pages", type=int, default=40)
    arguments.add_argument("--rounds", type=int, default=15)
    options = arguments.parse_args()
    for kind in options.study:
        with tempfile.TemporaryDirectory(prefix="imednet-bench-") as folder:
            folder = pathlib.Path(folder)
            with sandbox(options.bin.resolve(), {STUDY: options.pages * PAGE}, folder, kind) as server:
                edc = server.where["edc"]
                opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
                files = []
                for number in range(options.pages):
                    url = f"{edc['base_url']}/api/v1/edc/studies/{STUDY}/records?page={number}&size={PAGE}&sort=recordId%2Casc"
                    request = urllib.request.Request(url, headers={"Accept": "application/json", "Content-Type": "application/json",
                                                                   "x-api-key": edc["api_key"], "x-imn-security-key": edc["security_key"]})
                    files.append(folder / f"{number}.json")
                    with opener.open(request, timeout=60) as answer:
                        files[-1].write_bytes(answer.read())
            print(f"study {kind}: ", end="", flush=True)
            subprocess.run([options.micro.resolve(), options.step, str(options.rounds), *files], check=True)


if __name__ == "__main__":
    main()
