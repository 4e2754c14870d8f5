#include "api/pace.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "api/shared_budget.h"
#include "core/retry.h"

namespace imednet::api {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr double kFirstWidth = 2, kMostWidth = 32;
constexpr double kSlowest = 0.1;  // requests a second
constexpr double kClimb = 1.1;    // a second
constexpr double kFreeAgain = 4;  // times the rate that is used: the rate in force no longer matters
constexpr int kSlowAnswer = 2;    // times the quickest one: no wider
constexpr milliseconds kQuickEnough{20};
constexpr seconds kOneTrouble{1};               // answers to requests that were under way together are one piece of news
constexpr std::int64_t kRefusalsToLearn = 3;    // within a minute; fewer may have any reason
constexpr std::int64_t kFewestLearntFrom = 10;  // good answers within the minute
constexpr std::size_t kTimesKept = 20'000;

std::optional<std::int64_t> number_before(std::string_view text, std::string_view unit) {
  if (!text.ends_with(unit)) return std::nullopt;
  text.remove_suffix(unit.size());
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = read.ec == std::errc() && read.ptr == text.data() + text.size() && value >= 1 && value <= 1'000'000;
  return is_number ? std::optional(value) : std::nullopt;
}

milliseconds rounded_up(steady_clock::duration duration) { return std::chrono::ceil<milliseconds>(duration); }

}  // namespace

std::optional<RateLimits> parse_rate(std::string_view text) {
  if (text.empty() || text == "auto") return RateLimits{};
  if (text == "presumed") return RateLimits{.per_minute = 100, .per_hour = 1'000};
  RateLimits limits;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, comma);
    const auto minute = number_before(part, "/min"), hour = number_before(part, "/h");
    std::int64_t& limit = minute ? limits.per_minute : limits.per_hour;
    if ((!minute && !hour) || limit != 0) return std::nullopt;
    limit = minute ? *minute : *hour;
    if (comma + 1 == text.size()) return std::nullopt;
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return limits;
}

void RequestLog::forget(Time now) {
  while (!times_.empty() && now - times_.front() >= span_) times_.pop_front();
}

void RequestLog::add(Time when) {
  times_.push_back(when);
  if (times_.size() > std::max(kTimesKept, static_cast<std::size_t>(limit_))) times_.pop_front();
}

milliseconds RequestLog::wait(Time now) {
  forget(now);
  const auto held = static_cast<std::int64_t>(times_.size());
  if (limit_ == 0 || held < limit_) return milliseconds(0);
  return std::max(milliseconds(1), rounded_up(times_[static_cast<std::size_t>(held - limit_)] + span_ - now));
}

std::int64_t RequestLog::count(Time now) {
  forget(now);
  return static_cast<std::int64_t>(times_.size());
}

Pace::Pace(const RateLimits& limits, core::Clock& clock)
    : clock_(clock),
      longest_hold_(limits.longest_hold),
      minute_(std::chrono::minutes(1), limits.per_minute),
      hour_(std::chrono::hours(1), limits.per_hour),
      learnt_(std::chrono::minutes(1)),
      width_(kFirstWidth) {
  if (!limits.shared_file.empty()) shared_ = std::make_unique<SharedBudget>(limits);
}

Pace::~Pace() = default;

milliseconds Pace::wait(Time now) {
  milliseconds longest = std::max(milliseconds(0), rounded_up(hold_until_ - now));
  for (RequestLog* log : {&minute_, &hour_, &learnt_}) longest = std::max(longest, log->wait(now));
  if (rate_) longest = std::max(longest, rounded_up(last_sent_ + milliseconds(std::llround(1000 / *rate_)) - now));
  if (longest.count() == 0 && shared_) longest = shared_->take(clock_.utc_now());
  return longest;
}

[[noreturn]] static void throw_late() {
  throw ImednetError("cannot go on: the pace of requests leaves none before the deadline",
                     {.code = errors::ErrorCode::timeout, .hint = "allow more time, or a higher rate", .origin = {.system = "local"}});
}

Pace::Turn Pace::begin(const std::stop_token& stop, std::optional<Time> end) {
  std::unique_lock lock(mutex_);
  const auto is_free = [this] { return in_flight_ < static_cast<int>(width_); };
  for (;;) {
    const bool may_go = end ? freed_.wait_until(lock, stop, *end, is_free) : freed_.wait(lock, stop, is_free);
    if (stop.stop_requested()) core::throw_cancelled();
    if (!may_go) throw_late();
    const milliseconds longest = wait(clock_.now());
    if (longest.count() <= 0) break;
    if (end && clock_.now() + longest >= *end) throw_late();
    lock.unlock();
    if (!clock_.sleep(longest, stop)) core::throw_cancelled();
    lock.lock();
  }
  const Time now = clock_.now();
  for (RequestLog* log : {&minute_, &hour_, &learnt_}) {
    if (log->limit() > 0) log->add(now);
  }
  if (first_sent_ == Time{}) first_sent_ = now;
  recent_.add(now);
  last_sent_ = now;
  ++in_flight_;
  return {*this, now};
}

void Pace::end(Time begun, bool is_good) {
  const Time now = clock_.now();
  --in_flight_;
  if (is_good) {
    good_.add(now);
    climb(now);
  }
  adapt_width(now, now - begun, is_good);
  freed_.notify_all();
}

void Pace::adapt_width(Time now, steady_clock::duration took, bool is_good) {
  if (!is_good) {
    if (had_trouble_ && now - last_trouble_ < kOneTrouble) return;
    had_trouble_ = true;
    last_trouble_ = now;
    width_ = std::max(1.0, width_ / 2);
    return;
  }
  quickest_ = std::min(took, quickest_.value_or(took));
  if (took > kSlowAnswer * *quickest_ && took > kQuickEnough) return;
  width_ = std::min(kMostWidth, width_ + (had_trouble_ ? 1 / width_ : 1));
}

// Several may be refused at once: that is one piece of news.
void Pace::slow_down(Time now, std::optional<milliseconds> retry_after) {
  if (retry_after) hold_until_ = std::max(hold_until_, now + std::min(*retry_after, longest_hold_));
  const bool is_news = !was_throttled_ || now - last_throttle_ >= kOneTrouble;
  if (!is_news) return;
  refusals_.add(now);
  if (refusals_.count(now) >= kRefusalsToLearn && good_.count(now) >= kFewestLearntFrom) learnt_.set_limit(good_.count(now));
  const double used = used_rate(now);
  rate_ = std::max(kSlowest, rate_.value_or(used) / 2);
  was_throttled_ = true;
  last_throttle_ = last_climb_ = now;
}

void Pace::climb(Time now) {
  if (learnt_.limit() > 0 && now - last_throttle_ >= std::chrono::minutes(1) && now - last_climb_ >= std::chrono::minutes(1)) {
    learnt_.set_limit(learnt_.limit() + std::max<std::int64_t>(1, learnt_.limit() / 10));
    last_climb_ = now;
  }
  if (!rate_ || now - last_climb_ < seconds(1)) return;
  const double seconds_passed = std::min(60.0, std::chrono::duration<double>(now - last_climb_).count());
  *rate_ *= std::pow(kClimb, std::floor(seconds_passed));
  last_climb_ = now;
  if (*rate_ > kFreeAgain * used_rate(now)) rate_.reset();
}

// Requests a second, of late.
double Pace::used_rate(Time now) {
  const double seconds_passed = std::clamp(std::chrono::duration<double>(now - first_sent_).count(), 1.0, 10.0);
  return static_cast<double>(std::max<std::int64_t>(1, recent_.count(now))) / seconds_passed;
}

int Pace::width() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(width_);
}

std::optional<double> Pace::rate() const {
  const std::lock_guard lock(mutex_);
  return rate_;
}

std::optional<std::int64_t> Pace::learnt_limit() const {
  const std::lock_guard lock(mutex_);
  return learnt_.limit() > 0 ? std::optional(learnt_.limit()) : std::nullopt;
}

Pace::Turn::~Turn() { failed(); }

void Pace::Turn::answered() {
  if (Pace* pace = std::exchange(pace_, nullptr)) {
    const std::lock_guard lock(pace->mutex_);
    pace->end(begun_, true);
  }
}

void Pace::Turn::failed() {
  if (Pace* pace = std::exchange(pace_, nullptr)) {
    const std::lock_guard lock(pace->mutex_);
    pace->end(begun_, false);
  }
}

void Pace::Turn::throttled(std::optional<milliseconds> retry_after) {
  if (Pace* pace = std::exchange(pace_, nullptr)) {
    const std::lock_guard lock(pace->mutex_);
    pace->slow_down(pace->clock_.now(), retry_after);
    pace->end(begun_, false);
  }
}

}  // namespace imednet::api
