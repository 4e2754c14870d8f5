// ALTER TABLE … SWAP WITH, RENAME COLUMN, ALTER COLUMN.
#include <algorithm>

#include "executor.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

ColumnDefinition& column_named(TableDefinition& definition, const std::string& name) {
  for (ColumnDefinition& column : definition.columns) {
    if (column.name == name) return column;
  }
  throw SqlError("000904", "42000", "SQL compilation error:\ninvalid identifier '" + display_identifier(name) + "'");
}

}  // namespace

// The two tables change names, in one step: rows, columns and load history go along. [doc]
StatementResult Executor::swap_tables(Translator& sql, TableDefinition definition) {
  TableDefinition other = table(sql.object_name());
  sql.expect_end();
  require("OWNERSHIP", other);
  if (definition.session.empty() != other.session.empty())
    throw SqlError("002120", "0A000", "SQL compilation error:\nA temporary table can't be swapped with a permanent one.");
  session_.commit();
  std::swap(definition.name, other.name);
  state_.catalog.put_table(definition);
  state_.catalog.put_table(other);
  state_.locks.note_change(definition.id);
  state_.locks.note_change(other.id);
  return defined();
}

StatementResult Executor::rename_column(Translator& sql, TableDefinition definition) {
  const std::string name = sql.identifier();
  sql.expect_word("TO");
  const std::string other = sql.identifier();
  sql.expect_end();
  column_named(definition, name);
  if (definition.column(other)) throw SqlError("001430", "42601", "SQL compilation error:\ncolumn '" + other + "' already exists");
  session_.commit();
  session_.write("ALTER TABLE " + definition.relation() + " RENAME COLUMN " + engine_identifier(name) + " TO " + engine_identifier(other));
  column_named(definition, name).name = other;
  state_.catalog.put_table(definition);
  state_.locks.note_change(definition.id);
  return defined();
}

// ALTER COLUMN name SET NOT NULL | DROP NOT NULL | COMMENT '…'
StatementResult Executor::alter_column(Translator& sql, TableDefinition definition) {
  sql.next();
  sql.accept_word("COLUMN");
  const std::string name = sql.identifier();
  ColumnDefinition& column = column_named(definition, name);
  std::string change;
  if (sql.accept_word("COMMENT")) {
    column.comment = sql.string_literal();
  } else {
    const bool sets = sql.accept_word("SET");
    if (!sets && !sql.accept_word("DROP")) throw unsupported("ALTER COLUMN … " + sql.peek().upper);
    if (!sql.at_word("NOT")) throw unsupported("ALTER COLUMN … " + sql.peek().upper);
    sql.next();
    sql.expect_word("NULL");
    column.nullable = !sets;
    change = sets ? " SET NOT NULL" : " DROP NOT NULL";
  }
  sql.expect_end();
  session_.commit();
  if (!change.empty()) session_.write("ALTER TABLE " + definition.relation() + " ALTER COLUMN " + engine_identifier(name) + change);
  state_.catalog.put_table(definition);
  state_.locks.note_change(definition.id);
  return defined();
}

}  // namespace imednet::sandbox::snowflake
