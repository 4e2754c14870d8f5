// model_fields.h: the typed fields of each model, by their names on the wire, as JSON.
//
// Shape:  null where the library has no value. A stamp is its text and the time that utc_of() reads in it.
// Uses:   the public headers only, and no list of names of the library's own: what is compared must not come from there.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "imednet/models.h"

namespace imednet::conformance {

using Json = nlohmann::ordered_json;

inline Json of(const OptionalText& text) { return text ? Json(*text) : Json(); }
inline Json of(const OptionalId& id) { return id ? Json(*id) : Json(); }
inline Json of(const OptionalFlag& flag) { return flag ? Json(*flag) : Json(); }

// 2026-01-31T12:00:00.000000
inline Json stamp(const OptionalText& text) {
  Json both = {{"text", of(text)}, {"utc", nullptr}};
  const auto when = utc_of(text);
  if (!when) return both;
  const auto day = std::chrono::floor<std::chrono::days>(*when);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(*when - day);
  char out[40];
  std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d.%06d", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
  both["utc"] = out;
  return both;
}

inline Json fields(const Keyword& k) {
  return {{"keywordName", of(k.keyword_name)},
          {"keywordKey", of(k.keyword_key)},
          {"keywordId", of(k.keyword_id)},
          {"dateAdded", stamp(k.date_added)}};
}

inline Json fields(const IntervalForm& f) {
  return {{"formId", of(f.form_id)}, {"formKey", of(f.form_key)}, {"formName", of(f.form_name)}};
}

inline Json fields(const QueryComment& c) {
  return {{"sequence", of(c.sequence)}, {"annotationStatus", of(c.annotation_status)},
          {"user", of(c.user)},         {"comment", of(c.comment)},
          {"closed", of(c.closed)},     {"date", stamp(c.date)}};
}

inline Json fields(const Role& r) {
  return {{"dateCreated", stamp(r.date_created)},
          {"dateModified", stamp(r.date_modified)},
          {"roleId", of(r.role_id)},
          {"communityId", of(r.community_id)},
          {"name", of(r.name)},
          {"description", of(r.description)},
          {"level", of(r.level)},
          {"type", of(r.type)},
          {"inactive", of(r.inactive)}};
}

template <class Element>
Json all(const std::vector<Element>& elements) {
  Json list = Json::array();
  for (const Element& element : elements) list.push_back(fields(element));
  return list;
}

inline Json fields(const Study& s) {
  return {{"sponsorKey", of(s.sponsor_key)},
          {"studyKey", of(s.study_key)},
          {"studyId", of(s.study_id)},
          {"studyName", of(s.study_name)},
          {"studyDescription", of(s.study_description)},
          {"studyType", of(s.study_type)},
          {"dateCreated", stamp(s.date_created)},
          {"dateModified", stamp(s.date_modified)}};
}

inline Json fields(const Site& s) {
  return {{"studyKey", of(s.study_key)},          {"siteId", of(s.site_id)},
          {"siteName", of(s.site_name)},          {"siteEnrollmentStatus", of(s.site_enrollment_status)},
          {"dateCreated", stamp(s.date_created)}, {"dateModified", stamp(s.date_modified)}};
}

inline Json fields(const Form& f) {
  return {{"studyKey", of(f.study_key)},
          {"formId", of(f.form_id)},
          {"formKey", of(f.form_key)},
          {"formName", of(f.form_name)},
          {"formType", of(f.form_type)},
          {"revision", of(f.revision)},
          {"embeddedLog", of(f.embedded_log)},
          {"enforceOwnership", of(f.enforce_ownership)},
          {"userAgreement", of(f.user_agreement)},
          {"subjectRecordReport", of(f.subject_record_report)},
          {"unscheduledVisit", of(f.unscheduled_visit)},
          {"otherForms", of(f.other_forms)},
          {"eproForm", of(f.epro_form)},
          {"allowCopy", of(f.allow_copy)},
          {"disabled", of(f.disabled)},
          {"dateCreated", stamp(f.date_created)},
          {"dateModified", stamp(f.date_modified)}};
}

inline Json fields(const Interval& i) {
  return {{"studyKey", of(i.study_key)},
          {"intervalId", of(i.interval_id)},
          {"intervalName", of(i.interval_name)},
          {"intervalDescription", of(i.interval_description)},
          {"intervalSequence", of(i.interval_sequence)},
          {"intervalGroupId", of(i.interval_group_id)},
          {"intervalGroupName", of(i.interval_group_name)},
          {"disabled", of(i.disabled)},
          {"dateCreated", stamp(i.date_created)},
          {"dateModified", stamp(i.date_modified)},
          {"timeline", of(i.timeline)},
          {"definedUsingInterval", of(i.defined_using_interval)},
          {"windowCalculationForm", of(i.window_calculation_form)},
          {"windowCalculationDate", of(i.window_calculation_date)},
          {"actualDateForm", of(i.actual_date_form)},
          {"actualDate", of(i.actual_date)},
          {"dueDateWillBeIn", of(i.due_date_will_be_in)},
          {"negativeSlack", of(i.negative_slack)},
          {"positiveSlack", of(i.positive_slack)},
          {"eproGracePeriod", of(i.epro_grace_period)},
          {"forms", all(i.forms)}};
}

inline Json fields(const Variable& v) {
  return {{"studyKey", of(v.study_key)},
          {"variableId", of(v.variable_id)},
          {"variableType", of(v.variable_type)},
          {"variableName", of(v.variable_name)},
          {"sequence", of(v.sequence)},
          {"revision", of(v.revision)},
          {"disabled", of(v.disabled)},
          {"deleted", of(v.deleted)},
          {"formId", of(v.form_id)},
          {"variableOid", of(v.variable_oid)},
          {"formKey", of(v.form_key)},
          {"formName", of(v.form_name)},
          {"label", of(v.label)},
          {"blinded", of(v.blinded)},
          {"dateCreated", stamp(v.date_created)},
          {"dateModified", stamp(v.date_modified)}};
}

inline Json fields(const Subject& s) {
  return {{"studyKey", of(s.study_key)},
          {"subjectId", of(s.subject_id)},
          {"subjectOid", of(s.subject_oid)},
          {"subjectKey", of(s.subject_key)},
          {"subjectStatus", of(s.subject_status)},
          {"siteId", of(s.site_id)},
          {"siteName", of(s.site_name)},
          {"deleted", of(s.deleted)},
          {"enrollmentStartDate", stamp(s.enrollment_start_date)},
          {"dateCreated", stamp(s.date_created)},
          {"dateModified", stamp(s.date_modified)},
          {"keywords", all(s.keywords)}};
}

inline Json fields(const Visit& v) {
  return {{"visitId", of(v.visit_id)},
          {"studyKey", of(v.study_key)},
          {"intervalId", of(v.interval_id)},
          {"intervalName", of(v.interval_name)},
          {"subjectId", of(v.subject_id)},
          {"subjectKey", of(v.subject_key)},
          {"startDate", of(v.start_date)},
          {"endDate", of(v.end_date)},
          {"dueDate", of(v.due_date)},
          {"visitDate", of(v.visit_date)},
          {"visitDateForm", of(v.visit_date_form)},
          {"visitDateQuestion", of(v.visit_date_question)},
          {"deleted", of(v.deleted)},
          {"dateCreated", stamp(v.date_created)},
          {"dateModified", stamp(v.date_modified)}};
}

inline Json fields(const Record& r) {
  return {{"studyKey", of(r.study_key)},
          {"intervalId", of(r.interval_id)},
          {"formId", of(r.form_id)},
          {"formKey", of(r.form_key)},
          {"siteId", of(r.site_id)},
          {"recordId", r.record_id},
          {"recordOid", of(r.record_oid)},
          {"recordType", of(r.record_type)},
          {"recordStatus", of(r.record_status)},
          {"deleted", of(r.deleted)},
          {"dateCreated", stamp(r.date_created)},
          {"dateModified", stamp(r.date_modified)},
          {"subjectId", of(r.subject_id)},
          {"subjectOid", of(r.subject_oid)},
          {"subjectKey", of(r.subject_key)},
          {"visitId", of(r.visit_id)},
          {"parentRecordId", of(r.parent_record_id)},
          {"keywords", of(r.keywords)},
          {"recordData", of(r.record_data)}};
}

inline Json fields(const RecordRevision& r) {
  return {{"studyKey", of(r.study_key)},
          {"recordRevisionId", of(r.record_revision_id)},
          {"recordId", of(r.record_id)},
          {"recordOid", of(r.record_oid)},
          {"recordRevision", of(r.record_revision)},
          {"dataRevision", of(r.data_revision)},
          {"recordStatus", of(r.record_status)},
          {"subjectId", of(r.subject_id)},
          {"subjectOid", of(r.subject_oid)},
          {"subjectKey", of(r.subject_key)},
          {"siteId", of(r.site_id)},
          {"formKey", of(r.form_key)},
          {"intervalId", of(r.interval_id)},
          {"role", of(r.role)},
          {"user", of(r.user)},
          {"reasonForChange", of(r.reason_for_change)},
          {"deleted", of(r.deleted)},
          {"dateCreated", stamp(r.date_created)}};
}

inline Json fields(const Query& q) {
  return {{"studyKey", of(q.study_key)},
          {"subjectId", of(q.subject_id)},
          {"subjectOid", of(q.subject_oid)},
          {"annotationType", of(q.annotation_type)},
          {"annotationId", of(q.annotation_id)},
          {"type", of(q.type)},
          {"description", of(q.description)},
          {"recordId", of(q.record_id)},
          {"variable", of(q.variable)},
          {"subjectKey", of(q.subject_key)},
          {"dateCreated", stamp(q.date_created)},
          {"dateModified", stamp(q.date_modified)},
          {"queryComments", all(q.query_comments)}};
}

inline Json fields(const Coding& c) {
  return {{"studyKey", of(c.study_key)},
          {"siteName", of(c.site_name)},
          {"siteId", of(c.site_id)},
          {"subjectId", of(c.subject_id)},
          {"subjectKey", of(c.subject_key)},
          {"formId", of(c.form_id)},
          {"formName", of(c.form_name)},
          {"formKey", of(c.form_key)},
          {"revision", of(c.revision)},
          {"recordId", of(c.record_id)},
          {"variable", of(c.variable)},
          {"value", of(c.value)},
          {"codingId", of(c.coding_id)},
          {"code", of(c.code)},
          {"codedBy", of(c.coded_by)},
          {"reason", of(c.reason)},
          {"dictionaryName", of(c.dictionary_name)},
          {"dictionaryVersion", of(c.dictionary_version)},
          {"dateCoded", stamp(c.date_coded)}};
}

inline Json fields(const User& u) {
  return {{"userId", of(u.user_id)},     {"login", of(u.login)}, {"firstName", of(u.first_name)},
          {"lastName", of(u.last_name)}, {"email", of(u.email)}, {"userActiveInStudy", of(u.user_active_in_study)},
          {"roles", all(u.roles)}};
}

inline Json fields(const Job& j) {
  return {{"jobId", of(j.job_id)},
          {"batchId", of(j.batch_id)},
          {"state", of(j.state)},
          {"dateCreated", stamp(j.date_created)},
          {"dateStarted", stamp(j.date_started)},
          {"dateFinished", stamp(j.date_finished)},
          {"progress", of(j.progress)},
          {"resultUrl", of(j.result_url)},
          {"isTerminal", j.is_terminal()},
          {"hasFailed", j.has_failed()}};
}

}  // namespace imednet::conformance
