// progress.h: what an export is doing, on stderr: a line that rewrites itself on a terminal, JSON lines on request, else nothing.
#pragma once

#include <chrono>
#include <string>

#include "imednet/integrations/warehouse.h"

namespace imednet::cli {

class Progress {
 public:
  enum class Kind { none, line, json };
  explicit Progress(Kind kind) : kind_(kind), started_(std::chrono::steady_clock::now()) {}
  ~Progress() { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(const integrations::ExportProgress& progress);
  // Clears the line.
  void finish();

 private:
  Kind kind_;
  std::chrono::steady_clock::time_point started_, shown_{};
  std::string last_step_;
  bool has_line_ = false;
};

}  // namespace imednet::cli
