#!/usr/bin/env python3
"""`make install` makes programs that run from where they were installed, with their libraries, driver and sample study."""
import os
import pathlib
import re
import subprocess
import unittest

import harness
from harness import SandboxTest, plain_environment, run


class Install(SandboxTest):
    def setUp(self):
        super().setUp()
        self.prefix = self.own / "prefix"
        build = harness.BIN.parent
        subprocess.run(["cmake", "--install", build, "--prefix", self.prefix], check=True, stdout=subprocess.DEVNULL, timeout=120)

    def test_an_installed_tree_exports_the_sample_study(self):
        script = "imednet export snowflake MY_STUDY myorg-myaccount loader - IMEDNET_DB PUBLIC COMPUTE_WH MY_STAGE RECORDS"
        result = run([self.prefix / "bin/imednet-sandbox", "run", "--", "bash", "-c", script], plain_environment(TMPDIR=self.tmp), timeout=120)
        self.assertEqual(result.code, 0, result)
        self.assertEqual(result.last_line, "Loaded 15916 rows")

    def test_an_installed_program_finds_its_own_libraries_and_driver(self):
        programs = [self.prefix / "bin" / name for name in ("imednet", "imednet-sandbox")]
        for program in programs:
            linked = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
            arrow = re.search(r"libarrow\.so\.\d+ => (\S+)", linked)
            if arrow is not None:  # absent from the tree where the system has Arrow
                self.assertTrue(os.path.realpath(arrow[1]).startswith((os.path.realpath(self.prefix), "/usr/lib")), linked)
        version = run([programs[0], "--version"], plain_environment(TMPDIR=self.tmp), timeout=60)
        self.assertIn(str(pathlib.Path(os.path.realpath(self.prefix)) / "lib/imednet/drivers"), version.stdout)

    def test_headers_and_library_are_there_for_other_programs(self):
        self.assertTrue((self.prefix / "include/imednet/imednet.h").is_file())
        self.assertTrue((self.prefix / "lib/libimednet.a").is_file())


if __name__ == "__main__":
    harness.main()
