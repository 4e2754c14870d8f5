#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "column_type.h"
#include "file_format.h"
#include "identifier.h"

namespace imednet::sandbox::snowflake {

struct ColumnDefinition {
  std::string name;
  ColumnType type;
  bool nullable = true;
  std::string default_source;  // as written
  std::string default_sql;     // for the engine
  std::string comment;
  bool primary_key = false;
};

enum class TableKind { permanent, transient, temporary };

struct TableDefinition {
  int64_t id = 0;
  ObjectName name;
  TableKind kind = TableKind::permanent;
  std::string session;  // owner of a temporary table
  std::string comment;
  int64_t created_us = 0;
  std::vector<ColumnDefinition> columns;

  std::string kind_text() const;
  // The engine's table: named by id, so upper and lower case and recreation never meet.
  std::string relation() const;
  const ColumnDefinition* column(const std::string& wanted) const;
};

// A query under a name. It runs with the rights of its owner, and names in it that have no schema are of its own.
struct ViewDefinition {
  int64_t id = 0;
  ObjectName name;
  std::string session{};  // none: temporary views are not known
  std::string comment{};
  int64_t created_us = 0;
  std::string owner{};
  std::string query{};  // as written
  std::vector<ColumnDefinition> columns{};

  // Its columns, for whoever only looks at those.
  TableDefinition as_table() const {
    TableDefinition table;
    table.name = name;
    table.columns = columns;
    return table;
  }
};

struct StageDefinition {
  int64_t id = 0;
  ObjectName name;
  std::string session;  // owner of a temporary stage
  std::string comment;
  int64_t created_us = 0;
  std::string url{};                 // of an external stage: known by name, its files can't be reached
  bool is_server_encrypted = false;  // SNOWFLAKE_SSE: clients upload plain bytes
  FileFormat format{};               // of its files, unless COPY says otherwise
};

struct FileFormatDefinition {
  int64_t id = 0;
  ObjectName name;
  std::string session;  // owner of a temporary one
  std::string comment;
  int64_t created_us = 0;
  FileFormat format;
};

struct SchemaDefinition {
  std::string database;
  std::string name;
  std::string comment;
  int64_t created_us = 0;
};

struct DatabaseDefinition {
  std::string name;
  std::string comment;
  int64_t created_us = 0;
};

struct WarehouseDefinition {
  std::string name;
  std::string comment{};
  int64_t created_us = 0;
  std::string size = "X-Small";
  int64_t auto_suspend_seconds = 600;  // 0: never
  bool auto_resume = true;
};

// What exists: kept in memory, written to one file after each change. Temporary objects live in memory only.
class Catalog {
 public:
  explicit Catalog(std::filesystem::path file);

  int64_t new_id();

  std::optional<TableDefinition> find_table(const ObjectName& name, const std::string& session) const;
  std::vector<TableDefinition> tables(const std::string& session) const;
  void put_table(const TableDefinition& table);
  void remove_table(int64_t id);

  std::optional<ViewDefinition> find_view(const ObjectName& name) const;
  std::vector<ViewDefinition> views() const;
  void put_view(const ViewDefinition& view);
  void remove_view(int64_t id);

  std::optional<StageDefinition> find_stage(const ObjectName& name, const std::string& session) const;
  std::vector<StageDefinition> stages(const std::string& session) const;
  void put_stage(const StageDefinition& stage);
  void remove_stage(int64_t id);

  std::optional<FileFormatDefinition> find_file_format(const ObjectName& name, const std::string& session) const;
  std::vector<FileFormatDefinition> file_formats(const std::string& session) const;
  void put_file_format(const FileFormatDefinition& format);
  void remove_file_format(int64_t id);

  std::vector<DatabaseDefinition> databases() const;
  bool has_database(const std::string& name) const;
  std::optional<DatabaseDefinition> find_database(const std::string& name) const;
  void put_database(const DatabaseDefinition& database);
  void remove_database(const std::string& name);

  std::vector<SchemaDefinition> schemas() const;
  bool has_schema(const std::string& database, const std::string& name) const;
  std::optional<SchemaDefinition> find_schema(const std::string& database, const std::string& name) const;
  void put_schema(const SchemaDefinition& schema);
  void remove_schema(const std::string& database, const std::string& name);

  std::vector<WarehouseDefinition> warehouses() const;
  std::optional<WarehouseDefinition> find_warehouse(const std::string& name) const;
  bool has_warehouse(const std::string& name) const { return find_warehouse(name).has_value(); }
  void put_warehouse(const WarehouseDefinition& warehouse);
  void remove_warehouse(const std::string& name);

  // Temporary objects of a session that ends: they vanish; the stages are returned so their files can go.
  std::vector<StageDefinition> forget_session(const std::string& session);

 private:
  void load();
  void save() const;

  std::filesystem::path file_;
  mutable std::mutex mutex_;
  int64_t next_id_ = 1;
  std::map<int64_t, TableDefinition> tables_;
  std::map<int64_t, ViewDefinition> views_;
  std::map<int64_t, StageDefinition> stages_;
  std::map<int64_t, FileFormatDefinition> formats_;
  std::map<std::string, DatabaseDefinition> databases_;
  std::map<std::pair<std::string, std::string>, SchemaDefinition> schemas_;
  std::map<std::string, WarehouseDefinition> warehouses_;
};

}  // namespace imednet::sandbox::snowflake
