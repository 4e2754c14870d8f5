// upload_helpers.h: more sessions that PUT, so that files don't wait for each other's round trips, nor for the last one to be read.
//
// Where it stands: StageTransfer → this → Session.   Rule: what goes wrong here is no error: whoever asked looks for every file by LIST
// afterwards and sends those that are missing itself, with the export's retries and words.
// Threads: give() from any; the rest from one. `put` comes from as many as there are helpers.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "sinks/snowflake/session.h"
#include "staging/staged_file.h"

namespace imednet::sinks::snowflake {

class UploadHelpers {
 public:
  struct Upload {
    staging::StagedFile file;
    std::filesystem::path local;  // plain characters
  };
  // Signs a further session in, the first one is number 1.
  using Open = std::function<std::unique_ptr<Session>(int number)>;
  using Put = std::function<void(Session&, const Upload&)>;

  // `most`: sessions at the same time; 1: there are no helpers.
  UploadHelpers(int most, Open open, Put put) : most_(most), open_(std::move(open)), put_(std::move(put)) {}
  // Waits for what is being sent; what waits is not sent.
  ~UploadHelpers() { drop(); }
  UploadHelpers(const UploadHelpers&) = delete;
  UploadHelpers& operator=(const UploadHelpers&) = delete;

  bool are_there() const noexcept { return most_ > 1; }
  // Are there so many files that signing in pays?
  bool are_worth_it(std::size_t files) const;
  // Is sent when a helper is free. A further one begins when too many files wait.
  void give(Upload upload);
  // Waits until nothing is left to send; then the sessions are closed. `tick` comes about every tenth of a second, and may throw.
  void finish(const std::function<void(std::size_t done)>& tick);
  // Forgets what waits, and waits for what is being sent.
  void drop();

 private:
  void work(int number);
  bool next(Upload& upload);
  void end();

  const int most_;
  const Open open_;
  const Put put_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Upload> waiting_;
  std::vector<std::jthread> helpers_;
  std::size_t living_ = 0, busy_ = 0, done_ = 0;
  int opened_ = 0;  // so far: a number is used once
  bool is_ending_ = false;
};

}  // namespace imednet::sinks::snowflake
