#!/usr/bin/env python3
"""tools/reference --check finds what it is there to find: a public member without a comment, and a page that is not up to date."""
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(sys.argv.pop(1)).resolve()


class Reference(unittest.TestCase):
    def setUp(self):
        self.tree = Path(tempfile.mkdtemp(prefix="imednet-reference-"))
        self.addCleanup(shutil.rmtree, self.tree, True)
        for name in ("include", "docs/reference", "tools"):
            shutil.copytree(ROOT / name, self.tree / name)
        self.header = self.tree / "include/imednet/retry.h"
        self.tool()

    def tool(self, *options):
        return subprocess.run([sys.executable, self.tree / "tools/reference", *options], capture_output=True, text=True, timeout=60, check=False)

    def change(self, before, after):
        text = self.header.read_text(encoding="utf-8")
        self.assertIn(before, text)
        self.header.write_text(text.replace(before, after, 1), encoding="utf-8")

    def assert_found(self, text):
        done = self.tool("--check")
        self.assertEqual(done.returncode, 1)
        self.assertIn(text, done.stderr)

    def test_what_was_just_written_is_up_to_date(self):
        self.assertEqual((self.tool("--check").returncode, self.tool("--check").stderr), (0, ""))

    def test_a_member_without_a_comment_is_found(self):
        self.change("struct RetryPolicy {\n", "struct RetryPolicy {\n  int unexplained = 0;\n\n")
        self.assert_found("no comment: struct RetryPolicy: int unexplained = 0;")

    def test_a_function_and_a_type_without_a_comment_are_found(self):
        self.change("struct RetryPolicy {\n", "struct RetryPolicy {\n  bool is_patient() const;\n  enum class Mood {\n    calm,\n  };\n\n")
        self.assert_found("bool is_patient() const;")
        self.assert_found("enum class Mood")

    def test_private_members_need_no_comment(self):
        self.change("struct RetryPolicy {\n", "// A class.\nclass Hidden {\n private:\n  int value_ = 0;\n};\n\n// A policy.\nstruct RetryPolicy {\n")
        self.tool()
        self.assertEqual(self.tool("--check").returncode, 0)

    def test_a_changed_comment_makes_its_page_stale(self):
        self.change("cap of one wait", "limit of one wait")
        self.assert_found("docs/reference/retry.md: not what the headers say")

    def test_a_page_of_no_header_is_found(self):
        (self.tree / "docs/reference/gone.md").write_text("# gone\n", encoding="utf-8")
        self.assert_found("docs/reference/gone.md")


if __name__ == "__main__":
    unittest.main()
