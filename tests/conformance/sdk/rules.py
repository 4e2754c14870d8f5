"""What each documented field must come out as, stated without the library: kinds of fields, and a value's reading by its kind.

Source: docs/api.md (Leniency, Dates and times).
"""
import datetime
import json
import re

ABSENT = object()
TEXT, ID, FLAG, STAMP, DATE, OTHER_FORMS, PARTS, CODING_ID, KEYWORDS, DATA = (
    "text", "id", "flag", "stamp", "date", "other forms", "parts", "coding id", "keywords", "data")


class Number(str):
    """A number as it is spelled."""


def exact(text):
    """JSON with numbers as spelled; an object is a dictionary in its order."""
    return json.loads(text, parse_int=Number, parse_float=Number)


def kinds(description):
    """"text: a b; id: c" -> {"a": TEXT, …}"""
    return {name: kind.strip() for kind, names in (part.split(":") for part in description.split(";")) for name in names.split()}


KEYWORD = kinds("text: keywordName keywordKey; id: keywordId; stamp: dateAdded")
INTERVAL_FORM = kinds("id: formId; text: formKey formName")
COMMENT = kinds("id: sequence; text: annotationStatus user comment; flag: closed; stamp: date")
ROLE = kinds("parts: dateCreated dateModified; text: roleId name description type; id: communityId level; flag: inactive")
RESOURCES = {
    "studies": kinds("text: sponsorKey studyKey studyName studyDescription studyType; id: studyId; stamp: dateCreated dateModified"),
    "sites": kinds("text: studyKey siteName siteEnrollmentStatus; id: siteId; stamp: dateCreated dateModified"),
    "forms": kinds("text: studyKey formKey formName formType; id: formId revision; flag: embeddedLog enforceOwnership userAgreement "
                   "subjectRecordReport unscheduledVisit eproForm allowCopy disabled; other forms: otherForms; stamp: dateCreated dateModified"),
    "intervals": kinds("text: studyKey intervalName intervalDescription intervalGroupName timeline definedUsingInterval windowCalculationForm "
                       "windowCalculationDate actualDateForm actualDate; id: intervalId intervalSequence intervalGroupId dueDateWillBeIn "
                       "negativeSlack positiveSlack eproGracePeriod; flag: disabled; stamp: dateCreated dateModified") | {"forms": INTERVAL_FORM},
    "variables": kinds("text: studyKey variableType variableName variableOid formKey formName label; id: variableId sequence revision formId; "
                       "flag: disabled deleted blinded; stamp: dateCreated dateModified"),
    "subjects": kinds("text: studyKey subjectOid subjectKey subjectStatus siteName; id: subjectId siteId; flag: deleted; "
                      "stamp: enrollmentStartDate dateCreated dateModified") | {"keywords": KEYWORD},
    "visits": kinds("text: studyKey intervalName subjectKey visitDateForm visitDateQuestion; id: visitId intervalId subjectId; "
                    "date: startDate endDate dueDate visitDate; flag: deleted; stamp: dateCreated dateModified"),
    "records": kinds("text: studyKey formKey recordOid recordType recordStatus subjectOid subjectKey; id: recordId intervalId formId siteId "
                     "subjectId visitId parentRecordId; flag: deleted; stamp: dateCreated dateModified; keywords: keywords; data: recordData"),
    "record_revisions": kinds("text: studyKey recordOid recordStatus subjectOid subjectKey formKey role user reasonForChange; id: recordRevisionId "
                              "recordId recordRevision dataRevision subjectId siteId intervalId; flag: deleted; stamp: dateCreated"),
    "queries": kinds("text: studyKey subjectOid annotationType type description variable subjectKey; id: annotationId subjectId recordId; "
                     "stamp: dateCreated dateModified") | {"queryComments": COMMENT},
    "codings": kinds("text: studyKey siteName subjectKey formName formKey variable value code codedBy reason dictionaryName dictionaryVersion; "
                     "id: siteId subjectId formId revision recordId; coding id: codingId; stamp: dateCoded"),
    "users": kinds("text: userId login firstName lastName email; flag: userActiveInStudy") | {"roles": ROLE},
    "jobs": kinds("text: jobId batchId state resultUrl; id: progress; stamp: dateCreated dateStarted dateFinished"),
}
ID_OF = {"studies": "studyKey", "sites": "siteId", "forms": "formId", "intervals": "intervalId", "variables": "variableId",
         "subjects": "subjectId", "visits": "visitId", "records": "recordId", "record_revisions": "recordRevisionId",
         "queries": "annotationId", "codings": "codingId", "users": "userId"}
STAMP_FORM = re.compile(r"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):?(\d\d))?")


def utc(text):
    """The time that a stamp says, as 2026-01-31T12:00:00.000000."""
    found = STAMP_FORM.fullmatch(text or "")
    if not found:
        return None
    *parts, fraction, sign, hours, minutes = found.groups()
    try:
        when = datetime.datetime(*map(int, parts), int((fraction or "0")[:6].ljust(6, "0")))
    except ValueError:
        return None
    if sign:
        when -= datetime.timedelta(hours=int(hours), minutes=int(minutes)) * (1 if sign == "+" else -1)
    return when.isoformat(timespec="microseconds")


def text_of(value):
    if value is ABSENT or value is None:
        return None
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def id_of(value):
    text = (text_of(value) or "").strip()
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return int(float(text)) if text else None


def flag_of(value):
    return {"true": True, "1": True, "false": False, "0": False, "": None}[(text_of(value) or "").lower()]


def parts_of(value):
    """A role's time: year, month, day, then what is not zero of hour, minute, second, nanosecond."""
    if not isinstance(value, list):
        return {"text": text_of(value), "utc": utc(text_of(value))}
    text, numbers = "[" + ",".join(value) + "]", [int(part) for part in value] + [0] * (7 - len(value))
    if len(value) < 3:
        return {"text": text, "utc": None}
    return {"text": text, "utc": datetime.datetime(*numbers[:6], numbers[6] // 1000).isoformat(timespec="microseconds")}


def typed(kind, value):
    """What the library must say of a field: `value` as exact() reads it, or ABSENT."""
    if isinstance(kind, dict):
        return [{name: typed(one, element.get(name, ABSENT)) for name, one in kind.items()} for element in value or []] if value is not ABSENT else []
    if kind == OTHER_FORMS:
        return None if isinstance(value, list) else flag_of(value)
    if kind == STAMP:
        return {"text": text_of(value), "utc": utc(text_of(value))}
    if kind in (KEYWORDS, DATA):
        return None if value in (ABSENT, None) or (kind == DATA and value == "") else value  # JSON as sent
    return {TEXT: text_of, DATE: text_of, CODING_ID: text_of, ID: id_of, FLAG: flag_of, PARTS: parts_of}[kind](value)


def presence(value):
    return "absent" if value is ABSENT else "null" if value is None else "empty" if value in ("", [], {}) and not isinstance(value, bool) else "value"
