#include "sinks/snowflake/upload_helpers.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

#include "core/log.h"
#include "core/parallel.h"

namespace imednet::sinks::snowflake {
namespace {

constexpr std::size_t kFilesASession = 4;
constexpr std::size_t kFilesWorthIt = 8;

// Sessions that nobody uses now.
class Sessions {
 public:
  explicit Sessions(const UploadHelpers::Open& open) : open_(open) {}

  std::unique_ptr<Session> take() {
    int number = 0;
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        std::unique_ptr<Session> session = std::move(idle_.back());
        idle_.pop_back();
        return session;
      }
      number = ++opened_;
    }
    return open_(number);
  }
  void give_back(std::unique_ptr<Session> session) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(session));
  }
  void close() {
    for (const auto& session : idle_) session->close();
    idle_.clear();
  }

 private:
  const UploadHelpers::Open& open_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Session>> idle_;
  int opened_ = 0;
};

}  // namespace

bool UploadHelpers::are_worth_it(std::size_t files) const { return most_ > 1 && files >= kFilesWorthIt; }

void UploadHelpers::run(std::size_t files, const std::function<void(Session&, std::size_t)>& put,
                        const std::function<void(std::size_t done)>& tick) const {
  Sessions sessions(open_);
  std::atomic<std::size_t> done = 0;
  const std::size_t width = std::min(static_cast<std::size_t>(most_), (files + kFilesASession - 1) / kFilesASession);
  core::run_parallel({.count = files,
                      .width = width,
                      .work =
                          [&](std::size_t file, const std::stop_token&) {
                            try {
                              std::unique_ptr<Session> session = sessions.take();
                              put(*session, file);
                              sessions.give_back(std::move(session));
                              ++done;
                            } catch (const ImednetError& error) {
                              core::log_detail(fmt::format("a helper could not PUT: {}", error.what()));
                              if (error.code() == errors::ErrorCode::cancelled) throw;
                            }
                          },
                      .tick = [&] { tick(done); }});
  sessions.close();
}

}  // namespace imednet::sinks::snowflake
