// Which value wins, where it came from, and what is refused.
#include "settings/snowflake_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/settings/connection_folder.h"

namespace imednet::settings {
namespace {

using integrations::SignIn;
using integrations::SnowflakeSinkConfig;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Kind = Source::Kind;

class SnowflakeSettingsTest : public ConnectionFolderTest {
 protected:
  static SnowflakeSinkConfig config_of(const SnowflakeSettings& settings) {
    SnowflakeSinkConfig config;
    settings.apply_to(config);
    return config;
  }
  // A complete connection "dev", with one line more.
  void write_dev(const std::string& more = "") {
    write(connections(),
          "[dev]\naccount = \"org-acc\"\nuser = \"loader\"\nwarehouse = \"WH\"\ndatabase = \"DB\"\nstage = \"ST\"\ntable = \"T\"\n" + more +
              "\n");
  }
  static Typed dev() { return {.connection = "dev", .by_setting = {}}; }
};

// Every level, and all levels above it taken away one after the other.
TEST_F(SnowflakeSettingsTest, FlagWinsOverOwnVariableThatOverTheGeneralOneThatOverTheFileThatOverTheDefault) {
  struct Row {
    const char* name;
    const char* key;
    const char* fallback;
  };
  for (const Row& row :
       {Row{"account", "ACCOUNT", ""}, Row{"user", "USER", ""}, Row{"database", "DATABASE", ""}, Row{"schema", "SCHEMA", "PUBLIC"},
        Row{"warehouse", "WAREHOUSE", ""}, Row{"role", "ROLE", ""}, Row{"stage", "STAGE", ""}, Row{"table", "TABLE", ""},
        Row{"host", "HOST", ""}, Row{"workload_identity_provider", "WORKLOAD_IDENTITY_PROVIDER", ""}}) {
    const std::string generic = std::string("SNOWFLAKE_") + row.key;
    const std::string own = std::string("SNOWFLAKE_CONNECTIONS_DEV_") + row.key;
    write(connections(), std::string("[dev]\n") + row.name + " = \"from_file\"\n");
    variables.set(generic, "from_generic");
    variables.set(own, "from_own");
    Typed typed = dev();
    typed.by_setting[row.name] = "from_flag";
    const auto found = [&] { return SnowflakeSettings(typed).at(row.name); };
    EXPECT_EQ(found().value, "from_flag") << row.name;
    EXPECT_EQ(found().source.kind, Kind::flag);
    typed = dev();
    EXPECT_EQ(found().value, "from_own") << row.name;
    EXPECT_EQ(found().source.name, own);
    variables.set(own, " \t");
    EXPECT_EQ(found().value, "from_generic") << row.name << ": blank counts as missing";
    EXPECT_EQ(found().source.name, generic);
    EXPECT_EQ(found().source.kind, Kind::environment);
    variables.unset(own);
    variables.unset(generic);
    EXPECT_EQ(found().value, "from_file") << row.name;
    EXPECT_EQ(found().source.name, connections() + " [dev] " + row.name);
    write(connections(), std::string("[dev]\n") + row.name + " = \"\"\n");
    EXPECT_EQ(found().value, row.fallback) << row.name;
    EXPECT_EQ(found().source.kind, *row.fallback == '\0' ? Kind::none : Kind::fallback);
  }
}

TEST_F(SnowflakeSettingsTest, ConnectionIsNamedByFlagThenVariableThenFileThenDefault) {
  write(connections(), "[a]\nuser = \"a\"\n[b]\nuser = \"b\"\n[c]\nuser = \"c\"\n[default]\nuser = \"d\"\n");
  EXPECT_EQ(SnowflakeSettings({}).at("user").value, "d");
  write(configuration(), "default_connection_name = \"c\"\n");
  EXPECT_EQ(SnowflakeSettings({}).at("user").value, "c");
  variables.set("SNOWFLAKE_DEFAULT_CONNECTION_NAME", "b");
  EXPECT_EQ(SnowflakeSettings({}).at("user").value, "b");
  const SnowflakeSettings found({.connection = "a", .by_setting = {}});
  EXPECT_EQ(found.at("user").value, "a");
  EXPECT_EQ(found.connection(), "a");
  EXPECT_EQ(found.connection_source().name, "--connection");
}

TEST_F(SnowflakeSettingsTest, WithoutFilesVariablesAndFlagsAreEnough) {
  variables.set("SNOWFLAKE_USER", "u");
  const SnowflakeSettings found({});
  EXPECT_EQ(found.at("user").value, "u");
  EXPECT_EQ(found.connection(), "");
}

TEST_F(SnowflakeSettingsTest, UnknownConnectionIsRefusedWithWhereWasLookedAndWhatIsThere) {
  write(connections(), "[prod]\nuser = \"u\"\n");
  EXPECT_THAT(error_of(dev()), AllOf(HasSubstr("the connection dev named by --connection"), HasSubstr(connections() + " (read)"),
                                     HasSubstr(configuration() + " (missing)"), HasSubstr("known connections: prod")));
  variables.set("SNOWFLAKE_DEFAULT_CONNECTION_NAME", "gone");
  EXPECT_THAT(error_of(Typed{}), HasSubstr("SNOWFLAKE_DEFAULT_CONNECTION_NAME"));
}

TEST_F(SnowflakeSettingsTest, ConnectionMayBeMadeOfVariablesAlone) {
  variables.set("SNOWFLAKE_CONNECTIONS_DEV_USER", "u");
  EXPECT_EQ(SnowflakeSettings(dev()).at("user").value, "u");
}

TEST_F(SnowflakeSettingsTest, NamesWithDotsAndQuotesWorkInVariables) {
  write(connections(), "[\"my.dev\"]\nuser = \"file\"\n['a \"b\"']\nuser = \"file\"\n");
  variables.set("SNOWFLAKE_CONNECTIONS_MY.DEV_USER", "dotted");
  variables.set("SNOWFLAKE_CONNECTIONS_A \"B\"_USER", "quoted");
  EXPECT_EQ(SnowflakeSettings({.connection = "my.dev", .by_setting = {}}).at("user").value, "dotted");
  EXPECT_EQ(SnowflakeSettings({.connection = "a \"b\"", .by_setting = {}}).at("user").value, "quoted");
}

TEST_F(SnowflakeSettingsTest, ValueOfTheWrongTypeIsRefusedByFileConnectionAndKey) {
  for (const std::string key :
       {"account", "user", "password", "database", "schema", "warehouse", "role", "stage", "table", "authenticator", "private_key_file",
        "private_key_path", "private_key_passphrase", "token", "token_file_path", "passcode", "host", "protocol"}) {
    for (const std::string value : {"12345", "true", "[\"made-up-canary\"]", "1.5", "2024-01-01", "{ a = \"made-up-canary\" }"}) {
      write(connections(), "[dev]\n" + key + " = " + value + "\n");
      EXPECT_THAT(error_of(dev()), AllOf(HasSubstr(key + " of the connection dev in " + connections()), HasSubstr("a text is needed"),
                                         Not(HasSubstr("made-up-canary"))))
          << key << " = " << value;
    }
  }
  for (const std::string value : {"true", "[443]", "443.0"}) {
    write(connections(), "[dev]\nport = " + value + "\n");
    EXPECT_THAT(error_of(dev()), HasSubstr("port of the connection dev")) << value;
  }
}

TEST_F(SnowflakeSettingsTest, PortAndProtocolAreJudgedWhereverTheyComeFrom) {
  for (const std::string value : {"0", "-1", "65536", "\"x\"", "\"80 \\u00a0\""}) {
    write(connections(), "[dev]\nport = " + value + "\n");
    EXPECT_THAT(error_of(dev()), HasSubstr("1 to 65535")) << value;
  }
  for (const std::string value : {"8080", "\"8080\""}) {
    write(connections(), "[dev]\nport = " + value + "\n");
    EXPECT_EQ(config_of(SnowflakeSettings(dev())).port, 8080);
  }
  variables.set("SNOWFLAKE_PORT", "many");
  EXPECT_THAT(error_of(dev()), HasSubstr("SNOWFLAKE_PORT"));
  variables.unset("SNOWFLAKE_PORT");
  write(connections(), "[dev]\nprotocol = \"ftp\"\n");
  EXPECT_THAT(error_of(dev()), AllOf(HasSubstr("neither http nor https"), HasSubstr("[dev] protocol")));
}

TEST_F(SnowflakeSettingsTest, BlankFlagIsRefused) {
  Typed typed;
  typed.by_setting["account"] = "  ";
  EXPECT_THAT(error_of(typed), HasSubstr("cannot use --account: it is blank"));
}

TEST_F(SnowflakeSettingsTest, UnknownKeysAreIgnoredWithANote) {
  write_dev("region = \"eu\"\nclient_session_keep_alive = true\n[dev.session_parameters]\nX = 1");
  const SnowflakeSettings found(dev());
  EXPECT_THAT(found.notes(), testing::UnorderedElementsAre(HasSubstr("region is not a setting"), HasSubstr("client_session_keep_alive"),
                                                           HasSubstr("session_parameters")));
  EXPECT_TRUE(found.warnings().empty());
}

TEST_F(SnowflakeSettingsTest, WhatIsMissingIsNamedAllAtOnceWithEveryPlaceThatWasLookedAt) {
  write(connections(), "[dev]\nuser = \"u\"\n");
  const SnowflakeSettings found(dev());
  const std::string text = error_of([&] { found.require_complete(); });
  for (const std::string& part :
       std::vector<std::string>{"account, warehouse, database, stage, table are missing", "--account", "SNOWFLAKE_CONNECTIONS_DEV_ACCOUNT",
                                "SNOWFLAKE_ACCOUNT", "and for the connection dev in " + connections() + " (read)",
                                configuration() + " (missing)", "--stage", "SNOWFLAKE_WAREHOUSE"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  write_dev();
  EXPECT_EQ(error_of([&] { SnowflakeSettings(dev()).require_complete(); }), "");
}

TEST_F(SnowflakeSettingsTest, PositionsLeaveFilesAndTheVariablesOfWhatTheyCarryAlone) {
  write(connections(), "[default]\nuser = \"u\"\nrole = \"FILE\"\n", 0666);
  variables.set("SNOWFLAKE_ACCOUNT", "other");
  variables.set("SNOWFLAKE_PASSWORD", "made-up");
  variables.set("SNOWFLAKE_HOST", "h");
  const SnowflakeSettings found({.has_positions = true});
  EXPECT_FALSE(found.at("account").is_set());
  EXPECT_FALSE(found.at("password").is_set());
  EXPECT_FALSE(found.at("role").is_set());
  EXPECT_EQ(found.at("host").value, "h");
  SnowflakeSinkConfig config{.account = "mine", .schema = "S"};
  found.apply_to(config);
  EXPECT_EQ(config.account, "mine");
  EXPECT_EQ(config.schema, "S");
  EXPECT_EQ(config.host, "h");
}

TEST_F(SnowflakeSettingsTest, SignInKeysOfAConnectionReachTheConfig) {
  write_dev("authenticator = \"SNOWFLAKE_JWT\"\nprivate_key_path = \"/keys/loader.p8\"\nprivate_key_passphrase = \"made-up-phrase\"");
  SnowflakeSinkConfig config = config_of(SnowflakeSettings(dev()));
  EXPECT_EQ(config.sign_in, SignIn::key_pair);
  EXPECT_EQ(config.private_key_file, "/keys/loader.p8");
  EXPECT_EQ(config.private_key_passphrase.reveal(), "made-up-phrase");
  write_dev("authenticator = \"oauth\"\ntoken = \"made-up-token\"");
  config = config_of(SnowflakeSettings(dev()));
  EXPECT_EQ(config.sign_in, SignIn::oauth);
  EXPECT_EQ(config.token.reveal(), "made-up-token");
  write_dev("authenticator = \"programmatic_access_token\"\ntoken_file_path = \"/run/token\"");
  config = config_of(SnowflakeSettings(dev()));
  EXPECT_EQ(config.sign_in, SignIn::access_token);
  EXPECT_EQ(config.token_file, "/run/token");
  write_dev("authenticator = \"username_password_mfa\"\npassword = \"made-up-password\"\npasscode = \"123456\"");
  config = config_of(SnowflakeSettings(dev()));
  EXPECT_EQ(config.sign_in, SignIn::mfa);
  EXPECT_EQ(config.password.reveal(), "made-up-password");
  EXPECT_EQ(config.passcode.reveal(), "123456");
  write_dev("authenticator = \"telepathy\"");
  EXPECT_THAT(error_of(dev()), AllOf(HasSubstr("telepathy"), HasSubstr("[dev] authenticator"), HasSubstr("snowflake_jwt")));
}

TEST_F(SnowflakeSettingsTest, EverySecretMayStandInAFileOfItsOwnThatIsReadAnewEachTime) {
  write_dev();
  for (const std::string name : {"PASSWORD", "TOKEN", "PRIVATE_KEY_PASSPHRASE", "PASSCODE", "PRIVATE_KEY"}) {
    for (const std::string prefix : {"SNOWFLAKE_", "SNOWFLAKE_CONNECTIONS_DEV_"}) {
      const std::string path = (root / "secret").string();
      variables.set(prefix + name + "_FILE", path);
      const SnowflakeSettings found(dev());
      write(path, "made-up-1\n");
      SnowflakeSinkConfig config = config_of(found);
      if (name == "PRIVATE_KEY" || name == "TOKEN") {  // read by the sign-in itself, at each connect
        EXPECT_EQ(name == "TOKEN" ? config.token_file : config.private_key_file, path);
      } else {
        const auto value = [&] {
          config = config_of(found);
          return name == "PASSWORD"   ? config.password.reveal()
                 : name == "PASSCODE" ? config.passcode.reveal()
                                      : config.private_key_passphrase.reveal();
        };
        EXPECT_EQ(value(), "made-up-1");
        write(path, "made-up-2\n");
        EXPECT_EQ(value(), "made-up-2");
        std::filesystem::remove(path);
        EXPECT_THROW(value(), errors::ConfigurationError);
      }
      variables.unset(prefix + name + "_FILE");
    }
  }
}

TEST_F(SnowflakeSettingsTest, TwoSpellingsAtOneLevelAreAContradiction) {
  variables.set("SNOWFLAKE_TOKEN", "made-up-canary");
  variables.set("SNOWFLAKE_TOKEN_FILE", "/run/token");
  EXPECT_THAT(error_of(Typed{}), AllOf(HasSubstr("between SNOWFLAKE_TOKEN and SNOWFLAKE_TOKEN_FILE"), Not(HasSubstr("canary"))));
  variables.unset("SNOWFLAKE_TOKEN_FILE");
  write_dev("token = \"made-up\"\ntoken_file_path = \"/run/token\"");
  EXPECT_EQ(SnowflakeSettings(dev()).at("token").source.name, "SNOWFLAKE_TOKEN");  // a higher level ends the question
  variables.unset("SNOWFLAKE_TOKEN");
  EXPECT_THAT(error_of(dev()), HasSubstr("both are set"));
}

TEST_F(SnowflakeSettingsTest, FlagThatNamesAFileWinsOverTheSecretItself) {
  variables.set("SNOWFLAKE_TOKEN", "made-up");
  Typed typed;
  typed.by_setting["token"] = "/run/token";
  const SnowflakeSinkConfig config = config_of(SnowflakeSettings(typed));
  EXPECT_EQ(config.token_file, "/run/token");
  EXPECT_TRUE(config.token.empty());
}

TEST_F(SnowflakeSettingsTest, OcspIsOnUnlessSwitchedOff) {
  EXPECT_EQ(config_of(SnowflakeSettings(Typed{})).ocsp, true);
  variables.set("SNOWFLAKE_OCSP", "off");
  EXPECT_EQ(config_of(SnowflakeSettings(Typed{})).ocsp, false);
  variables.set("SNOWFLAKE_OCSP", "no");
  EXPECT_THAT(error_of(Typed{}), HasSubstr("neither on nor off"));
}

TEST_F(SnowflakeSettingsTest, TableHasEachNameFlagAndKeyOnce) {
  std::set<std::string> seen;
  for (const Definition& definition : snowflake_definitions()) {
    EXPECT_TRUE(seen.insert("name " + std::string(definition.name)).second) << definition.name;
    const std::string flag = definition.flag.empty() ? "none for " + std::string(definition.name) : std::string(definition.flag);
    EXPECT_TRUE(seen.insert(flag).second) << flag;
    for (const Spelling& key : definition.keys) EXPECT_TRUE(seen.insert("key " + std::string(key.key)).second) << key.key;
  }
}

}  // namespace
}  // namespace imednet::settings
