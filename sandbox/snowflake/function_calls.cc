// The calls whose arguments are not a plain list: COUNT(*), DATEADD(day, ...), LISTAGG(...) WITHIN GROUP, windows.
#include <set>

#include "functions.h"
#include "sql_error.h"
#include "translator.h"

namespace imednet::sandbox::snowflake {

namespace {

bool takes_date_part(const std::string& name) {
  return name == "DATEADD" || name == "TIMEADD" || name == "TIMESTAMPADD" || name == "DATEDIFF" || name == "TIMEDIFF" ||
         name == "TIMESTAMPDIFF" || name == "DATE_TRUNC" || name == "DATE_PART";
}

std::string date_call(const std::string& name, const std::string& part, const std::vector<Expression>& arguments) {
  const auto stamp = [](const Expression& value) { return value.text_literal ? "CAST(" + value.sql + " AS TIMESTAMP)" : as_scalar(value); };
  if (name == "DATE_TRUNC" && arguments.size() == 1) return "date_trunc('" + part + "', " + stamp(arguments[0]) + ")";
  if (name == "DATE_PART" && arguments.size() == 1) return "date_part('" + part + "', " + stamp(arguments[0]) + ")";
  if (arguments.size() != 2) return {};
  if (name.ends_with("ADD")) {
    // A date moved by whole days or more stays a date. [doc]
    if (arguments[1].date && part != "hour" && part != "minute" && !part.ends_with("second"))
      return "CAST(" + arguments[1].sql + " + CAST(" + as_number(arguments[0]) + " AS BIGINT) * INTERVAL 1 " + part + " AS DATE)";
    return "(" + stamp(arguments[1]) + " + CAST(" + as_number(arguments[0]) + " AS BIGINT) * INTERVAL 1 " + part + ")";
  }
  return name.ends_with("DIFF") ? "date_diff('" + part + "', " + stamp(arguments[0]) + ", " + stamp(arguments[1]) + ")" : std::string();
}

}  // namespace

Expression Translator::call(const std::string& name) {
  next();
  expect_symbol("(");
  Expression out;
  if (name == "COUNT" && (peek().is_symbol("*") || (peek(1).is_symbol(".") && peek(2).is_symbol("*")))) {
    while (!peek().is_symbol("*")) next();
    next();
    expect_symbol(")");
    out = plain("count(*)");
  } else if (takes_date_part(name)) {
    const auto part = date_part(peek().kind == TokenKind::string ? to_upper(peek().text) : peek().upper);
    if (!part) fail();
    next();
    std::vector<Expression> arguments;
    while (accept_symbol(",")) arguments.push_back(expression());
    expect_symbol(")");
    out = plain(date_call(name, *part, arguments));
    if (out.sql.empty()) fail();
  } else if (name == "EXTRACT") {
    const auto part = date_part(next().upper);
    expect_word("FROM");
    const Expression value = expression();
    expect_symbol(")");
    if (!part) fail();
    out = plain("date_part('" + *part + "', " + as_scalar(value) + ")");
  } else {
    out = general_call(name);
  }
  if (accept_word("OVER")) out.sql += window();
  return out;
}

Expression Translator::general_call(const std::string& name) {
  if (name == "TRANSFORM" || name == "FILTER") return list_call(name);
  const bool distinct = accept_word("DISTINCT");
  std::vector<Expression> arguments;
  if (name == "OBJECT_CONSTRUCT" && peek().is_symbol("*") && peek(1).is_symbol(")")) {
    next();
    next();
    row_object_ = true;
    Expression out = plain("sf_object(to_json(sf_row))");
    out.json = true;
    return out;
  }
  if (!peek().is_symbol(")")) {
    do {
      arguments.push_back(expression());
      if (arguments.size() > 500) fail();
    } while (accept_symbol(","));
  }
  expect_symbol(")");
  if (arguments.empty()) {
    if (const auto value = session_word(name, resolver_, deferred_)) return plain(*value);
  }
  if (name.starts_with("SYSTEM$") || name == "LAST_QUERY_ID") {
    std::vector<std::string> texts;
    for (const Expression& argument : arguments) texts.push_back(argument.sql);
    if (const auto value = resolver_.system_function(name, texts)) return plain(*value);
  }
  if (name == "ARRAY_AGG" && arguments.size() == 1) return array_agg(arguments, distinct);
  if (Expression formatted = formatted_call(name, arguments); !formatted.sql.empty()) return formatted;
  if (name == "PARSE_JSON" && arguments.size() == 1) json_texts_.push_back("CAST(" + as_text(arguments[0]) + " AS VARCHAR)");
  if (name == "LISTAGG") {
    if (arguments.empty() || arguments.size() > 2) fail();
    std::string order;
    if (accept_words("WITHIN", "GROUP")) {
      expect_symbol("(");
      order = " " + order_by();
      expect_symbol(")");
    }
    const std::string separator = arguments.size() == 2 ? arguments[1].sql : "''";
    return plain("coalesce(string_agg(" + std::string(distinct ? "DISTINCT " : "") + as_text(arguments[0]) + ", " + separator + order +
                 "), '')");
  }
  auto translated = translate_function(name, arguments, distinct);
  if (!translated) {
    if (is_known_function(name))
      throw SqlError("000938", "22023", "SQL compilation error:\nwrong number of arguments for function [" + name + "]");
    throw SqlError("002140", "42601", "SQL compilation error:\nUnknown function " + name);
  }
  if ((name == "FIRST_VALUE" || name == "LAST_VALUE" || name == "LAG" || name == "LEAD") && accept_words("IGNORE", "NULLS")) {
    translated->sql.insert(translated->sql.size() - 1, " IGNORE NULLS");
  }
  translated->date = name == "TO_DATE" || name == "DATE" || name == "TRY_TO_DATE";
  return *translated;
}

// TRANSFORM(array, name VARCHAR -> expression) and FILTER likewise; of elements that are texts.
Expression Translator::list_call(const std::string& name) {
  const std::string list = as_json(expression());
  expect_symbol(",");
  const std::string element = engine_identifier(identifier());
  if (peek().is_symbol("->") || column_type().kind != TypeKind::text) throw unsupported(name + " of elements that are no VARCHAR");
  expect_symbol("->");
  const std::string body = as_scalar(expression());
  expect_symbol(")");
  Expression out = plain("to_json(" + std::string(name == "FILTER" ? "list_filter" : "list_transform") + "(CAST(" + list +
                         " AS VARCHAR[]), lambda " + element + ": " + body + "))");
  out.json = true;
  return out;
}

// NULLs are left out, and no rows give []. [doc]
Expression Translator::array_agg(const std::vector<Expression>& arguments, bool distinct) {
  std::string order;
  if (accept_words("WITHIN", "GROUP")) {
    expect_symbol("(");
    order = " " + order_by();
    expect_symbol(")");
  }
  if (at_word("OVER")) throw unsupported("ARRAY_AGG over a window");
  const std::string value = arguments[0].is_path() ? arguments[0].sql : as_scalar(arguments[0]);
  Expression out = plain("coalesce(to_json(list(" + std::string(distinct ? "DISTINCT " : "") + value + order + ") FILTER (WHERE (" + value +
                         ") IS NOT NULL)), CAST('[]' AS JSON))");
  out.json = true;
  return out;
}

// TO_VARCHAR(time, 'YYYY-MM-DD') and the like; nothing when this call has no format.
Expression Translator::formatted_call(const std::string& name, const std::vector<Expression>& arguments) {
  static const std::set<std::string> kReaders = {
      "TO_DATE", "DATE", "TRY_TO_DATE", "TO_TIMESTAMP", "TO_TIMESTAMP_NTZ", "TRY_TO_TIMESTAMP", "TRY_TO_TIMESTAMP_NTZ"};
  const bool writes = name == "TO_VARCHAR" || name == "TO_CHAR";
  if (arguments.size() != 2 || (!writes && !kReaders.contains(name))) return {};
  if (arguments[1].number_literal && name.find("TIMESTAMP") != std::string::npos)
    return plain("sf_scaled_seconds(" + as_number(arguments[0]) + ", " + arguments[1].sql + ")");
  if (!arguments[1].text_literal) throw unsupported(name + " with a format that is no literal");
  const auto format = time_format(arguments[1].sql.substr(1, arguments[1].sql.size() - 2));
  if (!format) throw unsupported("Format " + arguments[1].sql);
  if (writes) return plain("strftime(" + as_scalar(arguments[0]) + ", " + quote_text(*format) + ")");
  const std::string read = name.starts_with("TRY_") ? "try_strptime" : "strptime";
  Expression out = plain(read + "(" + as_text(arguments[0]) + ", " + quote_text(*format) + ")");
  if (name.ends_with("DATE")) {
    out.sql = "CAST(" + out.sql + " AS DATE)";
    out.date = true;
  }
  return out;
}

}  // namespace imednet::sandbox::snowflake
