#!/usr/bin/env python3
"""A file that the ADBC driver sends to Azure's store in blocks: what is there in the end, also when a request goes wrong on the way.

azure_parts_test.py --bin build/release/bin --source .
"""
import filecmp
import os
import pathlib
import sys
import tempfile

from sandbox_server import Checks, parser
from stage_clients import Adbc, Server, padded

# What goes in one request at the most, encrypted; a larger file goes in blocks of this size. [seen]
ONE_REQUEST, BLOCK_SIZE = 256 << 20, 4 << 20
BLOCK, BLOCK_LIST = "comp=block&", "comp=blocklist"


class Case:
    def __init__(self, server, client, folder, check):
        self.server, self.client, self.folder, self.check, self.count = server, client, folder, check, 0

    def put(self, say, sent, do=None, **match):
        """PUT with that fault; how many requests for blocks and for their list there were."""
        self.count += 1
        where = f"@MY_STAGE/parts{self.count}/"
        if do:
            self.server.order(do, server="store", method="PUT", **match)
        for path in (BLOCK, BLOCK_LIST):
            self.server.order({"delay_ms": 1}, server="store", method="PUT", path_contains=path, times=0)  # they only count
        answer = self.client.run(f"PUT 'file://{sent}' {where} AUTO_COMPRESS = FALSE OVERWRITE = TRUE")
        orders = self.server.control("GET", "orders")
        self.server.clear()
        if do:
            self.check.equal(f"{say}: the order fired", orders[0]["fired"], 1)
        self.check.equal(f"{say}: PUT is no error", isinstance(answer, list) or answer, True)
        self.check.equal(f"{say}: LIST tells its size", [row[1] for row in self.client.run(f"LIST {where}")], [str(padded(sent.stat().st_size))])
        return [order["matched"] for order in orders[-2:]]

    def comes_back(self, say, sent):
        with tempfile.TemporaryDirectory(dir=self.folder) as target:
            answer = self.client.run(f"GET @MY_STAGE/parts{self.count}/ 'file://{target}/'")
            back = pathlib.Path(target) / sent.name
            self.check.equal(f"{say}: GET brings back the bytes", isinstance(answer, list) and filecmp.cmp(back, sent, shallow=False), True)
        self.client.run(f"REMOVE @MY_STAGE/parts{self.count}/")


def run(case):
    sent = case.folder / "large.bin"
    sent.write_bytes(os.urandom(ONE_REQUEST - 1))
    case.check.equal("a file that is 256 MiB when encrypted goes in one request", case.put("256 MiB", sent), [0, 0])
    case.comes_back("256 MiB", sent)
    with sent.open("ab") as more:
        more.write(b"x")
    blocks = -(-padded(sent.stat().st_size) // BLOCK_SIZE)
    case.check.equal("a larger one goes in blocks, and one list", case.put("a larger one", sent), [blocks, 1])
    case.comes_back("a larger one", sent)
    say = "a block meets a 500 once"
    case.check.equal(f"{say}: that block alone is sent again", case.put(say, sent, {"status": 500}, path_contains=BLOCK, nth=3), [blocks + 1, 1])
    case.comes_back(say, sent)
    say = "the list's answer is lost"
    case.check.equal(f"{say}: the list alone is sent again", case.put(say, sent, {"cut": "after"}, path_contains=BLOCK_LIST), [blocks, 2])
    case.comes_back(say, sent)
    say = "the credentials are over at the list"
    case.check.equal(f"{say}: everything is sent again", case.put(say, sent, {"credentials": "expired"}, path_contains=BLOCK_LIST), [2 * blocks, 2])
    case.comes_back(say, sent)


def main():
    given = parser().parse_args()
    check = Checks()
    with tempfile.TemporaryDirectory() as name, Server(given.bin, f"{name}/data", "azure") as server:
        client = Adbc(server.where, given.source)
        run(Case(server, client, pathlib.Path(name), check))
        client.close()
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
