// Which counts of a run must agree, and that each that does not is found and named.
#include "pipeline/reconciliation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>

namespace imednet::pipeline {
namespace {

using integrations::ExportReport;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// 20 records: 4 inserted, 3 updated, 3 as they stood, 10 in already.
ExportReport merged() {
  ExportReport report;
  report.method = "merge";
  report.rows_expected = report.rows_read = report.rows_staged = 20;
  report.rows_inserted = 4;
  report.rows_updated = 3;
  report.rows_loaded = 7;
  report.rows_unchanged = 3;
  report.rows_skipped = 10;
  report.rows_in_target = 20;
  report.forms = {{"", 1, 0, 1}, {"AE", 12, 12, 12}, {"VS", 7, 5, 7}};
  return report;
}

std::optional<ImednetError> error_of(const ExportReport& report) {
  try {
    require_reconciled(reconcile(report));
  } catch (const ImednetError& error) {
    return error;
  }
  return std::nullopt;
}

std::string message_of(const ExportReport& report) {
  const auto error = error_of(report);
  if (!error) return "no error";
  EXPECT_EQ(error->code(), errors::ErrorCode::counts_differ);
  return error->what();
}

TEST(Reconciliation, CountsThatAgreeAreReconciled) {
  EXPECT_FALSE(error_of(merged()));
  EXPECT_THAT(reconcile(merged()).totals, SizeIs(4));
  EXPECT_THAT(reconcile(merged()).forms, SizeIs(3));
}

struct Broken {
  const char* name;
  std::function<void(ExportReport&)> change;
  const char *left, *right;
};

class EachTerm : public testing::TestWithParam<Broken> {};

TEST_P(EachTerm, ThatDiffersIsFoundAndNamed) {
  ExportReport report = merged();
  GetParam().change(report);
  EXPECT_THAT(message_of(report), AllOf(HasSubstr("cannot trust the export"), HasSubstr(GetParam().left), HasSubstr(GetParam().right)));
}

INSTANTIATE_TEST_SUITE_P(
    Reconciliation, EachTerm,
    testing::Values(Broken{"expected", [](ExportReport& r) { r.rows_expected = 21; }, "records the API holds is 21", "records read is 20"},
                    Broken{"read", [](ExportReport& r) { r.rows_expected = r.rows_read = 19; }, "records read is 19",
                           "rows in the files is 20"},
                    Broken{"staged", [](ExportReport& r) { r.rows_staged = 19; }, "records read is 20", "rows in the files is 19"},
                    Broken{"loaded", [](ExportReport& r) { r.rows_loaded = 6; }, "rows in the files is 20", "or in already is 19"},
                    Broken{"unchanged", [](ExportReport& r) { r.rows_unchanged = 4; }, "rows in the files is 20", "or in already is 21"},
                    Broken{"twice", [](ExportReport& r) { r.rows_twice = 1; }, "rows in the files is 20", "or in already is 21"},
                    Broken{"skipped", [](ExportReport& r) { r.rows_skipped = 0; }, "rows in the files is 20", "or in already is 10"},
                    Broken{"in_target", [](ExportReport& r) { r.rows_in_target = 19; }, "each record once is 20", "in the table is 19"},
                    Broken{"form", [](ExportReport& r) { r.forms[1].rows_in_target = 11; }, "form AE is 12", "in the table is 11"},
                    Broken{"no_form", [](ExportReport& r) { r.forms[0].rows_read = 2; }, "form (none) is 2", "in the table is 1"}),
    [](const auto& each) { return std::string(each.param.name); });

// Two rows of one record: the table has one of them.
TEST(Reconciliation, RowsThatCameTwiceAreInTheTableOnceAndTellNothingOfTheForms) {
  ExportReport report = merged();
  report.rows_unchanged = 2;
  report.rows_twice = 1;
  report.rows_in_target = 19;
  report.forms[1].rows_in_target = 11;
  EXPECT_FALSE(error_of(report));
  EXPECT_THAT(reconcile(report).forms, IsEmpty());
  report.rows_in_target = 20;
  EXPECT_THAT(message_of(report), HasSubstr("each record once is 19"));
}

TEST(Reconciliation, AnAppendSaysNothingOfTheWholeTable) {
  ExportReport report = merged();
  report.method = "append";
  report.rows_in_target = 500;
  report.forms[1].rows_in_target = 400;
  EXPECT_FALSE(error_of(report));
  report.rows_skipped = 9;
  EXPECT_THAT(message_of(report), HasSubstr("or in already is 19"));
}

// What changed is held against what was written of it, and the table against all that the API holds.
TEST(Reconciliation, APartialReadingIsHeldAgainstTheWholeStudyToo) {
  ExportReport report = merged();
  report.since = "2026-01-31T12:00:00Z";
  report.rows_in_api = report.rows_in_target = 900;
  EXPECT_FALSE(error_of(report));
  EXPECT_THAT(reconcile(report).totals, SizeIs(4));
  EXPECT_THAT(reconcile(report).forms, IsEmpty());
  report.rows_expected = 21;
  EXPECT_THAT(message_of(report), HasSubstr("records that changed is 21"));
  report.rows_expected = 20;
  report.rows_in_target = 899;
  EXPECT_THAT(message_of(report), AllOf(HasSubstr("records the API holds is 900"), HasSubstr("in the table is 899")));
}

// The table was counted by the run whose result still stands.
TEST(Reconciliation, AResultThatStillStandsIsHeldAgainstWhatWasRead) {
  ExportReport report = merged();
  report.method = "nothing";
  report.unchanged_since_run = "made-up-run";
  EXPECT_FALSE(error_of(report));
  EXPECT_THAT(reconcile(report).forms, IsEmpty());
  report.rows_in_target = 21;
  EXPECT_THAT(message_of(report), HasSubstr("in the table is 21"));
}

TEST(Reconciliation, ARunThatFailedHasTheTermsThatWereCounted) {
  const ExportReport report = merged();
  EXPECT_THAT(reconcile(report, Counted::nothing).totals, IsEmpty());
  EXPECT_THAT(reconcile(report, Counted::reading).totals, SizeIs(1));
  EXPECT_THAT(reconcile(report, Counted::staged).totals, SizeIs(2));
  EXPECT_THAT(reconcile(report, Counted::loaded).totals, SizeIs(3));
  EXPECT_THAT(reconcile(report, Counted::loaded).forms, IsEmpty());
}

TEST(Reconciliation, NoCountIsComparedWithOneOfTheSameParty) {
  const Reconciliation all = reconcile(merged());
  for (const auto& agreement : all.totals) EXPECT_NE(agreement.left.counted_by, agreement.right.counted_by) << agreement.left.what;
  for (const auto& agreement : all.forms) EXPECT_NE(agreement.left.counted_by, agreement.right.counted_by) << agreement.left.what;
}

}  // namespace
}  // namespace imednet::pipeline
