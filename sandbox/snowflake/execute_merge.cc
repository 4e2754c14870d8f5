// MERGE, with Snowflake's refusal when one target row would be updated by several source rows.
#include "executor.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

struct MergeClause {
  bool matched = true;
  std::string condition;  // empty: always
  std::string action;     // the engine's UPDATE SET ..., DELETE or INSERT ...
  bool updates = false;
};

struct MergeParts {
  std::string target;  // relation and alias
  std::string source;
  std::string on;
  std::vector<MergeClause> clauses;
};

std::string merge_sql(const MergeParts& parts) {
  std::string sql = "MERGE INTO " + parts.target + " USING " + parts.source + " ON " + parts.on;
  for (const MergeClause& clause : parts.clauses) {
    sql += clause.matched ? " WHEN MATCHED" : " WHEN NOT MATCHED";
    if (!clause.condition.empty()) sql += " AND " + clause.condition;
    sql += " THEN " + clause.action;
  }
  return sql;
}

// Which clause a joined pair falls into, as a number; 0 for none.
std::string clause_number(const MergeParts& parts, bool matched) {
  std::string sql = "CASE";
  for (size_t i = 0; i < parts.clauses.size(); ++i) {
    const MergeClause& clause = parts.clauses[i];
    if (clause.matched != matched) continue;
    sql += " WHEN " + (clause.condition.empty() ? std::string("TRUE") : clause.condition) + " THEN " + std::to_string(i + 1);
  }
  return sql == "CASE" ? "0" : sql + " ELSE 0 END";
}

std::string updating_clauses(const MergeParts& parts) {
  std::string list = "-1";
  for (size_t i = 0; i < parts.clauses.size(); ++i) {
    if (parts.clauses[i].updates) list += ", " + std::to_string(i + 1);
  }
  return list;
}

}  // namespace

StatementResult Executor::merge(Translator& sql) {
  sql.next();
  sql.expect_word("INTO");
  const TableDefinition target = table(sql.object_name());
  for (const char* privilege : {"INSERT", "UPDATE", "DELETE"}) require(privilege, target);
  std::string alias = target.name.name;
  if (sql.accept_word("AS")) {
    alias = sql.identifier();
  } else if (!sql.at_word("USING")) {
    alias = sql.identifier();
  }
  MergeParts parts;
  const std::string quoted = engine_identifier(alias);
  parts.target = target.relation() + " AS " + quoted;
  sql.expect_word("USING");
  parts.source = sql.table_primary();
  sql.expect_word("ON");
  parts.on = sql.condition();
  while (sql.accept_word("WHEN")) {
    MergeClause clause;
    clause.matched = !sql.accept_word("NOT");
    sql.expect_word("MATCHED");
    if (sql.accept_word("AND")) clause.condition = sql.condition();
    sql.expect_word("THEN");
    if (clause.matched && sql.accept_word("DELETE")) {
      clause.action = "DELETE";
    } else if (clause.matched) {
      sql.expect_word("UPDATE");
      sql.expect_word("SET");
      clause.updates = true;
      do {
        clause.action += (clause.action.empty() ? "UPDATE SET " : ", ") + assignment(sql, target, alias);
      } while (sql.accept_symbol(","));
    } else {
      clause.action = merge_insert(sql, target);
    }
    parts.clauses.push_back(clause);
  }
  if (parts.clauses.empty()) sql.fail();
  sql.expect_end();
  for (const std::string& text : sql.take_json_texts()) {
    sql.add_json_check("SELECT " + text + " FROM " + parts.source + " LEFT JOIN " + parts.target + " ON " + parts.on);
  }
  prepare_change(target, RowChange::alters);
  check_json(sql);

  const std::string joined = target.relation() + " AS " + quoted + " JOIN " + parts.source + " ON " + parts.on;
  const std::string number = clause_number(parts, true);
  const ResultSet repeated =
      session_.query("SELECT count(*) FROM (SELECT 1 FROM (SELECT " + quoted + ".rowid AS target_row, " + number + " AS clause FROM " +
                     joined + ") AS pairs WHERE clause > 0 GROUP BY target_row HAVING count(*) > 1 AND max(CASE WHEN clause IN (" +
                     updating_clauses(parts) + ") THEN 1 ELSE 0 END) = 1) AS repeated");
  if (repeated.rows[0][0] != "0") throw SqlError("100090", "42P18", "Duplicate row detected during DML action\nRow Values: [...]");
  return merge_answer(parts.clauses.size(), joined, number, clause_number(parts, false), merge_sql(parts),
                      parts.source + " WHERE NOT EXISTS (SELECT 1 FROM " + parts.target + " WHERE " + parts.on + ")", [&](size_t i) {
                        return !parts.clauses[i].matched ? 'i' : parts.clauses[i].updates ? 'u' : 'd';
                      });
}

std::string Executor::merge_insert(Translator& sql, const TableDefinition& target) {
  sql.expect_word("INSERT");
  std::vector<const ColumnDefinition*> columns;
  std::string names;
  if (sql.accept_symbol("(")) {
    do {
      const std::string name = sql.identifier();
      columns.push_back(target.column(name));
      if (!columns.back())
        throw SqlError("000904", "42000", "SQL compilation error:\ninvalid identifier '" + display_identifier(name) + "'");
      names += (names.empty() ? "" : ", ") + engine_identifier(name);
    } while (sql.accept_symbol(","));
    sql.expect_symbol(")");
  } else {
    for (const ColumnDefinition& column : target.columns) {
      columns.push_back(&column);
      names += (names.empty() ? "" : ", ") + engine_identifier(column.name);
    }
  }
  sql.expect_word("VALUES");
  sql.expect_symbol("(");
  std::string values;
  size_t count = 0;
  do {
    const Expression value = sql.expression();
    if (count < columns.size())
      values += (values.empty() ? "" : ", ") + (columns[count]->type.kind == TypeKind::text ? as_text(value) : value.sql);
    ++count;
  } while (sql.accept_symbol(","));
  sql.expect_symbol(")");
  if (count != columns.size()) {
    throw SqlError("002020", "21S01",
                   "SQL compilation error:\nInsert value list does not match column list expecting " + std::to_string(columns.size()) +
                       " but got " + std::to_string(count));
  }
  return "INSERT (" + names + ") VALUES (" + values + ")";
}

// The engine only counts all rows together, so the kinds are counted beforehand, in the same snapshot.
StatementResult Executor::merge_answer(size_t clauses, const std::string& joined, const std::string& matched_number,
                                       const std::string& unmatched_number, const std::string& statement,
                                       const std::string& unmatched_source, const std::function<char(size_t)>& kind_of) {
  std::map<char, long long> counts;
  for (size_t i = 0; i < clauses; ++i) counts[kind_of(i)] += 0;
  const auto count = [&](const std::string& number, const std::string& from) {
    for (const Row& row : session_
                              .query("SELECT clause, count(*) FROM (SELECT " + number + " AS clause FROM " + from +
                                     ") AS pairs WHERE clause > 0 GROUP BY clause")
                              .rows) {
      counts[kind_of(static_cast<size_t>(std::stoll(*row[0])) - 1)] += std::stoll(*row[1]);
    }
  };
  if (matched_number != "0") count(matched_number, joined);
  if (unmatched_number != "0") count(unmatched_number, unmatched_source);
  session_.write(statement);
  StatementResult out;
  out.type = statement_type::kMerge;
  out.result.rows.emplace_back();
  static const std::vector<std::pair<char, std::string>> kNames = {
      {'i', "number of rows inserted"}, {'u', "number of rows updated"}, {'d', "number of rows deleted"}};
  for (const auto& [kind, name] : kNames) {
    if (!counts.contains(kind)) continue;
    out.result.columns.push_back(number_column(name));
    out.result.rows[0].push_back(std::to_string(counts[kind]));
  }
  return out;
}

}  // namespace imednet::sandbox::snowflake
