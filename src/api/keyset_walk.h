// keyset_walk.h: the records with ids in one range, page after page, in rising order.
//
// Where it stands: RecordQuestions → this → RecordReader (the whole study), range readers.   Memory: one page, two when it looks ahead.
// Promise: ids rise strictly and stay in the range. That nothing is missing is for whoever counts afterwards.
// Errors:  ApiError protocol: ids that do not rise, a list that does not end; decode: one record larger than allowed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "api/record_questions.h"
#include "api/record_view.h"

namespace imednet::api {

// Ids above `after` (nullopt: from the first) up to `upto`.
struct IdRange {
  std::optional<std::int64_t> after{};
  std::int64_t upto = 0;
  std::int64_t rows = 0;     // about so many are expected
  bool looks_ahead = false;  // the next page is asked for while this one is worked off: on a thread of its own, and one page more in memory
};

struct WalkFacts {
  std::int64_t read = 0, pages = 0, bytes = 0;
  std::int64_t first_id = 0, last_id = 0;  // where something was read
};

class KeysetWalk {
 public:
  // Refers to `questions`.
  KeysetWalk(const RecordQuestions& questions, const IdRange& range, int page_size = kPageSize);
  ~KeysetWalk();
  KeysetWalk(KeysetWalk&&) noexcept;
  KeysetWalk& operator=(KeysetWalk&&) noexcept;

  // The next record, valid until the next call; null after the last.
  const RecordView* next();
  const WalkFacts& facts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A page over the size limit is asked for again in halves, down to one record, which is then refused. `ask(size)` gives a page;
// `may_halve(size)`: pages of that size may follow those before.
[[noreturn]] void throw_record_too_large(std::optional<std::int64_t> last);
template <class Ask, class MayHalve>
Page page_in_halves(int& size, std::optional<std::int64_t> last, const Ask& ask, const MayHalve& may_halve) {
  for (;;) {
    try {
      return ask(size);
    } catch (const http::BodyTooLarge&) {
      if (size == 1 || !may_halve((size + 1) / 2)) throw_record_too_large(last);
      size = (size + 1) / 2;
    }
  }
}

// Pages beyond what the totals allow before a list counts as endless.
inline constexpr std::int64_t kExtraPages = 1'000;
void require_end_in_sight(std::int64_t pages, std::int64_t rows, int page_size);

}  // namespace imednet::api
