#include "api/keyset_walk.h"

#include <fmt/format.h>

#include "api/record_cursor.h"

namespace imednet::api {

void throw_record_too_large(std::optional<std::int64_t> last) {
  throw errors::ApiError(
      fmt::format("cannot read from iMednet: the record after {} is larger than allowed", last ? std::to_string(*last) : "the start"),
      {.code = errors::ErrorCode::decode, .hint = "report it; nothing was loaded", .origin = {.system = "imednet"}});
}

void require_end_in_sight(std::int64_t pages, std::int64_t rows, int page_size) {
  if (pages > rows / page_size + kExtraPages) throw_protocol("the list does not end");
}

struct KeysetWalk::State {
  const RecordQuestions& questions;
  IdRange range;
  int page_size;
  Page page{};
  RecordCursor cursor{};
  WalkFacts facts{};
  std::optional<std::int64_t> last{};  // highest id seen
  std::int64_t in_page = 0;            // records the page has shown so far
  bool is_started = false, is_done = false;

  void next_page() {
    require_end_in_sight(facts.pages, range.rows, page_size);
    page = page_in_halves(
        page_size, last, [&](int size) { return questions.page_above(last, size); }, [](int) { return true; });
    ++facts.pages;
    facts.bytes += static_cast<std::int64_t>(page.body.size());
    in_page = 0;
    cursor.open(page);
  }

  const RecordView* take(const RecordView* record) {
    if (last && record->record_id <= *last) throw_protocol("record ids do not rise: a page came again, or sorting is ignored");
    if (facts.read == 0) facts.first_id = record->record_id;
    ++facts.read;
    ++in_page;
    last = facts.last_id = record->record_id;
    return record;
  }

  const RecordView* next() {
    if (!is_started) {
      is_started = true;
      last = range.after;
      next_page();
    }
    while (!is_done) {
      const RecordView* record = cursor.next();
      if (record != nullptr && record->record_id > range.upto) record = nullptr;  // of the next range, or made after the start
      if (record != nullptr) return take(record);
      is_done = in_page == 0 || page.total_elements <= in_page || (last && *last >= range.upto);
      if (!is_done) next_page();
    }
    return nullptr;
  }
};

KeysetWalk::KeysetWalk(const RecordQuestions& questions, const IdRange& range, int page_size)
    : state_(std::make_unique<State>(State{.questions = questions, .range = range, .page_size = page_size})) {}
KeysetWalk::~KeysetWalk() = default;
KeysetWalk::KeysetWalk(KeysetWalk&&) noexcept = default;
KeysetWalk& KeysetWalk::operator=(KeysetWalk&&) noexcept = default;

const RecordView* KeysetWalk::next() { return state_->next(); }
const WalkFacts& KeysetWalk::facts() const { return state_->facts; }

}  // namespace imednet::api
