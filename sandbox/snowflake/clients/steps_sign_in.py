"""Every way to sign in, and its refusal."""
from steps import step

HOUR_S = 3600
DAY_S = 24 * HOUR_S


def signs_in(world, **how):
    world.connect(**how)
    world.same("a statement after it", world.rows("SELECT 1"), [["1"]])
    world.close()


def refused(world, what, code, **how):
    world.fails(what, lambda: world.connect(**how), world.known("sign-in code", {}).get(code, code))


def last_refusal(world):
    return world.control("GET", "logins")[-1].get("refused")


@step("sign-in", "password")
def password(world):
    signs_in(world)


@step("sign-in", "a wrong password is 390100", live=False)  # a real account locks its user out after a few of them [doc]
def wrong_password(world):
    refused(world, "a wrong password", 390100, auth="password", password="not the password")


@step("sign-in", "key pair", live=False)
def key_pair(world):
    signs_in(world, auth="key_pair", private_key=world.where["own_key"])


@step("sign-in", "another key is 390144: its fingerprint is not the user's", live=False)
def another_key(world):
    refused(world, "another key", 390144, auth="key_pair", private_key=world.where["other_key"])
    world.same("the server's reason", last_refusal(world), "JWT_TOKEN_PUBLIC_KEY_FINGERPRINT_MISMATCH")


@step("sign-in", "a key pair's token is refused when it has expired", live=False)
def expired_key_pair(world):
    with world.later(2 * HOUR_S):
        refused(world, "an expired token", 390144, auth="key_pair", private_key=world.where["own_key"])
        world.same("the server's reason", last_refusal(world), "JWT_TOKEN_EXPIRED")


@step("sign-in", "OAuth token", live=False)
def oauth(world):
    signs_in(world, auth="oauth", token=world.where["oauth_token"])


@step("sign-in", "another OAuth token is 390303", live=False)
def wrong_oauth(world):
    refused(world, "another OAuth token", 390303, auth="oauth", token="not the token")


@step("sign-in", "an OAuth token that has expired is 390318", live=False)
def expired_oauth(world):
    with world.later(HOUR_S):
        refused(world, "an expired OAuth token", 390318, auth="oauth", token=world.where["oauth_token"])


@step("sign-in", "programmatic access token", live=False)
def access_token(world):
    signs_in(world, auth="access_token", token=world.where["access_token"])


@step("sign-in", "another access token is 394400, and so is one after its 15 days", live=False)
def wrong_access_token(world):
    refused(world, "another access token", 394400, auth="access_token", token="not the token")
    with world.later(16 * DAY_S):
        refused(world, "an access token after its time", 394400, auth="access_token", token=world.where["access_token"])


@step("sign-in", "session parameters and names")
def session_parameters(world):
    world.connect(parameters={"TIMEZONE": "Asia/Kathmandu", "QUERY_TAG": world.mark})
    try:
        names = world.rows("SELECT CURRENT_DATABASE(), CURRENT_SCHEMA(), CURRENT_WAREHOUSE()")
        world.same("names", names, [[world.where[name].upper() for name in ("database", "schema", "warehouse")]])
        shown = world.run("SHOW PARAMETERS LIKE 'TIMEZONE' IN SESSION")
        world.same("TIMEZONE", shown.column("value"), ["Asia/Kathmandu"])
        shown = world.run("SHOW PARAMETERS LIKE 'QUERY_TAG' IN SESSION")
        world.same("QUERY_TAG", shown.column("value"), [world.mark])
    finally:
        world.close()
