#include "sandbox/snowflake/token.h"

#include <gtest/gtest.h>

#include "sandbox/snowflake/identifier.h"
#include "sandbox/snowflake/sql_error.h"

namespace imednet::sandbox::snowflake {
namespace {

std::string shape(std::string_view sql) {
  std::string out;
  for (const Token& token : tokenize(sql)) {
    if (token.kind != TokenKind::end) out += (out.empty() ? "" : " ") + std::to_string(static_cast<int>(token.kind)) + ":" + token.text;
  }
  return out;
}

TEST(Token, CommentsAndSpacingDoNotMatter) {
  const std::string plain = shape("SELECT a , 'b' FROM t");
  EXPECT_EQ(shape("SELECT a,'b'FROM t"), plain);
  EXPECT_EQ(shape("SELECT/*x*/a,\n'b' -- end\nFROM // more\n\tt"), plain);
}

TEST(Token, ReadsStringsOfBothKinds) {
  EXPECT_EQ(tokenize("'it''s'")[0].text, "it's");
  EXPECT_EQ(tokenize(R"('a\tb\\\'c\u0041')")[0].text, "a\tb\\'cA");
  EXPECT_EQ(tokenize("$$a'b -- no comment$$")[0].text, "a'b -- no comment");
}

TEST(Token, ReadsNames) {
  const auto tokens = tokenize(R"(abc "Mixed ""x""" METADATA$FILENAME $1)");
  EXPECT_EQ(tokens[0].upper, "ABC");
  EXPECT_EQ(tokens[1].kind, TokenKind::quoted);
  EXPECT_EQ(tokens[1].text, "Mixed \"x\"");
  EXPECT_EQ(tokens[2].upper, "METADATA$FILENAME");
  EXPECT_EQ(tokens[3].kind, TokenKind::column_index);
}

TEST(Token, StageAndFilePathsAreOneToken) {
  const auto tokens = tokenize(R"(PUT file:///tmp/a-b/c.parquet @"D b"."S".st/x//y/ OVERWRITE)");
  EXPECT_EQ(tokens[1].kind, TokenKind::file_url);
  EXPECT_EQ(tokens[1].text, "file:///tmp/a-b/c.parquet");
  EXPECT_EQ(tokens[2].kind, TokenKind::stage);
  EXPECT_EQ(tokens[2].text, R"("D b"."S".st/x//y/)");
  EXPECT_TRUE(tokens[3].is_word("OVERWRITE"));
}

TEST(Token, NumbersAndOperators) {
  EXPECT_EQ(shape("1 1.5 .5 1e10 a::b=>c<>d||e"), "3:1 3:1.5 3:.5 3:1e10 0:a 4::: 0:b 4:=> 0:c 4:<> 0:d 4:|| 0:e");
}

TEST(Token, RefusesWhatIsUnfinished) {
  for (const char* sql : {"'abc", "\"abc", "/* abc", "$$abc", "1abc", "a # b", "\"\"", R"('\u12')"}) {
    EXPECT_THROW(tokenize(sql), SqlError) << sql;
  }
}

TEST(Identifier, EncodingKeepsCaseApart) {
  EXPECT_EQ(encode_name("STUDY_KEY"), "STUDY_KEY");
  for (const char* name : {"Study", "a~b", "~", "STUDY", "it.age"}) EXPECT_EQ(decode_name(encode_name(name)), name);
  EXPECT_NE(to_upper(encode_name("Study")), to_upper(encode_name("STUDY")));
}

TEST(Identifier, LikeIgnoresCase) {
  EXPECT_TRUE(like_matches("RECORDS", "rec%"));
  EXPECT_TRUE(like_matches("MY_STAGE", "MY\\_STAGE"));
  EXPECT_FALSE(like_matches("MYXSTAGE", "MY\\_STAGE"));
  EXPECT_TRUE(like_matches("abc", "a_c"));
  EXPECT_FALSE(like_matches("abcd", "a_c"));
}

}  // namespace
}  // namespace imednet::sandbox::snowflake
