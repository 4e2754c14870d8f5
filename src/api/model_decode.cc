#include "api/model_decode.h"

#include <variant>
#include <vector>

#include "api/scalar.h"

namespace imednet::api {
namespace {

namespace json = simdjson::ondemand;

// A field of a model: its name on the wire and where it goes, or who reads it.
template <class Model>
struct Member {
  std::string_view name;
  std::variant<OptionalText Model::*, OptionalId Model::*, OptionalFlag Model::*, void (*)(Model&, json::value, std::string_view)> place;
};

template <class Model>
const std::vector<Member<Model>> kMembers;

template <class Model>
void read_into(Model& model, const Member<Model>& member, json::value value) {
  if (const auto* text = std::get_if<OptionalText Model::*>(&member.place)) {
    const auto read = read_text(value, member.name);
    model.** text = read ? OptionalText(std::string(*read)) : std::nullopt;
  } else if (const auto* id = std::get_if<OptionalId Model::*>(&member.place)) {
    model.** id = read_id(value, member.name);
  } else if (const auto* flag = std::get_if<OptionalFlag Model::*>(&member.place)) {
    model.** flag = read_flag(value, member.name);
  } else {
    std::get<void (*)(Model&, json::value, std::string_view)>(member.place)(model, value, member.name);
  }
}

template <class Model>
void decode_members(json::object object, Model& model) {
  for (auto field : object) {
    const std::string_view key = name_of(field);
    for (const Member<Model>& member : kMembers<Model>) {
      if (member.name != key) continue;
      read_into(model, member, field.value());
      break;
    }
  }
}

// A list of objects; null and "" are an empty one.
template <class Model, auto kPlace>
void read_elements(Model& model, json::value value, std::string_view field) {
  auto& elements = model.*kPlace;
  elements.clear();
  if (value.type() != json::json_type::array) {
    if (!read_text(value, field).value_or("").empty()) throw_undecodable(field, "is no list");
    return;
  }
  json::array array = value.get_array();
  for (auto item : array) {
    json::object object = item.get_object();
    decode_members(object, elements.emplace_back());
  }
}

// An array of numbers, as its JSON text; or a text.
template <class Model, auto kPlace>
void read_time_parts(Model& model, json::value value, std::string_view field) {
  const auto text = value.type() == json::json_type::array ? read_raw(value) : read_text(value, field);
  model.*kPlace = text ? OptionalText(std::string(*text)) : std::nullopt;
}

// A flag, but a list in one description of the API.
void read_other_forms(Form& form, json::value value, std::string_view field) {
  if (value.type() != json::json_type::array) {
    form.other_forms = read_flag(value, field);
    return;
  }
  form.other_forms.reset();
}

template <>
const std::vector<Member<Study>> kMembers<Study> = {{"sponsorKey", &Study::sponsor_key},
                                                    {"studyKey", &Study::study_key},
                                                    {"studyId", &Study::study_id},
                                                    {"studyName", &Study::study_name},
                                                    {"studyDescription", &Study::study_description},
                                                    {"studyType", &Study::study_type},
                                                    {"dateCreated", &Study::date_created},
                                                    {"dateModified", &Study::date_modified}};
template <>
const std::vector<Member<Site>> kMembers<Site> = {
    {"studyKey", &Site::study_key},       {"siteId", &Site::site_id},
    {"siteName", &Site::site_name},       {"siteEnrollmentStatus", &Site::site_enrollment_status},
    {"dateCreated", &Site::date_created}, {"dateModified", &Site::date_modified}};
template <>
const std::vector<Member<Form>> kMembers<Form> = {{"studyKey", &Form::study_key},
                                                  {"formId", &Form::form_id},
                                                  {"formKey", &Form::form_key},
                                                  {"formName", &Form::form_name},
                                                  {"formType", &Form::form_type},
                                                  {"revision", &Form::revision},
                                                  {"embeddedLog", &Form::embedded_log},
                                                  {"enforceOwnership", &Form::enforce_ownership},
                                                  {"userAgreement", &Form::user_agreement},
                                                  {"subjectRecordReport", &Form::subject_record_report},
                                                  {"unscheduledVisit", &Form::unscheduled_visit},
                                                  {"otherForms", &read_other_forms},
                                                  {"eproForm", &Form::epro_form},
                                                  {"allowCopy", &Form::allow_copy},
                                                  {"disabled", &Form::disabled},
                                                  {"dateCreated", &Form::date_created},
                                                  {"dateModified", &Form::date_modified}};
template <>
const std::vector<Member<IntervalForm>> kMembers<IntervalForm> = {
    {"formId", &IntervalForm::form_id}, {"formKey", &IntervalForm::form_key}, {"formName", &IntervalForm::form_name}};
template <>
const std::vector<Member<Interval>> kMembers<Interval> = {{"studyKey", &Interval::study_key},
                                                          {"intervalId", &Interval::interval_id},
                                                          {"intervalName", &Interval::interval_name},
                                                          {"intervalDescription", &Interval::interval_description},
                                                          {"intervalSequence", &Interval::interval_sequence},
                                                          {"intervalGroupId", &Interval::interval_group_id},
                                                          {"intervalGroupName", &Interval::interval_group_name},
                                                          {"disabled", &Interval::disabled},
                                                          {"dateCreated", &Interval::date_created},
                                                          {"dateModified", &Interval::date_modified},
                                                          {"timeline", &Interval::timeline},
                                                          {"definedUsingInterval", &Interval::defined_using_interval},
                                                          {"windowCalculationForm", &Interval::window_calculation_form},
                                                          {"windowCalculationDate", &Interval::window_calculation_date},
                                                          {"actualDateForm", &Interval::actual_date_form},
                                                          {"actualDate", &Interval::actual_date},
                                                          {"dueDateWillBeIn", &Interval::due_date_will_be_in},
                                                          {"negativeSlack", &Interval::negative_slack},
                                                          {"positiveSlack", &Interval::positive_slack},
                                                          {"eproGracePeriod", &Interval::epro_grace_period},
                                                          {"forms", &read_elements<Interval, &Interval::forms>}};
template <>
const std::vector<Member<Variable>> kMembers<Variable> = {{"studyKey", &Variable::study_key},
                                                          {"variableId", &Variable::variable_id},
                                                          {"variableType", &Variable::variable_type},
                                                          {"variableName", &Variable::variable_name},
                                                          {"sequence", &Variable::sequence},
                                                          {"revision", &Variable::revision},
                                                          {"disabled", &Variable::disabled},
                                                          {"deleted", &Variable::deleted},
                                                          {"formId", &Variable::form_id},
                                                          {"variableOid", &Variable::variable_oid},
                                                          {"formKey", &Variable::form_key},
                                                          {"formName", &Variable::form_name},
                                                          {"label", &Variable::label},
                                                          {"blinded", &Variable::blinded},
                                                          {"dateCreated", &Variable::date_created},
                                                          {"dateModified", &Variable::date_modified}};
template <>
const std::vector<Member<Keyword>> kMembers<Keyword> = {{"keywordName", &Keyword::keyword_name},
                                                        {"keywordKey", &Keyword::keyword_key},
                                                        {"keywordId", &Keyword::keyword_id},
                                                        {"dateAdded", &Keyword::date_added}};
template <>
const std::vector<Member<Subject>> kMembers<Subject> = {{"studyKey", &Subject::study_key},
                                                        {"subjectId", &Subject::subject_id},
                                                        {"subjectOid", &Subject::subject_oid},
                                                        {"subjectKey", &Subject::subject_key},
                                                        {"subjectStatus", &Subject::subject_status},
                                                        {"siteId", &Subject::site_id},
                                                        {"siteName", &Subject::site_name},
                                                        {"deleted", &Subject::deleted},
                                                        {"enrollmentStartDate", &Subject::enrollment_start_date},
                                                        {"dateCreated", &Subject::date_created},
                                                        {"dateModified", &Subject::date_modified},
                                                        {"keywords", &read_elements<Subject, &Subject::keywords>}};
template <>
const std::vector<Member<Visit>> kMembers<Visit> = {{"visitId", &Visit::visit_id},
                                                    {"studyKey", &Visit::study_key},
                                                    {"intervalId", &Visit::interval_id},
                                                    {"intervalName", &Visit::interval_name},
                                                    {"subjectId", &Visit::subject_id},
                                                    {"subjectKey", &Visit::subject_key},
                                                    {"startDate", &Visit::start_date},
                                                    {"endDate", &Visit::end_date},
                                                    {"dueDate", &Visit::due_date},
                                                    {"visitDate", &Visit::visit_date},
                                                    {"visitDateForm", &Visit::visit_date_form},
                                                    {"visitDateQuestion", &Visit::visit_date_question},
                                                    {"deleted", &Visit::deleted},
                                                    {"dateCreated", &Visit::date_created},
                                                    {"dateModified", &Visit::date_modified}};
template <>
const std::vector<Member<RecordRevision>> kMembers<RecordRevision> = {{"studyKey", &RecordRevision::study_key},
                                                                      {"recordRevisionId", &RecordRevision::record_revision_id},
                                                                      {"recordId", &RecordRevision::record_id},
                                                                      {"recordOid", &RecordRevision::record_oid},
                                                                      {"recordRevision", &RecordRevision::record_revision},
                                                                      {"dataRevision", &RecordRevision::data_revision},
                                                                      {"recordStatus", &RecordRevision::record_status},
                                                                      {"subjectId", &RecordRevision::subject_id},
                                                                      {"subjectOid", &RecordRevision::subject_oid},
                                                                      {"subjectKey", &RecordRevision::subject_key},
                                                                      {"siteId", &RecordRevision::site_id},
                                                                      {"formKey", &RecordRevision::form_key},
                                                                      {"intervalId", &RecordRevision::interval_id},
                                                                      {"role", &RecordRevision::role},
                                                                      {"user", &RecordRevision::user},
                                                                      {"reasonForChange", &RecordRevision::reason_for_change},
                                                                      {"deleted", &RecordRevision::deleted},
                                                                      {"dateCreated", &RecordRevision::date_created}};
template <>
const std::vector<Member<QueryComment>> kMembers<QueryComment> = {
    {"sequence", &QueryComment::sequence}, {"annotationStatus", &QueryComment::annotation_status},
    {"user", &QueryComment::user},         {"comment", &QueryComment::comment},
    {"closed", &QueryComment::closed},     {"date", &QueryComment::date}};
template <>
const std::vector<Member<Query>> kMembers<Query> = {{"studyKey", &Query::study_key},
                                                    {"subjectId", &Query::subject_id},
                                                    {"subjectOid", &Query::subject_oid},
                                                    {"annotationType", &Query::annotation_type},
                                                    {"annotationId", &Query::annotation_id},
                                                    {"type", &Query::type},
                                                    {"description", &Query::description},
                                                    {"recordId", &Query::record_id},
                                                    {"variable", &Query::variable},
                                                    {"subjectKey", &Query::subject_key},
                                                    {"dateCreated", &Query::date_created},
                                                    {"dateModified", &Query::date_modified},
                                                    {"queryComments", &read_elements<Query, &Query::query_comments>}};
template <>
const std::vector<Member<Coding>> kMembers<Coding> = {{"studyKey", &Coding::study_key},
                                                      {"siteName", &Coding::site_name},
                                                      {"siteId", &Coding::site_id},
                                                      {"subjectId", &Coding::subject_id},
                                                      {"subjectKey", &Coding::subject_key},
                                                      {"formId", &Coding::form_id},
                                                      {"formName", &Coding::form_name},
                                                      {"formKey", &Coding::form_key},
                                                      {"revision", &Coding::revision},
                                                      {"recordId", &Coding::record_id},
                                                      {"variable", &Coding::variable},
                                                      {"value", &Coding::value},
                                                      {"codingId", &Coding::coding_id},
                                                      {"code", &Coding::code},
                                                      {"codedBy", &Coding::coded_by},
                                                      {"reason", &Coding::reason},
                                                      {"dictionaryName", &Coding::dictionary_name},
                                                      {"dictionaryVersion", &Coding::dictionary_version},
                                                      {"dateCoded", &Coding::date_coded}};
template <>
const std::vector<Member<Role>> kMembers<Role> = {{"dateCreated", &read_time_parts<Role, &Role::date_created>},
                                                  {"dateModified", &read_time_parts<Role, &Role::date_modified>},
                                                  {"roleId", &Role::role_id},
                                                  {"communityId", &Role::community_id},
                                                  {"name", &Role::name},
                                                  {"description", &Role::description},
                                                  {"level", &Role::level},
                                                  {"type", &Role::type},
                                                  {"inactive", &Role::inactive}};
template <>
const std::vector<Member<User>> kMembers<User> = {{"userId", &User::user_id},
                                                  {"login", &User::login},
                                                  {"firstName", &User::first_name},
                                                  {"lastName", &User::last_name},
                                                  {"email", &User::email},
                                                  {"userActiveInStudy", &User::user_active_in_study},
                                                  {"roles", &read_elements<User, &User::roles>}};
template <>
const std::vector<Member<Job>> kMembers<Job> = {{"jobId", &Job::job_id},
                                                {"batchId", &Job::batch_id},
                                                {"state", &Job::state},
                                                {"dateCreated", &Job::date_created},
                                                {"dateStarted", &Job::date_started},
                                                {"dateFinished", &Job::date_finished},
                                                {"progress", &Job::progress},
                                                {"resultUrl", &Job::result_url}};

}  // namespace

template <class Model>
void decode(json::object object, Model& element) {
  element = {};
  element.raw = std::string_view(object.raw_json());
  object.reset();
  decode_members(object, element);
}

template <class Model>
std::vector<std::string_view> member_names() {
  std::vector<std::string_view> names;
  names.reserve(kMembers<Model>.size());
  for (const Member<Model>& member : kMembers<Model>) names.push_back(member.name);
  return names;
}

template void decode(json::object, Study&);
template void decode(json::object, Site&);
template void decode(json::object, Form&);
template void decode(json::object, Interval&);
template void decode(json::object, Variable&);
template void decode(json::object, Subject&);
template void decode(json::object, Visit&);
template void decode(json::object, RecordRevision&);
template void decode(json::object, Query&);
template void decode(json::object, Coding&);
template void decode(json::object, User&);
template void decode(json::object, Job&);

template std::vector<std::string_view> member_names<Study>();
template std::vector<std::string_view> member_names<Site>();
template std::vector<std::string_view> member_names<Form>();
template std::vector<std::string_view> member_names<Interval>();
template std::vector<std::string_view> member_names<Variable>();
template std::vector<std::string_view> member_names<Subject>();
template std::vector<std::string_view> member_names<Visit>();
template std::vector<std::string_view> member_names<RecordRevision>();
template std::vector<std::string_view> member_names<Query>();
template std::vector<std::string_view> member_names<Coding>();
template std::vector<std::string_view> member_names<User>();
template std::vector<std::string_view> member_names<Job>();

}  // namespace imednet::api
