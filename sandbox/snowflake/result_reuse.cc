#include "result_reuse.h"

namespace imednet::sandbox::snowflake {

namespace {

constexpr int64_t kKeptUs = 24LL * 3600 * 1000000;
constexpr size_t kMostKept = 10000;

}  // namespace

bool ResultReuse::reuses(const Query& query, const std::set<int64_t>& tables, const TableLocks& locks, int64_t now_us) {
  std::map<int64_t, int64_t> versions;
  for (const int64_t table : tables) versions[table] = locks.version(table);
  const std::lock_guard lock(mutex_);
  if (const auto found = kept_.find(query);
      found != kept_.end() && found->second.versions == versions && now_us < found->second.since_us + kKeptUs) {
    return true;
  }
  if (kept_.size() >= kMostKept) kept_.clear();
  kept_[query] = {versions, now_us};
  return false;
}

}  // namespace imednet::sandbox::snowflake
