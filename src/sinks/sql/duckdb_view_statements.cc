// DuckDB's JSON functions write numbers anew (1.50 becomes 1.5), so a record's answers are taken apart by a regular expression over the
// exact text: keys and values as two lists. Views see the values of one level deeper each: text, key, token, plain text, value.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "sinks/sql/sql_statements.h"
#include "sinks/sql/view_bodies.h"

namespace imednet::sinks::sql {
namespace {

using table::AnswerKind;
using table::FormView;

constexpr std::string_view kDuckDbString = R"re("(?:[^"\\]|\\.)*")re", kDuckDbSpace = R"re([ \t\n\r]*)re";
constexpr int kDuckDbDepth = 64;  // of arrays and objects, those of record_data; deeper ones are in record_data_raw

// A member of an object: key and value, each a group that opens with `group`.
std::string member(std::string_view group) {
  std::string nested = fmt::format(R"re([\[{{](?:[^\[\]{{}}"]|{})*[\]}}])re", kDuckDbString);
  for (int depth = 1; depth < kDuckDbDepth; ++depth)
    nested = fmt::format(R"re([\[{{](?:[^\[\]{{}}"]|{}|{})*[\]}}])re", kDuckDbString, nested);
  return fmt::format(R"re({0}{1}){2}:{2}{0}{1}|[^ \t\n\r\[\]{{}}",:]+|{3}))re", group, kDuckDbString, kDuckDbSpace, nested);
}

std::string object() { return filled(R"re(@s@\{@s@(?:@m@@s@(?:,@s@@m@@s@)*)?\}@s@)re", {{"s", kDuckDbSpace}, {"m", member("(?:")}}); }

std::string duckdb_unquoted(std::string_view token) {
  return filled(
      R"sql(CASE WHEN contains(@t@, '\') THEN CASE WHEN json_valid(@t@) THEN json_extract_string(@t@, '$') END ELSE substr(@t@, 2, length(@t@) - 2) END)sql",
      {{"t", token}});
}

// The digits of a number's text from the first to the last that is not 0.
std::string duckdb_digits(std::string_view text) {
  return filled(R"sql(trim(replace(replace(regexp_replace(@t@, '[eE].*$', ''), '.', ''), '-', ''), '0'))sql", {{"t", text}});
}

constexpr std::string_view kDuckDbNumber = R"sql(CASE WHEN regexp_full_match(@x@, '-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?')
 AND (NOT regexp_matches(@x@, '[eE]') OR TRY_CAST(regexp_extract(@x@, '[eE]\+?(.*)$', 1) AS INTEGER) IS NOT NULL)
 THEN CASE @digits@ WHEN '' THEN CAST(0 AS DOUBLE) WHEN @shortest@ THEN TRY_CAST(@x@ AS DOUBLE) END END)sql";
constexpr std::string_view kDuckDbFlag =
    R"sql(CASE WHEN @x@ = '1' OR lower(@x@) = 'true' THEN true WHEN @x@ = '0' OR lower(@x@) = 'false' THEN false END)sql";
constexpr std::string_view kDuckDbDate =
    R"sql(CASE WHEN starts_with(@t@, '"') AND regexp_full_match(@x@, '[0-9]{4}-[0-9]{2}-[0-9]{2}') AND @x@ >= '0001' THEN TRY_CAST(@x@ AS DATE) END)sql";
constexpr std::string_view kDuckDbMoment = R"sql(CASE WHEN starts_with(@t@, '"') AND @x@ >= '0001'
 AND regexp_full_match(@x@, '[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?')
 THEN TRY_CAST(CASE WHEN length(@x@) = 16 THEN @x@ || ':00' ELSE @x@ END AS TIMESTAMP) END)sql";

std::string duckdb_value(AnswerKind kind, std::size_t answer) {
  std::string x = fmt::format("x{}", answer);
  const std::string t = fmt::format("t{}", answer);
  switch (kind) {
    case AnswerKind::number:
      return filled(
          kDuckDbNumber,
          {{"x", x}, {"digits", duckdb_digits(x)}, {"shortest", duckdb_digits(fmt::format("CAST(TRY_CAST({} AS DOUBLE) AS VARCHAR)", x))}});
    case AnswerKind::flag:
      return filled(kDuckDbFlag, {{"x", x}});
    case AnswerKind::date:
      return filled(kDuckDbDate, {{"x", x}, {"t", t}});
    case AnswerKind::moment:
      return filled(kDuckDbMoment, {{"x", x}, {"t", t}});
    default:
      return x;
  }
}

// Behind the plain columns: what `of` makes of each.
template <class Elements, class Make>
std::string behind(const Elements& elements, const Make& make) {
  std::string list;
  for (std::size_t i = 0; i < elements.size(); ++i) list += ", " + make(i);
  return list;
}

}  // namespace

std::string duckdb_unreadable() { return fmt::format("NOT regexp_full_match(record_data_raw, {})", quote_text(object())); }

std::string duckdb_view_body(const ViewGround& ground) {
  const FormView& view = ground.view;
  const std::string plain = plain_columns(view, true);
  const std::string tokens = behind(
      view.answers, [&](std::size_t i) { return fmt::format("vs[list_position(ks, {})] AS t{}", quote_text(view.answers[i].key), i); });
  const std::string texts = behind(view.answers, [&](std::size_t i) {
    const std::string t = fmt::format("t{}", i);
    return filled(R"sql(t@i@, CASE WHEN t@i@ = 'null' THEN NULL WHEN starts_with(t@i@, '"') THEN @plain@ ELSE t@i@ END AS x@i@)sql",
                  {{"i", std::to_string(i)}, {"plain", duckdb_unquoted(t)}});
  });
  std::string values;
  for (const table::ViewColumn& column : view.columns) {
    if (column.source == table::ViewSource::record) continue;
    const AnswerKind kind = column.source == table::ViewSource::text ? AnswerKind::text : view.answers[column.answer].kind;
    values += fmt::format(", {} AS {}", duckdb_value(kind, column.answer), quote_name(column.column->name));
  }
  return filled(
      R"sql(SELECT @own@@values@, @service@ FROM (SELECT @plain@@texts@ FROM (SELECT @plain@@tokens@
 FROM (SELECT @plain@, vs, [translate(@key@, @upper@, @lower@) FOR k IN k0] AS ks
 FROM (SELECT @plain@, regexp_extract_all(doc, @member@, 1) AS k0, regexp_extract_all(doc, @member@, 2) AS vs
 FROM (SELECT @plain@, COALESCE(CAST(record_data AS VARCHAR), CASE WHEN NOT (@unreadable@) THEN record_data_raw END) AS doc FROM @records@
 WHERE study_key = @study@ AND translate(form_key, @upper@, @lower@) = @form@))))))sql",
      {{"own", plain_columns(view, false)},
       {"values", values},
       {"service", plain_columns({}, true)},
       {"plain", plain},
       {"texts", texts},
       {"tokens", tokens},
       {"key", duckdb_unquoted("k")},
       {"upper", kUpperLetters},
       {"lower", kLowerLetters},
       {"member", quote_text(member("("))},
       {"unreadable", duckdb_unreadable()},
       {"records", ground.records.sql()},
       {"study", quote_text(ground.study)},
       {"form", quote_text(table::folded(view.form_key))}});
}

}  // namespace imednet::sinks::sql
