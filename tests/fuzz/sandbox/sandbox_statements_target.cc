// The sandbox's tokenizer and its readers of SQL: what they take becomes one statement of the engine, what they don't is a SqlError.
#include <algorithm>

#include "fuzz/sql_tokens.h"
#include "fuzz/target.h"
#include "sandbox/snowflake/copy_into.h"
#include "sandbox/snowflake/file_format.h"
#include "sandbox/snowflake/sql_error.h"
#include "sandbox/snowflake/token.h"
#include "sandbox/snowflake/translator.h"

namespace imednet::fuzz {
namespace {

using namespace sandbox::snowflake;

// Every table is there, under a name of the engine's.
class AnyTable : public NameResolver {
 public:
  std::string relation(const ObjectName& name) override { return engine_identifier(name.name); }
  std::string table_function(const ObjectName& name, const std::map<std::string, std::string>&) override {
    return engine_identifier(name.name);
  }
  std::optional<std::string> session_value(const std::string&) override { return std::nullopt; }
  std::optional<std::string> system_function(const std::string&, const std::vector<std::string>&) override { return std::nullopt; }
};

template <typename Read>
void try_reading(Read read) {
  try {
    read();
  } catch (const SqlError& refusal) {
    require(refusal.code().size() == 6 && refusal.sql_state().size() == 5, "a refusal has a code and a state");
  }
}

void run(std::string_view input) {
  const std::string text(input);
  try_reading([&] {
    const auto tokens = tokenize(text);
    require(!tokens.empty() && tokens.back().kind == TokenKind::end, "the last token is the end");
    for (const auto& token : tokens) require(token.begin <= token.end && token.end <= text.size(), "a token lies in the text");
  });
  AnyTable tables;
  try_reading([&] {
    Translator sql(tokenize(text), text, tables);
    const std::string translated = sql.query();
    sql.expect_end();
    const auto engine = tokens_of(translated, Dialect::duckdb);
    const bool parted =
        std::any_of(engine.begin(), engine.end(), [](const auto& token) { return token.kind != Kind::text && token.value == ";"; });
    require(!parted, "a query is one statement to the engine");
  });
  try_reading([&] {
    Translator sql(tokenize("COPY INTO t FROM " + text), "COPY INTO t FROM " + text, tables);
    const CopyStatement copy = parse_copy(sql);
    require(copy.files.size() <= 1000 && copy.skip_from >= 1, "a COPY keeps its limits");
  });
  try_reading([&] {
    Translator sql(tokenize(text), text, tables);
    parse_file_format(sql);
  });
  try_reading([&] { require(!parse_stage_reference(text).name.name.empty(), "a stage has a name"); });
}

}  // namespace

Target sandbox_statements_target() {
  return {run,
          {"SELECT ",
           "* ",
           "FROM ",
           "t ",
           "WHERE ",
           "a ",
           "= ",
           "1 ",
           "'x' ",
           "( ",
           ") ",
           ", ",
           "JOIN ",
           "ON ",
           "GROUP BY ",
           "ORDER BY ",
           "LIMIT ",
           "UNION ",
           "WITH x AS (",
           "VALUES ",
           "CASE WHEN ",
           "THEN ",
           "END ",
           "CAST( ",
           "AS NUMBER",
           "::VARCHAR ",
           "v:a.b[0] ",
           "COUNT(*) ",
           "OVER (PARTITION BY ",
           "QUALIFY ",
           "LATERAL FLATTEN(INPUT => ",
           "PARSE_JSON(",
           "IFF(",
           "@stage/p ",
           "FILES = ('a') ",
           "FILE_FORMAT = (TYPE = PARQUET) ",
           "ON_ERROR = SKIP_FILE_3 ",
           "MATCH_BY_COLUMN_NAME = CASE_SENSITIVE ",
           "PATTERN = '.*' ",
           "(SELECT $1:a FROM @s) ",
           "INCLUDE_METADATA = (a = METADATA$FILENAME) ",
           "BETWEEN ",
           "AND ",
           "NOT ",
           "LIKE ANY (",
           "IN (",
           "EXISTS (",
           "INTERVAL '1 day' ",
           "OBJECT_CONSTRUCT(*) ",
           "db.sc.t ",
           "\"q\"\"x\" ",
           "DATE '2024-01-01' ",
           "TRY_CAST("},
          15'000};
}

}  // namespace imednet::fuzz
