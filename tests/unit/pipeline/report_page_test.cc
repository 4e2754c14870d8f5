// The page of a run: what it says, what it never says, and that no name breaks out of its place.
#include "pipeline/report_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <regex>

#include "unit/folder.h"

namespace imednet::pipeline {
namespace {

using errors::ErrorCode;
using integrations::ExportReport;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

ExportReport merged_run() {
  ExportReport report;
  report.study = "MY_STUDY";
  report.run_id = "20260115T120000Z-0a0b0c0d";
  report.mode = "auto";
  report.method = "merge";
  report.table = "IMEDNET_DB.PUBLIC.RECORDS";
  report.started_at = "2026-01-15T12:00:00+00:00";
  report.finished_at = "2026-01-15T12:00:02+00:00";
  report.rows_expected = report.rows_read = report.rows_staged = report.rows_in_target = 15'916;
  report.rows_inserted = 4;
  report.rows_updated = 3;
  report.rows_loaded = 7;
  report.rows_unchanged = 9;
  report.rows_skipped = 15'900;
  report.rows_vanished = 2;
  report.forms = {{"", 16, 9, 16}, {"AE", 12'000, 12'002, 12'000}, {"VS", 3'900, 3'900, 3'900}};
  report.steps = {{"connecting", 0.5}, {"reading", 75}, {"finishing", 0.25}};
  report.retries = 5;
  report.batch_reports = {
      {"MY_STUDY/records/0", "@MY_STAGE/imednet/0a/MY_STUDY_records_0.parquet", "0a", "ffee", "merged", 16, 7, 4'321, 770'001, 770'099}};
  report.warnings = {"first warning"};
  report.cleanup = {"REMOVE @MY_STAGE/imednet/0a/MY_STUDY_records_0.parquet;"};
  report.reconciled = true;
  return report;
}

std::string field(std::string_view name, std::string_view value) {
  return "data-field=\"" + std::string(name) + "\">" + std::string(value) + "<";
}

TEST(ReportPage, SaysWhatWasCountedAndThatItAgrees) {
  const std::string page = report_page(merged_run(), Counted::everything);
  EXPECT_THAT(
      page, AllOf(HasSubstr(field("rows_read", "15,916")), HasSubstr(field("rows_loaded", "7")), HasSubstr(field("rows_unchanged", "9")),
                  HasSubstr(field("rows_vanished", "2")), HasSubstr(field("rows_in_target", "15,916")), HasSubstr(field("retries", "5"))));
  EXPECT_THAT(page, AllOf(HasSubstr("Reconciled: every count agrees"), HasSubstr("first warning"), HasSubstr("(no form)"),
                          HasSubstr("1 min 15 s"), HasSubstr("REMOVE @MY_STAGE"), HasSubstr("ffee"), HasSubstr("4.3 kB")));
  EXPECT_THAT(page, Not(HasSubstr("class=\"bad\"><strong>no")));
  EXPECT_THAT(page, Not(HasSubstr("What went wrong")));
}

TEST(ReportPage, ACountThatDiffersIsShownAsSuch) {
  ExportReport report = merged_run();
  report.forms[1].rows_in_target = 11'999;
  report.rows_in_target = 15'915;
  const ImednetError error("cannot trust the export: one is 2 and one is 1", {.code = ErrorCode::counts_differ, .hint = "run again"});
  const std::string page = report_page(report, Counted::everything, &error);
  EXPECT_THAT(page, AllOf(HasSubstr(">Failed<"), HasSubstr(field("exit", "15")), HasSubstr(field("code", "counts_differ")),
                          HasSubstr(field("hint", "run again")),
                          HasSubstr(field("message",
                                          "cannot trust the export"
                                          ": one is 2 and one is 1"))));
  const std::regex no("<strong>no</strong>");
  EXPECT_EQ(std::distance(std::sregex_iterator(page.begin(), page.end(), no), {}), 2);
}

TEST(ReportPage, OfAFailedRunOnlyWhatWasCountedIsShown) {
  const ImednetError error("cannot go on", {.code = ErrorCode::unavailable, .origin = {.system = "snowflake"}});
  const std::string reading = report_page(merged_run(), Counted::reading, &error),
                    nothing = report_page(merged_run(), Counted::nothing, &error);
  EXPECT_THAT(reading, AllOf(HasSubstr(field("rows_read", "15,916")), HasSubstr(field("exit", "13")), HasSubstr("records the API holds")));
  EXPECT_THAT(reading, AllOf(Not(HasSubstr("rows_in_target")), Not(HasSubstr("rows_loaded")), Not(HasSubstr("Live rows"))));
  EXPECT_THAT(nothing, AllOf(HasSubstr("Nothing was counted"), Not(HasSubstr("data-field=\"rows")), Not(HasSubstr("id=\"terms\""))));
}

TEST(ReportPage, AStopHasTheCodesOfBothSignals) {
  const ImednetError stopped("cannot go on: a stop was asked for", {.code = ErrorCode::cancelled});
  EXPECT_THAT(report_page(merged_run(), Counted::reading, &stopped), HasSubstr("130 after SIGINT, 143 after SIGTERM"));
}

TEST(ReportPage, NoNameBreaksOutOfItsPlace) {
  const std::string hostile = "</td><script>alert(1)</script><img src=x onerror=\"a()\">'&\xFF\xC3\x01";
  const std::string escaped =
      "&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x "
      "onerror=&quot;a()&quot;&gt;&#39;&amp;\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD";
  ExportReport report = merged_run();
  report.study = report.run_id = report.table = report.mode = report.paging = report.started_at = report.finished_at = report.since =
      report.forms[1].form_key = report.warnings[0] = report.cleanup[0] = report.steps[1].step = hostile;
  auto& file = report.batch_reports[0];
  file.batch_id = file.stage_path = file.status = file.sha256 = hostile;
  const ImednetError error(hostile, {.code = ErrorCode::rejected, .hint = hostile});
  const std::string page = report_page(report, Counted::everything, &error);
  EXPECT_THAT(page, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("<img")), Not(HasSubstr("onerror=\"")), Not(HasSubstr("\x01"))));
  std::size_t times = 0;
  for (auto at = page.find(escaped); at != std::string::npos; at = page.find(escaped, at + 1)) ++times;
  EXPECT_GE(times, 16u) << "each of the names, and the study once more in the title";
}

TEST(ReportPage, VariablesWithAnswersOfAnotherTypeAreCounted) {
  ExportReport report = merged_run();
  EXPECT_THAT(report_page(report, Counted::everything), Not(HasSubstr("id=\"answers\"")));
  report.variables = {{"AE", "<AESTDTC>", "T_AE", "AESTDTC", "date", 1'200, 11, 0},
                      {"AE", "AETERM", "T_AE", "AETERM", "text", 1'300, 0, 0}};
  report.blinded = "left out";
  const std::string page = report_page(report, Counted::everything);
  EXPECT_THAT(page,
              AllOf(HasSubstr("1 of 2 columns have such answers"), HasSubstr("<bdi>&lt;AESTDTC&gt;</bdi></td><td>date</td>"),
                    HasSubstr(">1,200</td><td class=\"number\">11<"), HasSubstr("marked blinded: left out"), Not(HasSubstr("AETERM"))));
}

TEST(ReportPage, OfAFolderOnlyTheFilesCount) {
  ExportReport report = merged_run();
  report.destination = "parquet";
  report.method = "files";
  const std::string page = report_page(report, Counted::staged);
  EXPECT_THAT(page, AllOf(HasSubstr("Reconciled: every count agrees"), HasSubstr("was replaced as a whole"),
                          Not(HasSubstr("data-field=\"rows_in_target\"")), Not(HasSubstr("class=\"bad\"><strong>no"))));
}

TEST(ReportPage, NeedsNothingFromElsewhereAndNoScript) {
  const std::string page = report_page(merged_run(), Counted::everything);
  for (const char* text : {"http:", "https:", "//", "<script", "url(", "@import", "<link", "<img", "<iframe", " on"}) {
    const std::string_view wanted = text;
    if (wanted == " on") {
      EXPECT_FALSE(std::regex_search(page, std::regex("<[^>]* on[a-z]+="))) << "a handler";
    } else {
      EXPECT_THAT(page, Not(HasSubstr(text)));
    }
  }
  EXPECT_THAT(page, AllOf(HasSubstr("default-src 'none'"), HasSubstr("<html lang=\"en\">"), HasSubstr("<title>imednet: MY_STUDY")));
}

TEST(ReportPage, HoldsNoRecordsId) {
  ExportReport report = merged_run();
  const ImednetError error(
      "cannot read: record 770001 is bad; the record after 770002 is larger; 3 records that were not shown are there, the first is 770003; "
      "near record 770004; record 770005 comes after record 770006",
      {.code = ErrorCode::decode, .hint = "look at record 770007", .origin = {.system = "imednet"}});
  const std::string page = report_page(report, Counted::everything, &error);
  EXPECT_THAT(page, Not(HasSubstr("7700")));
  EXPECT_THAT(page, HasSubstr("3 records that were not shown are there"));
}

TEST(ReportPage, AnAppendComparesNoForms) {
  ExportReport report = merged_run();
  report.method = "append";
  report.forms[1].rows_in_target = 50'000;
  const std::string page = report_page(report, Counted::everything);
  EXPECT_THAT(page, AllOf(HasSubstr("not compared"), Not(HasSubstr("<strong>no</strong>"))));
}

TEST(ReportPage, ALongListOfFilesAndFormsStaysReadable) {
  ExportReport report = merged_run();
  report.batch_reports.assign(1'200, report.batch_reports[0]);
  report.forms.assign(40, {"FORM_WITH_A_NAME_THAT_IS_MUCH_TOO_LONG", 1, 0, 1});
  const std::string page = report_page(report, Counted::everything);
  EXPECT_THAT(page,
              AllOf(HasSubstr("And 200 more."), HasSubstr("without the 15 smallest"), HasSubstr("FORM_WITH_A_NAME_THAT_\xE2\x80\xA6")));
}

using ReportPageFile = FolderTest;

TEST_F(ReportPageFile, IsWrittenForItsOwnerOnlyAndReplaced) {
  const ReportPage page(root / "page.html", {});
  EXPECT_TRUE(names_in(root).empty()) << "judging the path leaves nothing";
  const ImednetError error("cannot go on", {.code = ErrorCode::unavailable});
  page.write_failed(merged_run(), Counted::reading, error);
  EXPECT_THAT(bytes_of(root / "page.html"), HasSubstr(">Failed<"));
  page.write(merged_run(), Counted::everything);
  EXPECT_THAT(bytes_of(root / "page.html"), AllOf(HasSubstr("Reconciled"), Not(HasSubstr(">Failed<"))));
  EXPECT_EQ(mode_of(root / "page.html"), 0600u);
  EXPECT_EQ(names_in(root).size(), 1u);
}

TEST_F(ReportPageFile, APathThatCannotBeWrittenIsKnownAtOnce) {
  EXPECT_EQ(code_of([&] { ReportPage page(root / "missing" / "page.html", {}); }), ErrorCode::io);
  EXPECT_EQ(code_of([&] { ReportPage page(root, {}); }), ErrorCode::io);
  EXPECT_EQ(code_of([&] { ReportPage page("/proc/page.html", {}); }), ErrorCode::io);
}

TEST_F(ReportPageFile, TheManifestsPlacesAreRefused) {
  for (const char* name : {"m.jsonl", "m.jsonl.run.json", "./x/../m.jsonl"}) {
    EXPECT_EQ(code_of<errors::ExportConfigurationError>([&] { ReportPage page(root / name, root / "m.jsonl"); }), ErrorCode::config)
        << name;
  }
}

TEST_F(ReportPageFile, AfterAGoodRunAPageThatCannotBeWrittenIsAnError) {
  std::filesystem::create_directory(root / "gone");
  const ReportPage page(root / "gone" / "page.html", {});
  std::filesystem::remove(root / "gone");
  EXPECT_EQ(code_of([&] { page.write(merged_run(), Counted::everything); }), ErrorCode::io);
  page.write_failed(merged_run(), Counted::reading, ImednetError("cannot go on", {.code = ErrorCode::unavailable}));  // does not throw
}

TEST_F(ReportPageFile, WithoutAPathNothingIsWritten) {
  const ReportPage page({}, {});
  page.write(merged_run(), Counted::everything);
  EXPECT_TRUE(names_in(root).empty());
}

}  // namespace
}  // namespace imednet::pipeline
