// batches.cc: the sink itself, batch by batch, for those who choose batch ids or call it from a workflow engine.
//
// Put your own names in place of the guide's. Secrets come from the environment: IMEDNET_API_KEY, IMEDNET_SECURITY_KEY and
// SNOWFLAKE_PASSWORD.
#include <cstdlib>
#include <iostream>
#include <string>

#include "imednet/errors.h"
#include "imednet/integrations/sink_base.h"
#include "imednet/integrations/warehouse.h"
#include "imednet/sdk.h"

using imednet::ImednetSDK;
using imednet::integrations::iter_batches;
using imednet::integrations::SnowflakeExportSink;
using imednet::integrations::SnowflakeSinkConfig;

int main() {
  try {
    const ImednetSDK sdk({.api_key = std::getenv("IMEDNET_API_KEY")});
    auto records = sdk.records().list("MY_STUDY");  // lazy: pages are fetched as batches are made

    const SnowflakeSinkConfig config{
        .account = "myorg-myaccount",
        .user = "loader",
        .password = std::getenv("SNOWFLAKE_PASSWORD"),
        .database = "IMEDNET_DB",
        .schema = "PUBLIC",
        .warehouse = "COMPUTE_WH",
        .stage = "MY_STAGE",
        .table = "RECORDS",
        .stage_prefix = "imednet/MY_STUDY",
        .batch_size = 1000,
        .max_retries = 5,
        .idempotent = true,
    };

    SnowflakeExportSink sink(config);
    int i = 0;
    for (const auto& batch : iter_batches(records, config.batch_size)) {
      const auto rows = sink.write_batch(batch, "MY_STUDY/records/" + std::to_string(i));
      std::cout << "  batch " << i << ": " << rows << " rows\n";
      ++i;
    }
    sink.close();  // the destructor would tidy up as well, but only close() can say what went wrong
    return 0;
  } catch (const imednet::ImednetError& error) {
    std::cerr << error.what() << "\nhint: " << error.hint() << "\n";
    return 1;
  }
}
