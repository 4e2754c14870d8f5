#include "api/shared_budget.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include "core/file.h"
#include "imednet/errors.h"

namespace imednet::api {
namespace {

constexpr std::int64_t kMinuteMs = 60'000, kHourMs = 3'600'000;
constexpr std::size_t kMostTimes = 1'000'000;

[[noreturn]] void refuse(const RateLimits& limits, int error) {
  throw errors::ConfigurationError(
      fmt::format("cannot share the API's rate in {}: {}", limits.shared_file.string(), std::strerror(error)),
      {.code = core::code_of_errno(error), .hint = "name a file that can be written", .origin = {.system = "local"}});
}

class Lock {
 public:
  explicit Lock(int file) : file_(file) {
    while (::flock(file_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() { ::flock(file_, LOCK_UN); }

 private:
  int file_;
};

// Until one more than those after `now - span` is allowed.
std::int64_t wait_for(const std::vector<std::int64_t>& times, std::int64_t now, std::int64_t span, std::int64_t limit) {
  const auto first = std::upper_bound(times.begin(), times.end(), now - span);
  const std::int64_t held = times.end() - first;
  return limit == 0 || held < limit ? 0 : std::max<std::int64_t>(1, *(times.end() - limit) + span - now);
}

}  // namespace

SharedBudget::SharedBudget(const RateLimits& limits) : limits_(limits) {
  file_ = ::open(limits_.shared_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file_ < 0) refuse(limits_, errno);
}

SharedBudget::~SharedBudget() { ::close(file_); }

std::chrono::milliseconds SharedBudget::take(std::chrono::system_clock::time_point when) {
  const std::int64_t now = std::chrono::duration_cast<std::chrono::milliseconds>(when.time_since_epoch()).count();
  const Lock lock(file_);
  const off_t size = std::max<off_t>(0, ::lseek(file_, 0, SEEK_END));
  std::vector<std::int64_t> times(std::min<std::size_t>(static_cast<std::size_t>(size) / sizeof(std::int64_t), kMostTimes));
  const auto bytes = static_cast<ssize_t>(times.size() * sizeof(std::int64_t));
  if (::pread(file_, times.data(), static_cast<std::size_t>(bytes), 0) != bytes) refuse(limits_, EIO);
  // A clock that was set back leaves times to come; they don't count, or nobody would go on.
  std::erase_if(times, [now](std::int64_t time) { return time > now || time <= now - kHourMs; });
  std::sort(times.begin(), times.end());
  const std::int64_t wait = std::max(wait_for(times, now, kMinuteMs, limits_.per_minute), wait_for(times, now, kHourMs, limits_.per_hour));
  if (wait > 0) return std::chrono::milliseconds(wait);
  times.push_back(now);
  const auto length = static_cast<ssize_t>(times.size() * sizeof(std::int64_t));
  if (::pwrite(file_, times.data(), static_cast<std::size_t>(length), 0) != length || ::ftruncate(file_, length) != 0)
    refuse(limits_, errno);
  return std::chrono::milliseconds(0);
}

}  // namespace imednet::api
