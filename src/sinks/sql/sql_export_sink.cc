// sql_export_sink.cc: the public sinks over SqlLoader: a batch is one transaction, and a run with a number of its own.
#include <optional>

#include "core/run_id.h"
#include "core/temporary_directory.h"
#include "imednet/integrations/sql.h"
#include "ledger/manifest.h"
#include "sinks/batch_target.h"
#include "sinks/sql/sql_loader.h"

namespace imednet::integrations {
namespace {

using sinks::FileOutcome;
using sinks::sql::SqlLoader;
using sinks::sql::SqlPlace;
using sinks::sql::TableName;

class TableTarget final : public BatchTarget {
 public:
  TableTarget(SqlPlace place, const std::string& table, TableLoad load)
      : place_(std::move(place)),
        load_(std::move(load)),
        table_(TableName::parse(table, *place_.dialect)),
        temporary_(core::temporary_root(), "imednet-export"),
        staging_(load_.local_staging_dir ? kept_folder(*load_.local_staging_dir) : temporary_.path() / "staging"),
        settings_{.mode = WriteMode::append,
                  .idempotent = load_.idempotent,
                  .create_table = load_.create_table,
                  .retry = {.max_retries = load_.max_retries, .backoff = load_.retry_backoff},
                  .stop = load_.stop,
                  .folder = temporary_.path()} {
    if (load_.manifest_path) manifest_.emplace(*load_.manifest_path);
    tell("connecting", 0, 0);
    loader().look({}, [this](const sinks::sql::Catalog&) { return std::vector<SqlLoader::Target>{{table_, &table::records_layout()}}; });
  }

  const std::filesystem::path& staging() const override { return staging_; }

  RowCount load(const std::string& study, const staging::StagedFile& file) override {
    SqlLoader loader = this->loader();
    const FileOutcome outcome = loader.load_batch(study, file);
    if (outcome.status != sinks::FileStatus::skipped) note(file, outcome, loader.run_id());
    return outcome.rows_loaded;
  }

  void close() override {}  // no session outlives its batch

 private:
  SqlLoader loader() {
    return {place_,    table_,
            settings_, core::make_run_id(clock_),
            clock_,    {.on_step = [this](std::string_view step, std::int64_t done, std::int64_t all) { tell(step, done, all); }}};
  }

  void tell(std::string_view step, std::int64_t done, std::int64_t all) const {
    if (load_.on_progress) load_.on_progress({.step = step, .files = all, .files_done = done});
  }

  // A batch counts as done when its line is on disk.
  void note(const staging::StagedFile& file, const FileOutcome& outcome, const std::string& run_id) {
    if (!manifest_) return;
    manifest_->append({.batch_id = file.batch_id,
                       .stage_path = sinks::sql::path_of(file),
                       .row_count = file.rows,
                       .loaded_at = core::format_utc(clock_.utc_now()),
                       .sha256 = file.sha256,
                       .bytes = file.bytes,
                       .hash = file.content_hash,
                       .table = place_.name + "#" + table_.text(),
                       .run_id = run_id,
                       .status = std::string(status_name(outcome.status))});
  }

  core::Clock& clock_ = core::system_clock();
  SqlPlace place_;
  TableLoad load_;
  TableName table_;
  core::TemporaryDirectory temporary_;
  std::filesystem::path staging_;
  sinks::sql::LoaderSettings settings_;
  std::optional<ledger::ManifestWriter> manifest_;
};

void require_settings(std::string_view table, const TableLoad& load, std::string_view instead) {
  require_batches(load.layout, instead);
  if (load.max_retries < 0) {
    throw errors::ExportConfigurationError("cannot write batches: the number of retries is negative",
                                           {.code = errors::ErrorCode::invalid_argument, .hint = "use 0 or more"});
  }
  if (table.empty()) {
    throw errors::ExportConfigurationError("cannot write batches: the table is missing",
                                           {.code = errors::ErrorCode::config, .hint = "name the table that rows go to"});
  }
}

std::unique_ptr<BatchTarget> target_of(DuckDbConfig config) {
  require_settings(config.table, config.load, "export_to_duckdb");
  return std::make_unique<TableTarget>(sinks::sql::place_of_duckdb(config.path, config.driver), config.table, std::move(config.load));
}

std::unique_ptr<BatchTarget> target_of(SqlConfig config) {
  require_settings(config.table, config.load, "export_to_sql");
  return std::make_unique<TableTarget>(sinks::sql::place_of_address(config.uri, config.driver), config.table, std::move(config.load));
}

}  // namespace

DuckDbExportSink::DuckDbExportSink(DuckDbConfig config) : StagedSink(target_of(std::move(config))) {}
SqlExportSink::SqlExportSink(SqlConfig config) : StagedSink(target_of(std::move(config))) {}

}  // namespace imednet::integrations
