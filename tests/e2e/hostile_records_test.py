#!/usr/bin/env python3
"""Records that break loaders: each is loaded faithfully or is a named error that leaves the target as it was.

Every record is made up, and its patient values carry a made-up canary that must show nowhere but in the table.
"""
import datetime
import json

import harness
from harness import SandboxTest, write_study

CANARY = "CANARY-7d1f-made-up"
BASE = [f'{{"studyKey":"KEY","formKey":"DM","recordId":{100 + n},"subjectKey":"{CANARY}","dateCreated":"2024-01-0{n + 1} 08:00:00",'
        f'"keywords":[],"recordData":{{"name":"{CANARY}","n":{n}}}}}' for n in range(3)]


def nested(depth):
    return '{"a":' + "[" * (depth - 1) + f'"{CANARY}"' + "]" * (depth - 1) + "}"


def long_text(size):
    return '{"a":"' + "x" * size + f'","who":"{CANARY}"}}'


# What stands in recordData, and the column it belongs in.
DATA, RAW = "RECORD_DATA", "RECORD_DATA_RAW"
FAITHFUL = {
    "nested values": ('{"a":{"b":[1,{"c":null},[]],"d":{}},"e":"CANARY"}', DATA),
    "a stamp inside": ('{"dateCreated":"2024-01-01 00:00:00","recordId":7,"who":"CANARY"}', DATA),
    "keys that differ in case": ('{"AGE":1,"age":2,"Age":"CANARY"}', DATA),
    "keys with dots, quotes and spaces": ('{"it.age":1,"a b":2,"it\'s \\"x\\"":3,"":"CANARY"}', DATA),
    "text that looks like SQL": ('{"a":"\'); DROP TABLE x; -- CANARY","b":"\\\\\\\\","c":"$1:a"}', DATA),
    "all kinds of letters": ('{"a":"é漢字🙂 \\u00e9\\ud83d\\ude42 \\t\\n\\r\\b\\f\\/ CANARY"}', DATA),
    "empty, null and absent": ('{"empty":"","null":null,"who":"CANARY"}', DATA),
    "an empty object": ("{}", DATA),
    "2^63": ('{"n":9223372036854775808,"m":-9223372036854775809,"who":"CANARY"}', DATA),
    "38 digits": ('{"n":' + "9" * 38 + ',"who":"CANARY"}', DATA),
    "39 digits": ('{"n":' + "9" * 39 + ',"who":"CANARY"}', RAW),
    "1e400": ('{"n":1e400,"who":"CANARY"}', RAW),
    "1e-400": ('{"n":1e-400,"who":"CANARY"}', RAW),
    "a double": ('{"n":1.25e10,"m":-0.5,"o":1.50,"who":"CANARY"}', DATA),
    "seventeen digits and an exponent": ('{"n":1.2345678901234567e10,"who":"CANARY"}', RAW),
    "U+0000": ('{"a":"CANARY\\u0000x"}', RAW),
    "a lone surrogate": ('{"a":"CANARY\\ud800"}', RAW),
    "surrogates the wrong way round": ('{"a":"CANARY\\ude42\\ud83d"}', RAW),
    "the same key twice": ('{"a":"CANARY","a":2}', RAW),
    "the same key twice by escapes": ('{"a":"CANARY","\\u0061":2}', RAW),
    "the same key twice far inside": ('{"x":[{"y":{"a":1,"b":2,"a":3}}],"who":"CANARY"}', RAW),
    "64 deep": (nested(64), DATA),
    "65 deep": (nested(65), RAW),
    "100 deep": (nested(100), RAW),
    "spaces everywhere": ('{ "a" : [ 1 , 2 ] ,\t"b" : "CANARY" }', DATA),
}
LONG = {"15 MB of text": 15_000_000, "17 MB of text": 17_000_000}  # in recordData; stand in the study from the start
FAITHFUL = {name: (text.replace("CANARY", CANARY), column) for name, (text, column) in FAITHFUL.items()}

# A whole record, the exit code, and what the message must name.
REFUSED = {
    "no recordId": (b'{"recordData":{"a":"CANARY"}}', 12, "recordId"),
    "recordId null": (b'{"recordId":null,"recordData":{"a":"CANARY"}}', 12, "recordId"),
    "recordId too large": (b'{"recordId":9223372036854775808,"recordData":{"a":"CANARY"}}', 12, "recordId"),
    "recordId with a fraction": (b'{"recordId":200.5,"recordData":{"a":"CANARY"}}', 12, "recordId"),
    "recordId text": (b'{"recordId":"CANARY","recordData":{"a":"CANARY"}}', 12, "recordId"),
    "siteId text": (b'{"recordId":200,"siteId":"CANARY","recordData":{"a":"CANARY"}}', 12, "siteId"),
    "siteId too large": (b'{"recordId":200,"siteId":123456789012345678901234567890,"recordData":{"a":"CANARY"}}', 12, "siteId"),
    "deleted neither true nor false": (b'{"recordId":200,"deleted":"CANARY","recordData":{"a":"CANARY"}}', 12, "deleted"),
    "recordData text": (b'{"recordId":200,"recordData":"CANARY"}', 12, "recordData"),
    "recordData a list": (b'{"recordId":200,"recordData":["CANARY"]}', 12, "recordData"),
    "subjectKey an object": (b'{"recordId":200,"subjectKey":{"a":"CANARY"}}', 12, "subjectKey"),
    "a lone surrogate in subjectKey": (b'{"recordId":200,"subjectKey":"CANARY\\ud800"}', 12, "subjectKey"),
    "invalid UTF-8 in recordData": (b'{"recordId":200,"recordData":{"a":"CANARY\xff\xfe"}}', 12, "UTF-8"),
    "invalid UTF-8 in subjectKey": (b'{"recordId":200,"subjectKey":"CANARY\xc3\x28"}', 12, "UTF-8"),
    "invalid UTF-8 in keywords": (b'{"recordId":200,"keywords":[{"keywordName":"CANARY\xc0\xaf"}]}', 12, "UTF-8"),
}


class HostileRecords(SandboxTest):
    options = ("--allow-faults",)

    @classmethod
    def setUpClass(cls):
        studies = harness.pathlib.Path(harness.tempfile.mkdtemp(prefix="imednet-e2e-studies-"))
        cls.addClassCleanup(harness.shutil.rmtree, studies, True)
        cls.keys = {name: f"HOSTILE_{number}" for number, name in enumerate(["stamps", "plain", *LONG, *FAITHFUL, *REFUSED])}
        options = ["--allow-faults"]
        for name, key in cls.keys.items():
            long = [f'{{"recordId":200,"recordData":{long_text(LONG[name])}}}'] if name in LONG else []
            options += ["--studies", write_study(studies / key, key, [line.replace("KEY", key, 1) for line in BASE] + long)]
        cls.options = options
        super().setUpClass()

    def add(self, name, record):
        key = self.keys[name]
        self.sandbox.control("POST", f"/sandbox/studies/{key}/records", record)
        return key

    def load(self, key, *options, table=None):
        """Exports, and looks for the canary in everything the run said and wrote but the table."""
        manifest = self.own / f"{key}.jsonl"
        result = self.export("--manifest-path", manifest, "--verbose", *options, study=key, table=table)
        said = result.stdout + result.stderr
        for path in (manifest, manifest.with_name(manifest.name + ".run.json")):
            said += path.read_text(encoding="utf-8") if path.exists() else ""
        self.assertNotIn("CANARY", said)
        self.assert_nothing_temporary()
        return result

    def test_each_record_a_variant_can_or_cannot_hold_is_loaded_as_it_was_sent(self):
        for name, (text, column) in FAITHFUL.items():
            with self.subTest(name):
                key = self.add(name, f'{{"recordId":200,"recordData":{text}}}'.encode())
                self.assert_loaded(self.load(key), len(BASE) + 1)
                row = self.sandbox.rows(f"SELECT record_data, record_data_raw FROM {self.table} WHERE study_key = '{key}' AND record_id = 200")[0]
                if column == RAW:
                    self.assertEqual(row, (None, text))
                else:
                    self.assertIsNone(row[1])
                    self.assertTrue(json.loads(row[0]) == json.loads(text))

    def test_record_that_cannot_be_read_is_a_named_error_and_the_target_stays(self):
        for name, (record, code, field) in REFUSED.items():
            with self.subTest(name):
                key = self.keys[name]
                self.assert_loaded(self.load(key), len(BASE))
                self.add(name, record.replace(b"CANARY", CANARY.encode()))
                before = self.sandbox.rows(f"SELECT * FROM {self.table} ORDER BY study_key, record_id")
                for options in ((), ("--force-reload",)):
                    self.assert_exit(self.load(key, "--retry-backoff", "0.01", *options), code, field)
                self.assertTrue(self.sandbox.rows(f"SELECT * FROM {self.table} ORDER BY study_key, record_id") == before)

    def test_unreadable_stamps_become_null_and_are_counted(self):
        key = self.add("stamps", b'{"recordId":200,"dateCreated":"2024-02-30 10:00:00","dateModified":"CANARY"}'.replace(b"CANARY", CANARY.encode()))
        self.add("stamps", b'{"recordId":201,"dateCreated":"2024-02-29T10:00:00Z","dateModified":"2024-01-01 24:00:00"}')
        result = self.load(key)
        self.assert_loaded(result, len(BASE) + 2)
        self.assertIn("3 stamps could not be read", result.stderr)
        self.assertEqual(self.sandbox.rows(f"SELECT date_created, date_modified FROM {self.table} WHERE record_id >= 200 ORDER BY record_id"),
                         [(None, None), (datetime.datetime(2024, 2, 29, 10), None)])

    def test_long_text_is_loaded_whole(self):
        for name, column in (("15 MB of text", DATA), ("17 MB of text", RAW)):
            with self.subTest(name):
                self.assert_loaded(self.load(self.keys[name]), len(BASE) + 1)
                row = self.sandbox.rows(f"SELECT record_data, record_data_raw FROM {self.table} "
                                        f"WHERE study_key = '{self.keys[name]}' AND record_id = 200")[0]
                if column == RAW:
                    self.assertTrue(row == (None, long_text(LONG[name])))
                else:
                    self.assertTrue(row[1] is None and json.loads(row[0]) == json.loads(long_text(LONG[name])))

    def test_made_up_patient_value_reaches_the_table(self):
        """Else the other tests would look for something that is not there."""
        self.assert_loaded(self.load(self.keys["plain"]), len(BASE))
        self.assertEqual(self.sandbox.rows(f"SELECT DISTINCT subject_key, record_data:name::varchar FROM {self.table}"), [(CANARY, CANARY)])


if __name__ == "__main__":
    harness.main()
