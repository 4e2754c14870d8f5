// CREATE, ALTER, DROP and SHOW WAREHOUSE, and which statements need one.
#include <algorithm>

#include "executor.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

bool boolean_word(Translator& sql) {
  const std::string word = sql.next().upper;
  if (word != "TRUE" && word != "FALSE") sql.fail();
  return word == "TRUE";
}

// XSMALL, 'x-small': how SHOW writes it.
std::string size_text(Translator& sql) {
  const Token token = sql.next();
  std::string plain = to_upper(token.text);
  std::erase(plain, '-');
  static const std::map<std::string, std::string> kSizes = {
      {"XSMALL", "X-Small"},   {"SMALL", "Small"},      {"MEDIUM", "Medium"},    {"LARGE", "Large"},       {"XLARGE", "X-Large"},
      {"XXLARGE", "2X-Large"}, {"X2LARGE", "2X-Large"}, {"2XLARGE", "2X-Large"}, {"XXXLARGE", "3X-Large"}, {"X3LARGE", "3X-Large"},
      {"3XLARGE", "3X-Large"}, {"X4LARGE", "4X-Large"}, {"4XLARGE", "4X-Large"}, {"X5LARGE", "5X-Large"},  {"X6LARGE", "6X-Large"}};
  const auto size = kSizes.find(plain);
  if (size == kSizes.end()) throw invalid_value("invalid property value '" + token.text + "' for 'WAREHOUSE_SIZE'");
  return size->second;
}

// Properties up to the end; INITIALLY_SUSPENDED is told apart, as it is no property that stays.
void warehouse_properties(Translator& sql, WarehouseDefinition& warehouse, bool* initially_suspended) {
  while (sql.peek().kind == TokenKind::word) {
    const std::string name = sql.next().upper;
    sql.expect_symbol("=");
    if (name == "WAREHOUSE_SIZE") {
      warehouse.size = size_text(sql);
    } else if (name == "AUTO_SUSPEND") {
      warehouse.auto_suspend_seconds = sql.accept_word("NULL") ? 0 : sql.integer_literal();
    } else if (name == "AUTO_RESUME") {
      warehouse.auto_resume = boolean_word(sql);
    } else if (name == "INITIALLY_SUSPENDED" && initially_suspended != nullptr) {
      *initially_suspended = boolean_word(sql);
    } else if (name == "COMMENT") {
      warehouse.comment = sql.string_literal();
    } else if (name == "WAREHOUSE_TYPE" || name == "MIN_CLUSTER_COUNT" || name == "MAX_CLUSTER_COUNT" || name == "SCALING_POLICY" ||
               name == "STATEMENT_TIMEOUT_IN_SECONDS" || name == "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS" || name == "MAX_CONCURRENCY_LEVEL" ||
               name == "ENABLE_QUERY_ACCELERATION") {
      sql.next();
    } else {
      throw SqlError("001420", "22023", "SQL compilation error:\ninvalid property '" + name + "' for 'WAREHOUSE'");
    }
    sql.accept_symbol(",");
  }
  sql.expect_end();
}

SqlError no_warehouse() {
  return SqlError("000606", "57P03",
                  "No active warehouse selected in the current session.  Select an active warehouse with the 'use warehouse' command.\n");
}

}  // namespace

WarehouseDefinition Executor::warehouse(const std::string& name) const {
  const auto found = state_.catalog.find_warehouse(name);
  if (!found || !sees_warehouse(name)) throw missing_object("Warehouse", display_identifier(name));
  return *found;
}

bool Executor::sees_warehouse(const std::string& name) const {
  return may("USAGE", "WAREHOUSE", display_identifier(name)) ||
         state_.grants.sees(session_.context.role, "WAREHOUSE", display_identifier(name));
}

// Reads a table, a view of the information schema or the files of a stage, or changes rows.
void Executor::use_warehouse() {
  const std::string& name = session_.context.warehouse;
  const auto found = state_.catalog.find_warehouse(name);
  if (!found || !may("USAGE", "WAREHOUSE", display_identifier(name))) {
    session_.context.warehouse.clear();
    throw no_warehouse();
  }
  state_.warehouses.use(*found, now_us_);
  if (const auto record = state_.queries.find(query_id_)) {
    const std::lock_guard lock(record->mutex);
    record->used_warehouse = name;
  }
}

// SELECT COUNT(*) FROM one table comes from metadata, one without a table from nowhere; and there are kept results. [doc]
bool Executor::needs_warehouse(const Translator& sql, bool only_counts) {
  if (!reads_views_ && touched_.empty()) return false;
  if (only_counts && !reads_views_) return false;
  const auto cached = session_.context.parameters.find("USE_CACHED_RESULT");
  const bool may_reuse = cached == session_.context.parameters.end() || to_upper(cached->second) != "FALSE";
  if (!may_reuse || reads_views_ || asks_session_ || session_.in_transaction() || !bindings_.empty()) return true;
  for (const char* word : {"RANDOM", "UUID_STRING", "SEQ4", "SEQ8"}) {
    if (sql.has_word(word)) return true;
  }
  const ResultReuse::Query query{session_.context.role, session_.context.database + "." + session_.context.schema, sql.text()};
  return !state_.results.reuses(query, touched_, state_.locks, now_us_);
}

StatementResult Executor::create_warehouse(Translator& sql, bool replace) {
  const bool keep = sql.accept_word("IF");
  if (keep) {
    sql.expect_word("NOT");
    sql.expect_word("EXISTS");
  }
  WarehouseDefinition made;
  made.name = sql.identifier();
  made.created_us = now_us_;
  sql.accept_word("WITH");
  bool initially_suspended = false;
  warehouse_properties(sql, made, &initially_suspended);
  const std::string name = display_identifier(made.name);
  const bool is_there = state_.catalog.has_warehouse(made.name);
  if (is_there && keep) return defined(name + " already exists, statement succeeded.");
  if (is_there && !replace) throw object_exists(name);
  require("CREATE WAREHOUSE", "ACCOUNT", "");
  session_.commit();
  state_.catalog.put_warehouse(made);
  state_.warehouses.forget(made.name);
  if (!initially_suspended) state_.warehouses.resume(made.name, now_us_);
  own("WAREHOUSE", name);
  session_.context.warehouse = made.name;
  return defined("Warehouse " + name + " successfully created.");
}

StatementResult Executor::alter_warehouse(Translator& sql) {
  const bool maybe = sql.accept_words("IF", "EXISTS");
  const bool is_named = !sql.at_word("SUSPEND") && !sql.at_word("RESUME") && !sql.at_word("SET");
  const std::string name = is_named ? sql.identifier() : session_.context.warehouse;
  if (maybe && !state_.catalog.has_warehouse(name)) return defined("Statement executed successfully.");
  WarehouseDefinition definition = warehouse(name);
  const bool is_started = state_.warehouses.is_started(definition, now_us_);
  const auto wrong_state = [&](const char* code, const char* what) {
    return SqlError(code, "22000", "Invalid state. Warehouse '" + display_identifier(name) + "' cannot be " + what + ".");
  };
  session_.commit();
  if (sql.accept_word("SUSPEND")) {
    sql.expect_end();
    require("OPERATE", "WAREHOUSE", display_identifier(name));
    if (!is_started) throw wrong_state("090064", "suspended");
    state_.warehouses.suspend(name);
  } else if (sql.accept_word("RESUME")) {
    const bool only_if = sql.accept_words("IF", "SUSPENDED");
    sql.expect_end();
    require("OPERATE", "WAREHOUSE", display_identifier(name));
    if (is_started && !only_if) throw wrong_state("090063", "resumed");
    if (!is_started) state_.warehouses.resume(name, now_us_);
  } else {
    sql.expect_word("SET");
    warehouse_properties(sql, definition, nullptr);
    require("MODIFY", "WAREHOUSE", display_identifier(name));
    state_.catalog.put_warehouse(definition);
  }
  return defined("Statement executed successfully.");
}

StatementResult Executor::drop_warehouse(Translator& sql) {
  const bool maybe = sql.accept_words("IF", "EXISTS");
  const std::string name = sql.identifier();
  sql.expect_end();
  if (maybe && !state_.catalog.has_warehouse(name))
    return defined("Drop statement executed successfully (" + display_identifier(name) + " already dropped).");
  warehouse(name);
  require("OWNERSHIP", "WAREHOUSE", display_identifier(name));
  session_.commit();
  state_.catalog.remove_warehouse(name);
  state_.warehouses.forget(name);
  state_.grants.forget_object("WAREHOUSE", display_identifier(name));
  if (session_.context.warehouse == name) session_.context.warehouse.clear();
  return defined(display_identifier(name) + " successfully dropped.");
}

StatementResult Executor::show_warehouses(const NamedClause& clause) {
  StatementResult out;
  out.type = statement_type::kShow;
  for (const char* name : {"name", "state", "type", "size", "min_cluster_count", "max_cluster_count", "started_clusters", "running",
                           "queued", "is_default", "is_current", "auto_suspend", "auto_resume", "owner", "comment"})
    out.result.columns.push_back(text_column(name));
  for (const char* name : {"created_on", "resumed_on"}) out.result.columns.push_back(timestamp_column(name));
  for (const WarehouseDefinition& one : state_.catalog.warehouses()) {
    if ((clause.like && !like_matches(one.name, *clause.like)) || !sees_warehouse(one.name)) continue;
    const bool is_started = state_.warehouses.is_started(one, now_us_);
    const int64_t resumed_us = state_.warehouses.resumed_us(one.name);
    out.result.rows.push_back({one.name, is_started ? "STARTED" : "SUSPENDED", "STANDARD", one.size, "1", "1", is_started ? "1" : "0", "0",
                               "0", "N", one.name == session_.context.warehouse ? "Y" : "N", std::to_string(one.auto_suspend_seconds),
                               one.auto_resume ? "true" : "false", session_.context.role, one.comment, timestamp_cell(one.created_us),
                               resumed_us == 0 ? Cell() : Cell(timestamp_cell(resumed_us))});
  }
  return out;
}

}  // namespace imednet::sandbox::snowflake
