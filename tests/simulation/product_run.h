// product_run.h: one export of the study by the product's own code, in the world instead of on this machine.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "imednet/integrations/warehouse.h"
#include "simulation/study.h"
#include "simulation/warehouse.h"
#include "simulation/world.h"

namespace imednet::simulation {

inline constexpr const char* kTarget = "SIM.PUBLIC.RECORDS";
inline constexpr const char* kSecret = "SECRET-51c2";  // stands in every key and password

struct RunSetup {
  integrations::WriteMode mode = integrations::WriteMode::automatic;
  std::size_t batch_size = 5;
  std::int64_t max_body_bytes = 1 << 20;
  std::chrono::seconds wait{0};
  bool force_reload = false, allow_shrink = false;
  bool since_auto = false;  // only what changed, as --since auto
  int sweep_every = 24;
  std::filesystem::path folder{};  // of the machine the run is on
};

struct RunOutcome {
  std::int64_t began = 0, ended = 0;
  bool is_dead = false;
  std::optional<integrations::ExportReport> report{};  // set: the run ended with exit code 0
  errors::ErrorCode code = errors::ErrorCode::internal;
  int exit_code = 0;
  std::string said{};  // message, hint and everything else a person or a log gets to see
};

// Within an actor. Never throws but Violation.
RunOutcome run_product(World& world, Study& study, Warehouse& warehouse, const RunSetup& setup);

}  // namespace imednet::simulation
