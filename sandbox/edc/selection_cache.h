#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace imednet::sandbox::edc {

// The ranks a query selects, in the order asked for. A run of neighbours is kept as its two ends, so that paging by key costs
// nothing per row of the study.
struct Selection {
  std::size_t first = 0;
  std::size_t count = 0;
  bool descending = false;
  std::vector<std::uint32_t> ranks;  // used instead of the run when it is not one
  bool listed = false;

  std::size_t size() const { return listed ? ranks.size() : count; }
  std::size_t rank_at(std::size_t place) const {
    if (listed) {
      return descending ? ranks[ranks.size() - 1 - place] : ranks[place];
    }
    return descending ? first + count - 1 - place : first + place;
  }
};

// The last few listed selections, so that paging through a filter does not evaluate it again for every page.
class SelectionCache {
 public:
  std::shared_ptr<const Selection> find(const std::string& query) const {
    const std::scoped_lock lock(mutex_);
    for (const auto& [key, selection] : entries_) {
      if (key == query) {
        return selection;
      }
    }
    return nullptr;
  }

  void keep(std::string query, std::shared_ptr<const Selection> selection) {
    const std::scoped_lock lock(mutex_);
    entries_.emplace_back(std::move(query), std::move(selection));
    if (entries_.size() > kEntries) {
      entries_.pop_front();
    }
  }

 private:
  static constexpr std::size_t kEntries = 8;

  mutable std::mutex mutex_;
  std::deque<std::pair<std::string, std::shared_ptr<const Selection>>> entries_;
};

}  // namespace imednet::sandbox::edc
