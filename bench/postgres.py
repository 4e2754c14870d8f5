#!/usr/bin/env python3
"""The tests' PostgreSQL as a process of its own: prints its address and ends when its input does, so that a bench that measures memory stays small."""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/e2e"))

import harness
import postgres_server

if __name__ == "__main__":
    harness.SOURCE = ROOT
    server = postgres_server.PostgresServer()
    try:
        print(server.address(), flush=True)
        sys.stdin.read()
    finally:
        server.stop()
