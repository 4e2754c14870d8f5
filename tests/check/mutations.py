#!/usr/bin/env python3
"""tests/mutations/checks.toml: each text stands in its file exactly once, each test is there. What the tests do about them: tools/mutate."""
import re
import sys
import tomllib
from pathlib import Path

LEAST = 25
root = Path(sys.argv[1])
programs = {"sink_e2e_test": "tests/e2e_cpp", "fuzz_test": "tests/fuzz"}


def has_unit_test(program, pattern):
    """The first two names of the filter stand in one test of the program's folder; a parameter's name stands there too."""
    folder = root / programs.get(program, f"tests/unit/{program.removesuffix('_test')}")
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.cc")))
    if pattern.startswith("*"):
        return pattern.strip("*") in text
    parts = pattern.split("/")
    suite, name = (parts[1] if len(parts) > 2 else parts[0]).split(".")
    has_parameter = len(parts) < 3 or f'"{parts[-1]}"' in text
    return has_parameter and re.search(rf"\bTEST(_F|_P)?\({suite},\s*{name}\)", text) is not None


def has_e2e_test(file, name):
    path = root / "tests/e2e" / f"{file}.py"
    group, _, test = name.partition(".")
    if not path.exists():
        return False
    text = path.read_text(encoding="utf-8")
    return test in tests_of(group, text)


def tests_of(group, text):
    """Those of a class in that text, and of the classes that it is made of, wherever in tests/e2e they stand."""
    body = re.search(rf"^class {group}\b(?:\((.*?)\))?:.*?(?=^\S|\Z)", text, re.M | re.S)
    if body is None:
        return set()
    found = set(re.findall(r"^    def (test_\w+)\(self\)", body[0], re.M))
    for base in re.findall(r"\w+", body[1] or ""):
        found |= tests_of(base, "\n".join(path.read_text(encoding="utf-8") for path in sorted((root / "tests/e2e").glob("*.py"))))
    return found


def problems(checks):
    if len(checks) < LEAST:
        yield f"{len(checks)} checks, fewer than {LEAST}"
    seen = set()
    for check in checks:
        name = check["id"]
        if name in seen:
            yield f"{name}: a second time"
        seen.add(name)
        path = root / check["file"]
        times = path.read_text(encoding="utf-8").count(check["text"]) if path.exists() else 0
        if times != 1:
            yield f"{name}: its text stands {times} times in {check['file']}; when the check moved, move the entry with it"
        if check["text"] == check["replacement"] or not re.fullmatch(r"P[1-8]", check["invariant"]) or not check["why"]:
            yield f"{name}: a replacement that changes nothing, an invariant that is none, or no reason"
        kind, program, test = check["test"].split(":", 2)
        is_there = {"unit": has_unit_test, "e2e": has_e2e_test}.get(kind, lambda *_: False)(program, test)
        if not is_there:
            yield f"{name}: there is no test {check['test']}"


checks = tomllib.loads((root / "tests/mutations/checks.toml").read_text(encoding="utf-8"))["check"]
found = list(problems(checks))
print("\n".join(found) if found else f"mutations: {len(checks)} checks, each in its place")
sys.exit(1 if found else 0)
