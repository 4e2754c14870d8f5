#include "sandbox/edc/resource.h"

#include <algorithm>

namespace imednet::sandbox::edc {
namespace {

constexpr auto kInteger = AttributeKind::kInteger;
constexpr auto kBoolean = AttributeKind::kBoolean;
constexpr auto kStamp = AttributeKind::kStamp;
constexpr auto kDate = AttributeKind::kDate;
constexpr auto kText = AttributeKind::kText;
constexpr auto kNested = AttributeKind::kNested;

Resource studies() {
  return {"studies",
          "studyKey",
          {"studyKey"},
          {{"sponsorKey", kText},
           {"studyKey", kText},
           {"studyId", kInteger},
           {"studyName", kText},
           {"studyDescription", kText},
           {"studyType", kText},
           {"dateCreated", kStamp},
           {"dateModified", kStamp}}};
}

Resource sites() {
  return {"sites",
          "siteId",
          {"siteId"},
          {{"studyKey", kText},
           {"siteId", kInteger},
           {"siteName", kText},
           {"siteEnrollmentStatus", kText},
           {"dateCreated", kStamp},
           {"dateModified", kStamp}}};
}

Resource forms() {
  return {"forms",
          "formId",
          {"formId"},
          {{"studyKey", kText},
           {"formId", kInteger},
           {"formKey", kText},
           {"formName", kText},
           {"formType", kText},
           {"revision", kInteger},
           {"embeddedLog", kBoolean},
           {"enforceOwnership", kBoolean},
           {"userAgreement", kBoolean},
           {"subjectRecordReport", kBoolean},
           {"unscheduledVisit", kBoolean},
           {"otherForms", kBoolean},
           {"eproForm", kBoolean},
           {"allowCopy", kBoolean},
           {"disabled", kBoolean},
           {"dateCreated", kStamp},
           {"dateModified", kStamp}}};
}

Resource intervals() {
  return {"intervals",
          "intervalId",
          {"intervalId"},
          {{"studyKey", kText},
           {"intervalId", kInteger},
           {"intervalName", kText},
           {"intervalDescription", kText},
           {"intervalSequence", kInteger},
           {"intervalGroupId", kInteger},
           {"intervalGroupName", kText},
           {"disabled", kBoolean},
           {"dateCreated", kStamp},
           {"dateModified", kStamp},
           {"timeline", kText},
           {"definedUsingInterval", kText},
           {"windowCalculationForm", kText},
           {"windowCalculationDate", kText},
           {"actualDateForm", kText},
           {"actualDate", kText},  // names a variable
           {"dueDateWillBeIn", kInteger},
           {"negativeSlack", kInteger},
           {"positiveSlack", kInteger},
           {"eproGracePeriod", kInteger},
           {"forms", kNested}}};
}

Resource variables() {
  // The vendor's page gives formId as the default order; an older description said variableId.
  return {"variables",
          "variableId",
          {"formId"},
          {{"studyKey", kText},
           {"variableId", kInteger},
           {"variableType", kText},
           {"variableName", kText},
           {"sequence", kInteger},
           {"revision", kInteger},
           {"disabled", kBoolean},
           {"deleted", kBoolean},
           {"blinded", kBoolean},
           {"formId", kInteger},
           {"formKey", kText},
           {"formName", kText},
           {"variableOid", kText},
           {"label", kText},
           {"dateCreated", kStamp},
           {"dateModified", kStamp}}};
}

Resource subjects() {
  return {"subjects",
          "subjectId",
          {"subjectId"},
          {{"studyKey", kText},
           {"subjectId", kInteger},
           {"subjectOid", kText},
           {"subjectKey", kText},
           {"subjectStatus", kText},
           {"siteId", kInteger},
           {"siteName", kText},
           {"deleted", kBoolean},
           {"enrollmentStartDate", kStamp},
           {"dateCreated", kStamp},
           {"dateModified", kStamp},
           {"keywords", kNested}}};
}

Resource visits() {
  return {"visits",
          "visitId",
          {"visitId"},
          {{"visitId", kInteger},
           {"studyKey", kText},
           {"intervalId", kInteger},
           {"intervalName", kText},
           {"subjectId", kInteger},
           {"subjectKey", kText},
           {"startDate", kDate},
           {"endDate", kDate},
           {"dueDate", kDate},
           {"visitDate", kDate},
           {"visitDateForm", kText},
           {"visitDateQuestion", kText},
           {"deleted", kBoolean},
           {"dateCreated", kStamp},
           {"dateModified", kStamp}}};
}

Resource records() {
  return {"records",
          "recordId",
          {"recordId"},
          {{"studyKey", kText},
           {"intervalId", kInteger},
           {"formId", kInteger},
           {"formKey", kText},
           {"siteId", kInteger},
           {"recordId", kInteger},
           {"recordOid", kText},
           {"recordType", kText},
           {"recordStatus", kText},
           {"deleted", kBoolean},
           {"dateCreated", kStamp},
           {"dateModified", kStamp},
           {"subjectId", kInteger},
           {"subjectOid", kText},
           {"subjectKey", kText},
           {"visitId", kInteger},
           {"parentRecordId", kInteger},
           {"keywords", kNested},
           {"recordData", kNested}}};
}

Resource record_revisions() {
  return {"recordRevisions",
          "recordRevisionId",
          {"recordRevisionId"},
          {{"studyKey", kText},
           {"recordRevisionId", kInteger},
           {"recordId", kInteger},
           {"recordOid", kText},
           {"recordRevision", kInteger},
           {"dataRevision", kInteger},
           {"recordStatus", kText},
           {"subjectId", kInteger},
           {"subjectOid", kText},
           {"subjectKey", kText},
           {"siteId", kInteger},
           {"formKey", kText},
           {"intervalId", kInteger},
           {"role", kText},
           {"user", kText},
           {"reasonForChange", kText},
           {"deleted", kBoolean},
           {"dateCreated", kStamp}}};
}

Resource queries() {
  return {"queries",
          "annotationId",
          {"annotationId"},
          {{"studyKey", kText},
           {"subjectId", kInteger},
           {"subjectOid", kText},
           {"annotationType", kText},
           {"annotationId", kInteger},
           {"type", kText},
           {"description", kText},
           {"recordId", kInteger},
           {"variable", kText},
           {"subjectKey", kText},
           {"dateCreated", kStamp},
           {"dateModified", kStamp},
           {"queryComments", kNested},
           {"queryComments.sequence", kInteger},
           {"queryComments.annotationStatus", kText},
           {"queryComments.user", kText},
           {"queryComments.comment", kText},
           {"queryComments.closed", kBoolean},
           {"queryComments.date", kStamp}}};
}

Resource codings() {
  return {"codings",
          "codingId",
          {"formId"},
          {{"studyKey", kText},
           {"siteName", kText},
           {"siteId", kInteger},
           {"subjectId", kInteger},
           {"subjectKey", kText},
           {"formId", kInteger},
           {"formName", kText},
           {"formKey", kText},
           {"revision", kInteger},
           {"recordId", kInteger},
           {"variable", kText},
           {"value", kText},
           {"codingId", kText},  // a number with some tenants, a text with others
           {"code", kText},
           {"codedBy", kText},
           {"reason", kText},
           {"dictionaryName", kText},
           {"dictionaryVersion", kText},
           {"dateCoded", kStamp}}};
}

Resource users() {
  return {"users",
          "userId",
          {"login"},
          {{"userId", kText},
           {"login", kText},
           {"firstName", kText},
           {"lastName", kText},
           {"email", kText},
           {"userActiveInStudy", kBoolean},
           {"roles", kNested}},
          /*takes_filter=*/false};
}

const std::vector<Resource>& registry() {
  static const std::vector<Resource> kResources{studies(),          sites(),    forms(),   intervals(),
                                                variables(),        subjects(), visits(),  records(),
                                                record_revisions(), queries(),  codings(), users()};
  return kResources;
}

}  // namespace

std::optional<std::size_t> Resource::find(std::string_view attribute) const {
  const auto found = std::find_if(attributes.begin(), attributes.end(), [&](const Attribute& a) { return a.name == attribute; });
  return found == attributes.end() ? std::nullopt : std::optional<std::size_t>(found - attributes.begin());
}

std::size_t Resource::id_index() const { return find(id).value(); }

bool Resource::integer_id() const { return attributes[id_index()].kind == AttributeKind::kInteger; }

std::span<const Resource> all_resources() { return registry(); }

const Resource* find_resource(std::string_view name) {
  const auto& resources = registry();
  const auto found = std::find_if(resources.begin(), resources.end(), [&](const Resource& r) { return r.name == name; });
  return found == resources.end() ? nullptr : &*found;
}

}  // namespace imednet::sandbox::edc
