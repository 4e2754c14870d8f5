// channel.h: a run's session of the simulated warehouse: what db::Connection is to the real one. Here answers get lost.
#pragma once

#include <functional>
#include <string>

#include "db/adbc.h"
#include "simulation/warehouse.h"
#include "simulation/world.h"

namespace imednet::simulation {

class WarehouseChannel final : public db::Channel {
 public:
  // Signs in; throws as the driver does when it is refused.
  WarehouseChannel(World& world, Warehouse& warehouse, std::stop_token stop);
  ~WarehouseChannel() override;
  db::Answer query(const std::string& sql, const db::Options& options) override;
  // No export reads this way; `imednet verify` does, and is not simulated.
  [[noreturn]] void read(const std::string& sql, const db::Options& options,
                         const std::function<void(const arrow::RecordBatch&)>& visit) override;
  // Nor are the destinations that take rows this way.
  [[noreturn]] std::int64_t ingest(const std::string& temporary_table, const std::shared_ptr<arrow::RecordBatchReader>& rows) override;
  std::string vendor() override { return "Snowflake"; }
  void close() override;

 private:
  db::Answer run(const std::string& sql, const std::string& tag);
  db::Answer run_with(const Fault& fault, const std::string& sql, const std::string& tag);
  db::Answer put(const Fault& fault, const std::string& sql, const std::string& tag);
  void remove_file_of(const std::string& sql);

  World& world_;
  Warehouse& warehouse_;
  Actor& owner_;
  std::stop_token stop_;
  std::int64_t session_ = 0;
};

}  // namespace imednet::simulation
