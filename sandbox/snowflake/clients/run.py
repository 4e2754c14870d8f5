#!/usr/bin/env python3
"""The same steps with every client of Snowflake's, against the sandbox: run.py --bin build/release/bin --source .

A client that is not installed is installed by tools/bootstrap first. See docs/sandbox-clients.md.
"""
import argparse
import concurrent.futures
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from clients import TITLES, ClientGone, ClientProcess, missing
from steps import all_steps
from world import ClientError, NotForThisClient, StepFailed, Wire, World

PASS, NOT_POSSIBLE, FAILED = "pass", "not possible", "FAILED"
MADE_UP = {"oauth_token": "made-up-oauth-token-of-a-test", "access_token": "made-up-access-token-of-a-test"}


class Server:
    """`imednet-sandbox snowflake` for one client, ended by its process id."""

    def __init__(self, binaries, folder, keys):
        files = {"--public-key": keys["public_key"], "--oauth-token-file": MADE_UP["oauth_token"], "--access-token-file": MADE_UP["access_token"]}
        options = []
        for option, text in files.items():
            path = folder / option.strip("-")
            path.write_text(text, encoding="utf-8")
            options += [option, str(path)]
        data = folder / "data"
        self._process = subprocess.Popen([str(binaries / "imednet-sandbox"), "snowflake", "--data-dir", str(data), "--allow-faults",
                                          "--answer-within", "1", *options], stdout=subprocess.PIPE, text=True)
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the sandbox did not start")
        ready = json.loads(line)
        ready = ready.get("snowflake", ready)
        self.trusted_roots = ready["trusted_roots"]
        self.where = {**ready, **MADE_UP, "own_key": keys["own_key"], "other_key": keys["other_key"], "port": int(ready["port"])}

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=30)
        self._process.stdout.close()


def made_up_keys():
    from cryptography.hazmat.primitives import serialization  # pylint: disable=import-outside-toplevel
    from cryptography.hazmat.primitives.asymmetric import rsa  # pylint: disable=import-outside-toplevel
    own, other = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))

    def private(key):
        return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()

    public = own.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    return {"own_key": private(own), "other_key": private(other), "public_key": public}


def take(step, world):
    """The result of one step, and why."""
    try:
        if not world.is_live:
            world.control("DELETE", "orders")  # what a failed step left
        if step.group != "sign-in":
            world.ready(step.output_format.upper())
        step.action(world)
        return PASS, ""
    except NotForThisClient as quirk:
        return NOT_POSSIBLE, str(quirk)
    except (StepFailed, ClientError, OSError, ValueError) as problem:
        with contextlib.suppress(ClientError, ClientGone):
            world.close()
        return FAILED, f"{type(problem).__name__}: {problem}"


def run_steps(steps, world, restart):
    """Of every step its result, why, and which quirks it met."""
    results = {}
    for step in steps:
        world.used = set()
        started = time.monotonic()
        try:
            result, why = take(step, world)
        except ClientGone as problem:
            result, why = FAILED, str(problem)
            world.process, world.is_connected = restart(), False
        results[step.title] = (result, why, sorted(world.used), time.monotonic() - started)
    return results


def run_client(name, options, steps, keys):
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"clients-{name}-"))
    try:
        server = Server(options.bin, folder, keys)
        try:
            def start():
                return ClientProcess(name, options.deps, folder, server.trusted_roots)
            files = folder / "files"
            files.mkdir()
            world = World(start(), server.where, files, options.record)
            try:
                return run_steps(steps, world, start)
            finally:
                world.process.stop()
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def arrow_is_served(options, keys):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="clients-wire-"))
    server = Server(options.bin, folder, keys)
    try:
        wire = Wire(server.where, "Go")
        wire.query("ALTER SESSION SET GO_QUERY_RESULT_FORMAT = 'ARROW'")
        return wire.query("SELECT 1").get("queryResultFormat") == "arrow"
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def read_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("build/release/bin"))
    parser.add_argument("--source", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("--clients", default=",".join(TITLES), help="which, by commas")
    parser.add_argument("--steps", default="", help="only those whose title contains this")
    options = parser.parse_args()
    options.bin, options.source = options.bin.resolve(), options.source.resolve()
    options.deps = options.source / ".deps"
    options.record = None
    return options


def main():
    options = read_options()
    keys = made_up_keys()
    steps = [step for step in all_steps() if options.steps in step.title]
    if not arrow_is_served(options, keys):
        steps = [step for step in steps if step.output_format == "JSON"]
    names = options.clients.split(",")
    with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
        found = dict(zip(names, pool.map(lambda name: run_client(name, options, steps, keys), names)))
    failed = 0
    for name, results in found.items():
        for title, (result, why, used, took) in results.items():
            print(f"{result:12} {took:5.1f} s  {TITLES[name]}: {title}{'  ' + why if why else ''}{'  ' + ', '.join(used) if used else ''}")
            failed += result == FAILED
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
