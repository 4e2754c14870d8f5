"""A study whose forms have the same number of variables, all answered, as files that `imednet-sandbox serve --studies` reads.

The sandbox makes as many records of it as are wanted (--synthetic). Values are text, as in the vendor's own sample, and never odd.
"""
import datetime
import json
import random

KEY, RECORDS, SUBJECTS = "UNIFORM", 1000, 200
STAMP = "2024-01-15 09:30:00"
KINDS = ("NUMBER", "DECIMAL", "DATE", "TEXT")
WORDS = "mild moderate severe headache nausea resolved ongoing placebo baseline normal left right morning evening".split()


def answer(kind, dice):
    if kind == "NUMBER":
        return str(dice.randrange(1, 400))
    if kind == "DECIMAL":
        return f"{dice.uniform(30, 200):.1f}"
    if kind == "DATE":
        return str(datetime.date(2024, 1, 1) + datetime.timedelta(days=dice.randrange(700)))
    return " ".join(dice.choices(WORDS, k=3))


def form_key(number):
    return "FORM" if number == 0 else f"FORM{number}"


def record(number, dice, variables=40, forms=1):
    subject, form = number % SUBJECTS, number % forms
    return {"studyKey": KEY, "intervalId": 100 + number % 12, "formId": 11 + form, "formKey": form_key(form), "siteId": 1 + subject % 20,
            "recordId": 1 + number, "recordOid": f"REC-{number:06}", "recordType": "SUBJECT", "recordStatus": "Record Complete", "deleted": False,
            "dateCreated": STAMP, "dateModified": STAMP, "subjectId": 1 + subject, "subjectOid": f"OID-{subject:04}",
            "subjectKey": f"01-{subject:03}", "visitId": 1000 + number, "parentRecordId": None, "keywords": [],
            "recordData": {f"variable{index:02}": answer(KINDS[index % 4], dice) for index in range(variables)}}


def write(folder, variables=40, forms=1, records=0):
    dice = random.Random(7)
    stamps = {"dateCreated": STAMP, "dateModified": STAMP}
    files = {
        "studies": [{"sponsorKey": "1", "studyKey": KEY, "studyId": 1, "studyName": "Uniform", "studyDescription": "", "studyType": "STUDY", **stamps}],
        "forms": [{"studyKey": KEY, "formId": 11 + form, "formKey": form_key(form), "formName": "Form", "formType": "Subject", "revision": 1, **stamps}
                  for form in range(forms)],
        "variables": [{"studyKey": KEY, "variableId": 1 + form * variables + index, "variableType": KINDS[index % 4], "variableName": f"variable{index:02}",
                       "sequence": index, "revision": 1, "disabled": False, "deleted": False, "formId": 11 + form, "formKey": form_key(form), "label": "",
                       **stamps} for form in range(forms) for index in range(variables)],
        "records": [record(number, dice, variables, forms) for number in range(records or max(forms, min(RECORDS, 200_000 // variables)))],
    }
    folder.mkdir(parents=True)
    for name, rows in files.items():
        lines = (json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
        (folder / f"{name}.ndjson").write_text("".join(lines), encoding="utf-8")
