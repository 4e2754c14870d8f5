#!/usr/bin/env python3
"""Keeps the rooms apart: includes go down the table of ARCHITECTURE.md, never up or sideways; one bridge per outside library."""
import re
import sys
from pathlib import Path

ROOMS = {  # room -> rooms it may include (its own and the public headers always)
    "core": set(),
    "http": {"core"},
    "api": {"core", "http"},
    "table": {"core", "api"},
    "staging": {"core", "table", "api"},
    "ledger": {"core"},
    "db": {"core"},
    "sinks": {"core", "staging", "ledger", "db", "table"},
    "pipeline": {"core", "api", "table", "staging", "ledger", "db", "sinks"},
    "settings": {"core"},
    "cli": {"core", "sinks", "pipeline", "db", "settings"},
}
BRIDGES = {  # outside header -> the only places that may include it
    "arrow-adbc/": {"src/db/adbc.cc"},
    "curl/": {"src/http/", "src/cli/program.cc"},
    "simdjson": {"src/api/"},
    "parquet/": {"src/staging/"},
    "arrow/": {"src/table/", "src/staging/", "src/db/adbc.cc", "src/sinks/sql/wire.cc", "src/cli/program.cc"},
    "toml++/": {"src/settings/toml_file.cc"},
    "duckdb": set(),
    "httplib": set(),
}
PUBLIC_FORBIDDEN = ("curl/", "simdjson", "arrow-adbc/", "duckdb", "arrow/", "nlohmann", "spdlog", "fmt/")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)


def problems(root):
    for path in sorted([*root.glob("src/**/*.h"), *root.glob("src/**/*.cc")]):
        name = path.relative_to(root).as_posix()
        room = name.split("/")[1]
        for included in INCLUDE.findall(path.read_text()):
            target = included.split("/")[0]
            if target in ROOMS and target != room and target not in ROOMS[room]:
                yield f"{name}: {room}/ may not include {included}"
            for outside, places in BRIDGES.items():
                if included.startswith(outside) and not any(name.startswith(place) for place in places):
                    yield f"{name}: {included} belongs behind its bridge"
            if name.endswith(".h") and included.startswith("arrow/") and included != "arrow/type_fwd.h" and not name.endswith("_internal.h"):
                yield f"{name}: only <arrow/type_fwd.h> may stand in a header"
    for path in sorted(root.glob("include/**/*.h")):
        for included in INCLUDE.findall(path.read_text()):
            if included.startswith(PUBLIC_FORBIDDEN):
                yield f"{path.relative_to(root)}: a public header may not include {included}"
    for path in sorted([*root.glob("sandbox/**/*.h"), *root.glob("sandbox/**/*.cc")]):
        for included in INCLUDE.findall(path.read_text()):
            if included.split("/")[0] in ROOMS or included.startswith("imednet/"):
                yield f"{path.relative_to(root)}: the sandbox is a witness and may not include {included}"


found = list(problems(Path(sys.argv[1])))
print("\n".join(found) if found else "includes: every room keeps to its side")
sys.exit(1 if found else 0)
