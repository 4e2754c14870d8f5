#!/usr/bin/env python3
"""The official Python connector signs in to the sandbox by key pair, tokens and passcode, and is refused where Snowflake would refuse it.

python_sign_in_test.py --bin build/release/bin [--source .]
"""
import argparse
import pathlib
import sys
import tempfile

import sandbox_server  # first: the driver reads at once what it sets
from sandbox_server import Checks

import snowflake.connector
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

ACCESS_TOKEN, OAUTH_TOKEN, PASSCODE = "made-up-access-token", "made-up-oauth-token", "271828"


class Server(sandbox_server.Server):
    """With clients that sign in."""

    def user_of(self, **how):
        where = self.where
        with snowflake.connector.connect(host=where["host"], port=int(where["port"]), protocol="http", account=where["account"], user=where["user"],
                                         database=where["database"], login_timeout=20, **how) as connection:
            return connection.cursor().execute("SELECT CURRENT_USER()").fetchone()[0]


def made_up_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def der(key):
    return key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def with_keys_and_tokens(server, key, check):
    check.equal("a key pair signs in", server.user_of(private_key=der(key)), "LOADER")
    check.fails("another key is refused", 390144, lambda: server.user_of(private_key=der(made_up_key())))
    check.equal("an access token signs in", server.user_of(authenticator="PROGRAMMATIC_ACCESS_TOKEN", token=ACCESS_TOKEN), "LOADER")
    check.fails("another access token is refused", 394400, lambda: server.user_of(authenticator="PROGRAMMATIC_ACCESS_TOKEN", token="made-up-other"))
    check.equal("an OAuth token signs in", server.user_of(authenticator="oauth", token=OAUTH_TOKEN), "LOADER")
    check.fails("another OAuth token is refused", 390303, lambda: server.user_of(authenticator="oauth", token="made-up-other"))


def with_passcode(server, check):
    password = server.where["password"]
    check.equal("a passcode signs in", server.user_of(password=password, passcode=PASSCODE, authenticator="username_password_mfa"), "LOADER")
    check.fails("another passcode is refused", 390127, lambda: server.user_of(password=password, passcode="314159"))
    check.fails("a password alone is refused", 394508, lambda: server.user_of(password=password))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--bin", required=True)
    arguments.add_argument("--source")
    given = arguments.parse_args()
    check = Checks()
    key = made_up_key()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "key.pub").write_bytes(key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
        (folder / "access_token").write_text(ACCESS_TOKEN)
        (folder / "oauth_token").write_text(OAUTH_TOKEN)
        with Server(given.bin, folder / "keys", "--public-key", folder / "key.pub", "--access-token-file", folder / "access_token",
                    "--oauth-token-file", folder / "oauth_token") as server:
            with_keys_and_tokens(server, key, check)
        with Server(given.bin, folder / "passcode", "--passcode", PASSCODE) as server:
            with_passcode(server, check)
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
