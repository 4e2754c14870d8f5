#!/usr/bin/env python3
"""Bad input: an account, a user or a password that Snowflake does not take; and what the program's memory gives away."""
import os
import resource
import signal
import subprocess
import time

import harness
from bad_input import BadInputTest, Row

CONNECT = "connect to the Snowflake account"


def wrong(**names):
    def arrange(case):
        case.names.update(names)
    return arrange


def wrong_password(case):
    case.names["password"] = case.secret("password")


def wrong_password_variable(case):
    case.names["password"] = "-"
    case.variables["SNOWFLAKE_PASSWORD"] = case.secret("password")


ROWS = (
    Row("a wrong password", 11, f"{CONNECT}.*390100|{CONNECT}", "account, user and password", arrange=wrong_password),
    Row("a wrong password in the variable", 11, CONNECT, "account, user and password", arrange=wrong_password_variable),
    Row("a wrong user", 11, CONNECT, "account, user and password", arrange=wrong(user="nobody")),
    Row("a user with quotes and a semicolon", 11, CONNECT, "account, user and password", arrange=wrong(user="x'; DROP \"USER\"")),
    Row("a wrong account", 11, CONNECT, "account", arrange=wrong(account="other-account")),
    Row("an account that is an address", 11, CONNECT, "account", arrange=wrong(account="https://myorg-myaccount.snowflakecomputing.com/")),
)


class BadSignIn(BadInputTest):
    group, table_of_rows = "sign_in", ROWS

    def test_a_refused_sign_in_costs_no_page_of_the_api(self):
        self.make_target()
        self.sandbox.control("DELETE", "/sandbox/requests")
        self.run_row(ROWS[0], 1000)
        self.assertEqual(self.sandbox.control("GET", "/sandbox/requests")["requests"], [])


class MemoryIsPrivate(BadInputTest):
    """No core file, even where the system and the shell allow one."""
    group, table_of_rows = "memory", ()
    test_every_row_ends_as_the_table_says = None

    @staticmethod
    def allow_core():
        most = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (most, most))

    def ended_by_quit(self, arguments, environment, ready):
        """Starts a program where core files are allowed, ends it by SIGQUIT, and tells whether a core was written."""
        child = subprocess.Popen(arguments, env=environment, cwd=self.own, preexec_fn=self.allow_core, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        try:
            harness.wait_until("it runs", lambda: ready(child.pid))
            limits = harness.pathlib.Path(f"/proc/{child.pid}/limits").read_text(encoding="utf-8")
            os.kill(child.pid, signal.SIGQUIT)
            _, status = os.waitpid(child.pid, 0)
        finally:
            child.returncode = 0  # waited for already
        self.assertEqual(os.WTERMSIG(status), signal.SIGQUIT)
        return os.WCOREDUMP(status), next(line for line in limits.splitlines() if line.startswith("Max core file size"))

    def test_no_core_is_written_of_a_program_that_holds_keys(self):
        self.sandbox.order({"hang": True}, times=0)
        arguments = [str(argument) for argument in self.arguments()]
        dumped, limit = self.ended_by_quit(arguments, self.environment(), lambda _: any(self.tmp.glob("imednet-run-*")))
        self.assertFalse(dumped)
        self.assertRegex(limit, r"\s0\s+0\s")
        self.assertEqual([path.name for path in self.own.iterdir() if path.name.startswith("core")], [])

    def test_another_program_would_have_left_one(self):
        """Else the test above would prove nothing here."""
        if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
            self.skipTest("core files are not allowed on this machine")
        dumped, _ = self.ended_by_quit(["sleep", "60"], None, lambda pid: time.sleep(0.1) or pid)
        if not dumped:
            self.skipTest("this machine writes no core files")


del BadInputTest

if __name__ == "__main__":
    harness.main()
