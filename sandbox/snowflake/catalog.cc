#include "catalog.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "kept_file.h"

namespace imednet::sandbox::snowflake {

namespace {

using Json = nlohmann::json;

Json column_json(const ColumnDefinition& column) {
  return {{"name", column.name},
          {"kind", static_cast<int>(column.type.kind)},
          {"precision", column.type.precision},
          {"scale", column.type.scale},
          {"length", column.type.length},
          {"nullable", column.nullable},
          {"default_source", column.default_source},
          {"default_sql", column.default_sql},
          {"comment", column.comment},
          {"primary_key", column.primary_key}};
}

ColumnDefinition column_from(const Json& json) {
  ColumnDefinition column;
  column.name = json.at("name");
  column.type.kind = static_cast<TypeKind>(json.at("kind").get<int>());
  column.type.precision = json.at("precision");
  column.type.scale = json.at("scale");
  column.type.length = json.at("length");
  column.nullable = json.at("nullable");
  column.default_source = json.at("default_source");
  column.default_sql = json.at("default_sql");
  column.comment = json.at("comment");
  column.primary_key = json.at("primary_key");
  return column;
}

Json warehouse_json(const WarehouseDefinition& warehouse) {
  return {{"name", warehouse.name},
          {"comment", warehouse.comment},
          {"created_us", warehouse.created_us},
          {"size", warehouse.size},
          {"auto_suspend_seconds", warehouse.auto_suspend_seconds},
          {"auto_resume", warehouse.auto_resume}};
}

WarehouseDefinition warehouse_from(const Json& json) {
  return {json.at("name"),       json.at("comment"), json.at("created_us"), json.at("size"), json.at("auto_suspend_seconds"),
          json.at("auto_resume")};
}

Json format_json(const FileFormat& format) {
  Json json = {{"options", format.options}};
  if (format.name) json["name"] = {format.name->database, format.name->schema, format.name->name};
  return json;
}

FileFormat format_from(const Json& json) {
  FileFormat format;
  if (!json.is_object()) return format;
  format.options = json.value("options", std::map<std::string, std::string>());
  if (const auto name = json.find("name"); name != json.end()) format.name = ObjectName{name->at(0), name->at(1), name->at(2)};
  return format;
}

Json name_json(const ObjectName& name) { return {name.database, name.schema, name.name}; }
ObjectName name_from(const Json& json) { return {json.at(0), json.at(1), json.at(2)}; }

Json view_json(const ViewDefinition& view) {
  Json columns = Json::array();
  for (const ColumnDefinition& column : view.columns) columns.push_back(column_json(column));
  return {{"id", view.id},       {"name", name_json(view.name)}, {"comment", view.comment}, {"created_us", view.created_us},
          {"owner", view.owner}, {"query", view.query},          {"columns", columns}};
}

ViewDefinition view_from(const Json& json) {
  ViewDefinition view{
      .id = json.at("id"), .name = name_from(json.at("name")), .comment = json.at("comment"), .created_us = json.at("created_us")};
  view.owner = json.at("owner");
  view.query = json.at("query");
  for (const Json& column : json.at("columns")) view.columns.push_back(column_from(column));
  return view;
}

// The newest object of that name a session may see; its own temporary one hides a permanent one.
template <typename Definition>
std::optional<Definition> find_in(const std::map<int64_t, Definition>& all, const ObjectName& name, const std::string& session) {
  const Definition* found = nullptr;
  for (const auto& [id, definition] : all) {
    if (!(definition.name == name)) continue;
    if (definition.session.empty() ? found == nullptr : definition.session == session) found = &definition;
  }
  return found ? std::optional(*found) : std::nullopt;
}

template <typename Definition>
std::vector<Definition> visible(const std::map<int64_t, Definition>& all, const std::string& session) {
  std::vector<Definition> out;
  for (const auto& [id, definition] : all) {
    if (definition.session.empty() || definition.session == session) out.push_back(definition);
  }
  return out;
}

}  // namespace

std::string TableDefinition::kind_text() const {
  if (kind == TableKind::transient) return "TRANSIENT";
  return kind == TableKind::temporary ? "TEMPORARY" : "TABLE";
}

std::string TableDefinition::relation() const { return (kind == TableKind::temporary ? "temp.main.t" : "main.t") + std::to_string(id); }

const ColumnDefinition* TableDefinition::column(const std::string& wanted) const {
  for (const ColumnDefinition& column : columns) {
    if (column.name == wanted) return &column;
  }
  return nullptr;
}

Catalog::Catalog(std::filesystem::path file) : file_(std::move(file)) { load(); }

int64_t Catalog::new_id() {
  const std::lock_guard lock(mutex_);
  return next_id_++;
}

std::optional<TableDefinition> Catalog::find_table(const ObjectName& name, const std::string& session) const {
  const std::lock_guard lock(mutex_);
  return find_in(tables_, name, session);
}

std::vector<TableDefinition> Catalog::tables(const std::string& session) const {
  const std::lock_guard lock(mutex_);
  return visible(tables_, session);
}

void Catalog::put_table(const TableDefinition& table) {
  const std::lock_guard lock(mutex_);
  tables_[table.id] = table;
  if (table.session.empty()) save();
}

void Catalog::remove_table(int64_t id) {
  const std::lock_guard lock(mutex_);
  tables_.erase(id);
  save();
}

std::optional<ViewDefinition> Catalog::find_view(const ObjectName& name) const {
  const std::lock_guard lock(mutex_);
  return find_in(views_, name, "");
}

std::vector<ViewDefinition> Catalog::views() const {
  const std::lock_guard lock(mutex_);
  return visible(views_, "");
}

void Catalog::put_view(const ViewDefinition& view) {
  const std::lock_guard lock(mutex_);
  views_[view.id] = view;
  save();
}

void Catalog::remove_view(int64_t id) {
  const std::lock_guard lock(mutex_);
  views_.erase(id);
  save();
}

std::optional<StageDefinition> Catalog::find_stage(const ObjectName& name, const std::string& session) const {
  const std::lock_guard lock(mutex_);
  return find_in(stages_, name, session);
}

std::vector<StageDefinition> Catalog::stages(const std::string& session) const {
  const std::lock_guard lock(mutex_);
  return visible(stages_, session);
}

void Catalog::put_stage(const StageDefinition& stage) {
  const std::lock_guard lock(mutex_);
  stages_[stage.id] = stage;
  if (stage.session.empty()) save();
}

void Catalog::remove_stage(int64_t id) {
  const std::lock_guard lock(mutex_);
  stages_.erase(id);
  save();
}

std::optional<FileFormatDefinition> Catalog::find_file_format(const ObjectName& name, const std::string& session) const {
  const std::lock_guard lock(mutex_);
  return find_in(formats_, name, session);
}

std::vector<FileFormatDefinition> Catalog::file_formats(const std::string& session) const {
  const std::lock_guard lock(mutex_);
  return visible(formats_, session);
}

void Catalog::put_file_format(const FileFormatDefinition& format) {
  const std::lock_guard lock(mutex_);
  formats_[format.id] = format;
  if (format.session.empty()) save();
}

void Catalog::remove_file_format(int64_t id) {
  const std::lock_guard lock(mutex_);
  formats_.erase(id);
  save();
}

std::vector<DatabaseDefinition> Catalog::databases() const {
  const std::lock_guard lock(mutex_);
  std::vector<DatabaseDefinition> out;
  for (const auto& [name, database] : databases_) out.push_back(database);
  return out;
}

bool Catalog::has_database(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return databases_.contains(name);
}

void Catalog::put_database(const DatabaseDefinition& database) {
  const std::lock_guard lock(mutex_);
  databases_[database.name] = database;
  save();
}

void Catalog::remove_database(const std::string& name) {
  const std::lock_guard lock(mutex_);
  databases_.erase(name);
  save();
}

std::vector<SchemaDefinition> Catalog::schemas() const {
  const std::lock_guard lock(mutex_);
  std::vector<SchemaDefinition> out;
  for (const auto& [name, schema] : schemas_) out.push_back(schema);
  return out;
}

bool Catalog::has_schema(const std::string& database, const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return schemas_.contains({database, name});
}

void Catalog::put_schema(const SchemaDefinition& schema) {
  const std::lock_guard lock(mutex_);
  schemas_[{schema.database, schema.name}] = schema;
  save();
}

void Catalog::remove_schema(const std::string& database, const std::string& name) {
  const std::lock_guard lock(mutex_);
  schemas_.erase({database, name});
  save();
}

std::vector<WarehouseDefinition> Catalog::warehouses() const {
  const std::lock_guard lock(mutex_);
  std::vector<WarehouseDefinition> out;
  for (const auto& [name, warehouse] : warehouses_) out.push_back(warehouse);
  return out;
}

std::optional<WarehouseDefinition> Catalog::find_warehouse(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = warehouses_.find(name);
  return found == warehouses_.end() ? std::nullopt : std::optional(found->second);
}

void Catalog::put_warehouse(const WarehouseDefinition& warehouse) {
  const std::lock_guard lock(mutex_);
  warehouses_[warehouse.name] = warehouse;
  save();
}

void Catalog::remove_warehouse(const std::string& name) {
  const std::lock_guard lock(mutex_);
  warehouses_.erase(name);
  save();
}

std::optional<SchemaDefinition> Catalog::find_schema(const std::string& database, const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = schemas_.find({database, name});
  return found == schemas_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<DatabaseDefinition> Catalog::find_database(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = databases_.find(name);
  return found == databases_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<StageDefinition> Catalog::forget_session(const std::string& session) {
  const std::lock_guard lock(mutex_);
  std::vector<StageDefinition> gone;
  std::erase_if(tables_, [&](const auto& entry) { return entry.second.session == session; });
  std::erase_if(formats_, [&](const auto& entry) { return entry.second.session == session; });
  std::erase_if(stages_, [&](const auto& entry) {
    if (entry.second.session != session) return false;
    gone.push_back(entry.second);
    return true;
  });
  return gone;
}

void Catalog::load() {
  std::ifstream in(file_);
  if (!in) return;
  const Json json = Json::parse(in);
  next_id_ = json.at("next_id");
  for (const Json& item : json.at("tables")) {
    TableDefinition table{item.at("id"),
                          name_from(item.at("name")),
                          static_cast<TableKind>(item.at("kind").get<int>()),
                          "",
                          item.at("comment"),
                          item.at("created_us"),
                          {}};
    for (const Json& column : item.at("columns")) table.columns.push_back(column_from(column));
    tables_[table.id] = table;
  }
  for (const Json& item : json.value("views", Json::array())) {
    const ViewDefinition view = view_from(item);
    views_[view.id] = view;
  }
  for (const Json& item : json.at("stages")) {
    const int64_t id = item.at("id");
    stages_[id] = {
        id, name_from(item.at("name")), "", item.at("comment"), item.at("created_us"), item.value("url", ""), item.value("sse", false)};
    stages_[id].format = format_from(item.value("format", Json()));
  }
  for (const Json& item : json.value("formats", Json::array())) {
    const int64_t id = item.at("id");
    formats_[id] = {id, name_from(item.at("name")), "", item.at("comment"), item.at("created_us"), format_from(item.at("format"))};
  }
  for (const Json& item : json.at("databases")) databases_[item.at(0)] = {item.at(0), item.at(1), item.at(2)};
  for (const Json& item : json.at("schemas")) schemas_[{item.at(0), item.at(1)}] = {item.at(0), item.at(1), item.at(2), item.at(3)};
  for (const Json& item : json.at("warehouses")) {
    // Older catalogues have the names alone.
    const WarehouseDefinition warehouse = item.is_string() ? WarehouseDefinition{item} : warehouse_from(item);
    warehouses_[warehouse.name] = warehouse;
  }
}

void Catalog::save() const {
  Json json = {{"next_id", next_id_},        {"tables", Json::array()},  {"stages", Json::array()},
               {"databases", Json::array()}, {"schemas", Json::array()}, {"warehouses", Json::array()}};
  for (const auto& [id, table] : tables_) {
    if (!table.session.empty()) continue;
    Json columns = Json::array();
    for (const ColumnDefinition& column : table.columns) columns.push_back(column_json(column));
    json["tables"].push_back({{"id", id},
                              {"name", name_json(table.name)},
                              {"kind", static_cast<int>(table.kind)},
                              {"comment", table.comment},
                              {"created_us", table.created_us},
                              {"columns", columns}});
  }
  json["views"] = Json::array();
  for (const auto& [id, view] : views_) json["views"].push_back(view_json(view));
  for (const auto& [id, stage] : stages_) {
    if (!stage.session.empty()) continue;
    json["stages"].push_back({{"id", id},
                              {"name", name_json(stage.name)},
                              {"comment", stage.comment},
                              {"created_us", stage.created_us},
                              {"url", stage.url},
                              {"sse", stage.is_server_encrypted},
                              {"format", format_json(stage.format)}});
  }
  json["formats"] = Json::array();
  for (const auto& [id, format] : formats_) {
    if (!format.session.empty()) continue;
    json["formats"].push_back({{"id", id},
                               {"name", name_json(format.name)},
                               {"comment", format.comment},
                               {"created_us", format.created_us},
                               {"format", format_json(format.format)}});
  }
  for (const auto& [name, database] : databases_) json["databases"].push_back({name, database.comment, database.created_us});
  for (const auto& [name, warehouse] : warehouses_) json["warehouses"].push_back(warehouse_json(warehouse));
  for (const auto& [key, schema] : schemas_) json["schemas"].push_back({key.first, key.second, schema.comment, schema.created_us});
  replace_file(file_, json.dump(1));
}

}  // namespace imednet::sandbox::snowflake
