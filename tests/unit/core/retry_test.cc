#include "core/retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <typeinfo>
#include <vector>

namespace imednet::core {
namespace {

using namespace std::chrono_literals;
using errors::ErrorCode;
using errors::RetryClass;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Time that passes only when somebody waits or works, and writes down every wait.
class ScriptedClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point now() const override { return std::chrono::steady_clock::time_point(passed); }
  std::chrono::system_clock::time_point utc_now() const override { return std::chrono::system_clock::time_point(passed); }
  bool sleep(milliseconds duration, const std::stop_token& token) override {
    waits.push_back(duration);
    passed += duration;
    if (stop_during_sleep != nullptr) stop_during_sleep->request_stop();
    return !token.stop_requested();
  }

  milliseconds passed{0};
  std::vector<milliseconds> waits;
  std::stop_source* stop_during_sleep = nullptr;
};

ImednetError failure(RetryClass retry = RetryClass::backoff, std::optional<milliseconds> retry_after = std::nullopt) {
  return {"cannot read the page: no answer",
          {.code = ErrorCode::unavailable,
           .hint = "check the network",
           .retry = retry,
           .origin = {.system = "imednet", .http_status = 503, .request_id = "r-1"},
           .retry_after = retry_after}};
}

class Retries : public testing::Test {
 protected:
  // Fails `failures` times with `error`, then answers with the number of its attempt.
  template <class Error>
  int run(int failures, const Error& error) {
    attempts.clear();
    return with_retries(policy, deps, [&](const Attempt& attempt) {
      attempts.push_back(attempt);
      clock.passed += work;
      if (static_cast<int>(attempts.size()) <= failures) throw error;
      return attempt.number;
    });
  }
  template <class Error>
  std::string message_after(int failures, const Error& error) {
    try {
      run(failures, error);
    } catch (const Error& thrown) {
      return thrown.what();
    }
    return "no error of that class";
  }
  ErrorCode code_after(int failures, const ImednetError& error) {
    try {
      run(failures, error);
    } catch (const ImednetError& thrown) {
      return thrown.code();
    }
    return ErrorCode::internal;
  }

  ErrorCode code_when_stopped_in_the_attempt(const ImednetError& error) {
    try {
      with_retries(policy, deps, [&](const Attempt&) {
        stop.request_stop();
        throw error;
      });
    } catch (const ImednetError& thrown) {
      return thrown.code();
    }
    return ErrorCode::internal;
  }

  ScriptedClock clock;
  RetryPolicy policy{.max_retries = 3, .backoff = 1s, .max_wait = 60s, .total = 60s};
  std::stop_source stop;
  RetryDeps deps{.clock = clock, .stop = stop.get_token()};
  milliseconds work{0};
  std::vector<Attempt> attempts;
};

TEST(RetryPolicyWait, DoublesFromTheBackoffUpToTheCap) {
  const RetryPolicy policy{.backoff = 1500ms, .max_wait = 20s};
  EXPECT_EQ(policy.wait_after(0), 1500ms);
  EXPECT_EQ(policy.wait_after(1), 3s);
  EXPECT_EQ(policy.wait_after(2), 6s);
  EXPECT_EQ(policy.wait_after(3), 12s);
  EXPECT_EQ(policy.wait_after(4), 20s);
  EXPECT_EQ(policy.wait_after(5), 20s);
}

TEST_F(Retries, EveryFurtherAttemptIsCounted) {
  std::int64_t counted = 0;
  deps.on_retry = [&] { ++counted; };
  run(0, failure());
  EXPECT_EQ(counted, 0);
  run(2, failure());
  EXPECT_EQ(counted, 2);
  EXPECT_EQ(code_after(9, failure()), ErrorCode::unavailable);
  EXPECT_EQ(counted, 5) << "three more, and none for the failure that was the last";
  EXPECT_EQ(code_after(9, failure(RetryClass::never)), ErrorCode::unavailable);
  EXPECT_EQ(counted, 5);
}

TEST(RetryPolicyWait, ExtremesNeitherOverflowNorPassTheCap) {
  EXPECT_EQ(RetryPolicy{}.wait_after(1'000'000), 60s);
  EXPECT_EQ(RetryPolicy{}.wait_after(-1), 1s);
  EXPECT_EQ((RetryPolicy{.backoff = 0ms}).wait_after(20), 0ms);
  EXPECT_EQ((RetryPolicy{.backoff = 5s, .max_wait = 0ms}).wait_after(0), 0ms);
  EXPECT_EQ((RetryPolicy{.backoff = milliseconds::max(), .max_wait = milliseconds::max()}).wait_after(40), milliseconds::max());
  EXPECT_EQ((RetryPolicy{.backoff = 1ms, .max_wait = milliseconds::max()}).wait_after(100), milliseconds(1LL << 30));
  for (int attempt = 0; attempt < 70; ++attempt) {
    EXPECT_LE(RetryPolicy{}.wait_after(attempt), RetryPolicy{}.wait_after(attempt + 1)) << attempt;
  }
}

TEST(RetryPolicyDefaults, AreTheGuides) {
  EXPECT_EQ(RetryPolicy{}.max_retries, 3);
  EXPECT_EQ(RetryPolicy{}.backoff, 1s);
  EXPECT_EQ(RetryPolicy{}.total, 60s);
}

TEST_F(Retries, SuccessAtOnceWaitsForNothing) {
  EXPECT_EQ(run(0, failure()), 0);
  EXPECT_THAT(clock.waits, IsEmpty());
}

TEST_F(Retries, EachFailureIsFollowedByADoubledWait) {
  EXPECT_EQ(run(3, failure()), 3);
  EXPECT_THAT(clock.waits, ElementsAre(1s, 2s, 4s));
  ASSERT_EQ(attempts.size(), 4u);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(attempts[i].number, i);
}

TEST_F(Retries, NoWaitPassesTheCap) {
  policy = {.max_retries = 5, .backoff = 3s, .max_wait = 10s};
  run(5, failure());
  EXPECT_THAT(clock.waits, ElementsAre(3s, 6s, 10s, 10s, 10s));
}

TEST_F(Retries, AfterTheLastRetryTheErrorSaysHowManyAttempts) {
  EXPECT_EQ(message_after(9, failure()), "cannot read the page: no answer (4 attempts)");
  EXPECT_EQ(attempts.size(), 4u);
  EXPECT_THAT(clock.waits, ElementsAre(1s, 2s, 4s)) << "a wait that no attempt follows";
}

TEST_F(Retries, ZeroRetriesIsOneAttempt) {
  policy.max_retries = 0;
  EXPECT_EQ(message_after(1, failure()), "cannot read the page: no answer (1 attempt)");
  EXPECT_EQ(attempts.size(), 1u);
  EXPECT_THAT(clock.waits, IsEmpty());
}

TEST_F(Retries, ANegativeNumberIsOneAttemptToo) {
  policy.max_retries = -2;
  EXPECT_EQ(code_after(1, failure()), ErrorCode::unavailable);
  EXPECT_EQ(attempts.size(), 1u);
}

TEST_F(Retries, ErrorsThatMustNotBeRepeatedGoStraightToTheCaller) {
  for (const RetryClass retry : {RetryClass::never, RetryClass::reconcile}) {
    EXPECT_EQ(message_after(9, failure(retry)), "cannot read the page: no answer");
    EXPECT_EQ(attempts.size(), 1u);
  }
  EXPECT_THAT(clock.waits, IsEmpty());
}

TEST_F(Retries, AnErrorThatTurnsFinalEndsTheRetries) {
  int calls = 0;
  EXPECT_THROW(with_retries(policy, deps,
                            [&](const Attempt&) {
                              ++calls;
                              if (calls < 3) throw failure();
                              throw failure(RetryClass::reconcile);
                            }),
               ImednetError);
  EXPECT_EQ(calls, 3);
}

TEST_F(Retries, OtherExceptionsAreNotTouched) {
  int calls = 0;
  EXPECT_THROW(with_retries(policy, deps, [&](const Attempt&) { ++calls, throw std::runtime_error("a defect"); }), std::runtime_error);
  EXPECT_EQ(calls, 1);
}

class Special : public errors::ApiError {
 public:
  using ApiError::ApiError;
};

TEST_F(Retries, AnErrorThatIsNotRepeatedKeepsEvenAClassOfItsOwn) {
  EXPECT_EQ(message_after(1, Special("special", failure(RetryClass::never).detail())), "special");
}

template <class Error>
class RetriedError : public testing::Test {};
using Classes =
    testing::Types<ImednetError, errors::ApiError, errors::ConfigurationError, errors::ExportError, errors::ExportConfigurationError>;
TYPED_TEST_SUITE(RetriedError, Classes);

TYPED_TEST(RetriedError, KeepsItsClassAndDetailWhenAttemptsAreAdded) {
  ScriptedClock clock;
  try {
    with_retries({.max_retries = 1}, {.clock = clock}, [](const Attempt&) { throw TypeParam("cannot go", failure().detail()); });
    FAIL() << "nothing was thrown";
  } catch (const ImednetError& error) {
    EXPECT_EQ(typeid(error), typeid(TypeParam));
    EXPECT_STREQ(error.what(), "cannot go (2 attempts)");
    EXPECT_EQ(error.code(), ErrorCode::unavailable);
    EXPECT_EQ(error.hint(), "check the network");
    EXPECT_EQ(error.retry_class(), RetryClass::backoff);
    EXPECT_EQ(error.origin().http_status, 503);
    EXPECT_EQ(error.origin().request_id, "r-1");
  }
}

TEST_F(Retries, ABatchErrorKeepsItsBatch) {
  try {
    run(9, errors::ExportBatchError("cannot load", "MY_STUDY/records/7", failure().detail()));
    FAIL() << "nothing was thrown";
  } catch (const errors::ExportBatchError& error) {
    EXPECT_EQ(error.batch_id(), "MY_STUDY/records/7");
    EXPECT_STREQ(error.what(), "cannot load (4 attempts)");
  }
}

TEST_F(Retries, ThePeersWishReplacesOurOwnWait) {
  run(3, failure(RetryClass::backoff, 7s));
  EXPECT_THAT(clock.waits, ElementsAre(7s, 7s, 7s));
}

TEST_F(Retries, ThePeersWishIsCapped) {
  policy.max_wait = 10s;
  run(1, failure(RetryClass::backoff, std::chrono::hours(24)));
  run(1, failure(RetryClass::backoff, -5s));
  run(1, failure(RetryClass::backoff, 0s));
  EXPECT_THAT(clock.waits, ElementsAre(10s, 0s, 0s));
}

TEST_F(Retries, ThePeersWishIsNotJittered) {
  deps.jitter = [] { return 0.5; };
  run(1, failure(RetryClass::backoff, 8s));
  EXPECT_THAT(clock.waits, ElementsAre(8s));
}

TEST_F(Retries, JitterTakesAPartOfEachWait) {
  double part = 0.0;
  deps.jitter = [&part] { return part += 0.25; };
  run(3, failure());
  EXPECT_THAT(clock.waits, ElementsAre(250ms, 1s, 3s));
}

TEST_F(Retries, JitterOutOfRangeStaysWithinTheWait) {
  double part = -3.0;
  deps.jitter = [&part] { return part += 4.0; };
  run(2, failure());
  EXPECT_THAT(clock.waits, ElementsAre(1s, 2s));
  deps.jitter = [] { return -1.0; };
  run(1, failure());
  EXPECT_EQ(clock.waits.back(), 0s);
}

TEST_F(Retries, WithoutABudgetOnlyTheCountEndsThem) {
  policy = {.max_retries = 6, .backoff = 30s, .max_wait = 60s, .total = 60s};
  work = 1h;
  EXPECT_EQ(run(6, failure()), 6);
  EXPECT_EQ(attempts.front().remaining, milliseconds::max());
  EXPECT_EQ(attempts.back().remaining, milliseconds::max());
}

TEST_F(Retries, TheBudgetIsToldToEachAttempt) {
  deps.has_budget = true;
  work = 10s;
  EXPECT_EQ(run(2, failure()), 2);
  ASSERT_EQ(attempts.size(), 3u);
  EXPECT_EQ(attempts[0].remaining, 60s);
  EXPECT_EQ(attempts[1].remaining, 49s);
  EXPECT_EQ(attempts[2].remaining, 37s);
}

TEST_F(Retries, NoWaitIsBegunThatTheBudgetWouldNotOutlast) {
  deps.has_budget = true;
  policy = {.max_retries = 100, .backoff = 1s, .max_wait = 60s, .total = 20s};
  EXPECT_THAT(message_after(1000, failure()), HasSubstr("(5 attempts)"));
  EXPECT_THAT(clock.waits, ElementsAre(1s, 2s, 4s, 8s));
  EXPECT_LE(clock.passed, 20s);
}

TEST_F(Retries, AWaitExactlyAsLongAsTheBudgetIsNotBegun) {
  deps.has_budget = true;
  policy.total = 1s;
  EXPECT_THAT(message_after(1, failure()), HasSubstr("(1 attempt)"));
  policy.total = 1001ms;
  EXPECT_EQ(run(1, failure()), 1);
}

TEST_F(Retries, ALongWishOfThePeerEndsThemAtOnce) {
  deps.has_budget = true;
  EXPECT_THAT(message_after(1, failure(RetryClass::backoff, 60s)), HasSubstr("(1 attempt)"));
  EXPECT_THAT(clock.waits, IsEmpty());
}

TEST_F(Retries, AnAttemptThatEatsTheBudgetIsTheLast) {
  deps.has_budget = true;
  work = 2min;
  EXPECT_THAT(message_after(9, failure()), HasSubstr("(1 attempt)"));
}

TEST_F(Retries, AStopAskedForBeforeMeansNoAttempt) {
  stop.request_stop();
  EXPECT_EQ(code_after(0, failure()), ErrorCode::cancelled);
  EXPECT_THAT(attempts, IsEmpty());
}

TEST_F(Retries, AStopDuringAnAttemptMeansNoWait) {
  EXPECT_EQ(code_when_stopped_in_the_attempt(failure()), ErrorCode::cancelled);
  EXPECT_THAT(clock.waits, IsEmpty());
}

TEST_F(Retries, AStopDuringTheLastAttemptIsCancelledNotUnavailable) {
  policy.max_retries = 0;
  EXPECT_EQ(code_when_stopped_in_the_attempt(failure()), ErrorCode::cancelled);
}

TEST_F(Retries, AStopDuringTheWaitMeansNoFurtherAttempt) {
  clock.stop_during_sleep = &stop;
  EXPECT_EQ(code_after(9, failure()), ErrorCode::cancelled);
  EXPECT_EQ(attempts.size(), 1u);
  EXPECT_EQ(clock.waits.size(), 1u);
}

TEST_F(Retries, AnErrorThatMustBeReconciledIsNotHiddenByAStop) {
  EXPECT_EQ(code_when_stopped_in_the_attempt(failure(RetryClass::reconcile)), ErrorCode::unavailable);
}

TEST(Cancelled, IsNeverRepeated) {
  try {
    throw_cancelled();
  } catch (const ImednetError& error) {
    EXPECT_EQ(error.code(), ErrorCode::cancelled);
    EXPECT_EQ(error.retry_class(), RetryClass::never);
  }
}

TEST_F(Retries, TheCallersResultMayBeAnythingEvenNothing) {
  with_retries(policy, deps, [](const Attempt&) {});
  EXPECT_EQ(*with_retries(policy, deps, [](const Attempt&) { return std::make_unique<int>(5); }), 5);
}

}  // namespace
}  // namespace imednet::core
