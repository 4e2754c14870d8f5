#include "ledger/chain_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/digest.h"
#include "imednet/errors.h"

namespace imednet::ledger {
namespace {

using errors::ErrorCode;

// What a changed manifest has in place of the line of a file that some run wrote; empty: nothing is wrong with this one.
std::string fault_of(const PlannedFile& file, const StudyPlan& plan, const Manifest& manifest) {
  const auto is_of_file = [&](const ManifestLine& line) { return line.stage_path == file.stage_path && line.table == plan.table; };
  const auto line = std::find_if(manifest.lines.rbegin(), manifest.lines.rend(), is_of_file);
  if (line == manifest.lines.rend()) return fmt::format("the batch {} has no line", file.batch_id);
  // A column that came since makes other bytes of the same typed rows.
  const bool has_same_bytes = plan.typed || (line->bytes == file.bytes && line->sha256 == file.sha256);
  const bool is_same = line->batch_id == file.batch_id && line->row_count == file.rows && has_same_bytes && line->hash == file.hash;
  return is_same ? "" : fmt::format("the line of the batch {} says something else than its run wrote", file.batch_id);
}

// The hash says that something was changed; where, is known as far as the totals name the same files.
std::string place_of_change(const RunTotals& totals, const Manifest& manifest) {
  for (const StudyPlan& plan : totals.plans) {
    for (const PlanLayer& layer : plan.layers) {
      for (const PlannedFile& file : layer.files) {
        if (std::string fault = fault_of(file, plan, manifest); !fault.empty()) return ": " + fault;
      }
    }
  }
  return "";
}

void check_sums(const RunTotals& totals, const std::filesystem::path& path, std::vector<std::string>& faults) {
  if (!totals.is_reconciled) faults.push_back(fmt::format("{}: the counts of the run {} did not agree", path.string(), totals.run_id));
  std::int64_t rows = 0, bytes = 0, files = 0;
  bool is_new = false;
  for (const StudyPlan& plan : totals.plans) {
    if (plan.layers.back().run_id != totals.run_id) continue;
    is_new = true;
    if (plan.typed && !plan.typed->holds_records()) continue;  // the sums are of records
    for (const PlannedFile& file : plan.layers.back().files) {
      ++files;
      if (file.part == 1) rows += file.rows;
      bytes += file.bytes;
    }
  }
  if (!is_new || (rows == totals.rows_staged && bytes == totals.bytes_staged && files == totals.files)) return;
  faults.push_back(fmt::format("{}: its files have {} rows and {} bytes, its sums are {} and {}", path.string(), rows, bytes,
                               totals.rows_staged, totals.bytes_staged));
}

void check_manifest(const RunTotals& totals, std::string_view text, const std::filesystem::path& path, ChainCheck& check) {
  const auto bytes = static_cast<std::size_t>(totals.manifest_bytes);
  if (totals.manifest_name != path.filename().string())
    check.faults.push_back(fmt::format("{}: its run totals were written for a manifest named {}", path.string(), totals.manifest_name));
  if (text.size() < bytes) {
    check.faults.push_back(fmt::format("{}: it has {} bytes, and {} when the run {} ended{}", path.string(), text.size(), bytes,
                                       totals.run_id, place_of_change(totals, check.manifest)));
    return;
  }
  if (core::sha256_hex(text.substr(0, bytes)) != totals.manifest_sha256) {
    check.faults.push_back(fmt::format("{}: its first {} bytes are not those that were there when the run {} ended{}", path.string(), bytes,
                                       totals.run_id, place_of_change(totals, check.manifest)));
    return;
  }
  const std::string_view after = text.substr(bytes);
  check.lines_after = std::count(after.begin(), after.end(), '\n') + (!after.empty() && after.back() != '\n' ? 1 : 0);
}

}  // namespace

ChainCheck check_chain(const std::filesystem::path& manifest) {
  ChainCheck check;
  const std::string text = read_text_file(manifest, "the manifest");
  try {
    check.manifest = parse_manifest(text, manifest);
  } catch (const ImednetError& error) {
    check.faults.emplace_back(error.what());
  }
  const std::filesystem::path path = run_totals_path(manifest);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    check.faults.push_back(fmt::format("{} is not there: no export ended well with this manifest, or somebody removed it", path.string()));
    return check;
  }
  try {
    check.totals = parse_run_totals(read_text_file(path, "the run totals"), path);
  } catch (const ImednetError& error) {
    if (error.code() != ErrorCode::corrupt && error.code() != ErrorCode::unsupported) throw;
    check.faults.emplace_back(error.what());
    return check;
  }
  if (!check.totals->broken.empty()) check.faults.push_back(fmt::format("{}: {}", path.string(), check.totals->broken));
  check_manifest(*check.totals, text, manifest, check);
  check_sums(*check.totals, path, check.faults);
  return check;
}

}  // namespace imednet::ledger
