#include "sinks/sql/file_hold.h"

#include <fmt/format.h>

#include <map>
#include <mutex>

#include "imednet/errors.h"

namespace imednet::sinks::sql {
namespace {

constexpr int kWriter = -1;

struct Holders {
  std::mutex mutex;
  std::map<std::string, int, std::less<>> counts;  // readers of a file, or kWriter
};

Holders& holders() {
  static Holders all;
  return all;
}

}  // namespace

FileHold::FileHold(const SqlPlace& place) {
  if (place.dialect->engine != Engine::duckdb) return;
  Holders& all = holders();
  const std::lock_guard guard(all.mutex);
  const auto [held, is_free] = all.counts.try_emplace(place.file, 0);
  if (!is_free && (held->second == kWriter || !place.is_only_read)) {
    throw errors::ExportConfigurationError(fmt::format("cannot open {}: this program has it open already", place.name),
                                           {.code = errors::ErrorCode::conflict,
                                            .hint = "let one be done before the next begins",
                                            .retry = errors::RetryClass::backoff,
                                            .origin = {.system = std::string(place.dialect->system)}});
  }
  held->second = place.is_only_read ? held->second + 1 : kWriter;
  file_ = place.file;
}

FileHold::~FileHold() {
  if (file_.empty()) return;
  Holders& all = holders();
  const std::lock_guard guard(all.mutex);
  const auto held = all.counts.find(file_);
  if (held->second == kWriter || --held->second == 0) all.counts.erase(held);
}

}  // namespace imednet::sinks::sql
