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
           WHEN typeof(x) = 'DOUBLE' THEN regexp_replace(CAST(x AS VARCHAR), '\.0$', '')
           ELSE CAST(x AS VARCHAR) END)",
      R"(CREATE OR REPLACE MACRO sf_divide(a, b) AS CASE WHEN b = 0 THEN error('Division by zero') ELSE a / b END)",
      R"(CREATE OR REPLACE MACRO sf_binary(x) AS CASE WHEN typeof(x) = 'BLOB' THEN CAST(x AS BLOB) ELSE unhex(CAST(x AS VARCHAR)) END)",
      R"(CREATE OR REPLACE MACRO sf_parse_json(x) AS CASE WHEN trim(x, ' ' || chr(9) || chr(10) || chr(13)) = '' THEN NULL ELSE CAST(x AS JSON) END)",
      R"(CREATE OR REPLACE MACRO sf_json_text(x) AS CAST(x AS VARCHAR))",
      R"(CREATE OR REPLACE MACRO sf_array_size(x) AS CASE WHEN json_type(x) = 'ARRAY' THEN json_array_length(x) END)",
      R"(CREATE OR REPLACE MACRO sf_object_keys(x) AS to_json(list_sort(json_keys(x))))",
      R"(CREATE OR REPLACE MACRO sf_is_null_value(x) AS CASE WHEN x IS NULL THEN NULL ELSE json_type(x) = 'NULL' END)",
      R"(CREATE OR REPLACE MACRO sf_is_array(x) AS json_type(x) = 'ARRAY')",
      R"(CREATE OR REPLACE MACRO sf_is_object(x) AS json_type(x) = 'OBJECT')",
      R"(CREATE OR REPLACE MACRO sf_typeof(x) AS CASE json_type(x) WHEN 'NULL' THEN 'NULL_VALUE' WHEN 'UBIGINT' THEN 'INTEGER' WHEN 'BIGINT' THEN 'INTEGER'
           WHEN 'HUGEINT' THEN 'INTEGER' ELSE json_type(x) END)",
      R"(CREATE OR REPLACE MACRO sf_get_path(x, p) AS json_extract(x, CASE WHEN p LIKE '[%' THEN '$' || p ELSE '$.' || p END))",
      R"(CREATE OR REPLACE MACRO sf_equal_null(a, b) AS (a IS NOT DISTINCT FROM b))",
      R"(CREATE OR REPLACE MACRO sf_zero_if_null(x) AS coalesce(x, 0))",
      R"(CREATE OR REPLACE MACRO sf_null_if_zero(x) AS nullif(x, 0))",
      R"(CREATE OR REPLACE MACRO sf_double(x) AS CAST(x AS DOUBLE))",
      R"(CREATE OR REPLACE MACRO sf_try_double(x) AS TRY_CAST(x AS DOUBLE))",
      R"(CREATE OR REPLACE MACRO sf_to_boolean(x) AS CAST(x AS BOOLEAN))",
      R"(CREATE OR REPLACE MACRO sf_date(x) AS CAST(x AS DATE))",
      R"(CREATE OR REPLACE MACRO sf_try_date(x) AS TRY_CAST(x AS DATE))",
      // Text to a time: an offset may stand after a blank, and one in a TIMESTAMP_NTZ is dropped, not applied. [doc]
      R"(CREATE OR REPLACE MACRO sf_ntz(x) AS CASE WHEN typeof(x) = 'VARCHAR'
           THEN CAST(regexp_replace(CAST(x AS VARCHAR), '(:[0-9]{2}(?:\.[0-9]+)?) *(?:Z|[+-][0-9]{2}:?(?:[0-9]{2})?)$', '\1') AS TIMESTAMP) ELSE CAST(x AS TIMESTAMP) END)",
      R"(CREATE OR REPLACE MACRO sf_ltz(x) AS CASE WHEN typeof(x) = 'VARCHAR'
           THEN CAST(regexp_replace(regexp_replace(CAST(x AS VARCHAR), '(:[0-9.]+) +([+-])', '\1\2'), '([+-][0-9]{2})([0-9]{2})$', '\1:\2') AS TIMESTAMPTZ) ELSE CAST(x AS TIMESTAMPTZ) END)",
      R"(CREATE OR REPLACE MACRO sf_try_timestamp(x) AS TRY_CAST(x AS TIMESTAMP))",
      R"(CREATE OR REPLACE MACRO sf_timestamp_ntz(x) AS CASE
           WHEN typeof(x) IN ('INTEGER', 'BIGINT', 'HUGEINT') OR typeof(x) LIKE 'DECIMAL%' THEN make_timestamp(CAST(TRY_CAST(CAST(x AS VARCHAR) AS DOUBLE) * 1000000 AS BIGINT))
           WHEN typeof(x) = 'VARCHAR' THEN sf_ntz(CAST(x AS VARCHAR))
           ELSE CAST(CAST(CAST(x AS VARCHAR) AS TIMESTAMPTZ) AS TIMESTAMP) END)",
      R"(CREATE OR REPLACE MACRO sf_timestamp_ltz(x) AS sf_ltz(x))",
  };
  return kMacros;
}

}  // namespace imednet::sandbox::snowflake
