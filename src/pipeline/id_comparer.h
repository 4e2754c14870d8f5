// id_comparer.h: rows that are there beside those that should be, by rising id; what differs is named by id.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "imednet/integrations/verify.h"

namespace imednet::pipeline {

// What differs. The first `kept` ids of each kind.
struct Differences {
  std::size_t kept = 0;
  integrations::RecordIds missing{}, extra{}, stale{};

  void add(integrations::RecordIds& kind, std::int64_t id) const;
  void add_all(const Differences& others);
  // Moved into it.
  void tell(integrations::VerifiedStudy& result);
};

class IdComparer {
 public:
  // `next`: goes to the next row that should be there and says its id; nullopt behind the last one. `differences` outlives this.
  IdComparer(std::function<std::optional<std::int64_t>()> next, Differences& differences);

  // A row that is there, by rising id. `is_same`: whether it is the one that should be; asked where that is at hand.
  void take(std::int64_t id, const std::function<bool()>& is_same);
  // After the last one.
  void finish();
  std::int64_t compared() const noexcept { return compared_; }

 private:
  void advance();

  std::function<std::optional<std::int64_t>()> next_;
  Differences& differences_;
  std::optional<std::int64_t> expected_;
  bool is_met_ = false;  // a row of that id was there
  std::int64_t compared_ = 0;
};

}  // namespace imednet::pipeline
