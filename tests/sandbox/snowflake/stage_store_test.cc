#include "sandbox/snowflake/stage_store.h"

#include <gtest/gtest.h>

#include <fstream>

#include "client.h"
#include "sandbox/snowflake/executor.h"
#include "sandbox/snowflake/sql_error.h"

namespace imednet::sandbox::snowflake {
namespace {

void write(const std::filesystem::path& file, const std::string& text) { std::ofstream(file) << text; }

TEST(StageStore, PathsStayInside) {
  const testing::TempDir dir;
  StageStore store(dir.path());
  for (const std::string& path : std::vector<std::string>{"../x", "a/../../x", "a/..", "./a", "a\\b", std::string("a\0b", 3)}) {
    EXPECT_THROW(store.resolve(1, path), SqlError) << path;
  }
  EXPECT_EQ(store.resolve(1, "/a//b"), std::filesystem::canonical(dir.path()) / "1" / "a" / "b");
}

TEST(StageStore, LinksDoNotLeadOut) {
  const testing::TempDir dir;
  StageStore store(dir.path());
  store.upload_directory(1, "a");
  std::filesystem::create_directory_symlink("/tmp", dir.path() / "1" / "out");
  EXPECT_THROW(store.resolve(1, "out/x"), SqlError);
  EXPECT_TRUE(store.list(1, "").empty());
}

TEST(StageStore, ListIsAPrefixMatch) {
  const testing::TempDir dir;
  StageStore store(dir.path());
  write(store.upload_directory(1, "imednet/ab") / "x", "hello");
  write(store.upload_directory(1, "imednet/abc") / "y", "");
  EXPECT_EQ(store.list(1, "imednet/ab").size(), 2u);
  EXPECT_EQ(store.list(1, "imednet/ab/").size(), 1u);
  EXPECT_EQ(store.list(1, "imednet/")[0].md5, "5d41402abc4b2a76b9719d911017c592");
  EXPECT_EQ(store.list(1, "imednet/")[1].size, 0);
  EXPECT_TRUE(store.list(2, "").empty());
  EXPECT_TRUE(store.remove(1, "imednet/ab/x"));
  EXPECT_EQ(store.list(1, "").size(), 1u);
}

TEST(StageStore, ChangedContentHasAnotherDigest) {
  const testing::TempDir dir;
  StageStore store(dir.path());
  const auto file = store.upload_directory(1, "") / "x";
  write(file, "one");
  const std::string first = store.list(1, "")[0].md5;
  write(file, "two");
  std::filesystem::last_write_time(file, std::filesystem::last_write_time(file) + std::chrono::seconds(1));
  EXPECT_NE(store.list(1, "")[0].md5, first);
}

TEST(StageStore, DateIsRfc1123) { EXPECT_EQ(rfc1123(1795424210LL * 1000000), "Mon, 23 Nov 2026 08:56:50 GMT"); }

TEST(StageReference, ReadsNameAndPath) {
  const StageReference full = parse_stage_reference(R"("My Db"."S".stage/imednet/x)");
  EXPECT_EQ(full.name.database, "My Db");
  EXPECT_EQ(full.name.name, "STAGE");
  EXPECT_EQ(full.path, "imednet/x");
  EXPECT_EQ(parse_stage_reference("s").path, "");
  for (const char* text : {"~", "%t", "", "a.b.c.d", "\"x", "a\"b\""}) EXPECT_THROW(parse_stage_reference(text), SqlError) << text;
}

}  // namespace
}  // namespace imednet::sandbox::snowflake
