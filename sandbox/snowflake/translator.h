#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "column_type.h"
#include "expression.h"
#include "identifier.h"
#include "token.h"

namespace imednet::sandbox::snowflake {

// A value for one ?.
struct Binding {
  std::string type;  // TEXT, FIXED, REAL, BOOLEAN, ...
  std::optional<std::string> value;
};

// The columns $1:name of a staged file stand for.
class StagedRow {
 public:
  virtual ~StagedRow() = default;
  virtual std::string column(const std::string& name) = 0;    // engine SQL, NULL for an unknown name
  virtual std::string whole() = 0;                            // $1 itself, as JSON
  virtual std::string metadata(const std::string& name) = 0;  // METADATA$FILENAME and so on
};

// What the translator has to ask the session and the catalogue.
class NameResolver {
 public:
  virtual ~NameResolver() = default;
  // Engine SQL of a table, view of the information schema included; throws 002003.
  virtual std::string relation(const ObjectName& name) = 0;
  virtual std::string table_function(const ObjectName& name, const std::map<std::string, std::string>& arguments) = 0;
  // CURRENT_USER and the like; nothing when the name is unknown.
  virtual std::optional<std::string> session_value(const std::string& upper_name) = 0;
  // Calls SYSTEM$...; engine SQL of its answer, nothing when the name is unknown.
  virtual std::optional<std::string> system_function(const std::string& upper_name, const std::vector<std::string>& arguments) = 0;
};

// Reads Snowflake SQL and writes the engine's: a tokenizer and a recursive descent, one method a rule.
class Translator {
 public:
  Translator(std::vector<Token> tokens, std::string sql, NameResolver& resolver, std::vector<Binding> bindings = {});

  // --- cursor
  const Token& peek(size_t ahead = 0) const;
  Token next();
  bool at_word(std::string_view word, size_t ahead = 0) const { return peek(ahead).is_word(word); }
  bool accept_word(std::string_view word);
  bool accept_words(std::string_view first, std::string_view second);
  void expect_word(std::string_view word);
  bool accept_symbol(std::string_view symbol);
  void expect_symbol(std::string_view symbol);
  void expect_end();
  [[noreturn]] void fail() const;
  size_t position() const { return at_; }
  void go_to(size_t position) { at_ = position; }
  const std::string& text() const { return sql_; }
  bool has_word(std::string_view word) const;
  // Parted by semicolons.
  size_t statement_count() const;
  std::string source(size_t first_token, size_t last_token) const;

  // --- names and literals
  std::string identifier();
  ObjectName object_name();
  std::string string_literal();
  long long integer_literal();
  ColumnType column_type();

  // --- expressions and queries
  Expression expression();
  std::string condition();
  std::string query();
  bool at_query() const;
  std::string from_clause();
  std::string using_clause();  // of DELETE
  std::string table_primary();
  // One select item of a COPY transform.
  Expression transform_item();
  std::vector<std::string> values_row();

  void set_staged_row(StagedRow* row) { staged_row_ = row; }
  // A column default is evaluated later, so its clock must not be frozen at this statement.
  void set_deferred(bool deferred) { deferred_ = deferred; }
  // Queries that give the texts PARSE_JSON is about to read; filled while translating.
  std::vector<std::string> take_json_checks();
  // Texts met outside a SELECT (SET, MERGE's VALUES, COPY's items): the caller knows what they read from.
  std::vector<std::string> take_json_texts();
  void add_json_check(const std::string& query) { json_checks_.push_back(query); }

  NameResolver& resolver() { return resolver_; }

 private:
  struct SelectItem {
    std::string sql;
    std::string name;
  };

  // expression_parser.cc
  Expression or_expression();
  Expression and_expression();
  Expression not_expression();
  Expression comparison();
  std::optional<Expression> predicate(const Expression& left);
  Expression in_list(const Expression& left, bool negated);
  Expression like(const Expression& left, bool negated);
  Expression concatenation();
  Expression additive();
  Expression multiplicative();
  Expression unary();
  Expression postfix();
  Expression path_step(Expression base, const std::string& step);
  Expression cast(const Expression& value, const ColumnType& type);
  // expression_primary.cc
  Expression primary();
  Expression literal();
  Expression bind_value();
  Expression case_expression();
  Expression cast_call(bool trying);
  Expression name_or_call();
  Expression staged_column();
  Expression parenthesized();
  Expression interval();
  std::string window();
  // function_calls.cc
  Expression call(const std::string& name);
  Expression general_call(const std::string& name);
  Expression list_call(const std::string& name);
  Expression array_agg(const std::vector<Expression>& arguments, bool distinct);
  static Expression formatted_call(const std::string& name, const std::vector<Expression>& arguments);
  // query_parser.cc
  std::string with_clause();
  std::string set_expression();
  std::string query_term();
  std::string select_core();
  std::vector<SelectItem> select_list();
  SelectItem select_item();
  std::string star_suffix();
  std::string table_list();
  std::string table_reference();
  std::string table_function_call();
  std::string flatten();
  std::map<std::string, std::string> call_arguments();
  std::string join_suffix(const std::string& left);
  std::string alias_suffix(const std::string& default_alias);
  std::string values_clause();
  std::string order_by();
  std::string limit_clause();
  std::string group_by();
  std::string expression_list();

  std::vector<Token> tokens_;
  std::string sql_;
  NameResolver& resolver_;
  std::vector<Binding> bindings_;
  StagedRow* staged_row_ = nullptr;
  bool deferred_ = false;
  size_t at_ = 0;
  size_t next_binding_ = 0;
  int depth_ = 0;
  std::vector<std::string> common_tables_;  // names visible now
  std::string with_prefix_;                 // their text, for the JSON checks
  std::vector<std::string> json_texts_;
  std::vector<std::string> json_checks_;
  bool row_object_ = false;  // OBJECT_CONSTRUCT(*) was met in this select list
};

}  // namespace imednet::sandbox::snowflake
