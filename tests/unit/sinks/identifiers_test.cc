#include "sinks/snowflake/identifiers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "unit/sinks/names.h"

namespace imednet::sinks::snowflake {
namespace {

using errors::ErrorCode;
using testing::HasSubstr;
using testing::Not;

TEST(Identifiers, PlainNamesFoldToUpperCaseAndAreQuoted) {
  const std::pair<const char*, const char*> cases[] = {
      {"records", "RECORDS"}, {"RECORDS", "RECORDS"}, {"MixedCase", "MIXEDCASE"}, {"_x9$y", "_X9$Y"}, {"a", "A"}, {"_", "_"},
      {"select", "SELECT"}};
  for (const auto& [text, name] : cases) {
    const Identifier identifier = Identifier::parse(text, "table");
    EXPECT_EQ(identifier.name(), name);
    EXPECT_EQ(identifier.sql(), std::string("\"") + name + "\"");
  }
}

TEST(Identifiers, QuotedNamesAreExact) {
  struct Case {
    const char *text, *name, *sql;
  };
  const Case cases[] = {{R"("Mixed")", "Mixed", R"("Mixed")"},
                        {R"("two words")", "two words", R"("two words")"},
                        {R"("a""b")", R"(a"b)", R"("a""b")"},
                        {R"("""")", R"(")", R"("""")"},
                        {R"("x.y")", "x.y", R"("x.y")"},
                        {R"("it's; DROP TABLE t --")", "it's; DROP TABLE t --", R"("it's; DROP TABLE t --")"},
                        {"\"S\xC3\xBC\"", "S\xC3\xBC", "\"S\xC3\xBC\""}};
  for (const Case& one : cases) {
    const Identifier identifier = Identifier::parse(one.text, "table");
    EXPECT_EQ(identifier.name(), one.name);
    EXPECT_EQ(identifier.sql(), one.sql);
  }
}

TEST(Identifiers, EverythingElseIsRefusedWithTheSettingsName) {
  for (const char* text : {"",         "1x",      "$x",  "a b",       "a-b", "a;b", "a'b", "a\"b", "\"",       "\"\"",     "\"a",
                           "\"a\"b\"", "\"a\"\"", "x\n", "t\xC3\xA9", "a.b", "a/b", "@x",  "%x",   "\"a\nb\"", "\"a\x7F\""}) {
    const auto error = refusal_of([&] { Identifier::parse(text, "warehouse"); });
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << text;
    EXPECT_THAT(error.what(), HasSubstr("warehouse")) << text;
    EXPECT_FALSE(error.hint().empty()) << text;
  }
}

TEST(Identifiers, NamesHaveAtMost255Bytes) {
  EXPECT_EQ(Identifier::parse(std::string(255, 'a'), "table").name(), std::string(255, 'A'));
  EXPECT_EQ(Identifier::parse('"' + std::string(255, 'a') + '"', "table").name(), std::string(255, 'a'));
  // The bytes of the name count, not those of its spelling.
  EXPECT_EQ(Identifier::parse('"' + std::string(254, 'a') + "\"\"\"", "table").name(), std::string(254, 'a') + '"');
  refusal_of([] { Identifier::parse(std::string(256, 'a'), "table"); });
  refusal_of([] { Identifier::parse('"' + std::string(256, 'a') + '"', "table"); });
  refusal_of([] { Identifier::parse('"' + std::string(254, 'a') + "\xC3\xA9\"", "table"); });
}

TEST(Identifiers, ARefusalShowsShortPrintableTextOnly) {
  EXPECT_THAT(refusal_of([] { Identifier::parse("my table", "table"); }).what(), HasSubstr("'my table'"));
  EXPECT_THAT(refusal_of([] { Identifier::parse("a\x1b[31m", "table"); }).what(), Not(HasSubstr("\x1b")));
  EXPECT_LT(std::string_view(refusal_of([] { Identifier::parse(std::string(5000, '-'), "table"); }).what()).size(), 200u);
}

TEST(Identifiers, OneToThreeDottedPartsNameAnObject) {
  const Identifier database = Identifier::own("DB"), schema = Identifier::own("SC");
  const std::pair<const char*, const char*> cases[] = {{"t", R"("DB"."SC"."T")"},
                                                       {"s.t", R"("DB"."S"."T")"},
                                                       {"d.s.t", R"("D"."S"."T")"},
                                                       {R"("x.y".t)", R"("DB"."x.y"."T")"},
                                                       {R"(d."S s"."t""t")", R"("D"."S s"."t""t")"}};
  for (const auto& [text, sql] : cases) EXPECT_EQ(ObjectName::parse(text, database, schema, "table").sql(), sql);
  EXPECT_EQ(ObjectName::parse("d.s.t", database, schema, "table").text(), "D.S.T");
  for (const char* text : {"", ".", "a.", ".a", "a..b", "a.b.c.d", "\"a.b", "a.\"b", "a b.c", "a.b.c; DROP TABLE t"}) {
    EXPECT_EQ(refusal_of([&] { ObjectName::parse(text, database, schema, "table"); }).code(), ErrorCode::invalid_argument) << text;
  }
}

TEST(Identifiers, UserAndTableStagesAreRefusedByName) {
  const Identifier database = Identifier::own("DB"), schema = Identifier::own("SC");
  for (const char* text : {"~", "@~", "@~/x", "~/staged"}) {
    EXPECT_THAT(refusal_of([&] { StageDirectory::parse_stage(text, database, schema); }).what(), HasSubstr("user stage")) << text;
  }
  for (const char* text : {"%RECORDS", "@%RECORDS"}) {
    EXPECT_THAT(refusal_of([&] { StageDirectory::parse_stage(text, database, schema); }).what(), HasSubstr("table stage")) << text;
  }
  for (const char* text : {"", "@", "@@MY_STAGE", "MY_STAGE/imednet", "@MY_STAGE/", "s3://bucket"}) {
    refusal_of([&] { StageDirectory::parse_stage(text, database, schema); });
  }
  EXPECT_EQ(StageDirectory::parse_stage("@my_stage", database, schema).sql(), R"("DB"."SC"."MY_STAGE")");
  EXPECT_EQ(StageDirectory::parse_stage("d.s.my_stage", database, schema).sql(), R"("D"."S"."MY_STAGE")");
}

TEST(Identifiers, SlashesAroundAPrefixDoNotMatter) {
  for (const char* prefix : {"imednet/prod", "/imednet/prod", "imednet/prod/", "///imednet/prod//"}) {
    const StageDirectory directory = stage_directory(prefix);
    EXPECT_EQ(directory.prefix(), "imednet/prod");
    EXPECT_EQ(directory.path_of("h/f.parquet"), "imednet/prod/h/f.parquet");
    EXPECT_EQ(directory.sql(), R"(@"IMEDNET_DB"."PUBLIC"."MY_STAGE"/imednet/prod/)");
    EXPECT_EQ(directory.sql("h"), R"(@"IMEDNET_DB"."PUBLIC"."MY_STAGE"/imednet/prod/h)");
    EXPECT_EQ(directory.display("h/f.parquet", "@my_stage"), "@my_stage/imednet/prod/h/f.parquet");
    EXPECT_EQ(directory.display("h/f.parquet", "my_stage"), "@my_stage/imednet/prod/h/f.parquet");
  }
}

TEST(Identifiers, AnEmptyPrefixIsTheStagesRoot) {
  for (const char* prefix : {"", "/", "//"}) {
    const StageDirectory directory = stage_directory(prefix);
    EXPECT_EQ(directory.path_of("f.parquet"), "f.parquet");
    EXPECT_EQ(directory.sql(), R"(@"IMEDNET_DB"."PUBLIC"."MY_STAGE"/)");
    EXPECT_EQ(directory.display("f.parquet", "MY_STAGE"), "@MY_STAGE/f.parquet");
  }
}

TEST(Identifiers, OddPrefixesAreRefused) {
  EXPECT_EQ(stage_directory("A-z_0.9=x/y").prefix(), "A-z_0.9=x/y");
  EXPECT_EQ(stage_directory(std::string(512, 'a')).prefix().size(), 512u);
  for (const std::string& prefix :
       {std::string("a//b"), std::string(".."), std::string("a/../b"), std::string("a b"), std::string("a'b"), std::string("a\"b"),
        std::string("a*"), std::string("a?"), std::string("[a]"), std::string("a\\b"), std::string("a;b"), std::string("\xC3\xA9"),
        std::string("a\n"), std::string("a\0b", 3), std::string(513, 'a')}) {
    const auto error = refusal_of([&] { stage_directory(prefix); });
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << prefix;
    EXPECT_THAT(error.what(), HasSubstr("stage prefix"));
  }
}

TEST(Identifiers, LiteralsEscapeQuotesAndBackslashes) {
  EXPECT_EQ(literal(""), "''");
  EXPECT_EQ(literal("MY_STUDY"), "'MY_STUDY'");
  EXPECT_EQ(literal("it's"), "'it''s'");
  EXPECT_EQ(literal("a\\b"), "'a\\\\b'");
  EXPECT_EQ(literal("\\' OR 1=1 --"), "'\\\\'' OR 1=1 --'");
  EXPECT_EQ(literal("caf\xC3\xA9\n"), "'caf\xC3\xA9\n'");
}

// Read back as Snowflake reads a string, a literal is the text it was made from, whatever that was.
TEST(IdentifiersProperty, ALiteralReadsBackAsItsText) {
  std::mt19937 random(7);
  constexpr std::string_view kBytes = "ab'\\\"\n;-\xC3\xA9 ";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (unsigned n = random() % 12; n > 0; --n) text += kBytes[random() % kBytes.size()];
    const std::string quoted = literal(text);
    ASSERT_GE(quoted.size(), 2u);
    std::string read;
    std::size_t at = 1;
    for (; at < quoted.size() && !(quoted[at] == '\'' && (at + 1 == quoted.size() || quoted[at + 1] != '\'')); ++at) {
      if (quoted[at] == '\'' || quoted[at] == '\\') ++at;  // the escaped one follows
      ASSERT_LT(at, quoted.size());
      read += quoted[at];
    }
    ASSERT_EQ(at, quoted.size() - 1) << "ends early: " << quoted;
    ASSERT_EQ(read, text);
  }
}

}  // namespace
}  // namespace imednet::sinks::snowflake
