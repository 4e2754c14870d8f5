#include "file_format.h"

#include <algorithm>
#include <array>

#include "sql_error.h"
#include "translator.h"

namespace imednet::sandbox::snowflake {

namespace {

constexpr std::array<std::string_view, 6> kTypes = {"CSV", "JSON", "AVRO", "ORC", "PARQUET", "XML"};
constexpr std::array<std::string_view, 6> kSwitches = {
    "USE_LOGICAL_TYPE", "BINARY_AS_TEXT", "USE_VECTORIZED_SCANNER", "TRIM_SPACE", "REPLACE_INVALID_CHARACTERS", "SNAPPY_COMPRESSION"};

std::string option_value(Translator& sql, const std::string& option) {
  const Token token = sql.next();
  if (token.kind != TokenKind::word && token.kind != TokenKind::string) sql.fail();
  const std::string value = to_upper(token.text);
  const bool is_switch = std::find(kSwitches.begin(), kSwitches.end(), option) != kSwitches.end();
  if (is_switch && value != "TRUE" && value != "FALSE")
    throw syntax_error("invalid value '" + token.text + "' for property '" + option + "'");
  if (option == "TYPE" && std::find(kTypes.begin(), kTypes.end(), value) == kTypes.end())
    throw syntax_error("invalid value '" + token.text + "' for property 'TYPE'");
  if (!is_switch && option != "TYPE" && option != "COMPRESSION") throw syntax_error("invalid option '" + option + "' in FILE_FORMAT.");
  return value;
}

// FORMAT_NAME takes a name, or one in single quotes.
ObjectName format_name(Translator& sql) {
  if (sql.peek().kind != TokenKind::string) return sql.object_name();
  const std::string text = sql.next().text;
  Translator inner(tokenize(text), text, sql.resolver());
  const ObjectName name = inner.object_name();
  inner.expect_end();
  return name;
}

}  // namespace

std::string FileFormat::type() const {
  const auto found = options.find("TYPE");
  return found == options.end() ? "CSV" : found->second;
}

bool FileFormat::is_true(const std::string& option, bool otherwise) const {
  const auto found = options.find(option);
  return found == options.end() ? otherwise : found->second == "TRUE";
}

bool FileFormat::binary_as_text() const { return !is_true("USE_VECTORIZED_SCANNER", false) && is_true("BINARY_AS_TEXT", true); }
bool FileFormat::logical_types() const { return is_true("USE_VECTORIZED_SCANNER", false) || is_true("USE_LOGICAL_TYPE", false); }
bool FileFormat::trims() const { return is_true("TRIM_SPACE", false); }

void parse_format_options(Translator& sql, FileFormat& format) {
  while (sql.peek().kind == TokenKind::word && !sql.at_word("COMMENT")) {
    const std::string option = sql.identifier();
    sql.expect_symbol("=");
    if (option == "FORMAT_NAME") {
      format.name = format_name(sql);
    } else {
      format.options[option] = option_value(sql, option);
    }
    sql.accept_symbol(",");
  }
}

FileFormat parse_file_format(Translator& sql) {
  FileFormat format;
  if (!sql.accept_symbol("(")) {
    format.name = format_name(sql);
    return format;
  }
  parse_format_options(sql, format);
  sql.expect_symbol(")");
  if (format.name && !format.options.empty()) throw syntax_error("FORMAT_NAME and TYPE are mutually exclusive.");
  return format;
}

}  // namespace imednet::sandbox::snowflake
