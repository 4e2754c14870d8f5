#include "api/model_decode.h"

#include <array>
#include <span>
#include <variant>

#include "api/scalar.h"

namespace imednet::api {
namespace {

namespace json = simdjson::ondemand;

// A field of a model: its name on the wire and where it goes.
template <class Model>
struct Field {
  std::string_view name;
  std::variant<OptionalText Model::*, OptionalId Model::*, OptionalFlag Model::*> member;
};

template <class Model>
void read_into(Model& model, const Field<Model>& field, json::value value) {
  if (const auto* text = std::get_if<OptionalText Model::*>(&field.member)) {
    const auto read = read_text(value, field.name);
    model.** text = read ? OptionalText(std::string(*read)) : std::nullopt;
  } else if (const auto* id = std::get_if<OptionalId Model::*>(&field.member)) {
    model.** id = read_id(value, field.name);
  } else {
    model.*std::get<OptionalFlag Model::*>(field.member) = read_flag(value, field.name);
  }
}

template <class Model>
void decode_fields(json::object object, Model& model, std::span<const Field<Model>> fields) {
  model = {};
  model.raw = std::string_view(object.raw_json());
  object.reset();
  for (auto member : object) {
    const std::string_view key = name_of(member);
    for (const Field<Model>& field : fields) {
      if (field.name != key) continue;
      read_into(model, field, member.value());
      break;
    }
  }
}

const std::array kStudy = {Field<Study>{"sponsorKey", &Study::sponsor_key},
                           Field<Study>{"studyKey", &Study::study_key},
                           Field<Study>{"studyId", &Study::study_id},
                           Field<Study>{"studyName", &Study::study_name},
                           Field<Study>{"studyDescription", &Study::study_description},
                           Field<Study>{"studyType", &Study::study_type},
                           Field<Study>{"dateCreated", &Study::date_created},
                           Field<Study>{"dateModified", &Study::date_modified}};
const std::array kSite = {
    Field<Site>{"studyKey", &Site::study_key},       Field<Site>{"siteId", &Site::site_id},
    Field<Site>{"siteName", &Site::site_name},       Field<Site>{"siteEnrollmentStatus", &Site::site_enrollment_status},
    Field<Site>{"dateCreated", &Site::date_created}, Field<Site>{"dateModified", &Site::date_modified}};
const std::array kForm = {Field<Form>{"studyKey", &Form::study_key},        Field<Form>{"formId", &Form::form_id},
                          Field<Form>{"formKey", &Form::form_key},          Field<Form>{"formName", &Form::form_name},
                          Field<Form>{"formType", &Form::form_type},        Field<Form>{"revision", &Form::revision},
                          Field<Form>{"disabled", &Form::disabled},         Field<Form>{"dateCreated", &Form::date_created},
                          Field<Form>{"dateModified", &Form::date_modified}};
const std::array kInterval = {Field<Interval>{"studyKey", &Interval::study_key},
                              Field<Interval>{"intervalId", &Interval::interval_id},
                              Field<Interval>{"intervalName", &Interval::interval_name},
                              Field<Interval>{"intervalDescription", &Interval::interval_description},
                              Field<Interval>{"intervalSequence", &Interval::interval_sequence},
                              Field<Interval>{"intervalGroupId", &Interval::interval_group_id},
                              Field<Interval>{"intervalGroupName", &Interval::interval_group_name},
                              Field<Interval>{"disabled", &Interval::disabled},
                              Field<Interval>{"dateCreated", &Interval::date_created},
                              Field<Interval>{"dateModified", &Interval::date_modified}};
const std::array kVariable = {Field<Variable>{"studyKey", &Variable::study_key},
                              Field<Variable>{"variableId", &Variable::variable_id},
                              Field<Variable>{"variableType", &Variable::variable_type},
                              Field<Variable>{"variableName", &Variable::variable_name},
                              Field<Variable>{"sequence", &Variable::sequence},
                              Field<Variable>{"revision", &Variable::revision},
                              Field<Variable>{"disabled", &Variable::disabled},
                              Field<Variable>{"deleted", &Variable::deleted},
                              Field<Variable>{"formId", &Variable::form_id},
                              Field<Variable>{"variableOid", &Variable::variable_oid},
                              Field<Variable>{"formKey", &Variable::form_key},
                              Field<Variable>{"formName", &Variable::form_name},
                              Field<Variable>{"label", &Variable::label},
                              Field<Variable>{"blinded", &Variable::blinded},
                              Field<Variable>{"dateCreated", &Variable::date_created},
                              Field<Variable>{"dateModified", &Variable::date_modified}};
const std::array kSubject = {Field<Subject>{"studyKey", &Subject::study_key},
                             Field<Subject>{"subjectId", &Subject::subject_id},
                             Field<Subject>{"subjectOid", &Subject::subject_oid},
                             Field<Subject>{"subjectKey", &Subject::subject_key},
                             Field<Subject>{"subjectStatus", &Subject::subject_status},
                             Field<Subject>{"siteId", &Subject::site_id},
                             Field<Subject>{"siteName", &Subject::site_name},
                             Field<Subject>{"deleted", &Subject::deleted},
                             Field<Subject>{"enrollmentStartDate", &Subject::enrollment_start_date},
                             Field<Subject>{"dateCreated", &Subject::date_created},
                             Field<Subject>{"dateModified", &Subject::date_modified}};
const std::array kVisit = {Field<Visit>{"visitId", &Visit::visit_id},
                           Field<Visit>{"studyKey", &Visit::study_key},
                           Field<Visit>{"intervalId", &Visit::interval_id},
                           Field<Visit>{"intervalName", &Visit::interval_name},
                           Field<Visit>{"subjectId", &Visit::subject_id},
                           Field<Visit>{"subjectKey", &Visit::subject_key},
                           Field<Visit>{"startDate", &Visit::start_date},
                           Field<Visit>{"endDate", &Visit::end_date},
                           Field<Visit>{"dueDate", &Visit::due_date},
                           Field<Visit>{"visitDate", &Visit::visit_date},
                           Field<Visit>{"visitDateForm", &Visit::visit_date_form},
                           Field<Visit>{"visitDateQuestion", &Visit::visit_date_question},
                           Field<Visit>{"deleted", &Visit::deleted},
                           Field<Visit>{"dateCreated", &Visit::date_created},
                           Field<Visit>{"dateModified", &Visit::date_modified}};

}  // namespace

void decode(json::object object, Study& study) { decode_fields<Study>(object, study, kStudy); }
void decode(json::object object, Site& site) { decode_fields<Site>(object, site, kSite); }
void decode(json::object object, Form& form) { decode_fields<Form>(object, form, kForm); }
void decode(json::object object, Interval& interval) { decode_fields<Interval>(object, interval, kInterval); }
void decode(json::object object, Variable& variable) { decode_fields<Variable>(object, variable, kVariable); }
void decode(json::object object, Subject& subject) { decode_fields<Subject>(object, subject, kSubject); }
void decode(json::object object, Visit& visit) { decode_fields<Visit>(object, visit, kVisit); }

}  // namespace imednet::api
