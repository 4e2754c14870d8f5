#include "cli/progress.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/output.h"

namespace imednet::cli {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(100);

std::string describe(const integrations::ExportProgress& progress, double seconds) {
  if (progress.files > 0) return fmt::format("{} {}/{} files", progress.step, progress.files_done, progress.files);
  const double rate = seconds > 0 ? static_cast<double>(progress.rows) / seconds : 0;
  std::string line = fmt::format("{} {} rows, {} pages, {:.1f} MB, {:.0f} rows/s", progress.step, progress.rows, progress.pages,
                                 static_cast<double>(progress.bytes_read) / 1e6, rate);
  if (progress.rows_expected > progress.rows && rate > 0) {
    line += fmt::format(", {} of {}, about {:.0f} s left", progress.rows, progress.rows_expected,
                        static_cast<double>(progress.rows_expected - progress.rows) / rate);
  }
  return line;
}

}  // namespace

void Progress::show(const integrations::ExportProgress& progress) {
  if (kind_ == Kind::none) return;
  const auto now = std::chrono::steady_clock::now();
  if (progress.step == last_step_ && now - shown_ < kInterval) return;
  shown_ = now;
  last_step_ = progress.step;
  const double seconds = std::chrono::duration<double>(now - started_).count();
  if (kind_ == Kind::json) {
    const nlohmann::ordered_json json = {{"step", progress.step},
                                         {"rows", progress.rows},
                                         {"rows_expected", progress.rows_expected},
                                         {"pages", progress.pages},
                                         {"bytes_read", progress.bytes_read},
                                         {"files", progress.files},
                                         {"files_done", progress.files_done},
                                         {"seconds", seconds}};
    say("{}\n", json.dump());
    return;
  }
  say("\r\033[K{}", describe(progress, seconds));
  std::fflush(stderr);
  has_line_ = true;
}

void Progress::finish() {
  if (has_line_) say("\r\033[K");
  has_line_ = false;
}

}  // namespace imednet::cli
