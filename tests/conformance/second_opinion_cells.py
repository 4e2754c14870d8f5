"""A cell of an answer as text, the same for both sides; documents by what they hold."""
import datetime
import json


def text_of(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (bytes, bytearray)):
        return value.hex().upper()
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None).isoformat(" ")
    shown = str(value)
    try:  # documents are compared by what they hold
        held = json.loads(shown)
    except ValueError:
        return shown
    return json.dumps(held, separators=(",", ":"), sort_keys=True) if isinstance(held, (dict, list)) else shown
