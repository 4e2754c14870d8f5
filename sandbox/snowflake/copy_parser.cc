#include <algorithm>

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

// CONTINUE | SKIP_FILE | SKIP_FILE_5 | 'SKIP_FILE_5%' | ABORT_STATEMENT, bare or in quotes
void on_error(Translator& sql, CopyStatement& statement) {
  const std::string written = sql.next().text;
  const std::string word = to_upper(written);
  const bool percent = sql.accept_symbol("%") || word.ends_with("%");
  const SqlError wrong = syntax_error("invalid value '" + written + "' for property 'ON_ERROR'");
  if (word == "ABORT_STATEMENT") {
    statement.on_error = OnError::abort_statement;
  } else if (word == "CONTINUE") {
    statement.on_error = OnError::keep_going;
  } else if (word.starts_with("SKIP_FILE")) {
    statement.on_error = OnError::skip_file;
    statement.skip_percent = percent;
    std::string digits = word.substr(std::string("SKIP_FILE").size());
    if (percent && digits.ends_with("%")) digits.pop_back();
    if (digits.empty() && !percent) return;
    if (digits.size() < 2 || digits.size() > 10 || digits[0] != '_' || digits.find_first_not_of("0123456789", 1) != std::string::npos)
      throw wrong;
    statement.skip_from = std::stoll(digits.substr(1));
    if (statement.skip_from < 1 || (percent && statement.skip_from > 100)) throw wrong;
    return;
  } else {
    throw wrong;
  }
  if (percent) throw wrong;
}

// (column = METADATA$FILENAME, …)
void include_metadata(Translator& sql, CopyStatement& statement) {
  sql.expect_symbol("(");
  do {
    const std::string column = sql.identifier();
    sql.expect_symbol("=");
    statement.metadata.emplace_back(column, sql.identifier());
  } while (sql.accept_symbol(","));
  sql.expect_symbol(")");
}

void match_by_name(Translator& sql, CopyStatement& statement) {
  const std::string word = to_upper(sql.next().text);
  if (word == "CASE_SENSITIVE")
    statement.match = MatchByName::case_sensitive;
  else if (word == "CASE_INSENSITIVE")
    statement.match = MatchByName::case_insensitive;
  else if (word != "NONE")
    throw syntax_error("invalid value '" + word + "' for property 'MATCH_BY_COLUMN_NAME'");
}

bool switch_option(Translator& sql, CopyStatement& statement, const std::string& option) {
  static const std::map<std::string, bool CopyStatement::*> kSwitches = {{"FORCE", &CopyStatement::force},
                                                                         {"PURGE", &CopyStatement::purge},
                                                                         {"LOAD_UNCERTAIN_FILES", &CopyStatement::load_uncertain_files},
                                                                         {"RETURN_FAILED_ONLY", &CopyStatement::return_failed_only},
                                                                         {"TRUNCATECOLUMNS", &CopyStatement::truncates}};
  if (option == "ENFORCE_LENGTH") {
    statement.truncates = !boolean_value(sql);
    return true;
  }
  const auto found = kSwitches.find(option);
  if (found == kSwitches.end()) return false;
  statement.*found->second = boolean_value(sql);
  return true;
}

void copy_option(Translator& sql, CopyStatement& statement) {
  const std::string option = sql.identifier();
  sql.expect_symbol("=");
  if (switch_option(sql, statement, option)) return;
  if (option == "FILES") return file_list(sql, statement);
  if (option == "FILE_FORMAT") {
    statement.format = parse_file_format(sql);
  } else if (option == "PATTERN") {
    statement.pattern = sql.string_literal();
  } else if (option == "SIZE_LIMIT") {
    statement.size_limit = sql.integer_literal();
    if (statement.size_limit < 1) throw syntax_error("invalid value for property 'SIZE_LIMIT'");
  } else if (option == "ON_ERROR") {
    on_error(sql, statement);
  } else if (option == "MATCH_BY_COLUMN_NAME") {
    match_by_name(sql, statement);
  } else if (option == "INCLUDE_METADATA") {
    include_metadata(sql, statement);
  } else {
    throw syntax_error("invalid parameter '" + option + "'");
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
  if (sql.peek().kind == TokenKind::string) throw unsupported("Loading from a URL");
  sql.fail();
}

// What can't stand together.
void check(const CopyStatement& statement, bool validates) {
  const bool matches = statement.match != MatchByName::none;
  if (validates && matches) throw syntax_error("VALIDATION_MODE is not supported with MATCH_BY_COLUMN_NAME.");               // [doc]
  if (validates && statement.transform) throw syntax_error("VALIDATION_MODE is not supported with a COPY transformation.");  // [doc]
  if (validates) throw unsupported("VALIDATION_MODE");
  if (statement.transform && matches) throw syntax_error("MATCH_BY_COLUMN_NAME is not supported with a COPY transformation.");
  if (!statement.metadata.empty() && !matches) throw syntax_error("INCLUDE_METADATA needs MATCH_BY_COLUMN_NAME.");
}

}  // namespace

CopyStatement parse_copy(Translator& sql) {
  CopyStatement statement;
  sql.expect_word("COPY");
  sql.expect_word("INTO");
  if (sql.peek().kind == TokenKind::stage || sql.peek().kind == TokenKind::string) throw unsupported("Unloading with COPY INTO <location>");
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
    if (sql.peek().is_symbol("(")) throw unsupported("A file format in the FROM of a COPY transformation");
    if (!sql.peek().is_symbol(")")) {
      sql.accept_word("AS");
      statement.alias = sql.identifier();
    }
    sql.expect_symbol(")");
  } else {
    statement.source = stage_source(sql);
  }
  bool validates = false;
  while (sql.peek().kind == TokenKind::word) {
    if (sql.accept_word("VALIDATION_MODE")) {
      sql.expect_symbol("=");
      sql.identifier();
      validates = true;
    } else {
      copy_option(sql, statement);
    }
    sql.accept_symbol(",");
  }
  sql.expect_end();
  check(statement, validates);
  return statement;
}

}  // namespace imednet::sandbox::snowflake
