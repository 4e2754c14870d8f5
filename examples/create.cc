// create.cc: a record looked through, sent once, and waited for.
//
// Usage: example_create FORM SITE VARIABLE ANSWER registers a subject at that site. Keys come from the environment: IMEDNET_API_KEY and
// IMEDNET_SECURITY_KEY. Exit codes: 0 done, 2 it was not sent, 3 the job failed, 14 nobody knows: look before you send it again.
#include <iostream>
#include <vector>

#include "imednet/errors.h"
#include "imednet/record_checks.h"
#include "imednet/sdk.h"

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const char* const study = "MY_STUDY";
  try {
    const imednet::ImednetSDK sdk;
    const std::vector<imednet::RecordInput> records{imednet::register_subject(argv[1], argv[2], {{argv[3], argv[4]}})};
    const imednet::RecordChecker checker(sdk.forms().collect(study), sdk.variables().collect(study));
    const auto findings = checker.check(records);
    for (const imednet::RecordFinding& finding : findings)
      std::cerr << "record " << finding.place + 1 << " " << finding.variable << ": " << finding.what << "; " << finding.hint << "\n";
    if (!findings.empty()) return 2;

    imednet::Job job = sdk.records().create(study, records);
    const std::string batch_id = job.batch_id.value_or("");  // none: all was done at once
    if (!job.is_terminal()) job = sdk.jobs().poll_job(study, batch_id, {.interval = std::chrono::milliseconds(100)});
    std::cout << "job " << batch_id << ": " << job.state.value_or("done") << "\n";
    return job.has_failed() ? 3 : 0;
  } catch (const imednet::ImednetError& error) {
    std::cerr << error.what() << "\nhint: " << error.hint() << "\n";
    return error.code() == imednet::errors::ErrorCode::in_doubt ? 14 : 1;
  }
}
