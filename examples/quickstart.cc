// quickstart.cc: a whole study into a Snowflake table with one call; a second run loads nothing.
//
// Put your own names in place of the guide's. Secrets come from the environment: IMEDNET_API_KEY, IMEDNET_SECURITY_KEY and
// SNOWFLAKE_PASSWORD.
#include <cstdlib>
#include <iostream>

#include "imednet/errors.h"
#include "imednet/integrations/warehouse.h"
#include "imednet/sdk.h"

using imednet::ImednetSDK;
using imednet::integrations::export_to_snowflake;
using imednet::integrations::SnowflakeSinkConfig;

int main() {
  try {
    const ImednetSDK sdk({.api_key = std::getenv("IMEDNET_API_KEY")});
    const SnowflakeSinkConfig config{
        .account = "myorg-myaccount",
        .user = "loader",
        .password = std::getenv("SNOWFLAKE_PASSWORD"),  // never in the source
        .database = "IMEDNET_DB",
        .schema = "PUBLIC",
        .warehouse = "COMPUTE_WH",
        .stage = "MY_STAGE",
        .table = "RECORDS",
    };
    const auto rows_loaded = export_to_snowflake(sdk, "MY_STUDY", config);
    std::cout << "Loaded " << rows_loaded << " rows\n";
    return 0;
  } catch (const imednet::ImednetError& error) {
    std::cerr << error.what() << "\nhint: " << error.hint() << "\n";
    return 1;
  }
}
