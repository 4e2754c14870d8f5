// CREATE, DROP and SHOW VIEW, and what a query reads of one.
#include <algorithm>

#include "executor.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

constexpr int kDeepestView = 20;  // of views over views; one that came to read itself would have no end

std::string home_of(const ObjectName& name) { return display_identifier(name.database) + "." + display_identifier(name.schema); }

// (name [COMMENT 'text'], …)
std::vector<ColumnDefinition> column_list(Translator& sql) {
  std::vector<ColumnDefinition> columns;
  if (!sql.accept_symbol("(")) return columns;
  do {
    ColumnDefinition column;
    column.name = sql.identifier();
    if (sql.accept_word("COMMENT")) column.comment = sql.string_literal();
    columns.push_back(std::move(column));
  } while (sql.accept_symbol(","));
  sql.expect_symbol(")");
  return columns;
}

void require_distinct(const std::vector<ColumnDefinition>& columns) {
  for (size_t i = 0; i < columns.size(); ++i) {
    for (size_t k = 0; k < i; ++k) {
      if (columns[k].name == columns[i].name)
        throw SqlError("002025", "42S21", "SQL compilation error:\nduplicate column name '" + columns[i].name + "'");
    }
  }
}

}  // namespace

std::optional<ViewDefinition> Executor::find_view(const ObjectName& name) const {
  const auto found = state_.catalog.find_view(resolve(name));
  return found && sees(*found) ? found : std::nullopt;
}

void Executor::require_no_view(const ObjectName& name) const {
  if (state_.catalog.find_view(name)) throw object_exists(name.display());
}

// A temporary table hides nothing here: what it would hide is refused as well. [inferred]
void Executor::require_no_table(const ObjectName& name) const {
  if (state_.catalog.find_table(name, session_.id())) throw object_exists(name.display());
}

TableDefinition Executor::described(const ObjectName& name) {
  if (const auto view = find_view(name)) return view->as_table();
  return table(name);
}

// The query runs as the view's owner, whoever asks; names without a schema are of the view's. [doc]
std::string Executor::view_relation(const ViewDefinition& view) {
  require("SELECT", "VIEW", view.name.display());
  if (view_depth_ >= kDeepestView) throw syntax_error("View '" + view.name.display() + "' reads itself.");
  reads_views_ = true;
  const SessionContext asking = session_.context;
  ++view_depth_;
  std::string query;
  try {
    session_.context.role = view.owner;
    session_.context.database = view.name.database;
    session_.context.schema = view.name.schema;
    Translator inner(tokenize(view.query), view.query, *this);
    query = inner.query();
    inner.expect_end();
    if (!inner.take_json_checks().empty()) throw unsupported("PARSE_JSON in a view");
  } catch (...) {
    session_.context = asking;
    --view_depth_;
    throw;
  }
  session_.context = asking;
  --view_depth_;
  std::string names;
  for (const ColumnDefinition& column : view.columns) names += (names.empty() ? "" : ", ") + engine_identifier(column.name);
  return "(SELECT * FROM (" + query + ") AS sf_view(" + names + "))";
}

// A view takes its place at once; a table by its name is refused. [doc] DDL commits an open transaction.
StatementResult Executor::create_view(Translator& sql, bool replace) {
  const bool keep = sql.accept_word("IF");
  if (keep) {
    sql.expect_word("NOT");
    sql.expect_word("EXISTS");
    if (replace) throw syntax_error("options IF NOT EXISTS and OR REPLACE are incompatible.");
  }
  ViewDefinition view;
  view.name = resolve_in_existing_schema(sql.object_name());
  view.columns = column_list(sql);
  bool copies_grants = false;
  while (!sql.at_word("AS")) {
    if (sql.accept_words("COPY", "GRANTS")) {
      copies_grants = true;
    } else {
      sql.expect_word("COMMENT");
      sql.expect_symbol("=");
      view.comment = sql.string_literal();
    }
  }
  sql.next();
  const size_t first = sql.position();
  const std::string query = sql.query();
  view.query = sql.source(first, sql.position());
  sql.expect_end();
  if (!sql.take_json_checks().empty()) throw unsupported("PARSE_JSON in a view");
  require_no_table(view.name);
  const auto existing = state_.catalog.find_view(view.name);
  session_.commit();
  if (existing && keep) return defined(display_identifier(view.name.name) + " already exists, statement succeeded.");
  if (existing && !replace) throw object_exists(view.name.display());
  if (existing) require("OWNERSHIP", "VIEW", view.name.display());
  require("CREATE VIEW", "SCHEMA", home_of(view.name));
  const ResultSet shape = session_.query("SELECT * FROM (" + query + ") AS shape LIMIT 0");
  const bool is_named = !view.columns.empty();
  if (is_named && view.columns.size() != shape.columns.size())
    throw SqlError("002026", "42601", "SQL compilation error:\nInvalid column definition list");
  view.columns.resize(shape.columns.size());
  for (size_t i = 0; i < shape.columns.size(); ++i) {
    if (!is_named) view.columns[i].name = shape.columns[i].name;
    view.columns[i].type = shape.columns[i].type;
  }
  require_distinct(view.columns);
  view.id = state_.catalog.new_id();
  view.created_us = now_us_;
  view.owner = session_.context.role;
  const auto make = [&] {
    if (existing) state_.catalog.remove_view(existing->id);
    state_.catalog.put_view(view);
    own("VIEW", view.name.display());
  };
  if (copies_grants) {
    state_.grants.copy("VIEW", view.name.display(), make);
  } else {
    make();
  }
  return defined("View " + display_identifier(view.name.name) + " successfully created.");
}

StatementResult Executor::drop_view(Translator& sql) {
  const bool maybe = sql.accept_words("IF", "EXISTS");
  const ObjectName name = resolve(sql.object_name());
  sql.expect_end();
  session_.commit();
  const auto view = find_view(name);
  if (!view && maybe) return defined("Drop statement executed successfully (" + display_identifier(name.name) + " already dropped).");
  if (!view) throw missing_object("View", name.display());
  require("OWNERSHIP", "VIEW", name.display());
  state_.catalog.remove_view(view->id);
  state_.grants.forget_object("VIEW", name.display());
  return defined(display_identifier(name.name) + " successfully dropped.");
}

StatementResult Executor::show_views(const NamedClause& clause) {
  StatementResult out;
  out.type = statement_type::kShow;
  for (const char* name : {"created_on", "name", "reserved", "database_name", "schema_name", "owner", "comment", "text", "is_secure",
                           "is_materialized", "owner_role_type", "change_tracking"})
    out.result.columns.push_back(std::string_view(name) == "created_on" ? timestamp_column(name) : text_column(name));
  std::vector<ViewDefinition> views = state_.catalog.views();
  std::ranges::sort(views, {}, [](const ViewDefinition& view) { return std::tie(view.name.database, view.name.schema, view.name.name); });
  for (const ViewDefinition& view : views) {
    const bool is_inside =
        (clause.database.empty() || clause.database == view.name.database) && (clause.schema.empty() || clause.schema == view.name.schema);
    if (!is_inside || (clause.like && !like_matches(view.name.name, *clause.like)) || !sees(view)) continue;
    out.result.rows.push_back({timestamp_cell(view.created_us), view.name.name, "", view.name.database, view.name.schema, view.owner,
                               view.comment, view.query, "false", "false", "ROLE", "OFF"});
  }
  return out;
}

}  // namespace imednet::sandbox::snowflake
