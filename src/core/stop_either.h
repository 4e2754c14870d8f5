// stop_either.h: a stop that is asked for when either of two is.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <utility>

namespace imednet::core {

class StopEither {
 public:
  StopEither(std::stop_token one, std::stop_token other) : one_(std::move(one)) {
    if (!other.stop_possible()) return;
    both_.emplace();
    on_one_.emplace(one_, Ask{*both_});
    on_other_.emplace(std::move(other), Ask{*both_});
  }
  StopEither(const StopEither&) = delete;
  StopEither& operator=(const StopEither&) = delete;

  std::stop_token token() const { return both_ ? both_->get_token() : one_; }

 private:
  struct Ask {
    std::stop_source source;
    void operator()() { source.request_stop(); }
  };

  std::stop_token one_;
  std::optional<std::stop_source> both_;
  std::optional<std::stop_callback<Ask>> on_one_, on_other_;
};

}  // namespace imednet::core
