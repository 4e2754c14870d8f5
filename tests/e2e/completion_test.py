#!/usr/bin/env python3
"""Completion and manual pages know what --help knows, and a real shell takes them."""
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import harness
from harness import plain_environment, run

PATH_POSITIONS = ("verify", "replay", "export duckdb S T", "export parquet S", "verify duckdb S T", "verify parquet S", "records create S")  # what they take next is a file or a folder
LEAF = ["export snowflake", "records list", "records create", "sites list", "jobs status", "jobs wait", "subject", "completion", "man"]  # some commands that must be there; the rest is read from --help
RECORD_FIELDS = ["recordData", "recordId", "recordOid", "recordStatus", "recordType"]


def program(*arguments):
    result = run([harness.BIN / "imednet", *arguments], plain_environment())
    assert result.code == 0, result
    return result.stdout


def help_of(path):
    return program(*path.split(), "--help")


def subcommands(text):
    block = re.search(r"^Subcommands:\n((?:  .*\n?)+)", text, re.M)
    return re.findall(r"^  (\S+)", block[1], re.M) if block else []


def all_paths():
    found, pending = [], [""]
    while pending:
        path = pending.pop(0)
        found.append(path)
        pending += [f"{path} {name}".strip() for name in subcommands(help_of(path))]
    return found


def flags_of(path):
    return sorted(set(re.findall(r"(?:^  |,)(--[a-z0-9-]+)", help_of(path), re.M)))


def complete(script, *words):
    """What bash would offer for the last of `words`, with the generated script loaded."""
    line = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _imednet; printf "%s\\n" "${COMPREPLY[@]}"'
    done = subprocess.run(["bash", "--norc", "--noprofile", "-c", line, "bash", script, "imednet", *words], capture_output=True, text=True, timeout=30,
                          check=False)
    assert done.returncode == 0 and done.stderr == "", done
    return sorted(filter(None, done.stdout.splitlines()))


def typed_in_zsh(script, line):
    """What a real zsh at a terminal has on its line after the tabulator was pressed behind `line`."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe("zsh", ["zsh", "-f", "-i"], {**os.environ, **plain_environment(), "TERM": "dumb", "PS1": "", "COLUMNS": "1000"})
    shown = b""
    os.write(terminal, f"autoload -Uz compinit; compinit -D -u; unsetopt beep; source {script}; clear() {{ }}; print READ''Y\n".encode())
    end = time.monotonic() + 30

    def read_until(mark):
        nonlocal shown
        while mark not in shown and time.monotonic() < end:
            if select.select([terminal], [], [], 0.1)[0]:
                shown += os.read(terminal, 65536)
        return mark in shown

    try:
        assert read_until(b"READY\r\n"), shown
        shown = b""
        # Enter would run the line: the shell is asked to print it instead.
        os.write(terminal, b"tell() { print -r -- \"LINE:$BUFFER:\"; }; zle -N tell; bindkey '^X' tell; print READ''Y\n")
        assert read_until(b"READY\r\n"), shown
        shown = b""
        os.write(terminal, f"{line}\t\x18".encode())
        assert read_until(b":\r\n") or read_until(b":\n"), shown
        return re.findall(r"LINE:(.*):\r?\n", shown.decode())[-1]
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


class Completion(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="imednet-e2e-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.scripts = {}
        for shell in ("bash", "zsh", "fish"):
            cls.scripts[shell] = os.path.join(cls.folder, f"_imednet.{shell}")
            with open(cls.scripts[shell], "w", encoding="utf-8") as file:
                file.write(program("completion", shell))
        cls.paths = all_paths()
        cls.manifest = os.path.join(cls.folder, "manifest.jsonl")
        with open(cls.manifest, "w", encoding="utf-8"):
            pass

    def bash(self, *words):
        return complete(self.scripts["bash"], *words)

    def test_bash_completes_commands(self):
        self.assertEqual(self.bash("exp"), ["export"])
        self.assertEqual(self.bash("export", ""), sorted(subcommands(help_of("export"))))
        self.assertEqual(self.bash(""), sorted(subcommands(help_of(""))))

    def test_bash_completes_every_flag_that_help_shows(self):
        for path in self.paths:
            offered = self.bash(*path.split(), "--")
            self.assertEqual([flag for flag in flags_of(path) if flag not in offered], [], path)
        self.assertTrue(set(LEAF) <= set(self.paths), self.paths)

    def test_bash_completes_values_and_also_behind_an_equals_sign(self):
        self.assertEqual(self.bash("export", "snowflake", "--mode", ""), ["append", "auto", "merge", "replace"])
        self.assertEqual(self.bash("export", "snowflake", "S", "--mode", "ap"), ["append"])
        self.assertEqual(self.bash("export", "snowflake", "--mode", "=", "au"), ["auto"])
        self.assertEqual(self.bash("export", "snowflake", "--mode", "="), ["append", "auto", "merge", "replace"])
        self.assertEqual(self.bash("records", "list", "--output", "nd"), ["ndjson"])
        self.assertEqual(self.bash("subject", "--output", ""), ["json", "table"])

    def test_bash_completes_fields_one_behind_the_other(self):
        self.assertEqual(self.bash("records", "list", "S", "--fields", "record"), RECORD_FIELDS)
        self.assertEqual(self.bash("records", "list", "S", "--fields", "formKey,site"), ["formKey,siteId"])
        self.assertEqual(self.bash("sites", "list", "--fields", "=", "siteId,siteN"), ["siteId,siteName"])
        self.assertEqual(self.bash("export", "parquet", "--forms", "A"), [], "nobody knows the forms of a study")

    def test_bash_completes_files_for_paths_and_nothing_for_free_text(self):
        name = self.manifest
        self.assertEqual(self.bash("export", "snowflake", "--manifest-path", name[:-6]), [name])
        self.assertEqual(self.bash("export", "snowflake", "--role", ""), [])
        for command in PATH_POSITIONS:
            self.assertEqual(self.bash(*command.split(), name[:-6]), [name], command)
        self.assertEqual(self.bash("export", "snowflake", name[:-6]), [], "none of its positions is a file")
        self.assertEqual(self.bash("verify", "duck"), ["duckdb"])

    def test_zsh_completes_files_for_paths(self):
        if shutil.which("zsh") is None:
            self.skipTest("no zsh here")
        for command in PATH_POSITIONS:
            line = f"imednet {command} {self.manifest[:-6]}"
            self.assertEqual(typed_in_zsh(self.scripts["zsh"], line).rstrip(), f"imednet {command} {self.manifest}")
        self.assertEqual(typed_in_zsh(self.scripts["zsh"], "imednet verify duck").rstrip(), "imednet verify duckdb")
        self.assertEqual(typed_in_zsh(self.scripts["zsh"], "imednet exp").rstrip(), "imednet export")
        self.assertEqual(typed_in_zsh(self.scripts["zsh"], "imednet sites list S --fields siteId,siteN").rstrip(" ,"), "imednet sites list S --fields siteId,siteName")

    def test_zsh_takes_its_script(self):
        if shutil.which("zsh") is None:
            self.skipTest("no zsh here")
        done = subprocess.run(["zsh", "-f", "-c", 'autoload -Uz compinit; compinit -D -u; source "$1"; print -r -- ${_comps[imednet]}', "zsh",
                               self.scripts["zsh"]], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.stdout.strip(), done.stderr.strip()), ("_imednet", ""))

    def test_fish_completes_commands_flags_and_values(self):
        if shutil.which("fish") is None:
            self.skipTest("no fish here")

        def fish(line):
            done = subprocess.run(["fish", "--no-config", "-c", f"source {self.scripts['fish']}; complete -C '{line}'"], capture_output=True, text=True,
                                  timeout=60, env=plain_environment(HOME=self.folder), check=False)
            self.assertEqual(done.stderr, "")
            return sorted(entry.split("\t")[0] for entry in done.stdout.splitlines())

        self.assertEqual(fish("imednet exp"), ["export"])
        self.assertEqual(fish("imednet export snowflake --mode "), ["append", "auto", "merge", "replace"])
        self.assertEqual(fish("imednet records list S --fields record"), RECORD_FIELDS)
        self.assertEqual(fish("imednet records list S --fields formKey,site"), ["formKey,siteId"])
        self.assertEqual(fish("imednet records list S --fields=formKey,site"), ["--fields=formKey,siteId"])
        for command in PATH_POSITIONS:
            self.assertEqual(fish(f"imednet {command} {self.manifest[:-6]}"), [self.manifest], command)
        self.assertEqual(fish(f"imednet export snowflake {self.manifest[:-6]}"), [])
        self.assertEqual(fish("imednet verify duck"), ["duckdb"])
        for path in self.paths:
            offered = fish(f"imednet {path} --".replace("  ", " "))
            self.assertEqual([flag for flag in flags_of(path) if flag not in offered], [], path)

    def test_scripts_of_shells_that_may_not_be_here_offer_files_where_a_position_is_one(self):
        zsh, fish = (pathlib.Path(self.scripts[shell]).read_text(encoding="utf-8") for shell in ("zsh", "fish"))
        for command in PATH_POSITIONS:
            path = re.sub(" [A-Z ]+$", "", command)
            positions = zsh.split(f"    '{path}')\n", 1)[1].split("\n      ;;", 1)[0].splitlines()[-1]
            self.assertIn("_files", positions, path)
            self.assertIn(f"complete -c imednet -n \"__imednet_at '{path}'\" -F\n", fish)

    def test_zsh_script_names_every_flag(self):
        with open(self.scripts["zsh"], encoding="utf-8") as file:
            text = file.read()
        for path in self.paths:
            case = text.split(f"    '{path}')\n", 1)[1].split("\n      ;;", 1)[0]
            self.assertEqual([flag for flag in flags_of(path) if f"'{flag}[" not in case], [], path)


class ManPages(unittest.TestCase):
    def test_each_command_has_a_page_with_every_flag_that_help_shows(self):
        for path in all_paths():
            page = program("man", *path.split()).replace("\\-", "-")
            self.assertTrue(page.startswith(".TH IMEDNET"), path)
            self.assertEqual([flag for flag in flags_of(path) if f"\\fB{flag}\\fR" not in page], [], path)
            order = [line[4:].strip('"') for line in page.splitlines() if line.startswith(".SH ")]
            self.assertEqual(order[:3], ["NAME", "SYNOPSIS", "DESCRIPTION"])
            self.assertEqual(order[-1], "SEE ALSO")

    def test_pages_are_well_formed_for_groff(self):
        if shutil.which("groff") is None:
            self.skipTest("no groff here")
        for path in all_paths():
            done = subprocess.run(["groff", "-man", "-Tascii", "-ww", "-z"], input=program("man", *path.split()), capture_output=True, text=True, timeout=60,
                                  check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""), path)

    def test_pages_are_written_into_a_folder(self):
        with tempfile.TemporaryDirectory(prefix="imednet-e2e-") as folder:
            program("man", "--directory", os.path.join(folder, "man1"))
            names = sorted(os.listdir(os.path.join(folder, "man1")))
        self.assertEqual(names, sorted(f"{'imednet ' + path if path else 'imednet'}.1".replace(" ", "-") for path in all_paths()))

    def test_a_page_of_no_command_is_a_usage_error(self):
        result = run([harness.BIN / "imednet", "man", "export", "nothing"], plain_environment())
        self.assertEqual(result.code, 2, result)
        self.assertIn("there is no such command", result.stderr)


if __name__ == "__main__":
    harness.main()
