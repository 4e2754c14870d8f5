#!/usr/bin/env python3
"""The ADBC driver as a client of the steps: a command a line in, an answer a line out (docs/sandbox-clients.md)."""
import adbc_driver_manager
import adbc_driver_manager.dbapi
import adbc_driver_snowflake
import pyarrow

from client_loop import normal, serve

SQL = "adbc.snowflake.sql."
CLIENT = SQL + "client_option."
WAYS = {"password": "auth_snowflake", "key_pair": "auth_jwt", "oauth": "auth_oauth", "access_token": "auth_pat"}


def texts(column):
    """An Arrow column in the one form that all clients give; Python's own times would lose what is below a microsecond."""
    kind = column.type
    if pyarrow.types.is_timestamp(kind) or pyarrow.types.is_time(kind):
        plain = column.cast(pyarrow.timestamp(kind.unit)) if pyarrow.types.is_timestamp(kind) and kind.tz else column
        zone = "Z" if pyarrow.types.is_timestamp(kind) and kind.tz else ""
        cells = []
        for cell in plain.cast(pyarrow.string()).to_pylist():
            whole, _, fraction = (cell or "").rstrip("Z").partition(".")
            cells.append(None if cell is None else f"{whole}.{fraction.ljust(9, '0')}{zone}")
        return cells
    scale = kind.scale if pyarrow.types.is_decimal(kind) else 0
    return [normal(cell, scale) for cell in column.to_pylist()]


class Client:
    def __init__(self):
        self.connection = None
        self.cursor = None

    @staticmethod
    def failure(error):
        return {"code": getattr(error, "vendor_code", None), "sqlstate": getattr(error, "sqlstate", None), "message": str(error)}

    def connect(self, given):
        options = {SQL + "account": given["account"], SQL + "uri.host": given["host"], SQL + "uri.port": str(given["port"]),
                   SQL + "uri.protocol": given["protocol"], "username": given["user"], SQL + "auth_type": WAYS[given["auth"]],
                   CLIENT + "login_timeout": "20s", CLIENT + "tls_skip_verify": "true"}  # which only turns OCSP off [seen]
        named = {"db": "database", "schema": "schema", "warehouse": "warehouse", "role": "role"}
        options |= {SQL + ours: given[theirs] for ours, theirs in named.items() if given.get(theirs)}
        if given["auth"] == "password":
            options["password"] = given["password"]
        elif given["auth"] == "key_pair":
            options[CLIENT + "jwt_private_key_pkcs8_value"] = given["private_key"]
        else:
            options[CLIENT + "auth_token"] = given["token"]
        for name, value in given.get("parameters", {}).items():
            options[name.lower() if name == "CLIENT_SESSION_KEEP_ALIVE" else name] = value
        self.connection = adbc_driver_manager.dbapi.connect(adbc_driver_snowflake._driver_path(), db_kwargs=options, autocommit=True)

    def execute(self, given):
        with self.connection.cursor() as self.cursor:
            tag = given.get("parameters", {}).get("QUERY_TAG")
            if tag:
                self.cursor.adbc_statement.set_options(**{"adbc.snowflake.statement.query_tag": tag})
            if given.get("bind_rows"):
                self.cursor.executemany(given["sql"], given["bind_rows"])
                return {"columns": [], "rows": [], "count": self.cursor.rowcount, "id": None}
            if given.get("update") and not given.get("binds"):
                self.cursor.adbc_statement.set_sql_query(given["sql"])
                return {"columns": [], "rows": [], "count": self.cursor.adbc_statement.execute_update(), "id": None}
            self.cursor.execute(given["sql"], given.get("binds") or None)
            table = self.cursor.fetch_arrow_table()
            columns = [texts(column) for column in table.columns]
            return {"columns": table.column_names, "rows": [list(row) for row in zip(*columns)], "count": None, "id": None}

    def cancel(self, _):
        self.cursor.adbc_cancel()

    def alive(self, _):
        raise NotImplementedError("the driver can't be asked")

    def close(self, _):
        self.connection.close()


if __name__ == "__main__":
    serve(Client())
