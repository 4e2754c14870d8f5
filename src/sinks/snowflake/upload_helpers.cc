#include "sinks/snowflake/upload_helpers.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "core/log.h"
#include "imednet/errors.h"

namespace imednet::sinks::snowflake {
namespace {

constexpr std::size_t kFilesASession = 4;
constexpr std::size_t kFilesWorthIt = 8;
constexpr std::chrono::milliseconds kTick{100};

}  // namespace

bool UploadHelpers::are_worth_it(std::size_t files) const { return are_there() && files >= kFilesWorthIt; }

void UploadHelpers::give(Upload upload) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(upload));
  const std::size_t wanted = (waiting_.size() + kFilesASession - 1) / kFilesASession;
  if (living_ < wanted && helpers_.size() < static_cast<std::size_t>(most_)) {
    ++living_;
    const int number = ++opened_;
    helpers_.emplace_back([this, number] { work(number); });
  }
  changed_.notify_all();
}

bool UploadHelpers::next(Upload& upload) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return is_ending_ || !waiting_.empty(); });
  if (waiting_.empty()) return false;
  upload = std::move(waiting_.front());
  waiting_.pop_front();
  ++busy_;
  return true;
}

// A helper that can't sign in leaves the rest to the others.
void UploadHelpers::work(int number) {
  std::unique_ptr<Session> session;
  bool goes_on = true;
  for (Upload upload; goes_on && next(upload);) {
    bool is_sent = false;
    try {
      if (!session) session = open_(number);
      put_(*session, upload);
      is_sent = true;
    } catch (const std::exception& error) {
      core::log_detail(fmt::format("a helper could not PUT: {}", error.what()));
      goes_on = session != nullptr;
    }
    const std::lock_guard lock(mutex_);
    --busy_;
    if (is_sent) ++done_;
    if (!goes_on) --living_;
    changed_.notify_all();
  }
  try {
    if (session) session->close();
  } catch (const std::exception& error) {
    core::log_detail(fmt::format("a helper could not sign out: {}", error.what()));
  }
}

void UploadHelpers::finish(const std::function<void(std::size_t done)>& tick) {
  for (std::unique_lock lock(mutex_); !(waiting_.empty() && busy_ == 0);) {
    changed_.wait_for(lock, kTick);
    const std::size_t done = done_;
    if (living_ == 0) waiting_.clear();
    lock.unlock();
    tick(done);
    lock.lock();
  }
  end();
}

void UploadHelpers::drop() {
  {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
  }
  end();
}

void UploadHelpers::end() {
  std::vector<std::jthread> helpers;
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
    helpers = std::move(helpers_);
    changed_.notify_all();
  }
  helpers.clear();  // joins them
  const std::lock_guard lock(mutex_);
  living_ = done_ = 0;
  is_ending_ = false;
}

}  // namespace imednet::sinks::snowflake
