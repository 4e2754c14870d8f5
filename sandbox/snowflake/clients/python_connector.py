#!/usr/bin/env python3
"""The Python connector, 4.8.1 or 5.2.0, as a client of the steps: a command a line in, an answer a line out (docs/sandbox-clients.md)."""
import snowflake.connector

from client_loop import der_of, normal, serve

WAYS = {"key_pair": "SNOWFLAKE_JWT", "oauth": "oauth", "access_token": "PROGRAMMATIC_ACCESS_TOKEN"}


class Client:
    def __init__(self):
        self.connection = None
        self.cursor = None

    @staticmethod
    def failure(error):
        code = getattr(error, "errno", None)
        return {"code": code, "sqlstate": getattr(error, "sqlstate", None), "message": getattr(error, "msg", None) or str(error)}

    def connect(self, given):
        way = {"password": given.get("password")} if given["auth"] == "password" else {"authenticator": WAYS[given["auth"]]}
        if given["auth"] == "key_pair":
            way["private_key"] = der_of(given["private_key"])
        elif given["auth"] != "password":
            way["token"] = given["token"]
        names = {name: given[name] for name in ("database", "schema", "warehouse", "role") if given.get(name)}
        parameters = dict(given.get("parameters", {}))
        keep_alive = parameters.pop("CLIENT_SESSION_KEEP_ALIVE", None)
        if keep_alive:
            names["client_session_keep_alive"] = keep_alive == "true"
        self.connection = snowflake.connector.connect(
            host=given["host"], port=given["port"], protocol=given["protocol"], account=given["account"], user=given["user"],
            session_parameters=parameters, login_timeout=20, disable_ocsp_checks=True, paramstyle="qmark", **names, **way)

    def execute(self, given):
        self.cursor = self.connection.cursor()
        options = {"_statement_params": given["parameters"]} if given.get("parameters") else {}
        if given.get("bind_rows"):
            self.cursor.executemany(given["sql"], given["bind_rows"])
        else:
            self.cursor.execute(given["sql"], given.get("binds") or None, **options)
        return self._answer(given)

    def _answer(self, given):
        rows = self.cursor.fetchall()  # first: what was submitted is described only then
        scales = [column.scale or 0 for column in self.cursor.description or []]
        return {"columns": [column.name for column in self.cursor.description or []],
                "rows": [[normal(cell, scale) for cell, scale in zip(row, scales)] for row in rows],
                "count": self.cursor.rowcount if given.get("update") else None, "id": self.cursor.sfqid}

    def start(self, given):
        self.cursor = self.connection.cursor()
        self.cursor.execute_async(given["sql"])

    def wait(self, _):
        self.cursor.get_results_from_sfqid(self.cursor.sfqid)
        return self._answer({})

    def cancel(self, _):
        if not self.cursor.abort_query(self.cursor.sfqid):
            raise RuntimeError("there was nothing to cancel")

    def alive(self, _):
        return {"ok": self.connection.is_valid()}

    def close(self, _):
        self.connection.close()


if __name__ == "__main__":
    serve(Client())
