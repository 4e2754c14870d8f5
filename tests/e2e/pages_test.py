#!/usr/bin/env python3
"""Every ```sh block of README.md and of the pages named below does what the ```text block after it says; so does the C++ of docs/how-to.md.

The blocks are run in their order by `bash -e`, in the source tree, inside one `imednet-sandbox run`, with the built programs
first on PATH. Compared is standard output, line by line, without blanks at the ends of lines. In a ```text block … stands for
anything within a line, and for any number of lines where it stands alone.
"""
import re
import unittest

import harness
from harness import SandboxTest, plain_environment, run


def blocks(markdown):
    """(kind, line number, text) of each fenced block."""
    found, kind, start, lines = [], None, 0, []
    for number, line in enumerate(markdown.splitlines(), 1):
        if kind is None and line.startswith("```"):
            kind, start, lines = line[3:].strip(), number, []
        elif kind is not None and line.startswith("```"):
            found.append((kind, start, "\n".join(lines) + "\n"))
            kind = None
        elif kind is not None:
            lines.append(line)
    return found


def commands(markdown):
    """[(line number, commands, expected output or None)]: a text block counts when it comes right after an sh block."""
    result = []
    previous = None
    for kind, start, text in blocks(markdown):
        if kind == "sh":
            result.append([start, text, None])
        elif kind == "text" and previous == "sh":
            result[-1][2] = text
        previous = kind
    return result


def pattern(expected):
    """A regular expression for an expected output."""
    parts = []
    for line in expected.splitlines():
        if line.strip() == "…":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(".*".join(re.escape(piece) for piece in line.rstrip().split("…")) + r"\n")
    return re.compile("".join(parts))


def tidy(output):
    return "".join(line.rstrip() + "\n" for line in output.splitlines())


class Comparing(unittest.TestCase):
    def test_dots_stand_for_a_part_of_a_line_or_for_lines_and_all_else_counts(self):
        self.assertTrue(pattern("a\n…\nz …\n").fullmatch(tidy("a  \nb\nc\nz 5\n")))
        self.assertTrue(pattern("a\n…\nz\n").fullmatch("a\nz\n"))
        for wrong in ("a\n", "a\nb\nz\nmore\n", "A\nz\n", "a\nzz\n"):
            self.assertFalse(pattern("a\n…\nz\n").fullmatch(wrong), wrong)

    def test_blocks_and_their_outputs_are_found(self):
        text = "x\n```sh\na\n```\n```text\n1\n```\n```console\nb\n```\n```text\n2\n```\n```sh\nc\n```\n"
        self.assertEqual([entry[1:] for entry in commands(text)], [["a\n", "1\n"], ["c\n", None]])


class Pages(SandboxTest):
    def run_page(self, page):
        """Runs the sh blocks of a page in their order beside one sandbox, and holds each to its text block."""
        found = commands((harness.SOURCE / page).read_text(encoding="utf-8"))
        self.assertGreater(len(found), 0)
        script = []
        for number, (_, text, _) in enumerate(found):
            block = self.own / f"{number}.sh"
            block.write_text(text.replace("build/bin/", f"{harness.BIN}/").replace("/tmp/", f"{self.own}/"), encoding="utf-8")
            script.append(f"bash -e {block} >{self.own}/{number}.out 2>{self.own}/{number}.err; echo $? >{self.own}/{number}.code")
        (self.own / "all.sh").write_text("\n".join(script) + "\n", encoding="utf-8")
        result = run([harness.BIN / "imednet-sandbox", "run", "--data-dir", self.own / "data", "--", "bash", self.own / "all.sh"],
                     plain_environment(TMPDIR=self.tmp), cwd=harness.SOURCE, timeout=120)
        self.assertEqual(result.code, 0, result)
        for number, (line, text, expected) in enumerate(found):
            with self.subTest(f"{page}, line {line}"):
                code, output, errors = ((self.own / f"{number}.{kind}").read_text(encoding="utf-8") for kind in ("code", "out", "err"))
                self.assertEqual(code, "0\n", f"{text}{errors}")
                if expected is not None and not pattern(expected).fullmatch(tidy(output)):
                    self.assertEqual(tidy(output), tidy(expected))

    def test_readme(self):
        self.run_page("README.md")

    def test_tour(self):
        self.run_page("docs/tour.md")

    def test_verify(self):
        self.run_page("docs/verify.md")

    def test_lists(self):
        self.run_page("docs/lists.md")
        self.run_page("docs/subject.md")

    def test_records_create(self):
        self.run_page("docs/records-create.md")

    def test_how_to(self):
        self.run_page("docs/how-to.md")

    def test_how_to_in_cpp(self):
        page = (harness.SOURCE / "docs/how-to.md").read_text(encoding="utf-8")
        shown = re.findall(r"<!-- example: (\w+) ([\w-]+) -->\n```cpp\n.*?^```\n```text\n(.*?)^```", page, re.M | re.S)
        self.assertEqual(len(shown), page.count("<!-- example: "))
        self.assertGreater(len(shown), 10)
        for example, task, expected in shown:
            with self.subTest(task):
                result = run([harness.BIN / f"example_{example}", task], self.environment())
                self.assertEqual(result.code, 0, result)
                if not pattern(expected).fullmatch(tidy(result.stdout)):
                    self.assertEqual(tidy(result.stdout), tidy(expected))


if __name__ == "__main__":
    harness.main()
