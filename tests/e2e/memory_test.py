#!/usr/bin/env python3
"""Memory does not follow the study: large studies are staged, and loaded, under a cap.

Where this machine lets us make a control group, the cap is the group's and covers everything the program makes the kernel keep for it; else the
program's highest resident size (VmHWM) is held against it. Each test says which. `IMEDNET_MEMORY_RECORDS` sets other sizes: bench/README.md.
"""
import os
import pathlib
import subprocess
import unittest

import harness
from harness import SandboxTest

MEGABYTE = 1 << 20
STAGED = int(os.environ.get("IMEDNET_MEMORY_RECORDS", "10000000"))
LOADED = int(os.environ.get("IMEDNET_MEMORY_LOADED", "1000000"))
GROUPS = pathlib.Path("/sys/fs/cgroup/memory"), pathlib.Path("/sys/fs/cgroup")


class Cap:
    """A control group with that much memory and no swap; `path` is None where none can be made."""

    def __init__(self, name, size):
        self.path = None
        for root in GROUPS:
            group = root / f"{name}-{os.getpid()}"
            limit = group / ("memory.limit_in_bytes" if root.name == "memory" else "memory.max")
            try:
                group.mkdir()
                if limit.exists():  # else it is a folder like any other
                    limit.write_text(str(size))
                    self.path = group
                    return
                group.rmdir()
            except OSError:
                if group.exists():
                    group.rmdir()

    def enter(self):
        """In the child, before it becomes the program."""
        if self.path:
            (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def close(self):
        if self.path:
            self.path.rmdir()


class Memory(SandboxTest):
    options = ("--synthetic", f"STAGED:{STAGED}", "--synthetic", f"LOADED:{LOADED}")

    def peak_under(self, size, command):
        cap = Cap("imednet-memory-test", size)
        self.addCleanup(cap.close)
        process = subprocess.Popen([str(word) for word in command], env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   preexec_fn=cap.enter, text=True)
        with process:
            output, errors = process.stdout.read(), process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0, errors)
        peak = usage.ru_maxrss * 1024
        how = "under a control group's cap" if cap.path else "by its highest resident size"
        print(f"\n  {peak / MEGABYTE:.0f} MB at most, {size / MEGABYTE:.0f} allowed, {how}", flush=True)
        self.assertLessEqual(peak, size)
        return output

    def test_staging(self):
        folder = self.own / "out"
        output = self.peak_under(128 * MEGABYTE, [harness.BIN / "imednet", "export", "parquet", "STAGED", folder])
        self.assertEqual(output.splitlines()[-1], f"Exported {STAGED} rows")

    def test_loading(self):
        output = self.peak_under(176 * MEGABYTE, self.arguments(study="LOADED"))
        self.assertEqual(output.splitlines()[-1], f"Loaded {LOADED} rows")


if __name__ == "__main__":
    unittest.TestCase.longMessage = True
    harness.main()
