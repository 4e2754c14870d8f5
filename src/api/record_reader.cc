#include "api/record_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include <optional>
#include <vector>

#include "api/record_cursor.h"

namespace imednet::api {
namespace {

using errors::ErrorCode;
using errors::RetryClass;

constexpr int kHighestAsked = 10;            // times; each answer has to be overtaken by a new record
constexpr std::int64_t kExtraPages = 1'000;  // pages beyond what the totals allow before an endless list is given up

[[noreturn]] void throw_protocol(const std::string& cause) {
  throw errors::ApiError(fmt::format("cannot read from iMednet: {}", cause), {.code = ErrorCode::protocol,
                                                                              .hint = "report it to iMednet support; nothing was loaded",
                                                                              .origin = {.system = "imednet", .http_status = 200}});
}

// What was read does not agree with what is asked about it: the study changed, and another reading may be whole.
[[noreturn]] void throw_counts_differ(const std::string& cause) {
  throw errors::ApiError(cause, {.code = ErrorCode::counts_differ,
                                 .hint = "run again when the study is at rest",
                                 .retry = RetryClass::backoff,
                                 .origin = {.system = "imednet"}});
}

}  // namespace

struct RecordReader::State {
  enum class Phase { start, keyset, offset, done };

  State(Client& api, std::string study_key, ListOptions list_options, int size)
      : client(api),
        study(std::move(study_key)),
        options(std::move(list_options)),
        page_size(size),
        current_size(size),
        requests_before(api.requests()) {}

  Client& client;
  std::string study;
  ListOptions options;
  int page_size, current_size;
  std::int64_t requests_before;
  Phase phase = Phase::start;
  ReadProof proof;
  Page page;
  RecordCursor cursor;
  std::int64_t in_page = 0;  // records the page has shown so far
  bool is_last_page = false;
  std::optional<std::int64_t> last;  // highest id seen
  std::int64_t offset = 0;           // records before the page (offset paging)
  std::vector<std::int64_t> ids;     // offset paging only: for the second sweep

  std::string path() const { return fmt::format("/studies/{}/records", encode(study)); }

  Page fetch(std::string_view sort, int size, std::int64_t number, const std::optional<std::int64_t>& above) {
    std::string filter = options.filter;
    if (above) filter += fmt::format("{}recordId>{}", filter.empty() ? "" : ";", *above);
    Query query = {{"page", std::to_string(number)}, {"size", std::to_string(size)}, {"sort", std::string(sort)}};
    if (!filter.empty()) query.emplace_back("filter", filter);
    if (!options.record_data_filter.empty()) query.emplace_back("recordDataFilter", options.record_data_filter);
    Page fetched = client.get_page(path(), query);
    if (fetched.total_elements < 0) throw_protocol("the page does not say how many records there are");
    proof.bytes += static_cast<std::int64_t>(fetched.body.size());
    if (proof.first_answer_timestamp.empty()) proof.first_answer_timestamp = fetched.timestamp;
    return fetched;
  }

  std::int64_t count_above(const std::optional<std::int64_t>& id) { return fetch("recordId,asc", 1, 0, id).total_elements; }

  std::optional<std::int64_t> only_id(const Page& one) {
    cursor.open(one);
    const RecordView* record = cursor.next();
    return record == nullptr ? std::nullopt : std::optional(record->record_id);
  }

  // The id that the API calls the highest, and how many records there are then.
  std::optional<std::int64_t> ask_highest() {
    const Page highest = fetch("recordId,desc", 1, 0, std::nullopt);
    proof.expected = highest.total_elements;
    return only_id(highest);
  }

  // Finds the highest id and whether the API honours filter and sort at all.
  void start() {
    const auto id = ask_highest();
    if (!id && proof.expected > 0) throw_protocol("the API says that there are records and shows none");
    if (!id) {
      phase = Phase::done;
      return;
    }
    proof.highest_id = *id;
    phase = can_add_to_filter() && is_filter_honoured() ? Phase::keyset : Phase::offset;
    if (phase == Phase::offset) proof.method = "offset";
    next_page();
  }

  // Asks for what lies above the highest id, until that is nothing. Records there were made since the highest was asked for, or it
  // was not the highest: what is above it counts as made later and is not read, so neither is taken on trust.
  bool is_filter_honoured() {
    for (int asked = 0; asked < kHighestAsked; ++asked) {
      const Page above = fetch("recordId,asc", 1, 0, proof.highest_id);
      const auto id = only_id(above);
      if (!id) return above.total_elements == 0;
      if (*id <= proof.highest_id) return false;
      const auto newer = ask_highest();
      if (!newer || *newer <= proof.highest_id) throw_protocol("the API ignores the sort");
      proof.highest_id = *newer;
    }
    throw_counts_differ(
        fmt::format("cannot read study {}: whatever is its highest record, there is one above it, {} times", study, kHighestAsked));
  }

  // An attribute may stand once in a filter. (An "or" in it binds weaker than the term added and so shows as not honoured.)
  bool can_add_to_filter() const { return options.filter.find("recordId") == std::string::npos; }

  // A page over the size limit is asked for again in halves, down to one record, which is then refused.
  void next_page() {
    const std::int64_t most_pages = proof.expected / current_size + kExtraPages;
    if (proof.pages > most_pages) throw_protocol("the list does not end");
    for (;;) {
      try {
        page = phase == Phase::keyset ? fetch("recordId,asc", current_size, 0, last)
                                      : fetch("recordId,asc", current_size, offset / current_size, std::nullopt);
        break;
      } catch (const http::BodyTooLarge&) {
        // Offset pages must start where the last one ended, so their size only halves while it divides the offset.
        if (current_size == 1 || (phase == Phase::offset && offset % ((current_size + 1) / 2) != 0)) {
          throw errors::ApiError(fmt::format("cannot read from iMednet: the record after {} is larger than allowed",
                                             last ? std::to_string(*last) : "the start"),
                                 {.code = ErrorCode::decode, .hint = "report it; nothing was loaded", .origin = {.system = "imednet"}});
        }
        current_size = (current_size + 1) / 2;
      }
    }
    ++proof.pages;
    in_page = 0;
    cursor.open(page);
  }

  const RecordView* take(const RecordView* record) {
    if (phase == Phase::keyset && last && record->record_id <= *last)
      throw_protocol("record ids do not rise: a page came again, or sorting is ignored");
    if (phase == Phase::offset) {
      if (ids.size() > 1 && record->record_id == ids.front()) throw_protocol("the list does not end: its first record came twice");
      ids.push_back(record->record_id);
    }
    if (proof.read == 0) proof.first_id = record->record_id;
    ++proof.read;
    ++in_page;
    last = proof.last_id = record->record_id;
    return record;
  }

  const RecordView* next() {
    if (phase == Phase::start) start();
    while (phase != Phase::done) {
      const RecordView* record = cursor.next();
      if (record != nullptr && phase == Phase::keyset && record->record_id > proof.highest_id) record = nullptr;  // made after the start
      if (record != nullptr) return take(record);
      const bool is_complete = phase == Phase::keyset
                                   ? in_page == 0 || page.total_elements <= in_page || (last && *last >= proof.highest_id)
                                   : in_page < current_size || offset + in_page >= page.total_elements;
      if (is_complete) {
        if (phase == Phase::offset && offset + in_page < page.total_elements) require_end();
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
    page = fetch("recordId,asc", current_size, offset / current_size + 1, std::nullopt);
    if (only_id(page)) throw_protocol("the list does not end: after a page that was not full another one came");
    page.total_elements = total;
  }

  void finish() {
    if (phase == Phase::offset) sweep_again();
    // A record made between the two questions spoils the difference, never so that too few look complete: ask again then.
    for (int asked = 0; phase == Phase::keyset && asked < 3 && (asked == 0 || proof.read != proof.expected); ++asked) {
      const std::int64_t above = count_above(proof.highest_id);
      proof.expected = count_above(std::nullopt) - above;
    }
    phase = Phase::done;
    if (proof.read == proof.expected) return;
    throw_counts_differ(fmt::format("cannot read study {} completely: {} records were read and the API holds {}; it changed meanwhile",
                                    study, proof.read, proof.expected));
  }

  // Without a filter nothing else proves that no record slipped between two pages.
  void sweep_again() {
    std::size_t position = 0;
    proof.expected = page.total_elements;
    for (std::int64_t number = 0; position < ids.size(); ++number) {
      const Page again = fetch("recordId,asc", current_size, number, std::nullopt);
      proof.expected = again.total_elements;
      cursor.open(again);
      const std::size_t before = position;
      for (const RecordView* record = cursor.next(); record != nullptr; record = cursor.next(), ++position) {
        if (position >= ids.size() || record->record_id != ids[position]) {
          throw_counts_differ(fmt::format("cannot read study {} completely: two sweeps by offset found different records", study));
        }
      }
      if (position == before) break;
    }
    std::vector<std::int64_t> sorted = ids;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) throw_protocol("a record came twice: a page was repeated");
  }
};

RecordReader::RecordReader(Client& client, std::string study, ListOptions options, int page_size)
    : state_(std::make_unique<State>(client, std::move(study), std::move(options), page_size)) {}
RecordReader::~RecordReader() = default;
RecordReader::RecordReader(RecordReader&&) noexcept = default;
RecordReader& RecordReader::operator=(RecordReader&&) noexcept = default;

const RecordView* RecordReader::next() { return state_->next(); }

ReadProof RecordReader::proof() const {
  ReadProof proof = state_->proof;
  proof.requests = state_->client.requests() - state_->requests_before;
  return proof;
}

}  // namespace imednet::api
