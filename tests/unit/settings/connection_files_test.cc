// Where the Snowflake CLI's files lie, who may touch them, and what odd ones come to.
#include "settings/connection_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "unit/settings/connection_folder.h"

namespace imednet::settings {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ConnectionFilesTest : public ConnectionFolderTest {
 protected:
  static std::vector<std::string> names(const ConnectionFiles& files) {
    std::vector<std::string> found;
    for (const auto& [name, connection] : files.connections) found.push_back(name);
    return found;
  }
  static std::string read_error() {
    return error_of([] { read_connection_files(); });
  }
};

TEST_F(ConnectionFilesTest, SnowflakeHomeWinsOverTheFolderInHomeAndThatOverTheConfigurationFolder) {
  EXPECT_EQ(connection_folder(), (root / ".snowflake").string());
  std::filesystem::create_directories(root / "own");
  variables.set("SNOWFLAKE_HOME", (root / "own").string());
  EXPECT_EQ(connection_folder(), (root / "own").string());
  variables.set("SNOWFLAKE_HOME", "~/own");
  EXPECT_EQ(connection_folder(), (root / "own").string());
  variables.set("SNOWFLAKE_HOME", (root / "missing").string());
  EXPECT_EQ(connection_folder(), (root / ".config/snowflake").string());
  variables.unset("SNOWFLAKE_HOME");
  std::filesystem::remove_all(root / ".snowflake");
  EXPECT_EQ(connection_folder(), (root / ".config/snowflake").string());
  variables.set("XDG_CONFIG_HOME", (root / "xdg").string());
  EXPECT_EQ(connection_folder(), (root / "xdg/snowflake").string());
}

TEST_F(ConnectionFilesTest, WithoutAHomeThereIsNothingToReadAndNoError) {
  variables.unset("HOME");
  EXPECT_EQ(connection_folder(), "");
  EXPECT_THAT(read_connection_files().looked_at, IsEmpty());
}

TEST_F(ConnectionFilesTest, MissingFilesAreNoErrorAndAreNamed) {
  const auto files = read_connection_files();
  ASSERT_EQ(files.looked_at.size(), 2u);
  EXPECT_EQ(files.looked_at[0].path, connections());
  EXPECT_EQ(files.looked_at[0].state, "missing");
  EXPECT_EQ(files.looked_at[1].path, configuration());
  EXPECT_EQ(files.looked_at[1].state, "missing");
}

TEST_F(ConnectionFilesTest, ConnectionsTomlTakesThePlaceOfAllConnectionsInConfigToml) {
  write(configuration(), "default_connection_name = \"b\"\n[connections.a]\nuser = \"one\"\n[connections.b]\nuser = \"two\"\n");
  auto files = read_connection_files();
  EXPECT_THAT(names(files), ElementsAre("a", "b"));
  EXPECT_EQ(files.default_name, "b");
  EXPECT_EQ(files.default_file, configuration());
  write(connections(), "[c]\nuser = \"three\"\n");
  files = read_connection_files();
  EXPECT_THAT(names(files), ElementsAre("c"));
  EXPECT_EQ(files.connections["c"].file, connections());
  EXPECT_EQ(files.default_name, "b");
  write(connections(), "");
  EXPECT_THAT(names(read_connection_files()), IsEmpty());
}

TEST_F(ConnectionFilesTest, FileThatGroupOrOthersMayWriteIsRefusedWithTheCommandToType) {
  for (const unsigned mode : {0620u, 0602u, 0666u}) {
    write(connections(), "[dev]\nuser = \"u\"\n", mode);
    EXPECT_THAT(read_error(), AllOf(HasSubstr(connections()), HasSubstr("may write it"), HasSubstr("chmod 0600 '" + connections() + "'")));
  }
  write(connections(), "[dev]\nuser = \"u\"\n");
  write(configuration(), "", 0622);
  EXPECT_THAT(read_error(), HasSubstr(configuration()));
}

TEST_F(ConnectionFilesTest, FileThatGroupOrOthersMayReadIsWarnedAboutUnlessThatIsSwitchedOff) {
  for (const unsigned mode : {0640u, 0604u, 0644u}) {
    write(connections(), "[dev]\nuser = \"u\"\n", mode);
    const auto files = read_connection_files();
    EXPECT_THAT(files.warnings, ElementsAre(AllOf(HasSubstr("may read"), HasSubstr("chmod 0600 '" + connections() + "'"))));
    EXPECT_THAT(names(files), ElementsAre("dev"));
  }
  variables.set("SF_SKIP_WARNING_FOR_READ_PERMISSIONS_ON_CONFIG_FILE", "true");
  EXPECT_THAT(read_connection_files().warnings, IsEmpty());
  variables.unset("SF_SKIP_WARNING_FOR_READ_PERMISSIONS_ON_CONFIG_FILE");
  for (const unsigned mode : {0600u, 0400u, 0700u}) {
    write(connections(), "[dev]\nuser = \"u\"\n", mode);
    EXPECT_THAT(read_connection_files().warnings, IsEmpty()) << mode;
  }
}

TEST_F(ConnectionFilesTest, FolderOrPipeInTheFilesPlaceIsRefusedAtOnce) {
  std::filesystem::create_directories(connections());
  EXPECT_THAT(read_error(), HasSubstr("not a regular file"));
  std::filesystem::remove(connections());
  ASSERT_EQ(::mkfifo(connections().c_str(), 0600), 0);
  EXPECT_THAT(read_error(), HasSubstr("not a regular file"));
}

TEST_F(ConnectionFilesTest, ByteOrderMarkAndWindowsLineEndsAreRead) {
  write(connections(), "\xef\xbb\xbf[dev]\r\naccount = \"a-b\"\r\nport = 443\r\n");
  auto files = read_connection_files();
  EXPECT_EQ(files.connections["dev"].values.at("account").text.reveal(), "a-b");
  EXPECT_EQ(files.connections["dev"].values.at("port").text.reveal(), "443");
}

TEST_F(ConnectionFilesTest, NamesWithDotsQuotesAndSpacesAreConnections) {
  write(connections(), "[\"a.b\"]\nuser = \"1\"\n[\"it's \\\"odd\\\"\"]\nuser = \"2\"\n['x y']\nuser = \"3\"\n");
  EXPECT_THAT(names(read_connection_files()), ElementsAre("a.b", "it's \"odd\"", "x y"));
}

TEST_F(ConnectionFilesTest, BrokenTextIsRefusedByFileAndLineWithoutShowingItsContent) {
  const std::string canary = "made-up-canary";
  for (const std::string& text :
       {"[dev]\npassword = " + canary + "\n", "[dev]\npassword = \"" + canary + "\n", "[dev\npassword = \"" + canary + "\"\n",
        "[dev]\npassword = \"" + canary + "\\q\"\n", "[dev]\npassword \"" + canary + "\"\n", "\xff\xfe[\0d\0e\0v\0" + canary,
        "[dev]\npassword = \"" + canary + "\xff\"\n"}) {
    write(connections(), text);
    EXPECT_THAT(read_error(), AllOf(HasSubstr(connections()), HasSubstr("line "), HasSubstr("not TOML"), Not(HasSubstr(canary)))) << text;
  }
}

TEST_F(ConnectionFilesTest, KeyOrTableThatStandsTwiceIsRefused) {
  for (const std::string text : {"[dev]\nuser = \"a\"\nuser = \"b\"\n", "[dev]\nuser = \"a\"\n[dev]\nuser = \"b\"\n"}) {
    write(connections(), text);
    EXPECT_THAT(read_error(), AllOf(HasSubstr("a second time"), HasSubstr("line 3"))) << text;
  }
}

TEST_F(ConnectionFilesTest, EndlessFileIsRefused) {
  write(connections(), "# " + std::string(1'048'576, 'x'));
  EXPECT_THAT(read_error(), HasSubstr("larger than 1 MiB"));
}

TEST_F(ConnectionFilesTest, WhatIsNoTableIsNoConnectionAndIsNoted) {
  write(connections(), "account = \"a\"\n[dev]\nuser = \"u\"\n[dev.session_parameters]\nQUERY_TAG = \"x\"\n");
  auto files = read_connection_files();
  EXPECT_THAT(names(files), ElementsAre("dev"));
  EXPECT_THAT(files.notes, ElementsAre(HasSubstr("account is no connection")));
  EXPECT_EQ(files.connections["dev"].values.size(), 2u);
}

TEST_F(ConnectionFilesTest, DefaultNameOfAnotherTypeIsRefused) {
  write(configuration(), "default_connection_name = 5\n");
  EXPECT_THAT(read_error(), AllOf(HasSubstr("default_connection_name"), HasSubstr("whole number")));
}

}  // namespace
}  // namespace imednet::settings
