// create_command.cc: `imednet records create STUDY FILE` and `imednet jobs status|wait`: records on their way to iMednet.
#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

#include "cli/commands.h"
#include "cli/output.h"
#include "imednet/sdk.h"

namespace imednet::cli {
namespace {

struct CreateFlags {
  std::string study, file, email;
  bool waits = false;
  double timeout_s = 300, interval_s = 5;
};

struct JobFlags {
  std::string study, batch_id;
  double timeout_s = 300, interval_s = 5;
};

std::chrono::milliseconds milliseconds(double seconds) { return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)); }

std::string text_of_file(const std::string& file) {
  if (file == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
  std::ifstream in(file, std::ios::binary);
  if (!in) throw ImednetError(fmt::format("cannot read {}", file), {.code = errors::ErrorCode::io, .origin = {.system = "local"}});
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string one_line(std::string text) {
  std::ranges::replace_if(
      text, [](char letter) { return letter == '\n' || letter == '\r'; }, ' ');
  return text;
}

// The job as the API sent it; a list without one says that all was done at once.
int tell(const Job& job) {
  write_out(job.raw.empty() ? "{}\n" : one_line(job.raw) + "\n");
  flush_out();
  if (!job.has_failed()) return 0;
  throw errors::ApiError(fmt::format("the job {} ended as {}", job.batch_id.value_or(""), job.state.value_or("")),
                         {.code = errors::ErrorCode::rejected, .hint = "look at the job in iMednet", .origin = {.system = "imednet"}});
}

int create(const CreateFlags& flags, const Context& context) {
  const std::vector<RecordInput> records = parse_records(text_of_file(flags.file));
  const ImednetSDK sdk({.stop = context.stop});
  Job job = sdk.records().create(flags.study, records, {.email_notify = flags.email});
  say("imednet: sent {} records\n", records.size());
  if (flags.waits && !job.is_terminal())
    job = sdk.jobs().poll_job(flags.study, *job.batch_id,
                              {.interval = milliseconds(flags.interval_s), .timeout = milliseconds(flags.timeout_s)});
  return tell(job);
}

void define_waiting(CLI::App& command, double& interval, double& timeout) {
  command.add_option("--interval", interval, "Seconds between two questions")->check(CLI::Range(0.01, 3600.0))->capture_default_str();
  command.add_option("--timeout", timeout, "Seconds to wait at most")->check(CLI::Range(0.01, 604'800.0))->capture_default_str();
}

constexpr const char* kFooter =
    "Keys for iMednet come from IMEDNET_API_KEY and IMEDNET_SECURITY_KEY, another host from IMEDNET_BASE_URL.\n"
    "Exit codes: 0 taken, 2 usage or records that can't be sent, 12 iMednet API, 14 in doubt: look before you send again.";

}  // namespace

void add_create(CLI::App& records, Command& chosen) {
  CLI::App* command = records.add_subcommand("create", "Send records: subjects to register, scheduled records to update, new records");
  auto flags = std::make_shared<CreateFlags>();
  command->add_option("STUDY", flags->study, "Study key")->required();
  command->add_option("FILE", flags->file, "Records as iMednet takes them: a JSON array, or an object a line; '-' is standard input")
      ->required();
  command->add_option("--email-notify", flags->email, "An address that iMednet tells when the job ends");
  command->add_flag("--wait", flags->waits, "Wait until the job has ended");
  define_waiting(*command, flags->interval_s, flags->timeout_s);
  command->footer(kFooter);
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
    command->footer(kFooter);
    return command;
  };
  define("status", "The job as it stands")->callback([flags, &chosen] {
    chosen = [flags](const Context& context) { return tell(ImednetSDK({.stop = context.stop}).jobs().get(flags->study, flags->batch_id)); };
  });
  CLI::App* wait = define("wait", "Wait until the job has ended, and say how");
  define_waiting(*wait, flags->interval_s, flags->timeout_s);
  wait->callback([flags, &chosen] {
    chosen = [flags](const Context& context) {
      return tell(ImednetSDK({.stop = context.stop})
                      .jobs()
                      .poll_job(flags->study, flags->batch_id,
                                {.interval = milliseconds(flags->interval_s), .timeout = milliseconds(flags->timeout_s)}));
    };
  });
}

}  // namespace imednet::cli
