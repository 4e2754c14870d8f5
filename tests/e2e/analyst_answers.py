"""What the questions of docs/analyst-questions.md come to, by plain Python from the elements that the sample API serves: no database, no typed table, nothing of the product."""
import collections
import datetime
import gzip
import json
import re

import harness

SHOWN = 5  # rows of the questions for the most of something


def read_study():
    folder = harness.SOURCE / "sandbox/data/cdiscpilot01"

    def lines(name):
        path = folder / f"{name}.ndjson"
        text = path.read_text(encoding="utf-8") if path.exists() else gzip.open(f"{path}.gz", "rt", encoding="utf-8").read()
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    return {name: lines(name) for name in ("sites", "forms", "intervals", "variables", "subjects", "visits", "records")}


def number(text):
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text or "") else None


def day(text):
    return datetime.date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text or "") else None


def mean(values):
    found = [value for value in values if value is not None]
    return sum(found) / len(found) if found else None


def count_known(values):
    return sum(value is not None for value in values)


def groups(elements, *keys):
    """The elements by what the keys say of them, in order."""
    found = collections.defaultdict(list)
    for element in elements:
        found[tuple(key(element) for key in keys)].append(element)
    return sorted(found.items())


def by_most(rows, count=2):
    """The rows with the largest count first, then by what stands before it."""
    return sorted(rows, key=lambda row: (-row[count], row[:count]))[:SHOWN]


def answer(key):
    return lambda record: record["recordData"].get(key, "")


class Answers:
    """`study`: lists of elements by name, records as the API holds them now."""

    def __init__(self, study):
        self.study, self.records = study, study["records"]

    def of(self, form, **fields):
        return [one for one in self.records if one["formKey"] == form and all(one[name] == value for name, value in fields.items())]

    def all(self):
        return [getattr(self, f"question_{n}")() for n in range(1, 21)]

    def arm_of(self):
        return {one["subjectKey"]: answer("planned_arm")(one) for one in self.of("DM")}

    def question_1(self):
        return [(form, len(ones), sum(one["deleted"] for one in ones), max(one["dateModified"] for one in ones))
                for (form,), ones in groups(self.records, lambda one: one["formKey"])]

    def question_2(self):
        names = {one["siteId"]: one["siteName"] for one in self.study["sites"]}
        return by_most([(site, names[site], len({one["subjectKey"] for one in ones})) for (site,), ones in groups(self.of("DM"), lambda one: one["siteId"])])

    def question_3(self):
        open_ones = [one for one in self.records if one["recordStatus"] == "Record Incomplete" and not one["deleted"]]
        return by_most([(form, site, len(ones)) for (form, site), ones in groups(open_ones, lambda one: one["formKey"], lambda one: one["siteId"])])

    def question_4(self):
        return sorted((one["recordId"], one["subjectKey"]) for one in self.of("AE", deleted=True))

    def question_5(self):
        return [(race, sex, len(ones)) for (race, sex), ones in groups(self.of("DM"), answer("it.race"), answer("it.sex"))]

    def question_6(self):
        ages = [age for age in map(number, map(answer("it.age"), self.of("DM"))) if age is not None]
        return [(len(ages), mean(ages), min(ages), max(ages))]

    def question_7(self):
        days = list(map(day, map(answer("ic_dt"), self.of("DM"))))
        known = [one for one in days if one]
        return [(min(known), max(known), len(days) - len(known))]

    def question_8(self):
        starts = map(answer("it.aestdat"), self.of("AE"))
        return sorted(collections.Counter(text for text in starts if text and not day(text)).items())

    def question_9(self):
        ones = self.of("VS")
        return [(len(ones), *(sum(not answer(key)(one) for one in ones) for key in ("it.temp", "it.weight", "it.height_vsorres", "pulse")))]

    def question_10(self):
        found = []
        for (position,), ones in groups(self.of("VS", deleted=False), answer("subpos")):
            pressures = [number(answer("sys_bp")(one)) for one in ones]
            found += [(position, count_known(pressures), mean(pressures))] if position else []
        return found

    def question_11(self):
        arms, found = self.arm_of(), collections.defaultdict(list)
        for one in self.of("VS"):
            if one["subjectKey"] in arms:
                found[arms[one["subjectKey"]]].append(number(answer("sys_bp")(one)))
        return [(arm, count_known(values), mean(values)) for arm, values in sorted(found.items())]

    def question_12(self):
        arms, last = self.arm_of(), {}
        for one in self.of("VS"):
            weight, taken = number(answer("it.weight")(one)), day(answer("vtld")(one))
            if weight is not None and taken:
                last[one["subjectKey"]] = max(last.get(one["subjectKey"], (datetime.date.min, 0, 0)), (taken, one["recordId"], weight))
        found = groups(((arms[subject], weight) for subject, (_, _, weight) in last.items() if subject in arms), lambda pair: pair[0])
        return [(arm, len(pairs), mean([weight for _, weight in pairs])) for (arm,), pairs in found]

    def question_13(self):
        return by_most([(term, len(ones), len({one["subjectKey"] for one in ones})) for (term,), ones in groups(self.of("AE", deleted=False), answer("aedecod"))], count=1)

    def question_14(self):
        return [(severity, serious, len(ones)) for (severity, serious), ones in groups(self.of("AE"), answer("it.aesev"), answer("it.aeser"))]

    def question_15(self):
        spans = [(day(answer("it.aestdat")(one)), day(answer("it.aeendat")(one))) for one in self.of("AE")]
        days = [(end - start).days for start, end in spans if start and end]
        return [(len(days), min(days), max(days), mean(days))]

    def question_16(self):
        return sorted(collections.Counter(str(start.year) for start in map(day, map(answer("it.aestdat"), self.of("AE"))) if start).items())

    def question_17(self):
        visits = {one["visitId"]: one["intervalId"] for one in self.study["visits"]}
        names = {one["intervalId"]: one["intervalName"] for one in self.study["intervals"]}
        found = collections.defaultdict(set)
        for one in self.of("VS"):
            if one.get("visitId") in visits:
                found[names[visits[one["visitId"]]]].add(one["visitId"])
        return by_most([(name, len(ids)) for name, ids in found.items()], count=1)

    def question_18(self):
        found = []
        for form in sorted(self.study["forms"], key=lambda one: one["formKey"]):
            variables = [one for one in self.study["variables"] if one["formId"] == form["formId"]]
            found.append((form["formKey"], form["formName"], len(variables), sum(one["blinded"] for one in variables), sum(one["formId"] == form["formId"] for one in self.records)))
        return found

    def question_19(self):
        dosed = {one["subjectKey"] for one in self.of("EC")}
        never = [one for one in self.study["subjects"] if one["subjectKey"] not in dosed]
        rows = [(status, site, len(ones)) for (status, site), ones in groups(never, lambda one: one["subjectStatus"], lambda one: one["siteName"])]
        return sorted(rows, key=lambda row: (-row[2], row[1]))[:SHOWN]

    def question_20(self):
        forms = {one["recordId"]: one["formKey"] for one in self.records}
        return sorted((one["recordId"], one["formKey"], one["parentRecordId"], forms[one["parentRecordId"]]) for one in self.records if one["parentRecordId"] in forms)
