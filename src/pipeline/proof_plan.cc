#include "pipeline/proof_plan.h"

#include <fmt/format.h>

#include <limits>

#include "imednet/errors.h"
#include "pipeline/checksum.h"

namespace imednet::pipeline {
namespace {

using ledger::PlannedFile;
using sinks::snowflake::PartSum;

constexpr std::int64_t kBeforeAll = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kAfterAll = std::numeric_limits<std::int64_t>::max();

void require_order(const PlannedFile& file, std::int64_t after) {
  if (file.first_record_id > after && file.last_record_id >= file.first_record_id) return;
  throw errors::ExportError(
      fmt::format("cannot compare the batch {}: its records are not apart from those of the batch before it", file.batch_id),
      {.code = errors::ErrorCode::unsupported,
       .hint = "the API did not sort when it was read; export the study again",
       .origin = {.system = "local"}});
}

void lay_over(std::vector<ProofPart>& parts, const PlannedFile& file) {
  for (ProofPart& part : parts) {
    if (file.last_record_id <= part.ids.first || file.first_record_id > part.ids.second) continue;
    part.later.push_back(&file);
    part.sum.reset();
  }
}

std::optional<PartSum> sum_of(const PlannedFile& file, const Checksums& checksums) {
  const auto known = checksums.find(file.hash);
  if (known == checksums.end() || known->second.empty()) return std::nullopt;
  return PartSum{file.rows, known->second};
}

}  // namespace

std::vector<ProofPart> proof_parts(const ledger::StudyPlan& plan, const Checksums& checksums) {
  std::vector<ProofPart> parts;
  std::int64_t after = kBeforeAll;
  bool is_whole_reading = true;
  for (const ledger::PlanLayer& layer : plan.layers) {
    for (const PlannedFile& file : layer.files) {
      if (file.rows == 0 || !is_whole_reading) continue;
      require_order(file, after);
      parts.push_back({{after, file.last_record_id}, &file});
      if (layer.rows_twice == 0) parts.back().sum = sum_of(file, checksums);
      after = file.last_record_id;
    }
    if (is_whole_reading && parts.empty()) parts.push_back({{kBeforeAll, kAfterAll}, nullptr, {}, PartSum{}});
    if (is_whole_reading) parts.back().ids.second = kAfterAll;
    if (!is_whole_reading) {
      for (const PlannedFile& file : layer.files) {
        if (file.rows > 0) lay_over(parts, file);
      }
    }
    is_whole_reading = false;
  }
  return parts;
}

std::vector<std::int64_t> ends_of(const std::vector<ProofPart>& parts) {
  std::vector<std::int64_t> ends;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) ends.push_back(parts[i].ids.second);
  return ends;
}

std::vector<const ProofPart*> parts_that_differ(const std::vector<ProofPart>& parts, const std::vector<PartSum>& found,
                                                Differences& differences) {
  std::vector<const ProofPart*> unclear;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const ProofPart& part = parts[i];
    if (part.sum && part.sum->rows == found[i].rows && part.sum->checksum == found[i].checksum) continue;
    const auto id = part.sum ? only_difference(*part.sum, found[i]) : std::nullopt;
    if (!id || *id <= part.ids.first || *id > part.ids.second) {
      unclear.push_back(&part);
      continue;
    }
    const std::int64_t more = found[i].rows - part.sum->rows;
    differences.add(more < 0 ? differences.missing : more > 0 ? differences.extra : differences.stale, *id);
  }
  return unclear;
}

}  // namespace imednet::pipeline
