"""What a step has at hand: the client under test, the server's control routes, and what is known of the client's ways."""
import contextlib
import json
import pathlib
import urllib.request
import uuid

from clients import FORMAT_PARAMETERS
from quirks import QUIRKS

CONTROL_S = 60


class StepFailed(Exception):
    pass


class NotForThisClient(Exception):
    """The step can't be taken with this client; the quirk says why."""


class ClientError(Exception):
    """What the client's driver said went wrong."""

    def __init__(self, told):
        super().__init__(f"{told['code']} ({told['sqlstate']}): {told['message']}")
        self.code, self.sqlstate, self.message = told["code"], told["sqlstate"], told["message"]


def plain(name):
    """The drivers spell the columns of PUT and GET in two ways."""
    return name.lower().replace("_", "")


class Answer:
    def __init__(self, told):
        self.columns, self.rows, self.count, self.id = told["columns"], told["rows"], told["count"], told["id"]

    def column(self, name):
        at = [plain(column) for column in self.columns].index(plain(name))
        return [row[at] for row in self.rows]


class World:
    def __init__(self, process, where, folder, transcript=None):
        self.client, self.process, self.where, self.transcript = process.name, process, where, transcript
        self.folder = pathlib.Path(folder)
        self.format = "JSON"
        self.mark = f"CLIENTS_{process.name.upper()}"
        self.is_connected, self.is_live, self.step_title = False, bool(where.get("is_live")), ""
        self.used = set()  # names of quirks

    # What is known.
    def known(self, name, usual):
        """What this client does where others do `usual`."""
        quirk = QUIRKS.get((self.client, name))
        if quirk is None:
            return usual
        self.used.add(name)
        return quirk.value

    def needs(self, name):
        """Goes no further for a client that can't do this."""
        if (self.client, name) in QUIRKS:
            self.used.add(name)
            raise NotForThisClient(name)

    @staticmethod
    def same(what, got, expected):
        if got != expected:
            raise StepFailed(f"{what}: got {got!r}, expected {expected!r}")

    # The client.
    def ask(self, **command):
        answer = self.process.ask(command)
        if self.transcript:
            self.transcript.note(self, command, answer)
        if "error" in answer:
            raise ClientError(answer["error"])
        return answer

    def connect(self, auth=None, parameters=None, **more):
        names = ("host", "port", "protocol", "account", "user", "database", "schema", "warehouse", "role")
        given = {name: self.where[name] for name in names if self.where.get(name)}
        way = auth or self.where.get("auth", "password")
        secrets = {name: self.where[name] for name in ("password", "private_key", "token") if self.where.get(name)}
        parameters = {"TIMEZONE": "UTC", **(parameters or {})}
        self.ask(do="connect", auth=way, parameters=parameters, **{**given, **secrets, **more})
        self.is_connected = True

    def close(self):
        self.is_connected = False
        self.ask(do="close")

    def ready(self, output_format="JSON"):
        """A session in this format, the one at hand if there is one."""
        if not self.is_connected:
            self.connect()
            self.format = "JSON"
            if FORMAT_PARAMETERS[self.client] and output_format == "JSON":
                self.run(f"ALTER SESSION SET {FORMAT_PARAMETERS[self.client]} = 'JSON'")
        if self.format != output_format:
            self.needs("arrow")
            self.run(f"ALTER SESSION SET {FORMAT_PARAMETERS[self.client]} = '{output_format}'")
            self.format = output_format

    def run(self, sql, binds=None, **parameters):
        return Answer(self.ask(do="execute", sql=sql, **({"binds": binds} if binds else {}), **({"parameters": parameters} if parameters else {})))

    def rows(self, sql, binds=None):
        return self.run(sql, binds).rows

    def update(self, sql, binds=None):
        """How many rows, as the client says."""
        return Answer(self.ask(do="execute", sql=sql, update=True, **({"binds": binds} if binds else {}))).count

    @contextlib.contextmanager
    def table(self, name, columns):
        """A table of this client's own, and its name; it goes in the end."""
        table = f"{self.mark}_{name}"
        self.run(f"CREATE OR REPLACE TABLE {table} ({columns})")
        try:
            yield table
        finally:
            self.run(f"DROP TABLE {table}")

    @contextlib.contextmanager
    def later(self, seconds):
        """The server's clock runs that much ahead meanwhile."""
        self.control("POST", "clock", {"offset_seconds": seconds})
        try:
            yield
        finally:
            self.control("POST", "clock", {"offset_seconds": 0})

    def fails(self, what, action, code, sqlstate=None):
        try:
            action()
        except ClientError as error:
            self.same(f"{what}: code of {error}", error.code, code)
            if sqlstate:
                self.same(f"{what}: SQLSTATE of {error}", error.sqlstate, self.known(f"SQLSTATE of {what}", sqlstate))
            return error
        raise StepFailed(f"{what}: no error, expected {code}")

    def put(self, source, target, *options):
        """Statuses of the files by name; None when the client does not say."""
        answer = self.run(f"PUT 'file://{source}' {target} {' '.join(('AUTO_COMPRESS = FALSE', *options))}")
        if not answer.rows:
            return None
        return dict(sorted(zip([pathlib.Path(name).name for name in answer.column("source")], answer.column("status"))))

    # The server.
    def control(self, method, name, body=None):
        """A route of the sandbox below /sandbox/."""
        request = urllib.request.Request(f"http://{self.where['host']}:{self.where['port']}/sandbox/{name}", method=method,
                                         data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=CONTROL_S) as answer:
            return json.loads(answer.read()).get("data")

    def order(self, contains, do, **match):
        self.control("POST", "orders", {"match": {"statement_contains": contains, **match}, "do": do})

    def fired(self):
        """How often each order that still stands fired; they are taken back."""
        told = [order["fired"] for order in self.control("GET", "orders")]
        self.control("DELETE", "orders")
        return told

    def statements(self, contains):
        return [one for one in self.control("GET", "statements") if contains in one["text"]]


class Wire:
    """The protocol by hand, to see what the server says to a client of that name."""

    def __init__(self, where, app):
        self._where, self._token = where, "None"
        told = self._post("/session/v1/login-request", {"data": {"ACCOUNT_NAME": where["account"], "LOGIN_NAME": where["user"],
                                                                "PASSWORD": where["password"], "CLIENT_APP_ID": app}})
        self._token = told["data"]["token"]

    def _post(self, path, body):
        request = urllib.request.Request(f"http://{self._where['host']}:{self._where['port']}{path}", data=json.dumps(body).encode(),
                                         headers={"Authorization": f'Snowflake Token="{self._token}"', "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=CONTROL_S) as answer:
            return json.loads(answer.read())

    def query(self, sql):
        return self._post(f"/queries/v1/query-request?requestId={uuid.uuid4()}", {"sqlText": sql})["data"]
