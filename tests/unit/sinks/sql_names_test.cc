#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "core/temporary_directory.h"
#include "imednet/errors.h"
#include "sinks/sql/sql_place.h"
#include "sinks/sql/table_name.h"
#include "sinks/sql/wire.h"

namespace imednet::sinks::sql {
namespace {

using errors::ErrorCode;
using testing::HasSubstr;
using testing::Not;

TableName parse(std::string_view text, Engine engine = Engine::duckdb) { return TableName::parse(text, dialect_of(engine)); }

ErrorCode code_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const ImednetError& error) {
    return error.code();
  }
  return ErrorCode::internal;
}

TEST(SqlTableName, IsFoldedAsItsDatabaseFoldsNames) {
  EXPECT_EQ(parse("Records").sql(), R"("Records")");
  EXPECT_EQ(parse("Records", Engine::sqlite).sql(), R"("Records")");
  EXPECT_EQ(parse("Trial.Records", Engine::postgresql).sql(), R"("trial"."records")");
  EXPECT_EQ(parse(R"("Trial"."My ""own"" records")", Engine::postgresql).sql(), R"("Trial"."My ""own"" records")");
  EXPECT_EQ(parse(R"("Trial".x)").text(), "Trial.x");
}

TEST(SqlTableName, RefusesWhatIsNone) {
  for (const char* text :
       {"", "a b", "1a", "a.b.c", "a.", ".a", "\"a", "\"\"", "\"a\nb\"", "a\"b\"", "a;b", "imednet_loads", "IMEDNET_x"}) {
    EXPECT_EQ(code_of([&] { parse(text); }), ErrorCode::invalid_argument) << text;
  }
  EXPECT_EQ(code_of([] { parse("sqlite_master", Engine::sqlite); }), ErrorCode::invalid_argument);
  EXPECT_NO_THROW(parse("sqlite_master"));
  EXPECT_NO_THROW(parse(std::string(63, 'x'), Engine::postgresql));
  EXPECT_EQ(code_of([] { parse(std::string(64, 'x'), Engine::postgresql); }), ErrorCode::invalid_argument);
}

TEST(SqlTableName, StandsBesideOthersOfItsSchema) {
  EXPECT_EQ(parse("trial.records").beside("imednet_loads").sql(), R"("trial"."imednet_loads")");
  EXPECT_EQ(parse("records").beside("imednet_loads").sql(), R"("imednet_loads")");
  EXPECT_EQ(TableName::temporary("imednet_staged", dialect_of(Engine::postgresql)).sql(), R"("pg_temp"."imednet_staged")");
  EXPECT_EQ(quote_text("it's"), "'it''s'");
}

TEST(SqlPlace, NamesAPostgresqlServerWithoutUserAndPassword) {
  const SqlPlace place = place_of_address("postgresql+psycopg2://loader:s3cret%40x@db.example:5433/trial?sslmode=require");
  EXPECT_EQ(place.dialect->engine, Engine::postgresql);
  EXPECT_EQ(place.name, "postgresql://db.example:5433/trial");
  EXPECT_EQ(place.secret, "s3cret%40x");
  EXPECT_EQ(place.options.back().second, "postgresql://loader:s3cret%40x@db.example:5433/trial?sslmode=require");
  EXPECT_EQ(place_of_address("postgres://db.example/trial").name, "postgresql://db.example/trial");
}

TEST(SqlPlace, ReadsFilesAsSqlalchemyWritesThem) {
  const core::TemporaryDirectory folder(core::temporary_root(), "imednet-test");
  const std::filesystem::path file = std::filesystem::weakly_canonical(folder.path()) / "study.db";
  const SqlPlace place = place_of_address("sqlite:///" + file.string());
  EXPECT_EQ(place.file, file.string());
  EXPECT_EQ(place.name, "sqlite:" + file.string());
  EXPECT_TRUE(place.is_new());
  EXPECT_EQ(place_of_address("sqlite:///study.db").file, (std::filesystem::current_path() / "study.db").string());
  EXPECT_EQ(place_of_duckdb(file).options.front().first, "entrypoint");
}

TEST(SqlPlace, RefusesWhatIsNoTransactionalTarget) {
  for (const char* address : {"study.db", "sqlite://", "sqlite:///:memory:", "sqlite://host/x.db", "sqlite:///x.db?mode=ro"}) {
    EXPECT_NE(code_of([&] { place_of_address(address); }), ErrorCode::internal) << address;
  }
  for (const char* address : {"snowflake://user:pw@account/db", "duckdb:///x.duckdb", "mysql://host/db"}) {
    EXPECT_EQ(code_of([&] { place_of_address(address); }), ErrorCode::unsupported) << address;
  }
  EXPECT_EQ(code_of([] { place_of_address("sqlite:///x.db", "/opt/libadbc_driver_Snowflake.so"); }), ErrorCode::unsupported);
  EXPECT_EQ(code_of([] { place_of_duckdb(":memory:"); }), ErrorCode::invalid_argument);
  try {
    place_of_address("snowflake://user:hidden@account/db");
  } catch (const ImednetError& error) {
    EXPECT_THAT(error.hint(), HasSubstr("export snowflake"));
    EXPECT_THAT(error.what(), Not(HasSubstr("hidden")));
  }
}

TEST(SqlWire, EscapedTextsComeBackAsTheyWere) {
  using namespace std::string_literals;
  for (const std::string& text : {"a\0b"s, "\\u0000"s, "\\\\u0000"s, "\0\\u0000\\"s, "\\\0"s, "\\u00000"s}) {
    const std::string escaped = escape_nul(text);
    EXPECT_EQ(escaped.find('\0'), std::string::npos);
    EXPECT_THAT(escaped, HasSubstr("\\u0000"));
    EXPECT_EQ(unescape_nul(escaped), text);
  }
}

}  // namespace
}  // namespace imednet::sinks::sql
