#include "sandbox/store/request_orders.h"

#include <gtest/gtest.h>

namespace imednet::sandbox::store {
namespace {

using Json = nlohmann::json;

Json order(const Json& match, const Json& action) { return {{"match", match}, {"do", action}}; }

TEST(RequestOrders, FireForTheNthRequestThatMatchesSoManyTimes) {
  RequestOrders orders;
  orders.add(order({{"server", "store"}, {"method", "PUT"}, {"path_contains", "/a b"}, {"nth", 2}, {"times", 2}}, {{"status", 500}}));
  const auto fires = [&](const char* server, const char* method, const char* target) {
    return orders.fault_for(server, method, target).has_value();
  };
  EXPECT_FALSE(fires("store", "PUT", "/x/a%20b"));
  EXPECT_FALSE(fires("store", "GET", "/x/a%20b")) << "another method";
  EXPECT_FALSE(fires("snowflake", "PUT", "/x/a%20b")) << "another server";
  EXPECT_FALSE(fires("store", "PUT", "/x/ab")) << "another path";
  EXPECT_TRUE(fires("store", "PUT", "/x/a%20b"));
  EXPECT_TRUE(fires("store", "PUT", "/x/a%20b?partNumber=1"));
  EXPECT_FALSE(fires("store", "PUT", "/x/a%20b"));
  EXPECT_EQ(orders.list()[0]["matched"], 4);
  EXPECT_EQ(orders.list()[0]["fired"], 2);
  orders.clear();
  EXPECT_TRUE(orders.list().empty());
}

TEST(RequestOrders, OneFiresForARequestAndOthersCount) {
  RequestOrders orders;
  const Json all = {{"server", "store"}, {"times", 0}};
  orders.add(Json::array({order(all, {{"status", 500}}), order(all, {{"cut", "after"}})}));
  EXPECT_EQ(orders.fault_for("store", "PUT", "/")->status, 500);
  EXPECT_EQ(orders.list()[1]["matched"], 1);
  EXPECT_EQ(orders.list()[1]["fired"], 0);
}

TEST(RequestOrders, AMisspeltOneIsNoneThatNeverFires) {
  RequestOrders orders;
  const Json store = {{"server", "store"}};
  for (const Json& bad :
       {Json("x"), order({}, {{"status", 500}}), order({{"server", "edc"}}, {{"status", 500}}), order(store, Json::object()),
        order(store, {{"staus", 500}}), order({{"server", "store"}, {"nth", 0}}, {{"status", 500}}), order(store, {{"status", 42}}),
        order(store, {{"cut", "during"}}), order(store, {{"session", "expired"}}), order(store, {{"credentials", "odd"}}),
        order({{"server", "snowflake"}}, {{"credentials", "expired"}}), order(store, {{"cut", "after"}, {"truncate", 1}}),
        order(store, {{"delay_ms", 600001}})})
    EXPECT_ANY_THROW(orders.add(bad)) << bad.dump();
  EXPECT_TRUE(orders.list().empty());
}

}  // namespace
}  // namespace imednet::sandbox::store
