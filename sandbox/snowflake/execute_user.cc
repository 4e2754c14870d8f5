// CREATE, ALTER, DROP, DESCRIBE and SHOW USER.
#include "executor.h"
#include "public_key.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

constexpr const char* kKeyProperties[] = {"RSA_PUBLIC_KEY", "RSA_PUBLIC_KEY_2"};

bool accept_key(Translator& sql, size_t& slot) {
  for (slot = 0; slot < std::size(kKeyProperties); ++slot) {
    if (sql.accept_word(kKeyProperties[slot])) return true;
  }
  return false;
}

// What is written without quotes is a name: upper case.
std::string name_value(Translator& sql) {
  if (sql.peek().kind == TokenKind::string) return to_upper(sql.next().text);
  return sql.identifier();
}

// One PROPERTY = value of CREATE USER and ALTER USER … SET.
void read_property(Translator& sql, User& user, int64_t now_us) {
  size_t slot = 0;
  if (accept_key(sql, slot)) {
    sql.expect_symbol("=");
    const std::string text = sql.string_literal();
    require_public_key(text);
    user.keys[slot] = {text, now_us};
    return;
  }
  const std::string name = sql.next().upper;
  sql.expect_symbol("=");
  if (name == "TYPE") {
    user.type = name_value(sql);
    if (user.type != "PERSON" && user.type != "SERVICE" && user.type != "LEGACY_SERVICE")
      throw invalid_value("invalid value '" + user.type + "' for property 'TYPE'");
  } else if (name == "DEFAULT_ROLE") {
    user.default_role = name_value(sql);
  } else if (name == "DEFAULT_WAREHOUSE") {
    user.default_warehouse = name_value(sql);
  } else if (name == "COMMENT") {
    user.comment = sql.string_literal();
  } else {
    throw syntax_error("the sandbox knows keys, TYPE, DEFAULT_ROLE, DEFAULT_WAREHOUSE and COMMENT of a user, not " + name + ".");
  }
}

void read_properties(Translator& sql, User& user, int64_t now_us) {
  do {
    read_property(sql, user, now_us);
  } while (sql.accept_symbol(",") || sql.peek().kind == TokenKind::word);
}

void unset_properties(Translator& sql, User& user) {
  do {
    size_t slot = 0;
    if (accept_key(sql, slot)) {
      user.keys[slot] = {};
    } else if (sql.accept_word("DEFAULT_ROLE")) {
      user.default_role.clear();
    } else if (sql.accept_word("DEFAULT_WAREHOUSE")) {
      user.default_warehouse.clear();
    } else if (sql.accept_word("COMMENT")) {
      user.comment.clear();
    } else {
      sql.fail();
    }
  } while (sql.accept_symbol(",") || sql.peek().kind == TokenKind::word);
}

}  // namespace

User Executor::user(const std::string& name) const {
  const auto found = state_.users.find(name);
  if (!found) throw missing_object("User", display_identifier(name));
  return *found;
}

StatementResult Executor::create_user(Translator& sql, bool replace) {
  const bool keep = sql.accept_word("IF");
  if (keep) {
    sql.expect_word("NOT");
    sql.expect_word("EXISTS");
  }
  User made;
  made.name = sql.identifier();
  made.created_us = now_us_;
  if (sql.peek().kind == TokenKind::word) read_properties(sql, made, now_us_);
  sql.expect_end();
  const std::string name = display_identifier(made.name);
  const bool is_there = state_.users.find(made.name).has_value();
  if (is_there && keep) return defined(name + " already exists, statement succeeded.");
  if (is_there && !replace) throw object_exists(name);
  require("CREATE USER", "ACCOUNT", "");
  session_.commit();
  state_.grants.forget_user(made.name);
  state_.users.put(made);
  return defined("User " + name + " successfully created.");
}

StatementResult Executor::drop_user(Translator& sql) {
  const bool maybe = sql.accept_words("IF", "EXISTS");
  const std::string name = sql.identifier();
  sql.expect_end();
  if (maybe && !state_.users.find(name))
    return defined("Drop statement executed successfully (" + display_identifier(name) + " already dropped).");
  user(name);
  if (name == to_upper(state_.options.user)) throw invalid_value("the user that the server was started with can't be dropped");
  require("CREATE USER", "ACCOUNT", "");
  session_.commit();
  state_.grants.forget_user(name);
  state_.users.remove(name);
  return defined(display_identifier(name) + " successfully dropped.");
}

StatementResult Executor::alter_user(Translator& sql) {
  const bool maybe = sql.accept_words("IF", "EXISTS");
  const bool is_named = !sql.at_word("ADD") && !sql.at_word("REMOVE") && !sql.at_word("SET") && !sql.at_word("UNSET");
  const std::string name = is_named ? sql.identifier() : session_.user();
  if (maybe && !state_.users.find(name)) return defined();
  User changed = user(name);
  if (name != session_.user()) require("CREATE USER", "ACCOUNT", "");
  if (sql.accept_word("ADD")) return add_access_token(sql, changed);
  if (sql.accept_word("REMOVE")) return remove_access_token(sql, changed);
  if (sql.accept_word("UNSET")) {
    unset_properties(sql, changed);
  } else {
    sql.expect_word("SET");
    read_properties(sql, changed, now_us_);
  }
  sql.expect_end();
  session_.commit();
  state_.users.put(changed);
  return defined();
}

StatementResult Executor::describe_user(Translator& sql) {
  const User described = user(sql.identifier());
  sql.expect_end();
  StatementResult out;
  out.type = statement_type::kDescribe;
  out.result.columns = {text_column("property"), text_column("value"), text_column("default"), text_column("description")};
  const auto or_null = [](const std::string& value) { return value.empty() ? std::string("null") : value; };
  out.result.rows = {
      {"NAME", described.name, "null", "Name"},
      {"LOGIN_NAME", to_upper(described.name), "null", "Login name of the user"},
      {"TYPE", described.type, "null", "The type of the user"},
      {"DEFAULT_ROLE", or_null(described.default_role), "null", "Primary principal of user session will be set to this role"},
      {"DEFAULT_WAREHOUSE", or_null(described.default_warehouse), "null", "Default warehouse for this user"},
      {"COMMENT", or_null(described.comment), "null", "user comment associated to an object in the dictionary"}};
  for (size_t slot = 0; slot < std::size(kKeyProperties); ++slot) {
    const User::Key& key = described.keys[slot];
    const auto parsed = PublicKey::parse(key.text);
    const std::string property = kKeyProperties[slot];
    out.result.rows.push_back({property + "_FP", parsed ? parsed->fingerprint() : "null", "null", "Fingerprint of user's RSA public key."});
    out.result.rows.push_back({property + "_LAST_SET_TIME", parsed ? timestamp_cell(key.set_us) : "null", "null",
                               "The timestamp at which the user's RSA public key was last set."});
  }
  return out;
}

StatementResult Executor::show_users(const NamedClause& clause) {
  StatementResult out;
  out.type = statement_type::kShow;
  out.result.columns = {text_column("name")};
  out.result.columns.push_back(timestamp_column("created_on"));
  for (const char* name : {"login_name", "comment", "default_warehouse", "default_role", "has_password", "has_rsa_public_key", "type"})
    out.result.columns.push_back(text_column(name));
  for (const User& one : state_.users.all()) {
    if (clause.like && !like_matches(one.name, *clause.like)) continue;
    const bool has_key = !one.keys[0].text.empty() || !one.keys[1].text.empty();
    out.result.rows.push_back({one.name, timestamp_cell(one.created_us), to_upper(one.name), one.comment, one.default_warehouse,
                               one.default_role, one.name == to_upper(state_.options.user) ? "true" : "false", has_key ? "true" : "false",
                               one.type});
  }
  return out;
}

}  // namespace imednet::sandbox::snowflake
