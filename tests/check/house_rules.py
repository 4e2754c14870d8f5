#!/usr/bin/env python3
"""House rules that a reader would otherwise have to keep: file length, forbidden names, unfinished work."""
import re
import subprocess
import sys
from pathlib import Path

LINES_MAX = 400
root = Path(sys.argv[1])
files = subprocess.run(["git", "ls-files"], cwd=root, check=True, capture_output=True, text=True).stdout.split("\n")
code = [f for f in files if re.search(r"\.(cc|h|py|cmake|sh)$|CMakeLists\.txt$|^tools/|^Makefile$", f) and (root / f).exists()]
unfinished = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
found = []
for name in code:
    text = (root / name).read_text(errors="replace")
    lines = text.count("\n")
    if lines > LINES_MAX:
        found.append(f"{name}: {lines} lines, more than {LINES_MAX}")
    if re.search(r"(^|/)(util|utils|common|helper|helpers|manager)[./_]", name):
        found.append(f"{name}: a name that says nothing")
    if unfinished.search(text):
        found.append(f"{name}: unfinished work")
print("\n".join(found) if found else f"house rules: {len(code)} files")
sys.exit(1 if found else 0)
