#include "simulation/product_run.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "api/client.h"
#include "cli/exit_code.h"
#include "pipeline/study_export.h"
#include "simulation/api_peer.h"
#include "simulation/channel.h"

namespace imednet::simulation {
namespace {

using integrations::SnowflakeSinkConfig;

ImednetSDK sdk_of(World& world, Study& study, ActorClock& clock, const RunSetup& setup) {
  api::ClientSettings settings{.api_key = Secret(std::string(kSecret) + "-api"),
                               .security_key = Secret(std::string(kSecret) + "-security"),
                               .base_url = "https://edc.example.org",
                               .stop = World::current()->stop.get_token(),
                               .max_body_bytes = setup.max_body_bytes};
  return ImednetSDK::over(std::make_shared<api::Client>(std::move(settings), std::make_unique<ApiPeer>(world, study), clock,
                                                        [&world] { return static_cast<double>(world.random.between(0, 999)) / 1000.0; }));
}

SnowflakeSinkConfig config_of(const RunSetup& setup) {
  SnowflakeSinkConfig config;
  config.account = "myorg-myaccount";
  config.user = "LOADER";
  config.password = Secret(std::string(kSecret) + "-password");
  config.database = "SIM";
  config.warehouse = "WH";
  config.stage = "MY_STAGE";
  config.table = "RECORDS";
  config.mode = setup.mode;
  config.batch_size = setup.batch_size;
  config.connections = config.uploads = 1;  // one actor, one thread
  config.idempotent = !setup.force_reload;
  config.allow_shrink = setup.allow_shrink;
  if (setup.since_auto && !setup.force_reload) config.since = "auto";
  config.sweep_every = setup.sweep_every;
  config.wait = setup.wait;
  config.state_dir = setup.folder / "state";
  config.manifest_path = setup.folder / "manifest.jsonl";
  config.stop = World::current()->stop.get_token();
  return config;
}

std::string run_id(World& world, core::Clock& clock) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(clock.utc_now());
  return fmt::format("{:%Y%m%dT%H%M%S}Z-{:08x}", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     static_cast<std::uint32_t>(world.random.next()));
}

sinks::snowflake::Surroundings surroundings(World& world, Warehouse& warehouse, ActorClock& clock) {
  const Actor& self = *World::current();
  const core::ProcessIdentity identity{self.host, "boot of " + self.host, "pid:[1]", self.pid, self.pid};
  return {.clock = clock,
          .connect = [&](const db::DriverSpec&, const db::Options&, std::stop_token stop) -> std::unique_ptr<db::Channel> {
            return std::make_unique<WarehouseChannel>(world, warehouse, std::move(stop));
          },
          .run_id = [&world](core::Clock& now) { return run_id(world, now); },
          .this_process = [identity] { return identity; },
          .liveness_of =
              [&world, identity](const core::ProcessIdentity& other) {
                if (other.boot_id != identity.boot_id) return core::Liveness::elsewhere;
                return world.is_alive(other.pid) ? core::Liveness::alive : core::Liveness::dead;
              }};
}

void describe(const ImednetError& error, RunOutcome& outcome) {
  outcome.code = error.code();
  outcome.exit_code = cli::exit_code_of(error, 15);
  outcome.said = fmt::format("{}\n{}\n{} {}", error.what(), error.hint(), error.origin().vendor_code, error.origin().sql_state);
}

}  // namespace

RunOutcome run_product(World& world, Study& study, Warehouse& warehouse, const RunSetup& setup) {
  Actor& actor = *World::current();
  ActorClock clock(world, actor);
  RunOutcome outcome{.began = world.now()};
  try {
    const ImednetSDK sdk = sdk_of(world, study, clock, setup);
    outcome.report = integrations::export_study(sdk, kStudy, config_of(setup), surroundings(world, warehouse, clock));
    outcome.said = integrations::to_json(*outcome.report, 0);
  } catch (const Crash&) {
    outcome.is_dead = true;
  } catch (const ImednetError& error) {
    describe(error, outcome);
  } catch (const Violation&) {
    throw;
  } catch (const std::exception& error) {
    world.violate(fmt::format("run {} ended with an exception that is none of ours: {}", actor.name, error.what()));
  }
  outcome.is_dead = outcome.is_dead || actor.is_dead;
  if (outcome.is_dead) outcome.report.reset();
  outcome.ended = world.now();
  world.trace(fmt::format("{} ends: {}", actor.name, outcome.is_dead ? "dead" : outcome.report ? "0" : std::to_string(outcome.exit_code)));
  return outcome;
}

}  // namespace imednet::simulation
