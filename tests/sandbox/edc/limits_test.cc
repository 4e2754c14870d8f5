// What the sample API refuses for its own sake.
#include "sample_client.h"

namespace imednet::sandbox::edc {
namespace {

TEST(Limits, OtherMachinesAreNotServed) {
  for (const char* host : {"0.0.0.0", "192.0.2.1", "example.org"}) {
    EdcServerOptions options;
    options.bind_host = host;
    EXPECT_THROW(EdcServer{options}, std::invalid_argument) << host;
  }
}

TEST(Limits, AKeyIsKnownOnlyAsAWhole) {
  EdcServerOptions options;
  options.studies.push_back(IMEDNET_SAMPLE_DATA_DIR "/cdiscpilot01");
  const EdcServer server(options);
  SampleClient client(server);
  for (const char* key : {"", "sandbox-api-ke", "sandbox-api-keyy", "Sandbox-api-key"}) {
    auto headers = good_headers();
    headers.erase("x-api-key");
    headers.emplace("x-api-key", key);
    EXPECT_EQ(client.get("/api/v1/edc/studies", headers)->status, 401) << key;
  }
  EXPECT_EQ(client.get("/api/v1/edc/studies")->status, 200);
}

}  // namespace
}  // namespace imednet::sandbox::edc
