// One subject on one screen.
#include "cli/subject_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imednet::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

SubjectFile file_of_nobody() {
  SubjectFile file;
  file.subject.study_key = "S";
  file.subject.subject_key = "01-001";
  file.subject.raw = R"({"subjectKey":"01-001"})";
  return file;
}

TEST(SubjectTextTest, NothingKnownIsSaid) {
  EXPECT_EQ(subject_text(file_of_nobody(), 0, false), "Subject 01-001 of study S\n\nVisits: none\n\nRecords: none\n\nOpen queries: none\n");
  EXPECT_EQ(subject_json(file_of_nobody()),
            "{\n\"subject\": {\"subjectKey\":\"01-001\"},\n\"visits\": [],\n\"records\": [],\n\"queries\": []\n}\n");
}

TEST(SubjectTextTest, VisitsStandAsTheyTookPlaceAndThoseToComeBehind) {
  SubjectFile file = file_of_nobody();
  const auto visit = [&](std::int64_t id, const char* name, OptionalText date, OptionalText due) {
    Visit& made = file.visits.emplace_back();
    made.visit_id = id;
    made.interval_name = name;
    made.visit_date = std::move(date);
    made.due_date = std::move(due);
  };
  visit(1, "later", {}, "2026-05-01");
  visit(2, "soon", "", "2026-04-01");
  visit(3, "second", "2026-02-01", {});
  visit(4, "first", "2026-01-01", "2026-09-01");
  const std::string text = subject_text(file, 0, false);
  EXPECT_THAT(text, testing::ContainsRegex("first(.|\n)*second(.|\n)*soon(.|\n)*later"));
  EXPECT_THAT(text, HasSubstr("Visits: 4\n"));
}

TEST(SubjectTextTest, ADeletedSubjectAndItsNamesakesAreMarked) {
  SubjectFile file = file_of_nobody();
  file.subject.subject_status = "Enrolled";
  file.subject.subject_id = 5;
  file.subject.deleted = true;
  file.namesakes = 1;
  EXPECT_THAT(subject_text(file, 0, false), HasSubstr("Enrolled (deleted)\n  Note      1 more of that key; this is subjectId 5\n"));
}

TEST(SubjectTextTest, NoAnswerIsShown) {
  SubjectFile file = file_of_nobody();
  Record& record = file.records.emplace_back();
  record.record_id = 1;
  record.form_key = "AE";
  record.raw = R"({"recordId":1,"recordData":{"AETERM":"made-up answer"}})";
  EXPECT_THAT(subject_text(file, 0, false), Not(HasSubstr("made-up answer")));
  EXPECT_THAT(subject_json(file), HasSubstr("\"records\": [\n{\"recordId\":1}\n]"));
}

TEST(SubjectTextTest, OnlyOpenQueriesAreListed) {
  SubjectFile file = file_of_nobody();
  for (const OptionalFlag closed : {OptionalFlag(false), OptionalFlag(true), OptionalFlag()}) {
    Query& query = file.queries.emplace_back();
    query.annotation_id = static_cast<std::int64_t>(file.queries.size());
    query.description = closed == true ? "closed one" : "other";
    QueryComment& comment = query.query_comments.emplace_back();
    comment.sequence = 1;
    comment.closed = closed;
  }
  const std::string text = subject_text(file, 0, false);
  EXPECT_THAT(text, HasSubstr("Open queries: 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("closed one")));
  EXPECT_THAT(text, HasSubstr("closed besides: 1\n"));
  EXPECT_THAT(text, HasSubstr("whether they are open: 1\n"));
}

}  // namespace
}  // namespace imednet::cli
