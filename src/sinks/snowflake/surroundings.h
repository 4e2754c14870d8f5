// surroundings.h: what a run of a whole study takes from the machine it runs on, so that a simulation can take its place.
//
// Where it stands: pipeline → export run → {clock, session, lease}. The default is this machine and the real driver.
#pragma once

#include <functional>
#include <string>

#include "core/clock.h"
#include "core/process_identity.h"
#include "core/run_id.h"
#include "db/adbc.h"

namespace imednet::sinks::snowflake {

struct Surroundings {
  std::reference_wrapper<core::Clock> clock = core::system_clock();
  db::Connect connect = &db::connect;
  std::function<std::string(core::Clock&)> run_id = &core::make_run_id;
  std::function<core::ProcessIdentity()> this_process = &core::this_process;
  std::function<core::Liveness(const core::ProcessIdentity&)> liveness_of = &core::ProcessIdentity::liveness;
};

}  // namespace imednet::sinks::snowflake
