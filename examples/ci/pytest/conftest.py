"""A Snowflake for the tests of this folder: the sandbox, started once on ports that the system chooses, and stopped."""
import json
import os
import subprocess
import urllib.request

import pytest
import snowflake.connector


class Sandbox:
    def __init__(self, where):
        self.where = where

    def connect(self):
        names = ("host", "port", "protocol", "account", "user", "password", "database", "schema", "warehouse")
        # Nobody can be asked whether a certificate that was made a moment ago has been revoked.
        return snowflake.connector.connect(**{name: self.where[name] for name in names}, login_timeout=20, disable_ocsp_checks=True)

    def orders(self, method="GET", order=None):
        """Gives an order for something to go wrong, or tells of each how often it fired, or (DELETE) takes them back."""
        address = f"http://{self.where['host']}:{self.where['port']}/sandbox/orders"
        request = urllib.request.Request(address, method=method, data=json.dumps(order).encode() if order else None)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())["data"]


@pytest.fixture(scope="session")
def sandbox():
    with subprocess.Popen(["imednet-sandbox", "serve", "--allow-faults"], stdout=subprocess.PIPE, text=True) as process:
        try:
            where = json.loads(process.stdout.readline())["snowflake"]
            os.environ["REQUESTS_CA_BUNDLE"] = where["trusted_roots"]  # of the stage's object store, which speaks TLS
            yield Sandbox(where)
        finally:
            process.terminate()


@pytest.fixture
def connection(sandbox):
    with sandbox.connect() as opened:
        yield opened
    sandbox.orders("DELETE")
