#!/usr/bin/env python3
"""The pages: links lead somewhere, tests that are named are there, and the scheduler examples of docs/scheduling.md are sound.

No YAML library is at hand for tests, so the part of YAML that the page uses is read here: mappings and lists by indentation, one scalar or
flow list a line. Anything else is an error.
"""
import ast
import os
import re
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(sys.argv[1]).resolve()
SCALAR = re.compile(r"""^(?:"[^"]*"|\[.*\]|[A-Za-z0-9_./:<>-]+)$""")


def scalar(text):
    if not SCALAR.match(text):
        raise ValueError(f"not a plain scalar: {text}")
    if text.startswith("["):
        return [scalar(entry.strip()) for entry in text[1:-1].split(",")]
    if text.startswith('"'):
        return text[1:-1]
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isdigit() else text


def read_yaml(lines, indent=0):
    """The mapping or list that begins at this indentation; takes its lines off the front."""
    if lines[0].lstrip().startswith("- "):
        found = []
        while lines and depth(lines[0]) == indent and lines[0].lstrip().startswith("- "):
            lines[0] = " " * (indent + 2) + lines[0].lstrip()[2:]
            found.append(read_yaml(lines, indent + 2))
        return found
    found = {}
    while lines and depth(lines[0]) == indent:
        key, colon, rest = lines.pop(0).strip().partition(":")
        if not colon or key in found or not re.match(r"^\w+$", key):
            raise ValueError(f"not a key, or a second time: {key}")
        found[key] = scalar(rest.strip()) if rest.strip() else read_yaml(lines, depth(lines[0]))
    if lines and depth(lines[0]) > indent:
        raise ValueError(f"indented too far: {lines[0]}")
    return found


def depth(line):
    return len(line) - len(line.lstrip(" "))


def block(page, name):
    """The code behind `<!-- checked: name -->`."""
    return re.search(rf"<!-- checked: {name} -->\n```\w+\n(.*?)\n```", page, re.S)[1]


def anchors(text):
    titles = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    named = set(re.findall(r'<a (?:name|id)="([^"]+)">', text))
    return named | {re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", title).lower()).replace(" ", "-") for title in titles}


def broken_links():
    pages = [path for path in ROOT.rglob("*.md") if not {".deps", "build", ".git"} & set(path.relative_to(ROOT).parts)]
    for page in sorted(pages):
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            path = (page.parent / name).resolve() if name else page
            if not path.exists():
                yield f"{page.relative_to(ROOT)}: {target} is not there"
            elif anchor and path.suffix == ".md" and anchor not in anchors(path.read_text(encoding="utf-8")):
                yield f"{page.relative_to(ROOT)}: {target}: no such heading"


def retry_codes():
    """The codes that docs/exit-codes.md tells schedulers to retry."""
    sentence = re.search(r"For a scheduler: retry ([\d, ]+) with a pause", (ROOT / "docs/exit-codes.md").read_text(encoding="utf-8"))
    return [int(code) for code in sentence[1].split(",")]


def run_load(script, codes, folder):
    """Runs a loading script with an imednet that ends with these codes in turn; its exit code and how often it was run."""
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    (folder / "codes").write_text("".join(f"{code}\n" for code in codes), encoding="utf-8")
    for name, text in (("imednet", 'code=$(head -1 "$FOLDER/codes"); sed -i 1d "$FOLDER/codes"; echo run >>"$FOLDER/runs"; exit "$code"\n'),
                       ("sleep", 'echo "$1" >>"$FOLDER/pauses"\n')):
        (programs / name).write_text("#!/bin/sh\n" + text, encoding="utf-8")
        (programs / name).chmod(stat.S_IRWXU)
    (folder / "runs").write_text("", encoding="utf-8")
    done = subprocess.run(["sh", "-c", script], env={"PATH": f"{programs}:{os.environ['PATH']}", "FOLDER": str(folder)}, timeout=30, check=False)
    return done.returncode, len((folder / "runs").read_text(encoding="utf-8").split())


def wrong_loop(name, script):
    retried = retry_codes()
    cases = [([0], 0, 1), ([15], 15, 1), ([11], 11, 1), ([130], 130, 1), *(([code, 0], 0, 2) for code in retried), ([12, 12, 12, 12, 12], 12, 4),
             ([10, 13], 13, 2)]
    with tempfile.TemporaryDirectory() as folder:
        for codes, code, runs in cases:
            if run_load(script, codes, Path(folder)) != (code, runs):
                yield f"docs/scheduling.md: {name}: after {codes} it should end with {code} after {runs} runs"


def wrong_cronjob(page, image_user):
    job = read_yaml([line for line in block(page, "cronjob").split("\n") if line.strip()])
    spec = job["spec"]["jobTemplate"]["spec"]
    pod = spec["template"]["spec"]
    container = pod["containers"][0]
    rule = spec["podFailurePolicy"]["rules"][0]
    secret_mount = next(mount["mountPath"] for mount in container["volumeMounts"] if mount["name"] == "secrets")
    expectations = {
        "kind": (job["kind"], job["apiVersion"]) == ("CronJob", "batch/v1"),
        "one at a time": job["spec"]["concurrencyPolicy"] == "Forbid",
        "exit codes": (rule["action"], rule["onExitCodes"]["operator"], rule["onExitCodes"]["values"]) == ("FailJob", "NotIn", retry_codes()),
        "container of the rule": rule["onExitCodes"]["containerName"] == container["name"],
        "restart policy, which a pod failure policy asks for": pod["restartPolicy"] == "Never",
        "user of the image": pod["securityContext"]["runAsUser"] == image_user,
        "secrets as files": all(entry["name"].endswith("_FILE") and entry["value"].startswith(secret_mount + "/") for entry in container["env"]),
        "mode of the secret": next(volume for volume in pod["volumes"] if volume["name"] == "secrets")["secret"]["defaultMode"] == 0o440,
        "volumes": {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]},
        "command": container["args"][:2] == ["export", "snowflake"],
    }
    return [f"docs/scheduling.md: the CronJob: {what}" for what, is_met in expectations.items() if not is_met]


def missing_witnesses():
    """Tests that docs/reliability.md and docs/endpoints.md name and that are not there."""
    for page in ("docs/reliability.md", "docs/endpoints.md"):
        for file, test in re.findall(r"`([\w/]*_(?:test|target))(?:\.(test_\w+|[A-Z]\w+))?`", (ROOT / page).read_text(encoding="utf-8")):
            path = next((path for path in (ROOT / f"tests/{file}.cc", ROOT / f"tests/{file}.py", ROOT / f"tests/e2e/{file}.py") if path.exists()), None)
            lines = [f", {test})", f"TEST({test},", f"def {test}("]
            if path is None or (test and not any(line in path.read_text(encoding="utf-8") for line in lines)):
                yield f"{page}: {file}.{test} is not there"


def code_of_no_example():
    """C++ of docs/how-to.md that stands in no example, white space aside: there it is compiled, and run by tests/e2e/pages_test.py."""
    examples = ["".join(path.read_text(encoding="utf-8").split()) for path in sorted((ROOT / "examples").glob("*.cc"))]
    for code in re.findall(r"^```cpp\n(.*?)^```", (ROOT / "docs/how-to.md").read_text(encoding="utf-8"), re.M | re.S):
        if not any("".join(code.split()) in example for example in examples):
            yield f"docs/how-to.md: in no example: {code.splitlines()[0]}"


def problems():
    yield from broken_links()
    yield from code_of_no_example()
    yield from missing_witnesses()
    page = (ROOT / "docs/scheduling.md").read_text(encoding="utf-8")
    image_user = int(re.search(r"^USER (\d+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.M)[1])
    yield from wrong_cronjob(page, image_user)
    yield from wrong_loop("the script for cron", block(page, "load"))
    dag = ast.parse(block(page, "dag"))
    load = next(node.value.value for node in dag.body if isinstance(node, ast.Assign) and node.targets[0].id == "LOAD")
    yield from wrong_loop("the command for Airflow", load)
    calls = {call.func.id: {word.arg for word in call.keywords} for call in ast.walk(dag) if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)}
    for operator, words in (("BashOperator", {"bash_command", "env", "append_env"}), ("KubernetesPodOperator", {"cmds", "arguments", "env_vars", "secrets"})):
        if not words <= calls.get(operator, set()):
            yield f"docs/scheduling.md: {operator} lacks {sorted(words - calls.get(operator, set()))}"


found = list(problems())
print("\n".join(found) if found else "pages: links, code and scheduler examples are sound")
sys.exit(1 if found else 0)
