// SQLite has no regular expressions, and its JSON functions write arrays and objects anew, without white space. A record of which they
// give every answer back as it was sent is taken apart by json_each; any other by a walk from quote to quote over the exact text, which
// takes longer. Either way its answers become one JSON object, `m`: the answer's number to "s" and a plain text, or "r" and the JSON text
// of what is none. LIMIT -1 keeps SQLite from working `m` out again for each column.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "sinks/sql/sql_statements.h"
#include "sinks/sql/view_bodies.h"

namespace imednet::sinks::sql {
namespace {

using table::AnswerKind;
using table::FormView;

constexpr std::string_view kSqliteSpace = "' ' || char(9, 10, 13)";
constexpr std::string_view kSqliteDayGlob = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]";

// In the walk `\\` is U+0001 b and `\"` is U+0001 q, so that every quote is one that opens or closes a text. U+0000 goes through as U+0001
// U+0003, U+0001 as U+0001 U+0002, since older versions end a text at U+0000.
constexpr std::string_view kWalked = R"sql(replace(replace(doc, '\\', char(1) || 'b'), '\"', char(1) || 'q'))sql";
std::string unwalked(std::string_view text) {
  return filled(R"sql(replace(replace(@t@, char(1) || 'q', '\"'), char(1) || 'b', '\\'))sql", {{"t", text}});
}
std::string sqlite_unquoted(std::string_view token) { return filled("json_extract('[' || @t@ || ']', '$[0]')", {{"t", token}}); }

// Whether a text holds half of a surrogate pair, which is no character: bytes ED A0 to ED BF.
std::string holds_half(std::string_view text) {
  std::vector<std::string> found;
  for (int byte = 0xA0; byte <= 0xBF; ++byte) found.push_back(fmt::format("instr(CAST({} AS BLOB), x'ED{:02X}')", text, byte));
  return fmt::format("({} > 0)", fmt::join(found, " + "));
}

// Names of `m`'s members by the key's bytes, as a constant: no key can be a part of a path.
std::string sqlite_places(const FormView& view) {
  std::string members;
  for (std::size_t i = 0; i < view.answers.size(); ++i) {
    std::string bytes;
    for (const char c : view.answers[i].key) bytes += fmt::format("{:02X}", static_cast<unsigned char>(c));
    members += fmt::format("{}\"k{}\":\"c{}\"", i == 0 ? "" : ",", bytes, i);
  }
  return quote_text("{" + members + "}");
}
std::string place_of(const FormView& view, std::string_view key) {
  return filled("CAST(@places@ AS TEXT) ->> ('$.k' || hex(lower(@key@)))", {{"places", sqlite_places(view)}, {"key", key}});
}

// Without white space, or flat; and without escapes of U+0000, U+0001 and of pairs, and keys that a path can't hold.
constexpr std::string_view kIsPlain = R"sql((instr(doc, '[') + instr(substr(doc, 2), '{') = 0 OR json(doc) = doc
 OR NOT EXISTS (SELECT 1 FROM json_each(doc) WHERE type IN ('array', 'object')))
 AND (instr(doc, '\') = 0 OR doc NOT GLOB '*\u000[01]*' AND doc NOT GLOB '*\u[dD][89a-fA-F]*'
 AND NOT EXISTS (SELECT 1 FROM json_each(doc) WHERE instr(key, '"') + instr(key, '\') > 0)))sql";
constexpr std::string_view kPlain = R"sql(SELECT json_group_object(p, v) FROM (SELECT @place@ AS p,
 CASE e.type WHEN 'text' THEN 's' || e.value WHEN 'null' THEN NULL WHEN 'true' THEN 'rtrue' WHEN 'false' THEN 'rfalse'
 ELSE CASE WHEN e.key <> '' THEN 'r' || (doc -> e.fullkey) END END AS v
 FROM json_each(doc) e) WHERE p IS NOT NULL)sql";
// One step a quote: k what stands before it, z how much behind it, d the depth, g the last character outside of texts. A key is a text at
// depth 1 behind { or a comma; its value is what stands between it and the next key, without the colon and what ends it.
constexpr std::string_view kNested = R"sql(WITH RECURSIVE w(n, k, z, d, g, rest, p) AS (
 SELECT 0, NULL, 0, 0, '', t, instr(t, '"') FROM (SELECT @walked@ AS t) UNION ALL
 SELECT n + 1, substr(rest, 1, p - 1), length(rest) - p, CASE WHEN n % 2 = 0 THEN d + length(replace(replace(substr(rest, 1, p - 1), ']', ''), '}', ''))
 - length(replace(replace(substr(rest, 1, p - 1), '[', ''), '{', '')) ELSE d END,
 CASE WHEN n % 2 = 0 THEN substr(rtrim(substr(rest, 1, p - 1), @space@), -1) ELSE g END, substr(rest, p + 1), instr(substr(rest, p + 1), '"')
 FROM w WHERE p > 0)
 SELECT json_group_object(p, CASE WHEN t = 'null' THEN NULL WHEN t NOT GLOB '"*' THEN 'r' || t
 WHEN t NOT GLOB '*\u[dD][89a-fA-F]*' OR NOT @half@ THEN 's' || @plain@ END)
 FROM (SELECT @place@ AS p, @token@ AS t, @marked@ AS s FROM (SELECT k, trim(substr(f, 2, length(f) - 2), @space@) AS f
 FROM (SELECT k, trim(substr(@walked@, -z, z - COALESCE(LEAD(z + length(k) + 2) OVER (ORDER BY n), 0)), @space@) AS f
 FROM w WHERE n % 2 = 0 AND d = 1 AND g IN ('{', ',') ORDER BY n))) WHERE p IS NOT NULL)sql";

std::string answers(const FormView& view) {
  const std::string key = filled(R"sql(CASE WHEN instr(k, char(1)) + instr(k, '\') = 0 THEN k ELSE @plain@ END)sql",
                                 {{"plain", sqlite_unquoted(fmt::format("'\"' || {} || '\"'", unwalked("k")))}});
  const std::string marked = R"sql(replace(replace(f, '\u0001', '\u0001\u0002'), '\u0000', '\u0001\u0003'))sql";
  const std::string nested = filled(kNested, {{"walked", kWalked},
                                              {"space", kSqliteSpace},
                                              {"half", holds_half(sqlite_unquoted("t"))},
                                              {"plain", sqlite_unquoted("s")},
                                              {"place", place_of(view, key)},
                                              {"token", unwalked("f")},
                                              {"marked", unwalked(marked)}});
  return filled("CASE WHEN @is_plain@ THEN (@plain@) WHEN doc IS NOT NULL THEN (@nested@) END",
                {{"is_plain", kIsPlain}, {"plain", filled(kPlain, {{"place", place_of(view, "e.key")}})}, {"nested", nested}});
}

// Few digits: a whole number by a power of ten, which is exact before it is rounded once. Else sign s, digits d, power q, and the double r;
// of 16 and 17 digits those that are the nearest to r, where no fewer give it.
constexpr std::string_view kSqliteNumber =
    R"sql((SELECT CASE WHEN v NOT GLOB '??*[^0-9.]*' AND v GLOB '?[-.0-9]*' AND v GLOB '*[0-9]*' AND v NOT GLOB '*.*.*' AND length(replace(replace(v, '.', ''), '-', '')) <= 16
 THEN CAST(replace(substr(v, 2), '.', '') AS INTEGER) / CAST('1e' || CASE WHEN instr(v, '.') > 0 THEN length(v) - instr(v, '.') ELSE 0 END AS REAL)
 ELSE (SELECT CASE WHEN d = '' THEN CASE WHEN e BETWEEN -2147483648 AND 2147483647 THEN 0.0 END
 WHEN length(d) <= 15 OR @15@ <> r AND (length(d) = 16 AND abs(@18@ - d * 100) <= 50 OR length(d) = 17 AND @16@ <> r AND abs(@18@ - d * 10) <= 5)
 THEN CASE s WHEN '-' THEN -r ELSE r END END
 FROM (SELECT s, d, e, CASE WHEN length(d) NOT BETWEEN 1 AND 17 OR q + length(d) NOT BETWEEN -306 AND 308 THEN NULL
 WHEN q BETWEEN -22 AND 22 AND length(d) <= 16 AND CAST(d AS INTEGER) <= 9007199254740992
 THEN CASE WHEN q < 0 THEN d / CAST('1e' || -q AS REAL) ELSE d * CAST('1e' || q AS REAL) END ELSE CAST(d || 'e' || q AS REAL) END AS r
 FROM (SELECT s, rtrim(z, '0') AS d, e, e - f + length(z) - length(rtrim(z, '0')) AS q
 FROM (SELECT s, ltrim(replace(b, '.', ''), '0') AS z, CAST(e AS INTEGER) AS e, CASE WHEN instr(b, '.') > 0 THEN length(b) - instr(b, '.') ELSE 0 END AS f
 FROM (SELECT s, CASE WHEN instr(u, 'e') > 0 THEN substr(u, 1, instr(u, 'e') - 1) ELSE u END AS b, CASE WHEN instr(u, 'e') > 0 THEN substr(u, instr(u, 'e') + 1) ELSE '0' END AS e
 FROM (SELECT CASE WHEN v GLOB '?-*' THEN '-' ELSE '' END AS s, lower(substr(v, CASE WHEN v GLOB '?-*' THEN 3 ELSE 2 END)) AS u LIMIT -1) LIMIT -1)
 WHERE b NOT GLOB '*[^0-9.]*' AND b GLOB '*[0-9]*' AND b NOT GLOB '*.*.*' AND e GLOB '*[0-9]' AND e NOT GLOB '?*[^0-9]*' AND e GLOB '[-+0-9]*'
 AND length(ltrim(ltrim(e, '+-'), '0')) <= 10 LIMIT -1) LIMIT -1) LIMIT -1)) END
 FROM (SELECT @v@ AS v LIMIT -1)))sql";
constexpr std::string_view kSqliteFlag = R"sql(CASE lower(@v@) WHEN 's1' THEN 1 WHEN 'r1' THEN 1 WHEN 'strue' THEN 1 WHEN 'rtrue' THEN 1
 WHEN 's0' THEN 0 WHEN 'r0' THEN 0 WHEN 'sfalse' THEN 0 WHEN 'rfalse' THEN 0 END)sql";
constexpr std::string_view kSqliteDate =
    R"sql(CASE WHEN @v@ GLOB 's@day@' AND @x@ >= '0001' AND date(@x@, '+0 days') = @x@ THEN @x@ END)sql";
constexpr std::string_view kSqliteMoment = R"sql((SELECT CASE WHEN v GLOB 's@day@[ T][0-2][0-9]:[0-5][0-9]*' AND x >= '0001'
 AND date(substr(x, 1, 10), '+0 days') = substr(x, 1, 10) AND substr(x, 12, 2) < '24' AND (length(x) = 16 OR substr(x, 17, 3) GLOB ':[0-5][0-9]'
 AND (length(x) = 19 OR length(x) BETWEEN 21 AND 26 AND substr(x, 20, 1) = '.' AND substr(x, 21) NOT GLOB '*[^0-9]*'))
 THEN substr(x, 1, 10) || ' ' || substr(x, 12, 5) || CASE WHEN length(x) = 16 THEN ':00' ELSE substr(x, 17, 3) END
 || CASE WHEN ltrim(substr(x, 21), '0') = '' THEN '' ELSE '.' || substr(substr(x, 21) || '00000', 1, 6) END END FROM (SELECT @v@ AS v, @x@ AS x LIMIT -1)))sql";

// A double as a text of so many digits, read again.
std::string reread(int digits) { return fmt::format("CAST(printf('%!.{}e', r) AS REAL)", digits - 1); }

std::string sqlite_value(AnswerKind kind, std::size_t answer) {
  const std::string v = fmt::format("m ->> '$.c{}'", answer), x = fmt::format("substr({}, 2)", v);
  switch (kind) {
    case AnswerKind::number:
      return filled(kSqliteNumber, {{"v", v},
                                    {"15", reread(15)},
                                    {"16", reread(16)},
                                    {"18",
                                     "CAST(substr(replace(substr(printf('%!.17e', r), 1, instr(printf('%!.17e', r), 'e') - 1), '.', '') || "
                                     "'00000000000000000', 1, 18) AS INTEGER)"}});
    case AnswerKind::flag:
      return filled(kSqliteFlag, {{"v", v}});
    case AnswerKind::date:
      return filled(kSqliteDate, {{"v", v}, {"x", x}, {"day", kSqliteDayGlob}});
    case AnswerKind::moment:
      return filled(kSqliteMoment, {{"v", v}, {"x", x}, {"day", kSqliteDayGlob}});
    default:
      return filled("replace(replace(@x@, char(1, 3), char(0)), char(1, 2), char(1))", {{"x", x}});
  }
}

}  // namespace

std::string sqlite_unreadable() { return "NOT json_valid(record_data_raw)"; }

std::string sqlite_view_body(const ViewGround& ground) {
  const FormView& view = ground.view;
  std::string values;
  for (const table::ViewColumn& column : view.columns) {
    if (column.source == table::ViewSource::record) continue;
    const AnswerKind kind = column.source == table::ViewSource::text ? AnswerKind::text : view.answers[column.answer].kind;
    values += fmt::format(", {} AS {}", sqlite_value(kind, column.answer), quote_name(column.column->name));
  }
  return filled(R"sql(SELECT @own@@values@, @service@ FROM (SELECT @plain@, @answers@ AS m
 FROM (SELECT @plain@, COALESCE(record_data, CASE WHEN NOT (@unreadable@) THEN record_data_raw END) AS doc FROM @records@
 WHERE study_key = @study@ AND lower(form_key) = @form@) LIMIT -1) WHERE record_id IS NOT NULL)sql",
                {{"own", plain_columns(view, false)},
                 {"values", values},
                 {"service", plain_columns({}, true)},
                 {"plain", plain_columns(view, true)},
                 {"answers", answers(view)},
                 {"unreadable", sqlite_unreadable()},
                 {"records", ground.records.sql()},
                 {"study", quote_text(ground.study)},
                 {"form", quote_text(table::folded(view.form_key))}});
}

}  // namespace imednet::sinks::sql
