// Every field that the vendor documents decodes: one element a resource, with values of the kinds that its samples show.
// The elements are written here. Names, types, vocabulary ("Enrollment Open", "Start Date End Date", RADIO, "Pain Level", dates as arrays,
// states of jobs, recordData with stamps of its own) are those of the vendor's API pages of June 2025; for codings, progress and resultUrl
// those of public clients, since the vendor's pages have none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/api/vendor_samples.h"

namespace imednet::api {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST_F(VendorSamples, Study) {
  const Study s = api_with(R"({"sponsorKey":"100","studyKey":"DEMO","studyId":100,"studyName":"A study to try things with",
    "studyDescription":"Made up; nobody was treated","studyType":"STUDY",
    "dateCreated":"2024-10-17 17:17:46","dateModified":"2024-10-18 17:17:46"})")
                      .studies()
                      .collect()
                      .at(0);
  EXPECT_EQ(s.sponsor_key, "100");
  EXPECT_EQ(s.study_key, "DEMO");
  EXPECT_EQ(s.study_id, 100);
  EXPECT_EQ(s.study_name, "A study to try things with");
  EXPECT_EQ(s.study_description, "Made up; nobody was treated");
  EXPECT_EQ(s.study_type, "STUDY");
  EXPECT_EQ(utc_of(s.date_created), at(2024, 10, 17, 17, 17, 46));
  EXPECT_EQ(utc_of(s.date_modified), at(2024, 10, 18, 17, 17, 46));
  EXPECT_THAT(extra_fields(s), IsEmpty());
}

TEST_F(VendorSamples, Site) {
  const Site s = api_with(R"({"studyKey":"DEMO","siteId":1,"siteName":"Site of the north","siteEnrollmentStatus":"Enrollment Open",
    "dateCreated":"2025-06-05 21:12:09","dateModified":"2025-06-05 21:12:09"})")
                     .sites()
                     .collect("DEMO")
                     .at(0);
  EXPECT_EQ(s.study_key, "DEMO");
  EXPECT_EQ(s.site_id, 1);
  EXPECT_EQ(s.site_name, "Site of the north");
  EXPECT_EQ(s.site_enrollment_status, "Enrollment Open");
  EXPECT_EQ(utc_of(s.date_created), at(2025, 6, 5, 21, 12, 9));
  EXPECT_EQ(utc_of(s.date_modified), at(2025, 6, 5, 21, 12, 9));
}

TEST_F(VendorSamples, Form) {
  const std::string form = R"({"studyKey":"DEMO","formId":1,"formKey":"AE","formName":"Adverse events","formType":"Subject",
    "revision":1,"embeddedLog":false,"enforceOwnership":false,"userAgreement":true,"subjectRecordReport":false,"unscheduledVisit":true,
    "otherForms":false,"eproForm":false,"allowCopy":true,"disabled":false,"dateCreated":"2025-06-05 21:12:09",
    "dateModified":"2025-06-05 21:12:09"})";
  const Form f = api_with(form).forms().collect("DEMO").at(0);
  EXPECT_EQ(f.form_id, 1);
  EXPECT_EQ(f.form_key, "AE");
  EXPECT_EQ(f.form_name, "Adverse events");
  EXPECT_EQ(f.form_type, "Subject");
  EXPECT_EQ(f.revision, 1);
  for (const OptionalFlag& set : {f.user_agreement, f.unscheduled_visit, f.allow_copy}) EXPECT_EQ(set, true);
  for (const OptionalFlag& unset : {f.embedded_log, f.enforce_ownership, f.subject_record_report, f.other_forms, f.epro_form, f.disabled})
    EXPECT_EQ(unset, false);
  EXPECT_EQ(utc_of(f.date_created), at(2025, 6, 5, 21, 12, 9));
  EXPECT_EQ(utc_of(f.date_modified), at(2025, 6, 5, 21, 12, 9));
  // As a later description has it, and as old forms were seen.
  const Form other = api_with(R"({"formId":2,"otherForms":[],"disabled":"","embeddedLog":null})").forms().collect("DEMO").at(0);
  for (const OptionalFlag& none : {other.other_forms, other.disabled, other.embedded_log, other.subject_record_report})
    EXPECT_EQ(none, std::nullopt);
  EXPECT_EQ(presence(other.raw, "otherForms"), Presence::empty);
  EXPECT_EQ(presence(other.raw, "subjectRecordReport"), Presence::absent);
}

TEST_F(VendorSamples, Interval) {
  const Interval i = api_with(R"({"studyKey":"DEMO","intervalId":1,"intervalName":"Day 1","intervalDescription":"Day 1",
    "intervalSequence":110,"intervalGroupId":10,"intervalGroupName":"ePRO","timeline":"Start Date End Date",
    "definedUsingInterval":"Baseline","windowCalculationForm":"Procedure","windowCalculationDate":"PROCDT","actualDateForm":"Follow Up",
    "actualDate":"FUDT","dueDateWillBeIn":30,"negativeSlack":7,"positiveSlack":7,"eproGracePeriod":2,
    "forms":[{"formId":123,"formKey":"DM","formName":"Demographics"}],"disabled":true,
    "dateCreated":"2025-06-05 21:12:09","dateModified":"2025-06-05 21:12:09"})")
                         .intervals()
                         .collect("DEMO")
                         .at(0);
  EXPECT_EQ(i.interval_id, 1);
  EXPECT_EQ(i.interval_name, "Day 1");
  EXPECT_EQ(i.interval_description, "Day 1");
  EXPECT_EQ(i.interval_sequence, 110);
  EXPECT_EQ(i.interval_group_id, 10);
  EXPECT_EQ(i.interval_group_name, "ePRO");
  EXPECT_EQ(i.timeline, "Start Date End Date");
  EXPECT_EQ(i.defined_using_interval, "Baseline");
  EXPECT_EQ(i.window_calculation_form, "Procedure");
  EXPECT_EQ(i.window_calculation_date, "PROCDT");
  EXPECT_EQ(i.actual_date_form, "Follow Up");
  EXPECT_EQ(i.actual_date, "FUDT");
  EXPECT_EQ(i.due_date_will_be_in, 30);
  EXPECT_EQ(i.negative_slack, 7);
  EXPECT_EQ(i.positive_slack, 7);
  EXPECT_EQ(i.epro_grace_period, 2);
  EXPECT_EQ(i.disabled, true);
  ASSERT_THAT(i.forms, SizeIs(1));
  EXPECT_EQ(i.forms[0].form_id, 123);
  EXPECT_EQ(i.forms[0].form_key, "DM");
  EXPECT_EQ(i.forms[0].form_name, "Demographics");
  EXPECT_EQ(utc_of(i.date_modified), at(2025, 6, 5, 21, 12, 9));
}

TEST_F(VendorSamples, Variable) {
  const Variable v = api_with(R"({"studyKey":"DEMO","variableId":1,"variableType":"RADIO","variableName":"Pain Level","sequence":1,
    "revision":1,"disabled":false,"deleted":false,"blinded":true,"formId":108,"variableOid":"OID-1","formKey":"AE",
    "formName":"Adverse events","label":"How strong is the pain, <b>1 to 10</b>?","dateCreated":"2025-06-05 21:12:09",
    "dateModified":"2025-06-05 21:12:09"})")
                         .variables()
                         .collect("DEMO")
                         .at(0);
  EXPECT_EQ(v.variable_id, 1);
  EXPECT_EQ(v.variable_type, "RADIO");
  EXPECT_EQ(v.variable_name, "Pain Level");
  EXPECT_EQ(v.sequence, 1);
  EXPECT_EQ(v.revision, 1);
  EXPECT_EQ(v.disabled, false);
  EXPECT_EQ(v.deleted, false);
  EXPECT_EQ(v.blinded, true);
  EXPECT_EQ(v.form_id, 108);
  EXPECT_EQ(v.variable_oid, "OID-1");
  EXPECT_EQ(v.form_key, "AE");
  EXPECT_EQ(v.form_name, "Adverse events");
  EXPECT_EQ(v.label, "How strong is the pain, <b>1 to 10</b>?");
  EXPECT_EQ(utc_of(v.date_created), at(2025, 6, 5, 21, 12, 9));
}

TEST_F(VendorSamples, Subject) {
  const Subject s = api_with(R"({"studyKey":"DEMO","subjectId":1,"subjectOid":"OID-1","subjectKey":"01-001","subjectStatus":"Enrolled",
    "siteId":128,"siteName":"Site of the north","deleted":false,"enrollmentStartDate":"2025-06-05 21:12:10",
    "dateCreated":"2025-06-05 21:12:10","dateModified":"2025-06-05 21:12:10",
    "keywords":[{"keywordName":"To be looked at","keywordKey":"LOOK","keywordId":15,"dateAdded":"2025-06-05 21:12:10"}]})")
                        .subjects()
                        .collect("DEMO")
                        .at(0);
  EXPECT_EQ(s.subject_id, 1);
  EXPECT_EQ(s.subject_oid, "OID-1");
  EXPECT_EQ(s.subject_key, "01-001") << "leading zeros count";
  EXPECT_EQ(s.subject_status, "Enrolled");
  EXPECT_EQ(s.site_id, 128);
  EXPECT_EQ(s.site_name, "Site of the north");
  EXPECT_EQ(s.deleted, false);
  EXPECT_EQ(utc_of(s.enrollment_start_date), at(2025, 6, 5, 21, 12, 10));
  ASSERT_THAT(s.keywords, SizeIs(1));
  EXPECT_EQ(s.keywords[0].keyword_name, "To be looked at");
  EXPECT_EQ(s.keywords[0].keyword_key, "LOOK");
  EXPECT_EQ(s.keywords[0].keyword_id, 15);
  EXPECT_EQ(utc_of(s.keywords[0].date_added), at(2025, 6, 5, 21, 12, 10));
  for (const char* none : {R"({"subjectId":2})", R"({"subjectId":2,"keywords":null})", R"({"subjectId":2,"keywords":""})"})
    EXPECT_THAT(api_with(none).subjects().collect("DEMO").at(0).keywords, IsEmpty()) << none;
}

TEST_F(VendorSamples, Visit) {
  const Visit v = api_with(R"({"visitId":1,"studyKey":"DEMO","intervalId":13,"intervalName":"Day 15","subjectId":247,
    "subjectKey":"111-005","startDate":"2018-11-17","endDate":"","dueDate":null,"visitDate":"2018-11-06","visitDateForm":"Follow Up",
    "visitDateQuestion":"AESEV","deleted":false,"dateCreated":"2025-06-05 21:12:10","dateModified":"2025-06-05 21:12:10"})")
                      .visits()
                      .collect("DEMO")
                      .at(0);
  EXPECT_EQ(v.visit_id, 1);
  EXPECT_EQ(v.interval_id, 13);
  EXPECT_EQ(v.interval_name, "Day 15");
  EXPECT_EQ(v.subject_id, 247);
  EXPECT_EQ(v.subject_key, "111-005");
  EXPECT_EQ(v.start_date, "2018-11-17");
  EXPECT_EQ(v.end_date, "");
  EXPECT_EQ(v.due_date, std::nullopt);
  EXPECT_EQ(presence(v.raw, "dueDate"), Presence::null);
  EXPECT_EQ(v.visit_date, "2018-11-06");
  EXPECT_EQ(v.visit_date_form, "Follow Up");
  EXPECT_EQ(v.visit_date_question, "AESEV");
  EXPECT_EQ(v.deleted, false);
  EXPECT_EQ(utc_of(v.date_created), at(2025, 6, 5, 21, 12, 10));
}

}  // namespace
}  // namespace imednet::api
