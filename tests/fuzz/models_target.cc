// Elements of every list: each model holds what another reader sees in the element, or the element is refused as not to be decoded.
#include <simdjson.h>

#include <functional>

#include "api/model_decode.h"
#include "api/record_cursor.h"
#include "api/record_model.h"
#include "fuzz/json_opinion.h"
#include "fuzz/target.h"
#include "imednet/errors.h"

namespace imednet::fuzz {
namespace {

using namespace std::string_view_literals;

void judge(Judge& is, const Study& it) {
  is("sponsorKey", it.sponsor_key)("studyKey", it.study_key)("studyId", it.study_id)("studyName", it.study_name);
  is("studyDescription", it.study_description)("studyType", it.study_type)("dateCreated", it.date_created)("dateModified",
                                                                                                           it.date_modified);
}
void judge(Judge& is, const Site& it) {
  is("studyKey", it.study_key)("siteId", it.site_id)("siteName", it.site_name)("siteEnrollmentStatus", it.site_enrollment_status);
  is("dateCreated", it.date_created)("dateModified", it.date_modified);
}
void judge(Judge& is, const Form& it) {
  is("studyKey", it.study_key)("formId", it.form_id)("formKey", it.form_key)("formName", it.form_name)("formType", it.form_type);
  is("revision", it.revision)("embeddedLog", it.embedded_log)("enforceOwnership", it.enforce_ownership)("userAgreement", it.user_agreement);
  is("subjectRecordReport", it.subject_record_report)("unscheduledVisit", it.unscheduled_visit)("eproForm", it.epro_form);
  is("allowCopy", it.allow_copy)("disabled", it.disabled)("dateCreated", it.date_created)("dateModified", it.date_modified);
  if (!is.member("otherForms").is_array()) is("otherForms", it.other_forms);
}
void judge(Judge& is, const IntervalForm& it) { is("formId", it.form_id)("formKey", it.form_key)("formName", it.form_name); }
void judge(Judge& is, const Interval& it) {
  is("studyKey", it.study_key)("intervalId", it.interval_id)("intervalName", it.interval_name)("timeline", it.timeline);
  is("intervalDescription", it.interval_description)("intervalSequence", it.interval_sequence)("intervalGroupId", it.interval_group_id);
  is("intervalGroupName", it.interval_group_name)("disabled", it.disabled)("definedUsingInterval", it.defined_using_interval);
  is("windowCalculationForm", it.window_calculation_form)("windowCalculationDate", it.window_calculation_date);
  is("actualDateForm", it.actual_date_form)("actualDate", it.actual_date)("dueDateWillBeIn", it.due_date_will_be_in);
  is("negativeSlack", it.negative_slack)("positiveSlack", it.positive_slack)("eproGracePeriod", it.epro_grace_period);
  is("dateCreated", it.date_created)("dateModified", it.date_modified);
  is.list("forms", it.forms, [](Judge& inner, const IntervalForm& form) { judge(inner, form); });
}
void judge(Judge& is, const Variable& it) {
  is("studyKey", it.study_key)("variableId", it.variable_id)("variableType", it.variable_type)("variableName", it.variable_name);
  is("sequence", it.sequence)("revision", it.revision)("disabled", it.disabled)("deleted", it.deleted)("blinded", it.blinded);
  is("formId", it.form_id)("variableOid", it.variable_oid)("formKey", it.form_key)("formName", it.form_name)("label", it.label);
  is("dateCreated", it.date_created)("dateModified", it.date_modified);
}
void judge(Judge& is, const Keyword& it) {
  is("keywordName", it.keyword_name)("keywordKey", it.keyword_key)("keywordId", it.keyword_id)("dateAdded", it.date_added);
}
void judge(Judge& is, const Subject& it) {
  is("studyKey", it.study_key)("subjectId", it.subject_id)("subjectOid", it.subject_oid)("subjectKey", it.subject_key);
  is("subjectStatus", it.subject_status)("siteId", it.site_id)("siteName", it.site_name)("deleted", it.deleted);
  is("enrollmentStartDate", it.enrollment_start_date)("dateCreated", it.date_created)("dateModified", it.date_modified);
  is.list("keywords", it.keywords, [](Judge& inner, const Keyword& keyword) { judge(inner, keyword); });
}
void judge(Judge& is, const Visit& it) {
  is("visitId", it.visit_id)("studyKey", it.study_key)("intervalId", it.interval_id)("intervalName", it.interval_name);
  is("subjectId", it.subject_id)("subjectKey", it.subject_key)("startDate", it.start_date)("endDate", it.end_date)("dueDate", it.due_date);
  is("visitDate", it.visit_date)("visitDateForm", it.visit_date_form)("visitDateQuestion", it.visit_date_question);
  is("deleted", it.deleted)("dateCreated", it.date_created)("dateModified", it.date_modified);
}
void judge(Judge& is, const Record& it) {
  is("studyKey", it.study_key)("intervalId", it.interval_id)("formId", it.form_id)("formKey", it.form_key)("siteId", it.site_id);
  is("recordOid", it.record_oid)("recordType", it.record_type)("recordStatus", it.record_status)("deleted", it.deleted);
  is("dateCreated", it.date_created)("dateModified", it.date_modified)("subjectId", it.subject_id)("subjectOid", it.subject_oid);
  is("subjectKey", it.subject_key)("visitId", it.visit_id)("parentRecordId", it.parent_record_id).exact("keywords", it.keywords);
  const auto id = id_of(is.member("recordId"));
  if (!id.is_readable || !id.value) return void(is.refuse());
  if (is.compares()) require(it.record_id == *id.value, "a record has the id that was sent");
  const json& data = is.member("recordData");
  if (data.is_object()) return void(is.exact("recordData", it.record_data));
  if (!data.is_null() && data != json("")) return void(is.refuse());
  require(!it.record_data, "no data is none");
}
void judge(Judge& is, const RecordRevision& it) {
  is("studyKey", it.study_key)("recordRevisionId", it.record_revision_id)("recordId", it.record_id)("recordOid", it.record_oid);
  is("recordRevision", it.record_revision)("dataRevision", it.data_revision)("recordStatus", it.record_status)("subjectId", it.subject_id);
  is("subjectOid", it.subject_oid)("subjectKey", it.subject_key)("siteId", it.site_id)("formKey", it.form_key)("role", it.role);
  is("intervalId", it.interval_id)("user", it.user)("reasonForChange", it.reason_for_change)("deleted", it.deleted);
  is("dateCreated", it.date_created);
}
void judge(Judge& is, const QueryComment& it) {
  is("sequence", it.sequence)("annotationStatus", it.annotation_status)("user", it.user)("comment", it.comment)("closed", it.closed);
  is("date", it.date);
}
void judge(Judge& is, const Query& it) {
  is("studyKey", it.study_key)("subjectId", it.subject_id)("subjectOid", it.subject_oid)("annotationType", it.annotation_type);
  is("annotationId", it.annotation_id)("type", it.type)("description", it.description)("recordId", it.record_id)("variable", it.variable);
  is("subjectKey", it.subject_key)("dateCreated", it.date_created)("dateModified", it.date_modified);
  is.list("queryComments", it.query_comments, [](Judge& inner, const QueryComment& comment) { judge(inner, comment); });
}
void judge(Judge& is, const Coding& it) {
  is("studyKey", it.study_key)("siteName", it.site_name)("siteId", it.site_id)("subjectId", it.subject_id)("subjectKey", it.subject_key);
  is("formId", it.form_id)("formName", it.form_name)("formKey", it.form_key)("revision", it.revision)("recordId", it.record_id);
  is("variable", it.variable)("value", it.value)("codingId", it.coding_id)("code", it.code)("codedBy", it.coded_by)("reason", it.reason);
  is("dictionaryName", it.dictionary_name)("dictionaryVersion", it.dictionary_version)("dateCoded", it.date_coded);
}
void judge(Judge& is, const Role& it) {
  is.time_parts("dateCreated", it.date_created).time_parts("dateModified", it.date_modified);
  is("roleId", it.role_id)("communityId", it.community_id)("name", it.name)("description", it.description)("level", it.level);
  is("type", it.type)("inactive", it.inactive);
}
void judge(Judge& is, const User& it) {
  is("userId", it.user_id)("login", it.login)("firstName", it.first_name)("lastName", it.last_name)("email", it.email);
  is("userActiveInStudy", it.user_active_in_study);
  is.list("roles", it.roles, [](Judge& inner, const Role& role) { judge(inner, role); });
}
void judge(Judge& is, const Job& it) {
  is("jobId", it.job_id)("batchId", it.batch_id)("state", it.state)("dateCreated", it.date_created)("dateStarted", it.date_started);
  is("dateFinished", it.date_finished)("progress", it.progress)("resultUrl", it.result_url);
}

// The elements of a page's data, as the lists read them; what can't be decoded is an ApiError.
template <class Model>
std::vector<Model> decoded(const std::string& data) {
  std::vector<Model> elements;
  simdjson::ondemand::parser parser;
  const simdjson::padded_string padded(data);
  try {
    simdjson::ondemand::document document = parser.iterate(padded);
    for (auto item : document.get_array()) api::decode(simdjson::ondemand::object(item.get_object()), elements.emplace_back());
  } catch (const simdjson::simdjson_error&) {
    throw errors::ApiError("no JSON", {.code = errors::ErrorCode::decode});
  }
  return elements;
}
template <>
std::vector<Record> decoded(const std::string& data) {
  std::vector<Record> elements;
  api::Page page{.body = data, .data_size = data.size()};
  page.body.reserve(data.size() + simdjson::SIMDJSON_PADDING);
  api::RecordCursor cursor;
  cursor.open(page);
  while (const api::RecordView* record = cursor.next()) elements.push_back(api::to_record(*record));
  return elements;
}

// Members that the model does not have are all there, each as it was sent.
template <class Model>
void check_extra(const Model& element, const json& sent) {
  std::size_t known = 0;
  for (const std::string_view name : field_names<Model>()) known += sent.contains(name) ? 1 : 0;
  const std::vector<RawField> extra = extra_fields(element);
  require(known + extra.size() == sent.size(), "no member is lost");
  for (const auto& [name, text] : extra)
    require(sent.contains(name) && json::parse(text, nullptr, false) == sent[name], "a member that no model has is kept as sent");
}

template <class Model>
void check(const std::string& data, const Document& document) {
  std::vector<Model> elements;
  try {
    elements = decoded<Model>(data);
  } catch (const errors::ApiError& error) {
    require(error.code() == errors::ErrorCode::decode, "what can't be read is a decode error");
    bool is_refused = !document.is_settled();
    for (const json& sent : document.value) {
      if (is_refused || !sent.is_object()) return;
      Judge judged(sent, /*compares=*/false);
      judge(judged, Model());
      is_refused = judged.is_refused();
    }
    return require(is_refused, "what can be read is read");
  }
  if (!document.is_settled()) return;
  require(elements.size() == document.value.size(), "each element is there");
  for (std::size_t i = 0; i < elements.size(); ++i) {
    Judge judged(document.value[i], /*compares=*/true);
    judge(judged, elements[i]);
    require(!judged.is_refused(), "what can't be read is refused");
    require(json::parse(elements[i].raw, nullptr, false) == document.value[i], "an element is kept whole");
    require(data.find(elements[i].raw) != std::string::npos, "an element is kept as sent");
    check_extra(elements[i], document.value[i]);
  }
}

// Members behind separators, so that most inputs are objects. A part that is no member is a value of one of the model's own; an empty one
// begins a new element.
template <class Model>
void try_model(std::string_view input) {
  constexpr bool kIsRecord = std::is_same_v<Model, Record>;
  static const std::vector<std::string_view> kNames = field_names<Model>();
  const std::string start = kIsRecord ? "{\"record\\u0049d\":5" : "{\"x\":0";
  std::string data = "[" + start;
  for (std::size_t i = 0; !input.empty(); ++i) {
    const std::string_view part = input.substr(0, input.find('\x1f'));
    input.remove_prefix(std::min(input.size(), part.size() + 1));
    if (part.empty()) {
      data.append("},").append(start);
    } else if (part.find(':') != std::string_view::npos) {
      data.append(",").append(part);
    } else {
      data.append(",\"").append(kNames[(i + part.size() * 7) % kNames.size()]).append("\":").append(part);
    }
  }
  data += "}]";
  check<Model>(data, read_document(data));
}

void run(std::string_view input) {
  constexpr void (*kTries[])(std::string_view) = {try_model<Study>,    try_model<Site>,           try_model<Form>,  try_model<Interval>,
                                                  try_model<Variable>, try_model<Subject>,        try_model<Visit>, try_model<Query>,
                                                  try_model<Coding>,   try_model<RecordRevision>, try_model<User>,  try_model<Job>,
                                                  try_model<Record>};
  const std::size_t which = input.empty() ? 0 : static_cast<unsigned char>(input[input.size() / 2]) + input.size();
  kTries[which % std::size(kTries)](input);
}

}  // namespace

Target models_target() {
  return {run,
          {"\x1f\"studyKey\":\"S\"\x1f"sv, "\x1f\"siteId\":\"12\"\x1f"sv, "\x1f\"formId\":1.2e1\x1f"sv,
           "\x1f\"recordId\":7\x1f\"recordData\":{\"a\":1}\x1f"sv, "\x1f\"recordId\":8\x1f\"recordData\":\"\"\x1f"sv,
           "\x1f\"keywords\":[{\"keywordId\":1,\"keywordName\":null}]\x1f"sv, "\x1f\"keywords\":null\x1f"sv,
           "\x1f\"forms\":[{\"formId\":\"3\",\"formKey\":5}]\x1f"sv, "\x1f\"otherForms\":[]\x1f"sv, "\x1f\"deleted\":\"False\"\x1f"sv,
           "\x1f\"disabled\":0\x1f"sv, "\x1f\"queryComments\":[{\"sequence\":2,\"closed\":true},{\"sequence\":\"\",\"closed\":\"\"}]\x1f"sv,
           "\x1f\"roles\":[{\"dateCreated\":[2026,1,31],\"dateModified\":null,\"level\":\"4\"}]\x1f"sv,
           "\x1f\"codingId\":\"C1\"\x1f\"codingId\":5\x1f"sv, "\x1f\"state\":\"\"\x1f\"progress\":1e2\x1f"sv,
           "\x1f\"dateCreated\":\"2026-01-31 12:00:00\"\x1f"sv, "\x1f\"site\\u0049d\":"sv, "\x1f\"subjectId\":"sv, "\x1f\"revision\":"sv,
           "\x1f\"unknown\":"sv, "\x1f\x1f"sv,
           // values, for one of the model's own names
           "\x1f"
           "null\x1f"sv,
           "\x1f"
           "true\x1f"sv,
           "\x1f"
           "12\x1f"sv,
           "\x1f"
           "-0\x1f"sv,
           "\x1f"
           "1.5\x1f"sv,
           "\x1f"
           "9223372036854775807\x1f"sv,
           "\x1f"
           "9223372036854775808\x1f"sv,
           "\x1f"
           "9007199254740993.0\x1f"sv,
           "\x1f"
           "\" 12 \"\x1f"sv,
           "\x1f"
           "\"1e3\"\x1f"sv,
           "\x1f"
           "\"x\"\x1f"sv,
           "\x1f"
           "\"\"\x1f"sv,
           "\x1f"
           "\"\\ud83d\\ude00\"\x1f"sv,
           "\x1f"
           "\"\\ud800\"\x1f"sv,
           "\x1f"
           "[]\x1f"sv,
           "\x1f"
           "{}\x1f"sv,
           "\x1f"
           "[{}]\x1f"sv,
           "\"roles\":"sv, "\"forms\":"sv, "\x1f\"roles\":[{\"dateCreated\":\"2026-01-31\"}]\x1f"sv},
          12'000};
}

}  // namespace imednet::fuzz
