#!/usr/bin/env python3
"""Each kind of sign-in that the sandbox can judge: it works, it fails with exit 11 and a hint when it is wrong, and no secret travels that need not."""
import base64
import hashlib
import json
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import tempfile
import time
import unittest

import harness
from harness import SandboxTest, write_study

RECORDS = 20
PASSPHRASE = "made-up-passphrase-7F3A"
ACCESS_TOKEN = "made-up-access-token-51C2"
OAUTH_TOKEN = "made-up-oauth-token-9B8E"


def openssl(*arguments):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True).stdout


def public_key_of(key):
    return openssl("pkey", "-in", key, "-pubout", "-passin", f"pass:{PASSPHRASE}").decode()


def fingerprint_of(key):
    der = openssl("pkey", "-in", key, "-pubout", "-outform", "DER", "-passin", f"pass:{PASSPHRASE}")
    return "SHA256:" + base64.b64encode(hashlib.sha256(der).digest()).decode()


class SignInTest(SandboxTest):
    """One small study; keys, tokens and the user's public key in a folder of the class."""
    more_options = ()

    @classmethod
    def setUpClass(cls):
        cls.keys = pathlib.Path(tempfile.mkdtemp(prefix="imednet-e2e-keys-"))
        cls.addClassCleanup(shutil.rmtree, cls.keys, True)
        cls.key = cls.keys / "rsa_key.p8"
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", cls.key)
        cls.key.chmod(0o600)
        (cls.keys / "rsa_key.pub").write_text(public_key_of(cls.key))
        (cls.keys / "access_token").write_text(ACCESS_TOKEN + "\n")
        (cls.keys / "oauth_token").write_text(OAUTH_TOKEN + "\n")
        records = [json.dumps({"studyKey": "KEYS", "formKey": "AE", "recordId": 1000 + n, "recordData": {"n": n}}) for n in range(RECORDS)]
        cls.options = ["--allow-faults", "--studies", write_study(cls.keys / "study", "KEYS", records), "--public-key", cls.keys / "rsa_key.pub",
                       "--access-token-file", cls.keys / "access_token", "--oauth-token-file", cls.keys / "oauth_token", *cls.more_options]
        super().setUpClass()

    def converted(self, name, *arguments):
        path = self.own / name
        openssl(*arguments, "-in", self.key, "-out", path)
        path.chmod(0o600)
        return path

    def environment(self, **more):
        environment = super().environment(**more)
        if "SNOWFLAKE_PASSWORD" not in more:
            environment.pop("SNOWFLAKE_PASSWORD", None)
        return environment

    def export(self, *options, environment=None, **names):
        names.setdefault("password", "-")
        return super().export("--max-retries", "0", *options, study="KEYS", environment=environment, **names)

    def logins(self):
        return self.sandbox.snowflake_control("GET", "logins")

    def last_login(self):
        """Of the program: the tests look at the table through the Python connector."""
        return [login for login in self.logins() if login.get("CLIENT_APP_ID") == "Go"][-1]

    def assert_refused(self, result, code, *texts):
        self.assert_exit(result, code, *texts)
        self.assertEqual(result.stdout, "")
        self.assertFalse(self.sandbox.table_exists(self.table))
        for secret in (PASSPHRASE, ACCESS_TOKEN, OAUTH_TOKEN, "PRIVATE KEY-----", "MII"):
            self.assertNotIn(secret, result.stderr)
        self.assert_nothing_temporary()


class KeyPair(SignInTest):
    def test_key_file_signs_in_and_no_password_is_needed(self):
        self.assert_loaded(self.export("--private-key-file", self.key), RECORDS)
        self.assertEqual(self.last_login()["AUTHENTICATOR"], "SNOWFLAKE_JWT")

    def test_every_form_of_the_key_signs_in(self):
        forms = {"pkcs1.pem": ("rsa", "-traditional"), "pkcs8.der": ("pkcs8", "-topk8", "-nocrypt", "-outform", "DER"),
                 "pkcs1.der": ("rsa", "-traditional", "-outform", "DER"),
                 "encrypted.p8": ("pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", f"pass:{PASSPHRASE}"),
                 "encrypted.der": ("pkcs8", "-topk8", "-outform", "DER", "-passout", f"pass:{PASSPHRASE}"),
                 "old.pem": ("rsa", "-traditional", "-aes128", "-passout", f"pass:{PASSPHRASE}")}
        environment = self.environment(SNOWFLAKE_PRIVATE_KEY_PASSPHRASE=PASSPHRASE)
        for name, arguments in forms.items():
            with self.subTest(name):
                key = self.converted(name, *arguments)
                result = self.export("--private-key-file", key, environment=environment, table=self.table + name.upper().replace(".", "_"))
                self.assert_loaded(result, RECORDS)
                self.assertNotIn("warning", result.stderr)

    def test_key_as_text_in_a_variable_signs_in(self):
        text = self.key.read_text()
        self.assert_loaded(self.export(environment=self.environment(SNOWFLAKE_PRIVATE_KEY=text)), RECORDS)
        escaped = text.replace("\n", "\\n")
        self.assert_loaded(self.export(environment=self.environment(SNOWFLAKE_PRIVATE_KEY=escaped)), 0)

    def test_passphrase_never_reaches_the_server(self):
        key = self.converted("encrypted.p8", "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", f"pass:{PASSPHRASE}")
        before = len(self.logins())
        self.assert_loaded(self.export("--private-key-file", key, environment=self.environment(SNOWFLAKE_PRIVATE_KEY_PASSPHRASE=PASSPHRASE)), RECORDS)
        seen = self.logins()[before:]
        self.assertTrue(seen)
        self.assertNotIn(PASSPHRASE, json.dumps(seen))
        self.assertNotIn(PASSPHRASE, json.dumps(self.sandbox.snowflake_control("GET", "statements")))

    def test_passphrase_may_stand_in_a_file(self):
        key = self.converted("encrypted.p8", "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", f"pass:{PASSPHRASE}")
        (self.own / "passphrase").write_text(PASSPHRASE + "\n")
        environment = self.environment(SNOWFLAKE_PRIVATE_KEY_PASSPHRASE_FILE=self.own / "passphrase")
        self.assert_loaded(self.export("--private-key-file", key, environment=environment), RECORDS)

    @harness.needs_terminal
    def test_passphrase_is_asked_for_on_a_terminal_without_echo(self):
        key = self.converted("encrypted.p8", "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", f"pass:{PASSPHRASE}")
        arguments = [str(word) for word in self.arguments("--private-key-file", key, study="KEYS", password="-")]
        environment = self.environment()
        child, terminal = pty.fork()
        if child == 0:
            os.execve(arguments[0], arguments, environment)
        seen, answered, end = "", False, time.monotonic() + harness.WAIT_S
        while time.monotonic() < end:
            if not select.select([terminal], [], [], 1)[0]:
                continue
            try:
                piece = os.read(terminal, 4096).decode("utf-8", "replace")
            except OSError:  # the other side is gone
                break
            seen += piece
            if not answered and "Passphrase of" in seen:
                answered = True
                os.write(terminal, (PASSPHRASE + "\n").encode())
        os.close(terminal)
        _, status = os.waitpid(child, 0)
        self.assertEqual(os.waitstatus_to_exitcode(status), 0, seen)
        self.assertTrue(answered)
        self.assertIn(f"Loaded {RECORDS} rows", seen)
        self.assertNotIn(PASSPHRASE, seen)

    def test_wrong_key_is_refused_with_its_fingerprint(self):
        other = self.own / "other.p8"
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", other)
        result = self.export("--private-key-file", other)
        self.assert_refused(result, 11, "JWT token is invalid", fingerprint_of(other), "RSA_PUBLIC_KEY_FP", "DESC USER")
        self.assertEqual(self.last_login()["refused"], "JWT_TOKEN_PUBLIC_KEY_FINGERPRINT_MISMATCH")

    def test_verbose_shows_the_fingerprint_that_desc_user_shows(self):
        result = self.export("--private-key-file", self.key, "--verbose")
        self.assert_loaded(result, RECORDS)
        shown = dict(row[:2] for row in self.sandbox.rows("DESC USER loader"))["RSA_PUBLIC_KEY_FP"]
        self.assertEqual(shown, fingerprint_of(self.key))
        self.assertIn(shown, result.stderr)

    def test_key_registered_by_alter_user_signs_in(self):
        second = self.own / "second.p8"
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", second)
        second.chmod(0o600)
        body = "".join(line for line in public_key_of(second).splitlines() if "-----" not in line)
        self.sandbox.rows(f"ALTER USER loader SET RSA_PUBLIC_KEY_2 = '{body}'")
        self.assert_loaded(self.export("--private-key-file", second), RECORDS)
        self.sandbox.rows("ALTER USER loader UNSET RSA_PUBLIC_KEY_2")
        self.assert_exit(self.export("--private-key-file", second), 11)

    def test_other_account_and_user_are_refused(self):
        self.assert_refused(self.export("--private-key-file", self.key, account="otherorg-account"), 11, "JWT token is invalid")
        self.assert_refused(self.export("--private-key-file", self.key, user="somebody"), 11, "JWT token is invalid")

    def test_unusable_keys_cost_no_connection_and_say_what_to_do(self):
        before = len(self.logins())
        encrypted = self.converted("encrypted.p8", "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", f"pass:{PASSPHRASE}")
        # Without a terminal, wherever the test runs.
        unasked = harness.run(["setsid", "-w", *self.arguments("--private-key-file", encrypted, study="KEYS", password="-")], self.environment())
        self.assert_refused(unasked, 2, "no passphrase was given", "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE")
        wrong = self.environment(SNOWFLAKE_PRIVATE_KEY_PASSPHRASE="another")
        self.assert_refused(self.export("--private-key-file", encrypted, environment=wrong), 2, "the passphrase does not open it", "openssl pkey -in")
        self.assert_refused(self.export("--private-key-file", self.keys / "rsa_key.pub"), 2, "it is a public key", "openssl genrsa 2048")
        self.assert_refused(self.export("--private-key-file", self.own / "missing"), 2, "No such file")
        self.assert_refused(self.export("--private-key-file", self.keys / "access_token"), 2, "it is not a private key")
        small = self.own / "small.p8"
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-out", small)
        self.assert_refused(self.export("--private-key-file", small), 2, "1024 bits")
        self.assertEqual(len([login for login in self.logins()[before:] if login.get("AUTHENTICATOR") == "SNOWFLAKE_JWT"]), 0)

    @unittest.skipUnless(shutil.which("ssh-keygen"), "needs ssh-keygen")
    def test_hint_for_an_openssh_key_makes_a_key_that_is_read(self):
        key = self.own / "id_rsa"
        subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", str(key)], check=True)
        result = self.export("--private-key-file", key)
        self.assert_refused(result, 2, "OpenSSH's own form")
        command = re.search(r"convert a copy with: (cp .*)", result.stderr).group(1)
        subprocess.run(["sh", "-c", command.replace("ssh-keygen -p", 'ssh-keygen -q -p -P "" -N ""')], check=True, cwd=self.own)
        self.assert_refused(self.export("--private-key-file", self.own / "new_key.p8"), 11, "JWT token is invalid")

    def test_key_that_others_may_read_earns_a_warning(self):
        key = self.own / "open.p8"
        shutil.copy(self.key, key)
        key.chmod(0o644)
        result = self.export("--private-key-file", key)
        self.assert_loaded(result, RECORDS)
        self.assertIn("chmod 600", result.stderr)


class Tokens(SignInTest):
    def test_access_token_signs_in(self):
        result = self.export("--token-file", self.keys / "access_token")
        self.assert_loaded(result, RECORDS)
        self.assertEqual(self.last_login()["AUTHENTICATOR"], "PROGRAMMATIC_ACCESS_TOKEN")
        self.assertNotIn(ACCESS_TOKEN, result.stderr + json.dumps(self.logins()))

    def test_access_token_in_a_variable_signs_in(self):
        self.assert_loaded(self.export(environment=self.environment(SNOWFLAKE_TOKEN=ACCESS_TOKEN)), RECORDS)

    def test_wrong_access_token_is_refused(self):
        result = self.export("--authenticator", "programmatic_access_token", environment=self.environment(SNOWFLAKE_TOKEN="made-up-wrong-token"))
        self.assert_refused(result, 11, "access token is invalid", "expired")
        self.assertNotIn("made-up-wrong-token", result.stderr)

    def test_oauth_token_signs_in(self):
        self.assert_loaded(self.export("--authenticator", "oauth", "--token-file", self.keys / "oauth_token"), RECORDS)
        self.assertEqual(self.last_login()["AUTHENTICATOR"], "OAUTH")

    def test_wrong_oauth_token_is_refused(self):
        self.assert_refused(self.export("--authenticator", "oauth", "--token-file", self.keys / "access_token"), 11, "OAuth", "fresh OAuth token")

    def test_missing_token_is_told_without_a_connection(self):
        self.assert_refused(self.export("--authenticator", "oauth"), 2, "the token is missing", "SNOWFLAKE_TOKEN")


class Password(SignInTest):
    def test_wrong_password_is_refused_with_the_other_ways(self):
        self.assert_refused(self.export(environment=self.environment(SNOWFLAKE_PASSWORD="made-up-wrong")), 11, "--private-key-file")

    def test_typed_password_wins_over_a_key_that_lies_in_the_environment(self):
        other = self.own / "other.p8"
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", other)
        environment = self.environment(SNOWFLAKE_PRIVATE_KEY_FILE=other)
        self.assert_loaded(self.export(password=self.sandbox.snowflake["password"], environment=environment), RECORDS)
        self.assert_exit(self.export(environment=environment), 11, "JWT token is invalid")

    def test_kinds_that_the_sandbox_cannot_judge_say_so(self):
        # Of such a token the driver reads issuer and subject; it is signed by nobody.
        parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
                 for part in ({"alg": "RS256"}, {"iss": "https://made-up.invalid", "sub": "made-up"})]
        (self.own / "oidc_token").write_text(".".join([*parts, "bWFkZSB1cA"]))
        kind = ["--authenticator", "workload_identity", "--workload-identity-provider", "OIDC", "--token-file"]
        self.assert_refused(self.export(*kind, self.own / "oidc_token"), 11, "can't judge")
        self.assertEqual(self.last_login()["refused"], "AUTHENTICATOR_NOT_SUPPORTED")
        before = len(self.logins())
        self.assert_refused(self.export(*kind, self.keys / "oauth_token"), 11, "WORKLOAD_IDENTITY in DESC USER")
        self.assertEqual(len([login for login in self.logins()[before:] if login.get("CLIENT_APP_ID") == "Go"]), 0)
        self.assert_refused(self.export("--authenticator", "externalbrowser"), 11, "can't judge")

    def test_ocsp_off_is_for_this_machine_only(self):
        environment = self.environment(SNOWFLAKE_PASSWORD=self.sandbox.snowflake["password"])
        self.assert_loaded(self.export("--ocsp", "off", environment=environment), RECORDS)
        result = self.export("--ocsp", "off", "--host", "snowflake.invalid", environment=environment)
        self.assert_exit(result, 2, "certificates")


class SecondFactor(SignInTest):
    more_options = ("--passcode", "271828")

    def environment(self, **more):
        return super().environment(SNOWFLAKE_PASSWORD=self.sandbox.snowflake["password"], **more)

    def assert_refused(self, result, code, *texts):
        self.assert_exit(result, code, *texts)
        self.assertEqual(result.stdout, "")
        self.assert_nothing_temporary()

    def test_passcode_signs_in(self):
        result = self.export("--passcode", "271828")
        self.assert_loaded(result, RECORDS)
        self.assertEqual(self.last_login()["EXT_AUTHN_DUO_METHOD"], "passcode")

    def test_wrong_passcode_is_refused(self):
        self.assert_refused(self.export("--passcode", "314159"), 11, "fresh --passcode")

    def test_missing_passcode_is_told(self):
        self.assert_refused(self.export(), 11, "--passcode")


if __name__ == "__main__":
    harness.main()
