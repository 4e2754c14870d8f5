#include "cli/subject_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "cli/display_text.h"
#include "cli/list_output.h"
#include "cli/text_table.h"

namespace imednet::cli {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string cell_of(const OptionalText& text) { return harmless_text(text.value_or("")); }
std::string cell_of(const OptionalId& id) { return id ? std::to_string(*id) : ""; }

// The first that says something.
const OptionalText& either(const OptionalText& one, const OptionalText& other) { return one.value_or("").empty() ? other : one; }

class SubjectPage {
 public:
  SubjectPage(const SubjectFile& file, std::size_t width, bool has_colour) : file_(file), width_(width), has_colour_(has_colour) {}

  std::string text() {
    subject();
    visits();
    records();
    queries();
    return std::move(text_);
  }

 private:
  static constexpr std::size_t kIndent = 2;

  std::string fit(const std::string& line) const { return width_ == 0 ? line : cut_to_width(line, width_); }

  void title(const std::string& line) { text_ += has_colour_ ? fmt::format("\x1b[1m{}\x1b[0m\n", fit(line)) : fit(line) + "\n"; }

  void fact(std::string_view name, const std::string& value) {
    if (!value.empty()) text_ += fit(fmt::format("  {:<9} {}", name, value)) + "\n";
  }

  void section(const std::string& name, std::size_t count, std::vector<TextColumn> columns, const Rows& rows) {
    text_ += "\n";
    title(count == 0 ? name + ": none" : fmt::format("{}: {}", name, count));
    if (!rows.empty()) text_ += text_of_table(std::move(columns), rows, width_, kIndent);
  }

  void subject() {
    const Subject& subject = file_.subject;
    title(fmt::format("Subject {} of study {}", cell_of(subject.subject_key), cell_of(subject.study_key)));
    const bool is_deleted = subject.deleted.value_or(false);
    fact("Status", cell_of(subject.subject_status) + (is_deleted ? " (deleted)" : ""));
    fact("Site", cell_of(subject.site_name));
    fact("Enrolled", cell_of(subject.enrollment_start_date));
    std::vector<std::string> keywords;
    for (const Keyword& keyword : subject.keywords) keywords.push_back(cell_of(either(keyword.keyword_name, keyword.keyword_key)));
    fact("Keywords", fmt::format("{}", fmt::join(keywords, ", ")));
    fact("Created", cell_of(subject.date_created));
    fact("Changed", cell_of(subject.date_modified));
    if (file_.namesakes > 0)
      fact("Note", fmt::format("{} more of that key; this is subjectId {}", file_.namesakes, cell_of(subject.subject_id)));
  }

  // As they took place; behind them those that have no date yet, as they are due.
  std::vector<const Visit*> ordered_visits() const {
    const auto key = [](const Visit* visit) {
      const std::string date = either(visit->visit_date, visit->start_date).value_or("");
      return std::tuple(date.empty(), date.empty() ? visit->due_date.value_or("") : date, visit->visit_id.value_or(0));
    };
    std::vector<const Visit*> visits;
    for (const Visit& visit : file_.visits) visits.push_back(&visit);
    std::ranges::stable_sort(visits, {}, key);
    return visits;
  }

  void visits() {
    std::map<std::int64_t, int> records;
    for (const Record& record : file_.records) {
      if (record.visit_id && !record.deleted.value_or(false)) ++records[*record.visit_id];
    }
    Rows rows;
    for (const Visit* visit : ordered_visits()) {
      const auto found = records.find(visit->visit_id.value_or(-1));
      rows.push_back({cell_of(visit->interval_name), cell_of(either(visit->visit_date, visit->start_date)), cell_of(visit->due_date),
                      std::to_string(found == records.end() ? 0 : found->second), visit->deleted.value_or(false) ? "deleted" : ""});
    }
    section("Visits", rows.size(), {{"Visit"}, {"Date"}, {"Due"}, {"Records", true}, {""}}, rows);
  }

  struct FormLine {
    std::string name{}, changed{};
    int live = 0, deleted = 0;
    std::map<std::string, int> statuses{};

    void add(const Record& record) {
      changed = std::max(changed, cell_of(record.date_modified));
      if (record.deleted.value_or(false)) {
        ++deleted;
      } else {
        ++live;
        ++statuses[cell_of(record.record_status)];
      }
    }
    std::string status() const {
      std::vector<std::string> parts;
      for (const auto& [status, count] : statuses) {
        const std::string& name_of = status.empty() ? "no status" : status;
        parts.push_back(statuses.size() == 1 && deleted == 0 ? name_of : fmt::format("{} {}", name_of, count));
      }
      if (deleted > 0) parts.push_back(fmt::format("deleted {}", deleted));
      return fmt::format("{}", fmt::join(parts, ", "));
    }
  };

  // Forms in the study's order, then those that it does not name.
  void records() {
    std::vector<std::string> order;
    std::map<std::string, FormLine> lines;
    for (const Form& form : file_.forms) {
      const std::string key = cell_of(form.form_key);
      if (lines.try_emplace(key, FormLine{.name = cell_of(form.form_name)}).second) order.push_back(key);
    }
    for (const Record& record : file_.records) {
      const std::string key = cell_of(record.form_key);
      if (lines.try_emplace(key).second) order.push_back(key);
      lines[key].add(record);
    }
    Rows rows;
    for (const std::string& key : order) {
      const FormLine& line = lines[key];
      if (line.live + line.deleted > 0) rows.push_back({key, line.name, std::to_string(line.live), line.status(), line.changed});
    }
    section("Records", file_.records.size(), {{"Form"}, {"Name"}, {"Records", true}, {"Status"}, {"Last change"}}, rows);
  }

  void queries() {
    std::map<std::int64_t, std::string> forms;
    for (const Record& record : file_.records) forms[record.record_id] = cell_of(record.form_key);
    Rows rows;
    std::size_t closed = 0, unknown = 0;
    for (const Query& query : file_.queries) {
      const OptionalFlag is_open = query.is_open();
      if (!is_open) ++unknown;
      if (is_open == false) ++closed;
      if (is_open != true) continue;
      rows.push_back({cell_of(query.annotation_id), cell_of(query.annotation_type), query.record_id ? forms[*query.record_id] : "",
                      cell_of(query.record_id), cell_of(query.variable), cell_of(query.date_created), cell_of(query.description)});
    }
    section("Open queries", rows.size(), {{"Query", true}, {"Kind"}, {"Form"}, {"Record", true}, {"Variable"}, {"Since"}, {"Text"}}, rows);
    if (closed > 0) text_ += fit(fmt::format("  closed besides: {}", closed)) + "\n";
    if (unknown > 0) text_ += fit(fmt::format("  besides, without a comment that says whether they are open: {}", unknown)) + "\n";
  }

  const SubjectFile& file_;
  std::size_t width_;
  bool has_colour_;
  std::string text_;
};

template <class Element>
std::string json_list(const std::vector<Element>& elements, const std::vector<std::string>& fields = {}) {
  if (elements.empty()) return "[]";
  std::vector<std::string> lines;
  lines.reserve(elements.size());
  for (const Element& element : elements) lines.push_back(json_of(element.raw, fields));
  return fmt::format("[\n{}\n]", fmt::join(lines, ",\n"));
}

}  // namespace

std::string subject_text(const SubjectFile& file, std::size_t width, bool has_colour) {
  return SubjectPage(file, width, has_colour).text();
}

std::string subject_json(const SubjectFile& file) {
  std::vector<std::string> fields;
  for (const std::string_view name : field_names<Record>()) {
    if (name != "recordData") fields.emplace_back(name);
  }
  return fmt::format("{{\n\"subject\": {},\n\"visits\": {},\n\"records\": {},\n\"queries\": {}\n}}\n", json_of(file.subject.raw, {}),
                     json_list(file.visits), json_list(file.records, fields), json_list(file.queries));
}

}  // namespace imednet::cli
