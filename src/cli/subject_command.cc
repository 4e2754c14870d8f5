// subject_command.cc: `imednet subject STUDY KEY`: what is known about one subject.
//
// Requests: one for the subject, then one page after the other of the study's forms and of the subject's visits, records and queries, these
//           four at the same time. The API is asked for that subject alone; what else it sends is not shown.
#include <unistd.h>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>

#include "cli/api_flags.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/subject_text.h"
#include "cli/terminal.h"
#include "core/parallel.h"
#include "imednet/filters.h"
#include "imednet/sdk.h"

namespace imednet::cli {
namespace {

struct SubjectFlags {
  std::string study, key, output = "table";
  double deadline_s = 0;
};

using Moment = std::chrono::steady_clock::time_point;

// One reading of a subject: what all its requests share.
class SubjectReading {
 public:
  SubjectReading(const ImednetSDK& sdk, const SubjectFlags& flags) : sdk_(sdk), flags_(flags) {
    if (flags.key.empty())
      throw ImednetError(
          "cannot show a subject: its key is empty",
          {.code = errors::ErrorCode::invalid_argument, .hint = "imednet subjects list names the keys", .origin = {.system = "local"}});
    filter_ = filters::attribute("subjectKey") == flags.key;
    if (flags.deadline_s > 0) end_ = std::chrono::steady_clock::now() + deadline_of(flags.deadline_s);
  }

  SubjectFile read() {
    find_subject();
    const std::array<std::function<void(const std::stop_token&)>, 4> parts = {
        [&](const std::stop_token& stop) { file_.forms = sdk_.forms().collect(flags_.study, options("", stop)); },
        [&](const std::stop_token& stop) { file_.visits = own(sdk_.visits().list(flags_.study, options(filter_, stop))); },
        [&](const std::stop_token& stop) {
          ListOptions by_id = options(filter_, stop);
          by_id.sort = {"recordId,asc"};
          file_.records = own(sdk_.records().list(flags_.study, by_id));
        },
        [&](const std::stop_token& stop) { file_.queries = own(sdk_.queries().list(flags_.study, options(filter_, stop))); },
    };
    core::run_parallel(
        {.count = parts.size(), .width = parts.size(), .work = [&](std::size_t i, const std::stop_token& stop) { parts[i](stop); }});
    return std::move(file_);
  }

 private:
  // The time that is left of the whole is that of the call.
  ListOptions options(std::string filter, std::stop_token stop) const {
    ListOptions options{.filter = std::move(filter), .call = {.stop = std::move(stop)}};
    if (end_) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(*end_ - std::chrono::steady_clock::now());
      options.call.deadline = std::max(left, std::chrono::milliseconds(1));
    }
    return options;
  }

  // Whoever ignores the filter shows others, too.
  template <class Element>
  std::vector<Element> own(ResultRange<Element> range) const {
    std::vector<Element> elements;
    for (Element& element : range) {
      const bool is_of_it = !element.subject_id || !file_.subject.subject_id || element.subject_id == file_.subject.subject_id;
      if (element.subject_key == flags_.key && is_of_it) elements.push_back(std::move(element));
    }
    return elements;
  }

  // Of several with that key the one that is not deleted.
  void find_subject() {
    std::vector<Subject> found = own(sdk_.subjects().list(flags_.study, options(filter_, {})));
    if (found.empty())
      throw errors::NotFoundError("cannot show a subject of study " + flags_.study + ": there is none of that key",
                                  {.code = errors::ErrorCode::not_found,
                                   .hint = "imednet subjects list " + flags_.study + " names the keys; case and leading zeros count",
                                   .origin = {.system = "imednet"}});
    const auto live = std::ranges::find_if(found, [](const Subject& subject) { return !subject.deleted.value_or(false); });
    file_.namesakes = found.size() - 1;
    file_.subject = std::move(live == found.end() ? found.front() : *live);
  }

  const ImednetSDK& sdk_;
  const SubjectFlags& flags_;
  std::string filter_;
  std::optional<Moment> end_;
  SubjectFile file_;
};

int show_subject(const SubjectFlags& flags, const Context& context) {
  const ImednetSDK sdk({.stop = context.stop});
  const SubjectFile file = SubjectReading(sdk, flags).read();
  const std::size_t width = is_terminal(STDOUT_FILENO) ? terminal_width(STDOUT_FILENO) : 0;
  if (write_out(flags.output == "json" ? subject_json(file) : subject_text(file, width, has_colour(STDOUT_FILENO)))) flush_out();
  return 0;
}

}  // namespace

void add_subject(CLI::App& app, Command& chosen) {
  CLI::App* command = app.add_subcommand("subject", "What is known about one subject: status, visits, records by form, open queries");
  auto flags = std::make_shared<SubjectFlags>();
  command->add_option("STUDY", flags->study, "Study key")->required();
  command->add_option("KEY", flags->key, "Subject key, as iMednet shows it: 01-001")->required();
  command->add_option("--output", flags->output, "table: for people; json: one object, its elements as the API sent them, without answers")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  add_deadline(*command, flags->deadline_s);
  command->footer(
      std::string(kKeysNote) +
      "Exit codes: 0 shown; 2 usage; 12 iMednet API, also when there is no such subject; 15 the study changed while it was read.");
  command->callback([flags, &chosen] { chosen = [flags](const Context& context) { return show_subject(*flags, context); }; });
}

}  // namespace imednet::cli
