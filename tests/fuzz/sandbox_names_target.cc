// The sandbox's own quoting, for its engine and for the names it shows as Snowflake does.
#include "fuzz/sql_tokens.h"
#include "fuzz/target.h"
#include "sandbox/snowflake/identifier.h"

namespace imednet::fuzz {
namespace {

using namespace sandbox::snowflake;

void run(std::string_view input) {
  const std::string text(input);
  require(tokens_of(quote_text(text), Dialect::duckdb) == std::vector<Token>{{Kind::text, text}}, "a quoted text reads back as itself");
  const auto engine = tokens_of(engine_identifier(text), Dialect::duckdb);
  require(engine.size() == 1 && engine[0].kind == Kind::quoted_name, "an engine's name is one name");
  require(decode_name(engine[0].value) == text, "an engine's name gives the name back");
  const auto shown = tokens_of(display_identifier(text), Dialect::snowflake);
  require(shown.size() == 1 && shown[0].value == text, "a shown name reads back as itself");
  require(shown[0].kind == Kind::quoted_name || shown[0].kind == Kind::word, "a shown name is a name");
  const auto pair = parts_of(input, 2);
  const bool is_same = to_upper(encode_name(pair[0])) == to_upper(encode_name(pair[1]));
  require(is_same == (pair[0] == pair[1]), "names that differ differ in the engine, which sees no case");
}

}  // namespace

Target sandbox_names_target() {
  return {run,
          {"~", "~a", "a~", "A",
           "abc\x1f"
           "ABC",
           "x\x1fx", "~x\x1f~X", "\xC3\xA9\x1f\xC3\x89"},
          30'000};
}

}  // namespace imednet::fuzz
