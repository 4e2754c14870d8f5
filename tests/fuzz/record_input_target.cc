// Records to be sent: read as another reader reads them or refused, and what is sent says the same as what was given.
#include "imednet/record_input.h"

#include "api/record_json.h"
#include "fuzz/json_opinion.h"
#include "fuzz/target.h"
#include "imednet/errors.h"
#include "imednet/record_checks.h"

namespace imednet::fuzz {
namespace {

using namespace std::string_view_literals;

// What `make` gives; nothing when it refuses as it should.
template <class Make>
auto taken(Make make) -> std::optional<decltype(make())> {
  try {
    return make();
  } catch (const errors::ConfigurationError& error) {
    require(error.code() == errors::ErrorCode::invalid_argument, "what can't be sent is an invalid argument");
    require(std::string_view(error.what()).starts_with("cannot send record"), "a refusal names the record");
    return std::nullopt;
  }
}

// One record as it was given; members that are null name nothing.
void check_record(const RecordInput& record, const json& given) {
  const auto text = [&](const char* name) {
    return given.contains(name) && !given[name].is_null() ? OptionalText(given[name]) : std::nullopt;
  };
  require(record.form_key == text("formKey") && record.site_name == text("siteName") && record.subject_key == text("subjectKey") &&
              record.subject_oid == text("subjectOid") && record.interval_name == text("intervalName") &&
              record.record_oid == text("recordOid"),
          "a name is the one that was given");
  const auto is_id = [&](const OptionalId& id, const char* name) {
    const auto opinion = id_of(given.contains(name) ? given[name] : json());
    return opinion.is_readable && id == opinion.value;
  };
  require(is_id(record.form_id, "formId") && is_id(record.site_id, "siteId") && is_id(record.subject_id, "subjectId") &&
              is_id(record.interval_id, "intervalId") && is_id(record.record_id, "recordId"),
          "an id is the one that was given");
  const json data = given.contains("data") ? given["data"] : json::object();
  require(record.data.size() == data.size(), "no answer is lost");
  for (const auto& [name, answer] : record.data)
    require(data.contains(name) && std::visit([](const auto& value) { return json(value); }, answer) == data[name],
            "an answer is the one given");
}

Variable variable_of(const char* name, const char* type) {
  Variable variable;
  variable.form_key = "AE";
  variable.variable_name = name;
  variable.variable_type = type;
  return variable;
}

const RecordChecker& checker() {
  static const std::vector<Variable> kVariables{variable_of("A", "number"), variable_of("M", "date"), variable_of("N", "precisiondate"),
                                                variable_of("AESER", "checkbox")};
  static const RecordChecker kChecker({}, kVariables);
  return kChecker;
}

void run(std::string_view input) {
  const auto records = taken([&] { return parse_records(input); });
  const Document document = read_document(input);
  if (input.find('\0') != std::string_view::npos && !records) return;
  require(input.find('\0') == std::string_view::npos || records->empty(), "a zero byte is no JSON");
  if (!records) return;
  if (document.is_json) {
    const json list = document.value.is_array() ? document.value : json::array({document.value});
    require(!document.has_twin && records->size() == list.size(), "each record is there, once");
    for (std::size_t i = 0; i < list.size(); ++i) check_record((*records)[i], list[i]);
  }
  for (const RecordFinding& finding : checker().check(*records)) require(finding.place < records->size(), "a finding has its record");
  const auto sent = taken([&] { return api::records_json(*records); });
  if (!sent) return;
  require(read_document(*sent).value.is_array(), "what is sent is a list");
  require(parse_records(*sent) == *records, "what is sent says what was given");
}

}  // namespace

Target record_input_target() {
  return {run,
          {"{\"formKey\":\"AE\",\"subjectKey\":\"01-001\",\"data\":{\"AETERM\":\"Headache\",\"AESER\":false}}"sv,
           "{\"formId\":1,\"siteId\":2,\"data\":{\"N\":1.5,\"M\":null}}\n"sv,
           "{\"formKey\":\"AE\",\"recordId\":7,\"intervalName\":null,\"data\":{\"A\":1}}"sv,
           "["sv,
           "]"sv,
           "{"sv,
           "}"sv,
           ","sv,
           "\n"sv,
           "\"formKey\":\"AE\""sv,
           "\"formId\":"sv,
           "\"subjectOid\":\"x\""sv,
           "\"data\":{\"A\":"sv,
           "\"data\":{}"sv,
           "\"recordData\":{}"sv,
           "18446744073709551615"sv,
           "-9223372036854775808"sv,
           "1e300"sv,
           "-0.0"sv,
           "null"sv,
           "true"sv,
           "\"\\u00e9\""sv,
           "[1]"sv},
          30'000};
}

}  // namespace imednet::fuzz
