"""Tests that look at the cursor a verified run leaves, and at which statements woke a warehouse."""
import hashlib
import json

from changing_study import ModesTest


class CursorTest(ModesTest):
    def needed(self, report):
        """The statements of a run that needed a warehouse, as the server counted them."""
        seen = self.sandbox.snowflake_control("GET", "statements")
        own = [one for one in seen if f":{report['run_id']}" in (one["tag"] or "")]
        self.assertTrue(own, "the server saw no statement of this run")
        return [one["text"] for one in own if one["warehouse"]]

    def cursor_table(self):
        names = [row[1] for row in self.sandbox.rows("SHOW TABLES LIKE 'IMEDNET_CURSOR_%'") if f'"study":"{self.table}"' in (row[5] or "")]
        self.assertEqual(len(names), 1, names)
        return names[0]

    def comment(self):
        return json.loads(next(row[5] for row in self.sandbox.rows("SHOW TABLES LIKE 'IMEDNET_CURSOR_%'") if f'"study":"{self.table}"' in (row[5] or "")))

    def set_comment(self, name, text):
        escaped = text.replace("\\", "\\\\").replace("'", "''")
        self.sandbox.rows(f"COMMENT ON TABLE {name} IS '{escaped}'")

    def assert_unchanged(self, report, since_run):
        self.assertEqual(self.needed(report), [])
        self.assertEqual((report["unchanged_since_run"], report["method"], report["rows_loaded"], report["rows_in_target"]),
                         (since_run["run_id"], "nothing", 0, since_run["rows_in_target"]), report)
        self.assertTrue(report["reconciled"])

    def assert_looked(self, report):
        self.assertEqual(report["unchanged_since_run"], "")
        self.assertNotEqual(self.needed(report), [])

    def rewrite(self, name, members):
        """A comment as the program itself would have written it."""
        members = {key: value for key, value in members.items() if key != "check"}
        text = json.dumps(members, separators=(",", ":"), ensure_ascii=False)
        members["check"] = hashlib.sha256(text.encode()).hexdigest()[:16]
        self.set_comment(name, json.dumps(members, separators=(",", ":"), ensure_ascii=False))

    def refuse(self, text):
        """The next statement that holds the text is refused, as if this role lacked a privilege."""
        self.sandbox.snowflake_control("POST", "orders", {"match": {"statement_contains": text, "nth": 1, "times": 1},
                                                          "do": {"fail": {"code": "003001", "sql_state": "42501", "message": "Insufficient privileges"}}})
