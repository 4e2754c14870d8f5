#!/usr/bin/env python3
"""Each kind of stage with official clients: what they put is on the stage, encrypted, is loaded, and comes back as it was; refused credentials.

stage_kinds_test.py --bin build/release/bin --source .
"""
import pathlib
import sys
import tempfile

from sandbox_server import Checks, parser
from stage_clients import Adbc, Connector, ROWS, Server, padded, write_parquet

# The connector can't be pointed at Azure's form on this machine: it writes .blob. into the host. [seen]
CLIENTS = {"s3": (Adbc, Connector), "gcs": (Adbc, Connector), "gcs-presigned": (Adbc, Connector), "azure": (Adbc,)}


def there_and_back(client, stage, is_encrypted, folder, check, say):
    sent = write_parquet(folder / "a b.parquet", say)
    size = sent.stat().st_size
    put = client.run(f"PUT 'file://{sent}' @{stage}/in AUTO_COMPRESS = FALSE OVERWRITE = TRUE")
    check.equal(f"{say}: PUT is no error", isinstance(put, list), True)
    check.equal(f"{say}: LIST names it with its size", [row[:2] for row in client.run(f"LIST @{stage}/in/")],
                [[f"{stage.lower()}/in/{sent.name}", str(padded(size) if is_encrypted else size)]])
    client.run("CREATE OR REPLACE TABLE loaded (n INT, t VARCHAR)")
    copied = client.run(f"COPY INTO loaded FROM (SELECT $1:n::NUMBER, $1:t::VARCHAR FROM @{stage}/in/) FILES = ('{sent.name}') FILE_FORMAT = (TYPE = PARQUET)")
    check.equal(f"{say}: COPY reads it", [row[1:4] for row in copied] if isinstance(copied, list) else copied, [["LOADED", str(ROWS), str(ROWS)]])
    check.equal(f"{say}: what was loaded", client.run("SELECT COUNT(*), SUM(n), MIN(t) FROM loaded"), [[str(ROWS), str(ROWS * (ROWS - 1) // 2), f"{say} 0"]])
    target = folder / "got"
    target.mkdir()
    got = client.run(f"GET @{stage}/in/ 'file://{target}/'")
    check.equal(f"{say}: GET is no error", isinstance(got, list) or got, True)
    back = target / sent.name
    check.equal(f"{say}: GET brings back the bytes", back.exists() and back.read_bytes() == sent.read_bytes(), True)
    client.run(f"REMOVE @{stage}/in/")
    check.equal(f"{say}: REMOVE", client.run(f"LIST @{stage}/in/"), [])


def ingested(client, check, say):
    """A stream's note of its digest is wrong, and it is loaded all the same."""
    check.equal(f"{say}: the driver's bulk load", client.ingest("BULK"), ROWS)
    check.equal(f"{say}: what was bulk loaded", client.run("SELECT COUNT(*), SUM(n) FROM bulk"), [[str(ROWS), str(ROWS * (ROWS - 1) // 2)]])
    client.run("DROP TABLE bulk")


def altered(data, client, folder, check, say):
    """One byte of what is on the stage is another: the key still opens it, and the digest is not the one that the client noted."""
    sent = write_parquet(folder / "altered.parquet", say)
    client.run(f"PUT 'file://{sent}' @MY_STAGE/altered AUTO_COMPRESS = FALSE OVERWRITE = TRUE")
    [stored] = [path for path in data.joinpath("objects").rglob("*") if path.is_file() and path.stat().st_size == padded(sent.stat().st_size)]
    with stored.open("r+b") as file:
        file.seek(1000)
        byte = file.read(1)[0]
        file.seek(1000)
        file.write(bytes([byte ^ 1]))
    answer = client.run("COPY INTO loaded FROM (SELECT $1:n::NUMBER, $1:t::VARCHAR FROM @MY_STAGE/altered/) FILE_FORMAT = (TYPE = PARQUET)")
    check.equal(f"{say}: an altered file is not loaded", "100152" in answer and "its digest" in answer, True)
    client.run("REMOVE @MY_STAGE/altered/")


def refused(server, client, folder, check, say):
    """The driver reports success for what a store refused; only LIST tells. The connector raises."""
    sent = write_parquet(folder / "refused.parquet", say)
    put = f"PUT 'file://{sent}' @MY_STAGE/refused AUTO_COMPRESS = FALSE OVERWRITE = TRUE"
    for how in ("expired", "unknown"):
        server.order({"store_credentials": how}, statement_contains="PUT ", times=0)
        answer = client.run(put)
        server.check_fired(check, f"{say}, {how} credentials")
        server.clear()
        silent = isinstance(answer, list)
        print(f"     {say}, {how} credentials: {'silent success' if silent else answer[:100]}")
        check.equal(f"{say}: with {how} credentials nothing is on the stage", client.run("LIST @MY_STAGE/refused/"), [])
        if isinstance(client, Adbc):
            check.equal(f"{say}: with {how} credentials PUT says what it is known to", silent, how not in LOUD.get(server.kind, ()))
    check.equal(f"{say}: with good ones again it is", isinstance(client.run(put), list) and len(client.run("LIST @MY_STAGE/refused/")), 1)
    client.run("REMOVE @MY_STAGE/refused/")


# Where the driver does raise for refused credentials. [seen]
LOUD = {"s3": ("unknown",), "gcs-presigned": ("unknown",)}


class KindServer(Server):
    def __init__(self, bin_dir, folder, kind, *options):
        super().__init__(bin_dir, folder, kind, *options)
        self.kind = kind

    def check_fired(self, check, what):
        check.equal(f"{what}: the order fired", all(count > 0 for count in self.fired()), True)


def main():
    arguments = parser()
    arguments.add_argument("--kind", choices=sorted(CLIENTS))
    given = arguments.parse_args()
    check = Checks()
    for kind, clients in CLIENTS.items():
        if given.kind not in (None, kind):
            continue
        for bits in (128, 256):
            with tempfile.TemporaryDirectory() as name, KindServer(given.bin, f"{name}/data", kind, "--stage-key-bits", bits) as server:
                for make in clients:
                    client = Adbc(server.where, given.source) if make is Adbc else Connector(server.where)
                    say = f"{kind} {bits} {client.name}"
                    for stage, is_encrypted in (("MY_STAGE", True), ("PLAIN_STAGE", False)):
                        client.run("CREATE STAGE IF NOT EXISTS plain_stage ENCRYPTION = (TYPE = 'SNOWFLAKE_SSE')")
                        with tempfile.TemporaryDirectory() as folder:
                            there_and_back(client, stage, is_encrypted, pathlib.Path(folder), check, f"{say} {'encrypted' if is_encrypted else 'SSE'}")
                    if make is Adbc:
                        ingested(client, check, say)
                    if bits == 128 and make is Adbc:
                        altered(pathlib.Path(name) / "data", client, pathlib.Path(name), check, say)
                        refused(server, client, pathlib.Path(name), check, say)
                    client.close()
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
