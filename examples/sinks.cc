// sinks.cc: one loop for every destination: records in batches through ExportSink&, into a DuckDB file, an SQL database or a folder.
//
//   example_sinks duckdb study.duckdb      example_sinks sql sqlite:///study.sqlite      example_sinks parquet lake
// Secrets come from the environment: IMEDNET_API_KEY, IMEDNET_SECURITY_KEY.
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include "imednet/errors.h"
#include "imednet/integrations/parquet.h"
#include "imednet/integrations/sink_base.h"
#include "imednet/integrations/sql.h"
#include "imednet/sdk.h"

using namespace imednet::integrations;

std::unique_ptr<ExportSink> sink_of(std::string_view kind, const std::string& place) {
  if (kind == "duckdb") return std::make_unique<DuckDbExportSink>(DuckDbConfig{.path = place, .table = "records"});
  if (kind == "sql") return std::make_unique<SqlExportSink>(SqlConfig{.uri = imednet::Secret(place), .table = "records"});
  return std::make_unique<ParquetExportSink>(ParquetConfig{.directory = place});
}

// Where the rows go is no concern of this.
RowCount load(const imednet::ImednetSDK& sdk, const std::string& study, ExportSink& sink) {
  auto records = sdk.records().list(study);  // lazy: pages are fetched as batches are made
  RowCount rows = 0;
  int n = 0;
  for (const auto& batch : iter_batches(records, 1000)) rows += sink.write_batch(batch, study + "/records/" + std::to_string(n++));
  sink.close();  // a table has each batch already; a folder shows all of them from here on
  return rows;
}

int main(int argc, char** argv) {
  try {
    if (argc != 3) {
      std::cerr << "usage: example_sinks duckdb|sql|parquet PLACE\n";
      return 2;
    }
    const imednet::ImednetSDK sdk({.api_key = std::getenv("IMEDNET_API_KEY")});
    const auto sink = sink_of(argv[1], argv[2]);
    std::cout << load(sdk, "MY_STUDY", *sink) << " rows\n";
    return 0;
  } catch (const imednet::ImednetError& error) {
    std::cerr << error.what() << "\nhint: " << error.hint() << "\n";
    return 1;
  }
}
