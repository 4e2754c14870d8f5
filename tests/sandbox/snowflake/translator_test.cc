#include "sandbox/snowflake/translator.h"

#include <gtest/gtest.h>

#include "sandbox/snowflake/sql_error.h"

namespace imednet::sandbox::snowflake {
namespace {

class FakeResolver : public NameResolver {
 public:
  std::string relation(const ObjectName& name) override { return "<" + name.display() + ">"; }
  std::string table_function(const ObjectName& name, const std::map<std::string, std::string>&) override { return "<" + name.name + "()>"; }
  std::optional<std::string> session_value(const std::string& name) override {
    return name == "CURRENT_USER" ? std::optional<std::string>("'ME'") : std::nullopt;
  }
  std::optional<std::string> system_function(const std::string&, const std::vector<std::string>&) override { return std::nullopt; }
};

std::string translate(const std::string& sql, std::vector<Binding> bindings = {}) {
  FakeResolver resolver;
  Translator translator(tokenize(sql), sql, resolver, std::move(bindings));
  const std::string out = translator.query();
  translator.expect_end();
  return out;
}

TEST(Translator, FoldsNamesUnlessQuoted) {
  EXPECT_EQ(translate("select a, \"b\" from t"), "SELECT \"A\", \"~b\" FROM <T> AS \"T\"");
  EXPECT_EQ(translate("SELECT x.A FROM db.s.\"t\" x"), "SELECT \"X\".\"A\" FROM <DB.S.\"t\"> AS \"X\"");
  EXPECT_EQ(translate("select db.s.t.a from db.s.t"), "SELECT \"T\".\"A\" FROM <DB.S.T> AS \"T\"");
}

TEST(Translator, SpacingAndCommentsGiveTheSame) {
  const std::string plain = translate("SELECT COUNT(*) AS N FROM T WHERE A = 1");
  EXPECT_EQ(translate("select count( * )as n from t where a=1;"), plain);
  EXPECT_EQ(translate("/* x */ SeLeCt\ncount(*) -- y\nN FROM\tT where (A) = 1").size(), plain.size() + 2);
}

TEST(Translator, PathsIntoVariants) {
  EXPECT_EQ(translate("select v:a.b[0] x from t"), "SELECT json_extract(\"V\", '$.\"a\".\"b\"[0]') AS \"X\" FROM <T> AS \"T\"");
  EXPECT_EQ(translate("select v:\"it.age\"::number x from t"),
            "SELECT CAST(json_extract_string(\"V\", '$.\"it.age\"') AS DECIMAL(38,0)) AS \"X\" FROM <T> AS \"T\"");
  EXPECT_EQ(translate("select v['x']::varchar y from t"), "SELECT json_extract_string(\"V\", '$.\"x\"') AS \"Y\" FROM <T> AS \"T\"");
}

TEST(Translator, NamesExpressionsByTheirText) {
  EXPECT_NE(translate("select count(*) from t").find("AS \"COUNT(*)\""), std::string::npos);
  EXPECT_NE(translate("select current_user()").find("AS \"CURRENT_USER()\""), std::string::npos);
}

TEST(Translator, SortsNullsAsTheLargest) {
  EXPECT_NE(translate("select a from t order by a, b desc").find("\"A\" ASC NULLS LAST, \"B\" DESC NULLS FIRST"), std::string::npos);
}

TEST(Translator, CommonTablesHideOthers) {
  EXPECT_EQ(translate("with c as (select 1 a) select a from c, d"),
            "WITH \"C\" AS (SELECT 1 AS \"A\") SELECT \"A\" FROM \"C\" AS \"C\", <D> AS \"D\"");
}

TEST(Translator, BindsBecomeLiterals) {
  EXPECT_NE(translate("select ? x", {{"TEXT", "it's"}}).find("'it''s'"), std::string::npos);
  EXPECT_NE(translate("select ? x", {{"FIXED", "-5"}}).find("-5"), std::string::npos);
  EXPECT_EQ(translate("select a from identifier(?)", {{"TEXT", "s.\"t\""}}), "SELECT \"A\" FROM <S.\"t\"> AS \"~t\"");
  EXPECT_THROW(translate("select ?"), SqlError);
  EXPECT_THROW(translate("select ?", {{"FIXED", "1; drop table t"}}), SqlError);
}

TEST(Translator, ManyStatementsAreRead) {
  for (const char* sql :
       {"select distinct a from t where b in (1,2) and c not like 'x%' or not d is null",
        "select case a when 1 then 'x' else 'y' end, case when a > 1 then 1 end from t group by all having count(*) > 1",
        "select row_number() over (partition by a order by b desc rows between unbounded preceding and current row) from t",
        "select a from t qualify row_number() over (partition by a order by b) = 1",
        "select listagg(distinct a, ',') within group (order by a) from t",
        "select a from t1 left outer join t2 using (a) inner join t3 on t3.a = t1.a cross join t4",
        "(select 1) union all (select 2) minus select 3 order by 1 limit 5 offset 2", "select * exclude (a, b), t.* from (select 1 a) t",
        "select dateadd('day', 1, d), datediff(second, a, b), extract(year from d), date_trunc(month, d) from t",
        "select a::number(10,2), cast(b as varchar(5)), try_cast(c as date), d::timestamp_ntz(9), e::double precision from t",
        "select exists (select 1 from t where a = b), (select max(a) from t), -a, +b, a % 2, a || b from t",
        "select 1 where a between 1 and 2 and b not between 3 and 4 and c is not distinct from d",
        "select top 5 a from t fetch first 3 rows only", "select $$x$$, date '2024-01-01', interval '1 day'",
        "select * from (values (1, 'a'), (2, null)) v (x, y)", "select parse_json(a):b.c from t",
        "with recursive r (n) as (select 1 union all select n + 1 from r where n < 5) select * from r"}) {
    EXPECT_NO_THROW(translate(sql)) << sql;
  }
}

TEST(Translator, RefusesWhatItDoesNotKnow) {
  for (const char* sql : {"select",
                          "select from t",
                          "select a from",
                          "select a b c from t",
                          "select frobnicate(a)",
                          "select a from t where",
                          "select (a",
                          "select a from t group a",
                          "select a from t order a",
                          "select a,, b",
                          "select $1 from t",
                          "select a from @s",
                          "select a from t limit",
                          "select case when 1 end",
                          "select a::nosuchtype",
                          "select 'a' 'b' 'c'",
                          "select a is 5 from t",
                          "select upper(a, b, c)",
                          "select count(",
                          "select * from table(x",
                          "select a from t match_recognize (x)",
                          "select 1 select 2"}) {
    EXPECT_THROW(translate(sql), SqlError) << sql;
  }
}

TEST(Translator, ErrorsSayWhere) {
  try {
    translate("SELECT a\nFROM t WHERE )");
    FAIL();
  } catch (const SqlError& error) {
    EXPECT_EQ(error.code(), "001003");
    EXPECT_STREQ(error.what(), "SQL compilation error:\nsyntax error line 2 at position 13 unexpected ')'.");
  }
}

TEST(Translator, HostileNestingIsRefused) {
  EXPECT_THROW(translate("select " + std::string(100000, '(') + "1" + std::string(100000, ')')), SqlError);
  EXPECT_THROW(translate("select " + std::string(100000, '-') + "-1"), SqlError);
  std::string unary = "select ";
  for (int i = 0; i < 50000; ++i) unary += "- ";
  EXPECT_THROW(translate(unary + "1"), SqlError);
}

TEST(Translator, KeepsTextsForTheJsonCheck) {
  const std::string sql = "with c as (select raw from t) select parse_json(raw) from c where raw is not null";
  FakeResolver resolver;
  Translator translator(tokenize(sql), sql, resolver);
  translator.query();
  const auto checks = translator.take_json_checks();
  ASSERT_EQ(checks.size(), 1u);
  EXPECT_EQ(checks[0].find("WITH \"C\" AS"), 0u);
  EXPECT_NE(checks[0].find("WHERE"), std::string::npos);
}

}  // namespace
}  // namespace imednet::sandbox::snowflake
