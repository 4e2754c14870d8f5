// ALTER USER … ADD | REMOVE PROGRAMMATIC ACCESS TOKEN, SHOW USER PROGRAMMATIC ACCESS TOKENS.
#include "executor.h"
#include "load_history.h"
#include "secret.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

constexpr int64_t kDaysByDefault = 15;  // [doc]
constexpr int64_t kMostDays = 365;      // [doc]

void expect_token_words(Translator& sql) {
  if (sql.accept_word("PAT")) return;
  sql.expect_word("PROGRAMMATIC");
  sql.expect_word("ACCESS");
  sql.expect_word("TOKEN");
}

}  // namespace

// The secret is in this answer and nowhere else.
StatementResult Executor::add_access_token(Translator& sql, User changed) {
  expect_token_words(sql);
  AccessToken token;
  token.name = sql.identifier();
  int64_t days = kDaysByDefault;
  while (sql.peek().kind == TokenKind::word) {
    if (sql.accept_word("ROLE_RESTRICTION")) {
      sql.expect_symbol("=");
      token.role_restriction = sql.peek().kind == TokenKind::string ? to_upper(sql.next().text) : sql.identifier();
    } else if (sql.accept_word("DAYS_TO_EXPIRY")) {
      sql.expect_symbol("=");
      days = sql.integer_literal();
    } else {
      sql.expect_word("COMMENT");
      sql.expect_symbol("=");
      token.comment = sql.string_literal();
    }
    sql.accept_symbol(",");
  }
  sql.expect_end();
  if (days < 1 || days > kMostDays) throw invalid_value("invalid value for DAYS_TO_EXPIRY: it is from 1 to 365");
  if (changed.type != "PERSON" && token.role_restriction.empty())
    throw invalid_value("ROLE_RESTRICTION is required for a programmatic access token of a service user");
  if (!token.role_restriction.empty() && !state_.grants.may_take(changed.name, token.role_restriction))
    throw missing_object("Role", display_identifier(token.role_restriction));
  if (changed.tokens.contains(token.name)) throw object_exists(display_identifier(token.name));
  const std::string secret = new_uuid() + "." + new_uuid();
  token.digest = digest_of(secret);
  token.created_us = now_us_;
  token.expires_us = now_us_ + days * kDayUs;
  changed.tokens[token.name] = token;
  session_.commit();
  state_.users.put(changed);
  StatementResult out;
  out.type = statement_type::kDefinition;
  out.result.columns = {text_column("token_name"), text_column("token_secret")};
  out.result.rows = {{token.name, secret}};
  return out;
}

StatementResult Executor::remove_access_token(Translator& sql, User changed) {
  expect_token_words(sql);
  const std::string name = sql.identifier();
  sql.expect_end();
  if (changed.tokens.erase(name) == 0) throw missing_object("Programmatic access token", display_identifier(name));
  session_.commit();
  state_.users.put(changed);
  return status_result("Programmatic access token " + display_identifier(name) + " successfully removed.", statement_type::kDefinition);
}

// SHOW USER PROGRAMMATIC ACCESS TOKENS | PATS [FOR USER name]
StatementResult Executor::show_access_tokens(Translator& sql) {
  if (!sql.accept_word("PATS")) {
    sql.expect_word("PROGRAMMATIC");
    sql.expect_word("ACCESS");
    sql.expect_word("TOKENS");
  }
  const bool is_other = sql.accept_words("FOR", "USER");
  const User owner = user(is_other ? sql.identifier() : session_.user());
  sql.expect_end();
  if (owner.name != session_.user()) require("CREATE USER", "ACCOUNT", "");
  StatementResult out;
  out.type = statement_type::kShow;
  out.result.columns = {text_column("name"),   text_column("user_name"), text_column("role_restriction"), timestamp_column("expires_at"),
                        text_column("status"), text_column("comment"),   timestamp_column("created_on")};
  for (const auto& [name, token] : owner.tokens) {
    out.result.rows.push_back({name, owner.name, token.role_restriction.empty() ? Cell() : Cell(token.role_restriction),
                               timestamp_cell(token.expires_us), now_us_ < token.expires_us ? "ACTIVE" : "EXPIRED", token.comment,
                               timestamp_cell(token.created_us)});
  }
  return out;
}

}  // namespace imednet::sandbox::snowflake
