// load_plan.h: what a run does with a study's files, decided from what was counted; nothing here talks to anyone.
//
// Source: ADR 0012 (modes), 0021 (merge, vanished records, the guard against a shrunken study).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "imednet/integrations/warehouse.h"
#include "sinks/snowflake/load_ledger.h"
#include "sinks/snowflake/merge_statements.h"
#include "sinks/snowflake/stage_transfer.h"

namespace imednet::sinks::snowflake {

using FormRows = std::map<std::string, std::int64_t, std::less<>>;  // form key ("" for none) -> rows

inline constexpr std::size_t kFilesACopy = 1000;  // Snowflake's limit for FILES

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

enum class LoadMethod {
  nothing,  // every file is in, and no other row of the study is there
  copy,     // straight into the table: the study is not there yet
  merge,    // through a temporary table; vanished records are marked
  replace,  // through a temporary table; the study's rows are deleted and inserted
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

// Rows that changed were read and written, and yet the study's live rows are not as many as the API's records: all must be read.
// Nothing was changed.
class StudyNotWhole : public errors::ExportError {
 public:
  using ExportError::ExportError;
};
[[noreturn]] void throw_not_whole(const std::string& study, std::int64_t live, std::int64_t in_api);

// `known` against the study's files; counts of the table are filled in by the caller.
LoadPlan compare(const StudyRead& read, LoadedFiles known, const std::function<std::string(const staging::StagedFile&)>& path_of);

// These pending files were found in the table.
void take_as_in(LoadPlan& plan, const Files& adopted);

// Throws ExportError counts_differ when rows of loaded files are missing from the table.
LoadMethod choose(const LoadPlan& plan, const integrations::SnowflakeSinkConfig& config, const std::string& study,
                  const std::string& table);

// Throws ExportError shrink when a form that had rows has none, or fewer than half of the study's rows are left.
void require_no_shrink(const LoadPlan& plan, const StudyRead& read, const std::string& table);

// Paths of the files that no longer stand for all of their ids when rows with these (rising) were changed or inserted: those whose
// range holds one, and for one between two files the later of them.
std::vector<std::string> files_touched(const LoadedFiles& known, std::span<const std::int64_t> record_ids);

// Record ids whose rows are taken care of by the files that are in: neighbours in the plan are one range.
std::vector<IdRange> kept_ranges(const StudyRead& read, const LoadPlan& plan);

}  // namespace imednet::sinks::snowflake
