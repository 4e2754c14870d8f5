#include "engine_macros.h"

namespace imednet::sandbox::snowflake {

// typeof() is folded while binding, so only the branch for the argument's type is ever run.
const std::vector<std::string>& engine_macros() {
  static const std::vector<std::string> kMacros = {
      R"(CREATE OR REPLACE MACRO sf_text(x) AS CASE
           WHEN typeof(x) = 'JSON' THEN json_extract_string(to_json(x), '$')
           WHEN typeof(x) = 'TIMESTAMP' THEN strftime(TRY_CAST(CAST(x AS VARCHAR) AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%g')
           WHEN typeof(x) = 'TIMESTAMP WITH TIME ZONE' THEN strftime(TRY_CAST(CAST(x AS VARCHAR) AS TIMESTAMPTZ), '%Y-%m-%d %H:%M:%S.%g') || ' ' ||
                rpad(replace(strftime(TRY_CAST(CAST(x AS VARCHAR) AS TIMESTAMPTZ), '%z'), ':', ''), 5, '0')
           WHEN typeof(x) = 'BLOB' THEN hex(CAST(x AS BLOB))
           WHEN typeof(x) = 'DOUBLE' THEN regexp_replace(CAST(x AS VARCHAR), '\.0$', '')
           ELSE CAST(x AS VARCHAR) END)",
      // What is JSON already keeps its numbers as they are written.
      R"(CREATE OR REPLACE MACRO sf_json(x) AS CASE WHEN typeof(x) = 'JSON' THEN TRY_CAST(CAST(x AS VARCHAR) AS JSON) ELSE to_json(x) END)",
      R"(CREATE OR REPLACE MACRO sf_divide(a, b) AS CASE WHEN b = 0 THEN error('Division by zero') ELSE a / b END)",
      R"(CREATE OR REPLACE MACRO sf_binary(x) AS CASE WHEN typeof(x) = 'BLOB' THEN CAST(x AS BLOB) ELSE unhex(CAST(x AS VARCHAR)) END)",
      R"(CREATE OR REPLACE MACRO sf_parse_json(x) AS CASE WHEN trim(x, ' ' || chr(9) || chr(10) || chr(13)) = '' THEN NULL
           WHEN regexp_matches(x, '[ \t\r\n]') THEN CAST(regexp_replace(x, '("(?:[^"\\]|\\.)*")|[ \t\r\n]+', '\1', 'g') AS JSON)
           ELSE CAST(x AS JSON) END)",
      R"(CREATE OR REPLACE MACRO sf_compact_json(x) AS CAST(x AS JSON))",
      // Keys that stand twice in one object are no JSON for a VARIANT. [doc]
      R"(CREATE OR REPLACE MACRO sf_has_doubles(x) AS (SELECT count(*) > count(DISTINCT fullkey) FROM json_tree(x)))",
      R"(CREATE OR REPLACE MACRO sf_try_parse_json(x) AS CASE WHEN json_valid(x) AND NOT sf_has_doubles(CASE WHEN json_valid(x) THEN x END) THEN sf_parse_json(x) END)",
      // What OBJECT_CONSTRUCT(*) makes of a row: members that are NULL are left out, and names are as before encode_name().
      R"(CREATE OR REPLACE MACRO sf_object(x) AS CAST('{' || array_to_string(list_transform(list_filter(json_keys(x),
           lambda k: json_type(json_extract(x, '$."' || k || '"')) <> 'NULL'),
           lambda k: CAST(to_json(regexp_replace(k, '~([a-z~])', '\1', 'g')) AS VARCHAR) || ':' || CAST(json_extract(x, '$."' || k || '"') AS VARCHAR)), ',') || '}' AS JSON))",
      R"(CREATE OR REPLACE MACRO sf_json_text(x) AS CAST(x AS VARCHAR))",
      R"(CREATE OR REPLACE MACRO sf_array_size(x) AS CASE WHEN json_type(x) = 'ARRAY' THEN json_array_length(x) END)",
      R"(CREATE OR REPLACE MACRO sf_object_keys(x) AS to_json(list_sort(json_keys(x))))",
      R"(CREATE OR REPLACE MACRO sf_as_object(x) AS CASE WHEN json_type(x) = 'OBJECT' THEN x END)",
      R"(CREATE OR REPLACE MACRO sf_array_distinct(x) AS to_json(list_distinct(CAST(x AS JSON[]))))",
      R"(CREATE OR REPLACE MACRO sf_array_position(x, a) AS nullif(list_position(CAST(a AS VARCHAR[]), x), 0) - 1)",
      // A number as a VARIANT keeps it: of a fixed-point one its digits and not its spelling; the engine would make a double of it.
      R"(CREATE OR REPLACE MACRO sf_kept_number(t) AS CASE WHEN regexp_matches(t, '[eE]') OR length(regexp_replace(t, '[-.]', '', 'g')) > 38 THEN t
           ELSE regexp_replace(regexp_replace(regexp_replace(t, '([.][0-9]*[1-9])0+$', '\1'), '[.]0*$', ''), '^-0$', '0') END)",
      R"x(CREATE OR REPLACE MACRO sf_exact_number(x, k, v) AS CAST(coalesce(sf_kept_number(list_filter(list_zip(
           regexp_extract_all(CAST(x AS VARCHAR), '("(?:[^"\\]|\\.)*"):(-?[0-9][-+.0-9eE]*)', 1),
           regexp_extract_all(CAST(x AS VARCHAR), '("(?:[^"\\]|\\.)*"):(-?[0-9][-+.0-9eE]*)', 2)),
           lambda t: json_extract_string(t[1], '$') = k AND TRY_CAST(t[2] AS DOUBLE) = TRY_CAST(CAST(v AS VARCHAR) AS DOUBLE))[1][2]), CAST(v AS VARCHAR)) AS JSON))x",
      // A member by its name, which may be any text; an element by its place.
      R"(CREATE OR REPLACE MACRO sf_member(x, k) AS json_extract(x, '/' || replace(replace(k, '~', '~0'), '/', '~1')))",
      R"(CREATE OR REPLACE MACRO sf_get_key(x, k) AS CASE WHEN json_type(sf_member(x, k)) = 'DOUBLE' THEN sf_exact_number(x, k, sf_member(x, k)) ELSE sf_member(x, k) END)",
      R"(CREATE OR REPLACE MACRO sf_get(x, k) AS json_extract(x, CASE WHEN json_type(x) = 'ARRAY' THEN '$[' || k || ']'
           ELSE '/' || replace(replace(k, '~', '~0'), '/', '~1') END))",
      R"(CREATE OR REPLACE MACRO sf_is_null_value(x) AS CASE WHEN x IS NULL THEN NULL ELSE json_type(x) = 'NULL' END)",
      R"(CREATE OR REPLACE MACRO sf_is_array(x) AS json_type(x) = 'ARRAY')",
      R"(CREATE OR REPLACE MACRO sf_is_object(x) AS json_type(x) = 'OBJECT')",
      R"(CREATE OR REPLACE MACRO sf_typeof(x) AS CASE json_type(x) WHEN 'NULL' THEN 'NULL_VALUE' WHEN 'UBIGINT' THEN 'INTEGER' WHEN 'BIGINT' THEN 'INTEGER'
           WHEN 'HUGEINT' THEN 'INTEGER' WHEN 'DOUBLE' THEN CASE WHEN regexp_matches(CAST(x AS VARCHAR), '[eE]') OR length(regexp_replace(CAST(x AS VARCHAR), '[-.]', '', 'g')) > 38 THEN 'DOUBLE' ELSE 'DECIMAL' END
           ELSE json_type(x) END)",
      R"(CREATE OR REPLACE MACRO sf_get_path(x, p) AS json_extract(x, CASE WHEN p LIKE '[%' THEN '$' || p ELSE '$.' || p END))",
      R"(CREATE OR REPLACE MACRO sf_flatten_path(x) AS CASE WHEN x LIKE '$.%' THEN substr(x, 3) ELSE substr(x, 2) END)",
      R"(CREATE OR REPLACE MACRO sf_equal_null(a, b) AS (a IS NOT DISTINCT FROM b))",
      R"(CREATE OR REPLACE MACRO sf_zero_if_null(x) AS coalesce(x, 0))",
      R"(CREATE OR REPLACE MACRO sf_null_if_zero(x) AS nullif(x, 0))",
      R"(CREATE OR REPLACE MACRO sf_double(x) AS CAST(x AS DOUBLE))",
      R"(CREATE OR REPLACE MACRO sf_try_double(x) AS TRY_CAST(x AS DOUBLE))",
      // The words of TO_BOOLEAN [doc]; a number is true unless it is 0.
      R"(CREATE OR REPLACE MACRO sf_try_boolean(x) AS CASE WHEN lower(CAST(x AS VARCHAR)) IN ('true', 't', 'yes', 'y', 'on', '1') THEN TRUE
           WHEN lower(CAST(x AS VARCHAR)) IN ('false', 'f', 'no', 'n', 'off', '0') THEN FALSE END)",
      R"(CREATE OR REPLACE MACRO sf_to_boolean(x) AS CASE WHEN x IS NULL THEN NULL WHEN typeof(x) IN ('BOOLEAN', 'VARCHAR', '"NULL"')
           THEN coalesce(sf_try_boolean(x), CAST(error('Could not convert string "' || CAST(x AS VARCHAR) || '" to BOOL') AS BOOLEAN))
           ELSE CAST(x AS VARCHAR) NOT IN ('0', '0.0') END)",
      R"(CREATE OR REPLACE MACRO sf_trunc(x, n) AS CASE WHEN n = 0 THEN trunc(x) ELSE trunc(x * pow(10, n)) / pow(10, n) END)",
      R"(CREATE OR REPLACE MACRO sf_square(x) AS x * x)",
      R"(CREATE OR REPLACE MACRO sf_time(x) AS CAST(x AS TIME))",
      R"(CREATE OR REPLACE MACRO sf_try_time(x) AS TRY_CAST(x AS TIME))",
      R"(CREATE OR REPLACE MACRO sf_scaled_seconds(x, n) AS make_timestamp(CAST(CAST(x AS DECIMAL(30,6)) * 1000000 / pow(10, n) AS BIGINT)))",
      R"(CREATE OR REPLACE MACRO sf_date(x) AS CAST(x AS DATE))",
      R"(CREATE OR REPLACE MACRO sf_try_date(x) AS TRY_CAST(x AS DATE))",
      // Text to a time: an offset may stand after a blank, and one in a TIMESTAMP_NTZ is dropped, not applied. [doc]
      // A number becomes a time as seconds since 1970 [doc]; what is out of range is no time.
      R"(CREATE OR REPLACE MACRO sf_seconds(x) AS CASE WHEN abs(CAST(x AS DOUBLE)) > 253402300799
           THEN error('timestamp field value "' || x || '" is out of range') ELSE make_timestamp(CAST(CAST(x AS DECIMAL(24,6)) * 1000000 AS BIGINT)) END)",
      R"(CREATE OR REPLACE MACRO sf_ntz(x) AS CASE WHEN typeof(x) = 'VARCHAR'
           THEN CAST(regexp_replace(CAST(x AS VARCHAR), '(:[0-9]{2}(?:\.[0-9]+)?) *(?:Z|[+-][0-9]{2}:?(?:[0-9]{2})?)$', '\1') AS TIMESTAMP)
           WHEN typeof(x) IN ('INTEGER', 'BIGINT', 'HUGEINT') OR typeof(x) LIKE 'DECIMAL%' THEN sf_seconds(CAST(x AS VARCHAR)) ELSE CAST(x AS TIMESTAMP) END)",
      R"(CREATE OR REPLACE MACRO sf_ltz(x) AS CASE WHEN typeof(x) = 'VARCHAR'
           THEN CAST(regexp_replace(regexp_replace(CAST(x AS VARCHAR), '(:[0-9.]+) +([+-])', '\1\2'), '([+-][0-9]{2})([0-9]{2})$', '\1:\2') AS TIMESTAMPTZ)
           WHEN typeof(x) IN ('INTEGER', 'BIGINT', 'HUGEINT') OR typeof(x) LIKE 'DECIMAL%' THEN timezone('UTC', sf_seconds(CAST(x AS VARCHAR)))
           ELSE CAST(x AS TIMESTAMPTZ) END)",
      R"(CREATE OR REPLACE MACRO sf_try_timestamp(x) AS TRY_CAST(x AS TIMESTAMP))",
      R"(CREATE OR REPLACE MACRO sf_timestamp_ntz(x) AS CASE
           WHEN typeof(x) IN ('INTEGER', 'BIGINT', 'HUGEINT') OR typeof(x) LIKE 'DECIMAL%' THEN sf_seconds(CAST(x AS VARCHAR))
           WHEN typeof(x) = 'VARCHAR' THEN sf_ntz(CAST(x AS VARCHAR))
           ELSE CAST(CAST(CAST(x AS VARCHAR) AS TIMESTAMPTZ) AS TIMESTAMP) END)",
      R"(CREATE OR REPLACE MACRO sf_timestamp_ltz(x) AS sf_ltz(x))",
  };
  return kMacros;
}

}  // namespace imednet::sandbox::snowflake
