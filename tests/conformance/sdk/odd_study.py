"""A study whose elements say the same things in every way that the API was seen to, or may: one field odd at a time.

elements(resource) makes JSON texts. Field kinds: rules.py.
"""
import json

import rules

STUDY = "ODD"
# JSON texts of each kind, beside absent, null and "".
SPELLINGS = {
    rules.TEXT: ['"é – \\ud83d\\ude00 \\"x\\" \\\\ \\n"', '" spaced "', '"null"', '"0"', "12", "1.50", "true", "false"],
    rules.ID: ['"12"', "12.0", "1.2e1", '" 7 "', '"12.0"', "-3", "0", "9007199254740993", '"9007199254740993"', "9223372036854775807"],
    rules.FLAG: ["false", '"true"', '"True"', '"TRUE"', '"false"', '"False"', '"FALSE"', "1", "0", '"1"', '"0"'],
    rules.OTHER_FORMS: ["false", '"true"', "1", "[]", '["AE"]'],
    rules.STAMP: ['"2026-01-31T12:00:00"', '"2026-01-31T12:00:00Z"', '"2026-01-31 06:00:00-06:00"', '"2026-01-31T17:30:00+05:30"',
                  '"2026-01-31 12:00:00.5"', '"2026-01-31T12:00:00.123456789Z"', '"0001-01-01 00:00:00"', '"9999-12-31 23:59:59"',
                  '"2024-02-29 23:59:59"', '"2026-01-31"'],
    rules.DATE: ['"2024-02-29"', '"1900-01-01"'],
    rules.PARTS: ["[2026,1,31]", "[2026,1,31,12]", "[2026,1,31,12,5]", "[2026,1,31,12,5,9]", "[2026,1,31,12,5,9,123456789]", '"2026-01-31 12:00:00"'],
    rules.CODING_ID: ['"C1"', '"17"', '"MedDRA 7"'],
    rules.KEYWORDS: ['[{"keywordName":"Ä","keywordKey":"A","keywordId":"3","dateAdded":"2026-01-31 12:00:00"}]', '[{"keywordName":null},{}]'],
    rules.DATA: ['{"a":""}', '{"Pain Level":null,"b":[1,"2",{"c":true}],"d":{"e":1}}', '{"n":37.20,"m":"-1.5","é":"\\u00e9"}',
                 '{"dateCreated":"2018-10-18 06:21:46","recordId":1}'],
}
USUAL = {rules.ID: "41", rules.FLAG: "true", rules.OTHER_FORMS: "true", rules.STAMP: '"2026-01-31 12:00:00"', rules.DATE: '"2026-02-28"',
         rules.PARTS: "[2026,1,31,12,0,0,0]", rules.KEYWORDS: "[]", rules.DATA: '{"aeterm":"Headache","n":"1"}'}
# An element by itself in a study, that one of the two can't read: resource, field, JSON text, what the library and the older SDK make of it.
REFUSED = (
    ("sites", "dateCreated", '"yesterday"', "the text, and no time", "error for the list"),
    ("forms", "revision", "12.5", "error decode", 12),
    ("forms", "disabled", '"yes"', "error decode", True),
    ("forms", "disabled", '"maybe"', "error decode", False),
    ("variables", "sequence", '"many"', "error decode", 0),
    ("visits", "subjectId", "9223372036854775808", "error decode", 9223372036854775808),
    ("sites", "siteName", '{"a":1}', "error decode", "{'a': 1}"),
    ("queries", "queryComments", '"none"', "error decode", "error for the list"),
)


def usual(name, kind):
    if isinstance(kind, dict):
        return "[" + spelled({inner: usual(inner, one) for inner, one in kind.items()}) + "]"
    return USUAL.get(kind) or json.dumps(STUDY if name == "studyKey" else f"{name} of it")


def spelled(fields):
    return "{" + ",".join(f'"{name}":{text}' for name, text in fields.items()) + "}"


def spellings(name, kind):
    """Each JSON text that a field is tried as; None: absent."""
    if name == "studyKey":
        return [None, '""']
    if not isinstance(kind, dict):
        return [None, "null", '""', *SPELLINGS[kind]]
    element = {inner: usual(inner, one) for inner, one in kind.items()}
    odd = [{**element, inner: text} for inner, one in kind.items() for text in spellings(inner, one)]
    several = ",".join(spelled(element) for _ in range(3))
    return [None, "null", '""', "[]", f"[{several}]",
            *("[" + spelled({inner: text for inner, text in fields.items() if text is not None}) + "]" for fields in odd)]


def own(resource, number):
    """What an element is known by."""
    id_name = rules.ID_OF[resource]
    named = {id_name: json.dumps(f"{STUDY}_{number}") if resource in ("studies", "users") else str(number)}
    return named | ({"subjectKey": f'"S-{number}"'} if resource == "subjects" else {})


def elements(resource):
    """The JSON texts: each field in each spelling, with an id of its own."""
    kinds, id_name = rules.RESOURCES[resource], rules.ID_OF[resource]
    base = {name: usual(name, kind) for name, kind in kinds.items()}
    tried = [{}] + [{name: text} for name, kind in kinds.items() if name != id_name for text in spellings(name, kind)]
    if resource == "codings":
        tried += [{id_name: text} for text in SPELLINGS[rules.CODING_ID]]
    whole = [{**base, **own(resource, number), **odd} for number, odd in enumerate(tried, 1000)]
    undocumented = {"timeZone": '"Europe/Zürich"', "tags": "[1, 2.50]", "open": "null"}
    whole.append({**base, **own(resource, 9), **undocumented})
    return [spelled({name: text for name, text in fields.items() if text is not None}) for fields in whole]


def jobs():
    """Answers about a job: each state in each casing, and each field in each spelling."""
    kinds = rules.RESOURCES["jobs"]
    base = {**{name: usual(name, kind) for name, kind in kinds.items()}, "state": '"completed"'}
    states = ("created", "running", "PROCESSING", "completed", "COMPLETED", "Success", "SUCCESS", "failed", "FAILED", "Cancelled", "CANCELLED", "unheard of")
    tried = [{"state": json.dumps(state)} for state in states]
    tried += [{name: text} for name, kind in kinds.items() for text in spellings(name, kind)]
    return [spelled({name: text for name, text in {**base, **odd}.items() if text is not None}) for odd in tried]


def write_refused(folder):
    """A study for each of REFUSED."""
    for number, (resource, field, text, *_) in enumerate(REFUSED):
        study = folder / f"refused{number}"
        study.mkdir()
        kinds, key = rules.RESOURCES[resource], f"REFUSED{number}"
        element = {**{name: usual(name, kind) for name, kind in kinds.items()}, "studyKey": json.dumps(key), field: text}
        (study / "studies.ndjson").write_text(spelled({"studyKey": json.dumps(key)}) + "\n", encoding="utf-8")
        (study / f"{resource}.ndjson").write_text(spelled(element) + "\n", encoding="utf-8")
        yield study


def write(folder):
    """As `imednet-sandbox --studies` reads it."""
    folder.mkdir(parents=True)
    for resource in rules.ID_OF:
        name = "recordRevisions" if resource == "record_revisions" else resource
        texts = elements(resource)
        if resource == "studies":  # the one that all else belongs to comes first
            texts = [spelled({**{field: usual(field, kind) for field, kind in rules.RESOURCES[resource].items()}}), *texts]
        (folder / f"{name}.ndjson").write_text("".join(text + "\n" for text in texts), encoding="utf-8")
