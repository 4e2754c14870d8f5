#include "api/resource_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/api/scripted_transport.h"

namespace imednet::api {
namespace {

using errors::ApiError;
using errors::ErrorCode;
using testing::HasSubstr;
using testing::Not;

class ResourceReaderTest : public testing::Test {
 protected:
  template <class Model>
  std::vector<Model> list() {
    std::vector<Model> all;
    for (Model& element : StudyResource<Model>(make_client(script, clock)).list("S")) all.push_back(std::move(element));
    return all;
  }
  // The only element of a list that was answered with `element`.
  template <class Model>
  Model only(const std::string& element) {
    script.answers(200, list_body(element, 1));
    auto all = list<Model>();
    EXPECT_EQ(all.size(), 1u);
    EXPECT_EQ(all.at(0).raw, element);
    return all.at(0);
  }

  Script script;
  FakeClock clock;
};

TEST_F(ResourceReaderTest, Studies) {
  const std::string element =
      R"({"sponsorKey":"100","studyKey":"DEMO","studyId":41,"studyName":"A trial","studyDescription":"","studyType":"STUDY",)"
      R"("dateCreated":"2024-01-02 03:04:05","dateModified":"2024-01-02 03:04:06","region":{"x":[1]}})";
  script.answers(200, list_body(element, 1), {}, "/api/v1/edc/studies?page=0&size=500&sort=studyKey%2Casc");
  std::vector<Study> all;
  for (const Study& study : Studies(make_client(script, clock)).list()) all.push_back(study);
  ASSERT_EQ(all.size(), 1u);
  const Study& s = all[0];
  EXPECT_EQ(s.sponsor_key, "100");
  EXPECT_EQ(s.study_key, "DEMO");
  EXPECT_EQ(s.study_id, 41);
  EXPECT_EQ(s.study_name, "A trial");
  EXPECT_EQ(s.study_description, "");
  EXPECT_EQ(s.study_type, "STUDY");
  EXPECT_EQ(s.date_created, "2024-01-02 03:04:05");
  EXPECT_EQ(s.date_modified, "2024-01-02 03:04:06");
  EXPECT_EQ(s.raw, element);
}

TEST_F(ResourceReaderTest, Sites) {
  const Site s = only<Site>(R"({"studyKey":"DEMO","siteId":"128","siteName":"Site \u00c4","siteEnrollmentStatus":"Enrollment Open",)"
                            R"("dateCreated":"2024-01-02 03:04:05","dateModified":null,"timeZone":"UTC"})");
  EXPECT_EQ(s.study_key, "DEMO");
  EXPECT_EQ(s.site_id, 128);
  EXPECT_EQ(s.site_name, "Site \xC3\x84");
  EXPECT_EQ(s.site_enrollment_status, "Enrollment Open");
  EXPECT_EQ(s.date_created, "2024-01-02 03:04:05");
  EXPECT_EQ(s.date_modified, std::nullopt);
}

TEST_F(ResourceReaderTest, Forms) {
  const Form f =
      only<Form>(R"({"studyKey":"DEMO","formId":10202,"formKey":"AE","formName":"Adverse Event","formType":"Subject","revision":3,)"
                 R"("embeddedLog":false,"enforceOwnership":"","userAgreement":false,"otherForms":[],"eproForm":false,"allowCopy":true,)"
                 R"("disabled":"","dateCreated":"2024-01-02 03:04:05","dateModified":"2024-01-02 03:04:06"})");
  EXPECT_EQ(f.study_key, "DEMO");
  EXPECT_EQ(f.form_id, 10202);
  EXPECT_EQ(f.form_key, "AE");
  EXPECT_EQ(f.form_name, "Adverse Event");
  EXPECT_EQ(f.form_type, "Subject");
  EXPECT_EQ(f.revision, 3);
  EXPECT_EQ(f.disabled, std::nullopt);
  EXPECT_EQ(f.date_created, "2024-01-02 03:04:05");
  EXPECT_EQ(f.date_modified, "2024-01-02 03:04:06");
}

TEST_F(ResourceReaderTest, Intervals) {
  const Interval i = only<Interval>(
      R"({"studyKey":"DEMO","intervalId":99,"intervalName":"Week 2","intervalDescription":null,"intervalSequence":20,)"
      R"("intervalGroupId":10,"intervalGroupName":"Treatment","disabled":true,"dateCreated":"2024-01-02 03:04:05",)"
      R"("dateModified":"2024-01-02 03:04:06","timeline":"Due Date","dueDateWillBeIn":14,"forms":[{"formId":1,"formKey":"AE"}]})");
  EXPECT_EQ(i.study_key, "DEMO");
  EXPECT_EQ(i.interval_id, 99);
  EXPECT_EQ(i.interval_name, "Week 2");
  EXPECT_EQ(i.interval_description, std::nullopt);
  EXPECT_EQ(i.interval_sequence, 20);
  EXPECT_EQ(i.interval_group_id, 10);
  EXPECT_EQ(i.interval_group_name, "Treatment");
  EXPECT_EQ(i.disabled, true);
  EXPECT_EQ(i.date_created, "2024-01-02 03:04:05");
  EXPECT_EQ(i.date_modified, "2024-01-02 03:04:06");
}

TEST_F(ResourceReaderTest, Variables) {
  const Variable v =
      only<Variable>(R"({"studyKey":"DEMO","variableId":51,"variableType":"RADIO","variableName":"Pain Level","sequence":1,"revision":2,)"
                     R"("disabled":false,"deleted":true,"formId":10202,"variableOid":"OID-51","formKey":"AE","formName":"Adverse Event",)"
                     R"("label":"<b>Pain?</b>","blinded":1,"dateCreated":"2024-01-02 03:04:05","dateModified":"2024-01-02 03:04:06"})");
  EXPECT_EQ(v.study_key, "DEMO");
  EXPECT_EQ(v.variable_id, 51);
  EXPECT_EQ(v.variable_type, "RADIO");
  EXPECT_EQ(v.variable_name, "Pain Level");
  EXPECT_EQ(v.sequence, 1);
  EXPECT_EQ(v.revision, 2);
  EXPECT_EQ(v.disabled, false);
  EXPECT_EQ(v.deleted, true);
  EXPECT_EQ(v.form_id, 10202);
  EXPECT_EQ(v.variable_oid, "OID-51");
  EXPECT_EQ(v.form_key, "AE");
  EXPECT_EQ(v.form_name, "Adverse Event");
  EXPECT_EQ(v.label, "<b>Pain?</b>");
  EXPECT_EQ(v.blinded, true);
  EXPECT_EQ(v.date_created, "2024-01-02 03:04:05");
  EXPECT_EQ(v.date_modified, "2024-01-02 03:04:06");
}

TEST_F(ResourceReaderTest, Subjects) {
  const Subject s = only<Subject>(
      R"({"studyKey":"DEMO","subjectId":326,"subjectOid":"OID-1","subjectKey":"01-001","subjectStatus":"Enrolled","siteId":128,)"
      R"("siteName":"Chicago","deleted":false,"enrollmentStartDate":"2024-01-01 00:00:00","dateCreated":"2024-01-02 03:04:05",)"
      R"("dateModified":"2024-01-02 03:04:06","keywords":[{"keywordName":"n"}]})");
  EXPECT_EQ(s.study_key, "DEMO");
  EXPECT_EQ(s.subject_id, 326);
  EXPECT_EQ(s.subject_oid, "OID-1");
  EXPECT_EQ(s.subject_key, "01-001");
  EXPECT_EQ(s.subject_status, "Enrolled");
  EXPECT_EQ(s.site_id, 128);
  EXPECT_EQ(s.site_name, "Chicago");
  EXPECT_EQ(s.deleted, false);
  EXPECT_EQ(s.enrollment_start_date, "2024-01-01 00:00:00");
  EXPECT_EQ(s.date_created, "2024-01-02 03:04:05");
  EXPECT_EQ(s.date_modified, "2024-01-02 03:04:06");
}

TEST_F(ResourceReaderTest, Visits) {
  const Visit v = only<Visit>(
      R"({"visitId":1,"studyKey":"DEMO","intervalId":99,"intervalName":"Week 2","subjectId":326,"subjectKey":"01-001",)"
      R"("startDate":"2024-01-15","endDate":"","dueDate":null,"visitDate":"2024-01-16","visitDateForm":"VS",)"
      R"("visitDateQuestion":"VSDAT","deleted":"false","dateCreated":"2024-01-02 03:04:05","dateModified":"2024-01-02 03:04:06"})");
  EXPECT_EQ(v.visit_id, 1);
  EXPECT_EQ(v.study_key, "DEMO");
  EXPECT_EQ(v.interval_id, 99);
  EXPECT_EQ(v.interval_name, "Week 2");
  EXPECT_EQ(v.subject_id, 326);
  EXPECT_EQ(v.subject_key, "01-001");
  EXPECT_EQ(v.start_date, "2024-01-15");
  EXPECT_EQ(v.end_date, "");
  EXPECT_EQ(v.due_date, std::nullopt);
  EXPECT_EQ(v.visit_date, "2024-01-16");
  EXPECT_EQ(v.visit_date_form, "VS");
  EXPECT_EQ(v.visit_date_question, "VSDAT");
  EXPECT_EQ(v.deleted, false);
  EXPECT_EQ(v.date_created, "2024-01-02 03:04:05");
  EXPECT_EQ(v.date_modified, "2024-01-02 03:04:06");
}

TEST_F(ResourceReaderTest, AnElementMayLackEveryField) {
  const Visit visit = only<Visit>("{}");
  EXPECT_EQ(visit.visit_id, std::nullopt);
  EXPECT_EQ(visit.deleted, std::nullopt);
  EXPECT_EQ(visit.end_date, std::nullopt);
}

TEST_F(ResourceReaderTest, EachResourceHasItsPathAndIsSortedById) {
  const auto ask = [this]<class Model>(Model, const std::string& path) {
    script.answers(200, list_body("", 0), {}, "/api/v1/edc/studies/S/" + path);
    EXPECT_TRUE(list<Model>().empty());
  };
  ask(Site(), "sites?page=0&size=500&sort=siteId%2Casc");
  ask(Form(), "forms?page=0&size=500&sort=formId%2Casc");
  ask(Interval(), "intervals?page=0&size=500&sort=intervalId%2Casc");
  ask(Variable(), "variables?page=0&size=500&sort=variableId%2Casc");
  ask(Subject(), "subjects?page=0&size=500&sort=subjectId%2Casc");
  ask(Visit(), "visits?page=0&size=500&sort=visitId%2Casc");
}

TEST_F(ResourceReaderTest, StudyKeyAndFilterAreEncoded) {
  script.answers(200, list_body("", 0), {}, "/studies/A%2FB%20C/sites?page=0&size=500&sort=siteId%2Casc&filter=siteId%3E5");
  for ([[maybe_unused]] const Site& site : StudyResource<Site>(make_client(script, clock)).list("A/B C", {.filter = "siteId>5"})) FAIL();
}

TEST_F(ResourceReaderTest, AnEmptyStudyKeyIsRefusedBeforeAnyRequest) {
  for (const char* key : {"", " ", "\n"}) {
    const auto error = caught<errors::ConfigurationError>([&] { StudyResource<Site>(make_client(script, clock)).list(key); });
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    caught<errors::ConfigurationError>([&] { StudyResource<Record>(make_client(script, clock)).list(key); });
  }
}

TEST_F(ResourceReaderTest, PagesFollowOneAnother) {
  script.answers(200, list_body(R"({"siteId":1},{"siteId":2})", 5), {}, "page=0&")
      .answers(200, list_body(R"({"siteId":3},{"siteId":4})", 5), {}, "page=1&")
      .answers(200, list_body(R"({"siteId":5})", 5), {}, "page=2&");
  const auto sites = list<Site>();
  ASSERT_EQ(sites.size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(sites[i].site_id, static_cast<std::int64_t>(i) + 1);
}

TEST_F(ResourceReaderTest, ATotalThatDisagreesIsAnError) {
  script.answers(200, list_body(R"({"siteId":1},{"siteId":2})", 1));
  EXPECT_EQ(caught([this] { list<Site>(); }).code(), ErrorCode::counts_differ);
  script.answers(200, list_body(R"({"siteId":1})", 3)).answers(200, list_body("", 3));
  const ApiError error = caught([this] { list<Site>(); });
  EXPECT_EQ(error.code(), ErrorCode::counts_differ);
  EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("sites of study S"), HasSubstr("1 arrived and the API says 3")));
  script.answers(200, list_body("", 3));
  EXPECT_EQ(caught([this] { list<Site>(); }).code(), ErrorCode::counts_differ);
  script.answers(200, R"({"data":[{"siteId":1}]})");
  EXPECT_EQ(caught([this] { list<Site>(); }).code(), ErrorCode::counts_differ);
}

TEST_F(ResourceReaderTest, APageThatComesAgainIsAnError) {
  const std::string page = list_body(R"({"siteId":1},{"siteId":2})", 4);
  script.answers(200, page).answers(200, page);
  const ApiError error = caught([this] { list<Site>(); });
  EXPECT_EQ(error.code(), ErrorCode::protocol);
  EXPECT_THAT(error.what(), HasSubstr("came again"));
}

TEST_F(ResourceReaderTest, AFieldThatCanNotBeReadIsNamedWithoutItsValue) {
  for (const std::string value : {"\"AB-5511\"", "5511.5", "[5511]", "true"}) {
    script.answers(200, list_body(R"({"siteId":1},{"siteId":)" + value + "}", 2));
    const ApiError error = caught([this] { list<Site>(); });
    EXPECT_EQ(error.code(), ErrorCode::decode);
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("siteId"), HasSubstr("(element 2 of the sites of"), Not(HasSubstr("5511"))));
  }
  for (const std::string element : {"5511", "\"5511\"", "null", "[]", R"({"siteName":nonsense})", R"({"siteId" 1})"}) {
    script.answers(200, list_body(element, 1));
    EXPECT_EQ(caught([this] { list<Site>(); }).code(), ErrorCode::decode) << element;
  }
}

TEST_F(ResourceReaderTest, EscapedKeysAreTheSameKeys) { EXPECT_EQ(only<Site>("{\"site\\u0049d\":7}").site_id, 7); }

}  // namespace
}  // namespace imednet::api
