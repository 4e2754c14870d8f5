#include "sinks/snowflake/verify_statements.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <limits>
#include <vector>

#include "sinks/snowflake/checksum_answer.h"
#include "sinks/snowflake/sql_maker_internal.h"
#include "table/records_layout.h"

namespace imednet::sinks::snowflake {
namespace {

constexpr std::int64_t kModulus = 2'147'483'647;  // a prime below 2^31: its remainders times any id stay far below 38 digits

// The number of the part an id belongs to, found by halving.
std::string part_of(const TableShape& shape, std::span<const std::int64_t> ends, std::size_t first) {
  if (ends.empty()) return std::to_string(first);
  const std::size_t middle = ends.size() / 2;
  return fmt::format("IFF({} <= {}, {}, {})", shape.key(), ends[middle], part_of(shape, ends.subspan(0, middle), first),
                     part_of(shape, ends.subspan(middle + 1), first + middle + 1));
}

// Halved as well, so that many terms nest little.
std::string sum_of(std::span<const std::string> terms) {
  if (terms.size() == 1) return terms.front();
  const std::size_t middle = terms.size() / 2;
  return fmt::format("({} + {})", sum_of(terms.subspan(0, middle)), sum_of(terms.subspan(middle)));
}

std::string selected(const TargetColumn& column, table::ColumnKind kind) {
  std::string name = Identifier::own(column.name).sql();
  switch (kind) {
    case table::ColumnKind::timestamp:
    case table::ColumnKind::moment:
      return fmt::format("DATEDIFF(MICROSECOND, '1970-01-01'::TIMESTAMP_NTZ, {}) AS {}", name, name);
    case table::ColumnKind::json:
      return fmt::format("TO_JSON({}) AS {}", name, name);
    default:
      return name;
  }
}

std::string condition(const std::string& key, const IdsBetween& part) {
  constexpr auto kNone = std::numeric_limits<std::int64_t>::min();
  constexpr auto kAll = std::numeric_limits<std::int64_t>::max();
  if (part.first == kNone && part.second == kAll) return "TRUE";
  if (part.first == kNone) return fmt::format("{} <= {}", key, part.second);
  if (part.second == kAll) return fmt::format("{} > {}", key, part.first);
  return fmt::format("({0} > {1} AND {0} <= {2})", key, part.first, part.second);
}

}  // namespace

std::string row_digest(const TableShape& shape) {
  const bool is_typed = shape.layout().name != table::kRecordsLayout;
  std::vector<std::string> terms;
  for (const TargetColumn& column : shape.columns()) {
    if (!column.in_file) continue;
    const std::string name = Identifier::own(column.name).sql();
    terms.push_back(is_typed ? fmt::format("NVL2({1}, HASH({0}, {1}), 0)", literal(column.name), name) : name);
  }
  return is_typed ? sum_of(terms) : fmt::format("HASH({})", fmt::join(terms, ", "));
}

// Three columns and no text put together: that is left to us.
std::string checksum_of(const TableShape& shape, std::string_view digest) {
  return fmt::format(
      "TO_VARCHAR(SUM({0})) AS \"SUM_A\", TO_VARCHAR(SUM(MOD({0}, {1}))) AS \"SUM_B\", TO_VARCHAR(SUM(MOD({0}, {1}) * {2})) "
      "AS \"SUM_C\"",
      digest, kModulus, shape.key());
}

std::string checksum_in(const db::Answer& answer, std::size_t row) {
  const auto sum = [&](std::string_view name) { return answer.at(row, name).value_or(""); };
  if (sum("SUM_A").empty()) return "";
  return fmt::format("{}:{}:{}", sum("SUM_A"), sum("SUM_B"), sum("SUM_C"));
}

SqlText part_checksums(const ObjectName& target, const TableShape& shape, std::string_view study, std::span<const std::int64_t> ends) {
  return SqlMaker::make(
      "SELECT {} AS \"PART\", COUNT(*) AS \"ROW_COUNT\", {} FROM (SELECT {}, {} AS \"DIGEST\" FROM {} WHERE "
      "\"STUDY_KEY\" = {} AND \"_DELETED_AT\" IS NULL) GROUP BY 1",
      part_of(shape, ends, 0), checksum_of(shape, "\"DIGEST\""), shape.key(), row_digest(shape), target.sql(), literal(study));
}

SqlText part_rows(const ObjectName& target, const TableShape& shape, std::string_view study, std::span<const IdsBetween> parts) {
  std::vector<std::string> columns, conditions;
  const auto layout = shape.layout().columns;
  for (std::size_t i = 0; i < layout.size(); ++i) columns.push_back(selected(shape.columns()[i], layout[i].kind));
  for (const IdsBetween& part : parts) conditions.push_back(condition(shape.key(), part));
  return SqlMaker::make("SELECT {} FROM {} WHERE \"STUDY_KEY\" = {} AND \"_DELETED_AT\" IS NULL AND ({}) ORDER BY {}",
                        fmt::join(columns, ", "), target.sql(), literal(study), fmt::join(conditions, " OR "), shape.key());
}

}  // namespace imednet::sinks::snowflake
