#!/usr/bin/env python3
"""The archive, the Debian package and the Dockerfile hold what the program needs, and name the system's packages it loads from.

There is no container engine here: the Dockerfile is read, and each thing it copies is looked for in an installed tree.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import harness
from harness import plain_environment, run
from install_test import files, install, is_elf


def system_packages(prefix, programs):
    """Debian packages that hold what these programs of an installed tree are linked with, its own libraries left out."""
    own = {path.name for path in (prefix / "lib/imednet").iterdir()}
    pending, found = list(programs), set()
    for program in pending:
        needed = re.findall(r"\(NEEDED\).*\[(.+)\]", subprocess.run(["readelf", "-d", program], check=True, capture_output=True, text=True).stdout)
        where = dict(re.findall(r"^\s*(\S+) => (/\S+)", subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout, re.M))
        for name in needed:
            if name in own:
                pending.append(prefix / "lib/imednet" / name)
            elif name in where:
                found.add(package_of(where[name]))
    return found


def package_of(library):
    for path in (library, os.path.realpath(library), "/usr" + library):
        done = subprocess.run(["dpkg-query", "-S", path], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout.split(":")[0]
    raise AssertionError(f"no package holds {library}")


def project_version():
    return re.search(r"^project\(imednet VERSION (\S+)", (harness.SOURCE / "CMakeLists.txt").read_text(encoding="utf-8"), re.M)[1]


def cpack(generator, folder):
    subprocess.run(["cpack", "-G", generator, "--config", harness.BIN.parent / "CPackConfig.cmake", "-B", folder], check=True, stdout=subprocess.DEVNULL,
                   timeout=300)
    return next(path for path in folder.iterdir() if path.name.endswith((".tar.gz", ".deb")))


class Packages(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="imednet-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, True)

    def assert_runs(self, prefix):
        result = run([prefix / "bin/imednet", "--version"], plain_environment(TMPDIR=self.folder), cwd=self.folder)
        self.assertEqual(result.code, 0, result)
        self.assertIn(str(prefix / "lib/imednet/drivers"), result.stdout)

    def test_the_archive_unpacks_to_one_folder_that_runs_where_it_is(self):
        archive = cpack("TGZ", self.folder / "packages")
        subprocess.run(["tar", "-xzf", archive, "-C", self.folder], check=True, timeout=120)
        self.assert_runs(self.folder / archive.name.removesuffix(".tar.gz"))

    @unittest.skipUnless(shutil.which("dpkg-deb"), "no dpkg here")
    def test_the_debian_package_runs_unpacked_and_depends_on_what_its_programs_load(self):
        package = cpack("DEB", self.folder / "packages")
        fields = dict(line.split(": ", 1) for line in subprocess.run(["dpkg-deb", "--field", package], check=True, capture_output=True, text=True)
                      .stdout.splitlines() if ": " in line)
        self.assertEqual((fields["Package"], fields["Version"], fields["Architecture"]), ("imednet", project_version(), "amd64"))
        subprocess.run(["dpkg-deb", "-x", package, self.folder / "root"], check=True, timeout=120)
        prefix = self.folder / "root/usr"
        self.assert_runs(prefix)
        depends = {entry.split()[0] for entry in fields["Depends"].split(", ")}
        programs = [prefix / "bin/imednet", prefix / "bin/imednet-sandbox"]
        self.assertEqual(system_packages(prefix, programs) - depends, set())


class Dockerfile(unittest.TestCase):
    def setUp(self):
        text = re.sub(r"\\\n", " ", (harness.SOURCE / "Dockerfile").read_text(encoding="utf-8"))
        lines = [line.split(None, 1) for line in text.splitlines() if line.strip() and not line.startswith("#")]
        last = max(i for i, (word, _) in enumerate(lines) if word == "FROM")
        self.first, self.last = lines[:last], lines[last:]
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="imednet-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, True)

    def values(self, word):
        return [rest for name, rest in self.last if name == word]

    def test_what_it_copies_is_in_an_installed_tree_and_runs(self):
        build = next(rest for word, rest in self.first if word == "RUN" and "--install" in rest)
        prefix = re.search(r"--prefix (\S+)", build)[1]
        install(prefix, "--component", re.search(r"--component (\S+)", build)[1], DESTDIR=self.folder / "build")
        copies = [rest.removeprefix("--from=build ").split() for rest in self.values("COPY")]
        self.assertTrue(copies)
        for source, target in copies:
            self.assertTrue(source.startswith(prefix + "/"), source)
            place = self.folder / ("image" + target)
            place.parent.mkdir(parents=True, exist_ok=True)
            found = self.folder / ("build" + source)
            self.assertTrue(found.exists(), source)
            (shutil.copytree if found.is_dir() else shutil.copy2)(found, place)
        entry = json.loads(self.values("ENTRYPOINT")[0])
        program = self.folder / ("image" + entry[0])
        result = run([program, "--version"], plain_environment(TMPDIR=self.folder), cwd=self.folder)
        self.assertEqual((len(entry), pathlib.PurePath(entry[0]).name, result.code), (1, "imednet", 0), result)
        self.assertIn(str(self.folder / "image"), result.stdout)
        installed = set(re.search(r"apt-get install [^&]*", self.values("RUN")[0])[0].split())
        needed = system_packages(program.parent.parent, [program])
        self.assertEqual(needed - installed - {"libc6", "libgcc-s1"}, set())  # those two are in every Debian image
        duckdb = [path.relative_to(program.parent.parent).as_posix() for path in files(self.folder / "image") if is_elf(path) and "duckdb" in path.name]
        self.assertEqual(duckdb, ["lib/imednet/drivers/duckdb"], "the sandbox's is left out")

    def test_it_does_not_run_as_root(self):
        user = self.values("USER")[-1]
        self.assertRegex(user, r"^[1-9]\d*:[1-9]\d*$")
        self.assertIn(f"--uid {user.split(':')[0]} ", self.values("RUN")[0])

    def test_every_stage_starts_from_the_plain_small_image(self):
        self.assertEqual([rest.split()[0] for word, rest in [*self.first, *self.last] if word == "FROM"], ["debian:12-slim"] * 2)

    def test_built_and_downloaded_folders_stay_out_of_the_context(self):
        ignored = (harness.SOURCE / ".dockerignore").read_text(encoding="utf-8").split()
        self.assertTrue({"build", ".deps", ".git"} <= set(ignored), ignored)


if __name__ == "__main__":
    harness.main()
