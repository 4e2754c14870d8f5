// Which files a COPY loads.
#include <algorithm>

#include "copy_into.h"
#include "load_history.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

std::string below(const std::string& prefix, const std::string& name) {
  const bool joined = prefix.empty() || prefix.back() == '/' || name.starts_with("/");
  return prefix + (joined ? "" : "/") + name;
}

}  // namespace

void CopyInto::missing_file(const std::string& path) const {
  throw SqlError("091016", "22000",
                 "Remote file '" + to_lower(stage_.name.name) + "/" + path +
                     "' was not found. There are several potential causes. The file might not exist.");
}

// FILES are names below the path of FROM; the path itself is a prefix, not a directory.
// A named file that is missing ends the statement [doc], or is one that failed where errors are passed over [inferred].
void CopyInto::find_candidates() {
  const std::string& prefix = statement_.source.path;
  std::vector<StagedFile> there = executor_.state_.stages.list(stage_, prefix);
  keep_matching(there);
  if (!statement_.files_given) {
    for (const StagedFile& file : there) candidates_.emplace_back().file = file;
    return;
  }
  for (const std::string& name : statement_.files) {
    const std::string wanted = below(prefix, name);
    const bool twice = std::any_of(candidates_.begin(), candidates_.end(), [&](const Candidate& one) { return one.file.path == wanted; });
    if (twice) continue;
    const auto found = std::find_if(there.begin(), there.end(), [&](const StagedFile& file) { return file.path == wanted; });
    if (found != there.end()) {
      candidates_.emplace_back().file = *found;
      continue;
    }
    try {
      missing_file(wanted);
    } catch (const SqlError& error) {
      if (statement_.on_error == OnError::abort_statement) throw;
      Candidate missing;
      missing.file.path = wanted;
      missing.status = "LOAD_FAILED";
      missing.errors = 1;
      missing.first_error.message = error.what();
      candidates_.push_back(missing);
    }
  }
}

// The expression has to match all that follows FROM's path. [doc: FROM's path is cut off; inferred: from end to end]
void CopyInto::keep_matching(std::vector<StagedFile>& files) const {
  if (!statement_.pattern || files.empty()) return;
  std::string rows;
  for (const StagedFile& file : files) {
    std::string rest = file.path.substr(statement_.source.path.size());
    while (rest.starts_with("/")) rest.erase(0, 1);
    rows += (rows.empty() ? "(" : ", (") + quote_text(rest) + ")";
  }
  ResultSet answer;
  try {
    answer = executor_.session_.query("SELECT regexp_full_match(path, " + quote_text(*statement_.pattern) + ") FROM (VALUES " + rows +
                                      ") AS staged(path)");
  } catch (const EngineError&) {
    throw SqlError("100048", "2201B", "Invalid regular expression: '" + *statement_.pattern + "'");
  }
  std::vector<StagedFile> kept;
  for (size_t i = 0; i < files.size(); ++i) {
    if (answer.rows[i][0] == "1") kept.push_back(files[i]);
  }
  files = kept;
}

// Loaded in the last 64 days: said so. Not known any more whether it was: passed over without a word. [doc]
void CopyInto::skip_loaded() {
  if (statement_.force) return;
  const LoadedFiles known = loaded_files(executor_.session_, table_.id, executor_.now_us_);
  const int64_t horizon = executor_.now_us_ - kLoadHistoryUs;
  std::erase_if(candidates_, [&](Candidate& candidate) {
    if (!candidate.status.empty()) return false;
    const std::string key = std::to_string(stage_.id) + "/" + candidate.file.path;
    if (const auto found = known.digests.find(key); found != known.digests.end() && found->second == candidate.file.md5) {
      candidate.status = "LOAD_SKIPPED";
      candidate.errors = 1;
      candidate.first_error.message = "File was loaded before.";
      return false;
    }
    const bool uncertain = known.first_load_us && *known.first_load_us <= horizon && candidate.file.modified_us <= horizon;
    return uncertain && !statement_.load_uncertain_files;
  });
}

// At least one file is loaded; the one that passes the limit is the last. [doc]
void CopyInto::stop_at_size_limit() {
  if (statement_.size_limit == 0) return;
  long long size = 0;
  std::erase_if(candidates_, [&](const Candidate& candidate) {
    if (!candidate.status.empty()) return false;
    const bool is_over = size >= statement_.size_limit;
    size += candidate.file.size;
    return is_over;
  });
}

}  // namespace imednet::sandbox::snowflake
