"""One sandbox, one child at a time: wall and CPU seconds and peak memory of the child, and the sandbox's CPU seconds meanwhile."""
import contextlib
import csv
import dataclasses
import importlib.metadata
import importlib.util
import json
import os
import pathlib
import platform
import resource
import subprocess
import sys
import time

import uniform_study

PACKAGES = ("imednet", "pyarrow", "duckdb", "polars", "snowflake-connector-python")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass
class Sandbox:
    process: subprocess.Popen
    where: dict

    def environment(self):
        """What a client needs to reach both servers."""
        edc, snowflake = self.where["edc"], self.where["snowflake"]
        named = {f"SNOWFLAKE_{name.upper()}": str(snowflake[name])
                 for name in ("account", "user", "password", "database", "schema", "warehouse", "stage", "host", "port", "protocol")}
        roots = dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), snowflake["trusted_roots"])  # for the store's certificate
        return {**os.environ, **named, **roots, "SNOWFLAKE_OCSP": "off", "IMEDNET_API_KEY": edc["api_key"],
                "IMEDNET_SECURITY_KEY": edc["security_key"], "IMEDNET_BASE_URL": edc["base_url"], "NO_PROXY": "127.0.0.1,localhost"}

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


@contextlib.contextmanager
def sandbox(bin_dir, studies, folder, kind="sample", latency_ms=0, faults=False, **shape):
    """Serves synthetic studies {key: records}, made from the sample study or the uniform one, with tables and stages below `folder`. `shape`: of the
    uniform study (uniform_study.write)."""
    command = [bin_dir / "imednet-sandbox", "serve", "--data-dir", folder / "data"]
    if kind == "uniform":
        uniform_study.write(folder / "uniform", **shape)
        command += ["--studies", folder / "uniform"]
    for key, records in studies.items():
        command += ["--synthetic", f"{key}:{records}"]
    if latency_ms:
        command += ["--latency-ms", str(latency_ms)]
    if faults:
        command += ["--allow-faults"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield Sandbox(process, json.loads(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait(timeout=60)


@dataclasses.dataclass
class Figures:
    seconds: float
    cpu: float
    peak_mb: float
    server_cpu: float = 0.0


def timed(command, env, server=None, stdout=subprocess.DEVNULL, tells_peak=False):
    """Runs one child that must succeed, silent unless it fails. The kernel never tells a child's peak below that of the process that started it: stay
    small, or let the child tell it (`tells_peak`). `stdout`: where its lines go."""
    before = server.cpu_seconds() if server else 0.0
    started = time.monotonic()
    process = subprocess.Popen(command, env=env, stdout=stdout, stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} ended with {process.returncode}\n{said.decode(errors='replace')[-2000:]}")
    if not tells_peak and usage.ru_maxrss <= resource.getrusage(resource.RUSAGE_SELF).ru_maxrss:
        sys.exit("the peak memory that was measured is that of this process, not of its child")
    return Figures(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, server.cpu_seconds() - before if server else 0.0)


def machine():
    """The machine as far as it matters for figures; no name and no path."""
    info = pathlib.Path("/proc/cpuinfo").read_text()
    model = next((line.partition(":")[2].strip() for line in info.splitlines() if line.startswith("model name")), platform.machine())
    versions = {name: importlib.metadata.version(name) for name in PACKAGES if importlib.util.find_spec(name.partition("-")[0])}
    memory = int(pathlib.Path("/proc/meminfo").read_text().split()[1]) / 1024 / 1024
    return {"CPU": model, "cores": len(os.sched_getaffinity(0)), "memory GiB": round(memory, 1), "kernel": platform.release(),
            "load average at the start": " ".join(f"{load:.2f}" for load in os.getloadavg()), "Python": platform.python_version(), **versions}


def write_csv(path, about, rows):
    """Rows (dictionaries of the same keys) below lines that describe the machine and the run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        file.writelines(f"# {name}: {value}\n" for name, value in about.items())
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
