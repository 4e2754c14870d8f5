#include "sinks/snowflake/setup_statements.h"

#include <fmt/format.h>

#include "sinks/snowflake/lease_statements.h"

namespace imednet::sinks::snowflake {
namespace {

constexpr const char* kObjectsRole = "SYSADMIN";
constexpr const char* kIdentityRole = "USERADMIN";
constexpr const char* kGrantsRole = "SECURITYADMIN";

void add_objects(const SetupNames& names, std::vector<SetupStatement>& statements) {
  const auto add = [&statements](std::string sql, std::string why) {
    statements.push_back({SetupPart::objects, kObjectsRole, std::move(sql), std::move(why)});
  };
  add(fmt::format("CREATE WAREHOUSE IF NOT EXISTS {} WAREHOUSE_SIZE = 'XSMALL' AUTO_SUSPEND = 60 AUTO_RESUME = TRUE "
                  "INITIALLY_SUSPENDED = TRUE",
                  names.warehouse.sql()),
      "COPY and the counts run on it; the smallest size does, and it stops a minute after the load");
  add(fmt::format("CREATE DATABASE IF NOT EXISTS {}", names.database.sql()), "where the records go");
  add(fmt::format("CREATE SCHEMA IF NOT EXISTS {}.{}", names.database.sql(), names.schema.sql()),
      "holds stage, table, IMEDNET_LOADS, IMEDNET_LEASES and cursors");
  add(fmt::format("CREATE STAGE IF NOT EXISTS {} COMMENT = 'Parquet files of imednet'", names.stage.sql()),
      "an internal stage: files are PUT there, and COPY reads them");
}

void add_identity(const SetupNames& names, std::vector<SetupStatement>& statements) {
  const auto add = [&statements](std::string sql, std::string why) {
    statements.push_back({SetupPart::identity, kIdentityRole, std::move(sql), std::move(why)});
  };
  const std::string key = names.public_key ? fmt::format(" RSA_PUBLIC_KEY = {}", literal(*names.public_key)) : "";
  add(fmt::format("CREATE ROLE IF NOT EXISTS {}", names.role.sql()), "holds the grants below and nothing else");
  add(fmt::format("CREATE USER IF NOT EXISTS {} TYPE = SERVICE DEFAULT_ROLE = {} DEFAULT_WAREHOUSE = {}{}", names.user.sql(),
                  names.role.sql(), names.warehouse.sql(), key),
      names.public_key ? "a service user: it has no password and signs in with the private key"
                       : "a service user: it has no password; give it a key: ALTER USER … SET RSA_PUBLIC_KEY = '…', or --public-key here");
  add(fmt::format("GRANT ROLE {} TO USER {}", names.role.sql(), names.user.sql()), "lets the user take the role");
  add(fmt::format("GRANT ROLE {} TO ROLE SYSADMIN", names.role.sql()), "lets administrators see what the role makes");
}

void add_grants(const SetupNames& names, std::vector<SetupStatement>& statements) {
  const auto add = [&](std::string_view privileges, const std::string& object, std::string why) {
    statements.push_back(
        {SetupPart::grants, kGrantsRole, fmt::format("GRANT {} ON {} TO ROLE {}", privileges, object, names.role.sql()), std::move(why)});
  };
  const std::string schema = fmt::format("SCHEMA {}.{}", names.database.sql(), names.schema.sql());
  add("USAGE", "WAREHOUSE " + names.warehouse.sql(), "run statements");
  add("USAGE", "DATABASE " + names.database.sql(), "see the database");
  add("USAGE", schema, "see the schema");
  add("READ", "STAGE " + names.stage.sql(), "LIST, COPY");
  add("WRITE", "STAGE " + names.stage.sql(), "PUT, REMOVE");
  add("CREATE TABLE", schema, "target, IMEDNET_LOADS, IMEDNET_LEASES and cursors while they are missing; the role owns what it makes");
}

void add_views(const SetupNames& names, std::vector<SetupStatement>& statements) {
  statements.push_back(
      {SetupPart::views, kGrantsRole,
       fmt::format("GRANT CREATE VIEW ON SCHEMA {}.{} TO ROLE {}", names.database.sql(), names.schema.sql(), names.role.sql()),
       "a typed view a form; the role owns what it makes"});
}

void add_tables(const SetupNames& names, std::vector<SetupStatement>& statements) {
  const auto add = [&](std::string_view privileges, const ObjectName& table, std::string why) {
    statements.push_back({SetupPart::tables, kGrantsRole,
                          fmt::format("GRANT {} ON TABLE {} TO ROLE {}", privileges, table.sql(), names.role.sql()), std::move(why)});
  };
  add("SELECT, INSERT", names.table, "COPY, and the counts afterwards");
  add("UPDATE, DELETE", names.table, "modes auto, merge and replace: rows that changed or vanished");
  add("SELECT, INSERT, UPDATE", names.ledger, "remember which file is in which table");
  add("SELECT, INSERT, UPDATE", leases_beside(names.ledger), "keep two runs of one study apart");
}

}  // namespace

std::vector<SetupStatement> setup_statements(const SetupNames& names) {
  std::vector<SetupStatement> statements;
  add_objects(names, statements);
  add_identity(names, statements);
  add_grants(names, statements);
  add_views(names, statements);
  add_tables(names, statements);
  return statements;
}

std::string setup_script(const std::vector<SetupStatement>& statements) {
  std::string script =
      "-- What an export by imednet needs in Snowflake, and why. Read it, then run it as a user who has these roles.\n"
      "-- Everything is made only where it is missing; running it again changes nothing.\n";
  std::string role;
  SetupPart last = SetupPart::objects;
  for (const SetupStatement& statement : statements) {
    const bool is_optional = statement.part == SetupPart::views || statement.part == SetupPart::tables;
    if (is_optional && statement.part != last)
      script += fmt::format(
          "\n-- Only {}: remove the dashes.\n",
          statement.part == SetupPart::views ? "for --views" : "where target and ledger are there already and belong to another role");
    last = statement.part;
    if (statement.as_role != role) script += fmt::format("\nUSE ROLE {};\n", statement.as_role);
    role = statement.as_role;
    const bool is_grant = statement.part == SetupPart::grants || is_optional;
    script += is_grant ? fmt::format("{}{};  -- {}\n", is_optional ? "-- " : "", statement.sql, statement.why)
                       : fmt::format("-- {}\n{};\n", statement.why, statement.sql);
  }
  return script;
}

}  // namespace imednet::sinks::snowflake
