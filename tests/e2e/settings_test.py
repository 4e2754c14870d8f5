#!/usr/bin/env python3
"""Settings over the real program: connections of the Snowflake CLI, which value wins, what `config show` tells, and what setup prints."""
import json
import pathlib
import re
import shutil
import subprocess
import tempfile

import harness
from harness import SandboxTest, run, write_study

RECORDS = 40
CANARY = "made-up-canary"  # in the place of every secret that must not be shown


def records(key):
    return [json.dumps({"studyKey": key, "formKey": "AE", "recordId": 1000 + n, "subjectKey": f"S-{n % 7}", "recordData": {"n": n}})
            for n in range(RECORDS)]


class SettingsTest(SandboxTest):
    """Every test has a home of its own."""

    @classmethod
    def setUpClass(cls):
        studies = pathlib.Path(tempfile.mkdtemp(prefix="imednet-e2e-studies-"))
        cls.addClassCleanup(shutil.rmtree, studies, True)
        cls.options = ["--studies", write_study(studies / "small", "SMALL", records("SMALL"))]
        super().setUpClass()

    def setUp(self):
        super().setUp()
        self.table = self.table[:100]
        self.home = self.own / "home"
        (self.home / ".snowflake").mkdir(parents=True)

    def environment(self, **more):
        """Where the API is, and nothing of Snowflake's."""
        api = {"IMEDNET_BASE_URL": self.sandbox.edc["base_url"], "IMEDNET_API_KEY": self.sandbox.edc["api_key"],
               "IMEDNET_SECURITY_KEY": self.sandbox.edc["security_key"]}
        return harness.plain_environment(**{**api, **self.sandbox.trust(), "TMPDIR": self.tmp, "HOME": self.home,
                                            "XDG_CONFIG_HOME": self.home / ".config", **more})

    def write(self, text, name="connections.toml", mode=0o600):
        path = self.home / ".snowflake" / name
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    def connection(self, name="dev", leave_out=(), **changes):
        """A connection of the sandbox as the Snowflake CLI writes it."""
        where = {key: self.sandbox.snowflake[key] for key in ("account", "user", "password", "database", "schema", "warehouse", "host", "protocol")}
        where = {**where, "port": int(self.sandbox.snowflake["port"]), **changes}
        return f'[{json.dumps(name)}]\n' + "".join(f"{key} = {json.dumps(value)}\n" for key, value in where.items() if key not in leave_out)

    def export(self, *options, environment=None):
        return run([harness.BIN / "imednet", "export", "snowflake", "SMALL", "--retry-backoff", "0.01", *options], environment or self.environment())

    def show(self, *options, environment=None):
        result = run([harness.BIN / "imednet", "config", "show", "--output", "json", *options], environment or self.environment())
        self.assertEqual(result.code, 0, result)
        report = json.loads(result.stdout)
        return report, {setting["name"]: setting for setting in report["settings"]}


class Connections(SettingsTest):
    def test_connection_of_the_cli_loads_a_study(self):
        self.write(self.connection())
        result = self.export("--connection", "dev", "--stage", "MY_STAGE", "--table", self.table)
        self.assert_loaded(result, RECORDS)
        self.assertNotIn(self.sandbox.snowflake["password"], result.stdout + result.stderr)
        self.assertEqual(self.sandbox.count(self.table), RECORDS)
        self.assert_loaded(self.export("--connection", "dev", "--stage", "MY_STAGE", "--table", self.table), 0)
        self.assert_nothing_temporary()

    def test_connection_in_config_toml_named_there_needs_no_flag(self):
        self.write('default_connection_name = "nightly"\n[connections.nightly]\n' + self.connection().split("\n", 1)[1], "config.toml")
        self.assert_loaded(self.export("--stage", "MY_STAGE", "--table", self.table), RECORDS)

    def test_variables_alone_load_a_study(self):
        where = {f"SNOWFLAKE_{key.upper()}": value for key, value in self.sandbox.snowflake.items()
                 if key in ("account", "user", "password", "database", "schema", "warehouse", "stage", "host", "port", "protocol")}
        self.assert_loaded(self.export("--table", self.table, environment=self.environment(**where)), RECORDS)

    def test_flags_and_a_password_file_load_a_study(self):
        (self.own / "password").write_text(self.sandbox.snowflake["password"] + "\n")
        flags = [word for key in ("account", "user", "database", "schema", "warehouse", "host", "port", "protocol", "stage")
                 for word in (f"--{key}", str(self.sandbox.snowflake[key]))]
        environment = self.environment(SNOWFLAKE_PASSWORD_FILE=self.own / "password")
        self.assert_loaded(self.export(*flags, "--table", self.table, environment=environment), RECORDS)

    def test_variable_of_the_connection_mends_what_the_file_says(self):
        self.write(self.connection("my.dev", password="wrong " + CANARY))
        name = ["--connection", "my.dev", "--stage", "MY_STAGE", "--table", self.table]
        wrong = self.export(*name)
        self.assert_exit(wrong, 11)
        self.assertNotIn(CANARY, wrong.stdout + wrong.stderr)
        environment = self.environment(**{"SNOWFLAKE_CONNECTIONS_MY.DEV_PASSWORD": self.sandbox.snowflake["password"]})
        self.assert_loaded(self.export(*name, environment=environment), RECORDS)

    def test_positions_and_a_connection_exclude_each_other(self):
        self.write(self.connection())
        result = run([*self.arguments("--connection", "dev", study="SMALL")], self.environment())
        self.assert_exit(result, 2, "--connection")
        self.assert_exit(run([*self.arguments("--account", "other", study="SMALL")], self.environment()), 2, "--account")
        self.assert_exit(run([harness.BIN / "imednet", "export", "snowflake", "SMALL", "account", "user"], self.environment()), 2, "STUDY alone")
        self.assertEqual(self.sandbox.count(self.table), -1)

    def test_file_that_others_may_write_is_exit_2_and_one_they_may_read_is_a_warning(self):
        path = self.write(self.connection(), mode=0o666)
        name = ["--connection", "dev", "--stage", "MY_STAGE", "--table", self.table]
        self.assert_exit(self.export(*name), 2, str(path), f"chmod 0600 '{path}'")
        self.assertEqual(self.sandbox.count(self.table), -1)
        path.chmod(0o644)
        result = self.export(*name)
        self.assert_loaded(result, RECORDS)
        self.assertIn(f"chmod 0600 '{path}'", result.stderr)

    def test_what_is_wrong_in_a_file_is_exit_2_by_name_and_nothing_is_sent(self):
        name = ["--connection", "dev", "--stage", "MY_STAGE", "--table", self.table]
        for text, parts in ((self.connection(account=12345), ["account of the connection dev", "connections.toml", "text is needed"]),
                            (self.connection(port="many"), ["[dev] port", "1 to 65535"]),
                            (self.connection(protocol="ftp"), ["[dev] protocol"]),
                            (self.connection(authenticator="telepathy"), ["[dev] authenticator"]),
                            (self.connection(token=CANARY, token_file_path="/run/token"), ["both are set"]),
                            (self.connection() + f'password = "{CANARY}"\n', ["a second time", "line 11"]),
                            (f"[dev]\npassword = {CANARY}\n", ["not TOML", "line 2"]),
                            (self.connection("prod"), ["the connection dev", "known connections: prod"]),
                            ("", ["the connection dev", "connections.toml (read)", "config.toml (missing)"])):
            self.write(text)
            result = self.export(*name)
            self.assert_exit(result, 2, *parts)
            self.assertNotIn(CANARY, result.stdout + result.stderr)
            self.assertEqual(result.stdout, "")
        self.assertEqual(self.sandbox.count(self.table), -1)
        self.assert_nothing_temporary()

    def test_what_is_missing_is_named_with_every_place_that_was_looked_at(self):
        self.write(self.connection(leave_out=("warehouse", "account")))
        result = self.export("--connection", "dev", "--stage", "MY_STAGE", "--table", self.table)
        self.assert_exit(result, 2, "account, warehouse are missing", "--account", "SNOWFLAKE_CONNECTIONS_DEV_ACCOUNT", "SNOWFLAKE_WAREHOUSE",
                         str(self.home / ".snowflake/connections.toml"))
        self.write(self.connection(leave_out=("password",)))
        result = subprocess.run([harness.BIN / "imednet", "export", "snowflake", "SMALL", "--connection", "dev", "--stage", "MY_STAGE", "--table",
                                 self.table], env=self.environment(), capture_output=True, stdin=subprocess.DEVNULL, timeout=harness.WAIT_S,
                                check=False, start_new_session=True, text=True)  # no terminal to ask on
        self.assert_exit(harness.Result(result.returncode, result.stdout, result.stderr), 2, "password", "SNOWFLAKE_CONNECTIONS_DEV_PASSWORD")

    def test_unknown_keys_are_ignored_and_named_when_verbose(self):
        self.write(self.connection(region="eu", warehouse_size="XSMALL"))
        name = ["--connection", "dev", "--stage", "MY_STAGE", "--table", self.table]
        result = self.export(*name, "--verbose")
        self.assert_loaded(result, RECORDS)
        self.assertIn("region is not a setting", result.stderr)
        self.assertNotIn("region", self.export(*name).stderr)


class ConfigShow(SettingsTest):
    def test_every_level_wins_over_those_below_it(self):
        self.write(self.connection(warehouse="FILE_WH", role="FILE_ROLE"))
        own = "SNOWFLAKE_CONNECTIONS_DEV_WAREHOUSE"
        levels = [({}, [], "FILE_WH", "file", f"{self.home}/.snowflake/connections.toml [dev] warehouse"),
                  ({"SNOWFLAKE_WAREHOUSE": "GENERAL_WH"}, [], "GENERAL_WH", "environment", "SNOWFLAKE_WAREHOUSE"),
                  ({"SNOWFLAKE_WAREHOUSE": "GENERAL_WH", own: "OWN_WH"}, [], "OWN_WH", "environment", own),
                  ({"SNOWFLAKE_WAREHOUSE": "GENERAL_WH", own: "OWN_WH"}, ["--warehouse", "FLAG_WH"], "FLAG_WH", "flag", "--warehouse")]
        for variables, flags, value, source, name in levels:
            _, settings = self.show("--connection", "dev", *flags, environment=self.environment(**variables))
            found = settings["snowflake.warehouse"]
            self.assertEqual((found["value"], found["source"], found["from"]), (value, source, name))
        report, settings = self.show()
        self.assertEqual((report["connection"], settings["snowflake.schema"]["source"], settings["snowflake.schema"]["value"]), (None, "default", "PUBLIC"))
        self.assertEqual((settings["snowflake.warehouse"]["value"], settings["snowflake.warehouse"]["source"]), (None, "none"))

    def test_connection_and_files_are_named(self):
        self.write(self.connection("nightly"))
        self.write('default_connection_name = "nightly"\n', "config.toml")
        report, _ = self.show()
        self.assertEqual(report["connection"], {"name": "nightly", "source": "file", "from": f"{self.home}/.snowflake/config.toml default_connection_name"})
        self.assertEqual([file["state"] for file in report["files"]], ["read", "read"])

    def test_no_secret_is_ever_shown(self):
        secrets = ("password", "token", "passcode", "private_key_passphrase", "private_key_raw")
        self.write(self.connection(**{key: f"{CANARY}-{key}" for key in secrets}))
        variables = {f"SNOWFLAKE_{key}": f"{CANARY}-{key}" for key in ("PASSWORD", "TOKEN", "PASSCODE", "PRIVATE_KEY", "PRIVATE_KEY_PASSPHRASE")}
        variables |= {"IMEDNET_API_KEY": f"{CANARY}-api", "IMEDNET_SECURITY_KEY": f"{CANARY}-security"}
        for more in ({}, variables):
            for output in ("text", "json"):
                result = run([harness.BIN / "imednet", "config", "show", "-v", "--connection", "dev", "--output", output], self.environment(**more))
                self.assertEqual(result.code, 0, result)
                self.assertNotIn(CANARY, result.stdout + result.stderr)
                self.assertNotIn(self.sandbox.edc["api_key"], result.stdout)
        _, settings = self.show("--connection", "dev", environment=self.environment(**variables))
        for name in ("snowflake.password", "snowflake.token", "snowflake.private_key", "imednet.api_key", "imednet.security_key"):
            self.assertEqual((settings[name]["set"], "value" in settings[name]), (True, False), name)

    def test_secret_in_a_file_is_shown_by_the_files_name(self):
        _, settings = self.show(environment=self.environment(SNOWFLAKE_TOKEN_FILE="/run/secrets/token"))
        self.assertEqual(settings["snowflake.token"], {"name": "snowflake.token", "secret": True, "set": True, "source": "environment",
                                                       "from": "SNOWFLAKE_TOKEN_FILE", "file": "/run/secrets/token"})

    def test_text_form_has_a_line_for_every_setting(self):
        result = run([harness.BIN / "imednet", "config", "show"], self.environment())
        _, settings = self.show()
        for name in settings:
            self.assertRegex(result.stdout, rf"(?m)^{re.escape(name)}\b")
        self.assertIn("snowflake.schema", result.stdout)

    def test_documented_tables_name_every_setting(self):
        page = (harness.SOURCE / "docs/settings.md").read_text(encoding="utf-8")
        _, settings = self.show()
        for name in settings:
            self.assertIn(f"`{name}`", page)


class Setup(SettingsTest):
    def setup_sql(self, *options):
        result = run([harness.BIN / "imednet", "setup", "snowflake", "--print-sql", *options], self.environment())
        self.assertEqual(result.code, 0, result)
        return result.stdout

    @staticmethod
    def statements(script):
        return [line.split(";  -- ")[0].rstrip(";") for line in script.splitlines() if line and not line.startswith("--")]

    def test_role_with_the_printed_grants_can_load_and_without_any_one_of_them_can_not(self):
        """The server checks grants."""
        script = self.setup_sql("--database", "SETUP_DB", "--schema", "LOADS", "--stage", "FILES", "--role", "SETUP_ROLE", "--table", "T",
                                "--user", self.sandbox.snowflake["user"])
        statements = self.statements(script)
        for sql in statements:
            self.sandbox.rows(sql)
        self.sandbox.rows("USE ROLE ACCOUNTADMIN")
        self.write(self.connection(database="SETUP_DB", schema="LOADS", role="SETUP_ROLE"))
        name = ["--connection", "dev", "--stage", "FILES", "--table"]
        grants = [sql for sql in statements if sql.startswith("GRANT") and " ON " in sql]
        self.assertEqual(len(grants), 6)
        for number, grant in enumerate(grants):
            self.sandbox.rows(grant.replace("GRANT ", "REVOKE ", 1).replace(" TO ROLE ", " FROM ROLE "))
            with self.subTest(without=grant):
                self.assert_exit(self.export(*name, f"WITHOUT_{number}"), 13)
            self.sandbox.rows(grant)
        self.assert_loaded(self.export(*name, "T"), RECORDS)
        self.assert_loaded(self.export(*name, "T"), 0)

    def test_printed_script_is_all_that_a_new_service_user_with_its_key_needs(self):
        key, public = self.own / "robot.p8", self.own / "robot.pub"
        subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key], check=True, capture_output=True)
        subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", public], check=True, capture_output=True)
        key.chmod(0o600)
        script = self.setup_sql("--public-key", public, "--database", "ROBOT_DB", "--warehouse", "ROBOT_WH", "--role", "ROBOT_ROLE", "--user", "ROBOT",
                                "--table", "T")
        for _ in range(2):  # running it again changes nothing
            for sql in self.statements(script):
                self.sandbox.rows(sql)
        self.sandbox.rows("USE ROLE ACCOUNTADMIN")
        self.sandbox.rows(f"USE WAREHOUSE {self.sandbox.snowflake['warehouse']}")
        self.write(self.connection(leave_out=("password",), user="ROBOT", database="ROBOT_DB", warehouse="ROBOT_WH", role="ROBOT_ROLE",
                                   authenticator="SNOWFLAKE_JWT", private_key_file=str(key)))
        self.assert_loaded(self.export("--connection", "dev", "--stage", "MY_STAGE", "--table", "T"), RECORDS)

    def test_script_names_everything_as_given_and_gives_the_service_user_its_key(self):
        key, public = self.own / "loader.p8", self.own / "loader.pub"
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
        subprocess.run(["openssl", "rsa", "-in", key, "-pubout", "-out", public], check=True, capture_output=True)
        script = self.setup_sql("--public-key", public, "--role", '"it\'s; -- odd"', "--user", "batch")
        base64 = "".join(public.read_text().splitlines()[1:-1])
        self.assertIn(f"""CREATE USER IF NOT EXISTS "BATCH" TYPE = SERVICE DEFAULT_ROLE = "it's; -- odd" """
                      f"""DEFAULT_WAREHOUSE = "COMPUTE_WH" RSA_PUBLIC_KEY = '{base64}';""", script)
        self.assertIn("AUTO_SUSPEND = 60", script)
        for line in script.splitlines():
            self.assertRegex(line, r"^(|--.*|USE ROLE [A-Z]+;|(CREATE|GRANT) .*;|GRANT .*;  -- .+)$")

    def test_private_key_weak_key_and_refused_names_are_exit_2_or_13_and_print_nothing(self):
        key, weak = self.own / "loader.p8", self.own / "weak.pub"
        subprocess.run(["openssl", "genrsa", "-out", key, "1024"], check=True, capture_output=True)
        subprocess.run(["openssl", "rsa", "-in", key, "-pubout", "-out", weak], check=True, capture_output=True)
        for options, code, text in ((["--public-key", key], 2, "private key"), (["--public-key", weak], 2, "2048"),
                                    (["--public-key", self.own], 2, "public key"), (["--public-key", self.own / "none"], 2, "No such file"),
                                    (["--role", "a b"], 13, "role"), (["--database", "x;y"], 13, "database")):
            result = run([harness.BIN / "imednet", "setup", "snowflake", "--print-sql", *options], self.environment())
            self.assert_exit(result, code, text, "hint: ")
            self.assertEqual(result.stdout, "")
            self.assertNotIn(key.read_text().splitlines()[1], result.stderr)

    def test_pages_hold_the_printed_statements(self):
        """One place for the grants: the pages repeat what the program prints."""
        script = self.setup_sql()
        blocks = {name: re.findall(r"```sql\n(.*?)```", (harness.SOURCE / "docs" / name).read_text(encoding="utf-8"), re.DOTALL)
                  for name in ("snowflake-setup.md", "export-snowflake.md")}
        self.assertIn(script, blocks["snowflake-setup.md"])
        printed = [line.removeprefix("-- ") for line in script.splitlines()]
        grants = [block for block in blocks["export-snowflake.md"] if "GRANT" in block]
        self.assertEqual(len(grants), 1)
        shown = [line for line in grants[0].splitlines() if line.startswith("GRANT")]
        self.assertEqual(shown, [line for line in printed if line.startswith("GRANT") and " ON " in line])


del SettingsTest

if __name__ == "__main__":
    harness.main()
