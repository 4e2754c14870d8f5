"""What the tests of stages share: a server of one kind of stage, its control, and clients that put, list, load and get back a file.

Started with --adbc it is the ADBC driver's side, in that driver's Python: statements come as JSON lines, answers go the same way.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.request

import sandbox_server

WAIT_S = 120
ROWS = 4000


class Server(sandbox_server.Server):
    """With one kind of stage, and orders for faults."""

    def __init__(self, bin_dir, folder, kind, *options):
        super().__init__(bin_dir, folder, "--allow-faults", "--stage-kind", kind, *options)

    def control(self, method, name, body=None):
        request = urllib.request.Request(f"http://{self.where['host']}:{self.where['port']}/sandbox/{name}", method=method,
                                         data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
            return json.loads(answer.read())["data"]

    def order(self, do, **match):
        self.control("POST", "orders", {"match": match, "do": do})

    def fired(self):
        return [one["fired"] for one in self.control("GET", "orders")]

    def clear(self):
        self.control("DELETE", "orders")


class Connector:
    """The official Python connector, in this process."""

    name = "Python connector"

    def __init__(self, where):
        import snowflake.connector

        os.environ["REQUESTS_CA_BUNDLE"] = where["trusted_roots"]
        self.error = snowflake.connector.errors.Error
        self.connection = snowflake.connector.connect(
            host=where["host"], port=int(where["port"]), protocol="http", account=where["account"], user=where["user"], password=where["password"],
            database=where["database"], schema=where["schema"], warehouse=where["warehouse"], login_timeout=20, disable_ocsp_checks=True)

    def run(self, sql):
        """Its rows as lists of texts, or the text of its error."""
        try:
            return [[None if cell is None else str(cell) for cell in row] for row in self.connection.cursor().execute(sql).fetchall()]
        except self.error as error:
            return str(error)

    def close(self):
        self.connection.close()


class Adbc:
    """The ADBC driver, in a process of its own Python."""

    name = "ADBC"

    def __init__(self, where, source):
        self.folder = tempfile.TemporaryDirectory()
        environment = {**os.environ, "SSL_CERT_FILE": where["trusted_roots"], "TMPDIR": self.folder.name}
        self.process = subprocess.Popen([str(pathlib.Path(source) / ".deps/venv/bin/python"), __file__, "--adbc", json.dumps(where)], env=environment,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ingest(self, table):
        """The driver's bulk load of ROWS rows (n) into a new table: it makes Parquet files and sends them from memory. How many rows it says."""
        return self.run({"ingest": table})

    def run(self, sql):
        self.process.stdin.write(json.dumps(sql) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=WAIT_S)
        self.process.stdout.close()
        self.folder.cleanup()


def serve_adbc(where):
    import adbc_driver_snowflake.dbapi as adbc
    import pyarrow

    options = {"adbc.snowflake.sql.account": where["account"], "adbc.snowflake.sql.uri.host": where["host"], "adbc.snowflake.sql.uri.port": str(where["port"]),
               "adbc.snowflake.sql.uri.protocol": "http", "username": where["user"], "password": where["password"], "adbc.snowflake.sql.db": where["database"],
               "adbc.snowflake.sql.schema": where["schema"], "adbc.snowflake.sql.warehouse": where["warehouse"],
               "adbc.snowflake.sql.client_option.tls_skip_verify": "true"}  # only its questions about revoked certificates; it still verifies
    with adbc.connect(db_kwargs=options, autocommit=True) as connection:
        for line in sys.stdin:
            try:
                with connection.cursor() as cursor:
                    asked = json.loads(line)
                    if isinstance(asked, dict):
                        answer = cursor.adbc_ingest(asked["ingest"], pyarrow.table({"N": range(ROWS)}), mode="create")
                    else:
                        cursor.execute(asked)
                        answer = [[None if cell is None else str(cell) for cell in row] for row in cursor.fetchall()]
            except adbc.Error as error:
                answer = str(error)
            print(json.dumps(answer), flush=True)


def write_parquet(path, text="row"):
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.table({"n": pyarrow.array(range(ROWS), pyarrow.int64()), "t": [f"{text} {n * 7919}" for n in range(ROWS)]}), path)
    return path


def padded(size):
    return 16 * (size // 16 + 1)


if __name__ == "__main__":
    serve_adbc(json.loads(sys.argv[2]))
