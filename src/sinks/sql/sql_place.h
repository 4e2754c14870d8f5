// sql_place.h: which database rows go to: from what a user typed to a driver and its options.
//
// Rule:   addresses are written as SQLAlchemy writes them: sqlite:///relative.db, sqlite:////absolute.db, postgresql://user@host:port/name;
//         "+driver" behind the scheme is left out. A warehouse is not reached this way: a Snowflake or DuckDB address, or a driver that
//         says it is one of theirs, is refused and the command for it named.
// Errors: ExportConfigurationError (invalid_argument, config, unsupported).
// Source: the Snowflake export guide ("do not mix the two paths"); ADR 0032.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "db/adbc.h"
#include "imednet/secret.h"
#include "sinks/sql/dialect.h"

namespace imednet::sinks::sql {

struct SqlPlace {
  const Dialect* dialect = nullptr;
  db::DriverSpec driver{};
  db::Options options{};
  std::string name{};    // for people and manifests, without user and password: sqlite:/data/study.db, postgresql://db.example:5432/trial
  std::string secret{};  // what must not be in a message
  std::string file{};    // that the database lies in; empty for a server
  bool is_only_read = false;

  // For messages: "cannot <action> <name>".
  std::string_view action() const { return is_only_read ? "read" : "export to"; }

  // A database of one file that is not there yet.
  bool is_new() const;
};

SqlPlace place_of_duckdb(const std::filesystem::path& file, std::string_view driver = {});
// `driver`: empty for the one that belongs to the address.
SqlPlace place_of_address(const Secret& address, std::string_view driver = {});
// The same, opened so that nothing can be written where its driver knows such a way.
SqlPlace for_reading(SqlPlace place);

// The error for a database that is no transactional target.
[[noreturn]] void refuse_vendor(std::string_view vendor);

}  // namespace imednet::sinks::sql
