#include "ledger/run_state.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/failpoint.h"
#include "core/file.h"
#include "imednet/errors.h"
#include "ledger/run_state_line.h"

namespace imednet::ledger {
namespace {

using core::Failpoint;

constexpr const char* kHint = "make room there, or name another folder with --state-dir";

[[noreturn]] void throw_state_io(std::string_view doing, const std::filesystem::path& path, int error) {
  throw ImednetError(fmt::format("cannot {} {}: {}", doing, path.string(), std::strerror(error)),
                     {.code = core::code_of_errno(error), .hint = kHint, .origin = {.system = "local"}});
}

void sync_folder(const std::filesystem::path& folder) {
  if (const int error = core::sync_folder(folder)) throw_state_io("sync the folder", folder, error);
}

}  // namespace

RunState::RunState(const std::filesystem::path& folder, std::string_view run_id, core::Clock& clock)
    : path_(folder / "runs" / (std::string(run_id) + ".jsonl")), clock_(clock), previous_(kFirstPrevious) {
  file_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file_ < 0) throw_state_io("make the run's state", path_, errno);
  flock(file_, LOCK_EX | LOCK_NB);  // shows who tidies up that the run goes on; where locks are unknown its age must do
  try {
    sync_folder(path_.parent_path());
  } catch (...) {
    close(file_);
    throw;
  }
}

RunState::~RunState() { close(file_); }

void RunState::append(std::string_view event, Fields fields) { append_all(event, std::array{std::move(fields)}); }

void RunState::append_all(std::string_view event, std::span<const Fields> each) {
  if (each.empty()) return;
  std::string text;
  const std::string stamp = core::format_utc(clock_.utc_now());
  std::int64_t seq = seq_;
  std::string previous = previous_;
  for (const Fields& fields : each) text += make_line({++seq, stamp, std::string(event), fields}, previous);
  write(text, event);
  seq_ = seq;
  previous_ = previous;
}

void RunState::write(std::string_view text, std::string_view event) {
  const auto fail = [this](std::string_view doing, int error) {
    // Half a line must not stand before the next one. Where that can't be had either, the reader stops there.
    if (ftruncate(file_, size_) != 0) size_ = lseek(file_, 0, SEEK_END);
    throw_state_io(doing, path_, error);
  };
  const auto whole = static_cast<std::int64_t>(text.size());
  if (const int error = core::failpoint(Failpoint::state_write, event)) fail("write the run's state", error);
  while (!text.empty()) {
    const ssize_t written = ::write(file_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write the run's state", errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (const int error = core::failpoint(Failpoint::state_written, event)) fail("write the run's state", error);
  if (fsync(file_) != 0) fail("sync the run's state", errno);
  size_ += whole;
  core::failpoint(Failpoint::state_synced, event);
}

}  // namespace imednet::ledger
