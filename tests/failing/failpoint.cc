// failpoint.cc: the failpoints of `imednet-failing`, armed by the environment.
//
// IMEDNET_FAILPOINT      "<point>[/<what>]:<nth>:<action>": kill (SIGKILL), int (SIGINT), int-twice, enospc (the call fails, disk full).
//                        "list" prints the points' names, one a line, and ends.
// IMEDNET_FAILPOINT_LOG  a file to which each point that is passed is added, one a line, and "fired <point>" when it does its work.
#include "core/failpoint.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace imednet::core {
namespace {

constexpr std::array<std::string_view, 20> kNames = {
    "folder_made",      "folder_remove",   "folder_removed", "state_write",  "state_written",  "state_synced",      "manifest_write",
    "manifest_written", "manifest_synced", "file_write",     "file_written", "file_synced",    "file_renamed",      "body_part",
    "staged_write",     "staged_written",  "staged_synced",  "staged_named", "statement_send", "statement_answered"};
static_assert(kNames.size() == static_cast<std::size_t>(Failpoint::statement_answered) + 1);

struct Order {
  std::string place, action;
  long nth = 0;
};

[[noreturn]] void refuse(const char* why) {
  std::fprintf(stderr, "imednet-failing: IMEDNET_FAILPOINT %s\n", why);
  std::_Exit(64);
}

std::string_view setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// A misspelt order must not be one that never fires.
Order read_order(std::string_view text) {
  if (text.empty()) return {};
  const auto action = text.rfind(':');
  const auto nth = action == std::string_view::npos ? action : text.rfind(':', action - 1);
  if (nth == std::string_view::npos) refuse("is not <point>[/<what>]:<nth>:<action>");
  Order order{std::string(text.substr(0, nth)), std::string(text.substr(action + 1)),
              std::strtol(std::string(text.substr(nth + 1, action - nth - 1)).c_str(), nullptr, 10)};
  const std::string_view name = std::string_view(order.place).substr(0, order.place.find('/'));
  bool is_known = false;
  for (const std::string_view one : kNames) is_known = is_known || one == name;
  if (!is_known) refuse("names no point");
  if (order.nth < 1) refuse("counts from 1");
  if (order.action != "kill" && order.action != "int" && order.action != "int-twice" && order.action != "enospc")
    refuse("knows no such action");
  return order;
}

const Order& the_order() {
  static const Order order = [] {
    const std::string_view text = setting("IMEDNET_FAILPOINT");
    if (text != "list") return read_order(text);
    for (const std::string_view name : kNames) std::printf("%.*s\n", static_cast<int>(name.size()), name.data());
    std::fflush(stdout);
    std::_Exit(0);
  }();
  return order;
}

// Judged before main(), so that neither a wrong order nor "list" needs a point to be passed.
[[maybe_unused]] const bool g_judged = (the_order(), true);

void note(const std::string& line) {
  const std::string path(setting("IMEDNET_FAILPOINT_LOG"));
  if (path.empty()) return;
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0 || write(file, line.data(), line.size()) != static_cast<ssize_t>(line.size())) refuse("has a log that can't be written");
  close(file);
}

int act(const std::string& action) {
  if (action == "enospc") return ENOSPC;
  if (action == "kill") kill(getpid(), SIGKILL);
  for (int sent = 0; sent < (action == "int-twice" ? 2 : 1); ++sent) kill(getpid(), SIGINT);
  return 0;
}

}  // namespace

int failpoint(Failpoint point, std::string_view what) noexcept {
  static std::atomic<long> passed = 0;
  std::string place(kNames[static_cast<std::size_t>(point)]);
  if (!what.empty()) place.append("/").append(what);
  note(place + "\n");
  const Order& order = the_order();
  if (order.place != place || ++passed != order.nth) return 0;
  note("fired " + place + "\n");
  const int saved = errno;
  const int failed = act(order.action);
  errno = saved;
  return failed;
}

}  // namespace imednet::core
