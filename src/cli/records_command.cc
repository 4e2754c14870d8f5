// records_command.cc: `imednet records list STUDY`.
#include <fmt/format.h>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include <array>
#include <memory>

#include "cli/commands.h"
#include "cli/output.h"
#include "imednet/sdk.h"

namespace imednet::cli {
namespace {

struct RecordsFlags {
  std::string study, output = "ndjson", filter, data_filter;
};

// JSON text never has a raw line break inside a string, so those between tokens can go.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return text;
}

// RFC 4180; null is an empty field, empty text is "". No value is ever altered.
void append_csv(std::string& line, const OptionalText& value) {
  if (!line.empty()) line.push_back(',');
  if (!value) return;
  if (!value->empty() && value->find_first_of(",\"\r\n") == std::string::npos) {
    line += *value;
    return;
  }
  line.push_back('"');
  for (const char c : *value) {
    if (c == '"') line.push_back('"');
    line.push_back(c);
  }
  line.push_back('"');
}

OptionalText text_of(const OptionalId& id) { return id ? OptionalText(std::to_string(*id)) : std::nullopt; }

constexpr std::string_view kCsvHeader =
    "record_id,study_key,interval_id,form_id,form_key,site_id,record_oid,record_type,record_status,deleted,date_created,date_modified,"
    "subject_id,subject_oid,subject_key,visit_id,parent_record_id,keywords,record_data\n";

std::string csv_line(const Record& record) {
  std::string line = std::to_string(record.record_id);
  const OptionalText deleted = record.deleted ? OptionalText(*record.deleted ? "true" : "false") : std::nullopt;
  for (const OptionalText& value :
       {record.study_key, text_of(record.interval_id), text_of(record.form_id), record.form_key, text_of(record.site_id), record.record_oid,
        record.record_type, record.record_status, deleted, record.date_created, record.date_modified, text_of(record.subject_id),
        record.subject_oid, record.subject_key, text_of(record.visit_id), text_of(record.parent_record_id), record.keywords,
        record.record_data}) {
    append_csv(line, value);
  }
  return line + "\n";
}

int run_list(const RecordsFlags& flags, const Context& context) {
  const ImednetSDK sdk({.stop = context.stop});
  const bool is_csv = flags.output == "csv";
  const bool is_array = flags.output == "json";
  bool is_open = true;
  bool is_first = true;
  for (const Record& record : sdk.records().list(flags.study, {.filter = flags.filter, .record_data_filter = flags.data_filter})) {
    if (is_first) is_open = write_out(is_csv ? kCsvHeader : is_array ? "[\n" : "");
    if (!is_first && is_array) is_open = write_out(",\n");
    is_first = false;
    if (!is_open) return 0;
    is_open = write_out(is_csv ? csv_line(record) : one_line(record.raw) + (is_array ? "" : "\n"));
    if (!is_open) return 0;
  }
  if (is_first) write_out(is_csv ? kCsvHeader : is_array ? "[" : "");
  if (is_array) write_out("\n]\n");
  flush_out();
  return 0;
}

}  // namespace

void add_records(CLI::App& app, Command& chosen) {
  CLI::App* group = app.add_subcommand("records", "Records of a study");
  group->require_subcommand(1);
  CLI::App* command = group->add_subcommand("list", "Print all records of a study in recordId order");
  auto flags = std::make_shared<RecordsFlags>();
  command->add_option("STUDY", flags->study, "Study key")->required();
  command->add_option("--output", flags->output, "ndjson: each record as the API sent it; json: one array; csv")
      ->check(CLI::IsMember({"ndjson", "json", "csv"}))
      ->capture_default_str();
  command->add_option("--filter", flags->filter, "The API's filter, for example formKey==AE");
  command->add_option("--data-filter", flags->data_filter, "The API's recordDataFilter, for example AESER==Yes");
  command->callback([flags, &chosen] { chosen = [flags](const Context& context) { return run_list(*flags, context); }; });
}

}  // namespace imednet::cli
