#include "sinks/snowflake/target.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace imednet::sinks::snowflake {
namespace {

using errors::ErrorCode;
using errors::ExportConfigurationError;

// SHOW … LIKE knows wild cards, so the row with exactly that name is looked for; nullopt: not there.
std::optional<std::size_t> row_named(const db::Answer& answer, const std::string& name) {
  for (std::size_t row = 0; row < answer.rows.size(); ++row) {
    if (answer.at(row, "name") == name) return row;
  }
  return std::nullopt;
}

[[noreturn]] void throw_missing(std::string_view what, const std::string& name, std::string_view hint) {
  throw ExportConfigurationError(fmt::format("cannot use the {} {}: it does not exist or the role may not use it", what, name),
                                 {.code = ErrorCode::not_found, .hint = std::string(hint), .origin = {.system = "snowflake"}});
}

// What a type in DESCRIBE's words is for us: only the family matters, widths are Snowflake's business.
std::string family(std::string_view type) {
  std::string base(type.substr(0, type.find('(')));
  if (base == "TEXT" || base == "STRING" || base == "CHAR") return "VARCHAR";
  if (base == "FLOAT" || base == "REAL" || base == "DOUBLE") return "FLOAT";
  return base;
}

bool is_type_we_can_fill(const TargetColumn& wanted, std::string_view actual) {
  if (family(wanted.type) != family(actual)) return false;
  // NUMBER(p,s): ids need 19 digits and no fraction.
  if (family(actual) == "NUMBER") return actual == "NUMBER(38,0)" || actual == "NUMBER(19,0)";
  return true;
}

// A column that tables of one layout have, and of no other.
constexpr std::pair<std::string_view, std::string_view> kMarks[] = {{"RECORD_DATA_RAW", "records"}, {"_EXTRA", "forms"}};

void require_no_other_layout(const db::Answer& described, const TableShape& shape, std::vector<std::string>& problems) {
  for (const auto& [column, layout] : kMarks) {
    if (layout != shape.layout().name && row_named(described, std::string(column)) && !shape.has(column))
      problems.push_back(fmt::format("it is a table of layout {}", layout));
  }
}

void compare_columns(const db::Answer& described, const ObjectName& table, const TableShape& shape, std::vector<TargetColumn>& missing) {
  std::vector<std::string> problems;
  require_no_other_layout(described, shape, problems);
  for (const TargetColumn& wanted : shape.columns()) {
    const auto row = row_named(described, wanted.name);
    if (!row) {
      missing.push_back(wanted);
    } else if (const auto& type = described.at(*row, "type"); !is_type_we_can_fill(wanted, type.value_or(""))) {
      problems.push_back(fmt::format("{} is {} instead of {}", wanted.name, type.value_or("?"), wanted.type));
    }
  }
  for (std::size_t row = 0; row < described.rows.size(); ++row) {
    const std::string name = described.at(row, "name").value_or("");
    if (!shape.has(name) && described.at(row, "null?") == "N" && !described.at(row, "default")) {
      problems.push_back(fmt::format("{} is NOT NULL without a default and this export does not fill it", name));
    }
  }
  if (problems.empty()) return;
  throw ExportConfigurationError(
      fmt::format("cannot load into the table {}: its columns differ: {}", table.text(), fmt::join(problems, "; ")),
      {.code = ErrorCode::schema_mismatch, .hint = "use another table name, or change these columns", .origin = {.system = "snowflake"}});
}

void add_missing(Session& session, const ObjectName& table, std::vector<TargetColumn>& missing) {
  if (missing.empty()) return;
  // A column that must not be null can't be added to a table with rows; as nullable it is still checked by our counts.
  for (TargetColumn& column : missing) column.nullable = true;
  const SqlText alter = add_columns(table, missing);
  try {
    session.run(alter, "alter");
  } catch (const ImednetError& error) {
    throw ExportConfigurationError(
        fmt::format("cannot add {} missing columns to the table {}: {}", missing.size(), table.text(), error.what()),
        {.code = ErrorCode::schema_mismatch, .hint = "have its owner run: " + alter.text(), .origin = error.origin()});
  }
}

[[noreturn]] void throw_frozen(const ObjectName& table, const std::vector<TargetColumn>& missing) {
  std::vector<std::string> names;
  names.reserve(missing.size());
  for (const TargetColumn& column : missing) names.push_back(column.name);
  throw ExportConfigurationError(
      fmt::format("cannot load into the table {}: it has no column {}, and --schema-changes is freeze", table.text(),
                  fmt::join(names, ", ")),
      {.code = ErrorCode::schema_mismatch,
       .hint = "let the export add them (--schema-changes evolve), or run: " + add_columns(table, missing).text(),
       .origin = {.system = "snowflake"}});
}

void create(Session& session, const ObjectName& table, const TableShape& shape) {
  try {
    session.run(create_target(table, shape), "create");
  } catch (const ImednetError& error) {
    throw ExportConfigurationError(fmt::format("cannot create the table {}: {}", table.text(), error.what()),
                                   {.code = error.code(), .hint = "ask for: " + grant_to_create(table), .origin = error.origin()});
  }
}

}  // namespace

std::optional<std::string> creation_time(Session& session, const ObjectName& table) {
  const db::Answer shown = session.run(show_tables(table), "show-table");
  const auto row = row_named(shown, table.object().name());
  return row ? std::optional(shown.at(*row, "created_on").value_or("")) : std::nullopt;
}

TargetState prepare_target(Session& session, const ObjectName& table, const TableShape& shape,
                           const integrations::SnowflakeSinkConfig& config) {
  auto created = creation_time(session, table);
  if (!created) {
    require_may_create(table, config);
    create(session, table, shape);
    created = creation_time(session, table);
    if (!created) throw_missing("table", table.text(), "it was created and is not visible; check the role's grants");
  }
  std::vector<TargetColumn> missing = columns_to_add(session, table, shape, config);
  add_missing(session, table, missing);
  return {*created};
}

std::vector<TargetColumn> missing_columns(Session& session, const ObjectName& table, const TableShape& shape) {
  std::vector<TargetColumn> missing;
  compare_columns(session.run(describe_table(table), "describe"), table, shape, missing);
  return missing;
}

std::string grant_to_create(const ObjectName& table) {
  return fmt::format("GRANT CREATE TABLE ON SCHEMA {}.{} TO ROLE <role>", table.database().sql(), table.schema().sql());
}

std::vector<TargetColumn> columns_to_add(Session& session, const ObjectName& table, const TableShape& shape,
                                         const integrations::SnowflakeSinkConfig& config) {
  std::vector<TargetColumn> missing = missing_columns(session, table, shape);
  if (config.freeze_schema && !missing.empty()) throw_frozen(table, missing);
  return missing;
}

void require_may_create(const ObjectName& table, const integrations::SnowflakeSinkConfig& config) {
  if (!config.create_table) throw_missing("table", table.text(), "create it first, or leave table creation on");
}

void require_warehouse(const db::Answer& context, const integrations::SnowflakeSinkConfig& config) {
  if (!context.at(0, "warehouse"))
    throw_missing("warehouse", config.warehouse, "check the warehouse name, or ask for: GRANT USAGE ON WAREHOUSE <name> TO ROLE <role>");
}

void require_database(const db::Answer& context, const integrations::SnowflakeSinkConfig& config) {
  if (!context.at(0, "database"))
    throw_missing("database", config.database, "check the database name, or ask for: GRANT USAGE ON DATABASE <name> TO ROLE <role>");
}

void require_schema(const db::Answer& context, const integrations::SnowflakeSinkConfig& config) {
  if (!context.at(0, "schema"))
    throw_missing("schema", config.schema, "check the schema name, or ask for: GRANT USAGE ON SCHEMA <name> TO ROLE <role>");
}

void require_internal_stage(Session& session, const ObjectName& stage) {
  db::Answer stages;
  try {
    stages = session.run(show_stages(stage), "show-stage");
  } catch (const ImednetError& error) {
    if (error.code() != ErrorCode::not_found) throw;
  }
  const auto row = row_named(stages, stage.object().name());
  if (!row) throw_missing("stage", stage.text(), "make it with CREATE STAGE, or ask for: GRANT READ, WRITE ON STAGE <name> TO ROLE <role>");
  const std::string type = stages.at(*row, "type").value_or("");
  if (!stages.at(*row, "url").value_or("").empty() || type.find("EXTERNAL") != std::string::npos) {
    throw ExportConfigurationError(
        fmt::format("cannot use the stage {}: it is an external stage, and PUT works on internal stages only", stage.text()),
        {.code = ErrorCode::unsupported, .hint = "name an internal stage made by CREATE STAGE", .origin = {.system = "snowflake"}});
  }
}

void check_context(Session& session, const integrations::SnowflakeSinkConfig& config, const ObjectName& stage) {
  const db::Answer context = session.run(current_context(), "context");
  require_warehouse(context, config);
  require_database(context, config);
  require_schema(context, config);
  require_internal_stage(session, stage);
}

}  // namespace imednet::sinks::snowflake
