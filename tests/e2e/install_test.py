#!/usr/bin/env python3
"""What `make install` makes can be moved: programs, library and driver are found from where they are, not from where they were made.

The tree is installed, moved, and used where the source tree with its .deps/ and build/ cannot be seen (a mount namespace, where the
system allows one); which libraries were opened is asked of the loader in any case.
"""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import harness
from harness import plain_environment, run

CONSUMER = """cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES CXX)
find_package(imednet 0.1 REQUIRED)
add_executable(quickstart quickstart.cc)
target_link_libraries(quickstart PRIVATE imednet::imednet)
"""
EXPORT = "imednet export snowflake MY_STUDY myorg-myaccount loader - IMEDNET_DB PUBLIC COMPUTE_WH MY_STAGE RECORDS"


def install(prefix, *options, **environment):
    subprocess.run(["cmake", "--install", harness.BIN.parent, "--prefix", prefix, *options], check=True, stdout=subprocess.DEVNULL, timeout=120,
                   env=plain_environment(**environment))


def can_hide():
    return subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False).returncode == 0


def hidden(command):
    """The command, run where the source tree is an empty folder."""
    if not can_hide():
        return command
    return ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none "$1" && shift && exec "$@"', "sh", harness.SOURCE, *command]


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


class MovedInstallation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="imednet-e2e-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.first = cls.folder / "first"
        install(cls.first)
        cls.prefix = cls.folder / "moved here"
        cls.first.rename(cls.prefix)

    def setUp(self):
        self.own = self.folder / self._testMethodName
        (self.own / "tmp").mkdir(parents=True)

    def in_sandbox(self, *command):
        """The command between both sandboxes, and the shared objects that its processes opened."""
        opened = self.own / "opened"
        environment = plain_environment(TMPDIR=self.own / "tmp", LD_DEBUG="files", LD_DEBUG_OUTPUT=opened,
                                        SNOWFLAKE_DISABLE_PLATFORM_DETECTION="true", SF_DISABLE_MINICORE="true")
        sandbox = self.prefix / "bin/imednet-sandbox"
        result = run(hidden([sandbox, "run", "--data-dir", self.own / "data", "--", *command]), environment, timeout=180, cwd=self.own)
        text = "".join(path.read_text(errors="replace") for path in self.own.glob("opened.*"))
        return result, sorted(set(re.findall(r"calling init: (/\S.*)", text)))

    def assert_own_libraries(self, opened):
        self.assertIn(str(self.prefix / "lib/imednet/drivers/snowflake"), opened)
        self.assertEqual([path for path in opened if path.startswith((str(harness.SOURCE), str(self.first)))], [])
        mine = [path for path in opened if re.search(r"/lib(arrow|parquet|duckdb)\.", path) and not path.startswith("/usr/lib")]
        self.assertEqual([path for path in mine if not os.path.realpath(path).startswith(str(self.prefix) + "/")], [])

    def test_the_program_exports_the_sample_study_from_its_new_place(self):
        result, opened = self.in_sandbox("bash", "-c", EXPORT)
        self.assertEqual((result.code, result.last_line), (0, "Loaded 15916 rows"), result)
        self.assert_own_libraries(opened)

    def test_the_drivers_of_other_databases_are_found_in_their_new_place(self):
        result, opened = self.in_sandbox("bash", "-c", "imednet export duckdb MY_STUDY records a.duckdb && imednet export sql MY_STUDY records sqlite:///a.sqlite")
        self.assertEqual((result.code, result.stdout.splitlines()[-2:]), (0, ["Loaded 15916 rows"] * 2), result)
        self.assertIn(str(self.prefix / "lib/imednet/drivers/sqlite"), opened)
        # Where the sandbox is installed too, its DuckDB is found first, by the name that libraries are looked for.
        self.assertEqual([path for path in opened if "duckdb" in path and not os.path.realpath(path).startswith(str(self.prefix) + "/")], [])

    def test_a_program_of_somebody_else_is_built_with_find_package_and_exports(self):
        shutil.copy(harness.SOURCE / "examples/quickstart.cc", self.own)
        (self.own / "CMakeLists.txt").write_text(CONSUMER, encoding="utf-8")
        for command in (["cmake", "-S", self.own, "-B", self.own / "build", f"-DCMAKE_PREFIX_PATH={self.prefix}"], ["cmake", "--build", self.own / "build"]):
            result = run(hidden(command), timeout=300, cwd=self.own)
            self.assertEqual(result.code, 0, result)
        result, opened = self.in_sandbox(self.own / "build/quickstart")
        self.assertEqual((result.code, result.last_line), (0, "Loaded 15916 rows"), result)
        self.assert_own_libraries(opened)

    def test_no_installed_file_names_the_source_tree_or_the_place_it_was_first(self):
        for path in files(self.prefix):
            if is_elf(path):
                found = subprocess.run(["readelf", "-d", path], check=True, capture_output=True, text=True).stdout
                found = "\n".join(line for line in found.splitlines() if "RUNPATH" in line or "RPATH" in line)
            elif path.suffix == ".a" or path.suffix == ".gz":
                continue
            else:
                found = path.read_text(encoding="utf-8", errors="replace")
            for place in (harness.SOURCE, harness.BIN.parent, self.first):
                # A short one, like /src, may stand in a text as the end of another path or of an address.
                self.assertIsNone(re.search(rf"(?<![\w./-]){re.escape(str(place))}(?![\w.-])", found), f"{place} stands in {path}")

    def test_completions_pages_headers_and_licences_are_in_their_places(self):
        for name in ("share/bash-completion/completions/imednet", "share/zsh/site-functions/_imednet", "share/fish/vendor_completions.d/imednet.fish",
                     "share/man/man1/imednet.1", "share/man/man1/imednet-export-snowflake.1", "include/imednet/imednet.h", "lib/libimednet.a",
                     "lib/cmake/imednet/imednetConfig.cmake", "share/doc/imednet/LICENSE", "share/doc/imednet/NOTICE", "share/doc/imednet/CHANGELOG.md",
                     "share/doc/imednet/adbc-driver-snowflake/LICENSE.txt", "share/doc/imednet/adbc-driver-sqlite/LICENSE.txt",
                     "share/doc/imednet/adbc-driver-postgresql/LICENSE.txt", "share/doc/imednet/duckdb/LICENSE"):
            self.assertTrue((self.prefix / name).is_file(), name)
        self.assertIn("export snowflake", (self.prefix / "share/bash-completion/completions/imednet").read_text(encoding="utf-8"))

    def test_a_driver_named_by_a_manifest_of_the_user_is_used_and_a_missing_one_is_named(self):
        other = self.own / "without driver"
        install(other, "--component", "program")
        (other / "lib/imednet/drivers/snowflake").unlink()
        export = EXPORT.replace("imednet ", f"'{other}/bin/imednet' ", 1)
        result, _ = self.in_sandbox("bash", "-c", export)
        self.assertEqual(result.code, 13, result)
        self.assertIn("hint: install the ADBC Snowflake driver", result.stderr)
        manifest = self.own / "drivers/snowflake.toml"
        manifest.parent.mkdir()
        manifest.write_text(f'manifest_version = 1\n\n[Driver]\nshared = "{self.prefix}/lib/imednet/drivers/snowflake"\n', encoding="utf-8")
        result, opened = self.in_sandbox("bash", "-c", f"export ADBC_DRIVER_PATH='{manifest.parent}'; {export}")
        self.assertEqual((result.code, result.last_line), (0, "Loaded 15916 rows"), result)
        self.assert_own_libraries([path for path in opened if not path.startswith(str(other))])

    def test_the_programs_own_driver_is_named_by_version(self):
        result = run(hidden([self.prefix / "bin/imednet", "--version"]), plain_environment(TMPDIR=self.own / "tmp"), cwd=self.own)
        self.assertIn(str(self.prefix / "lib/imednet/drivers"), result.stdout)


class Staged(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="imednet-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, True)

    def test_destdir_puts_the_tree_below_another_root(self):
        place = "/opt/imednet-of-a-test"
        install(place, "--component", "program", DESTDIR=self.folder / "root")
        self.assertFalse(os.path.exists(place))
        self.assertTrue((self.folder / f"root{place}/bin/imednet").is_file())
        self.assertTrue((self.folder / f"root{place}/lib/imednet/drivers/snowflake").is_file())

    def test_the_program_alone_leaves_sandbox_and_library_out(self):
        install(self.folder / "prefix", "--component", "program")
        names = [path.relative_to(self.folder / "prefix").as_posix() for path in files(self.folder / "prefix")]
        self.assertIn("bin/imednet", names)
        self.assertEqual([name for name in names if "sandbox" in name or name.endswith((".a", ".h", "libduckdb.so"))], [])
        drivers = sorted(name.rsplit("/", 1)[1] for name in names if name.startswith("lib/imednet/drivers/"))
        self.assertEqual(drivers, ["duckdb", "postgresql", "snowflake", "sqlite"])


if __name__ == "__main__":
    harness.main()
