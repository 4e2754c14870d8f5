"""What the conformance tests share: a sandbox's Snowflake of their own, and checks that are printed as they are made."""
import argparse
import json
import os
import pathlib
import subprocess
import threading

os.environ.setdefault("SNOWFLAKE_DISABLE_PLATFORM_DETECTION", "true")
os.environ.setdefault("SF_DISABLE_MINICORE", "true")


def parser():
    """Of what every test of this folder is told."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--bin", required=True)
    arguments.add_argument("--source", default=".")
    return arguments


class Checks:
    """Several threads may share one."""

    def __init__(self):
        self.failed = 0
        self.lock = threading.Lock()

    def equal(self, what, got, expected):
        good = got == expected
        with self.lock:
            self.failed += not good
            print(f"{'ok  ' if good else 'FAIL'} {what}" + ("" if good else f": got {got!r}, expected {expected!r}"), flush=True)

    def fails(self, what, code, action):
        """With that number of the official connector's error."""
        import snowflake.connector  # not every client's Python has it

        try:
            action()
            self.equal(what, "no error", code)
        except snowflake.connector.errors.Error as error:
            self.equal(what, error.errno, code)

    def end(self):
        """The last line, and the exit status."""
        print("all as expected" if self.failed == 0 else f"{self.failed} checks failed")
        return 1 if self.failed else 0


class Server:
    """`imednet-sandbox snowflake`, ended by its process id."""

    def __init__(self, bin_dir, folder, *options):
        self.process = subprocess.Popen([str(pathlib.Path(bin_dir) / "imednet-sandbox"), "snowflake", "--data-dir", str(folder), *map(str, options)],
                                        stdout=subprocess.PIPE, text=True)
        self.where = json.loads(self.process.stdout.readline())["snowflake"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=30)
        self.process.stdout.close()
