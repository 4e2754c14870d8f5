#!/usr/bin/env python3
"""The library and the older SDK (the Python package imednet) read the same API, every resource, element by element and field by field.

Three things are held against one another for each field of each element: what the API sent, what the library's models say (imednet-sdk-fields),
what the older SDK's models say. The library must say what sdk/rules.py says; the older SDK the same, or differ for a reason of
sdk/differences.py; a reason that explains nothing is an error. `imednet … list` must print each element as it was sent.

Needs `tools/bootstrap python-sdk`. --write writes the tables of docs/python-sdk-compared.md anew.
"""
import collections
import csv
import io
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent / "sdk"))
import differences
import odd_study
import rules
from rules import ABSENT
from sandbox_server import Checks, parser
from served_api import Api

SAMPLE = "CDISCPILOT01"
ASKED_BY_KEY = {"subjects", "visits", "records", "record_revisions", "queries"}  # by the older SDK
NESTED = {"keywords", "record_data", "forms", "query_comments", "roles", "other_forms"}  # columns that may hold JSON
MOST_TOLD = 30
GETS_ONE = 3  # of each resource and study: the first, one in the middle, the last


class Tally:
    """What was compared, by resource, and how often each reason was one."""

    def __init__(self, check):
        self.check, self.elements, self.fields, self.alike, self.reasons = check, *(collections.Counter() for _ in range(4))
        self.bad = 0

    def compared(self, where, resource, reason):
        self.fields[resource] += 1
        if reason:
            self.reasons[reason] += 1
        self.alike[resource] += reason == ""
        self.good(f"{where} differs without a reason", reason is not None)

    def good(self, what, is_good):
        """Told only where it is not, and not each of many: there are hundreds of thousands."""
        if is_good:
            return
        self.bad += 1
        if self.bad <= MOST_TOLD:
            self.check.equal(what, False, True)


class Comparison:
    def __init__(self, tally, resource, time):
        self.tally, self.resource, self.time = tally, resource, time

    def element(self, where, wire, ours, theirs, is_mended=False, kinds=None):
        """One element, as sent and as both read it; `is_mended`: the older SDK could not read it as it was."""
        kinds = kinds or rules.RESOURCES[self.resource]
        for name, kind in kinds.items():
            self.field(f"{where} {name}", kind, wire.get(name, ABSENT), ours[name], theirs[name], is_mended)
        self.tally.good(f"{where}: names", set(kinds) == set(ours) == set(theirs))

    def field(self, where, kind, wire, ours, theirs, is_mended):
        if is_mended and wire == "" and (isinstance(kind, dict) or kind == rules.KEYWORDS):
            self.tally.compared(where, self.resource, '"" in a list' if theirs == [] and ours in ([], '""') else None)
        elif is_mended and kind == rules.PARTS:
            self.tally.compared(where, self.resource, "role times" if isinstance(wire, list) else "")
        elif kind == rules.PARTS:
            self.tally.compared(where, self.resource, differences.why(rules.STAMP, wire, ours, theirs, self.time))
        elif isinstance(kind, dict) and wire:
            elements = [] if wire is ABSENT else wire
            self.tally.good(f"{where}: as many", len(elements) == len(ours) == len(theirs))
            for number, parts in enumerate(zip(elements, ours, theirs)):
                self.element(f"{where}[{number}]", *parts, is_mended, kind)
        elif kind == rules.KEYWORDS and wire not in (ABSENT, None, ""):
            for number, (element, read) in enumerate(zip(wire, theirs)):
                self.element(f"{where}[{number}]", element, rules.typed(rules.KEYWORD, [element])[0], read, is_mended, rules.KEYWORD)
        else:
            self.tally.compared(where, self.resource, differences.why(kind, wire, ours, theirs, self.time))


def check_library(tally, where, resource, wire, line):
    """One element as the library read it, by the rules alone."""
    kinds, ours = rules.RESOURCES[resource], line["fields"]
    for name, kind in kinds.items():
        expected, said = rules.typed(kind, wire.get(name, ABSENT)), ours[name]
        if kind in (rules.KEYWORDS, rules.DATA) and said is not None:
            said = rules.exact(said)
        tally.good(f"{where} {name}: {said!r} instead of {expected!r}", said == expected and type(said) is type(expected))
        tally.good(f"{where} {name}: presence", line["presence"][name] == rules.presence(wire.get(name, ABSENT)))
    extra = [[name, value] for name, value in wire.items() if name not in kinds]
    tally.good(f"{where}: fields that nobody documents", [[name, rules.exact(text)] for name, text in line["extra"]] == extra)
    for _ in extra:
        tally.compared(where, resource, "dropped")  # the models of the older SDK have no place for them


def cells_of(wire, header, kinds):
    """An element as a row of CSV: a text as it is, anything nested as JSON (read here), nothing for what is absent or null."""
    names = {re.sub("([A-Z])", lambda letter: "_" + letter[1].lower(), name): name for name in kinds}
    values = [wire.get(names[column], ABSENT) for column in header]
    return [value if isinstance(value, (list, dict)) else rules.text_of(value) or "" for value in values]


def check_command(api, check, resource, study, texts):
    """`imednet … list` prints what was sent: an element a line, one array, or a table whose cells are the values."""
    words = [resource.replace("_", "-"), "list", *([] if resource == "studies" else [study]), *(["--include-inactive"] if resource == "users" else [])]
    sent = sorted(texts)
    check.equal(f"{study} {resource}: NDJSON is what was sent", sorted(api.output("imednet", *words, "--output", "ndjson").splitlines()) == sent, True)
    array = rules.exact(api.output("imednet", *words, "--output", "json"))
    check.equal(f"{study} {resource}: so is the JSON array", sorted(map(repr, array)) == sorted(repr(rules.exact(text)) for text in texts), True)
    header, *rows = csv.reader(io.StringIO(api.output("imednet", *words, "--output", "csv"), newline=""))
    cells = [cells_of(rules.exact(text), header, rules.RESOURCES[resource]) for text in texts]
    nested = [[rules.exact(cell) if cell.startswith(("[", "{")) and column in NESTED else cell for column, cell in zip(header, row)] for row in rows]
    check.equal(f"{study} {resource}: CSV alters no value", sorted(map(repr, nested)) == sorted(map(repr, cells)), True)
    check.equal(f"{study} {resource}: CSV has every field", len(header), len(rules.RESOURCES[resource]))


def compare_list(api, tally, resource, study, lines, theirs, time):
    texts = api.sent(resource, study)
    check_command(api, tally.check, resource, study, texts)
    wire_of = {text: rules.exact(text) for text in texts}
    id_name, kinds = rules.ID_OF[resource], rules.RESOURCES[resource]
    ours = {line["fields"][id_name]: line for line in lines}
    tally.check.equal(f"{study} {resource}: elements, each with an id", (len(lines), len(ours), len(wire_of)), (len(texts),) * 3)
    seen = api.sent(resource, study, by_key=resource in ASKED_BY_KEY)
    tally.check.equal(f"{study} {resource}: elements of the older SDK", len(theirs["elements"]), len(seen))
    tally.reasons["asked by key"] += len(texts) - len(seen)
    tally.elements[resource] += len(texts)
    comparison, read = Comparison(tally, resource, time), dict(zip(seen, theirs["elements"]))
    for text, wire in wire_of.items():
        id = rules.typed(kinds[id_name], wire[id_name])
        check_library(tally, f"{study} {resource} {id}", resource, wire, ours[id])
        if text in read:
            tally.good(f"{study} {resource} {id}: read by the older SDK", "fields" in read[text])
            comparison.element(f"{study} {resource} {id}", wire, ours[id]["fields"], read[text]["fields"], "mended" in read[text])
    return texts


def compare_jobs(api, tally, answers, theirs, time):
    kinds = rules.RESOURCES["jobs"]
    for number, (text, their) in enumerate(zip(answers, theirs)):
        line, wire = api.by_library("job", SAMPLE, f"odd-{number}-")[0], rules.exact(text)
        both = [line["fields"].pop(name) == their["fields"].pop(name) for name in ("isTerminal", "hasFailed")]
        is_done_at_once = not wire.get("state") and not wire.get("batchId")
        tally.good(f"job {text}: whether it ended, and how", all(both) or is_done_at_once)
        check_library(tally, f"job {number}", "jobs", wire, line)
        Comparison(tally, "jobs", time).element(f"job {number}", wire, line["fields"], their["fields"])
    tally.elements["jobs"] += len(answers)
    tally.check.equal("jobs: names of fields", len(kinds), 8)


def asked_singly(texts_of):
    """[resource, study, id] of some elements of each list, and the same as the older SDK asks: for subjects by their key."""
    found, by_key = [], []
    for (resource, study), texts in texts_of.items():
        for text in dict.fromkeys(texts[len(texts) * part // GETS_ONE - (part == GETS_ONE)] for part in range(GETS_ONE + 1)):
            wire = rules.exact(text)
            found.append([resource, study, wire[rules.ID_OF[resource]]])
            by_key.append([resource, study, wire["subjectKey" if resource == "subjects" else rules.ID_OF[resource]]])
    return found, by_key


def compare_gets(api, tally, asked, theirs, lists):
    """An element by its id is what it is in the list; the older SDK gets it as well, but users."""
    by_study = collections.defaultdict(list)
    for resource, study, id in asked:
        by_study[study].append(f"{resource} {id}")
    ours = {study: dict(zip(wanted, api.by_library("get", study, stdin="\n".join(wanted) + "\n"))) for study, wanted in by_study.items()}
    count = collections.Counter()
    for (resource, study, id), their in zip(asked, theirs):
        line, where = ours[study][f"{resource} {id}"], f"{study} {resource} {id} by id"
        tally.good(f"{where}: {line.get('message')}", line in lists[study])
        refused = "BadRequestError" if resource == "users" else None  # it sends a filter, which users have not
        tally.good(f"{where}: {their}", their.get("error") == refused)
        if not refused:
            tally.good(f"{where}: the older SDK's is that one", str(their["fields"][rules.ID_OF[resource]]) in (str(id), "0"))
        count[resource] += 1
    return count


def shown(value):
    return f"`{value}`" if not isinstance(value, str) or value.startswith("{") else value


def compare_refused(check, lines_of, theirs):
    """What one of the two can't read; the rows of that table."""
    rows = []
    for number, ((resource, field, text, ours, their), answer) in enumerate(zip(odd_study.REFUSED, theirs)):
        lines = [line for line in lines_of[f"REFUSED{number}"] if line["resource"] == resource]
        if "error" in lines[0]:
            said = f"error {lines[0]['error']}"
            check.equal(f"{resource}.{field} {text}: the error names the field, not the value", (field in lines[0]["message"], text in lines[0]["message"]), (True, False))
        else:
            read = lines[0]["fields"][field]
            said = "the text, and no time" if read == {"text": rules.exact(text), "utc": None} else read
        says = "error for the list" if "error" in answer else answer["elements"][0]["fields"][field]
        check.equal(f"{resource}.{field} {text}", (said, says), (ours, their))
        rows.append(f"| `{resource}.{field}` | `{text}` | {said} | {shown(says)} |")
    return ["| field | as sent | library | older SDK |", "|---|---|---|---|", *rows]


def tables(tally, gets):
    """Of the page: what was compared, and what differs."""
    compared = ["| resource | elements | fields | read alike | explained | by id |", "|---|---|---|---|---|---|"]
    for resource in rules.RESOURCES:
        fields, alike = tally.fields[resource], tally.alike[resource]
        compared.append(f"| {resource.replace('_', ' ')} | {tally.elements[resource]:,} | {fields:,} | {alike:,} | {fields - alike:,} | {gets[resource] or '–'} |")
    sums = [sum(counter.values()) for counter in (tally.elements, tally.fields, tally.alike, gets)]
    compared.append(f"| all | {sums[0]:,} | {sums[1]:,} | {sums[2]:,} | {sums[1] - sums[2]:,} | {sums[3]} |")
    differ = ["| rule | what the API sent | library | older SDK | fields |", "|---|---|---|---|---|"]
    for reason, texts in differences.REASONS.items():
        differ.append(f"| {reason} | {' | '.join(texts)} | {tally.reasons[reason]:,} |")
    return {"compared": compared, "differences": differ}


def check_page(check, path, parts, is_written):
    page = path.read_text(encoding="utf-8")
    for name, lines in parts.items():
        begin, end = f"<!-- {name}: begin -->\n", f"\n<!-- {name}: end -->"
        start, stop = page.index(begin) + len(begin), page.index(end)
        if is_written:
            page = page[:start] + "\n".join(lines) + page[stop:]
        else:
            check.equal(f"{path.name}: the table {name} is up to date (else: --write)", page[start:stop], "\n".join(lines))
    if is_written:
        path.write_text(page, encoding="utf-8")


def main():
    arguments = parser()
    arguments.add_argument("--write", action="store_true")
    options, check = arguments.parse_args(), Checks()
    tally = Tally(check)
    refused = [[resource, f"REFUSED{number}"] for number, (resource, *_) in enumerate(odd_study.REFUSED)]
    with tempfile.TemporaryDirectory() as folder, Api(options.bin, options.source, pathlib.Path(folder)) as api:
        answers = odd_study.jobs()
        for number, text in enumerate(answers):
            api.order_job(f"odd-{number}-", text)
        wanted = [[resource, study] for study in (SAMPLE, odd_study.STUDY) for resource in rules.ID_OF if (resource, study) != ("studies", SAMPLE)]
        texts_of = {tuple(one): api.sent(*one) for one in wanted}
        asked, asked_by_key = asked_singly(texts_of)
        theirs = api.by_python({"lists": wanted + refused, "gets": asked_by_key, "jobs": [[SAMPLE, f"odd-{number}-"] for number in range(len(answers))]})
        lists = {study: api.by_library("list", study) for study in {study for _, study in wanted + refused}}
        for (resource, study), their in zip(wanted, theirs["lists"]):
            lines = [line for line in lists[study] if line["resource"] == resource]
            compare_list(api, tally, resource, study, lines, their, theirs["time"])
        compare_jobs(api, tally, answers, theirs["jobs"], theirs["time"])
        gets = compare_gets(api, tally, asked, theirs["gets"], lists)
        parts = {"refused": compare_refused(check, lists, theirs["lists"][len(wanted):])}
    for reason in differences.REASONS:
        check.equal(f"the rule {reason!r} explains something", tally.reasons[reason] > 0, True)
    check_page(check, pathlib.Path(options.source) / "docs/python-sdk-compared.md", tables(tally, gets) | parts, options.write)
    if tally.bad > MOST_TOLD:
        print(f"FAIL and {tally.bad - MOST_TOLD} more of that kind")
    print(f"{sum(tally.fields.values())} fields of {sum(tally.elements.values())} elements compared, {sum(tally.alike.values())} read alike")
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
