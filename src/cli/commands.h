// commands.h: the program's commands. Each defines its flags on an app and returns what to run.
#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <stop_token>

namespace imednet::cli {

struct Context {
  std::stop_token stop;
  std::function<void(const std::string&)> wipe;  // removes a secret from the process title
};

// Runs and returns the exit code; throws ImednetError.
using Command = std::function<int(const Context&)>;

// Each sets `chosen` when its command was typed.
void add_export(CLI::App& app, Command& chosen);
void add_table_exports(CLI::App& group, Command& chosen);  // below export: duckdb, sql
void add_plan(CLI::App& app, Command& chosen);
void add_replay(CLI::App& app, Command& chosen);
void add_verify(CLI::App& app, Command& chosen);
void add_verify_places(CLI::App& group, Command& chosen);  // below verify: duckdb, sql, parquet
void add_lists(CLI::App& app, Command& chosen);            // studies, sites, … records
void add_subject(CLI::App& app, Command& chosen);
void add_create(CLI::App& records, Command& chosen);  // below records: create
void add_jobs(CLI::App& app, Command& chosen);
void add_config(CLI::App& app, Command& chosen);
void add_setup(CLI::App& app, Command& chosen);
void add_gc(CLI::App& app, Command& chosen);
void add_doctor(CLI::App& app, Command& chosen);
void add_completion(CLI::App& app, Command& chosen);
void add_man(CLI::App& app, Command& chosen);

// Whether the command that was typed may load the Snowflake driver.
bool loads_driver(int argc, char** argv);

// The whole program but its process: used by main() and by tests.
int run_program(int argc, char** argv);

}  // namespace imednet::cli
