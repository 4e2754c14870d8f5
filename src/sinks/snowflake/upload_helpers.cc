#include "sinks/snowflake/upload_helpers.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "core/idle_pool.h"
#include "core/log.h"
#include "core/parallel.h"

namespace imednet::sinks::snowflake {
namespace {

constexpr std::size_t kFilesASession = 4;
constexpr std::size_t kFilesWorthIt = 8;

}  // namespace

bool UploadHelpers::are_worth_it(std::size_t files) const { return most_ > 1 && files >= kFilesWorthIt; }

void UploadHelpers::run(std::size_t files, const std::function<void(Session&, std::size_t)>& put,
                        const std::function<void(std::size_t done)>& tick) const {
  core::IdlePool<Session> sessions;
  std::atomic<int> opened = 0;
  std::atomic<std::size_t> done = 0;
  const std::size_t width = std::min(static_cast<std::size_t>(most_), (files + kFilesASession - 1) / kFilesASession);
  core::run_parallel({.count = files,
                      .width = width,
                      .work =
                          [&](std::size_t file, const std::stop_token&) {
                            try {
                              std::unique_ptr<Session> session = sessions.take();
                              if (!session) session = open_(++opened);
                              put(*session, file);
                              sessions.give_back(std::move(session));
                              ++done;
                            } catch (const ImednetError& error) {
                              core::log_detail(fmt::format("a helper could not PUT: {}", error.what()));
                              if (error.code() == errors::ErrorCode::cancelled) throw;
                            }
                          },
                      .tick = [&] { tick(done); }});
  while (const auto session = sessions.take()) session->close();
}

}  // namespace imednet::sinks::snowflake
