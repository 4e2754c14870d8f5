// CREATE, DROP, SHOW and DESCRIBE FILE FORMAT, and which format a COPY reads by.
#include "executor.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {}  // namespace

FileFormatDefinition Executor::named_format(const ObjectName& name) const {
  const ObjectName full = resolve(name);
  if (const auto found = state_.catalog.find_file_format(full, session_.id())) return *found;
  throw missing_object("File format", full.display());
}

// COPY's own, else the stage's. [doc]
FileFormat Executor::file_format(const std::optional<FileFormat>& written, const StageDefinition& stage) const {
  const FileFormat& format = written ? *written : stage.format;
  return format.name ? named_format(*format.name).format : format;
}

StatementResult Executor::create_file_format(Translator& sql, bool replace, bool temporary) {
  const bool keep = sql.accept_word("IF");
  if (keep) {
    sql.expect_word("NOT");
    sql.expect_word("EXISTS");
  }
  FileFormatDefinition definition;
  definition.name = resolve_in_existing_schema(sql.object_name());
  if (temporary) definition.session = session_.id();
  parse_format_options(sql, definition.format);
  if (definition.format.name) sql.fail();
  if (sql.accept_word("COMMENT")) {
    sql.expect_symbol("=");
    definition.comment = sql.string_literal();
  }
  sql.expect_end();
  const std::string name = display_identifier(definition.name.name);
  const auto existing = state_.catalog.find_file_format(definition.name, session_.id());
  const bool clashes = existing && existing->session == definition.session;
  session_.commit();
  if (clashes && keep) return defined(name + " already exists, statement succeeded.");
  if (clashes && !replace) throw object_exists(definition.name.display());
  if (definition.session.empty()) {
    require("CREATE FILE FORMAT", "SCHEMA",
            display_identifier(definition.name.database) + "." + display_identifier(definition.name.schema));
  }
  definition.id = clashes ? existing->id : state_.catalog.new_id();
  definition.created_us = now_us_;
  state_.catalog.put_file_format(definition);
  return defined("File format " + name + " successfully created.");
}

StatementResult Executor::drop_file_format(Translator& sql) {
  const bool maybe = sql.accept_words("IF", "EXISTS");
  const ObjectName name = sql.object_name();
  sql.expect_end();
  session_.commit();
  const std::string shown = display_identifier(name.name);
  if (maybe && !state_.catalog.find_file_format(resolve(name), session_.id()))
    return defined("Drop statement executed successfully (" + shown + " already dropped).");
  state_.catalog.remove_file_format(named_format(name).id);
  return defined(shown + " successfully dropped.");
}

StatementResult Executor::show_file_formats(const NamedClause& clause) {
  StatementResult out;
  out.type = statement_type::kShow;
  out.result.columns = {timestamp_column("created_on")};
  for (const char* name : {"name", "database_name", "schema_name", "type", "owner", "comment", "format_options", "owner_role_type"})
    out.result.columns.push_back(text_column(name));
  for (const FileFormatDefinition& one : state_.catalog.file_formats(session_.id())) {
    const bool inside =
        (clause.database.empty() || clause.database == one.name.database) && (clause.schema.empty() || clause.schema == one.name.schema);
    if (!inside || (clause.like && !like_matches(one.name.name, *clause.like))) continue;
    if (out.result.rows.size() >= clause.limit) break;
    out.result.rows.push_back({timestamp_cell(one.created_us), one.name.name, one.name.database, one.name.schema, one.format.type(),
                               session_.context.role, one.comment, nlohmann::json(one.format.options).dump(), "ROLE"});
  }
  return out;
}

StatementResult Executor::describe_file_format(Translator& sql) {
  const FileFormatDefinition definition = named_format(sql.object_name());
  sql.expect_end();
  StatementResult out;
  out.type = statement_type::kDescribe;
  for (const char* name : {"property", "property_type", "property_value", "property_default"})
    out.result.columns.push_back(text_column(name));
  const auto truth = [](bool value) { return std::string(value ? "true" : "false"); };
  const FileFormat& format = definition.format;
  out.result.rows = {{"TYPE", "String", format.type(), "CSV"}};
  if (format.type() != "PARQUET") return out;
  out.result.rows.push_back({"TRIM_SPACE", "Boolean", truth(format.trims()), "false"});
  out.result.rows.push_back({"BINARY_AS_TEXT", "Boolean", truth(format.binary_as_text()), "true"});
  out.result.rows.push_back({"USE_LOGICAL_TYPE", "Boolean", truth(format.logical_types()), "false"});
  return out;
}

}  // namespace imednet::sandbox::snowflake
