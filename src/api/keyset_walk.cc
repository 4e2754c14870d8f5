#include "api/keyset_walk.h"

#include <fmt/format.h>

#include <charconv>
#include <future>
#include <stop_token>

#include "api/record_cursor.h"

namespace imednet::api {
namespace {

constexpr std::size_t kMostAhead = 4u << 20;  // bytes of a page; larger ones are not held twice

// A guess at the id of the page's last record that costs no reading: an answer may have that name, too.
std::optional<std::int64_t> last_id_seen(const Page& page) {
  constexpr std::string_view kName = "\"recordId\"";
  const std::string_view data = std::string_view(page.body).substr(page.data_begin, page.data_size);
  const std::size_t name = data.rfind(kName);
  if (name == std::string_view::npos) return std::nullopt;
  const std::size_t digits = data.find_first_not_of(": ", name + kName.size());
  std::int64_t id = 0;
  if (digits == std::string_view::npos || std::from_chars(data.data() + digits, data.data() + data.size(), id).ec != std::errc())
    return std::nullopt;
  return id;
}

// A page that is on its way. Whether it is the one that is wanted is seen when it is.
class PageAhead {
 public:
  explicit PageAhead(const RecordQuestions& questions)
      : questions_(questions.with_stop(stop_.get_token())), outer_(questions.stop(), [this] { stop_.request_stop(); }) {}
  ~PageAhead() { stop_.request_stop(); }  // the request ends, and so does its thread
  PageAhead(const PageAhead&) = delete;
  PageAhead& operator=(const PageAhead&) = delete;

  void ask(std::int64_t above, int size) {
    above_ = above;
    size_ = size;
    page_ = std::async(std::launch::async, [this, above, size] { return questions_.page_above(above, size); });
  }
  // Throws what its request threw.
  std::optional<Page> take(std::optional<std::int64_t> above, int size) {
    if (!page_.valid()) return std::nullopt;
    std::future<Page> page = std::move(page_);
    if (above == above_ && size == size_) return page.get();
    page.wait();
    return std::nullopt;
  }

 private:
  std::stop_source stop_;
  RecordQuestions questions_;
  std::stop_callback<std::function<void()>> outer_;
  std::int64_t above_ = 0;
  int size_ = 0;
  std::future<Page> page_;  // first to go
};

}  // namespace

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
  std::unique_ptr<PageAhead> ahead{};

  void next_page() {
    require_end_in_sight(facts.pages, range.rows, page_size);
    page = page_in_halves(
        page_size, last, [&](int size) { return ask(size); }, [](int) { return true; });
    ++facts.pages;
    facts.bytes += static_cast<std::int64_t>(page.body.size());
    in_page = 0;
    look_ahead();
    cursor.open(page);
  }

  Page ask(int size) {
    if (ahead) {
      if (std::optional<Page> there = ahead->take(last, size)) return *std::move(there);
    }
    return questions.page_above(last, size);
  }

  void look_ahead() {
    if (!range.looks_ahead || page.body.size() > kMostAhead || page.total_elements <= page_size) return;
    const auto id = last_id_seen(page);
    if (!id || *id >= range.upto || (last && *id <= *last)) return;
    if (!ahead) ahead = std::make_unique<PageAhead>(questions);
    ahead->ask(*id, page_size);
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
