// sdk.cc: the public SDK over the client: settings resolved, resources as ranges.
#include "imednet/sdk.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>
#include <random>

#include "api/client.h"
#include "api/record_reader.h"
#include "api/resource_reader.h"
#include "api/scalar.h"
#include "core/environment.h"
#include "core/imednet_defaults.h"
#include "http/curl_transport.h"

namespace imednet {
namespace {

using errors::ConfigurationError;
using errors::ErrorCode;

Secret required(const Secret& given, const std::string& variable, std::string_view what) {
  Secret secret = given.empty() ? core::secret_environment(variable) : given;
  const std::string& text = secret.reveal();
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw ConfigurationError(fmt::format("cannot read from iMednet: the {} ({}) is missing", what, variable),
                             {.code = ErrorCode::config, .hint = fmt::format("set {} (or {}_FILE)", variable, variable)});
  }
  if (text.find_first_of("\r\n") != std::string::npos) {
    throw ConfigurationError(fmt::format("cannot read from iMednet: the {} has a line break", what),
                             {.code = ErrorCode::config, .hint = fmt::format("check {}", variable)});
  }
  return secret;
}

std::chrono::milliseconds timeout_of(std::chrono::milliseconds given) {
  if (given.count() > 0) return given;
  const std::string text = core::environment("IMEDNET_TIMEOUT");
  if (text.empty()) return core::kDefaultTimeout;
  double seconds = 0;
  const char* end = text.data() + text.size();
  if (std::from_chars(text.data(), end, seconds).ptr != end || !(seconds >= 0.001) || seconds > 86'400) {
    throw ConfigurationError("cannot use the timeout: it is not a number of seconds from 0.001 to 86400",
                             {.code = ErrorCode::config, .hint = "check IMEDNET_TIMEOUT"});
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

api::RateLimits limits_of(const SdkConfig& config) {
  auto limits = api::parse_rate(config.rate.empty() ? core::environment("IMEDNET_RATE") : config.rate);
  if (!limits) {
    throw ConfigurationError("cannot use the rate: it is neither auto, presumed nor like 100/min,1000/h",
                             {.code = ErrorCode::config, .hint = "check --rate and IMEDNET_RATE"});
  }
  const std::string file = core::environment("IMEDNET_RATE_FILE");
  limits->shared_file = config.rate_file.empty() ? std::filesystem::path(file) : config.rate_file;
  if (limits->shared_file.empty() || limits->per_minute > 0 || limits->per_hour > 0) return *limits;
  throw ConfigurationError("cannot share the API's rate: no rate is given",
                           {.code = ErrorCode::config, .hint = "give --rate, for example presumed, with --rate-file"});
}

api::ClientSettings resolve(const SdkConfig& config) {
  std::string url = config.base_url.empty() ? core::environment("IMEDNET_BASE_URL") : config.base_url;
  if (url.empty()) url = core::kDefaultBaseUrl;
  return {.api_key = required(config.api_key, "IMEDNET_API_KEY", "API key"),
          .security_key = required(config.security_key, "IMEDNET_SECURITY_KEY", "security key"),
          .base_url = std::move(url),
          .timeout = timeout_of(config.timeout),
          .retry = config.retry,
          .stop = config.stop,
          .limits = limits_of(config)};
}

std::function<double()> random_jitter() {
  return [engine = std::mt19937_64(std::random_device{}()), spread = std::uniform_real_distribution<double>(0, 1)]() mutable {
    return spread(engine);
  };
}

OptionalText copy(const std::optional<std::string_view>& text) { return text ? OptionalText(std::string(*text)) : std::nullopt; }

Record to_record(const api::RecordView& view) {
  Record record;
  record.study_key = copy(view.study_key);
  record.interval_id = view.interval_id;
  record.form_id = view.form_id;
  record.form_key = copy(view.form_key);
  record.site_id = view.site_id;
  record.record_id = view.record_id;
  record.record_oid = copy(view.record_oid);
  record.record_type = copy(view.record_type);
  record.record_status = copy(view.record_status);
  record.deleted = view.deleted;
  record.date_created = copy(view.date_created);
  record.date_modified = copy(view.date_modified);
  record.subject_id = view.subject_id;
  record.subject_oid = copy(view.subject_oid);
  record.subject_key = copy(view.subject_key);
  record.visit_id = view.visit_id;
  record.parent_record_id = view.parent_record_id;
  record.keywords = copy(view.keywords);
  record.record_data = copy(view.record_data);
  record.raw = std::string(view.raw);
  return record;
}

class RecordSource final : public ElementSource<Record> {
 public:
  RecordSource(std::shared_ptr<api::Client> client, std::string study, ListOptions options)
      : client_(std::move(client)), reader_(*client_, std::move(study), std::move(options)) {}
  bool next(Record& record) override {
    const api::RecordView* view = reader_.next();
    if (view != nullptr) record = to_record(*view);
    return view != nullptr;
  }

 private:
  std::shared_ptr<api::Client> client_;
  api::RecordReader reader_;
};

// The path part and the id field of each resource of a study.
struct Resource {
  std::string_view path, id;
};
template <class Element>
constexpr Resource kResource{};
template <>
constexpr Resource kResource<Site>{"sites", "siteId"};
template <>
constexpr Resource kResource<Form>{"forms", "formId"};
template <>
constexpr Resource kResource<Interval>{"intervals", "intervalId"};
template <>
constexpr Resource kResource<Variable>{"variables", "variableId"};
template <>
constexpr Resource kResource<Subject>{"subjects", "subjectId"};
template <>
constexpr Resource kResource<Visit>{"visits", "visitId"};

std::string checked_study(std::string_view study) {
  if (study.find_first_not_of(" \t\r\n") != std::string_view::npos) return std::string(study);
  throw ConfigurationError("cannot read from iMednet: the study key is empty",
                           {.code = ErrorCode::invalid_argument, .hint = "name a study that these keys may see"});
}

}  // namespace

template <class Element>
ResultRange<Element> StudyResource<Element>::list(std::string_view study_key, ListOptions options) const {
  const std::string study = checked_study(study_key);
  const auto& [path, id] = kResource<Element>;
  return ResultRange<Element>(api::read_resource<Element>(
      client_,
      {fmt::format("/studies/{}/{}", api::encode(study), path), fmt::format("{},asc", id), fmt::format("{} of study {}", path, study)},
      std::move(options)));
}

template <>
ResultRange<Record> StudyResource<Record>::list(std::string_view study_key, ListOptions options) const {
  return ResultRange<Record>(std::make_unique<RecordSource>(client_, checked_study(study_key), std::move(options)));
}

template class StudyResource<Site>;
template class StudyResource<Form>;
template class StudyResource<Interval>;
template class StudyResource<Variable>;
template class StudyResource<Subject>;
template class StudyResource<Visit>;
template class StudyResource<Record>;

ResultRange<Study> Studies::list(ListOptions options) const {
  return ResultRange<Study>(api::read_resource<Study>(client_, {"/studies", "studyKey,asc", "studies"}, std::move(options)));
}

ImednetSDK::ImednetSDK(const SdkConfig& config)
    : client_(
          std::make_shared<api::Client>(resolve(config), std::make_unique<http::CurlTransport>(), core::system_clock(), random_jitter())) {}

ImednetSDK ImednetSDK::over(std::shared_ptr<api::Client> client) { return {Made{}, std::move(client)}; }

OptionalText Record::value(std::string_view variable_name) const {
  if (!record_data) return std::nullopt;
  try {
    simdjson::ondemand::parser parser;
    const simdjson::padded_string padded(*record_data);
    simdjson::ondemand::document document = parser.iterate(padded);
    for (auto field : document.get_object()) {
      if (std::string_view(field.unescaped_key()) != variable_name) continue;
      simdjson::ondemand::value value = field.value();
      if (value.type() == simdjson::ondemand::json_type::object || value.type() == simdjson::ondemand::json_type::array)
        return copy(api::read_raw(value));
      return copy(api::read_text(value, variable_name));
    }
  } catch (const simdjson::simdjson_error&) {
    throw errors::ApiError(fmt::format("cannot read a variable of record {}: its recordData is not proper JSON", record_id),
                           {.code = ErrorCode::decode, .origin = {.system = "imednet"}});
  }
  return std::nullopt;
}

}  // namespace imednet
