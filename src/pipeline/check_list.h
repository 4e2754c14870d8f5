// check_list.h: runs checks one after the other and keeps what came of them; an error is a check that failed, not the end.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "imednet/integrations/doctor.h"

namespace imednet::pipeline {

// What a check found; `advice` makes it a warning.
struct Finding {
  std::string detail{}, advice{};
};

class CheckList {
 public:
  // True unless it failed. Throws only `cancelled`.
  bool run(std::string_view what, const std::function<Finding()>& check);
  void add_ok(std::string_view what, std::string detail);
  void add_failure(std::string_view what, const ImednetError& error);
  // `why`: the check that failed before.
  void skip(std::string_view what, std::string_view why);

  integrations::DoctorReport take() { return std::move(report_); }

 private:
  integrations::DoctorReport report_;
};

}  // namespace imednet::pipeline
