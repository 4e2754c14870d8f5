// snowflake_export_sink.cc: the public sink over ExportRun.
#include "imednet/integrations/warehouse.h"
#include "sinks/batch_target.h"
#include "sinks/snowflake/export_run.h"

namespace imednet::integrations {
namespace {

class SnowflakeTarget final : public BatchTarget {
 public:
  explicit SnowflakeTarget(SnowflakeSinkConfig config) : run_(std::move(config)) {}

  const std::filesystem::path& staging() const override { return run_.staging_directory(); }
  RowCount load(const std::string& study, const staging::StagedFile& file) override {
    return run_.loader().load_batch(study, file).rows_loaded;
  }
  void close() override { run_.close(); }

 private:
  sinks::snowflake::ExportRun run_;
};

std::unique_ptr<BatchTarget> target_of(SnowflakeSinkConfig config) {
  require_batches(config.layout, "export_to_snowflake");
  return std::make_unique<SnowflakeTarget>(std::move(config));
}

}  // namespace

SinkConfig SnowflakeSinkConfig::sink_config() const {
  return {.batch_size = batch_size, .retry = {.max_retries = max_retries, .backoff = retry_backoff}, .idempotent = idempotent};
}

SnowflakeExportSink::SnowflakeExportSink(SnowflakeSinkConfig config) : StagedSink(target_of(std::move(config))) {}

}  // namespace imednet::integrations
