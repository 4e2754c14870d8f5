#include "imednet/integrations/plan.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace imednet::integrations {
namespace {

using nlohmann::ordered_json;

TEST(PlanJson, EveryCountStandsUnderItsName) {
  ExportPlan plan;
  plan.study = "S";
  plan.mode = "auto";
  plan.method = "merge";
  plan.adds_columns = {"FORM_KEY"};
  plan.rows_read = 1;
  plan.files = 2;
  plan.files_in = 3;
  plan.files_to_load = 4;
  plan.rows_in_table = 5;
  plan.rows_in = 6;
  plan.rows_inserted = 7;
  plan.rows_updated = 8;
  plan.rows_unchanged = 9;
  plan.rows_vanished = 10;
  plan.makes_ledger = true;
  plan.forms = {{.form_key = "AE", .rows_read = 1, .rows_before = 2, .rows_in_target = -1}};
  const ordered_json json = ordered_json::parse(to_json(plan, 0));
  std::int64_t expected = 0;
  for (const char* name : {"rows_read", "files", "files_in", "files_to_load", "rows_in_table", "rows_in", "rows_inserted", "rows_updated",
                           "rows_unchanged", "rows_vanished"})
    EXPECT_EQ(json.at(name), ++expected) << name;
  EXPECT_EQ(json.at("method"), "merge");
  EXPECT_EQ(json.at("makes_table"), false);
  EXPECT_EQ(json.at("makes_ledger"), true);
  EXPECT_EQ(json.at("adds_columns"), ordered_json::array({"FORM_KEY"}));
  EXPECT_TRUE(json.at("forms").at(0).at("rows_in_target").is_null());  // append leaves it open
  EXPECT_TRUE(json.at("refusal").is_null());
  EXPECT_EQ(json.at("exit"), 0);
}

TEST(PlanJson, RefusalIsTheErrorThatTheExportWouldEndWith) {
  ExportPlan plan;
  plan.refusal = std::make_exception_ptr(
      errors::ExportError("cannot export study S: made up", {.code = errors::ErrorCode::shrink, .hint = "use --allow-shrink"}));
  const ordered_json json = ordered_json::parse(to_json(plan, 13));
  EXPECT_EQ(json.at("refusal"),
            (ordered_json{{"code", "shrink"}, {"message", "cannot export study S: made up"}, {"hint", "use --allow-shrink"}}));
  EXPECT_EQ(json.at("exit"), 13);
}

}  // namespace
}  // namespace imednet::integrations
