#include "core/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>

#include "core/redact.h"

namespace imednet::core {
namespace {

// Not in spdlog's registry: a program that embeds this library keeps its own loggers and settings.
spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = std::make_shared<spdlog::logger>("imednet", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("imednet: %l: %v");
    made->set_level(spdlog::level::warn);
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *instance;
}

}  // namespace

void set_log_level(LogLevel level) {
  logger().set_level(level == LogLevel::quiet    ? spdlog::level::off
                     : level == LogLevel::normal ? spdlog::level::warn
                                                 : spdlog::level::debug);
}

void log_warning(std::string_view message) {
  if (logger().should_log(spdlog::level::warn)) logger().log(spdlog::level::warn, redact(message));
}

void log_detail(std::string_view message) {
  if (logger().should_log(spdlog::level::debug)) logger().log(spdlog::level::debug, redact(message));
}

}  // namespace imednet::core
