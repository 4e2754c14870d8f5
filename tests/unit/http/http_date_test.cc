#include <gtest/gtest.h>

#include <chrono>

#include "http/curl_transport.h"

namespace imednet::http {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

TEST(HttpDate, TheThreeFormsOfHttpAreOneMoment) {
  const auto wanted = sys_days(1994y / 11 / 6) + 8h + 49min + 37s;
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), wanted);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), wanted);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), wanted);
}

TEST(HttpDate, OtherTextIsNothing) {
  for (const char* text : {"", " ", "7", "soon", "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "-1"}) {
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace imednet::http
