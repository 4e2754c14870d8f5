// PostgreSQL keeps a `json` value's exact text, its members' too. Each record's members are taken apart once, read as their variable's
// type, and gathered by number; the columns are casts of texts that were judged. OFFSET 0 keeps a step from being worked out again by each
// column that uses it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "sinks/sql/sql_statements.h"
#include "sinks/sql/view_bodies.h"

namespace imednet::sinks::sql {
namespace {

using table::AnswerKind;
using table::FormView;

char letter_of(AnswerKind kind) {
  switch (kind) {
    case AnswerKind::number:
      return 'n';
    case AnswerKind::flag:
      return 'f';
    case AnswerKind::date:
      return 'd';
    case AnswerKind::moment:
      return 'm';
    default:
      return 't';
  }
}

// record_data_raw where it is an object whose texts PostgreSQL can hold: it has no half of a surrogate pair; U+0000 goes through as
// U+0001 U+0003, and U+0001 as U+0001 U+0002.
constexpr std::string_view kReadable =
    R"sql(CASE WHEN @raw@ IS JSON OBJECT THEN regexp_replace(@raw@, '\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}', ' ', 'g') !~ '\\u[dD][89a-fA-F]' ELSE false END)sql";
constexpr std::string_view kDocument = R"sql(COALESCE(r.record_data, CASE WHEN @readable@ THEN
 CAST(replace(replace(replace(replace(r.record_data_raw, '\\', chr(2)), '\u0001', '\u0001\u0002'), '\u0000', '\u0001\u0003'), chr(2), '\\') AS json) END))sql";
// The JSON text of an answer that is no text, as it was sent.
constexpr std::string_view kSent = R"sql(CASE WHEN r.record_data IS NOT NULL THEN CAST(value AS text) ELSE
 replace(replace(replace(replace(CAST(value AS text), '\\', chr(2)), '\u0001\u0003', '\u0000'), '\u0001\u0002', '\u0001'), chr(2), '\\') END)sql";
// As the tables hold it, which have no U+0000 (sinks/sql/wire.h).
constexpr std::string_view kKept =
    R"sql(CASE WHEN r.record_data IS NOT NULL OR strpos(x, chr(1)) = 0 THEN CASE WHEN strpos(x, '\u0000') > 0 THEN replace(x, '\', '\\') ELSE x END
 WHEN strpos(x, chr(1) || chr(3)) > 0 OR strpos(x, '\u0000') > 0
 THEN replace(replace(replace(x, '\', '\\'), chr(1) || chr(3), '\u0000'), chr(1) || chr(2), chr(1)) ELSE replace(x, chr(1) || chr(2), chr(1)) END)sql";
// Sign, digits and power of ten as a number; beyond 17 digits and a double's range there is none that gives them back.
constexpr std::string_view kPostgresNumber = R"sql(CASE WHEN d = '' THEN CASE WHEN e BETWEEN -2147483648 AND 2147483647 THEN '0' END
 WHEN length(d) > 17 OR q + length(d) NOT BETWEEN -323 AND 309 OR (q + length(d) = 309 AND rpad(d, 17, '0') COLLATE "C" > '17976931348623157')
 OR (q + length(d) = -323 AND d <> '5') THEN NULL
 WHEN length(d) <= 15 AND q + length(d) BETWEEN -300 AND 300
 OR btrim(replace(split_part(CAST(CAST(d || 'e' || q AS double precision) AS text), 'e', 1), '.', ''), '0') = d THEN p[1] || d || 'e' || q END)sql";
constexpr std::string_view kPostgresFlag = R"sql(CASE WHEN form NOT IN ('string', 'number', 'boolean') THEN NULL
 WHEN x = '1' OR lower(x COLLATE "C") = 'true' THEN 'true' WHEN x = '0' OR lower(x COLLATE "C") = 'false' THEN 'false' END)sql";
constexpr std::string_view kPostgresDay = R"sql(CASE WHEN c IS NOT NULL THEN CASE WHEN c[1] > '0000' AND c[2] BETWEEN '01' AND '12'
 AND CAST(c[3] AS integer) BETWEEN 1 AND CASE WHEN c[2] = '02' THEN CASE WHEN CAST(c[1] AS integer) % 4 = 0
 AND (CAST(c[1] AS integer) % 100 <> 0 OR CAST(c[1] AS integer) % 400 = 0) THEN 29 ELSE 28 END
 WHEN c[2] IN ('04', '06', '09', '11') THEN 30 ELSE 31 END THEN x END END)sql";

// The steps from a record to its answers: x their plain texts, v their values' texts, each by number.
constexpr std::string_view kAnswers = R"sql(SELECT
 jsonb_object_agg(place, @kept@ ORDER BY ord DESC) FILTER (WHERE kind IN ('t', 'd', 'm')) AS x,
 jsonb_object_agg(place, CASE kind WHEN 'n' THEN @number@ WHEN 'f' THEN @flag@ ELSE @day@ END ORDER BY ord DESC) FILTER (WHERE kind <> 't') AS v
 FROM (SELECT *, rtrim(z, '0') AS d, e - length(p[3]) + length(z) - length(rtrim(z, '0')) AS q
 FROM (SELECT *, CASE WHEN p[2] || p[3] <> '' THEN ltrim(p[2] || p[3], '0') END AS z, CAST(COALESCE(p[4] || p[5], '0') AS bigint) AS e
 FROM (SELECT *,
 CASE WHEN kind = 'n' AND form IN ('string', 'number') THEN regexp_match(x, '^(-?)([0-9]*)\.?([0-9]*)(?:[eE]([+-]?)0*([0-9]{1,10}))?$') END AS p,
 CASE WHEN form <> 'string' THEN NULL WHEN kind = 'd' THEN regexp_match(x, '^([0-9]{4})-([0-9][0-9])-([0-9][0-9])$')
 WHEN kind = 'm' THEN regexp_match(x, '^([0-9]{4})-([0-9][0-9])-([0-9][0-9])[ T](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?$') END AS c
 FROM (SELECT ord, left(kp, 1) AS kind, substr(kp, 2) AS place, json_typeof(value) AS form,
 CASE json_typeof(value) WHEN 'null' THEN NULL WHEN 'string' THEN value #>> '{}' ELSE @sent@ END AS x
 FROM (SELECT value, ord, @places@ ->> translate(key, @upper@, @lower@) AS kp FROM json_each(@document@) WITH ORDINALITY AS m(key, value, ord) OFFSET 0) m
 WHERE kp IS NOT NULL OFFSET 0) m OFFSET 0) m OFFSET 0) m OFFSET 0) m)sql";

std::string list_of(const std::vector<std::string>& texts) { return fmt::format("CAST(ARRAY[{}] AS text[])", fmt::join(texts, ", ")); }

// Key to kind and number of an answer, as a constant.
std::string postgresql_places(const FormView& view) {
  std::vector<std::string> keys, values;
  for (std::size_t i = 0; i < view.answers.size(); ++i) {
    keys.push_back(quote_text(view.answers[i].key));
    values.push_back(fmt::format("'{}{}'", letter_of(view.answers[i].kind), i));
  }
  return fmt::format("jsonb_object({}, {})", list_of(keys), list_of(values));
}

std::string postgresql_value(const table::ViewColumn& column, const FormView& view) {
  const AnswerKind kind = column.source == table::ViewSource::text ? AnswerKind::text : view.answers[column.answer].kind;
  if (kind == AnswerKind::text) return fmt::format("a.x ->> '{}'", column.answer);
  return fmt::format("CAST(a.v ->> '{}' AS {})", column.answer, type_of(dialect_of(Engine::postgresql), column.column->kind));
}

std::string readable(std::string_view raw) { return filled(kReadable, {{"raw", raw}}); }

}  // namespace

std::string postgresql_unreadable() { return "NOT " + readable("record_data_raw"); }

std::string postgresql_view_body(const ViewGround& ground) {
  const FormView& view = ground.view;
  std::string values;
  for (const table::ViewColumn& column : view.columns) {
    if (column.source != table::ViewSource::record)
      values += fmt::format(", {} AS {}", postgresql_value(column, view), quote_name(column.column->name));
  }
  const std::string document = filled(kDocument, {{"readable", readable("r.record_data_raw")}});
  const std::string answers = filled(kAnswers, {{"kept", kKept},
                                                {"number", kPostgresNumber},
                                                {"flag", kPostgresFlag},
                                                {"day", kPostgresDay},
                                                {"sent", kSent},
                                                {"places", postgresql_places(view)},
                                                {"document", document},
                                                {"upper", kUpperLetters},
                                                {"lower", kLowerLetters}});
  return filled(
      R"sql(SELECT @own@@values@, @service@ FROM @records@ r CROSS JOIN LATERAL (@answers@) a
 WHERE r.study_key = @study@ AND translate(r.form_key, @upper@, @lower@) = @form@)sql",
      {{"own", plain_columns(view, false, "r.")},
       {"values", values},
       {"service", plain_columns({}, true, "r.")},
       {"records", ground.records.sql()},
       {"answers", answers},
       {"study", quote_text(ground.study)},
       {"form", quote_text(table::folded(view.form_key))},
       {"upper", kUpperLetters},
       {"lower", kLowerLetters}});
}

}  // namespace imednet::sinks::sql
