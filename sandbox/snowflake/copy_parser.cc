#include "copy_into.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

constexpr size_t kMostFiles = 1000;

bool boolean_value(Translator& sql) {
  const std::string word = sql.next().upper;
  if (word != "TRUE" && word != "FALSE") sql.fail();
  return word == "TRUE";
}

void file_list(Translator& sql, CopyStatement& statement) {
  sql.expect_symbol("(");
  do {
    statement.files.push_back(sql.string_literal());
  } while (sql.accept_symbol(","));
  sql.expect_symbol(")");
  statement.files_given = true;
  if (statement.files.size() > kMostFiles)
    throw SqlError("001039", "42601", "SQL compilation error:\nmaximum number of files in FILES is 1000");
}

// TYPE = PARQUET and the switches this server honours or may ignore; anything else is refused.
void file_format(Translator& sql) {
  sql.expect_symbol("(");
  bool parquet = false;
  do {
    const std::string option = sql.identifier();
    sql.expect_symbol("=");
    if (option == "TYPE") {
      const Token type = sql.next();
      parquet = to_upper(type.text) == "PARQUET";
    } else if (option == "USE_LOGICAL_TYPE") {
      if (!boolean_value(sql)) throw syntax_error("USE_LOGICAL_TYPE = FALSE is not supported by this server.");
    } else if (option == "BINARY_AS_TEXT" || option == "USE_VECTORIZED_SCANNER" || option == "TRIM_SPACE" ||
               option == "REPLACE_INVALID_CHARACTERS") {
      boolean_value(sql);
    } else if (option == "COMPRESSION") {
      sql.next();
    } else {
      throw syntax_error("invalid option '" + option + "' in FILE_FORMAT.");
    }
    sql.accept_symbol(",");
  } while (!sql.accept_symbol(")"));
  if (!parquet) throw syntax_error("only TYPE = PARQUET is supported by this server.");
}

void copy_option(Translator& sql, CopyStatement& statement) {
  const std::string option = sql.identifier();
  if (option == "FORCE" || option == "PURGE" || option == "TRUNCATECOLUMNS" || option == "LOAD_UNCERTAIN_FILES" ||
      option == "ENFORCE_LENGTH") {
    sql.expect_symbol("=");
    const bool value = boolean_value(sql);
    if (option == "FORCE") statement.force = value;
    if (option == "PURGE") statement.purge = value;
    if (option == "TRUNCATECOLUMNS" && value) throw syntax_error("TRUNCATECOLUMNS = TRUE is not supported by this server.");
    return;
  }
  sql.expect_symbol("=");
  if (option == "FILES") return file_list(sql, statement);
  if (option == "FILE_FORMAT") return file_format(sql);
  const Token value = sql.next();
  const std::string word = to_upper(value.text);
  if (option == "ON_ERROR") {
    if (word != "ABORT_STATEMENT") throw syntax_error("ON_ERROR = " + word + " is not supported by this server.");
  } else if (option == "MATCH_BY_COLUMN_NAME") {
    if (word == "CASE_SENSITIVE")
      statement.match = MatchByName::case_sensitive;
    else if (word == "CASE_INSENSITIVE")
      statement.match = MatchByName::case_insensitive;
    else if (word != "NONE")
      sql.fail();
  } else {
    throw syntax_error("invalid option '" + option + "' for COPY INTO.");
  }
}

// (SELECT items FROM @stage [alias]): the items are read once here to find their end.
void transform_source(Translator& sql, CopyStatement& statement) {
  class AnyRow : public StagedRow {
   public:
    std::string column(const std::string&) override { return "NULL"; }
    std::string whole() override { return "NULL"; }
    std::string metadata(const std::string&) override { return "NULL"; }
  } any;
  sql.expect_word("SELECT");
  statement.transform = true;
  statement.select_list = sql.position();
  sql.set_staged_row(&any);
  do {
    sql.transform_item();
  } while (sql.accept_symbol(","));
  sql.set_staged_row(nullptr);
  sql.take_json_texts();
  sql.expect_word("FROM");
}

StageReference stage_source(Translator& sql) {
  if (sql.peek().kind == TokenKind::stage) return parse_stage_reference(sql.next().text);
  if (sql.peek().kind == TokenKind::string && sql.peek().text.starts_with("@")) return parse_stage_reference(sql.next().text.substr(1));
  sql.fail();
}

}  // namespace

CopyStatement parse_copy(Translator& sql) {
  CopyStatement statement;
  sql.expect_word("COPY");
  sql.expect_word("INTO");
  if (sql.peek().kind == TokenKind::stage) throw syntax_error("unloading is not supported by this server.");
  statement.table = sql.object_name();
  if (sql.accept_symbol("(")) {
    do {
      statement.columns.push_back(sql.identifier());
    } while (sql.accept_symbol(","));
    sql.expect_symbol(")");
  }
  sql.expect_word("FROM");
  if (sql.accept_symbol("(")) {
    transform_source(sql, statement);
    statement.source = stage_source(sql);
    if (!sql.peek().is_symbol(")") && !sql.peek().is_symbol("(")) {
      sql.accept_word("AS");
      statement.alias = sql.identifier();
    }
    sql.expect_symbol(")");
  } else {
    statement.source = stage_source(sql);
  }
  while (sql.peek().kind == TokenKind::word) {
    copy_option(sql, statement);
    sql.accept_symbol(",");
  }
  sql.expect_end();
  if (statement.transform && statement.match != MatchByName::none) {
    throw syntax_error("MATCH_BY_COLUMN_NAME is not supported with a COPY transformation.");
  }
  return statement;
}

}  // namespace imednet::sandbox::snowflake
