// A record's answers are taken out step by step, each a query over the one before it: the object, its keys as written and folded, the
// answers' keys, the answers as VARIANT, as text, as digits and double. Names of steps are in lower case, those of columns are not.
#include "sinks/snowflake/view_statements.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "core/digest.h"
#include "sinks/snowflake/sql_maker_internal.h"
#include "table/column_names.h"

namespace imednet::sinks::snowflake {
namespace {

using table::AnswerKind;
using table::FormView;
using table::ViewSource;

constexpr std::string_view kMark = "imednet view 1 ";
constexpr std::size_t kDigestBytes = 8, kPrefix = 200;

std::string digest_of(const std::string& text) { return core::sha256_hex(text, kDigestBytes); }

std::string folded_text(std::string_view text) {
  return fmt::format("TRANSLATE({}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')", text);
}

// A text that is no VARIANT is read where a number alone may be the reason: not with keys that stand twice, nor with escapes.
constexpr std::string_view kDocument =
    R"sql(COALESCE("RECORD_DATA", CASE WHEN NOT CONTAINS("RECORD_DATA_RAW", '\\u') THEN TRY_PARSE_JSON("RECORD_DATA_RAW") END))sql";

// Rows of the study with "doc", "ks" (its keys), "fs" (those folded) and "single" (no two of these are one), and `plain` columns.
std::string with_keys(const std::string& plain, const std::string& from) {
  return fmt::format(
      "SELECT {0}, \"doc\", \"ks\", \"fs\", ARRAY_SIZE(ARRAY_DISTINCT(\"fs\")) = ARRAY_SIZE(\"fs\") AS \"single\" FROM (SELECT {0}, "
      "\"doc\", "
      "\"ks\", TRANSFORM(\"ks\", k VARCHAR -> {1}) AS \"fs\" FROM (SELECT {0}, \"doc\", OBJECT_KEYS(\"doc\") AS \"ks\" FROM (SELECT {0}, "
      "AS_OBJECT(\"sent\") AS \"doc\" FROM (SELECT {0}, {2} AS \"sent\" FROM {3}))))",
      plain, folded_text("k"), kDocument, from);
}

// As the record spells it; null where it has none, or several.
std::string key_of(const std::string& key, std::size_t i) {
  return fmt::format(
      "CASE WHEN \"single\" OR ARRAY_SIZE(FILTER(\"fs\", k VARCHAR -> k = {0})) = 1 THEN GET(\"ks\", ARRAY_POSITION({0}::VARIANT, "
      "\"fs\"))::VARCHAR END AS \"k{1}\"",
      literal(key), i);
}

// What reading may have changed in a text that is no VARIANT is no answer.
std::string text_of(std::size_t i) {
  return fmt::format(
      "TYPEOF(\"v{0}\") = 'VARCHAR' AS \"s{0}\", CASE WHEN TYPEOF(\"v{0}\") = 'VARCHAR' THEN \"v{0}\"::VARCHAR WHEN TYPEOF(\"v{0}\") = "
      "'NULL_VALUE' OR \"raw\" AND TYPEOF(\"v{0}\") IN ('DOUBLE', 'ARRAY', 'OBJECT') THEN NULL ELSE TO_JSON(\"v{0}\") END AS \"x{0}\"",
      i);
}

// The digits of a number's text from the first to the last that is not 0.
std::string digits_of(const std::string& text) {
  return fmt::format("TRIM(REPLACE(REPLACE(SPLIT_PART(LOWER({}), 'e', 1), '.', ''), '-', ''), '0')", text);
}

// "d": null where the text is no number.
std::string number_of(std::size_t i) {
  const std::string x = fmt::format("\"x{}\"", i);
  return fmt::format(
      "CASE WHEN REGEXP_LIKE({0}, '-?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?') AND (NOT CONTAINS(LOWER({0}), 'e') OR "
      "TRY_TO_NUMBER(REPLACE(SPLIT_PART(LOWER({0}), 'e', 2), '+', '')) BETWEEN -2147483648 AND 2147483647) THEN {1} END AS \"d{2}\", "
      "TRY_TO_DOUBLE({0}) AS \"r{2}\"",
      x, digits_of(x), i);
}

std::string calendar_day(const std::string& text) {
  return fmt::format("{0} >= '0001' AND TO_VARCHAR(TRY_TO_DATE({0}, 'YYYY-MM-DD'), 'YYYY-MM-DD') = {0}", text);
}

// Up to 15 digits every double gives back; of more, those that Snowflake writes for it.
std::string value_of(AnswerKind kind, std::size_t i) {
  switch (kind) {
    case AnswerKind::number:
      return fmt::format(
          "CASE WHEN \"d{0}\" = '' THEN 0::FLOAT WHEN LENGTH(\"d{0}\") <= 15 AND ABS(\"r{0}\") BETWEEN 1e-300 AND 1e300 OR {1} = \"d{0}\" "
          "THEN \"r{0}\" END",
          i, digits_of(fmt::format("TO_VARCHAR(\"r{}\")", i)));
    case AnswerKind::flag:
      return fmt::format(
          "CASE WHEN \"x{0}\" = '1' OR LOWER(\"x{0}\") = 'true' THEN TRUE WHEN \"x{0}\" = '0' OR LOWER(\"x{0}\") = 'false' THEN FALSE END",
          i);
    case AnswerKind::date:
      return fmt::format(
          "CASE WHEN \"s{0}\" AND REGEXP_LIKE(\"x{0}\", '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') AND {1} THEN TRY_TO_DATE(\"x{0}\", "
          "'YYYY-MM-DD') "
          "END",
          i, calendar_day(fmt::format("\"x{}\"", i)));
    case AnswerKind::moment:
      return fmt::format(
          "CASE WHEN \"s{0}\" AND REGEXP_LIKE(\"x{0}\", '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[ "
          "T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{{1,6}})?)?') AND {1} THEN TRY_TO_TIMESTAMP_NTZ(LEFT(\"x{0}\", 10) || ' ' "
          "|| "
          "SUBSTR(\"x{0}\", 12, 5) || IFF(LENGTH(\"x{0}\") = 16, ':00', SUBSTR(\"x{0}\", 17, 3)) || '.' || RPAD(SUBSTR(\"x{0}\", 21), 6, "
          "'0'), "
          "'YYYY-MM-DD HH24:MI:SS.FF6') END",
          i, calendar_day(fmt::format("LEFT(\"x{}\", 10)", i)));
    default:
      return fmt::format("\"x{}\"", i);
  }
}

std::string upper_name(std::string_view name) { return Identifier::own(table::upper(name)).sql(); }

std::vector<const TargetColumn*> service_columns() {
  std::vector<const TargetColumn*> columns;
  for (const TargetColumn& column : records_shape().columns()) {
    if (!column.in_file) columns.push_back(&column);
  }
  return columns;
}

std::string plain_columns(const FormView& view) {
  std::vector<std::string> names;
  for (const table::ViewColumn& column : view.columns) {
    if (column.source == ViewSource::record) names.push_back(upper_name(column.column->name));
  }
  for (const TargetColumn* column : service_columns()) names.push_back(upper_name(column->name));
  return fmt::format("{}", fmt::join(names, ", "));
}

// Behind the plain columns: what `of` makes of each answer.
template <class Of>
std::string after_plain(const FormView& view, const Of& of) {
  std::string list;
  for (std::size_t i = 0; i < view.answers.size(); ++i) list += of(i);
  return list;
}

std::string query_of(const ObjectName& records, const std::string& study, const FormView& view) {
  std::vector<std::string> shown;
  for (const table::ViewColumn& column : view.columns) {
    if (column.source == ViewSource::record) {
      shown.push_back(upper_name(column.column->name));
    } else {
      shown.push_back(value_of(column.source == ViewSource::text ? AnswerKind::text : view.answers[column.answer].kind, column.answer));
    }
  }
  for (const TargetColumn* column : service_columns()) shown.push_back(upper_name(column->name));
  const std::string plain = plain_columns(view);
  const auto as_text = [&](std::size_t i) { return fmt::format(", \"s{0}\", \"x{0}\"", i); };
  const auto as_number = [&](std::size_t i) { return view.answers[i].kind == AnswerKind::number ? ", " + number_of(i) : std::string(); };
  const std::string of_form = fmt::format("{} WHERE \"STUDY_KEY\" = {} AND {} = {}", records.sql(), literal(study),
                                          folded_text("\"FORM_KEY\""), literal(table::folded(view.form_key)));
  const std::string keys = with_keys(plain + ", \"RECORD_DATA\", \"RECORD_DATA_RAW\"", of_form);
  return fmt::format(
      "SELECT {} FROM (SELECT {}{}{} FROM (SELECT {}{} FROM (SELECT {}, \"raw\"{} FROM (SELECT {}, \"doc\", \"RECORD_DATA\" IS NULL AS "
      "\"raw\"{} FROM ({})))))",
      fmt::join(shown, ", "), plain, after_plain(view, as_text), after_plain(view, as_number), plain,
      after_plain(view, [](std::size_t i) { return ", " + text_of(i); }), plain,
      after_plain(view, [](std::size_t i) { return fmt::format(", GET(\"doc\", \"k{0}\"::VARCHAR) AS \"v{0}\"", i); }), plain,
      after_plain(view, [&](std::size_t i) { return ", " + key_of(view.answers[i].key, i); }), keys);
}

// What SHOW … LIKE has to look for: names that begin so, and others. "_" stands for any character; a view's name may be cut.
std::string names_like(const ObjectName& records) {
  return literal(table::safe_characters(records.object().name()).substr(0, kPrefix) + "%");
}

}  // namespace

ViewStatements::ViewStatements(ObjectName records, ObjectName name, std::string study, const FormView& view)
    : records_(std::move(records)),
      name_(std::move(name)),
      study_(std::move(study)),
      view_(view),
      query_(query_of(records_, study_, view_)) {
  whose_ = fmt::format("{}{} ", kMark,
                       digest_of(fmt::format("{}\n{}\n{}\n{}", records_.text(), name_.text(), study_, table::folded(view_.form_key))));
  comment_ = fmt::format("form {} of study {}; {}{}", view_.form_key, study_, whose_, digest_of(definition() + query_));
}

bool ViewStatements::is_made_by_us(std::string_view comment) { return comment.find(kMark) != std::string_view::npos; }
bool ViewStatements::is_ours(std::string_view comment) const { return comment.find(whose_) != std::string_view::npos; }

// The columns with what people read beside them.
std::string ViewStatements::definition() const {
  std::vector<std::string> columns;
  const auto add = [&](std::string_view name, std::string_view comment) {
    columns.push_back(fmt::format("{} COMMENT {}", upper_name(name), literal(comment)));
  };
  for (const table::ViewColumn& column : view_.columns) add(column.column->name, column.column->comment);
  for (const TargetColumn* column : service_columns()) add(column->name, column->comment);
  return fmt::format("{}", fmt::join(columns, ", "));
}

SqlText ViewStatements::create() const {
  return SqlMaker::make("CREATE VIEW {} ({}) COMMENT = {} AS {}", name_.sql(), definition(), literal(comment_), query_);
}
SqlText ViewStatements::replace() const {
  return SqlMaker::make("CREATE OR REPLACE VIEW {} ({}) COPY GRANTS COMMENT = {} AS {}", name_.sql(), definition(), literal(comment_),
                        query_);
}

SqlText show_views_of(const ObjectName& records) {
  return SqlMaker::make("SHOW VIEWS LIKE {} IN SCHEMA {}.{}", names_like(records), records.database().sql(), records.schema().sql());
}
SqlText show_tables_of(const ObjectName& records) {
  return SqlMaker::make("SHOW TABLES LIKE {} IN SCHEMA {}.{}", names_like(records), records.database().sql(), records.schema().sql());
}

SqlText unreadable_rows(const ObjectName& records, std::string_view study) {
  const std::string live = fmt::format("{} WHERE \"STUDY_KEY\" = {} AND \"_DELETED_AT\" IS NULL", records.sql(), literal(study));
  return SqlMaker::make(
      "SELECT COUNT_IF(\"doc\" IS NULL AND \"RECORD_DATA_RAW\" IS NOT NULL) AS \"UNREAD_ROWS\", COUNT_IF(NOT \"single\") AS "
      "\"DOUBLE_ROWS\" "
      "FROM ({})",
      with_keys("\"RECORD_DATA\", \"RECORD_DATA_RAW\"", live));
}

}  // namespace imednet::sinks::snowflake
