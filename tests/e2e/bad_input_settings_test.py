#!/usr/bin/env python3
"""Bad input: what is typed and what is set. And the odd names that must work."""
import harness
from bad_input import BadInputTest, Row

NAMES = ("STUDY", "ACCOUNT", "USER", "PASSWORD", "DATABASE", "SCHEMA", "WAREHOUSE", "STAGE", "TABLE")


def flags(*more):
    def arrange(case):
        case.options += more
    return arrange


def place(name, value):
    """One of the nine positions, replaced."""
    def arrange(case):
        case.names[name.lower()] = value
    return arrange


def without(position):
    def arrange(case):
        where = case.sandbox.snowflake
        everything = [case.key, *(where[name.lower()] for name in NAMES[1:-1]), case.table]
        case.positions = everything[:position]
        case.options.clear()
    return arrange


def variables(unset=(), **values):
    def arrange(case):
        case.variables.update(values)
        case.unset += unset
    return arrange


def dash(unset=(), **values):
    def arrange(case):
        case.names["password"] = "-"
        case.variables.update(values)
        case.unset += unset
    return arrange


def secret_file(content):
    def arrange(case):
        path = case.folder / "password"
        if content is not None:
            path.write_text(content, encoding="utf-8")
        dash(["SNOWFLAKE_PASSWORD"], SNOWFLAKE_PASSWORD_FILE=path)(case)
    return arrange


def folder(name, flag="--local-staging-dir"):
    """A folder or file of that name in the row's own folder."""
    def arrange(case):
        case.options += [flag, case.folder / name]
    return arrange


def a_file_in_the_way(case):
    (case.folder / "staged").write_text("made up", encoding="utf-8")
    folder("staged")(case)


def beside(name):
    """Typed relative to the folder the program is started in."""
    def arrange(case):
        case.cwd = case.folder
        case.options += ["--local-staging-dir", name]
    return arrange


def odd_manifest(case):
    case.options[case.options.index("--manifest-path") + 1] = case.folder / "São Paulo trial's x[1]*?\\ manifest"


def manifest_has_a_line(case):
    path = case.folder / "São Paulo trial's x[1]*?\\ manifest"
    case.test.assertEqual(len(path.read_text(encoding="utf-8").splitlines()), 1)
    case.test.assertTrue(path.with_name(path.name + ".run.json").exists())


def one_file_in(name):
    def check(case):
        found = case.folder / name
        case.test.assertEqual([path.name for path in found.iterdir()], [f"{case.key}_records_0.parquet"])
        case.test.assertEqual(found.stat().st_mode & 0o777, 0o700)
    return check


def usage(name, *more, hint="--help"):
    return Row(name, 2, f"understand the command line.*{more[0] if more else ''}", hint, arrange=flags(*more))


BLANK = [Row(f"{name} {what}", 2, "study" if name == "STUDY" else name.lower(), "study|SNOWFLAKE_" + name,
             arrange=place(name if name != "STUDY" else "study", value))
         for name in NAMES for what, value in (("empty", ""), ("blank", "  "))]
MISSING = [Row(f"{name} and what follows it not given", 2, f"(?i)understand the command line.*{name}|{name}.* missing", "--help|give|looked for", arrange=without(position))
           for position, name in enumerate(NAMES)]
KEYS = [Row(f"{name} {what}", 2, "key", name, arrange=arrange)
        for name in ("IMEDNET_API_KEY", "IMEDNET_SECURITY_KEY")
        for what, arrange in (("not set", variables([name])), ("empty", variables(**{name: ""})), ("blank", variables(**{name: "  "})))]
ROWS = (
    *BLANK, *MISSING, *KEYS,
    Row("a position too many", 2, "understand the command line", "--help", arrange=lambda case: case.options.insert(0, "MORE")),
    usage("a flag nobody knows", "--no-such-flag"),
    usage("batch size 0", "--batch-size", "0"),
    usage("batch size -1", "--batch-size", "-1"),
    usage("batch size as text", "--batch-size", "many"),
    usage("batch size 10^12", "--batch-size", "1000000000000"),
    usage("a mode nobody knows", "--mode", "upsert"),
    usage("port 70000", "--port", "70000"),
    usage("protocol gopher", "--protocol", "gopher"),
    usage("a wait of nan", "--retry-backoff", "nan"),
    usage("a login time-out of 0", "--login-timeout", "0"),
    usage("a statement time-out of -1", "--statement-timeout", "-1"),
    usage("a queue time-out of 10^12", "--queue-timeout", "1000000000000"),
    Row("- and no password anywhere", 2, "ask for the password", "SNOWFLAKE_PASSWORD", arrange=dash(["SNOWFLAKE_PASSWORD"])),
    Row("- and an empty variable", 2, "ask for the password", "SNOWFLAKE_PASSWORD", arrange=dash(SNOWFLAKE_PASSWORD="")),
    Row("a password file that is not there", 2, "SNOWFLAKE_PASSWORD_FILE", ".", arrange=secret_file(None)),
    Row("an empty password file", 2, "ask for the password", "SNOWFLAKE_PASSWORD_FILE", arrange=secret_file("")),
    Row("a password twice, as variable and as file", 2, "SNOWFLAKE_PASSWORD", ".", arrange=dash(SNOWFLAKE_PASSWORD_FILE="/nowhere")),
    Row("plain http to another host", 2, "base URL", "IMEDNET_BASE_URL", arrange=variables(IMEDNET_BASE_URL="http://192.0.2.1")),
    Row("an address with a user in it", 2, "base URL", "IMEDNET_BASE_URL", arrange=variables(IMEDNET_BASE_URL="https://a:b@192.0.2.1")),
    Row("an address that is none", 2, "base URL", "IMEDNET_BASE_URL", arrange=variables(IMEDNET_BASE_URL="imednet")),
    Row("a time-out as text", 2, "the timeout", ".", arrange=variables(IMEDNET_TIMEOUT="soon")),
    Row("a manifest in a folder that is not there", 2, "manifest", "folder|director", arrange=lambda case: case.options.__setitem__(
        case.options.index("--manifest-path") + 1, case.folder / "missing" / "manifest.jsonl")),
    Row("a manifest that is a folder", 2, "manifest", ".", arrange=lambda case: case.options.__setitem__(
        case.options.index("--manifest-path") + 1, case.folder)),
    Row("a staging folder whose parent is not there", 2, "keep staged files", "--local-staging-dir", arrange=folder("missing/staged")),
    Row("a staging folder that is a file", 2, "keep staged files", "--local-staging-dir", arrange=a_file_in_the_way),
    Row("a staging folder to be made", 0, arrange=folder("staged"), check=one_file_in("staged")),
    Row("a staging folder named São Paulo trial's data", 0, arrange=folder("São Paulo trial's data"), check=one_file_in("São Paulo trial's data")),
    Row("a staging folder named x[1]*?", 0, arrange=folder("x[1]*?"), check=one_file_in("x[1]*?")),
    Row("a staging folder with a backslash", 0, arrange=folder("a\\b"), check=one_file_in("a\\b")),
    Row("a relative staging folder", 0, arrange=beside("staged"), check=one_file_in("staged")),
    Row("a staging folder with a slash at its end", 0, arrange=beside("./staged/"), check=one_file_in("staged")),
    Row("a manifest with an odd name", 0, arrange=odd_manifest, check=manifest_has_a_line),
)


class BadSettings(BadInputTest):
    group, table_of_rows = "settings", ROWS

    def test_no_refused_setting_cost_a_request(self):
        """Settings are judged first: of all rows with exit 2 not one asked the API."""
        self.make_target()
        self.sandbox.control("DELETE", "/sandbox/requests")
        for number, row in enumerate(ROWS):
            if row.code == 2 and row.name in ("batch size 0", "STUDY empty", "TABLE blank", "IMEDNET_API_KEY not set", "a manifest that is a folder"):
                self.run_row(row, 1000 + number)
        self.assertEqual(self.sandbox.control("GET", "/sandbox/requests")["requests"], [])


del BadInputTest

if __name__ == "__main__":
    harness.main()
