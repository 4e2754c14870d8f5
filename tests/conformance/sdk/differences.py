"""Where the older SDK reads a field otherwise than this library, and why; whatever differs besides is an error.

why(kind, wire, ours, theirs, …) names the rule of REASONS that explains one field, "" where both read the same, None where nothing explains it.
"""
import json

import rules
from rules import ABSENT

# rule -> (what the API sent, what the library says, what the older SDK says)
REASONS = {
    "no zone": ("a stamp without a mark of its zone, which is UTC", "a time point in UTC", "the same date and time, of no zone"),
    "nothing is \"\"": ("an absent or null text", "no value", "`\"\"`"),
    "nothing is 0": ("an absent, null or empty number", "no value", "0"),
    "nothing is false": ("an absent, null or empty flag", "no value", "false"),
    "nothing is an object": ("an absent, null or empty `recordData`, or keywords of a record", "no value", "an object or list without elements"),
    "nothing is 1969": ("a null or empty stamp", "no time; `\"\"` stays the text", "1969-04-20 16:20"),
    "nothing is now": ("no stamp", "no time", "the moment of the reading"),
    "day at midnight": ("a calendar date of a visit", "the text", "midnight of that day, of no zone"),
    "empty date": ("`\"\"` for a date of a visit", "the text `\"\"`", "no value"),
    "stamp without a time": ("a stamp that is a date only", "the text, and no time", "midnight"),
    "respelled": ("a number or a flag where a text belongs", "its JSON text: `1.50`, `true`", "as Python prints it: `1.5`, `True`"),
    "a flag of a list": ("`otherForms` as a list", "no value", "false"),
    "letters are 0": ("a `codingId` that is a text", "the text", "0"),
    "coding id as text": ("a `codingId` that is a number", "a text, since it may be either", "a number"),
    "progress as text": ("`progress` of a job as a text that Python's `int()` refuses, `\"12.0\"`", "the number", "0"),
    "role times": ("times of a user's roles as arrays", "time points in UTC, and the text", "an error for the whole list of users"),
    "\"\" in a list": ("`\"\"` where a list belongs", "an empty list", "an error for the whole list"),
    "dropped": ("a field that nobody documents", "kept: `extra_fields()`, `raw`", "dropped"),
    "asked by key": ("an element that does not name its study", "listed", "not found: it asks with `filter=studyKey==…` besides"),
}
SENTINEL = {"time": "1969-04-20T16:20:00.000000", "zone": False}
NOTHING = ("", 0, False)


def of_nothing(kind, wire, ours, theirs, theirs_began_ended):
    """The API sent nothing, or "" where a number or a flag belongs."""
    if kind == rules.STAMP:
        if wire is ABSENT:
            return "nothing is now" if theirs_began_ended[0] <= theirs["time"] <= theirs_began_ended[1] and not theirs["zone"] else None
        return "nothing is 1969" if theirs == SENTINEL else None
    names = {rules.TEXT: ("nothing is \"\"", ""), rules.ID: ("nothing is 0", 0), rules.CODING_ID: ("nothing is 0", 0),
             rules.FLAG: ("nothing is false", False), rules.OTHER_FORMS: ("nothing is false", False),
             rules.DATA: ("nothing is an object", {}), rules.KEYWORDS: ("nothing is an object", [])}
    name, default = names.get(kind, (None, None))
    return name if name and same(theirs, default) else None


def same(one, other):
    """Equal, and of one type: 1 is not true."""
    return type(one) is type(other) and one == other


def of_stamp(wire, ours, theirs):
    if ours["utc"] is None:
        midnight = theirs == {"time": f"{wire}T00:00:00.000000", "zone": False}
        return "stamp without a time" if midnight else None
    if theirs["time"] != ours["utc"]:
        return None
    return "" if theirs["zone"] else "no zone"


def of_value(kind, wire, ours, theirs):
    if kind == rules.STAMP:
        return of_stamp(wire, ours, theirs)
    if kind == rules.DATE:
        if ours == "":
            return "empty date" if theirs is None else None
        return "day at midnight" if theirs == {"time": f"{ours}T00:00:00.000000", "zone": False} else None
    if kind == rules.OTHER_FORMS and isinstance(wire, list):
        return "a flag of a list" if ours is None and theirs is False else None
    if kind == rules.ID and isinstance(wire, str) and "." in wire and theirs == 0:
        return "progress as text"
    if kind == rules.CODING_ID:
        return "coding id as text" if str(theirs) == ours else "letters are 0" if theirs == 0 and not ours.isdigit() else None
    if kind == rules.TEXT and isinstance(wire, (bool, rules.Number)):
        return "respelled" if theirs == str(json.loads(wire) if isinstance(wire, rules.Number) else wire) else None
    if kind == rules.DATA:
        return "" if same(json.loads(ours), theirs) else None
    return None


def why(kind, wire, ours, theirs, theirs_began_ended):
    if same(ours, theirs):
        return ""
    is_nothing = wire is ABSENT or wire is None or (wire == "" and kind not in (rules.TEXT, rules.DATE))
    if is_nothing:
        return of_nothing(kind, wire, ours, theirs, theirs_began_ended)
    return of_value(kind, wire, ours, theirs)
