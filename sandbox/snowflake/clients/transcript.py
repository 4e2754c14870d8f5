"""What was said to each client and what it answered, without secrets and without what differs from run to run, to lay two beside each other."""
import json
import re

SECRETS = ("password", "private_key", "token")
NAMES = ("host", "account", "user", "database", "schema", "warehouse", "role", "stage")
MOST_ROWS = 20
LONGEST_TEXT = 500
CHANGING = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "<digest>"),
    (re.compile(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT"), "<moment>"),
    (re.compile(r"\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[.\d]*Z?"), "<moment>"),
    (re.compile(r"(https?://)?127\.0\.0\.1:\d+"), "<host>"),
)


class Transcript:
    def __init__(self, path):
        self._path, self._notes = path, []

    def note(self, world, command, answer):
        secrets = {name: "<secret>" for name in SECRETS if command.get(name)}
        answer = dict(answer)
        if len(answer.get("rows") or []) > MOST_ROWS:
            answer["more_rows"], answer["rows"] = len(answer["rows"]) - MOST_ROWS, answer["rows"][:MOST_ROWS]
        one = {"client": world.client, "step": world.step_title, "command": {**command, **secrets}, "answer": answer}
        self._notes.append(self._redacted(one, world))

    def _redacted(self, value, world):
        if isinstance(value, dict):
            return {name: self._redacted(inner, world) for name, inner in value.items() if name not in ("port", "protocol")}
        if isinstance(value, list):
            return [self._redacted(inner, world) for inner in value]
        if not isinstance(value, str):
            return value
        text = value.replace(str(world.folder), "<folder>")
        for name in (*SECRETS, "own_key", "other_key", "oauth_token", "access_token"):
            if world.where.get(name):
                text = text.replace(world.where[name], "<secret>")
        for name in NAMES:
            if world.where.get(name):
                text = re.sub(re.escape(world.where[name]), f"<{name}>", text, flags=re.IGNORECASE)
        for pattern, word in CHANGING:
            text = pattern.sub(word, text)
        return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}… {len(text)} characters"

    def write(self):
        self._notes.sort(key=lambda one: one["client"])  # stable: within a client as it was said
        with self._path.open("w", encoding="utf-8") as out:
            for one in self._notes:
                out.write(json.dumps(one, ensure_ascii=False) + "\n")
