// Records to be sent: what is read of any text is what is sent, and anything else is refused as the caller's.
#include "api/record_json.h"
#include "fuzz/target.h"
#include "imednet/errors.h"
#include "imednet/record_checks.h"

namespace imednet::fuzz {
namespace {

Variable variable_of(const char* name, const char* type) {
  Variable variable;
  variable.form_key = "AE";
  variable.variable_name = name;
  variable.variable_type = type;
  return variable;
}

const RecordChecker& checker() {
  static const std::vector<Variable> kVariables{variable_of("A", "number"), variable_of("B", "date"), variable_of("C", "precisiondate"),
                                                variable_of("D", "checkbox")};
  static const RecordChecker kChecker({}, kVariables);
  return kChecker;
}

void judge(std::string_view input) {
  std::vector<RecordInput> records;
  std::string text;
  try {
    records = parse_records(input);
    for (const RecordFinding& finding : checker().check(records)) require(finding.place < records.size(), "a finding has its record");
    text = api::records_json(records);
  } catch (const errors::ConfigurationError&) {
    return;
  }
  require(parse_records(text) == records, "what is sent is what was read");
}

// As a file, and as the answers of a record.
void run(std::string_view input) {
  judge(input);
  judge(R"({"formKey":"AE","subjectKey":"1","data":{"A":)" + std::string(input) + "}}");
}

}  // namespace

Target records_target() {
  return {run,
          {R"({"formKey":"AE","siteId":7,"data":{"B":"1"}})", R"(,"B":)", R"(,"C":)", R"(,"D":)", "1", "-0", "1.50", "1e400",
           "9007199254740993", "0.1", "null", "true", R"("2024-02-29")", R"("2024-UNK")", "[", "]", "\n", R"("\u0000")", R"("\ud800")"}};
}

}  // namespace imednet::fuzz
