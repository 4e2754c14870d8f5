// How much memory a load lets DuckDB have, asked of DuckDB itself in the loader's own session. What is beyond is told by
// destinations_test.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <cstdlib>

#include "core/run_id.h"
#include "sinks/sql/sql_loader.h"
#include "table/records_layout.h"
#include "unit/folder.h"

namespace imednet::sinks::sql {
namespace {

struct Bounds {
  std::string memory, folder;
};

class DuckDbMemory : public FolderTest {
 protected:
  // DuckDB takes this for the memory of the machine, of which it has 80 % by itself.
  void SetUp() override {
    FolderTest::SetUp();
    ASSERT_EQ(::setenv("SLURM_MEM_PER_NODE", "4G", 1), 0);
  }
  void TearDown() override {
    ::unsetenv("SLURM_MEM_PER_NODE");
    FolderTest::TearDown();
  }

  // What holds in the transaction of a load of one empty table.
  Bounds bounds_of(const std::filesystem::path& folder, const table::Layout& layout = table::records_layout()) {
    const SqlPlace place = place_of_duckdb(root / "study.duckdb", IMEDNET_DUCKDB_LIBRARY);
    const LoaderSettings settings{.folder = folder};
    db::Channel* session = nullptr;
    Bounds found;
    LoaderHooks hooks;
    hooks.on_written = [&](SqlSession&) {
      const db::Answer answer =
          session->query("SELECT current_setting('memory_limit') AS memory, current_setting('temp_directory') AS folder");
      found = {answer.at(0, "memory").value_or(""), answer.at(0, "folder").value_or("")};
      return false;
    };
    SqlLoader loader(place, TableName::parse("t", *place.dialect), settings, core::make_run_id(core::system_clock()), core::system_clock(),
                     hooks, [&](const db::DriverSpec& driver, const db::Options& options, const std::stop_token& stop) {
                       auto opened = db::connect(driver, options, stop);
                       session = opened.get();
                       return opened;
                     });
    const std::vector<TableWork> works{{loader.table(), &layout, {.study = "S", .files = {}, .forms = {}}}};
    loader.load_study(
        "S", works, {}, [](std::span<const std::int64_t>) {}, [](const LoadResults&, const FormRows&) {});
    return found;
  }
};

// DuckDB takes a megabyte for 10^6 bytes and shows 2^20.
std::string shown(std::size_t megabytes) { return fmt::format("{:.1f} MiB", static_cast<double>(megabytes) * 1e6 / (1 << 20)); }

TEST_F(DuckDbMemory, IsBoundAndWhatIsBeyondGoesToTheFolderOfTheRun) {
  const Bounds bounds = bounds_of(root / "run");
  EXPECT_EQ(bounds.memory, shown(512 + table::kRecordsColumns));
  EXPECT_EQ(bounds.folder, root / "run" / "spill");
}

TEST_F(DuckDbMemory, GrowsWithTheColumnsOfTheWidestTable) {
  std::vector<table::Column> columns(table::records_columns().begin(), table::records_columns().end());
  std::vector<std::string> names;
  names.reserve(300);
  for (int i = 0; i < 300; ++i) names.push_back(fmt::format("v{}", i));
  for (const std::string& name : names) columns.insert(columns.end() - 1, {name, table::ColumnKind::text, true, ""});
  table::Layout wide = table::records_layout();
  wide.columns = columns;
  EXPECT_EQ(bounds_of(root / "run", wide).memory, shown(512 + table::kRecordsColumns + 300));
}

TEST_F(DuckDbMemory, ALowerLimitOfItsOwnStays) {
  ASSERT_EQ(::setenv("SLURM_MEM_PER_NODE", "500M", 1), 0);
  const Bounds bounds = bounds_of(root / "run");
  EXPECT_EQ(bounds.memory, "381.4 MiB");
  EXPECT_EQ(bounds.folder, root / "run" / "spill");
}

}  // namespace
}  // namespace imednet::sinks::sql
