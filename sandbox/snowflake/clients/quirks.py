"""What is known of single clients, in one place: where a step expects something else of one of them, and why.

A value is what that client does instead. Labels: [seen] here or in its traffic, [src] in its source,
[doc] in its documentation. The matrix fails when a quirk is not met any more.
"""
import dataclasses
import typing


@dataclasses.dataclass(frozen=True)
class Quirk:
    value: typing.Any
    why: str


# A time before 1970 with a fraction: the whole seconds count down, the fraction is then added in place of taken away.
GO_BEFORE_1970 = (
    "In JSON it takes the fraction of a second before 1970 the wrong way round: -0.5 becomes half a second after 1970. [seen, src]")
AFTER_2262 = "Its times are 64 bits of nanoseconds: one after the year 2262 comes out as another one, without an error. [seen]"
ADBC_JSON = "It reads a DATE in JSON as if it were written out, and gives up: it needs Arrow. [seen]"

IN_PARTS = "It sends a file of that size in parts; the others send it whole. [seen]"
NO_SUCH_FILE = "Its own number for it: the server is not asked. [seen]"
SILENT = "When the store says that the credentials have expired, it tries ten times with the same ones and reports the file as ERROR, no error."
CANCELLED = "It gives the cancelled statement up by itself: the error is Go's \"context canceled\", without a number. [seen]"
MONITORED = "It learns of the end from the monitoring route, which tells no SQLSTATE. [seen]"
HEAD_400 = "It asks by HEAD first, whose refusal has no body: it can't see that the credentials only expired. [seen]"

QUIRKS = {
    ("adbc", "DATE, JSON"): Quirk("an error", ADBC_JSON),
    ("adbc", "values of TIMESTAMP_NTZ, ARROW"): Quirk(
        ["1900-01-01 00:00:00.000001000", "1816-03-30 05:56:08.066276376", "1969-12-31 23:59:59.500000000", None], AFTER_2262),
    ("adbc", "values of TIMESTAMP_NTZ, JSON"): Quirk(
        ["1900-01-01 00:00:01.999999000Z", "1816-03-30 05:56:08.066276376Z", "1970-01-01 00:00:00.500000000Z", None],
        f"{AFTER_2262} {GO_BEFORE_1970}"),
    ("adbc", "values of TIMESTAMP_LTZ, JSON"): Quirk(
        ["2024-03-01 01:00:00.123456000Z", "1970-01-01 00:00:00.500000000Z", None, None], GO_BEFORE_1970),
    ("adbc", "values of TIMESTAMP_TZ, JSON"): Quirk(
        ["2024-03-01 01:00:00.123456000Z", "1970-01-01 00:00:00.500000000Z", None, None], GO_BEFORE_1970),
    ("go", "values of TIMESTAMP_NTZ, JSON"): Quirk(
        ["1900-01-01 00:00:01.999999000", "9999-12-31 23:59:59.999999000", "1970-01-01 00:00:00.500000000", None], GO_BEFORE_1970),
    ("go", "values of TIMESTAMP_LTZ, JSON"): Quirk(
        ["2024-03-01 01:00:00.123456000Z", "1970-01-01 00:00:00.500000000Z", None, None], GO_BEFORE_1970),
    ("go", "values of TIMESTAMP_TZ, JSON"): Quirk(
        ["2024-03-01 01:00:00.123456000Z", "1970-01-01 00:00:00.500000000Z", None, None], GO_BEFORE_1970),
    ("adbc", "PUT rows"): Quirk(None, "It passes on no row of a PUT's answer: whether the file was stored or skipped is not told. [seen]"),
    ("adbc", "GET rows"): Quirk(None, "Nor any row of a GET's answer; the file is there. [seen]"),
    ("adbc", "70 MiB in parts"): Quirk(True, IN_PARTS),
    ("go", "70 MiB in parts"): Quirk(True, IN_PARTS),
    ("jdbc", "70 MiB in parts"): Quirk(True, IN_PARTS),
    ("adbc", "no such file"): Quirk(264006, NO_SUCH_FILE),
    ("go", "no such file"): Quirk(264006, NO_SUCH_FILE),
    ("jdbc", "no such file"): Quirk(200008, NO_SUCH_FILE),
    ("node", "no such file"): Quirk("ENOENT", NO_SUCH_FILE),
    ("adbc", "PUT with expired credentials"): Quirk("no rows", SILENT + " ADBC drops that row: it looks like success. [seen]"),
    ("go", "PUT with expired credentials"): Quirk("ERROR", SILENT + " [seen]"),
    ("py4", "PUT with expired credentials"): Quirk("an error", HEAD_400),
    ("node", "an end of trying with expired credentials"): Quirk(
        None, "It tries for ever: what should renew the credentials is an empty function. [seen, src]"),
    ("py5", "SQLSTATE of the cancelled statement"): Quirk(None, MONITORED),
    ("node", "master expiry"): Quirk(407002, "It ends the connection and says so with its own number. [seen]"),
    ("jdbc", "COPY rows"): Quirk(None, "COPY is an update to it: a count of rows, none of the answer's columns. [seen]"),
    ("adbc", "cancelled"): Quirk(None, CANCELLED),
    ("go", "cancelled"): Quirk("canceled", CANCELLED),
    ("adbc", "SQLSTATE of the cancelled statement"): Quirk(None, CANCELLED),
    ("go", "SQLSTATE of the cancelled statement"): Quirk(None, CANCELLED),
    ("py4", "SQLSTATE of the cancelled statement"): Quirk("n/a", MONITORED),
    ("adbc", "query id"): Quirk(None, "It tells no query id (apache/arrow-adbc issue 1143); LAST_QUERY_ID() does. [seen]"),
    ("adbc", "whether it lives"): Quirk("not told", "There is no call for it. [src]"),
    ("adbc", "a bound null"): Quirk("refused", "A bound null is refused: \"Unsupported bind param\". [seen]"),
}
