// resources.cc: the resources of the SDK: lists, and single elements by id.
#include <fmt/format.h>

#include <optional>

#include "api/api_errors.h"
#include "api/call.h"
#include "api/record_model.h"
#include "api/record_reader.h"
#include "api/resource_reader.h"
#include "imednet/filters.h"
#include "imednet/sdk.h"

namespace imednet {
namespace {

using errors::ConfigurationError;
using errors::ErrorCode;

constexpr int kMostAPage = 500;

// By rising id, proved complete. The reading begins with the first element that is asked for.
class RecordSource final : public ElementSource<Record> {
 public:
  RecordSource(std::shared_ptr<api::Client> client, std::string study, ListOptions options)
      : client_(std::move(client)), study_(std::move(study)), options_(std::move(options)) {}
  bool next(Record& record) override {
    if (!reader_) {
      call_.emplace(*client_, options_.call);
      reader_.emplace(*client_, study_, options_, options_.page_size, call_->limits());
    }
    const api::RecordView* view = reader_->next();
    if (view != nullptr) record = api::to_record(*view);
    return view != nullptr;
  }

 private:
  std::shared_ptr<api::Client> client_;
  std::string study_;
  ListOptions options_;
  std::optional<api::Call> call_;
  std::optional<api::RecordReader> reader_;
};

// Whoever ignores the filter shows others, too.
class SubjectsOfSite final : public ElementSource<Subject> {
 public:
  SubjectsOfSite(std::unique_ptr<ElementSource<Subject>> all, std::int64_t site_id) : all_(std::move(all)), site_id_(site_id) {}
  bool next(Subject& subject) override {
    while (all_->next(subject)) {
      if (subject.site_id == site_id_) return true;
    }
    return false;
  }

 private:
  std::unique_ptr<ElementSource<Subject>> all_;
  std::int64_t site_id_;
};

// The path part, the id field and the name of one element of each resource of a study.
struct Resource {
  std::string_view path, id, one;
};
template <class Element>
constexpr Resource kResource{};
template <>
constexpr Resource kResource<Site>{"sites", "siteId", "site"};
template <>
constexpr Resource kResource<Form>{"forms", "formId", "form"};
template <>
constexpr Resource kResource<Interval>{"intervals", "intervalId", "interval"};
template <>
constexpr Resource kResource<Variable>{"variables", "variableId", "variable"};
template <>
constexpr Resource kResource<Subject>{"subjects", "subjectId", "subject"};
template <>
constexpr Resource kResource<Visit>{"visits", "visitId", "visit"};
template <>
constexpr Resource kResource<Record>{"records", "recordId", "record"};
template <>
constexpr Resource kResource<RecordRevision>{"recordRevisions", "recordRevisionId", "record revision"};
template <>
constexpr Resource kResource<Query>{"queries", "annotationId", "query"};
template <>
constexpr Resource kResource<Coding>{"codings", "codingId", "coding"};
template <>
constexpr Resource kResource<User>{"users", "userId", "user"};

const OptionalId& id_of(const Site& site) { return site.site_id; }
const OptionalId& id_of(const Form& form) { return form.form_id; }
const OptionalId& id_of(const Interval& interval) { return interval.interval_id; }
const OptionalId& id_of(const Variable& variable) { return variable.variable_id; }
const OptionalId& id_of(const Subject& subject) { return subject.subject_id; }
const OptionalId& id_of(const Visit& visit) { return visit.visit_id; }
OptionalId id_of(const Record& record) { return record.record_id; }
const OptionalId& id_of(const RecordRevision& revision) { return revision.record_revision_id; }
const OptionalId& id_of(const Query& query) { return query.annotation_id; }
const OptionalText& id_of(const Coding& coding) { return coding.coding_id; }
const OptionalText& id_of(const User& user) { return user.user_id; }
const OptionalText& id_of(const Study& study) { return study.study_key; }

std::string checked_study(std::string_view study) {
  if (study.find_first_not_of(" \t\r\n") != std::string_view::npos) return std::string(study);
  throw ConfigurationError("cannot read from iMednet: the study key is empty",
                           {.code = ErrorCode::invalid_argument, .hint = "name a study that these keys may see"});
}

[[noreturn]] void refuse_option(std::string_view cause) {
  throw ConfigurationError(fmt::format("cannot list from iMednet: {}", cause), {.code = ErrorCode::invalid_argument});
}

// What the API would refuse, or ignore without a word.
ListOptions checked(ListOptions options, std::string_view path) {
  if (options.page_size < 1 || options.page_size > kMostAPage) refuse_option("a page has 1 to 500 elements");
  if (!options.record_data_filter.empty() && path != "records") refuse_option("only records have answers to filter");
  if (options.include_inactive && path != "users") refuse_option("only users can be inactive");
  if (!options.filter.empty() && path == "users") refuse_option("users can't be filtered");
  for (const std::string& key : options.sort) {
    if (!key.ends_with(",asc") && !key.ends_with(",desc")) refuse_option("a sort is an attribute with ,asc or ,desc behind it");
  }
  return options;
}

template <class Element>
api::ResourcePath path_in(const std::string& study) {
  const Resource& resource = kResource<Element>;
  return {fmt::format("/studies/{}/{}", api::encode(study), resource.path), std::string(resource.id),
          fmt::format("{} of study {}", resource.path, study)};
}

template <class Element>
std::vector<Element> all_of(ResultRange<Element> range) {
  std::vector<Element> elements;
  for (Element& element : range) elements.push_back(std::move(element));
  return elements;
}

// Whoever ignores the filter shows others, too.
template <class Element, class Id>
Element only_one(ResultRange<Element> range, const Id& id, const std::string& what) {
  for (Element& element : range) {
    if (id_of(element) == id) return std::move(element);
  }
  api::throw_typed(fmt::format("cannot read {} from iMednet: there is none with that id", what),
                   {.code = ErrorCode::not_found, .hint = "check the id and the study", .origin = {.system = "imednet"}});
}

}  // namespace

template <class Element>
ResultRange<Element> StudyResource<Element>::list(std::string_view study_key, ListOptions options) const {
  const std::string study = checked_study(study_key);
  return ResultRange<Element>(
      api::read_resource<Element>(client_, path_in<Element>(study), checked(std::move(options), kResource<Element>.path)));
}

template <>
ResultRange<Record> StudyResource<Record>::list(std::string_view study_key, ListOptions options) const {
  const std::string study = checked_study(study_key);
  options = checked(std::move(options), kResource<Record>.path);
  if (options.sort.empty()) return ResultRange<Record>(std::make_unique<RecordSource>(client_, study, std::move(options)));
  return ResultRange<Record>(api::read_resource<Record>(client_, path_in<Record>(study), std::move(options)));
}

template <class Element>
std::vector<Element> StudyResource<Element>::collect(std::string_view study_key, ListOptions options) const {
  return all_of(list(study_key, std::move(options)));
}

template <class Element>
Element StudyResource<Element>::get(std::string_view study_key, typename IdOf<Element>::Type id, CallOptions call) const {
  const std::string study = checked_study(study_key);
  const Resource& resource = kResource<Element>;
  ListOptions options{.call = std::move(call)};
  if (resource.path == "users") {
    options.include_inactive = true;
  } else {
    options.filter = filters::attribute(resource.id) == id;
  }
  return only_one(ResultRange<Element>(api::read_resource<Element>(client_, path_in<Element>(study), std::move(options))), id,
                  fmt::format("a {} of study {}", resource.one, study));
}

template class StudyResource<Site>;
template class StudyResource<Form>;
template class StudyResource<Interval>;
template class StudyResource<Variable>;
template class StudyResource<Subject>;
template class StudyResource<Visit>;
template class StudyResource<Record>;
template class StudyResource<RecordRevision>;
template class StudyResource<Query>;
template class StudyResource<Coding>;
template class StudyResource<User>;

ResultRange<Study> Studies::list(ListOptions options) const {
  return ResultRange<Study>(
      api::read_resource<Study>(client_, {"/studies", "studyKey", "studies"}, checked(std::move(options), "studies")));
}

std::vector<Study> Studies::collect(ListOptions options) const { return all_of(list(std::move(options))); }

Study Studies::get(std::string_view study_key, CallOptions call) const {
  const std::string study = checked_study(study_key);
  return only_one(list({.filter = filters::attribute("studyKey") == study, .call = std::move(call)}), study,
                  fmt::format("study {}", study));
}

ResultRange<Subject> Subjects::list_by_site(std::string_view study_key, std::int64_t site_id, ListOptions options) const {
  if (options.filter.find("siteId") != std::string::npos) refuse_option("the site is given already");
  if (options.filter.find(',') != std::string::npos) refuse_option("an \"or\" can't be joined with the site: the API has no parentheses");
  const std::string of_site = filters::attribute("siteId") == site_id;
  options.filter = options.filter.empty() ? of_site : fmt::format("{};{}", of_site, options.filter);
  const std::string study = checked_study(study_key);
  return ResultRange<Subject>(std::make_unique<SubjectsOfSite>(
      api::read_resource<Subject>(client_, path_in<Subject>(study), checked(std::move(options), kResource<Subject>.path)), site_id));
}

}  // namespace imednet
