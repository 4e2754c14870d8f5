"""A study whose answers are as odd as JSON lets them be: what typed tables and typed views have to read alike."""
import functools
import json
import random

NUMBERS = ("0", "-0", "00", "63", "098.1", "1.50", "-0.25", "1e3", "1E-7", "1e+2", "1e+-5", "1e-+5", "1ee5", "1e", "e5", ".5", "5.", ".", "-", "-.5", "-.", "+1", " 1", "1 ", "1,5", "1.2.3",
           "0x10", "nan", "NaN", "inf", "Infinity", "-Infinity", "1e999", "-1e999", "1e-999", "0e400", "0e99999999999", "-0e2147483647", "0e2147483648", "1e99999999999", "1e0000000005",
           "0." + "0" * 400 + "1e401", "1" + "0" * 320 + "e-320", "1." + "0" * 500, "1e308", "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308", "1.8e308", "9e308",
           "1e309", "5e-324", "4.9e-324", "2e-324", "3e-324", "1e-323", "2.2250738585072014e-308", "2.225073858507201e-308", "1e22", "1e23", "1e-22", "1e-23", "123456789012345", "1234567890123456",
           "9007199254740993", "9007199254740992", "12345678901234567", "123456789012345680", "12345678901234567890", "0.1234567890123456789", "0.1", "0.30000000000000004", "0.3000000000000000",
           "98.10000000000001", "98.100000000000001", "1e15", "1e16", "1e17", "123456789.123456789", "< 5", "5 mg", "1_000", "٣", "１", "1\n", "\t1", "1\u00a0", "--1", "1-", "1d5", "1f",
           "0b1", "1e5.0", "2147483648", "-9223372036854775808", "18446744073709551616", "100", "1000000", "0.000001", "0.00000000000000000000001")
FLAGS = ("true", "True", "TRUE", "tRuE", "false", "FALSE", "1", "yes", "no", "on", "t", "f", "Y", "N", "truee", "tru", " true", "true ", "ＴＲＵＥ", "fal\u017fe", "FAL\u017fE", "01")
DAYS = ("2013-12-26", "1970-01-01", "1969-12-31", "2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29", "2023-04-31", "2023-02-30", "2023-00-10", "2023-13-10", "2023-10-00", "2023-10-32",
        "0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "-001-01-01", "2013-12", "2013", "UN-DEC-2013", "2013-12-2x", "2013-1-1", "2013-12-26 ", " 2013-12-26", "2013/12/26", "20131226",
        "26.12.2013", "12/26/2013", "２013-12-26", "2013-12-26T", "now", "today", "infinity", "epoch", "2013-W52-4", "2460000.5", "2013-12-26 BC", "1582-10-10", "1500-02-29", "0004-02-29")
MOMENTS = ("2013-12-26 10:30", "2013-12-26T10:30", "2013-12-26 10:30:15", "2013-12-26T10:30:15.5", "2013-12-26 10:30:15.123456", "2013-12-26 10:30:15.1234567", "2013-12-26 10:30:15.",
           "2013-12-26 10:30:15.000000", "2013-12-26 10:30:15.100000", "2013-12-26 10:30:15Z", "2013-12-26 10:30:15+01:00", "2013-12-26 24:00:00", "2013-12-26 23:59:60", "2013-12-26 23:59:59.999999",
           "2013-12-26 10:60", "2013-12-26 10", "2013-12-26  10:30", "2013-12-26t10:30", "2013-12-26 10:30 AM", "2023-02-29 10:30", "0001-01-01 00:00", "0000-12-31 23:59", "9999-12-31 23:59:59.999999",
           "1969-12-31 23:59:59.5", "1899-12-31 00:00:00", "10:30", "10:30:15", "2013-12-26 1:30:00", "2013-12-26 10:30:1", "2013-12-26 10:30:15,5", "2013-12-26 10:30:", "2013-12-26 10:30Z")
TEXTS = ("", " ", "plain", "1`3", "1`2`3", "a,b", "two\nlines\tand \"quotes\" 'single' \\ back\\\\slash \\n", "\\", "\\\\", '"', '\\"', "\\u0041", "\\\\u0041", "Größe ≤ 5 µg", "\U0001f9ea", "null",
         "NULL", "{}", "[]", '{"a": 1}', "[1, 2", "}{", "],[", ",", ":", '":"', '","', "\x01\x02\x1f", "\x01", "\x02\x03", "\x7f", "\ufffd", "\ufeff", "é", "é", "x" * 3000, "%s %d", "$$", "'; DROP TABLE x; --",
         "/* */ --", "{{}}", "\r\n", "\u2028", "A", "\ufdd0")
TOKENS = ("null", "true", "false", "0", "-0", "0.0", "-0.0", "1", "7", "1.50", "098.1e0"[1:], "1e3", "1E+2", "1.0e-7", "12345678901234567890", "0.1234567890123456789", "1e999", "-1e-999", "1e400",
          "9007199254740993", "100000000000000000000000000000000000000000", "123456.7890", "2013", "20131226", "[]", "{}", "[1,2]", "[ 1 , 2 ]", '["1","3"]', '{"a":1}', '{ "a" : 1.50 , "b" : [ { } , "]" , "}" ] }',
          '{"age":"inner","NUM":5}', '[{"num":1},{"num":2}]', '"\\u0041bc"', '"\\u00e9\\u20ac"', '"\\ud83e\\uddea"', '"a\\/b"', '"\\b\\f\\n\\r\\t\\"\\\\"', '"\\u005c\\u0022"', '"\\u005cu0041"',
          '"1\\u002e5"', '"\\u0031"', '"2013\\u002d12-26"', '"tr\\u0075e"', '{"x":"\\u00e9 \\" \\\\"}', '["\\ud83e\\uddea"]', '"\\u0001\\u0002"', '"\\\\u0000"', '["\\\\u0000"]', '"\\u007f"',
          "[" * 40 + "]" * 40)
# Answers that a VARIANT does not hold, so that the record stands in record_data_raw.
RAW_TOKENS = ("[" * 60 + '"deep]"' + "]" * 60, '[12345678901234567890123456789012345678901.5]', '{"a":1,"a":2}', '{"a":"1","\\u0061":2}', '"a\\u0000b\\\\c"', '"\\u0000"', '"1\\u0000"', '["\\u0000\\u0001\\\\u0000"]',
              '"\\u0001\\u0003\\u0000\\u0001"', '"\\\\\\u0000\\\\u0000\\ud83e\\uddea"', '"x\\u0000\\"\\n"')
# Deeper than DuckDB's views look.
DEEP = "[" * 70 + "]" * 70
# Half of a pair is no character: the answer is none in a column of text. PostgreSQL reads nothing of such a record.
HALVES = ('"\\ud83e"', '"\\udd00 x"', '"\\udd00\\ud83e"', '"\\ud83e\\ud83e\\uddea"', '["\\ud83e"]', '"\\\\ud83e\\ud83e"')
# Numbers that SQLite's own conversions do not give back for certain: they are null in its views.
FAR_NUMBERS = ("1e308", "1.7976931348623157e308", "5e-324", "1e-323", "2.2250738585072014e-308", "2.225073858507201e-308")
ODD_NAME = 'odd "name" \\ $.[0]\'s'  # a key with escapes
VARIABLES = (("NUM", "NUMBER"), ("Flag", "Checkbox"), ("The Day", "DATE"), ("Seen.At", "DATETIME"), ("TXT", "TEXT"), (ODD_NAME, "MEMO"), ("Größe", "FLOAT"), ("v", "INT"), ("record_id", "TEXT"),
             ("a" * 80, "TEXT"), ("never", "TEXT"), ("hidden", "TEXT"), ("?", "RADIO"), ("%1", "NUMBER"))


def numbers_of_programs(count=160):
    """Doubles as programs write them, of 15 to 17 digits, and shorter ones of any length."""
    dice = random.Random(20131226)
    found = [repr(dice.uniform(-1000, 1000) if n % 2 else dice.random() * 10 ** dice.randint(-12, 18)) for n in range(count)]
    return found + [f"{dice.randint(0, 10 ** dice.randint(1, 9))}.{dice.randint(0, 10 ** dice.randint(1, 6) - 1):06d}"[: dice.randint(3, 15)] for _ in range(count)]


def neighbours():
    """Numbers whose last digit no program would write: one too many, or one too few."""
    return [text + "1" if place % 2 else text[:-1] for place, text in enumerate(numbers_of_programs()[:160]) if "e" not in text and text[-2] != "."]


def same_for_all(token, without=()):
    """One answer to every variable, whatever its type."""
    return "{" + ",".join(f'{json.dumps(name.lower() if name.isascii() else name, ensure_ascii=not without)}:{token}' for name, _ in VARIABLES if name not in ("never", *without)) + "}"


def structures():
    """Record data where keys, their order and their spelling are what is odd."""
    return ['{"num":"1","NUM":"2"}', '{"NUM":"2","num":"1"}', '{"num":null,"NUM":"2"}', '{"Num":"","NUM":"2"}', '{"num":"about 5","nUm":"2"}', '{"num":"1","num":"2"}', '{"TXT":"first","txt":"second","TXT":"third"}',
            '{"\\u006eum":"3","num":"4"}', '{"num":"4","\\u006eum":"3"}', '{"Gr\\u00f6\\u00dfe":"1.5"}', '{"GR\u00d6SSE":"1","gr\u00f6\u00dfe":"2"}', '{"GR\u00d6\u00dfE":"1"}', '{ "num" : "5" , "txt" : "6" }',
            '\t{\r"num"\t:\r"5"\t,\r"txt":[ 1,\t2 ]\t}', '{}', '{ }',  'null', '{"other":{"num":"5"}}', '{"other":["num","5"],"num":"6"}', '{"other":"num","x":"\\"num\\":7","num":"8"}',
            '{"":"empty key","num":"9"}', '{"":1,"num":"9"}', '{"":[1],"num":"9"}', '{"num":[1.50,{"a":"]"}],"txt":{"a":[1e2,-0.0]}}', '{"txt":"a\\u00e9\\"b\\\\","num":1.50}', '{"txt":{"a":"\\u00e9\\/"},"num":1E1}', '{"num ":"10"," num":"11"}', '{"n\\u0075m\\n":"12","num":"13"}', '{"a\\\\":"x","num":"14"}', '{"a\\\\\\"":"x","num":"15"}', '{"x":"\\\\","num":"16"}', '{"x":"\\\\\\\\\\"","num":"17"}',
            '{"x":{"y":{"z":"}"}},"num":"18"}', '{"num":"19","big":12345678901234567890123456789012345678901.5,"txt":1.50}', '{"seen.at":"2013-12-26 10:30","SEEN.AT":"2014-12-26 10:30","the day":"2013-12"}',
            '{"num":{"num":"1"},"NUM":"2"}', '{"txt":"\\u0001\\u0002\\u0001\\u0003"}', '{"txt":"x","txt":{"a":[1.50, "\\u00e9"]}}', '{"txt":{"a":[1.50, "\\u00e9"]},"txt":"x"}']


def answer_of(record_id, first=1000):
    """The one answer of that record to all variables, as JSON text; none where its keys are what is odd."""
    text = record_texts()[record_id - first]
    return text[len('{"num":'):text.index(',"flag":')] if text.startswith('{"num":') and ',"flag":' in text else None


@functools.cache
def record_texts():
    def tokens(texts):
        return [json.dumps(text, ensure_ascii=place % 2 == 0) for place, text in enumerate(texts)]

    odd = [*tokens((*NUMBERS, *FLAGS, *DAYS, *MOMENTS, *TEXTS)), *TOKENS, *RAW_TOKENS, *HALVES, DEEP]
    plain = [*odd, *tokens((*numbers_of_programs(), *neighbours()))]
    return [same_for_all(token) for token in odd] + [same_for_all(token, (ODD_NAME,)) for token in plain] + structures()


def records(key, form="Nasty", first=1000):
    """Records as JSON texts; the odd ones spell the form in another case."""
    start = f'{{"studyKey":{json.dumps(key)},"formKey":"%s","formId":1,"siteId":%d,"subjectKey":"S-%d","keywords":[{{"k":1}}],"dateModified":"2026-01-02 03:04:05","recordId":%d'
    made = []
    for number, text in enumerate(record_texts()):
        made.append(start % ((form, form.upper(), form.lower())[number % 3], number % 3, number % 50, first + number) + f',"recordData":{text}}}')
    made.append(start % (form, 0, 0, first + len(made)) + "}")
    return made
