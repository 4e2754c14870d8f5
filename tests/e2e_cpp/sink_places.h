// sink_places.h: each destination as the one suite of all sinks sees it: a sink of it, what stands there, and a way to make it fail.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "e2e_cpp/sandbox_process.h"
#include "imednet/integrations/sink_base.h"
#include "imednet/integrations/sql.h"

namespace imednet::e2e {

// What a sink is asked for besides its place.
struct SinkWish {
  bool is_idempotent = true, wants_forms = false, wants_views = false;
  std::optional<std::filesystem::path> staging{}, manifest{};
};

class SinkPlace {
 public:
  SinkPlace() = default;
  SinkPlace(const SinkPlace&) = delete;
  SinkPlace& operator=(const SinkPlace&) = delete;
  virtual ~SinkPlace() = default;

  virtual std::unique_ptr<integrations::ExportSink> sink(const SinkWish& wish = {}) = 0;
  // "<study>/<record id>/<subject>" of each row that a reader finds, in order; empty, too, where there is no table or folder.
  virtual std::vector<std::string> rows() = 0;
  virtual bool is_there() = 0;
  // From here on a batch of more than one row can't be loaded, where the table has one row; until the next call of the other.
  virtual void obstruct() = 0;
  virtual void clear_the_way() = 0;

  // Whether it is a table that batches are added to; else a folder that close() replaces.
  virtual bool is_table() const { return true; }
  virtual bool holds_nul() const { return true; }
  // Tables: the ledger loses what it knows of this one; the table goes.
  virtual void forget() {}
  virtual void drop() {}
  // Tables: what stands in a manifest's "table", and how many lines a ledger has of it.
  virtual std::string name() const { return {}; }
};

// A place of its own for the test of that name; `folder` is that test's.
using MakePlace = std::unique_ptr<SinkPlace> (*)(const std::string& table, const std::filesystem::path& folder);
std::unique_ptr<SinkPlace> snowflake_place(const std::string& table, const std::filesystem::path& folder);
std::unique_ptr<SinkPlace> duckdb_place(const std::string& table, const std::filesystem::path& folder);
std::unique_ptr<SinkPlace> sqlite_place(const std::string& table, const std::filesystem::path& folder);
std::unique_ptr<SinkPlace> postgresql_place(const std::string& table, const std::filesystem::path& folder);
std::unique_ptr<SinkPlace> folder_place(const std::string& table, const std::filesystem::path& folder);

// The PostgreSQL of these tests, started by the first that asks; its address.
std::string postgresql_address();
void end_postgresql();

}  // namespace imednet::e2e
