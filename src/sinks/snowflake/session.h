// session.h: one signed-in Snowflake session that runs the statements of statements.h, each with its own query tag.
//
// Where it stands: loader → this → db::Connection → the ADBC driver.
// Errors: every driver error leaves as ImednetError judged by snowflake_errors.h; sign-in and checks as ExportConfigurationError.
// Threads: one at a time. The driver sets signal handlers when it loads: the ones that were there are put back.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "db/adbc.h"
#include "imednet/integrations/warehouse.h"
#include "sinks/snowflake/statements.h"

namespace imednet::sinks::snowflake {

class Session {
 public:
  // Loads the driver and signs in. `temporary`: an existing folder where the driver may put its own files. Statements are numbered from
  // `first_statement`, so that no two sessions of a run use the same tag.
  Session(const integrations::SnowflakeSinkConfig& config, std::string run_id, const std::filesystem::path& temporary,
          db::Connect connect = &db::connect, int first_statement = 0);

  // Runs a statement under the tag "<query_tag>:<run id>:<step>".
  db::Answer run(const SqlText& sql, std::string_view step);
  // The same for an answer of any size, piece by piece.
  void read(const SqlText& sql, std::string_view step, const std::function<void(const arrow::RecordBatch&)>& visit);
  // The tag of the statement run last.
  const std::string& last_tag() const noexcept { return last_tag_; }
  // What Snowflake's history says of the statement run under that tag, for example "RUNNING" or "SUCCESS"; nullopt: nothing.
  std::optional<std::string> status_of(const std::string& tag);
  // Signs in anew after the session was lost; temporary tables are gone then.
  void reconnect();
  void close();

 private:
  std::unique_ptr<db::Channel> sign_in();
  void next_tag(std::string_view step);
  const integrations::SnowflakeSinkConfig& config_;
  std::string run_id_, last_tag_;
  std::filesystem::path driver_temporary_;
  int statement_;
  db::Connect connect_;
  std::unique_ptr<db::Channel> channel_;
};

}  // namespace imednet::sinks::snowflake
