// identifiers.h: names that may stand in a Snowflake statement, and the only way to make them.
//
// Rule:   [A-Za-z_][A-Za-z0-9_$]* is folded to upper case, "Mixed" with its quotes is exact; at most 255 bytes.
//         One to three dotted parts for stage and table. User and table stages (@~, @%T) are refused by name.
// Errors: ExportConfigurationError (invalid_argument) naming the setting and, where it is short and printable, the text.
// Source: Snowflake's identifier requirements; ADR 0014.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace imednet::sinks::snowflake {

class Identifier {
 public:
  // `setting` is named in errors, for example "table".
  static Identifier parse(std::string_view text, std::string_view setting);
  // A name exactly as it stands in the catalog: a parsed one with something behind it.
  static Identifier exact(std::string name) { return Identifier(std::move(name)); }
  // A name we chose ourselves; must be of the safe form already.
  static Identifier own(std::string_view name);

  const std::string& name() const noexcept { return name_; }  // as the catalog spells it
  std::string sql() const;                                    // always quoted
  friend bool operator==(const Identifier&, const Identifier&) = default;

 private:
  explicit Identifier(std::string name) : name_(std::move(name)) {}
  std::string name_;
};

// database.schema.object, all three known.
class ObjectName {
 public:
  ObjectName(Identifier database, Identifier schema, Identifier object)
      : database_(std::move(database)), schema_(std::move(schema)), object_(std::move(object)) {}
  // One to three dotted parts; missing ones come from the defaults.
  static ObjectName parse(std::string_view text, const Identifier& database, const Identifier& schema, std::string_view setting);

  const Identifier& database() const noexcept { return database_; }
  const Identifier& schema() const noexcept { return schema_; }
  const Identifier& object() const noexcept { return object_; }
  std::string sql() const;   // "DB"."SCHEMA"."OBJECT"
  std::string text() const;  // DB.SCHEMA.OBJECT: for people, ledger and manifest
  friend bool operator==(const ObjectName&, const ObjectName&) = default;

 private:
  Identifier database_, schema_, object_;
};

// The directory on a stage that all files of an export lie below.
class StageDirectory {
 public:
  // `prefix`: parts of [A-Za-z0-9_.=-], joined by '/'; empty is the stage's root; ".." is refused.
  StageDirectory(ObjectName stage, std::string_view prefix);
  // The stage setting as the user wrote it, one leading '@' allowed.
  static ObjectName parse_stage(std::string_view text, const Identifier& database, const Identifier& schema);

  const ObjectName& stage() const noexcept { return stage_; }
  const std::string& prefix() const noexcept { return prefix_; }                            // "imednet" or "", no slashes at the ends
  std::string path_of(std::string_view relative) const;                                     // "imednet/<hash>/x.parquet": METADATA$FILENAME
  std::string sql(std::string_view below = "") const;                                       // @"DB"."SCHEMA"."STAGE"/imednet/<below>
  std::string display(std::string_view relative, std::string_view stage_as_written) const;  // "@MY_STAGE/imednet/x.parquet"

 private:
  ObjectName stage_;
  std::string prefix_;
};

// A text as a SQL literal, quotes and backslashes escaped.
std::string literal(std::string_view text);

}  // namespace imednet::sinks::snowflake
