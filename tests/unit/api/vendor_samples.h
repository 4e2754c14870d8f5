// vendor_samples.h: an API that has one element, for the tests of what the vendor's samples show.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "imednet/sdk.h"
#include "unit/api/scripted_transport.h"

namespace imednet::api {

inline UtcTime at(int year, unsigned month, unsigned day, int hour, int minute, int second) {
  return std::chrono::sys_days(std::chrono::year(year) / static_cast<int>(month) / static_cast<int>(day)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + std::chrono::seconds(second);
}

// Every test of it has its own script.
class VendorSamples : public testing::Test {
 protected:
  // The only element of a list.
  ImednetSDK api_with(const std::string& element) {
    script.answers(200, list_body(element, 1));
    return ImednetSDK::over(make_client(script, clock));
  }
  // The answer about a job.
  Job job(const std::string& answer) {
    script.answers(200, answer, {}, "/studies/DEMO/jobs/batch");
    return ImednetSDK::over(make_client(script, clock)).jobs().get("DEMO", "batch");
  }

  Script script;
  FakeClock clock;
};

}  // namespace imednet::api
