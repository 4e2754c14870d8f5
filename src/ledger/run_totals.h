// run_totals.h: <manifest>.run.json: the newest run's report, the chain to manifest and former totals, and the files of each study.
//
// Shape:  the report's own members, then "chain", "plans" and "hash" (SHA-256 of all that stands before it). One object, replaced
//         atomically; names, counts and hashes, never record contents.
// Promise: an edit of the manifest's bytes between two runs is not healed by the second one: its totals say what was broken.
// Errors: ImednetError io / no_space; corrupt for a file that is not what was written.
// Source: docs/formats/manifest.md, "Run totals"; ADR 0024.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "imednet/integrations/layout.h"

namespace imednet::ledger {

// One staged file whose rows the destination holds.
struct PlannedFile {
  std::string batch_id{}, stage_path{}, hash{}, sha256{};
  std::int64_t rows = 0, bytes = 0, first_record_id = 0, last_record_id = 0;
  std::int64_t part = 1;  // a further one's rows were counted with the first
};

// The files of one run, by record id. A partial reading (`since`) lies over what was there before.
struct PlanLayer {
  std::string run_id{}, since{};
  std::int64_t rows_twice = 0;  // rows of the files that were left out, since a newer one of the same record was there
  std::vector<PlannedFile> files{};
};

// What a typed table is, and how its newest run came to its rows.
struct TypedTable {
  struct Column {
    std::string name, kind;
    friend bool operator==(const Column&, const Column&) = default;
  };
  std::string base;                     // the table that was named, in three parts
  std::string series;                   // what stands in its batches' ids between study and number: "forms/DM", "dimensions/SITE"
  integrations::LayoutChoice choice{};  // what of the study came along
  std::vector<Column> columns{};        // of the layout, in its order
  bool holds_records() const { return series.starts_with("forms/"); }
};

// What stands in one table of one study: the last whole reading, then the partial ones after it.
struct StudyPlan {
  std::string study, table;
  std::vector<PlanLayer> layers;
  std::optional<TypedTable> typed{};  // nullopt: a table of layout `records`
};

// What a run that ended well leaves. `report`: one JSON object as text. `plans`: a table each, with the layer that this run adds.
struct RunEnd {
  std::string report{};
  std::vector<StudyPlan> plans{};
  bool is_unchanged = false;  // nothing was read but what says that the plans before still stand
};

struct RunTotals {
  std::string run_id, manifest_name, manifest_sha256, previous_sha256;
  std::int64_t manifest_bytes = 0;                            // of the manifest's beginning, which the SHA-256 is of
  std::int64_t runs = 0;                                      // in the chain, this one included
  std::string broken;                                         // what this or a former run found wrong with the chain; empty: nothing
  std::int64_t rows_staged = 0, bytes_staged = 0, files = 0;  // as the report has them
  std::string study, table;                                   // of the report
  bool is_reconciled = false;
  std::vector<StudyPlan> plans;

  const StudyPlan* find(std::string_view study_key, std::string_view table_text) const;
};

std::filesystem::path run_totals_path(const std::filesystem::path& manifest);

// Replaces the totals beside the manifest, which is made when it is missing. Runs that end at the same time do so one after the other.
void write_run_totals(const std::filesystem::path& manifest, const RunEnd& end);

// Judges the text as well. Throws corrupt; unsupported for totals without a chain, as versions before this one wrote them.
RunTotals parse_run_totals(std::string_view text, const std::filesystem::path& path);

}  // namespace imednet::ledger
