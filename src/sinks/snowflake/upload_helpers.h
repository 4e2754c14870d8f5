// upload_helpers.h: more sessions that PUT, so that many files don't wait for each other's round trips.
//
// Where it stands: StageTransfer → this → Session.   Rule: what goes wrong here is no error: whoever asked looks for every file by LIST
// afterwards and sends those that are missing itself, with the export's retries and words.
// Threads: put() comes from as many as there are helpers; `tick` on the caller's.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "sinks/snowflake/session.h"

namespace imednet::sinks::snowflake {

class UploadHelpers {
 public:
  // Signs a further session in, the first one is number 1.
  using Open = std::function<std::unique_ptr<Session>(int number)>;

  // `most`: sessions at the same time.
  UploadHelpers(int most, Open open) : most_(most), open_(std::move(open)) {}

  // Are there so many files that signing in pays?
  bool are_worth_it(std::size_t files) const;
  void run(std::size_t files, const std::function<void(Session&, std::size_t)>& put,
           const std::function<void(std::size_t done)>& tick) const;

 private:
  int most_;
  Open open_;
};

}  // namespace imednet::sinks::snowflake
