#include "api/record_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "api/keyset_walk.h"
#include "api/record_cursor.h"
#include "api/record_questions.h"

namespace imednet::api {

struct RecordReader::State {
  enum class Phase { start, keyset, offset, done };

  State(Client& api, std::string study_key, ListOptions options, int size, CallLimits limits)
      : questions(api, std::move(study_key), std::move(options), std::move(limits)),
        page_size(size),
        current_size(size),
        requests_before(api.requests()) {}

  RecordQuestions questions;
  int page_size, current_size;
  std::int64_t requests_before;
  Phase phase = Phase::start;
  StudyStart start;
  ReadProof proof;
  std::optional<KeysetWalk> walk;
  std::int64_t bytes_besides = 0;  // of answers that are not the walk's
  // Offset paging only.
  Page page;
  RecordCursor cursor;
  std::int64_t in_page = 0;          // records the page has shown so far
  std::optional<std::int64_t> last;  // id seen
  std::int64_t offset = 0;           // records before the page
  std::vector<std::int64_t> ids;     // for the second sweep

  const StudyStart& started() {
    if (phase == Phase::start) begin();
    return start;
  }

  void begin() {
    start = start_study(questions);
    proof.expected = start.records;
    proof.first_answer_timestamp = start.timestamp;
    bytes_besides = start.bytes;
    proof.bytes = bytes_besides;
    if (!start.highest_id) {
      phase = Phase::done;
      return;
    }
    proof.highest_id = *start.highest_id;
    if (start.is_keyset) {
      phase = Phase::keyset;
      walk.emplace(questions, IdRange{.upto = proof.highest_id, .rows = proof.expected}, page_size);
    } else {
      phase = Phase::offset;
      proof.method = "offset";
      next_page();
    }
  }

  const RecordView* next_of_walk() {
    const RecordView* record = walk->next();
    const WalkFacts& facts = walk->facts();
    proof.read = facts.read;
    proof.pages = facts.pages;
    proof.bytes = bytes_besides + facts.bytes;
    proof.first_id = facts.first_id;
    proof.last_id = facts.last_id;
    if (record == nullptr) finish_walk();
    return record;
  }

  Page count_bytes(Page fetched) {
    bytes_besides += static_cast<std::int64_t>(fetched.body.size());
    proof.bytes = bytes_besides;
    return fetched;
  }

  // Offset pages must start where the last one ended, so their size only halves while it divides the offset.
  void next_page() {
    require_end_in_sight(proof.pages, proof.expected, current_size);
    page = page_in_halves(
        current_size, last, [&](int size) { return count_bytes(questions.page_at(offset / size, size)); },
        [&](int size) { return offset % size == 0; });
    ++proof.pages;
    in_page = 0;
    cursor.open(page);
  }

  const RecordView* take(const RecordView* record) {
    if (ids.size() > 1 && record->record_id == ids.front()) throw_protocol("the list does not end: its first record came twice");
    ids.push_back(record->record_id);
    if (proof.read == 0) proof.first_id = record->record_id;
    ++proof.read;
    ++in_page;
    last = proof.last_id = record->record_id;
    return record;
  }

  const RecordView* next() {
    if (phase == Phase::start) begin();
    if (phase == Phase::keyset) return next_of_walk();
    while (phase != Phase::done) {
      const RecordView* record = cursor.next();
      if (record != nullptr) return take(record);
      const bool is_complete = in_page < current_size || offset + in_page >= page.total_elements;
      if (is_complete) {
        if (offset + in_page < page.total_elements) require_end();
        sweep_again();
        finish();
      } else {
        offset += in_page;
        next_page();
      }
    }
    return nullptr;
  }

  // The page was not full and its total promises more. An empty page after it: the total is wrong, or the study changed, as
  // the counts will tell. Records after it: a list that goes on for ever.
  void require_end() {
    const std::int64_t total = page.total_elements;
    page = count_bytes(questions.page_at(offset / current_size + 1, current_size));
    if (only_id(page)) throw_protocol("the list does not end: after a page that was not full another one came");
    page.total_elements = total;
  }

  void finish_walk() {
    // A record made between the two questions spoils the difference, never so that too few look complete: ask again then.
    for (int asked = 0; asked < 3 && (asked == 0 || proof.read != proof.expected); ++asked) {
      const std::int64_t above = count_bytes(questions.page_above(proof.highest_id, 1)).total_elements;
      proof.expected = count_bytes(questions.page_above(std::nullopt, 1)).total_elements - above;
    }
    proof.bytes = bytes_besides + walk->facts().bytes;
    finish();
  }

  void finish() {
    phase = Phase::done;
    if (proof.read == proof.expected) return;
    throw_counts_differ(fmt::format("cannot read study {} completely: {} records were read and the API holds {}; it changed meanwhile",
                                    questions.study(), proof.read, proof.expected));
  }

  // Without a filter nothing else proves that no record slipped between two pages.
  void sweep_again() {
    std::size_t position = 0;
    proof.expected = page.total_elements;
    for (std::int64_t number = 0; position < ids.size(); ++number) {
      const Page again = count_bytes(questions.page_at(number, current_size));
      proof.expected = again.total_elements;
      cursor.open(again);
      const std::size_t before = position;
      for (const RecordView* record = cursor.next(); record != nullptr; record = cursor.next(), ++position) {
        if (position >= ids.size() || record->record_id != ids[position]) {
          throw_counts_differ(
              fmt::format("cannot read study {} completely: two sweeps by offset found different records", questions.study()));
        }
      }
      if (position == before) break;
    }
    std::vector<std::int64_t> sorted = ids;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) throw_protocol("a record came twice: a page was repeated");
  }
};

RecordReader::RecordReader(Client& client, std::string study, ListOptions options, int page_size, std::optional<CallLimits> limits)
    : state_(std::make_unique<State>(client, std::move(study), std::move(options), page_size,
                                     std::move(limits).value_or(CallLimits{.stop = client.settings().stop}))) {}
RecordReader::~RecordReader() = default;
RecordReader::RecordReader(RecordReader&&) noexcept = default;
RecordReader& RecordReader::operator=(RecordReader&&) noexcept = default;

const RecordView* RecordReader::next() { return state_->next(); }

const StudyStart& RecordReader::start() { return state_->started(); }

ReadProof RecordReader::proof() const {
  ReadProof proof = state_->proof;
  proof.requests = state_->questions.client().requests() - state_->requests_before;
  return proof;
}

}  // namespace imednet::api
