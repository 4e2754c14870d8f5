#include <gmock/gmock.h>

#include "tests/sandbox/edc/sample_client.h"

namespace imednet::sandbox::edc {
namespace {

void start(const std::vector<std::filesystem::path>& folders) {
  EdcServerOptions options;
  options.studies = folders;
  const EdcServer server(options);
}

TEST(Loading, SaysWhatIsWrongWithAFolder) {
  EXPECT_THROW(start({"/nonexistent"}), std::runtime_error);
  const SmallStudy study;
  EXPECT_THROW(start({study.folder(), study.folder()}), std::runtime_error);
  study.write("sites", {"not json"});
  EXPECT_THROW(start({study.folder()}), std::runtime_error);
}

TEST(Loading, RefusesACutGzipFile) {
  const SmallStudy study;
  std::filesystem::remove(study.folder() / "records.ndjson");
  std::filesystem::copy_file(cdisc_folder() / "records.ndjson.gz", study.folder() / "records.ndjson.gz");
  std::filesystem::resize_file(study.folder() / "records.ndjson.gz", 100'000);
  EXPECT_THROW(start({study.folder()}), std::runtime_error);
}

TEST(Loading, ServesWhatTheFolderHas) {
  const SmallStudy study;
  study.write("users", {R"({"userId":"u-1","login":"b"})", R"({"userId":"u-2","login":"a"})"});
  EdcServerOptions options;
  options.studies = {study.folder(), cdisc_folder()};
  const EdcServer server(options);
  SampleClient client(server);
  EXPECT_EQ(client.list_json("").at("data").size(), 3u);
  EXPECT_EQ(client.list_json("/SMALL/sites").at("data").size(), 0u);
  const Json users = client.list_json("/SMALL/users", {{"includeInactive", "true"}}).at("data");
  ASSERT_EQ(users.size(), 2u);
  EXPECT_EQ(users[0].at("login"), "a");
}

TEST(Stopping, DoesNotWaitForOpenConnections) {
  const SmallStudy study;
  EdcServerOptions options;
  options.studies.push_back(study.folder());
  EdcServer server(options);
  SampleClient client(server);
  EXPECT_EQ(client.list("/SMALL/records")->status, 200);
  const auto before = std::chrono::steady_clock::now();
  server.stop();
  server.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(2));
  EXPECT_FALSE(client.list("/SMALL/records"));
}

TEST(Starting, RefusesAPortInUse) {
  const SmallStudy study;
  EdcServerOptions options;
  options.studies.push_back(study.folder());
  const EdcServer server(options);
  EXPECT_EQ(server.base_url(), "http://127.0.0.1:" + std::to_string(server.port()));
  options.port = server.port();
  EXPECT_THROW(EdcServer{options}, std::runtime_error);
}

}  // namespace
}  // namespace imednet::sandbox::edc
