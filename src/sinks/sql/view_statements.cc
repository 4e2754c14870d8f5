#include "sinks/sql/view_statements.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/digest.h"

namespace imednet::sinks::sql {
namespace {

constexpr std::string_view kMark = "imednet view 1 ";
constexpr std::size_t kDigestBytes = 8;

std::string body_of(const Dialect& dialect, const ViewGround& ground) {
  switch (dialect.engine) {
    case Engine::sqlite:
      return sqlite_view_body(ground);
    case Engine::postgresql:
      return postgresql_view_body(ground);
    default:
      return duckdb_view_body(ground);
  }
}

std::string unreadable(const Dialect& dialect) {
  switch (dialect.engine) {
    case Engine::sqlite:
      return sqlite_unreadable();
    case Engine::postgresql:
      return postgresql_unreadable();
    default:
      return duckdb_unreadable();
  }
}

std::string digest(const std::string& text) { return core::sha256_hex(text, kDigestBytes); }

}  // namespace

std::string filled(std::string_view text, std::initializer_list<std::pair<std::string_view, std::string_view>> values) {
  std::string out;
  while (!text.empty()) {
    const std::size_t at = text.find('@');
    out += text.substr(0, at);
    if (at == std::string_view::npos) break;
    text.remove_prefix(at + 1);
    const std::string_view name = text.substr(0, text.find('@'));
    for (const auto& [wanted, value] : values) {
      if (wanted == name) out += value;
    }
    text.remove_prefix(name.size() + 1);
  }
  return out;
}

std::string plain_columns(const table::FormView& view, bool with_service, std::string_view prefix) {
  std::vector<std::string> names;
  const auto add = [&](std::string_view name) { names.push_back(std::string(prefix) + quote_name(name)); };
  for (const table::ViewColumn& column : view.columns) {
    if (column.source == table::ViewSource::record) add(column.column->name);
  }
  if (with_service) {
    for (const table::Column& column : service_columns()) add(column.name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

ViewStatements::ViewStatements(const Dialect& dialect, TableName records, TableName name, std::string study, const table::FormView& view)
    : dialect_(dialect),
      records_(std::move(records)),
      name_(std::move(name)),
      study_(std::move(study)),
      view_(view),
      body_(body_of(dialect_, {records_, study_, view_})) {}

// Whose the view is, and of what it was made: labels too.
std::string ViewStatements::mark() const {
  std::string made = body_;
  for (const table::ViewColumn& column : view_.columns) made += fmt::format("\n{}", column.column->comment);
  return fmt::format("{}{} {}", kMark,
                     digest(fmt::format("{}\n{}\n{}\n{}", records_.text(), name_.text(), study_, table::folded(view_.form_key))),
                     digest(made));
}

std::string ViewStatements::note(std::string_view definition) const {
  return fmt::format("form {} of study {}; {} {}", view_.form_key, study_, mark(), digest(std::string(definition)));
}

SqlText ViewStatements::find() const {
  const std::string schema = name_.schema() ? quote_text(*name_.schema()) : std::string(dialect_.default_schema),
                    name = quote_text(name_.name());
  switch (dialect_.engine) {
    case Engine::sqlite:
      return SqlText(fmt::format(
          "SELECT type AS kind, '' AS note, COALESCE(sql, '') AS definition FROM {}sqlite_master WHERE name = {} COLLATE NOCASE",
          name_.schema() ? quote_name(*name_.schema()) + "." : "", name));
    case Engine::postgresql:
      return SqlText(fmt::format(
          "SELECT CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END AS kind, COALESCE(obj_description(c.oid, 'pg_class'), '') AS note, "
          "CASE c.relkind WHEN 'v' THEN pg_get_viewdef(c.oid) ELSE '' END AS definition FROM pg_class c JOIN pg_namespace n "
          "ON n.oid = c.relnamespace WHERE n.nspname = {} AND c.relname = {}",
          schema, name));
    default:
      return SqlText(fmt::format(
          "SELECT 'view' AS kind, COALESCE(comment, '') AS note, '' AS definition FROM duckdb_views() WHERE database_name = "
          "current_database() "
          "AND lower(schema_name) = lower({0}) AND lower(view_name) = lower({1}) UNION ALL SELECT 'table', '', '' FROM duckdb_tables() "
          "WHERE database_name = current_database() AND lower(schema_name) = lower({0}) AND lower(table_name) = lower({1})",
          schema, name));
  }
}

bool ViewStatements::is_made_by_us(const db::Answer& found) const {
  return found.at(0, "kind") == "view" &&
         found.at(0, dialect_.has_comments ? "note" : "definition").value_or("").find(kMark) != std::string::npos;
}

bool ViewStatements::is_ours(const db::Answer& found) const {
  const std::string mine = mark();
  const std::string whose = mine.substr(0, mine.rfind(' ') + 1);
  return is_made_by_us(found) && found.at(0, dialect_.has_comments ? "note" : "definition").value_or("").find(whose) != std::string::npos;
}

bool ViewStatements::is_up_to_date(const db::Answer& found) const {
  const std::string definition = found.at(0, "definition").value_or("");
  return dialect_.has_comments ? found.at(0, "note") == note(definition) : definition.ends_with(body());
}

std::string ViewStatements::body() const { return dialect_.has_comments ? body_ : fmt::format("/* {} */ {}", mark(), body_); }
SqlText ViewStatements::create() const { return SqlText(fmt::format("CREATE VIEW {} AS {}", name_.sql(), body())); }
SqlText ViewStatements::replace() const { return SqlText(fmt::format("CREATE OR REPLACE VIEW {} AS {}", name_.sql(), body())); }
SqlText ViewStatements::drop() const { return SqlText(fmt::format("DROP VIEW {}", name_.sql())); }

std::vector<SqlText> ViewStatements::comments(const db::Answer& found) const {
  std::vector<SqlText> texts;
  if (!dialect_.has_comments) return texts;
  const auto add = [&](const table::Column& column) {
    texts.push_back(
        SqlText(fmt::format("COMMENT ON COLUMN {}.{} IS {}", name_.sql(), quote_name(column.name), quote_text(column.comment))));
  };
  for (const table::ViewColumn& column : view_.columns) add(*column.column);
  for (const table::Column& column : service_columns()) add(column);
  texts.push_back(SqlText(fmt::format("COMMENT ON VIEW {} IS {}", name_.sql(), quote_text(note(found.at(0, "definition").value_or(""))))));
  return texts;
}

SqlText ViewStatements::unreadable_rows(const Dialect& dialect, const TableName& records, std::string_view study) {
  return SqlText(fmt::format(
      "SELECT COUNT(*) AS row_count FROM {} WHERE study_key = {} AND _deleted_at IS NULL AND record_data_raw IS NOT NULL AND {}",
      records.sql(), quote_text(study), unreadable(dialect)));
}

SqlText ViewStatements::version() { return SqlText("SELECT CAST(current_setting('server_version_num') AS integer) AS version"); }

}  // namespace imednet::sinks::sql
