#!/usr/bin/env python3
"""Bad input: records that break loaders. Each is loaded faithfully or is a named error that leaves the target as it was.

Every record is made up, and its patient values carry a made-up canary that must show nowhere but in the table.
"""
import datetime
import json

import harness
from bad_input import BadInputTest, Row, patient

CANARY = patient(7)
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
    "a stamp and an id inside recordData": ('{"dateCreated":"2024-01-01 00:00:00","recordId":7,"who":"CANARY"}', DATA),
    "keys that differ in case": ('{"AGE":1,"age":2,"Age":"CANARY"}', DATA),
    "keys with dots, quotes and spaces": ('{"it.age":1,"a b":2,"it\'s \\"x\\"":3,"":"CANARY"}', DATA),
    "text that looks like SQL": ('{"a":"\'); DROP TABLE x; -- CANARY","b":"\\\\\\\\","c":"$1:a"}', DATA),
    "all kinds of letters": ('{"a":"é漢字🙂 \\u00e9\\ud83d\\ude42 \\t\\n\\r\\b\\f\\/ CANARY"}', DATA),
    "empty, null and absent values": ('{"empty":"","null":null,"who":"CANARY"}', DATA),
    "an empty recordData": ("{}", DATA),
    "2^63": ('{"n":9223372036854775808,"m":-9223372036854775809,"who":"CANARY"}', DATA),
    "a number of 38 digits": ('{"n":' + "9" * 38 + ',"who":"CANARY"}', DATA),
    "a number of 39 digits": ('{"n":' + "9" * 39 + ',"who":"CANARY"}', RAW),
    "1e400": ('{"n":1e400,"who":"CANARY"}', RAW),
    "1e-400": ('{"n":1e-400,"who":"CANARY"}', RAW),
    "doubles": ('{"n":1.25e10,"m":-0.5,"o":1.50,"who":"CANARY"}', DATA),
    "seventeen digits and an exponent": ('{"n":1.2345678901234567e10,"who":"CANARY"}', RAW),
    "U+0000": ('{"a":"CANARY\\u0000x"}', RAW),
    "a lone surrogate": ('{"a":"CANARY\\ud800"}', RAW),
    "surrogates the wrong way round": ('{"a":"CANARY\\ude42\\ud83d"}', RAW),
    "the same key twice": ('{"a":"CANARY","a":2}', RAW),
    "the same key twice by escapes": ('{"a":"CANARY","\\u0061":2}', RAW),
    "the same key twice far inside": ('{"x":[{"y":{"a":1,"b":2,"a":3}}],"who":"CANARY"}', RAW),
    "values 64 deep": (nested(64), DATA),
    "values 65 deep": (nested(65), RAW),
    "values 100 deep": (nested(100), RAW),
    "spaces everywhere": ('{ "a" : [ 1 , 2 ] ,\t"b" : "CANARY" }', DATA),
    "15 MB of text": (long_text(15_000_000), DATA),
    "17 MB of text": (long_text(17_000_000), RAW),
}

# A whole record, and what the message must name.
REFUSED = {
    "no recordId": (b'{"recordData":{"a":"CANARY"}}', "recordId"),
    "recordId null": (b'{"recordId":null,"recordData":{"a":"CANARY"}}', "recordId"),
    "recordId past 2^63": (b'{"recordId":9223372036854775808,"recordData":{"a":"CANARY"}}', "recordId"),
    "recordId with a fraction": (b'{"recordId":200.5,"recordData":{"a":"CANARY"}}', "recordId"),
    "recordId as text": (b'{"recordId":"CANARY","recordData":{"a":"CANARY"}}', "recordId"),
    "siteId as text": (b'{"recordId":200,"siteId":"CANARY","recordData":{"a":"CANARY"}}', "siteId.*record 200"),
    "siteId of 30 digits": (b'{"recordId":200,"siteId":123456789012345678901234567890,"recordData":{"a":"CANARY"}}', "siteId.*record 200"),
    "deleted neither true nor false": (b'{"recordId":200,"deleted":"CANARY","recordData":{"a":"CANARY"}}', "deleted.*record 200"),
    "recordData as text": (b'{"recordId":200,"recordData":"CANARY"}', "recordData.*record 200"),
    "recordData as a list": (b'{"recordId":200,"recordData":["CANARY"]}', "recordData.*record 200"),
    "subjectKey as an object": (b'{"recordId":200,"subjectKey":{"a":"CANARY"}}', "subjectKey.*record 200"),
    "a lone surrogate in subjectKey": (b'{"recordId":200,"subjectKey":"CANARY\\ud800"}', "subjectKey.*record 200"),
    "invalid UTF-8 in recordData": (b'{"recordId":200,"recordData":{"a":"CANARY\xff\xfe"}}', "UTF-8, near record 200"),
    "invalid UTF-8 in subjectKey": (b'{"recordId":200,"subjectKey":"CANARY\xc3\x28"}', "UTF-8, near record 200"),
    "invalid UTF-8 in keywords": (b'{"recordId":200,"keywords":[{"keywordName":"CANARY\xc0\xaf"}]}', "UTF-8, near record 200"),
}


def stands_as_sent(text, column):
    def check(case):
        row = case.rows(f"SELECT record_data, record_data_raw FROM {case.table} WHERE study_key = '{case.key}' AND record_id = 200")[0]
        if column == RAW:
            case.test.assertTrue(row == (None, text))
        else:
            case.test.assertTrue(row[1] is None and json.loads(row[0]) == json.loads(text))
    return check


def comes_after_a_load(record):
    """The study is loaded, then the record comes in."""
    def arrange(case):
        case.run()
        case.test.assertEqual((case.result.code, case.result.last_line), (0, f"Loaded {len(BASE)} rows"), case.result)
        case.sandbox.control("POST", f"/sandbox/studies/{case.key}/records", record.replace(b"CANARY", CANARY.encode()))
    return arrange


def reloading_is_refused_too(case):
    case.options.append("--force-reload")
    case.run()
    case.test.assertEqual(case.result.code, case.row.code, case.result)
    case.test.assertEqual(case.test.state(case), (len(BASE), len(BASE)))


def stamps_are_null(case):
    where = f"FROM {case.table} WHERE study_key = '{case.key}' AND record_id >= 200 ORDER BY record_id"
    case.test.assertEqual(case.rows(f"SELECT date_created, date_modified {where}"), [(None, None), (datetime.datetime(2024, 2, 29, 10), None)])


def patient_is_in_the_table(case):
    """Else the other rows would look for something that is not there."""
    where = f"FROM {case.table} WHERE study_key = '{case.key}'"
    case.test.assertEqual(case.rows(f"SELECT DISTINCT subject_key, record_data:name::varchar {where}"), [(CANARY, CANARY)])


def faithful(name, text, column):
    text = text.replace("CANARY", CANARY) if CANARY not in text else text
    return Row(name, 0, hint="" if column == DATA else "1 records are kept as text", loaded=len(BASE) + 1,
               records=(*BASE, f'{{"recordId":200,"recordData":{text}}}'), check=stands_as_sent(text, column))


STAMPS = (f'{{"recordId":200,"dateCreated":"2024-02-30 10:00:00","dateModified":"{CANARY}"}}',
          '{"recordId":201,"dateCreated":"2024-02-29T10:00:00Z","dateModified":"2024-01-01 24:00:00"}')
ROWS = (
    Row("nothing odd", 0, records=BASE, check=patient_is_in_the_table),
    *(faithful(name, text, column) for name, (text, column) in FAITHFUL.items()),
    Row("stamps that are none", 0, hint="3 stamps could not be read", loaded=5, records=(*BASE, *STAMPS), check=stamps_are_null),
    *(Row(name, 12, field, ".", loaded=len(BASE), records=BASE, arrange=comes_after_a_load(record), check=reloading_is_refused_too)
      for name, (record, field) in REFUSED.items()),
)


class BadData(BadInputTest):
    group, table_of_rows = "data", ROWS


del BadInputTest

if __name__ == "__main__":
    harness.main()
