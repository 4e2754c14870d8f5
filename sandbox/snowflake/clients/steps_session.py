"""What lasts and what breaks: slow statements, cancel, tags, expiry and renewal, keep-alive, close, a cut connection."""
import time

from steps import step

SLOW_MS = 2500  # the server was told to answer within 1 s, so this is polled for
LONG_MS = 60_000
SOON_S = 20


def wait_until(what, condition, world):
    end = time.monotonic() + SOON_S
    while not condition():
        world.same(f"waited for {what}", time.monotonic() < end, True)
        time.sleep(0.02)


@step("session", "a tag for one statement")
def tag(world):
    world.run("SELECT 'tagged'", QUERY_TAG=f"{world.mark} one")
    found = world.rows(f"SELECT COUNT(*) FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 1000)) WHERE query_tag = '{world.mark} one'")
    world.same("statements with the tag", found, [["1"]])


@step("session", "a slow statement is polled for (333333)", live=False)
def slow(world):
    world.order(f"SLOW_{world.mark}", {"delay_ms": SLOW_MS})
    started = time.monotonic()
    world.same("its answer", world.rows(f"SELECT 5 AS slow_{world.mark}"), [["5"]])
    world.same("it was slow", time.monotonic() - started > SLOW_MS / 1000, True)
    world.same("orders that fired", world.fired(), [1])


@step("session", "a statement is cancelled", live=False)
def cancel(world):
    world.order(f"LONG_{world.mark}", {"delay_ms": LONG_MS})
    world.ask(do="start", sql=f"SELECT 6 AS long_{world.mark}")
    wait_until("the statement to run", lambda: any(one["running"] for one in world.statements(f"long_{world.mark}")), world)
    started = time.monotonic()
    world.ask(do="cancel")
    world.fails("the cancelled statement", lambda: world.ask(do="wait"), world.known("cancelled", 604), "57014")
    wait_until("the server to see it", lambda: all(not one["running"] for one in world.statements(f"long_{world.mark}")), world)
    world.same("it ended at once", time.monotonic() - started < SOON_S, True)
    world.same("the server's end of it", [one["error"] for one in world.statements(f"long_{world.mark}")], ["000604"])
    world.same("orders that fired", world.fired(), [1])
    world.same("the session lives", world.rows("SELECT 1"), [["1"]])


@step("session", "an expired session is renewed, and the statement runs once (390112)", live=False)
def renewal(world):
    with world.table("ONCE", "n NUMBER(9,0)") as table:
        world.order(f"INTO {table}", {"expire": "token"})
        world.run(f"INSERT INTO {table} VALUES (1)")
        world.same("orders that fired", world.fired(), [1])
        world.same("rows", world.rows(f"SELECT COUNT(*) FROM {table}"), [["1"]])


@step("session", "a connection that is cut after the effect: the statement is repeated and runs once", live=False)
def cut(world):
    with world.table("CUT", "n NUMBER(9,0)") as table:
        world.order(f"INTO {table}", {"cut_answers": 1})
        try:
            world.run(f"INSERT INTO {table} VALUES (1)")
            said = "answered"
        except Exception as problem:  # pylint: disable=broad-except
            said = f"error: {problem}"
        world.same("orders that fired", world.fired(), [1])
        world.same("rows", world.rows(f"SELECT COUNT(*) FROM {table}"), [["1"]])
        world.same("what the client says", said, "answered")


@step("session", "keep-alive", live=False)
def keep_alive(world):
    world.close()
    world.connect(parameters={"CLIENT_SESSION_KEEP_ALIVE": "true"})
    login = world.control("GET", "logins")[-1]
    told = {name.upper(): str(value).lower() for name, value in login.get("SESSION_PARAMETERS", {}).items()}
    world.same("what the login says", told.get("CLIENT_SESSION_KEEP_ALIVE"), world.known("keep-alive at sign-in", "true"))
    world.close()


@step("session", "asked whether the connection lives")
def alive(world):
    if world.known("whether it lives", "told") == "told":
        world.same("a connection in use", world.ask(do="alive"), {"ok": True})
    else:
        world.fails("whether it lives", lambda: world.ask(do="alive"), None)


@step("session", "after the master token's end: 390114, and a new sign-in is good", live=False)
def master_expiry(world):
    world.order(f"MASTER_{world.mark}", {"expire": "master"})
    world.fails("the statement", lambda: world.run(f"SELECT 7 AS master_{world.mark}"), world.known("master expiry", 390114))
    world.same("orders that fired", world.fired(), [1])
    world.is_connected = False
    world.connect()
    world.same("a new session", world.rows("SELECT 1"), [["1"]])
    world.close()


@step("session", "close rolls back what is open")
def close(world):
    table = f"{world.mark}_CLOSE"
    world.run(f"CREATE OR REPLACE TABLE {table} (n NUMBER(9,0))")
    try:
        world.run("BEGIN")
        world.run(f"INSERT INTO {table} VALUES (1)")
        world.close()
        world.connect()
        world.same("rows", world.rows(f"SELECT COUNT(*) FROM {table}"), [["0"]])
    finally:
        world.run(f"DROP TABLE {table}")
        world.close()
