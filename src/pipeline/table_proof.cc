#include "pipeline/table_proof.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "imednet/errors.h"
#include "pipeline/file_row_hashes.h"
#include "table/hashed_rows.h"
#include "table/record_rows.h"

namespace imednet::pipeline {
namespace {

using integrations::VerifiedStudy;
using ledger::PlannedFile;
using sinks::snowflake::PartSum;

using Parts = std::vector<const ProofPart*>;
using Places = std::map<const PlannedFile*, std::filesystem::path>;

// Finds the files of a part. Empty: all are there; else what is missing.
std::string find_files(const ProofPart& part, ProofFiles& files, Places& places) {
  std::vector<const PlannedFile*> wanted = part.later;
  if (part.file != nullptr) wanted.push_back(part.file);
  for (const PlannedFile* file : wanted) {
    if (places.contains(file)) continue;
    const auto place = files.find(*file);
    if (!place) return file->batch_id;
    places[file] = *place;
  }
  return "";
}

std::string fault_of(const ProofPart& part, const PartSum& found, const std::string& gone) {
  if (!part.sum) {
    return fmt::format(
        "the rows of the batch {} can't be compared: the file of {} is neither kept here nor on the stage, and there is no "
        "checksum of them",
        part.file == nullptr ? "" : part.file->batch_id, gone);
  }
  return fmt::format(
      "the rows of the batch {} (records {} to {}) are not those that were loaded: {} were, {} are there; which of them differ can't be "
      "told, since the file of {} is neither kept here nor on the stage",
      part.file == nullptr ? "" : part.file->batch_id, part.file == nullptr ? 0 : part.file->first_record_id,
      part.file == nullptr ? 0 : part.file->last_record_id, part.sum->rows, found.rows, gone);
}

// The parts whose files are all at hand; the others are faults.
Parts comparable(const Parts& unclear, const std::vector<ProofPart>& all, const std::vector<PartSum>& found, ProofFiles& files,
                 Places& places, VerifiedStudy& result) {
  Parts parts;
  for (const ProofPart* part : unclear) {
    const std::string gone = find_files(*part, files, places);
    if (gone.empty()) {
      parts.push_back(part);
    } else {
      result.faults.push_back(fault_of(*part, found[static_cast<std::size_t>(part - all.data())], gone));
    }
  }
  return parts;
}

std::vector<ReadingFiles> readings_of(const ledger::StudyPlan& plan, const Parts& parts, const Places& places) {
  std::set<const PlannedFile*> wanted;
  for (const ProofPart* part : parts) {
    if (part->file != nullptr) wanted.insert(part->file);
    wanted.insert(part->later.begin(), part->later.end());
  }
  std::vector<ReadingFiles> readings;
  for (const ledger::PlanLayer& layer : plan.layers) {
    ReadingFiles files;
    for (const PlannedFile& file : layer.files) {
      if (wanted.contains(&file)) files.push_back(places.at(&file));
    }
    if (!files.empty()) readings.push_back(std::move(files));
  }
  return readings;
}

// Neighbours as one range, so that the statement stays short.
std::vector<IdsBetween> ranges_of(const Parts& parts) {
  std::vector<IdsBetween> ranges;
  for (const ProofPart* part : parts) {
    if (!ranges.empty() && ranges.back().second == part->ids.first) {
      ranges.back().second = part->ids.second;
    } else {
      ranges.push_back(part->ids);
    }
  }
  return ranges;
}

std::int64_t compare_records(const ProvenTable& table, const Parts& parts, const Places& places, Differences& differences) {
  const std::vector<IdsBetween> ranges = ranges_of(parts);
  std::optional<ExpectedRows> expected;
  std::optional<RowComparer> comparer;
  Differences found;
  const auto start = [&] {
    found = {.kept = differences.kept};
    comparer.reset();
    expected.emplace(readings_of(table.plan, parts, places), ranges);
    comparer.emplace(*expected, found);
  };
  table.loader.read_live_rows(table.plan.study, ranges, start, [&](const arrow::RecordBatch& batch) {
    const table::RecordRows rows(batch);
    for (std::int64_t i = 0; i < rows.size(); ++i) comparer->take(rows.row(i), rows.hash(i));
    table.run.report_step("comparing", comparer->compared(), 0);
  });
  comparer->finish();
  differences.add_all(found);
  return comparer->compared();
}

// Typed rows have no cell that could be spelled in two ways: the hash of a row's values says all. One reading, each part a file of it.
std::int64_t compare_typed(const ProvenTable& table, const Parts& parts, const Places& places, Differences& differences) {
  const std::vector<ReadingFiles> readings = readings_of(table.plan, parts, places);
  std::optional<FileRowHashes> expected;
  std::optional<IdComparer> comparer;
  Differences found;
  const auto start = [&] {
    found = {.kept = differences.kept};
    comparer.reset();
    expected.emplace(readings.empty() ? ReadingFiles() : readings.front());
    comparer.emplace([&expected] { return expected->next(); }, found);
  };
  table::HashedRows rows(table.loader.shape().layout());
  table.loader.read_live_rows(table.plan.study, ranges_of(parts), start, [&](const arrow::RecordBatch& batch) {
    rows.open(batch);
    for (std::int64_t i = 0; i < rows.size(); ++i) {
      comparer->take(rows.id(i), [&] {
        const std::string hash(expected->computed());
        return hash == expected->stored() && hash == rows.stored(i) && hash == rows.computed(i);
      });
    }
    table.run.report_step("comparing", comparer->compared(), 0);
  });
  comparer->finish();
  differences.add_all(found);
  return comparer->compared();
}

std::int64_t rows_of(const ledger::StudyPlan& plan) {
  std::int64_t rows = 0;
  for (const PlannedFile& file : plan.layers.front().files) rows += file.rows;
  return rows - plan.layers.front().rows_twice;
}

// What the sums named stands before what the rows named.
integrations::RecordIds by_id(integrations::RecordIds ids) {
  std::sort(ids.ids.begin(), ids.ids.end());
  return ids;
}

}  // namespace

void prove_table(const ProvenTable& table, const Checksums& checksums, ProofFiles& files, std::size_t ids_kept, VerifiedStudy& result) {
  const ledger::StudyPlan& plan = table.plan;
  const std::vector<ProofPart> parts = proof_parts(plan, checksums);
  for (const ledger::PlanLayer& layer : plan.layers) result.files += static_cast<std::int64_t>(layer.files.size());
  table.run.report_step("verifying", 0, 0);
  const std::vector<PartSum> found = table.loader.part_sums(plan.study, ends_of(parts));
  result.statements = 1;
  for (const PartSum& part : found) result.rows_found += part.rows;
  Differences differences{.kept = ids_kept};
  Places places;
  const Parts unclear = comparable(parts_that_differ(parts, found, differences), parts, found, files, places, result);
  if (!unclear.empty()) {
    result.statements = 2;
    result.rows_compared = (plan.typed ? compare_typed : compare_records)(table, unclear, places, differences);
  }
  result.missing = by_id(std::move(differences.missing));
  result.extra = by_id(std::move(differences.extra));
  result.stale = by_id(std::move(differences.stale));
  const bool is_one_reading = plan.layers.size() == 1;
  // What partial readings add is known by the comparison alone.
  result.rows_expected = is_one_reading ? rows_of(plan) : result.rows_found + result.missing.count - result.extra.count;
}

}  // namespace imednet::pipeline
