#!/usr/bin/env python3
"""What DuckDB has no memory for lies in the run's own folder, and nowhere else, and goes with it. The limit itself: tests/unit/sinks/duckdb_memory_test.cc."""
import signal
import subprocess

import duckdb

import harness
from harness import SandboxTest, run

RECORDS = 60_000


class Spill(SandboxTest):
    options = ("--synthetic", f"BIG:{RECORDS}")

    def command(self, program):
        return [str(word) for word in (harness.BIN / program, "export", "duckdb", "BIG", "records", self.own / "study.duckdb")]

    def spilt(self):
        """Bytes by the folder they lie in; but for the database all that the runs left anywhere."""
        sizes = {}
        for path in self.own.rglob("*"):
            if path.is_file() and not path.name.startswith("study.duckdb"):
                folder = path.relative_to(self.own).parent
                sizes[folder] = sizes.get(folder, 0) + path.stat().st_size
        return sizes

    def test_what_is_beyond_the_limit_lies_in_the_folder_of_the_run(self):
        small = {"SLURM_MEM_PER_NODE": "100M"}  # DuckDB takes it for the machine's memory
        killed = subprocess.run(self.command("imednet-failing"), env=self.environment(IMEDNET_FAILPOINT="statement_send/commit:1:kill", **small), capture_output=True,
                                timeout=harness.WAIT_S, check=False)
        self.assertEqual(killed.returncode, -signal.SIGKILL, killed)
        spilt = {folder: size for folder, size in self.spilt().items() if folder.name == "spill"}
        self.assertEqual(len(spilt), 1, self.spilt())
        [(folder, size)] = spilt.items()
        self.assertRegex(str(folder), r"^tmp/imednet-export-[^/]+/spill$")
        self.assertGreater(size, 10_000_000)
        self.assertEqual({path.parts[0] for path in self.spilt()} - {"tmp", "state"}, set(), "nothing beside the database")
        result = run(self.command("imednet"), self.environment(**small))
        self.assertEqual((result.code, result.last_line), (0, f"Loaded {RECORDS} rows"), result)
        self.assertEqual(list(self.tmp.iterdir()), [], "what the killed run left is gone too")
        self.assertEqual({path.name for path in self.own.iterdir()} - {"tmp", "state"}, {"study.duckdb"})
        with duckdb.connect(str(self.own / "study.duckdb")) as connection:
            self.assertEqual(connection.execute("SELECT COUNT(*) FROM records").fetchall(), [(RECORDS,)])


if __name__ == "__main__":
    harness.main()
