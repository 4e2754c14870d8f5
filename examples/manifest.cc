// manifest.cc: an export that writes one line for every loaded batch, for audit or replay; prints the lines afterwards.
//
// usage: example_manifest [MANIFEST]
// Put your own names in place of the guide's. Secrets come from the environment: IMEDNET_API_KEY, IMEDNET_SECURITY_KEY and
// SNOWFLAKE_PASSWORD.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

#include "imednet/errors.h"
#include "imednet/integrations/warehouse.h"
#include "imednet/sdk.h"

using imednet::ImednetSDK;
using imednet::integrations::export_to_snowflake;
using imednet::integrations::SnowflakeSinkConfig;

int main(int argc, char** argv) {
  try {
    const ImednetSDK sdk({.api_key = std::getenv("IMEDNET_API_KEY")});
    const SnowflakeSinkConfig config{
        .account = "myorg-myaccount",
        .user = "loader",
        .password = std::getenv("SNOWFLAKE_PASSWORD"),
        .database = "IMEDNET_DB",
        .schema = "PUBLIC",
        .warehouse = "COMPUTE_WH",
        .stage = "MY_STAGE",
        .table = "RECORDS",
        .manifest_path = argc > 1 ? argv[1] : "/tmp/imednet_manifest.jsonl",
    };
    export_to_snowflake(sdk, "MY_STUDY", config);

    std::ifstream manifest(*config.manifest_path);
    for (std::string line; std::getline(manifest, line);) std::cout << line << "\n";
    return 0;
  } catch (const imednet::ImednetError& error) {
    std::cerr << error.what() << "\nhint: " << error.hint() << "\n";
    return 1;
  }
}
