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
from matrix_page import FAILED, NOT_POSSIBLE, PASS, matrix, page_with
from quirks import QUIRKS
from steps import all_steps
from transcript import Transcript
from world import ClientError, NotForThisClient, StepFailed, Wire, World

MADE_UP = {"oauth_token": "made-up-oauth-token-of-a-test", "access_token": "made-up-access-token-of-a-test"}


class Server:
    """`imednet-sandbox snowflake` for one client, ended by its process id."""

    def __init__(self, given, folder, keys):
        files = {"--public-key": keys["public_key"], "--oauth-token-file": MADE_UP["oauth_token"], "--access-token-file": MADE_UP["access_token"]}
        options = []
        for option, text in files.items():
            path = folder / option.strip("-")
            path.write_text(text, encoding="utf-8")
            options += [option, str(path)]
        data = folder / "data"
        self._process = subprocess.Popen([str(given.bin / "imednet-sandbox"), "snowflake", "--data-dir", str(data), "--allow-faults",
                                          "--answer-within", "1",
                                          "--stage-kind", given.stage_kind, "--stage-key-bits", given.stage_key_bits, *options], stdout=subprocess.PIPE, text=True)
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
        world.used, world.step_title = set(), step.title
        started = time.monotonic()
        try:
            result, why = take(step, world)
        except ClientGone as problem:
            result, why = FAILED, str(problem)
            world.process, world.is_connected = restart(), False
        results[step.title] = (result, why, sorted(world.used), time.monotonic() - started)
    return results


def run_client(name, options, steps, keys):
    """Its results by step, with a server of its own, or with the account of the environment."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"clients-{name}-"))
    try:
        with contextlib.ExitStack() as undo:
            where, roots = keys, None
            if not options.live:
                server = Server(options, folder, keys)
                undo.callback(server.stop)
                where, roots = server.where, server.trusted_roots

            def start():
                return ClientProcess(name, options.deps, folder, roots)

            (folder / "files").mkdir()
            world = World(start(), where, folder / "files", options.record)
            undo.callback(lambda: world.process.stop())
            return run_steps(steps, world, start)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def arrow_is_served(options, keys):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="clients-wire-"))
    server = Server(options, folder, keys)
    try:
        wire = Wire(server.where, "Go")
        wire.query("ALTER SESSION SET GO_QUERY_RESULT_FORMAT = 'ARROW'")
        return wire.query("SELECT 1").get("queryResultFormat") == "arrow"
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def account_of_environment():
    """A real account, by the variables that Snowflake's own tools use."""
    told = {name: os.environ.get(f"SNOWFLAKE_{name.upper()}") for name in
            ("account", "user", "password", "token", "authenticator", "database", "schema", "warehouse", "role", "host", "private_key_path")}
    lacking = [name for name in ("account", "user", "database", "schema", "warehouse") if not told[name]]
    if lacking:
        raise SystemExit("--live needs " + ", ".join(f"SNOWFLAKE_{name.upper()}" for name in lacking))
    where = {**told, "host": told["host"] or f"{told['account']}.snowflakecomputing.com", "port": 443, "protocol": "https", "is_live": True}
    if told["private_key_path"]:
        where |= {"auth": "key_pair", "private_key": pathlib.Path(told["private_key_path"]).read_text(encoding="utf-8")}
    elif told["token"]:
        where["auth"] = "oauth" if (told["authenticator"] or "").lower() == "oauth" else "access_token"
    return where


def read_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("build/release/bin"))
    parser.add_argument("--source", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("--clients", default=",".join(TITLES), help="which, by commas: " + ", ".join(TITLES))
    parser.add_argument("--steps", default="", help="only those whose title contains this")
    parser.add_argument("--write-docs", action="store_true", help="write the matrix into docs/sandbox-clients.md")
    parser.add_argument("--transcript", type=pathlib.Path, help="write what was said and answered, without secrets, as a JSON text a line")
    parser.add_argument("--live", action="store_true", help="against the account of SNOWFLAKE_ACCOUNT, SNOWFLAKE_USER, … in place of the sandbox")
    parser.add_argument("--stage-kind", default="s3", help="of the sandbox; the matrix is that of s3")
    parser.add_argument("--stage-key-bits", default="128", help="of the sandbox: 128 or 256")
    options = parser.parse_args()
    options.bin, options.source = options.bin.resolve(), options.source.resolve()
    options.deps = options.source / ".deps"
    options.record = Transcript(options.transcript) if options.transcript else None
    options.names = options.clients.split(",")
    options.is_whole = not options.steps and not options.live and options.stage_kind == "s3" and set(options.names) == set(TITLES)
    return options


def installed(options):
    """False when a client is missing: in CI that is a failure, elsewhere it is said."""
    done = subprocess.run([options.source / "tools/bootstrap", "clients"], check=False, stdin=subprocess.DEVNULL)
    lacking = missing(options.deps)
    for one in lacking:
        print(f"MISSING {one}")
    if done.returncode != 0 or lacking:
        print(f"MISSING: {max(len(lacking), 1)} clients or parts of them could not be installed", flush=True)
        return False
    return True


def told(found):
    """Prints every result; how many failed."""
    failed = 0
    for name, results in found.items():
        for title, (result, why, used, took) in results.items():
            more = "".join(f"  {text}" for text in ("" if result == NOT_POSSIBLE else why, ", ".join(used)) if text)
            print(f"{result:12} {took:5.1f} s  {TITLES[name]}: {title}{more}")
            failed += result == FAILED
    return failed


def page_and_quirks(options, steps, found):
    """What is wrong with the page or the table of quirks after a whole run."""
    met = {(name, quirk) for name, results in found.items() for _, _, used, _ in results.values() for quirk in used}
    wrong = [f"a quirk that was not met: {client}, {name}" for client, name in QUIRKS if (client, name) not in met]
    page = options.source / "docs/sandbox-clients.md"
    text = page.read_text(encoding="utf-8")
    expected = page_with(text, matrix(steps, found))
    if text != expected and options.write_docs:
        page.write_text(expected, encoding="utf-8")
    elif text != expected:
        wrong.append("docs/sandbox-clients.md is not what this run gives; run.py --write-docs writes it")
    return wrong


def main():
    options = read_options()
    if not installed(options):
        if os.environ.get("CI") == "true":
            return 1
        broken = {line.split(":")[0].split("'")[0] for line in missing(options.deps)}
        options.names = [name for name in options.names if name not in broken]
        options.is_whole = False
    keys = account_of_environment() if options.live else made_up_keys()
    steps = [step for step in all_steps() if options.steps in step.title and (step.live or not options.live)]
    if not options.live and not arrow_is_served(options, keys):
        steps = [step for step in steps if step.output_format == "JSON"]
    with concurrent.futures.ThreadPoolExecutor(max(len(options.names), 1)) as pool:
        found = dict(zip(options.names, pool.map(lambda name: run_client(name, options, steps, keys), options.names)))
    failed = told(found)
    if options.record:
        options.record.write()
    wrong = page_and_quirks(options, steps, found) if options.is_whole and not failed else []
    print("\n".join(wrong))
    results = sum(len(one) for one in found.values())
    print(f"{results - failed} passed, {failed + len(wrong)} failed: {len(steps)} steps with {len(found)} of {len(TITLES)} clients")
    return 1 if failed or wrong or not results else 0


if __name__ == "__main__":
    sys.exit(main())
