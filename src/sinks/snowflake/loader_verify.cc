// loader_verify.cc: what stands in the table, for a proof after the fact.
#include "sinks/snowflake/checksum_answer.h"
#include "sinks/snowflake/loader.h"

namespace imednet::sinks::snowflake {

std::vector<PartSum> Loader::part_sums(const std::string& study, std::span<const std::int64_t> ends) {
  std::vector<PartSum> parts;
  attempt("verify", [&] {
    const db::Answer answer = session_.run(part_checksums(table_, shape_, study, ends), "verify");
    parts.assign(ends.size() + 1, {});
    for (std::size_t row = 0; row < answer.rows.size(); ++row) {
      const auto part = static_cast<std::size_t>(answer.number(row, "PART"));
      if (part >= parts.size())
        throw ImednetError("cannot read an answer: it has a part nobody asked for", {.code = errors::ErrorCode::protocol});
      parts[part] = {answer.number(row, "ROW_COUNT"), checksum_in(answer, row)};
    }
  });
  return parts;
}

void Loader::read_live_rows(const std::string& study, std::span<const IdsBetween> parts, const std::function<void()>& on_start,
                            const std::function<void(const arrow::RecordBatch&)>& visit) {
  attempt("verify", [&] {
    on_start();
    session_.read(part_rows(table_, shape_, study, parts), "verify", visit);
  });
}

}  // namespace imednet::sinks::snowflake
