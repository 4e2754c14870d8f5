#include <gtest/gtest.h>

#include <fstream>

#include "client.h"

namespace imednet::sandbox::snowflake::testing {
namespace {

class GetFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"a.parquet", "b.parquet", "notes.txt"}) {
      std::ofstream(dir.path() / name) << "content of " << name;
      ASSERT_EQ(put_file(client, dir.path() / name, "@MY_STAGE/run/1"), "");
    }
  }
  // What a driver does after GET: fetches each file that the answer names; their names, or the error's code.
  std::string got(const std::string& statement) {
    const Json answer = client.run(statement);
    if (!answer["success"].get<bool>()) return answer["code"];
    const Json& data = answer["data"];
    EXPECT_EQ(data["command"], "DOWNLOAD");
    EXPECT_EQ(data["localLocation"], target());
    std::string names;
    for (size_t i = 0; i < data["src_locations"].size(); ++i) {
      const std::string path = data["src_locations"][i], url = data["presignedUrls"][i];
      std::ofstream(target() + path.substr(path.rfind('/') + 1)) << client.get_text(url.substr(url.find("/staged-files")));
      names += (names.empty() ? "" : " ") + path;
    }
    return names;
  }
  std::string target() const { return (dir.path() / "got" / "").string(); }
  std::string get(const std::string& from, const std::string& options = "") {
    std::filesystem::create_directories(target());
    return got("GET " + from + " 'file://" + target() + "' " + options);
  }

  TempDir dir;
  SnowflakeServer server{options_in(dir.path())};
  Client client{server.port()};
};

TEST_F(GetFiles, TheBytesThatWerePutComeBack) {
  EXPECT_EQ(get("@MY_STAGE/run/1/a.parquet"), "run/1/a.parquet");
  std::ifstream file(target() + "a.parquet");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "content of a.parquet");
}

TEST_F(GetFiles, APathBringsEveryFileUnderIt) {
  EXPECT_EQ(get("@MY_STAGE"), "run/1/a.parquet run/1/b.parquet run/1/notes.txt");
  EXPECT_EQ(get("'@IMEDNET_DB.PUBLIC.\"MY_STAGE\"/run/1/'"), "run/1/a.parquet run/1/b.parquet run/1/notes.txt");
}

TEST_F(GetFiles, APatternIsForTheWholeName) {
  EXPECT_EQ(get("@MY_STAGE/run", "PATTERN = '.*[.]parquet' PARALLEL = 4"), "run/1/a.parquet run/1/b.parquet");
  EXPECT_EQ(get("@MY_STAGE/run", "PARALLEL = 4 PATTERN = 'parquet'"), "");
  EXPECT_EQ(client.rows("LIST @MY_STAGE PATTERN = '.*notes.*'").substr(0, 24), "my_stage/run/1/notes.txt");
  EXPECT_EQ(client.rows("REMOVE @MY_STAGE PATTERN = '.*[.]txt'"), "my_stage/run/1/notes.txt|removed");
  EXPECT_EQ(get("@MY_STAGE"), "run/1/a.parquet run/1/b.parquet");
}

TEST_F(GetFiles, AFileThatIsNotThereIsAnEmptyList) { EXPECT_EQ(get("@MY_STAGE/run/2/"), ""); }

TEST_F(GetFiles, AnAddressIsGoneWithItsFile) {
  std::filesystem::create_directories(target());
  const Json answer = client.run("GET @MY_STAGE/run/1/a.parquet 'file://" + target() + "'");
  const std::string url = answer["data"]["presignedUrls"][0];
  httplib::Client http("127.0.0.1", server.port());
  const std::string path = url.substr(url.find("/staged-files"));
  EXPECT_EQ(http.Head(path.c_str())->get_header_value("Content-Length"), "20");
  client.run("REMOVE @MY_STAGE/run/1/a.parquet");
  EXPECT_EQ(http.Get(path.c_str())->status, 404);
  EXPECT_EQ(http.Get("/staged-files/00000000-0000-0000-0000-000000000000/0")->status, 404);
}

TEST_F(GetFiles, AWrongStageOrOptionIsAnError) {
  EXPECT_EQ(get("@NO_STAGE/run"), "002003");
  EXPECT_EQ(get("@MY_STAGE/run", "PARALLEL = 100"), "001008");
  EXPECT_EQ(get("@MY_STAGE/run", "OVERWRITE = TRUE"), "001003");
  EXPECT_EQ(get("@MY_STAGE/../x"), "");  // a prefix that no file has
  EXPECT_EQ(got("GET @MY_STAGE 's3://bucket'"), "001003");
  client.run("CREATE STAGE outside URL = 's3://bucket/x'");
  EXPECT_EQ(get("@outside"), "091003");
}

TEST_F(GetFiles, ReadingTheStageMustBeGranted) {
  for (const char* sql : {"CREATE ROLE reader", "GRANT ROLE reader TO USER loader", "GRANT USAGE ON DATABASE imednet_db TO ROLE reader",
                          "GRANT USAGE ON SCHEMA public TO ROLE reader", "GRANT WRITE ON STAGE my_stage TO ROLE reader", "USE ROLE reader"})
    ASSERT_EQ(client.code(sql), "") << sql;
  EXPECT_EQ(get("@MY_STAGE/run"), "003001");
}

}  // namespace
}  // namespace imednet::sandbox::snowflake::testing
