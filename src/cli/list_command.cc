// list_command.cc: `imednet studies|sites|… list`: every resource of the API, by one command each.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>

#include "cli/api_flags.h"
#include "cli/commands.h"
#include "cli/list_output.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "imednet/errors.h"
#include "imednet/sdk.h"

namespace imednet::cli {
namespace {

struct ListFlags {
  std::string study, output = "auto";
  ListOptions options;
  std::vector<std::string> fields;
  std::int64_t limit = 0;  // 0: all
  double deadline_s = 0;
  bool is_for_spreadsheets = false;
};

// What one resource is called, and what of it a table shows unless told otherwise.
struct ResourceText {
  const char* command;
  const char* what;
  std::vector<std::string> columns;
};

constexpr std::int64_t kPage = 500;  // elements of a request, the API's most

ListFormat format_of(const std::string& output) {
  if (output == "auto") return is_terminal(STDOUT_FILENO) ? ListFormat::table : ListFormat::ndjson;
  if (output == "table") return ListFormat::table;
  if (output == "json") return ListFormat::json;
  return output == "csv" ? ListFormat::csv : ListFormat::ndjson;
}

// As the API has them; of records the id first, as those who read such files know it.
template <class Element>
std::vector<std::string> csv_columns() {
  const std::vector<std::string_view> known = field_names<Element>();
  std::vector<std::string> columns(known.begin(), known.end());
  if (std::is_same_v<Element, Record>) {
    const auto id = std::ranges::find(columns, "recordId");
    std::rotate(columns.begin(), id, id + 1);
  }
  return columns;
}

template <class Element>
ListLayout layout_of(const ListFlags& flags, const ResourceText& resource) {
  const std::vector<std::string_view> known = field_names<Element>();
  const ListFormat format = format_of(flags.output);
  std::vector<std::string> fields = flags.fields;
  if (fields.empty() && format == ListFormat::table) fields = resource.columns;
  if (fields.empty() && format == ListFormat::csv) fields = csv_columns<Element>();
  if (flags.is_for_spreadsheets && format != ListFormat::csv)
    throw ImednetError("cannot guard against formulas: only CSV is read by spreadsheets",
                       {.code = errors::ErrorCode::invalid_argument, .hint = "add --output csv", .origin = {.system = "local"}});
  return {.format = format,
          .fields = FieldChoice(fields, known),
          .is_for_spreadsheets = flags.is_for_spreadsheets,
          .width = is_terminal(STDOUT_FILENO) ? terminal_width(STDOUT_FILENO) : 0,
          .has_colour = has_colour(STDOUT_FILENO)};
}

// For people at a terminal, behind a table.
void say_count(std::int64_t count, bool is_cut, const ListOutput& output) {
  if (!is_terminal(STDERR_FILENO)) return;
  std::string note = is_cut ? ", as many as --limit says" : "";
  if (output.left_out() > 0) note += fmt::format("; no room for the last {} of the columns, --fields chooses", output.left_out());
  say("({} {}{})\n", count, count == 1 ? "row" : "rows", note);
}

// What was printed is no whole list: said besides the error, since part of it may be in a file by now.
void say_incomplete(std::int64_t count) {
  if (count > 0) say("imednet: note: the list is not whole: {} elements were printed\n", count);
}

template <class Range>
int print_list(Range&& range, ListOutput& output, const ListFlags& flags) {
  std::int64_t count = 0;
  bool is_cut = false;
  try {
    for (const auto& element : range) {
      if (!output.add(element.raw)) return 0;
      is_cut = ++count == flags.limit;
      if (is_cut) break;
    }
  } catch (const errors::ApiError&) {
    say_incomplete(count);
    throw;
  }
  if (!output.finish() || !flush_out()) return 0;
  if (format_of(flags.output) == ListFormat::table) say_count(count, is_cut, output);
  return 0;
}

// "date_modified" is dateModified,asc.
std::string sort_key(const std::string& typed) {
  const std::size_t comma = std::min(typed.find(','), typed.size());
  return camel_case(typed.substr(0, comma)) + (comma == typed.size() ? ",asc" : typed.substr(comma));
}

// No more is asked for than is shown. What fits one page needs no proof that pages belong together, so it is asked for by one request.
template <class Element>
ListOptions options_of(const ListFlags& flags, const Context& context) {
  ListOptions options = flags.options;
  std::ranges::transform(options.sort, options.sort.begin(), sort_key);
  if (flags.limit > 0) options.page_size = static_cast<int>(std::min(kPage, flags.limit));
  if (std::is_same_v<Element, Record> && flags.limit > 0 && flags.limit <= kPage && options.sort.empty()) options.sort = {"recordId,asc"};
  options.call = {.stop = context.stop, .deadline = deadline_of(flags.deadline_s)};
  return options;
}

template <class Element>
void define_shape(CLI::App& command, ListFlags& flags) {
  command
      .add_option(
          "--output", flags.output,
          "table: for people; json: one array; ndjson: each element as the API sent it; csv; auto: table on a terminal, else ndjson")
      ->check(CLI::IsMember({"auto", "table", "json", "ndjson", "csv"}))
      ->capture_default_str();
  command.add_option("--fields", flags.fields, "Only these fields, in this order, also those that the API sends besides")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name(fmt::format("TEXT:{{{}}}", fmt::join(field_names<Element>(), ",")))
      ->option_text("FIELD,...");
  command.add_option("--limit", flags.limit, "At most so many elements; 0: all")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 40))
      ->capture_default_str();
  command.add_flag("--spreadsheet", flags.is_for_spreadsheets,
                   "With csv: an apostrophe before what a spreadsheet would take for a formula; without it no value is altered");
  add_deadline(command, flags.deadline_s);
}

template <class Element>
void define_choice(CLI::App& command, ListFlags& flags) {
  if constexpr (!std::is_same_v<Element, User>)
    command.add_option("--filter", flags.options.filter, "The API's filter, for example formKey==AE");
  if constexpr (std::is_same_v<Element, Record>)
    command.add_option("--data-filter", flags.options.record_data_filter, "The API's recordDataFilter, for example AESER==Yes");
  if constexpr (std::is_same_v<Element, User>)
    command.add_flag("--include-inactive", flags.options.include_inactive, "Users who may not see the study any more as well");
  command.add_option("--sort", flags.options.sort, "<attribute>,asc or <attribute>,desc; again for more (default: by id)")
      ->allow_extra_args(false);
}

constexpr const char* kListExits =
    "Exit codes: 0 the list is whole, or ends where --limit says; 2 usage; 3 standard output is full; 12 iMednet API;\n"
    "15 the study changed while it was read.";

// `list(sdk, flags, options)` is the range.
template <class Element, class List>
CLI::App* add_list(CLI::App& group, Command& chosen, const ResourceText& resource, bool is_of_study, List list) {
  CLI::App* command = group.add_subcommand("list", fmt::format("Print {}", resource.what));
  auto flags = std::make_shared<ListFlags>();
  if (is_of_study) command->add_option("STUDY", flags->study, "Study key")->required();
  define_shape<Element>(*command, *flags);
  define_choice<Element>(*command, *flags);
  command->footer(fmt::format("Fields: {}.\n{}{}", fmt::join(field_names<Element>(), ", "), kKeysNote, kListExits));
  command->callback([flags, resource, list, &chosen] {
    chosen = [flags, resource, list](const Context& context) {
      const auto output = make_list_output(layout_of<Element>(*flags, resource));
      const ImednetSDK sdk({.stop = context.stop});
      return print_list(list(sdk, flags->study, options_of<Element>(*flags, context)), *output, *flags);
    };
  });
  return command;
}

CLI::App* group_of(CLI::App& app, const ResourceText& resource, const std::string& description) {
  CLI::App* group = app.add_subcommand(resource.command, description);
  group->require_subcommand(1);
  return group;
}

// A resource of a study; `resource_of(sdk)` has list(study, options).
template <class Element, class ResourceOf>
CLI::App* add_resource(CLI::App& app, Command& chosen, const ResourceText& resource, const std::string& description,
                       ResourceOf resource_of) {
  CLI::App* group = group_of(app, resource, description);
  add_list<Element>(*group, chosen, resource, true, [resource_of](const ImednetSDK& sdk, const std::string& study, ListOptions options) {
    return resource_of(sdk).list(study, std::move(options));
  });
  return group;
}

void add_design(CLI::App& app, Command& chosen) {
  const ResourceText studies{"studies", "the studies that these keys may see", {"studyKey", "studyName", "studyType", "dateModified"}};
  add_list<Study>(*group_of(app, studies, "Studies that these keys may see"), chosen, studies, false,
                  [](const ImednetSDK& sdk, const std::string&, ListOptions options) { return sdk.studies().list(std::move(options)); });
  add_resource<Site>(app, chosen, {"sites", "the sites of a study", {"siteId", "siteName", "siteEnrollmentStatus", "dateModified"}},
                     "Sites of a study", [](const ImednetSDK& sdk) { return sdk.sites(); });
  add_resource<Form>(app, chosen, {"forms", "the forms of a study", {"formId", "formKey", "formName", "formType", "revision", "disabled"}},
                     "Forms of a study", [](const ImednetSDK& sdk) { return sdk.forms(); });
  add_resource<Interval>(app, chosen,
                         {"intervals",
                          "the intervals of a study",
                          {"intervalId", "intervalSequence", "intervalName", "intervalGroupName", "timeline", "disabled"}},
                         "Intervals of a study", [](const ImednetSDK& sdk) { return sdk.intervals(); });
  add_resource<Variable>(app, chosen,
                         {"variables", "the variables of a study", {"variableId", "formKey", "variableName", "variableType", "label"}},
                         "Variables of a study", [](const ImednetSDK& sdk) { return sdk.variables(); });
}

void add_subjects(CLI::App& app, Command& chosen) {
  add_resource<Subject>(app, chosen,
                        {"subjects", "the subjects of a study", {"subjectId", "subjectKey", "subjectStatus", "siteName", "deleted"}},
                        "Subjects of a study", [](const ImednetSDK& sdk) { return sdk.subjects(); });
  add_resource<Visit>(app, chosen, {"visits", "the visits of a study", {"visitId", "subjectKey", "intervalName", "visitDate", "deleted"}},
                      "Visits of a study's subjects", [](const ImednetSDK& sdk) { return sdk.visits(); });
  add_resource<RecordRevision>(
      app, chosen,
      {"record-revisions",
       "who changed the records of a study, when and why",
       {"recordRevisionId", "recordId", "recordRevision", "recordStatus", "user", "reasonForChange", "dateCreated"}},
      "Revisions of a study's records", [](const ImednetSDK& sdk) { return sdk.record_revisions(); });
  add_resource<Query>(
      app, chosen,
      {"queries", "the queries of a study", {"annotationId", "subjectKey", "recordId", "variable", "annotationType", "description"}},
      "Queries of a study", [](const ImednetSDK& sdk) { return sdk.queries(); });
  add_resource<Coding>(
      app, chosen,
      {"codings", "how answers of a study were coded", {"codingId", "subjectKey", "variable", "value", "code", "dictionaryName"}},
      "Codings of a study's answers", [](const ImednetSDK& sdk) { return sdk.codings(); });
  add_resource<User>(app, chosen, {"users", "the users of a study", {"login", "firstName", "lastName", "email", "userActiveInStudy"}},
                     "Users of a study", [](const ImednetSDK& sdk) { return sdk.users(); });
}

}  // namespace

void add_lists(CLI::App& app, Command& chosen) {
  add_design(app, chosen);
  add_subjects(app, chosen);
  const ResourceText records{"records",
                             "the records of a study in recordId order",
                             {"recordId", "formKey", "subjectKey", "recordStatus", "deleted", "dateModified"}};
  add_create(*add_resource<Record>(app, chosen, records, "Records of a study", [](const ImednetSDK& sdk) { return sdk.records(); }),
             chosen);
}

}  // namespace imednet::cli
