#include "functions.h"

#include <functional>
#include <map>
#include <set>

#include "identifier.h"
#include "translator.h"

namespace imednet::sandbox::snowflake {

namespace {

using Arguments = std::vector<Expression>;
using Build = std::function<std::string(const Arguments&)>;

// How each argument is handed over.
enum class Take { scalar, text, number, json };

std::string take(const Expression& value, Take how) {
  switch (how) {
    case Take::text:
      return as_text(value);
    case Take::number:
      return as_number(value);
    case Take::json:
      return as_json(value);
    default:
      return as_scalar(value);
  }
}

struct Renamed {
  const char* engine;
  Take how;
  size_t fewest;
  size_t most;
  bool json = false;  // the result is VARIANT
};

const std::map<std::string, Renamed>& renamed_functions() {
  using enum Take;
  static const std::map<std::string, Renamed> kFunctions = {
      {"COUNT", {"count", scalar, 1, 1}},
      {"SUM", {"sum", number, 1, 1}},
      {"AVG", {"avg", number, 1, 1}},
      {"MIN", {"min", scalar, 1, 1}},
      {"MAX", {"max", scalar, 1, 1}},
      {"ANY_VALUE", {"any_value", scalar, 1, 1}},
      {"COUNT_IF", {"count_if", scalar, 1, 1}},
      {"MEDIAN", {"median", number, 1, 1}},
      {"STDDEV", {"stddev", number, 1, 1}},
      {"APPROX_COUNT_DISTINCT", {"approx_count_distinct", scalar, 1, 1}},
      {"BOOLOR_AGG", {"bool_or", scalar, 1, 1}},
      {"BOOLAND_AGG", {"bool_and", scalar, 1, 1}},
      {"MAX_BY", {"max_by", scalar, 2, 2}},
      {"MIN_BY", {"min_by", scalar, 2, 2}},
      {"ROW_NUMBER", {"row_number", scalar, 0, 0}},
      {"RANK", {"rank", scalar, 0, 0}},
      {"DENSE_RANK", {"dense_rank", scalar, 0, 0}},
      {"NTILE", {"ntile", scalar, 1, 1}},
      {"LAG", {"lag", scalar, 1, 3}},
      {"LEAD", {"lead", scalar, 1, 3}},
      {"FIRST_VALUE", {"first_value", scalar, 1, 1}},
      {"LAST_VALUE", {"last_value", scalar, 1, 1}},
      {"LOWER", {"lower", text, 1, 1}},
      {"UPPER", {"upper", text, 1, 1}},
      {"TRIM", {"trim", text, 1, 2}},
      {"LTRIM", {"ltrim", text, 1, 2}},
      {"RTRIM", {"rtrim", text, 1, 2}},
      {"REPLACE", {"replace", text, 3, 3}},
      {"LENGTH", {"length", text, 1, 1}},
      {"LEN", {"length", text, 1, 1}},
      {"REVERSE", {"reverse", text, 1, 1}},
      {"STARTSWITH", {"starts_with", text, 2, 2}},
      {"ENDSWITH", {"ends_with", text, 2, 2}},
      {"CONTAINS", {"contains", text, 2, 2}},
      {"REGEXP_LIKE", {"regexp_full_match", text, 2, 2}},
      {"RLIKE", {"regexp_full_match", text, 2, 2}},
      {"MD5", {"md5", text, 1, 1}},
      {"MD5_HEX", {"md5", text, 1, 1}},
      {"ASCII", {"ascii", text, 1, 1}},
      {"TRANSLATE", {"translate", text, 3, 3}},
      {"ABS", {"abs", number, 1, 1}},
      {"ROUND", {"round", number, 1, 2}},
      {"FLOOR", {"floor", number, 1, 1}},
      {"CEIL", {"ceil", number, 1, 1}},
      {"SQRT", {"sqrt", number, 1, 1}},
      {"LN", {"ln", number, 1, 1}},
      {"EXP", {"exp", number, 1, 1}},
      {"SIGN", {"sign", number, 1, 1}},
      {"POWER", {"power", number, 2, 2}},
      {"POW", {"power", number, 2, 2}},
      {"MOD", {"mod", number, 2, 2}},
      {"GREATEST", {"greatest", scalar, 1, 100}},
      {"LEAST", {"least", scalar, 1, 100}},
      {"COALESCE", {"coalesce", scalar, 1, 100}},
      {"NVL", {"coalesce", scalar, 2, 2}},
      {"IFNULL", {"coalesce", scalar, 2, 2}},
      {"NULLIF", {"nullif", scalar, 2, 2}},
      {"YEAR", {"year", scalar, 1, 1}},
      {"MONTH", {"month", scalar, 1, 1}},
      {"DAY", {"day", scalar, 1, 1}},
      {"HOUR", {"hour", scalar, 1, 1}},
      {"MINUTE", {"minute", scalar, 1, 1}},
      {"SECOND", {"second", scalar, 1, 1}},
      {"LAST_DAY", {"last_day", scalar, 1, 1}},
      {"HEX_ENCODE", {"hex", text, 1, 1}},
      {"ARRAY_SIZE", {"sf_array_size", json, 1, 1}},
      {"OBJECT_KEYS", {"sf_object_keys", json, 1, 1, true}},
      {"TYPEOF", {"sf_typeof", json, 1, 1}},
      {"IS_NULL_VALUE", {"sf_is_null_value", json, 1, 1}},
      {"TO_VARIANT", {"", json, 1, 1, true}},
      {"AS_OBJECT", {"sf_as_object", json, 1, 1, true}},
      {"ARRAY_DISTINCT", {"sf_array_distinct", json, 1, 1, true}},
      {"IS_ARRAY", {"sf_is_array", json, 1, 1}},
      {"IS_OBJECT", {"sf_is_object", json, 1, 1}},
      {"EQUAL_NULL", {"sf_equal_null", scalar, 2, 2}},
      {"ZEROIFNULL", {"sf_zero_if_null", number, 1, 1}},
      {"NULLIFZERO", {"sf_null_if_zero", number, 1, 1}},
      {"PARSE_JSON", {"sf_parse_json", text, 1, 1, true}},
      {"TO_JSON", {"sf_json_text", json, 1, 1}},
      {"TO_DOUBLE", {"sf_double", scalar, 1, 1}},
      {"TRY_TO_BOOLEAN", {"sf_try_boolean", text, 1, 1}},
      {"TRY_PARSE_JSON", {"sf_try_parse_json", text, 1, 1, true}},
      {"DAYOFWEEK", {"dayofweek", scalar, 1, 1}},
      {"DAYOFMONTH", {"day", scalar, 1, 1}},
      {"DAYOFYEAR", {"dayofyear", scalar, 1, 1}},
      {"WEEK", {"weekofyear", scalar, 1, 1}},
      {"QUARTER", {"quarter", scalar, 1, 1}},
      {"DATE_FROM_PARTS", {"make_date", number, 3, 3}},
      {"SQUARE", {"sf_square", number, 1, 1}},
      {"TO_TIME", {"sf_time", text, 1, 1}},
      {"TRY_TO_TIME", {"sf_try_time", text, 1, 1}},
      {"TO_BINARY", {"sf_binary", scalar, 1, 1}},
      {"TRY_TO_DOUBLE", {"sf_try_double", text, 1, 1}},
      {"TO_BOOLEAN", {"sf_to_boolean", scalar, 1, 1}},
      {"TO_TIMESTAMP_NTZ", {"sf_timestamp_ntz", scalar, 1, 1}},
      {"TO_TIMESTAMP", {"sf_timestamp_ntz", scalar, 1, 1}},
      {"TO_TIMESTAMP_LTZ", {"sf_timestamp_ltz", scalar, 1, 1}},
      {"TO_DATE", {"sf_date", scalar, 1, 1}},
      {"TRY_TO_DATE", {"sf_try_date", text, 1, 1}},
      {"TRY_TO_TIMESTAMP_NTZ", {"sf_try_timestamp", text, 1, 1}},
      {"TRY_TO_TIMESTAMP", {"sf_try_timestamp", text, 1, 1}},
  };
  return kFunctions;
}

std::string joined(const Arguments& arguments, Take how, const std::string& between) {
  std::string out;
  for (const Expression& argument : arguments) out += (out.empty() ? "" : between) + take(argument, how);
  return out;
}

std::string number_call(const Arguments& a, const char* cast) {
  const auto digits = [&](size_t i, const char* otherwise) {
    return i < a.size() && a[i].number_literal ? a[i].sql : std::string(otherwise);
  };
  return std::string(cast) + "(" + as_text(a[0]) + " AS DECIMAL(" + digits(1, "38") + "," + digits(2, "0") + "))";
}

// A pair whose key or value is NULL is left out; OBJECT_CONSTRUCT_KEEP_NULL keeps the value as a JSON null. [doc]
std::string object_of(const Arguments& a, bool keeps_null) {
  if (a.empty()) return "CAST('{}' AS JSON)";
  std::string out;
  for (size_t i = 0; i + 1 < a.size(); i += 2) {
    const std::string key = as_text(a[i]);
    const std::string value = a[i + 1].is_path() ? a[i + 1].sql : as_scalar(a[i + 1]);
    const std::string test = "(" + key + ") IS NOT NULL" + (keeps_null ? "" : " AND (" + value + ") IS NOT NULL");
    out += ", CASE WHEN " + test + " THEN CAST(to_json(" + key + ") AS VARCHAR) || ':' || coalesce(CAST(to_json(" + value +
           ") AS VARCHAR), 'null') END";
  }
  return "CAST('{' || concat_ws(','" + out + ") || '}' AS JSON)";
}

std::string object_construct(const Arguments& a) { return object_of(a, false); }

std::string decode(const Arguments& a) {
  std::string out = "(CASE";
  size_t i = 1;
  for (; i + 1 < a.size(); i += 2)
    out += " WHEN " + as_scalar(a[0]) + " IS NOT DISTINCT FROM " + as_scalar(a[i]) + " THEN " + as_scalar(a[i + 1]);
  if (i < a.size()) out += " ELSE " + as_scalar(a[i]);
  return out + " END)";
}

// From 0 to 2^64 - 1.
std::string row_hash(const Arguments& a) { return "CAST(hash(" + joined(a, Take::scalar, ", ") + ") AS HUGEINT)"; }

struct Special {
  size_t fewest;
  size_t most;
  Build build;
  bool json = false;
};

const std::map<std::string, Special>& special_functions() {
  static const std::map<std::string, Special> kFunctions = {
      {"IFF",
       {3, 3,
        [](const Arguments& a) {
          return "(CASE WHEN " + as_scalar(a[0]) + " THEN " + as_scalar(a[1]) + " ELSE " + as_scalar(a[2]) + " END)";
        }}},
      {"NVL2",
       {3, 3,
        [](const Arguments& a) {
          return "(CASE WHEN " + a[0].sql + " IS NOT NULL THEN " + as_scalar(a[1]) + " ELSE " + as_scalar(a[2]) + " END)";
        }}},
      {"CONCAT", {1, 100, [](const Arguments& a) { return "(" + joined(a, Take::text, " || ") + ")"; }}},
      {"SUBSTR",
       {2, 3,
        [](const Arguments& a) {
          return "substr(" + as_text(a[0]) + ", CAST(" + as_number(a[1]) + " AS BIGINT)" +
                 (a.size() == 3 ? ", CAST(" + as_number(a[2]) + " AS BIGINT)" : "") + ")";
        }}},
      {"LEFT", {2, 2, [](const Arguments& a) { return "left(" + as_text(a[0]) + ", CAST(" + as_number(a[1]) + " AS BIGINT))"; }}},
      {"RIGHT", {2, 2, [](const Arguments& a) { return "right(" + as_text(a[0]) + ", CAST(" + as_number(a[1]) + " AS BIGINT))"; }}},
      {"SPLIT_PART",
       {3, 3,
        [](const Arguments& a) {
          return "split_part(" + as_text(a[0]) + ", " + as_text(a[1]) + ", CAST(" + as_number(a[2]) + " AS BIGINT))";
        }}},
      {"LPAD",
       {3, 3,
        [](const Arguments& a) { return "lpad(" + as_text(a[0]) + ", CAST(" + as_number(a[1]) + " AS INTEGER), " + as_text(a[2]) + ")"; }}},
      {"RPAD",
       {3, 3,
        [](const Arguments& a) { return "rpad(" + as_text(a[0]) + ", CAST(" + as_number(a[1]) + " AS INTEGER), " + as_text(a[2]) + ")"; }}},
      {"REPEAT", {2, 2, [](const Arguments& a) { return "repeat(" + as_text(a[0]) + ", CAST(" + as_number(a[1]) + " AS BIGINT))"; }}},
      {"POSITION", {2, 2, [](const Arguments& a) { return "strpos(" + as_text(a[1]) + ", " + as_text(a[0]) + ")"; }}},
      {"CHARINDEX", {2, 2, [](const Arguments& a) { return "strpos(" + as_text(a[1]) + ", " + as_text(a[0]) + ")"; }}},
      {"REGEXP_REPLACE", {3, 3, [](const Arguments& a) { return "regexp_replace(" + joined(a, Take::text, ", ") + ", 'g')"; }}},
      {"REGEXP_SUBSTR", {2, 2, [](const Arguments& a) { return "nullif(regexp_extract(" + joined(a, Take::text, ", ") + "), '')"; }}},
      {"SHA2", {1, 2, [](const Arguments& a) { return "sha256(" + as_text(a[0]) + ")"; }}},
      {"TO_VARCHAR", {1, 1, [](const Arguments& a) { return as_text(a[0]); }}},
      {"TO_CHAR", {1, 1, [](const Arguments& a) { return as_text(a[0]); }}},
      {"TO_NUMBER", {1, 3, [](const Arguments& a) { return number_call(a, "CAST"); }}},
      {"TO_DECIMAL", {1, 3, [](const Arguments& a) { return number_call(a, "CAST"); }}},
      {"TRY_TO_NUMBER", {1, 3, [](const Arguments& a) { return number_call(a, "TRY_CAST"); }}},
      {"UUID_STRING", {0, 0, [](const Arguments&) { return std::string("CAST(uuid() AS VARCHAR)"); }}},
      {"RANDOM", {0, 1, [](const Arguments&) { return std::string("CAST(random() * 9223372036854775807 AS BIGINT)"); }}},
      {"GET_PATH", {2, 2, [](const Arguments& a) { return "sf_get_path(" + as_json(a[0]) + ", " + as_text(a[1]) + ")"; }, true}},
      {"GET",
       {2, 2,
        [](const Arguments& a) {
          if (a[1].number_literal) return "json_extract(" + as_json(a[0]) + ", " + a[1].sql + ")";
          if (a[1].text || a[1].text_literal) return "sf_get_key(" + as_json(a[0]) + ", " + a[1].sql + ")";
          return "sf_get(" + as_json(a[0]) + ", " + (a[1].json || a[1].is_path() ? as_text(a[1]) : "CAST(" + a[1].sql + " AS VARCHAR)") +
                 ")";
        },
        true}},
      {"ARRAY_POSITION", {2, 2, [](const Arguments& a) { return "sf_array_position(" + as_text(a[0]) + ", " + as_json(a[1]) + ")"; }}},
      // Snowflake's own numbers can't be had; these too are the same for the same values, in any order of rows.
      {"HASH", {1, 100, [](const Arguments& a) { return "(" + row_hash(a) + " - 9223372036854775808)"; }}},
      {"HASH_AGG",
       {1, 100,
        [](const Arguments& a) {
          return "coalesce(CAST(sum(" + row_hash(a) + ") % 18446744073709551616 - 9223372036854775808 AS HUGEINT), 0)";
        }}},
      {"BITXOR_AGG", {1, 1, [](const Arguments& a) { return "bit_xor(CAST(" + as_number(a[0]) + " AS HUGEINT))"; }}},
      {"BITAND_AGG", {1, 1, [](const Arguments& a) { return "bit_and(CAST(" + as_number(a[0]) + " AS HUGEINT))"; }}},
      {"BITOR_AGG", {1, 1, [](const Arguments& a) { return "bit_or(CAST(" + as_number(a[0]) + " AS HUGEINT))"; }}},
      {"OBJECT_CONSTRUCT", {0, 200, object_construct, true}},
      {"OBJECT_CONSTRUCT_KEEP_NULL", {0, 200, [](const Arguments& a) { return object_of(a, true); }, true}},
      {"DECODE", {3, 200, decode}},
      {"DIV0",
       {2, 2,
        [](const Arguments& a) {
          return "(CASE WHEN " + as_number(a[1]) + " = 0 THEN 0 ELSE " + as_number(a[0]) + " / " + as_number(a[1]) + " END)";
        }}},
      {"SPLIT", {2, 2, [](const Arguments& a) { return "to_json(string_split(" + joined(a, Take::text, ", ") + "))"; }, true}},
      {"ARRAY_TO_STRING",
       {2, 2, [](const Arguments& a) { return "array_to_string(CAST(" + as_json(a[0]) + " AS VARCHAR[]), " + as_text(a[1]) + ")"; }}},
      {"OBJECT_AGG", {2, 2, [](const Arguments& a) { return "json_group_object(" + as_text(a[0]) + ", " + as_json(a[1]) + ")"; }, true}},
      {"TRUNC",
       {1, 2, [](const Arguments& a) { return "sf_trunc(" + as_number(a[0]) + ", " + (a.size() == 2 ? as_number(a[1]) : "0") + ")"; }}},
      {"DAYNAME", {1, 1, [](const Arguments& a) { return "strftime(" + as_scalar(a[0]) + ", '%a')"; }}},
      {"MONTHNAME", {1, 1, [](const Arguments& a) { return "strftime(" + as_scalar(a[0]) + ", '%b')"; }}},
      {"CONVERT_TIMEZONE",
       {3, 3,
        [](const Arguments& a) {
          return "timezone(" + as_text(a[1]) + ", timezone(" + as_text(a[0]) + ", sf_ntz(" + as_scalar(a[2]) + ")))";
        }}},
      {"ARRAY_CONSTRUCT", {0, 200, [](const Arguments& a) { return "json_array(" + joined(a, Take::scalar, ", ") + ")"; }, true}},
  };
  return kFunctions;
}

const std::map<std::string, std::string>& synonyms() {
  static const std::map<std::string, std::string> kSynonyms = {{"SUBSTRING", "SUBSTR"},   {"CEILING", "CEIL"}, {"TO_NUMERIC", "TO_NUMBER"},
                                                               {"CHAR_LENGTH", "LENGTH"}, {"DATE", "TO_DATE"}, {"TRUNCATE", "TRUNC"}};
  return kSynonyms;
}

// Functions whose result is text whatever they are given.
bool gives_text(const std::string& name) {
  static const std::set<std::string> kNames = {"LOWER",  "UPPER", "TRIM",  "LTRIM",      "RTRIM",   "REPLACE",  "REVERSE",
                                               "SUBSTR", "LEFT",  "RIGHT", "LPAD",       "RPAD",    "REPEAT",   "SPLIT_PART",
                                               "CONCAT", "MD5",   "SHA2",  "TO_VARCHAR", "TO_CHAR", "TRANSLATE"};
  return kNames.contains(name);
}

}  // namespace

bool is_known_function(const std::string& upper_name) {
  return renamed_functions().contains(upper_name) || special_functions().contains(upper_name) || synonyms().contains(upper_name);
}

std::optional<Expression> translate_function(const std::string& upper_name, const std::vector<Expression>& arguments, bool distinct) {
  const auto synonym = synonyms().find(upper_name);
  const std::string& name = synonym == synonyms().end() ? upper_name : synonym->second;
  Expression out;
  if (const auto found = renamed_functions().find(name); found != renamed_functions().end()) {
    const Renamed& known = found->second;
    if (arguments.size() < known.fewest || arguments.size() > known.most) return std::nullopt;
    out.sql = std::string(known.engine) + "(" + (distinct ? "DISTINCT " : "") + joined(arguments, known.how, ", ") + ")";
    out.json = known.json;
    out.text = gives_text(name);
    return out;
  }
  const auto found = special_functions().find(name);
  if (found == special_functions().end() || distinct || arguments.size() < found->second.fewest || arguments.size() > found->second.most) {
    return std::nullopt;
  }
  out.sql = found->second.build(arguments);
  out.json = found->second.json;
  out.text = gives_text(name);
  return out;
}

std::optional<std::string> date_part(const std::string& upper_name) {
  static const std::map<std::string, std::string> kParts = {{"YEAR", "year"},
                                                            {"YEARS", "year"},
                                                            {"YY", "year"},
                                                            {"YYYY", "year"},
                                                            {"Y", "year"},
                                                            {"QUARTER", "quarter"},
                                                            {"MONTH", "month"},
                                                            {"MONTHS", "month"},
                                                            {"MM", "month"},
                                                            {"MON", "month"},
                                                            {"WEEK", "week"},
                                                            {"WEEKS", "week"},
                                                            {"DAY", "day"},
                                                            {"DAYS", "day"},
                                                            {"DD", "day"},
                                                            {"D", "day"},
                                                            {"HOUR", "hour"},
                                                            {"HOURS", "hour"},
                                                            {"HH", "hour"},
                                                            {"H", "hour"},
                                                            {"MINUTE", "minute"},
                                                            {"MINUTES", "minute"},
                                                            {"MI", "minute"},
                                                            {"M", "minute"},
                                                            {"SECOND", "second"},
                                                            {"SECONDS", "second"},
                                                            {"S", "second"},
                                                            {"SEC", "second"},
                                                            {"MILLISECOND", "millisecond"},
                                                            {"MS", "millisecond"},
                                                            {"MICROSECOND", "microsecond"},
                                                            {"US", "microsecond"},
                                                            {"EPOCH_SECOND", "epoch"},
                                                            {"EPOCH", "epoch"}};
  const auto found = kParts.find(upper_name);
  return found == kParts.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string> session_word(const std::string& upper_name, NameResolver& resolver, bool deferred) {
  if (deferred && (upper_name == "CURRENT_TIMESTAMP" || upper_name == "LOCALTIMESTAMP" || upper_name == "GETDATE")) return "now()";
  if (deferred && upper_name == "CURRENT_DATE") return "current_date";
  if (deferred && upper_name == "SYSDATE") return "CAST(timezone('UTC', now()) AS TIMESTAMP)";
  return resolver.session_value(upper_name);
}

}  // namespace imednet::sandbox::snowflake
