#!/usr/bin/env python3
"""docs/first-load.md as it stands: its commands, one after the other, with a new key pair against the sandbox."""
import pathlib
import re
import shlex
import shutil
import tempfile
import unittest

import harness
from harness import plain_environment, run

PASSPHRASE = "made up for this test"


class FirstLoad(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="imednet-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        page = (harness.SOURCE / "docs/first-load.md").read_text(encoding="utf-8")
        self.shell = re.findall(r"```sh\n(.*?)```", page, re.S)
        self.sql = re.findall(r"```sql\n(.*?)```", page, re.S)
        self.assertEqual((len(self.shell), len(self.sql)), (4, 1))

    def test_its_commands_load_the_study_and_its_queries_answer(self):
        records, keys, setup, load = self.shell
        # What a person types in: keys of iMednet come from the sandbox, the passphrase is asked for on a terminal.
        records = re.sub(r"^export IMEDNET_API_KEY=….*\n", "", records, flags=re.M)
        keys = keys.replace("-v2 aes-256-cbc ", f"-v2 aes-256-cbc -passout 'pass:{PASSPHRASE}' ")
        keys = keys.replace("-in loader.p8 ", f"-in loader.p8 -passin 'pass:{PASSPHRASE}' ")
        load = load.replace("PASSPHRASE=…", f"PASSPHRASE='{PASSPHRASE}'")
        made = run(["sh", "-e", "-c", keys], cwd=self.folder)
        self.assertEqual(made.code, 0, made)
        queries = "".join(f"imednet-sandbox query {shlex.quote(query)}\n" for query in self.sql[0].strip().rstrip(";").split(";\n"))
        again = load[load.index("imednet export"):]
        script = "\n".join(["set -e", "(unset SNOWFLAKE_PASSWORD", records, setup, load, again + ")", queries])
        result = run([harness.BIN / "imednet-sandbox", "run", "--data-dir", self.folder / "data", "--public-key", "loader.pub", "--", "sh", "-c", script],
                     plain_environment(TMPDIR=self.folder), timeout=120, cwd=self.folder)
        self.assertEqual(result.code, 0, result)
        lines = result.stdout.splitlines()
        self.assertIn('"recordId":500001', lines[0])
        self.assertEqual([line for line in lines if line.startswith("Loaded")], ["Loaded 15916 rows", "Loaded 0 rows"])
        self.assertRegex(result.stdout, r"AE +1191\n")
        self.assertRegex(result.stdout, r"701-1015 +Female\n")
        self.assertIn("CREATE STAGE IF NOT EXISTS", (self.folder / "setup.sql").read_text(encoding="utf-8"))


if __name__ == "__main__":
    harness.main()
