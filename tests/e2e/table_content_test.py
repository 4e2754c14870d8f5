#!/usr/bin/env python3
"""What stands in the Snowflake table is what the API holds, record by record, read over the official connector."""
import datetime
import json
import re

import harness
from harness import SandboxTest, study_lines

TEXT, INTEGER, BOOLEAN, STAMP = "text", "integer", "boolean", "stamp"
FIELDS = [("studyKey", TEXT), ("intervalId", INTEGER), ("formId", INTEGER), ("formKey", TEXT), ("siteId", INTEGER), ("recordId", INTEGER),
          ("recordOid", TEXT), ("recordType", TEXT), ("recordStatus", TEXT), ("deleted", BOOLEAN), ("dateCreated", STAMP), ("dateModified", STAMP),
          ("subjectId", INTEGER), ("subjectOid", TEXT), ("subjectKey", TEXT), ("visitId", INTEGER), ("parentRecordId", INTEGER)]
COLUMNS = ["STUDY_KEY", "INTERVAL_ID", "FORM_ID", "FORM_KEY", "SITE_ID", "RECORD_ID", "RECORD_OID", "RECORD_TYPE", "RECORD_STATUS", "DELETED",
           "DATE_CREATED", "DATE_MODIFIED", "SUBJECT_ID", "SUBJECT_OID", "SUBJECT_KEY", "VISIT_ID", "PARENT_RECORD_ID", "KEYWORDS", "RECORD_DATA",
           "RECORD_DATA_RAW", "_ROW_HASH", "_FILE", "_RUN_ID", "_LOADED_AT", "_DELETED_AT"]
TYPES = {TEXT: "VARCHAR", INTEGER: "NUMBER(38,0)", BOOLEAN: "BOOLEAN", STAMP: "TIMESTAMP_NTZ(9)"}

# Made-up records that tell absent, null and empty apart. 9,000,000 and up: no record of the sample has such an id.
ABSENT = '{"recordId":9000001}'
NULLS = ('{"recordId":9000002,"studyKey":null,"formKey":null,"siteId":null,"deleted":null,"dateCreated":null,"subjectKey":null,"keywords":null,'
         '"recordData":null}')
EMPTY = ('{"recordId":9000003,"studyKey":"MY_STUDY","formKey":"","subjectKey":"","recordStatus":"","dateCreated":"","keywords":[],'
         '"recordData":{}}')
STAMPS = ('{"recordId":9000004,"dateCreated":"2024-03-31T02:30:00.123456+02:00","dateModified":"1969-12-31 23:59:59",'
          '"recordData":{"empty":"","null":null,"text":"it\'s \\"é\\" \\n 漢字","number":1.5,"list":[1,{"a":[]}],"yes":true}}')
SINGLE = [ABSENT, NULLS, EMPTY, STAMPS]


def expected(line):
    record = json.loads(line)
    row = []
    for name, kind in FIELDS:
        value = record.get(name)
        row.append(datetime.datetime.strptime(value, "%Y-%m-%d %H:%M:%S") if kind == STAMP and value else value)
    row[0] = "MY_STUDY"
    return row


class TableContent(SandboxTest):
    options = ("--allow-faults",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lines = study_lines()

    def test_every_record_stands_in_the_table_as_the_api_holds_it(self):
        before = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
        report = self.report("--batch-size", "6000")
        after = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
        rows = self.sandbox.rows(f"SELECT {', '.join(COLUMNS)} FROM {self.table} ORDER BY record_id")
        self.assertEqual(len(rows), len(self.lines))
        hashes = set()
        for line, row in zip(self.lines, rows):
            self.assertEqual(list(row[:17]), expected(line))
            record = json.loads(line)
            self.assertEqual(row[17] and json.loads(row[17]), record.get("keywords"))
            self.assertEqual(json.loads(row[18]), record["recordData"])
            self.assertIsNone(row[19])
            hashes.add(row[20])
            self.assertEqual((row[22], row[24]), (report["run_id"], None))
            self.assertTrue(before <= row[23] <= after, row[23])
        self.assertEqual(len(hashes), len(self.lines))
        self.assertTrue(all(re.fullmatch("[0-9a-f]{32}", value) for value in hashes))
        files = [batch["stage_path"].removeprefix("@MY_STAGE/") for batch in report["batch_reports"] for _ in range(batch["rows"])]
        self.assertEqual([row[21] for row in rows], files)

    def test_values_inside_record_data_can_be_queried_by_path(self):
        self.report()
        people = [json.loads(line)["recordData"] for line in self.lines if json.loads(line)["formKey"] == "DM"]
        ages = [int(person["it.age"]) for person in people]
        self.assertGreater(len(ages), 100)
        self.assertEqual(self.sandbox.rows(f'SELECT COUNT(record_data:"it.age"::number), SUM(record_data:"it.age"::number), '
                                           f'MAX(record_data:"it.age"::number) FROM {self.table} WHERE form_key = \'DM\''),
                         [(len(ages), sum(ages), max(ages))])
        women = sum(person["it.sex"] == people[0]["it.sex"] for person in people)
        self.assertEqual(self.sandbox.rows(f"SELECT COUNT(*) FROM {self.table} WHERE record_data:\"it.sex\"::varchar = '{people[0]['it.sex']}'"),
                         [(women,)])

    def test_columns_are_in_the_documented_order_with_their_types_and_say_utc(self):
        self.report()
        described = self.sandbox.rows(f"DESCRIBE TABLE {self.table}")
        self.assertEqual([row[0] for row in described], COLUMNS)
        types = dict(zip(COLUMNS, [TYPES[kind] for _, kind in FIELDS] + ["VARCHAR", "VARIANT", "VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR",
                                                                         "TIMESTAMP_NTZ(9)", "TIMESTAMP_NTZ(9)"]))
        for row in described:
            wanted = types[row[0]]
            self.assertTrue(row[1] == wanted or (wanted == "VARCHAR" and row[1].startswith("VARCHAR(")), row[:2])
            if wanted.startswith("TIMESTAMP"):
                self.assertIn("UTC", row[9], row[0])
            self.assertGreater(len(row[9] or ""), 0, row[0])
        self.assertEqual({row[0] for row in described if row[3] == "N"}, {"STUDY_KEY", "RECORD_ID", "_ROW_HASH"})

    def test_absent_null_and_empty_stay_apart_and_stamps_become_utc(self):
        for line in SINGLE:
            self.sandbox.control("POST", "/sandbox/studies/MY_STUDY/records", line.encode())
        try:
            report = self.report()
        finally:
            for line in SINGLE:
                self.sandbox.control("DELETE", f"/sandbox/studies/MY_STUDY/records/{json.loads(line)['recordId']}?vanish=true")
        self.assertEqual((report["rows_loaded"], report["unreadable_stamps"]), (len(self.lines) + 4, 1))
        rows = {row[5]: row for row in self.sandbox.rows(f"SELECT {', '.join(COLUMNS)} FROM {self.table} WHERE record_id >= 9000000")}
        for record_id in (9000001, 9000002):
            row = rows[record_id]
            self.assertEqual(row[0], "MY_STUDY")
            self.assertEqual({value for i, value in enumerate(row[:20]) if i not in (0, 5)}, {None})
        empty = rows[9000003]
        self.assertEqual((empty[3], empty[8], empty[14], empty[6], empty[10]), ("", "", "", None, None))
        self.assertEqual((empty[17], json.loads(empty[18])), ("[]", {}))
        stamps = rows[9000004]
        self.assertEqual(stamps[10], datetime.datetime(2024, 3, 31, 0, 30, 0, 123456))
        self.assertEqual(stamps[11], datetime.datetime(1969, 12, 31, 23, 59, 59))
        self.assertEqual(json.loads(stamps[18]), json.loads(STAMPS)["recordData"])
        inside = self.sandbox.rows(f"SELECT record_data:empty::varchar, record_data:\"null\"::varchar, record_data:nothing::varchar, "
                                   f"record_data:list[1].a FROM {self.table} WHERE record_id = 9000004")[0]
        self.assertEqual((inside[0], inside[1], inside[2], json.loads(inside[3])), ("", None, None, []))


if __name__ == "__main__":
    harness.main()
