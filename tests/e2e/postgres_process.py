#!/usr/bin/env python3
"""The tests' PostgreSQL as a process of its own: prints its address and ends when its input does. For C++ tests, and for a bench that measures memory and stays small."""
import pathlib
import sys

import harness
import postgres_server

if __name__ == "__main__":
    harness.SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
    server = postgres_server.PostgresServer()
    try:
        print(server.address(), flush=True)
        sys.stdin.read()
    finally:
        server.stop()
