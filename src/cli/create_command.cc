// create_command.cc: `imednet records create STUDY FILE` and `imednet jobs status|wait`: records on their way to iMednet.
#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <memory>
#include <set>

#include "cli/api_flags.h"
#include "cli/commands.h"
#include "cli/list_output.h"
#include "cli/output.h"
#include "core/redact.h"
#include "imednet/record_checks.h"
#include "imednet/sdk.h"

namespace imednet::cli {
namespace {

using errors::ErrorCode;

struct WaitFlags {
  double timeout_s = 300, interval_s = 5;

  PollOptions options() const { return {.interval = milliseconds(interval_s), .timeout = milliseconds(timeout_s)}; }
  static std::chrono::milliseconds milliseconds(double seconds) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
  }
};

struct CreateFlags {
  std::string study, file, email;
  bool is_unchecked = false, is_dry_run = false, waits = false;
  WaitFlags waiting;
};

struct JobFlags {
  std::string study, batch_id;
  WaitFlags waiting;
};

std::string all_of(std::istream& in, const std::string& name) {
  std::string text;
  std::array<char, 65'536> part{};
  while (in.read(part.data(), part.size()) || in.gcount() > 0) text.append(part.data(), static_cast<std::size_t>(in.gcount()));
  if (in.bad()) throw ImednetError(fmt::format("cannot read {}", name), {.code = ErrorCode::io, .origin = {.system = "local"}});
  return text;
}

std::string text_of_file(const std::string& file) {
  if (file == "-") return all_of(std::cin, "standard input");
  std::ifstream in(file, std::ios::binary);
  if (!in) throw ImednetError(fmt::format("cannot read {}", file), {.code = ErrorCode::io, .origin = {.system = "local"}});
  return all_of(in, file);
}

std::vector<RecordInput> records_of(const std::string& file) {
  std::vector<RecordInput> records = parse_records(text_of_file(file));
  if (!records.empty()) return records;
  throw errors::ConfigurationError(
      fmt::format("cannot send records: {} holds none", file == "-" ? "standard input" : file),
      {.code = ErrorCode::invalid_argument, .hint = "a JSON array of records, one object, or an object a line"});
}

// "3 records: register_subject 1, new_record 2"
std::string counted(const std::vector<RecordInput>& records) {
  constexpr std::array kNames{std::pair(Operation::register_subject, "register_subject"),
                              std::pair(Operation::update_scheduled_record, "update_scheduled_record"),
                              std::pair(Operation::new_record, "new_record"), std::pair(Operation::update_record, "update_record")};
  std::string text = fmt::format("{} {}", records.size(), records.size() == 1 ? "record" : "records");
  std::string_view before = ": ";
  for (const auto& [operation, name] : kNames) {
    const auto count = std::ranges::count(records, std::optional(operation), operation_of);
    if (count == 0) continue;
    text += fmt::format("{}{} {}", before, name, count);
    before = ", ";
  }
  return text;
}

// Says all that is wrong before it says that nothing is sent.
void check(const ImednetSDK& sdk, const std::string& study, const std::vector<RecordInput>& records) {
  constexpr std::size_t kNameMax = 120;
  const RecordChecker checker(sdk.forms().collect(study), sdk.variables().collect(study));
  const std::vector<RecordFinding> findings = checker.check(records);
  if (findings.empty()) return;
  std::set<std::size_t> places;
  for (const RecordFinding& finding : findings) {
    places.insert(finding.place);
    const std::string about = finding.variable.empty() ? "" : ", " + core::redact(finding.variable, kNameMax);
    say("imednet: record {}{}: {}{}{}\n", finding.place + 1, about, core::redact(finding.what), finding.hint.empty() ? "" : "; ",
        finding.hint);
  }
  throw errors::ConfigurationError(fmt::format("cannot send the records: {} of {} {} not as the study has it; nothing was sent",
                                               places.size(), records.size(), places.size() == 1 ? "is" : "are"),
                                   {.code = ErrorCode::invalid_argument, .hint = "mend them, or send them as they are with --no-check"});
}

// The job as the API sent it; a list without one says that all was done at once.
int tell(const Job& job) {
  write_out(job.raw.empty() ? "{}\n" : json_of(job.raw, {}) + "\n");
  flush_out();
  if (!job.has_failed()) return 0;
  throw errors::ApiError(
      fmt::format("cannot store the records: iMednet ended the job {} as {}", job.batch_id.value_or(""), core::redact(*job.state, 40)),
      {.code = ErrorCode::rejected,
       .hint = "look in iMednet at what became of each record before any is sent again",
       .origin = {.system = "imednet"}});
}

std::string wait_command(const std::string& study, const std::string& batch_id) {
  return fmt::format("imednet jobs wait {} {}", study, batch_id);
}

// The records are with iMednet: whatever keeps this from being told how the job ends, sending them again is no way to find out.
Job wait_after_sending(const ImednetSDK& sdk, const CreateFlags& flags, const Job& job) {
  const std::string batch_id = job.batch_id.value_or("");
  errors::ErrorDetail detail{.code = ErrorCode::in_doubt, .retry = errors::RetryClass::reconcile, .origin = {.system = "imednet"}};
  if (batch_id.empty()) {
    detail.hint = "look whether the records are there";
    throw errors::ApiError("cannot wait for the job: iMednet gave no batch id to ask by; the records were sent", std::move(detail));
  }
  try {
    return sdk.jobs().poll_job(flags.study, batch_id, flags.waiting.options());
  } catch (const ImednetError& error) {
    detail.code = error.code() == ErrorCode::cancelled ? ErrorCode::cancelled : ErrorCode::in_doubt;
    detail.origin = error.origin();
    detail.hint = fmt::format("the records were sent and the job goes on: {}", wait_command(flags.study, batch_id));
    throw errors::ApiError(error.what(), std::move(detail));
  }
}

int create(const CreateFlags& flags, const Context& context) {
  const std::vector<RecordInput> records = records_of(flags.file);
  if (flags.is_unchecked && flags.is_dry_run) {
    say("imednet: would send {}; nothing was checked or sent\n", counted(records));
    return 0;
  }
  const ImednetSDK sdk({.stop = context.stop});
  if (!flags.is_unchecked) check(sdk, flags.study, records);
  if (flags.is_dry_run) {
    say("imednet: would send {}; nothing was sent\n", counted(records));
    return 0;
  }
  Job job = sdk.records().create(flags.study, records, {.email_notify = flags.email});
  const std::string batch_id = job.batch_id.value_or("");
  if (job.is_terminal() && batch_id.empty()) {
    say("imednet: sent {}; iMednet did all of it at once\n", counted(records));
  } else {
    say("imednet: sent {}; {}\n", counted(records),
        batch_id.empty() ? "iMednet named no job" : "to see how it ends: " + wait_command(flags.study, batch_id));
  }
  if (flags.waits && !job.is_terminal()) job = wait_after_sending(sdk, flags, job);
  return tell(job);
}

int wait_for_job(const JobFlags& flags, const Context& context) {
  const ImednetSDK sdk({.stop = context.stop});
  try {
    return tell(sdk.jobs().poll_job(flags.study, flags.batch_id, flags.waiting.options()));
  } catch (const errors::ApiError& error) {
    if (error.code() != ErrorCode::timeout && error.code() != ErrorCode::cancelled) throw;
    errors::ErrorDetail detail = error.detail();
    detail.hint = fmt::format("the job goes on: {}", wait_command(flags.study, flags.batch_id));
    throw errors::ApiError(error.what(), std::move(detail));
  }
}

// `wait`: the flag that they go with, if any.
void define_waiting(CLI::App& command, WaitFlags& flags, CLI::Option* wait = nullptr) {
  CLI::Option* interval = command.add_option("--interval", flags.interval_s, "Seconds between two questions")
                              ->check(CLI::Range(0.01, 3600.0))
                              ->capture_default_str();
  CLI::Option* timeout = command.add_option("--timeout", flags.timeout_s, "Seconds to wait at most")
                             ->check(CLI::Range(0.01, 604'800.0))
                             ->capture_default_str();
  if (wait == nullptr) return;
  interval->needs(wait);
  timeout->needs(wait);
}

constexpr const char* kCreateExits =
    "Exit codes: 0 taken, with --wait: done; 2 usage, or records that are not as the study has them; 3 the job failed; 12 iMednet API:\n"
    "nothing was done; 14 in doubt: sent, and what became of it is not known. After 3 and 14 look before you send again.";
constexpr const char* kJobExits = "Exit codes: 0 the job stands or ended well, 2 usage, 3 the job failed, 12 iMednet API.";

}  // namespace

void add_create(CLI::App& records, Command& chosen) {
  CLI::App* command = records.add_subcommand("create", "Send records: subjects to register, scheduled records to update, new records");
  auto flags = std::make_shared<CreateFlags>();
  command->add_option("STUDY", flags->study, "Study key")->required();
  command->add_option("FILE", flags->file, "Records as iMednet takes them: a JSON array, or an object a line; '-' is standard input")
      ->required();
  command->add_flag("--no-check", flags->is_unchecked, "Do not check the records by the study's forms and variables before they are sent");
  command->add_flag("--dry-run", flags->is_dry_run, "Check, say what would be sent, and send nothing");
  command->add_option("--email-notify", flags->email, "An address that iMednet tells when the job ends");
  define_waiting(*command, flags->waiting, command->add_flag("--wait", flags->waits, "Wait until the job has ended"));
  command->footer(std::string(kKeysNote) + kCreateExits);
  command->callback([flags, &chosen] { chosen = [flags](const Context& context) { return create(*flags, context); }; });
}

void add_jobs(CLI::App& app, Command& chosen) {
  CLI::App* group = app.add_subcommand("jobs", "What became of records that were sent");
  group->require_subcommand(1);
  auto flags = std::make_shared<JobFlags>();
  const auto define = [&](const char* name, const char* what) {
    CLI::App* command = group->add_subcommand(name, what);
    command->add_option("STUDY", flags->study, "Study key")->required();
    command->add_option("BATCH_ID", flags->batch_id, "The batch id that records create gave")->required();
    command->footer(std::string(kKeysNote) + kJobExits);
    return command;
  };
  define("status", "The job as it stands, on standard output as iMednet sent it")->callback([flags, &chosen] {
    chosen = [flags](const Context& context) { return tell(ImednetSDK({.stop = context.stop}).jobs().get(flags->study, flags->batch_id)); };
  });
  CLI::App* wait = define("wait", "Wait until the job has ended, and say how");
  define_waiting(*wait, flags->waiting);
  wait->callback([flags, &chosen] { chosen = [flags](const Context& context) { return wait_for_job(*flags, context); }; });
}

}  // namespace imednet::cli
