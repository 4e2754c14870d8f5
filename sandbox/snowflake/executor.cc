#include "executor.h"

#include <algorithm>

#include "engine_errors.h"
#include "json_check.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

ResultColumn text_column(const std::string& name) { return {name, make_type("VARCHAR"), true}; }
ResultColumn number_column(const std::string& name) { return {name, make_type("NUMBER"), true}; }
ResultColumn timestamp_column(const std::string& name) { return {name, make_type("TIMESTAMP_LTZ"), true}; }

StatementResult status_result(const std::string& message, int type) {
  StatementResult out;
  out.result.columns = {text_column("status")};
  out.result.rows = {{message}};
  out.type = type;
  return out;
}

StatementResult defined(const std::string& message) { return status_result(message, statement_type::kDefinition); }

Executor::Executor(ServerState& state, Session& session, std::string query_id, std::vector<Binding> bindings)
    : state_(state), session_(session), query_id_(std::move(query_id)), bindings_(std::move(bindings)), now_us_(state.clock.now_us()) {}

Executor::Handler Executor::handler_for(const Translator& sql) {
  if (sql.at_query()) return &Executor::select;
  static const std::map<std::string, Handler> kHandlers = {
      {"BEGIN", &Executor::begin},        {"START", &Executor::begin},   {"COMMIT", &Executor::commit},
      {"ROLLBACK", &Executor::rollback},  {"USE", &Executor::use},       {"CREATE", &Executor::create},
      {"ALTER", &Executor::alter},        {"DROP", &Executor::drop},     {"TRUNCATE", &Executor::truncate},
      {"COMMENT", &Executor::comment},    {"INSERT", &Executor::insert}, {"UPDATE", &Executor::update},
      {"DELETE", &Executor::remove_rows}, {"MERGE", &Executor::merge},   {"SHOW", &Executor::show},
      {"DESCRIBE", &Executor::describe},  {"DESC", &Executor::describe}, {"PUT", &Executor::put},
      {"LIST", &Executor::list},          {"LS", &Executor::list},       {"REMOVE", &Executor::remove_files},
      {"RM", &Executor::remove_files},    {"COPY", &Executor::copy},     {"GET", &Executor::get},
      {"GRANT", &Executor::grant},        {"REVOKE", &Executor::grant}};
  // Snowflake has these, this server has not.
  static const std::set<std::string> kElsewhere = {"CALL", "EXPLAIN", "EXECUTE", "SET", "UNSET", "UNDROP", "DECLARE"};
  const auto found = kHandlers.find(sql.peek().upper);
  if (found != kHandlers.end()) return found->second;
  if (kElsewhere.contains(sql.peek().upper)) throw unsupported(sql.peek().upper);
  sql.fail();
}

StatementResult Executor::run(const std::string& sql) {
  try {
    Translator translator(tokenize(sql), sql, *this, bindings_);
    if (translator.peek().kind == TokenKind::end) throw SqlError("000900", "42601", "SQL compilation error:\nEmpty SQL statement.");
    if (const size_t count = translator.statement_count(); count > 1) {
      throw SqlError("000008", "0A000",
                     "Actual statement count " + std::to_string(count) + " did not match the desired statement count 1.");
    }
    const Handler handler = handler_for(translator);
    const auto autocommit = session_.context.parameters.find("AUTOCOMMIT");
    const bool changes = handler == &Executor::insert || handler == &Executor::update || handler == &Executor::remove_rows ||
                         handler == &Executor::merge || handler == &Executor::copy;
    if (changes && autocommit != session_.context.parameters.end() && to_upper(autocommit->second) == "FALSE") session_.begin(now_us_);
    StatementResult result = (this->*handler)(translator);
    session_.remember(query_id_, result.result);
    session_.end_statement(true, state_.clock.now_us());
    return result;
  } catch (const EngineError& error) {
    session_.end_statement(false, state_.clock.now_us());
    throw engine_failure(error.what());
  } catch (...) {
    session_.end_statement(false, state_.clock.now_us());
    throw;
  }
}

StatementResult Executor::describe_only(const std::string& sql) {
  const auto tokens = tokenize(sql);
  StatementResult out;
  out.wanted_binds = std::count_if(tokens.begin(), tokens.end(), [](const Token& token) { return token.kind == TokenKind::bind; });
  bindings_.assign(static_cast<size_t>(out.wanted_binds), Binding{"TEXT", std::nullopt});
  Translator translator(tokens, sql, *this, bindings_);
  const Handler handler = handler_for(translator);
  if (handler == &Executor::select) {
    const std::string translated = translator.query();
    translator.expect_end();
    session_.catch_up(touched_);
    try {
      out.result = session_.query("SELECT * FROM (" + translated + ") AS described LIMIT 0");
    } catch (const EngineError& error) {
      throw engine_failure(error.what());
    }
  } else if (handler == &Executor::insert || handler == &Executor::update || handler == &Executor::remove_rows) {
    const bool inserts = handler == &Executor::insert;
    const bool updates = handler == &Executor::update;
    out.type = inserts ? statement_type::kInsert : updates ? statement_type::kUpdate : statement_type::kDelete;
    out.result.columns = {number_column(std::string("number of rows ") + (inserts ? "inserted" : updates ? "updated" : "deleted"))};
    if (updates) out.result.columns.push_back(number_column("number of multi-joined rows updated"));
  } else {
    out = status_result("", statement_type::kSelect);
    out.result.rows.clear();
  }
  return out;
}

ObjectName Executor::resolve(const ObjectName& name) const {
  ObjectName full = name;
  if (full.database.empty()) full.database = session_.context.database;
  // "db..table" and a lone USE DATABASE both mean its PUBLIC schema.
  if (full.schema.empty()) full.schema = session_.context.schema.empty() ? "PUBLIC" : session_.context.schema;
  if (full.database.empty()) {
    throw SqlError(
        "090105", "22000",
        "Cannot perform operation. This session does not have a current database. Call 'USE DATABASE', or use a qualified name.");
  }
  return full;
}

ObjectName Executor::resolve_in_existing_schema(const ObjectName& name) const {
  const ObjectName full = resolve(name);
  if (!sees_database(full.database)) throw missing_object("Database", display_identifier(full.database));
  if (!sees_schema(full.database, full.schema)) {
    throw missing_object("Schema", display_identifier(full.database) + "." + display_identifier(full.schema));
  }
  return full;
}

TableDefinition Executor::table(const ObjectName& name) {
  const ObjectName full = resolve(name);
  if (const auto found = state_.catalog.find_table(full, session_.id()); found && sees(*found)) {
    touched_.insert(found->id);
    return *found;
  }
  if (!sees_database(full.database)) throw missing_object("Database", display_identifier(full.database));
  if (!sees_schema(full.database, full.schema)) {
    throw missing_object("Schema", display_identifier(full.database) + "." + display_identifier(full.schema));
  }
  throw missing_object("Table", full.display());
}

StageDefinition Executor::stage(const ObjectName& name) const {
  const ObjectName full = resolve(name);
  if (const auto found = state_.catalog.find_stage(full, session_.id()); found && sees(*found)) return *found;
  throw missing_object("Stage", full.display());
}

std::string Executor::relation(const ObjectName& name) {
  if (name.schema == "INFORMATION_SCHEMA") return information_schema(name);
  if (name.schema.empty() && session_.context.schema == "INFORMATION_SCHEMA") return information_schema(resolve(name));
  const ObjectName full = resolve(name);
  if (const auto found = state_.catalog.find_table(full, session_.id()); found && sees(*found)) {
    require("SELECT", *found);
    touched_.insert(found->id);
    return found->relation();
  }
  if (const auto view = find_view(name)) return view_relation(*view);
  throw missing_object("Object", full.display());
}

std::optional<std::string> Executor::session_value(const std::string& name) {
  const auto value = known_session_value(name);
  asks_session_ = asks_session_ || value;
  return value;
}

std::optional<std::string> Executor::known_session_value(const std::string& name) const {
  const auto text = [](const std::string& value) { return value.empty() ? std::string("CAST(NULL AS VARCHAR)") : quote_text(value); };
  if (name == "CURRENT_USER") return text(to_upper(session_.user()));
  if (name == "CURRENT_ACCOUNT" || name == "CURRENT_ACCOUNT_NAME") return text(to_upper(state_.options.account));
  if (name == "CURRENT_ROLE") return text(session_.context.role);
  if (name == "CURRENT_DATABASE") return text(session_.context.database);
  if (name == "CURRENT_SCHEMA") return text(session_.context.schema);
  if (name == "CURRENT_WAREHOUSE") return text(session_.context.warehouse);
  if (name == "CURRENT_VERSION") return text("9.35.0");
  if (name == "CURRENT_SESSION") return text(session_.id());
  if (name == "CURRENT_REGION") return text("AWS_US_WEST_2");
  if (name == "CURRENT_CLIENT") return text("");
  if (name == "CURRENT_TRANSACTION") {
    const auto open = session_.transaction();
    return text(open ? std::to_string(open->id) : "");
  }
  if (name == "LAST_QUERY_ID") return text(session_.last_query_id);
  if (name == "CURRENT_TIMESTAMP" || name == "GETDATE" || name == "LOCALTIMESTAMP" || name == "SYSTIMESTAMP")
    return timestamp_literal(now_us_);
  if (name == "SYSDATE") return "CAST(timezone('UTC', " + timestamp_literal(now_us_) + ") AS TIMESTAMP)";
  if (name == "CURRENT_DATE") return "CAST(" + timestamp_literal(now_us_) + " AS DATE)";
  if (name == "CURRENT_TIME") return "CAST(CAST(" + timestamp_literal(now_us_) + " AS TIMESTAMP) AS TIME)";
  if (name == "SEQ4" || name == "SEQ8" || name == "SEQ1" || name == "SEQ2") return "sf_sequence";
  return std::nullopt;
}

// PARSE_JSON must refuse what the engine's reader would take. The texts it is about to see are read
// first; a check that can't stand alone (a correlated subquery) is left to the engine's reader.
void Executor::check_json(Translator& sql) {
  for (const std::string& check : sql.take_json_checks()) {
    try {
      session_.for_each_text(check, [](const Cell& text) {
        if (!text) return;
        if (const auto refusal = json_refusal(*text)) throw SqlError("100069", "22P02", "Error parsing JSON: " + *refusal);
      });
    } catch (const EngineError& error) {
      if (std::string_view(error.what()).find("Binder Error") != 0) throw;
    }
  }
}

StatementResult Executor::select(Translator& sql) {
  // SELECT COUNT(*) FROM a.b.c, with nothing after it
  const bool starts_as_count = sql.at_word("SELECT") && sql.at_word("COUNT", 1) && sql.peek(2).is_symbol("(") &&
                               sql.peek(3).is_symbol("*") && sql.peek(4).is_symbol(")");
  const bool only_counts =
      starts_as_count && !sql.has_word("WHERE") && !sql.has_word("JOIN") && !sql.has_word("HAVING") && !sql.has_word("GROUP");
  const std::string translated = sql.query();
  sql.expect_end();
  if (needs_warehouse(sql, only_counts && touched_.size() == 1)) use_warehouse();
  session_.catch_up(touched_);
  check_json(sql);
  StatementResult out;
  out.result = session_.query(translated);
  return out;
}

StatementResult Executor::begin(Translator& sql) {
  const bool start = sql.next().upper == "START";
  if (!sql.accept_word("TRANSACTION") && !sql.accept_word("WORK") && start) sql.fail();
  const std::string name = sql.accept_word("NAME") ? sql.identifier() : "";
  sql.expect_end();
  session_.begin(now_us_, name);
  return status_result("Statement executed successfully.", statement_type::kTransaction);
}

StatementResult Executor::commit(Translator& sql) {
  sql.next();
  sql.accept_word("WORK");
  sql.expect_end();
  session_.commit();
  return status_result("Statement executed successfully.", statement_type::kTransaction);
}

StatementResult Executor::rollback(Translator& sql) {
  sql.next();
  sql.accept_word("WORK");
  sql.expect_end();
  session_.rollback();
  return status_result("Statement executed successfully.", statement_type::kTransaction);
}

}  // namespace imednet::sandbox::snowflake
