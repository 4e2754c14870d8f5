"""What the Python clients share: the loop over commands, and Python's values in the one form that all clients give (docs/sandbox-clients.md)."""
import base64
import datetime
import decimal
import json
import sys
import threading

UTC = datetime.timezone.utc


def normal(value, scale=0):
    """Text, or nothing."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, decimal.Decimal):
        return f"{value:.{scale}f}" if value.is_finite() else str(value)
    if isinstance(value, (bytes, bytearray)):
        return value.hex().upper()
    if isinstance(value, datetime.datetime):
        zone = "Z" if value.tzinfo else ""
        return (value.astimezone(UTC) if value.tzinfo else value).strftime("%Y-%m-%d %H:%M:%S.%f000").rjust(29, "0") + zone
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M:%S.%f000")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else str(value)


class Background:
    """One statement that runs while further commands are read."""

    def __init__(self, run):
        self._answer = None
        self._thread = threading.Thread(target=self._keep, args=(run,), daemon=True)
        self._thread.start()

    def _keep(self, run):
        self._answer = run()

    def wait(self):
        self._thread.join()
        return self._answer


def serve(client):
    """`client` has connect, execute, cancel, alive and close; each takes the command, and `failure` makes an answer of its exceptions.

    A driver that can run a statement besides has start and wait as well; for the others a thread waits.
    """
    running = None

    def tried(action, given):
        try:
            return action(given) or {"ok": True}
        except Exception as error:  # whatever the driver throws is its answer
            return {"error": client.failure(error)}

    for line in sys.stdin:
        given = json.loads(line)
        do = given["do"]
        if do == "start" and not hasattr(client, "start"):
            running = Background(lambda asked=given: tried(client.execute, asked))
            answer = {"ok": True}
        elif do == "wait" and running:
            answer = running.wait()
        else:
            answer = tried(getattr(client, do), given)
        print(json.dumps(answer), flush=True)


def der_of(pem):
    """The key's bytes between the lines that begin and end it."""
    return base64.b64decode("".join(line for line in pem.splitlines() if not line.startswith("-")))
