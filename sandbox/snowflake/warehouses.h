#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "catalog.h"

namespace imednet::sandbox::snowflake {

// Which warehouses run, and for how many statements each was needed. They do no work: the engine does it all.
class Warehouses {
 public:
  // Throws SqlError when it is suspended and may not resume by itself.
  void use(const WarehouseDefinition& warehouse, int64_t now_us);
  bool is_started(const WarehouseDefinition& warehouse, int64_t now_us) const;
  void resume(const std::string& name, int64_t now_us);
  void suspend(const std::string& name);
  void forget(const std::string& name);
  // When it was resumed last; 0: never.
  int64_t resumed_us(const std::string& name) const;

  // name, state, statements that needed it, resumes: since the server started.
  nlohmann::json list(const std::vector<WarehouseDefinition>& all, int64_t now_us) const;

 private:
  struct Activity {
    bool is_resumed = false;
    int64_t resumed_us = 0;
    int64_t used_us = 0;
    int64_t statements = 0;
    int64_t resumes = 0;
  };
  bool runs(const WarehouseDefinition& warehouse, int64_t now_us) const;

  mutable std::mutex mutex_;
  std::map<std::string, Activity> activity_;
};

}  // namespace imednet::sandbox::snowflake
