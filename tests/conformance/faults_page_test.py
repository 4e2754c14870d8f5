#!/usr/bin/env python3
"""The examples of docs/sandbox-faults.md: its shell lines run, and each order is taken and fires for what it is about.

faults_page_test.py --bin build/release/bin --source .
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from sandbox_server import Checks, parser
from stage_clients import Connector, Server, write_parquet


def workload(order, server, folder):
    """What the order is about, done by the connector; what comes of it is told by other tests."""
    match = order["match"]
    text = match.get("statement_contains", "")
    client = Connector(server.where)
    try:
        if match.get("server") == "store" or text.startswith("PUT"):
            client.run(f"PUT 'file://{folder}/f.parquet' @MY_STAGE/page AUTO_COMPRESS = FALSE OVERWRITE = TRUE")
            client.run(f"GET @MY_STAGE/page/ 'file://{folder}/'")
        elif text == "COPY INTO":
            client.run("COPY INTO page_rows FROM (SELECT $1:n::NUMBER, $1:t::VARCHAR FROM @MY_STAGE/kept/) FILE_FORMAT = (TYPE = PARQUET) FORCE = TRUE")
        elif text == "MERGE":
            client.run("MERGE INTO page_rows USING (SELECT 1 AS n) AS s ON page_rows.n = s.n WHEN MATCHED THEN UPDATE SET t = 'x'")
        else:
            for number in range(2):
                client.run(f"INSERT INTO page_rows VALUES ({number}, 'x')")
    finally:
        client.close()


def main():
    given = parser().parse_args()
    check = Checks()
    page = (pathlib.Path(given.source) / "docs/sandbox-faults.md").read_text(encoding="utf-8")
    shell = "".join(re.findall(r"```sh\n(.*?)```", page, re.S))
    orders = [json.loads(line) for block in re.findall(r"```json\n(.*?)```", page, re.S) for line in block.splitlines()]
    with tempfile.TemporaryDirectory() as name, Server(given.bin, f"{name}/data", "s3") as server:
        folder = pathlib.Path(name)
        write_parquet(folder / "f.parquet")
        client = Connector(server.where)
        client.run("CREATE TABLE page_rows (n INT, t VARCHAR)")
        client.run(f"PUT 'file://{folder}/f.parquet' @MY_STAGE/kept AUTO_COMPRESS = FALSE")
        client.close()
        done = subprocess.run(["sh", "-e", "-c", shell], capture_output=True, text=True, timeout=60, check=False,
                              env={**os.environ, "no_proxy": "127.0.0.1", "SNOWFLAKE_HOST": server.where["host"], "SNOWFLAKE_PORT": str(server.where["port"])})
        check.equal("the shell lines run", (done.returncode, '"fired":0' in done.stdout), (0, True))
        check.equal("and leave no order", server.fired(), [])
        check.equal("there are orders on the page", len(orders) > 10, True)
        for order in orders:
            server.control("POST", "orders", order)
            try:
                workload(order, server, folder)
            except Exception as error:  # pylint: disable=broad-except
                print(f"     {type(error).__name__} for {json.dumps(order)}")
            check.equal(f"fires: {json.dumps(order)}", sum(server.fired()) >= 1, True)
            server.clear()
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
