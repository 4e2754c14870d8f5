// setup_statements.h: what has to be there before the first load, as SQL for an administrator to read and to run, with why.
//
// Nothing of it is sent by this program: it is printed. Names are typed identifiers, so none can break out of its place.
// Source: Snowflake's access control privileges; docs/snowflake-setup.md, whose list of grants a test compares with this.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sinks/snowflake/identifiers.h"

namespace imednet::sinks::snowflake {

struct SetupNames {
  Identifier database, schema, warehouse, role, user;
  ObjectName stage, table, ledger;
  std::optional<std::string> public_key;  // the base64 of its PEM form; unset: the user is made without
};

enum class SetupPart {
  objects,   // warehouse, database, schema, stage
  identity,  // role and user
  grants,    // the least that an export needs
  views,     // only with --views
  tables,    // only where target and ledger belong to another role
};

struct SetupStatement {
  SetupPart part;
  std::string as_role;  // the system role that may run it
  std::string sql;      // without its semicolon
  std::string why;
};

// In the order in which they have to run.
std::vector<SetupStatement> setup_statements(const SetupNames& names);

// The statements as a script with comments; those of the last two parts are commented out.
std::string setup_script(const std::vector<SetupStatement>& statements);

}  // namespace imednet::sinks::snowflake
