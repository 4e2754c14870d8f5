// study_load.h: a study's files, what a destination holds of it, and what has to be done with them: the same for every destination.
//
// Where it stands: staged files, a destination's ledger and counts → this → what that destination then does. Nothing here talks to anyone.
// Source: ADR 0012 (modes), 0021 (merge, vanished records, the guard against a shrunken study).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "imednet/integrations/warehouse.h"
#include "staging/staged_file.h"

namespace imednet::sinks {

using Files = std::vector<const staging::StagedFile*>;
using FormRows = std::map<std::string, std::int64_t, std::less<>>;  // form key ("" for none) -> rows
using IdRange = std::pair<std::int64_t, std::int64_t>;              // record ids, both ends in it

// The study as it was read and staged just now.
struct StudyRead {
  std::string study;
  Files files;  // in the order of their record ids
  FormRows forms;
};

// The study's rows in the table.
struct StudyState {
  std::int64_t rows = 0;      // all of them
  std::int64_t live = 0;      // not marked deleted
  std::int64_t live_ids = 0;  // different records among those
  std::int64_t of_run = 0;    // written by this run
};

// What the destination's ledger remembers of one file.
struct LoadedFile {
  std::string batch_id, hash, sha256;
  std::int64_t rows = 0;
  std::int64_t first_record_id = 0, last_record_id = 0;
};
using LoadedFiles = std::map<std::string, LoadedFile, std::less<>>;  // path of the file -> what was loaded from it

// "auto", "merge", "replace", "append".
std::string_view mode_name(integrations::WriteMode mode);

enum class LoadMethod {
  nothing,  // every file is in, and no other row of the study is there
  copy,     // straight into the table: the study is not there yet
  merge,    // rows are inserted or updated; vanished records are marked
  replace,  // the study's rows are deleted and inserted
  append,   // straight into the table, whatever is there
};
std::string_view method_name(LoadMethod method);

struct LoadPlan {
  std::set<const staging::StagedFile*> adopted;  // of `in`: found in the table, unknown to the ledger until now
  Files in, pending;                             // what the ledger knows, and the rest
  LoadedFiles known;                             // the ledger's view of the study
  std::vector<std::string> others;               // paths the ledger knows that are not in this plan
  std::int64_t rows_in = 0, rows_pending = 0;
  StudyState there;
  FormRows forms;                              // of live rows, as they stand before this run
  std::optional<std::int64_t> records_in_api;  // the files hold only what changed: so many live rows the study must come to
};

// What the settings and the destination allow.
struct LoadRules {
  integrations::WriteMode mode = integrations::WriteMode::automatic;
  bool idempotent = true;        // false: every file is loaded again
  std::size_t files_a_copy = 0;  // more files than that don't go straight into the table; 0: any number may
  std::string_view system{};     // the destination, as errors name their origin
};

enum class FileStatus { loaded, merged, skipped, adopted };
std::string_view status_name(FileStatus status);

struct FileOutcome {
  const staging::StagedFile* file = nullptr;
  FileStatus status = FileStatus::loaded;
  std::int64_t rows_loaded = 0;
};

// What loading a study came to. Every number was counted by the destination.
struct LoadResult {
  LoadMethod method = LoadMethod::nothing;
  std::vector<FileOutcome> outcomes;                      // one a file, in order
  FormRows before;                                        // live rows before the run
  std::int64_t inserted = 0, updated = 0, unchanged = 0;  // rows of files that were loaded now
  std::int64_t twice = 0;                                 // rows left out, since a newer one of the same record was there
  std::int64_t vanished = 0;                              // rows marked deleted
};

// Throws when the API still has one of these records (rising ids).
using ConfirmGone = std::function<void(std::span<const std::int64_t>)>;

// `known` against the study's files; counts of the table are filled in by the caller.
LoadPlan compare(const StudyRead& read, LoadedFiles known, const std::function<std::string(const staging::StagedFile&)>& path_of);

// These pending files were found in the table.
void take_as_in(LoadPlan& plan, const Files& adopted);

// Throws ExportError counts_differ when rows of loaded files are missing from the table.
LoadMethod choose(const LoadPlan& plan, const LoadRules& rules, const std::string& study, const std::string& table);

struct PlannedLoad {
  LoadPlan plan;
  LoadMethod method = LoadMethod::nothing;
};
// One table's part of a study.
struct PlannedRead {
  const StudyRead* read = nullptr;
  const PlannedLoad* load = nullptr;
};

// Of append, replace, merge and copy the one that comes first.
LoadMethod stronger(LoadMethod one, LoadMethod other);
// Adds what another table of the study came to; the method is the stronger one.
void add_result(LoadResult& all, const LoadResult& one);

// Throws ExportError shrink when a form that had rows has none, or fewer than half of the study's rows are left.
// The tables of records are judged as a whole: half of the study may be gone from one form and stand in another. Where rows are only
// added nothing can shrink.
void require_no_shrink(std::span<const PlannedRead> tables, const std::string& table, std::string_view system);

// Rows that changed were read and written, and yet the study's live rows are not as many as the API's records: all must be read.
// Nothing was changed.
class StudyNotWhole : public errors::ExportError {
 public:
  using ExportError::ExportError;
};
[[noreturn]] void throw_not_whole(const std::string& study, std::int64_t live, std::int64_t in_api, std::string_view system);

// Record ids whose rows are taken care of by the files that are in: neighbours in the plan are one range.
std::vector<IdRange> kept_ranges(const StudyRead& read, const LoadPlan& plan);

}  // namespace imednet::sinks
