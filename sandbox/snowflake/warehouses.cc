#include "warehouses.h"

#include "sql_error.h"

namespace imednet::sandbox::snowflake {

bool Warehouses::runs(const WarehouseDefinition& warehouse, int64_t now_us) const {
  const auto found = activity_.find(warehouse.name);
  if (found == activity_.end() || !found->second.is_resumed) return false;
  return warehouse.auto_suspend_seconds == 0 || now_us < found->second.used_us + warehouse.auto_suspend_seconds * 1000000;
}

void Warehouses::use(const WarehouseDefinition& warehouse, int64_t now_us) {
  const std::lock_guard lock(mutex_);
  const bool is_running = runs(warehouse, now_us);
  if (!is_running && !warehouse.auto_resume) {
    throw SqlError("000606", "57P03",
                   "Cannot execute the statement: warehouse '" + display_identifier(warehouse.name) +
                       "' is suspended and does not resume by itself. Resume it with ALTER WAREHOUSE … RESUME.");
  }
  Activity& activity = activity_[warehouse.name];
  if (!is_running) {
    ++activity.resumes;
    activity.resumed_us = now_us;
  }
  activity.is_resumed = true;
  activity.used_us = now_us;
  ++activity.statements;
}

bool Warehouses::is_started(const WarehouseDefinition& warehouse, int64_t now_us) const {
  const std::lock_guard lock(mutex_);
  return runs(warehouse, now_us);
}

void Warehouses::resume(const std::string& name, int64_t now_us) {
  const std::lock_guard lock(mutex_);
  Activity& activity = activity_[name];
  activity.is_resumed = true;
  activity.resumed_us = activity.used_us = now_us;
  ++activity.resumes;
}

void Warehouses::suspend(const std::string& name) {
  const std::lock_guard lock(mutex_);
  activity_[name].is_resumed = false;
}

void Warehouses::forget(const std::string& name) {
  const std::lock_guard lock(mutex_);
  activity_.erase(name);
}

int64_t Warehouses::resumed_us(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = activity_.find(name);
  return found == activity_.end() ? 0 : found->second.resumed_us;
}

nlohmann::json Warehouses::list(const std::vector<WarehouseDefinition>& all, int64_t now_us) const {
  const std::lock_guard lock(mutex_);
  nlohmann::json out = nlohmann::json::array();
  for (const WarehouseDefinition& warehouse : all) {
    const auto found = activity_.find(warehouse.name);
    const Activity activity = found == activity_.end() ? Activity() : found->second;
    out.push_back({{"name", warehouse.name},
                   {"state", runs(warehouse, now_us) ? "STARTED" : "SUSPENDED"},
                   {"statements", activity.statements},
                   {"resumes", activity.resumes}});
  }
  return out;
}

}  // namespace imednet::sandbox::snowflake
