// warehouse_catalog.cc: what is there: tables, the stage, statements and loads of the past.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "simulation/warehouse.h"
#include "sinks/snowflake/statements.h"

namespace imednet::simulation {
namespace {

using Columns = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kBlock = 1'024;  // coarse on purpose: a change need not show in a table's bytes

bool is_at_work(const Statement& statement) { return statement.status == "RUNNING"; }

}  // namespace

void Warehouse::make(Call& call, const std::string& name, Columns columns) {
  commit_open(call.session);
  if (tables_.contains(name)) return;
  tables_[name] = std::make_shared<Table>(
      Table{.name = name, .created = world_.stamp(world_.now()) + fmt::format(".{:03}", ++creations_), .columns = std::move(columns)});
}

db::Answer Warehouse::context(Call&) {
  return {{"ROLE", "WAREHOUSE", "DATABASE", "SCHEMA", "VERSION"}, {{"LOADER", "WH", "SIM", "PUBLIC", "9.99.0"}}};
}

db::Answer Warehouse::show_stages(Call& call) { return {{"name", "type", "url"}, {{call.holes[0], "INTERNAL", ""}}}; }

db::Answer Warehouse::show_tables(Call& call) {
  const auto found = find(fmt::format("{}.{}.{}", call.holes[1], call.holes[2], call.holes[0]));
  db::Answer answer{{"created_on", "name", "comment", "rows", "bytes"}, {}};
  if (!found) return answer;
  std::size_t rows = 0, bytes = 0;
  for (const StoredRow& row : found->rows) {
    if (!is_committed(row)) continue;
    ++rows;
    for (const db::Cell& cell : row.cells) bytes += cell ? cell->size() : 0;
  }
  const std::size_t blocks = (bytes + kBlock - 1) / kBlock;
  answer.rows.push_back({found->created, call.holes[0], found->comment, std::to_string(rows), std::to_string(blocks * kBlock)});
  return answer;
}

db::Answer Warehouse::describe(Call& call) {
  const Table& described = table(call, call.holes[0]);
  db::Answer answer{{"name", "type", "null?", "default", "comment"}, {}};
  for (const auto& [name, type] : described.columns) {
    const auto comment = described.column_comments.find(name);
    answer.rows.push_back(
        {name, type, "Y", std::nullopt, comment == described.column_comments.end() ? std::nullopt : std::optional(comment->second)});
  }
  return answer;
}

db::Answer Warehouse::create_target(Call& call) {
  Columns columns;
  for (const auto& column : sinks::snowflake::records_shape().columns()) columns.emplace_back(column.name, column.type);
  make(call, call.holes[0], std::move(columns));
  return ok(call);
}

db::Answer Warehouse::create_ledger(Call& call) {
  Columns columns;
  for (const char* name : {"TARGET_TABLE", "TARGET_CREATED", "STUDY_KEY", "LAYOUT", "BATCH_ID", "HASH", "FILE_PATH", "SHA256", "ROW_COUNT",
                           "FIRST_RECORD_ID", "LAST_RECORD_ID", "RUN_ID", "STATEMENT_TAG", "LOADED_AT", "SUPERSEDED_BY"}) {
    columns.emplace_back(name, "VARCHAR");
  }
  make(call, call.holes[0], std::move(columns));
  return ok(call);
}

db::Answer Warehouse::create_leases(Call& call) {
  if (tables_.contains(call.holes[0])) throw_sql("002002", "42710", "the object already exists");
  Columns columns;
  for (const char* name : {"STUDY_KEY", "TARGET_TABLE", "TOKEN", "HOLDER", "HEARTBEAT_AT", "TAKEN_AT", "RELEASED_AT"}) {
    columns.emplace_back(name, "VARCHAR");
  }
  make(call, call.holes[0], std::move(columns));
  tables_.at(call.holes[0])->rows.push_back({{"*", "*", "0", std::nullopt, std::nullopt, std::nullopt, std::to_string(world_.now())}});
  return ok(call);
}

db::Answer Warehouse::create_cursor(Call& call) {
  make(call, call.holes[0], {{"QUIET_RUNS", "VARCHAR"}});
  return ok(call);
}

// DDL, and what it changes is seen at once.
db::Answer Warehouse::comment_on_table(Call& call) {
  commit_open(call.session);
  table(call, call.holes[0]).comment = call.holes[1];
  return ok(call);
}

db::Answer Warehouse::comment_on_quiet_runs(Call& call) {
  commit_open(call.session);
  Table& cursor = table(call, call.holes[0]);
  cursor.column_comments[cursor.columns.at(cursor.column("QUIET_RUNS")).first] = call.holes[1];
  return ok(call);
}

db::Answer Warehouse::create_temporary(Call& call) {
  commit_open(call.session);
  const Table& like = table(call, call.holes[1]);
  call.session.temporary[call.holes[0]] =
      std::make_shared<Table>(Table{.name = call.holes[0], .created = "temporary", .columns = like.columns});
  return ok(call);
}

// Only a temporary table is ever dropped by the export.
db::Answer Warehouse::drop(Call& call) {
  commit_open(call.session);
  call.session.temporary.erase(call.holes[0]);
  return ok(call);
}

db::Answer Warehouse::query_status(Call& call) {
  db::Answer answer{{"EXECUTION_STATUS"}, {}};
  const auto last = std::find_if(statements_.rbegin(), statements_.rend(), [&](const Statement& s) { return s.tag == call.holes[1]; });
  if (last != statements_.rend()) answer.rows.push_back({last->status});
  return answer;
}

db::Answer Warehouse::statements_at_work(Call& call) {
  db::Answer answer{{"QUERY_ID", "EXECUTION_STATUS"}, {}};
  for (const Statement& statement : statements_) {
    if (is_at_work(statement) && statement.tag.find(call.holes[1]) != std::string::npos)
      answer.rows.push_back({std::to_string(statement.id), statement.status});
  }
  return answer;
}

db::Answer Warehouse::cancel(Call& call) {
  Statement& statement = statements_.at(static_cast<std::size_t>(read_number(call.holes[0])));
  if (is_at_work(statement)) statement.status = "FAILED_WITH_ERROR";
  return ok(call);
}

db::Answer Warehouse::load_history(Call& call) {
  db::Answer answer{{"FILE_NAME", "ROW_COUNT"}, {}};
  const auto found = find(fmt::format("{}.{}.{}", call.holes[0], call.holes[1], call.holes[2]));
  if (!found) return answer;
  for (const auto& [path, rows] : found->history_rows) answer.rows.push_back({"stage/" + path, std::to_string(rows)});
  return answer;
}

db::Answer Warehouse::list(Call& call) {
  db::Answer answer{{"name", "size", "md5", "last_modified"}, {}};
  for (const auto& [path, file] : stage) {
    if (!path.starts_with(call.holes[3]) || file.listed_from > world_.now()) continue;
    answer.rows.push_back({"my_stage/" + path, std::to_string((file.bytes.size() / 16 + 1) * 16), "md5", "Thu, 28 May 2026 20:26:40 GMT"});
  }
  return answer;
}

db::Answer Warehouse::put(Call& call) {
  constexpr std::string_view kScheme = "file://";
  const std::string local = call.holes[0].substr(kScheme.size());
  std::ifstream file(local, std::ios::binary);
  if (!file) throw_sql("264006", "00000", "the file was not found");
  const std::string path = call.holes[1].substr(call.holes[1].find('/') + 1) + local.substr(local.rfind('/'));
  stage[path] = {std::string(std::istreambuf_iterator<char>(file), {}), ++uploads_};
  return {{"source", "target", "status"}, {}};
}

}  // namespace imednet::simulation
