// run_steps.h: tells whoever waits for a run what it is doing, and keeps the times of its steps.
#pragma once

#include <functional>
#include <string_view>

#include "api/record_reader.h"
#include "core/step_times.h"
#include "imednet/integrations/warehouse.h"

namespace imednet::pipeline {

class RunSteps {
 public:
  // Both outlive it.
  RunSteps(const std::function<void(const integrations::ExportProgress&)>& on_progress, core::Clock& clock)
      : on_progress_(on_progress), times_(clock) {}

  void enter(std::string_view step, const api::ReadProof& so_far) {
    times_.enter(step);
    progress_ = {.step = step, .rows = so_far.read, .rows_expected = so_far.expected, .pages = so_far.pages, .bytes_read = so_far.bytes};
    tell();
  }
  void enter(std::string_view step, std::int64_t done, std::int64_t all) {
    times_.enter(step);
    progress_.step = step;
    progress_.files = all;
    progress_.files_done = done;
    tell();
  }
  void take(integrations::ExportReport& report) const {
    report.steps.clear();
    for (const auto& [step, time] : times_.times()) report.steps.push_back({step, time.count()});
  }

 private:
  void tell() const {
    if (on_progress_) on_progress_(progress_);
  }

  const std::function<void(const integrations::ExportProgress&)>& on_progress_;
  core::StepTimes times_;
  integrations::ExportProgress progress_{};
};

}  // namespace imednet::pipeline
