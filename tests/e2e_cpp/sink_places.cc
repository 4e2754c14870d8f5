#include "e2e_cpp/sink_places.h"

#include <fstream>

#include "db/adbc.h"
#include "e2e_cpp/child_process.h"
#include "e2e_cpp/sink_case.h"
#include "imednet/integrations/parquet.h"
#include "sinks/sql/sql_place.h"

namespace imednet::e2e {
namespace {

namespace fs = std::filesystem;
using namespace integrations;
using sinks::sql::SqlPlace;

constexpr auto kContent =
    "SELECT study_key || '/' || record_id || '/' || subject_key AS it FROM {} ORDER BY study_key, record_id, _file, _run_id";

std::string with_table(std::string text, const std::string& table) { return text.replace(text.find("{}"), 2, table); }

LayoutChoice layout_of(const SinkWish& wish) {
  return {.name = wish.wants_forms ? LayoutName::forms : LayoutName::records, .views = wish.wants_views};
}

std::vector<std::string> texts(const db::Answer& answer) {
  std::vector<std::string> all;
  for (std::size_t row = 0; row < answer.rows.size(); ++row) all.push_back(answer.at(row, "it").value_or("null"));
  return all;
}

class SnowflakePlace final : public SinkPlace {
 public:
  explicit SnowflakePlace(std::string table) : table_(std::move(table)) {}

  std::unique_ptr<ExportSink> sink(const SinkWish& wish) override {
    SnowflakeSinkConfig config = sandbox_settings(table_, table_);
    config.idempotent = wish.is_idempotent;
    config.local_staging_dir = wish.staging;
    config.manifest_path = wish.manifest;
    config.layout = layout_of(wish);
    return std::make_unique<SnowflakeExportSink>(std::move(config));
  }
  std::vector<std::string> rows() override {
    std::vector<std::string> all;
    if (!is_there()) return all;
    for (const Row& row : sandbox().sql(with_table(kContent, table_))) all.push_back(row.at(0).value_or("null"));
    return all;
  }
  bool is_there() override { return !sandbox().sql("SHOW TABLES LIKE '" + table_ + "'").empty(); }
  void obstruct() override {
    sandbox().order({{"match", {{"statement_contains", "COPY INTO \"IMEDNET_DB\".\"PUBLIC\".\"" + table_ + "\""}, {"times", 0}}},
                     {"do", {{"fail", {{"code", "000625"}, {"message", "Ordered to fail."}, {"sql_state", "XX000"}}}}}});
  }
  void clear_the_way() override { sandbox().clear_orders(); }
  void forget() override { sandbox().sql("DELETE FROM IMEDNET_LOADS WHERE TARGET_TABLE = '" + name() + "'"); }
  void drop() override { sandbox().sql("DROP TABLE " + table_); }
  std::string name() const override { return "IMEDNET_DB.PUBLIC." + table_; }

 private:
  std::string table_;
};

// DuckDB, SQLite and PostgreSQL: seen by a session that is over before the sink goes on.
class DatabasePlace : public SinkPlace {
 public:
  DatabasePlace(SqlPlace place, std::string table) : place_(std::move(place)), table_(std::move(table)) {}

  std::vector<std::string> rows() override { return is_there() ? texts(run(with_table(kContent, table_))) : std::vector<std::string>(); }
  bool is_there() override {
    if (place_.is_new()) return false;
    const bool is_sqlite = place_.dialect->engine == sinks::sql::Engine::sqlite;
    const std::string from = is_sqlite ? "sqlite_master WHERE name" : "information_schema.tables WHERE table_name";
    return run("SELECT COUNT(*) AS it FROM " + from + " = '" + table_ + "'").number(0, "it") > 0;
  }
  void obstruct() override { run("CREATE UNIQUE INDEX obstacle_" + table_ + " ON " + table_ + " (study_key)"); }
  void clear_the_way() override { run("DROP INDEX obstacle_" + table_); }
  bool holds_nul() const override { return place_.dialect->engine != sinks::sql::Engine::postgresql; }
  void forget() override { run("DELETE FROM imednet_loads WHERE target_table = '" + table_ + "'"); }
  void drop() override { run("DROP TABLE " + table_); }
  std::string name() const override { return place_.name + "#" + table_; }

 protected:
  db::Answer run(const std::string& sql) const {
    db::Connection connection(place_.driver, place_.options, {});
    db::Answer answer = connection.query(sql);
    connection.close();
    return answer;
  }
  TableLoad load(const SinkWish& wish) const {
    TableLoad load{
        .max_retries = 2, .retry_backoff = std::chrono::milliseconds(1), .layout = layout_of(wish), .idempotent = wish.is_idempotent};
    load.local_staging_dir = wish.staging;
    load.manifest_path = wish.manifest;
    return load;
  }
  SqlPlace place_;
  std::string table_;
};

class DuckDbPlace final : public DatabasePlace {
 public:
  using DatabasePlace::DatabasePlace;
  std::unique_ptr<ExportSink> sink(const SinkWish& wish) override {
    return std::make_unique<DuckDbExportSink>(DuckDbConfig{.path = place_.file, .table = table_, .load = load(wish)});
  }
};

class AddressPlace final : public DatabasePlace {
 public:
  AddressPlace(std::string address, std::string table)
      : DatabasePlace(sinks::sql::place_of_address(Secret(address)), std::move(table)), address_(std::move(address)) {}
  std::unique_ptr<ExportSink> sink(const SinkWish& wish) override {
    return std::make_unique<SqlExportSink>(SqlConfig{.uri = Secret(address_), .table = table_, .load = load(wish)});
  }

 private:
  std::string address_;
};

class FolderPlace final : public SinkPlace {
 public:
  FolderPlace(fs::path around, const std::string& name) : around_(std::move(around)), folder_(around_ / name) {}

  std::unique_ptr<ExportSink> sink(const SinkWish& wish) override {
    return std::make_unique<ParquetExportSink>(ParquetConfig{.directory = folder_, .layout = layout_of(wish)});
  }
  std::vector<std::string> rows() override {
    if (!is_there()) return {};
    const SqlPlace memory = sinks::sql::place_of_duckdb(around_ / "reader.duckdb");
    db::Connection reader(memory.driver, memory.options, {});
    const db::Answer answer = reader.query("SELECT study_key || '/' || record_id || '/' || subject_key AS it FROM read_parquet('" +
                                           folder_.string() + "/*.parquet') ORDER BY study_key, record_id");
    reader.close();
    return texts(answer);
  }
  bool is_there() override { return fs::exists(folder_); }
  // The folder that batches are staged in is made a file.
  void obstruct() override {
    fs::remove_all(incoming());
    std::ofstream(incoming()) << "in the way";
  }
  void clear_the_way() override { fs::remove(incoming()); }
  bool is_table() const override { return false; }

 private:
  fs::path incoming() const {
    for (const auto& entry : fs::directory_iterator(around_)) {
      if (entry.path().filename().string().starts_with(".imednet-parquet-")) return entry.path() / "incoming";
    }
    throw std::runtime_error("no sink stages beside the folder");
  }

  fs::path around_, folder_;
};

std::unique_ptr<ChildProcess> g_postgresql;

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

std::string postgresql_address() {
  if (!g_postgresql) {
    // Its folder is not below that of these tests, which another user can't enter.
    const std::string script = std::string(IMEDNET_SOURCE_DIR) + "/tests/e2e/postgres_process.py";
    g_postgresql = std::make_unique<ChildProcess>(std::vector<std::string>{"/usr/bin/env", "-u", "TMPDIR", IMEDNET_TEST_PYTHON, script});
  }
  if (!g_postgresql->first_line().starts_with("postgresql://")) throw std::runtime_error("PostgreSQL did not start");
  return g_postgresql->first_line();
}

void end_postgresql() { g_postgresql.reset(); }

std::unique_ptr<SinkPlace> snowflake_place(const std::string& table, const fs::path&) { return std::make_unique<SnowflakePlace>(table); }

std::unique_ptr<SinkPlace> duckdb_place(const std::string& table, const fs::path& folder) {
  return std::make_unique<DuckDbPlace>(sinks::sql::place_of_duckdb(folder / "it.duckdb"), lower(table));
}

std::unique_ptr<SinkPlace> sqlite_place(const std::string& table, const fs::path& folder) {
  return std::make_unique<AddressPlace>("sqlite:///" + (folder / "it.sqlite").string(), lower(table));
}

std::unique_ptr<SinkPlace> postgresql_place(const std::string& table, const fs::path&) {
  return std::make_unique<AddressPlace>(postgresql_address(), lower(table));
}

std::unique_ptr<SinkPlace> folder_place(const std::string& table, const fs::path& folder) {
  return std::make_unique<FolderPlace>(folder, table);
}

}  // namespace imednet::e2e
