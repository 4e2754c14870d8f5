#include "imednet/record_checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include "api/record_json.h"
#include "core/answer_kind.h"
#include "core/answer_values.h"
#include "core/near_name.h"

namespace imednet {
namespace {

using core::AnswerKind;

struct KnownVariable {
  std::string type;
  bool is_deleted = false, is_disabled = false;
  std::int64_t id = 0;

  // In use before disabled before deleted, a newer one before an older one.
  auto standing() const { return std::tuple(is_deleted, is_disabled, -id); }
};

struct KnownForm {
  std::string key;
  OptionalId id{};
  bool is_disabled = false;
  std::map<std::string, KnownVariable, std::less<>> variables{};  // by name

  std::string name() const { return key.empty() ? fmt::format("{}", id.value_or(0)) : key; }
};

bool has_subject(const RecordInput& record) { return record.subject_key || record.subject_id || record.subject_oid; }
bool has_site(const RecordInput& record) { return record.site_name || record.site_id; }
bool has_interval(const RecordInput& record) { return record.interval_name || record.interval_id; }

// What is wrong with an answer of that kind.
struct Misfit {
  std::string what, hint;
};

std::optional<Misfit> misfit_unless(bool fits, const char* what, const char* hint) {
  return fits ? std::nullopt : std::optional(Misfit{what, hint});
}

// A list of codes has a backtick between them.
bool is_checked(std::string_view text) {
  const std::string word = core::lower_case(text);
  if (core::parse_flag(word) || word == "yes" || word == "no" || word == "on" || word == "off") return true;
  return !text.empty() && text.find_first_not_of("0123456789`") == std::string_view::npos;
}

// Digits, and UN or UNK for what is not known.
bool is_partial_date(std::string_view text) {
  return text.find_first_not_of("0123456789-:. TUNKunk") == std::string_view::npos &&
         text.find_first_of("0123456789UNun") != std::string_view::npos;
}

std::optional<Misfit> text_misfit(const std::string& text, const std::string& type) {
  switch (core::answer_kind(type)) {
    case AnswerKind::number:
      return misfit_unless(core::is_decimal(text), "the answer is no number", "a number, or a text that is one, such as 37.5");
    case AnswerKind::flag:
      return misfit_unless(is_checked(text), "the answer is neither true nor false", "true or false");
    case AnswerKind::date:
      return misfit_unless(core::parse_date(text).has_value(), "the answer is no date", "a date of the calendar as YYYY-MM-DD");
    case AnswerKind::moment:
      if (core::takes_partial_dates(type))
        return misfit_unless(is_partial_date(text), "the answer is no date, not even in part",
                             "YYYY-MM-DD HH:MM:SS; what is not known may be left out, or be UN or UNK");
      return misfit_unless(core::parse_moment(text).has_value(), "the answer is no date with a time",
                           "YYYY-MM-DD HH:MM:SS, without a zone");
    default:
      return std::nullopt;
  }
}

std::optional<Misfit> number_misfit(const std::string& type, bool is_flag) {
  switch (core::answer_kind(type)) {
    case AnswerKind::flag:
      return misfit_unless(is_flag, "the answer is neither true nor false", "true or false");
    case AnswerKind::date:
      return Misfit{"the answer is no date", "a date of the calendar as YYYY-MM-DD"};
    case AnswerKind::moment:
      return Misfit{"the answer is no date with a time", "YYYY-MM-DD HH:MM:SS, without a zone"};
    default:
      return std::nullopt;
  }
}

// Line breaks and tabs are text.
bool has_controls(std::string_view text) {
  constexpr char kDelete = 0x7f;
  return std::ranges::any_of(text, [](char c) {
    const bool is_layout = c == '\t' || c == '\n' || c == '\r';
    return (static_cast<unsigned char>(c) < ' ' && !is_layout) || c == kDelete;
  });
}

std::optional<Misfit> misfit_of(const AnswerValue& answer, const std::string& type) {
  constexpr std::int64_t kExact = std::int64_t{1} << std::numeric_limits<double>::digits;
  const auto* const text = std::get_if<std::string>(&answer);
  if (std::holds_alternative<std::nullptr_t>(answer) || (text != nullptr && text->empty()) || !core::is_known_type(type))
    return std::nullopt;
  if (text != nullptr) return text_misfit(*text, type);
  if (std::holds_alternative<bool>(answer)) {
    if (core::answer_kind(type) == AnswerKind::flag) return std::nullopt;
    return Misfit{"the answer is true or false, and the variable takes neither", fmt::format("it is of type {}", type)};
  }
  if (const auto* const number = std::get_if<double>(&answer)) return number_misfit(type, *number == 0 || *number == 1);
  const std::int64_t whole = std::get<std::int64_t>(answer);
  if (whole > kExact || whole < -kExact) return Misfit{"the number has more digits than are kept of a number", "send it as a text"};
  return number_misfit(type, whole == 0 || whole == 1);
}

// A study as far as records are checked by it.
struct Known {
  std::deque<KnownForm> forms;
  std::map<std::string, KnownForm*, std::less<>> by_key;
  std::map<std::int64_t, KnownForm*> by_id;

  // By key, else by id; made where it is not there.
  KnownForm& form(const OptionalText& key, const OptionalId& id) {
    const bool has_key = key && !key->empty();
    KnownForm* form = nullptr;
    if (has_key && by_key.contains(*key)) form = by_key.at(*key);
    if (form == nullptr && id && by_id.contains(*id)) form = by_id.at(*id);
    if (form == nullptr) form = &forms.emplace_back(KnownForm{.key = key.value_or(""), .id = id});
    if (has_key) by_key.emplace(*key, form);
    if (id) by_id.emplace(*id, form);
    return *form;
  }
};

// One record against what is known.
class OneRecord {
 public:
  OneRecord(const Known& known, const RecordInput& record, std::size_t place, std::vector<RecordFinding>& findings)
      : known_(known), record_(record), place_(place), findings_(findings) {}

  void check() {
    for (RecordFinding& finding : api::unsendable(record_, place_)) findings_.push_back(std::move(finding));
    check_names();
    if (const KnownForm* const form = find_form()) {
      if (form->is_disabled) find("", fmt::format("its form {} is disabled", form->name()), "");
      for (const auto& [name, answer] : record_.data) check_answer(*form, name, answer);
    }
  }

 private:
  void find(const std::string& variable, std::string what, std::string hint) {
    findings_.push_back({place_, variable, std::move(what), std::move(hint)});
  }

  void check_names() {
    if (has_subject(record_) && has_site(record_))
      find("", "it names both a subject and a site", "name the site alone to register a subject, the subject alone for one that is there");
    if (operation_of(record_) == Operation::register_subject && has_interval(record_))
      find("", "it names an interval and no subject", "name the subject, or leave the interval out to register one");
  }

  // nullptr: there is none, which is a finding then.
  const KnownForm* find_form() {
    const KnownForm *by_key = nullptr, *by_id = nullptr;
    if (record_.form_key && !record_.form_key->empty()) {
      by_key = found(known_.by_key, *record_.form_key);
      if (by_key == nullptr) find("", fmt::format("the study has no form {}", *record_.form_key), near_form(*record_.form_key));
    }
    if (record_.form_id) {
      by_id = found(known_.by_id, *record_.form_id);
      if (by_id == nullptr) find("", fmt::format("the study has no form with the id {}", *record_.form_id), "");
    }
    if (by_key != nullptr && by_id != nullptr && by_key != by_id)
      find("", "its formKey and formId are of two forms", "one of them is enough");
    return by_key != nullptr ? by_key : by_id;
  }

  template <class Map, class Key>
  static const KnownForm* found(const Map& map, const Key& key) {
    const auto at = map.find(key);
    return at == map.end() ? nullptr : at->second;
  }

  static std::string near_hint(std::string_view name, std::span<const std::string> known, std::string otherwise) {
    const auto near = core::near_name(name, known);
    return near ? fmt::format("did you mean {}?", *near) : std::move(otherwise);
  }

  std::string near_form(std::string_view key) const {
    std::vector<std::string> keys;
    for (const auto& [one, form] : known_.by_key) keys.push_back(one);
    return near_hint(key, keys, "the study's list of forms has their keys");
  }

  void check_answer(const KnownForm& form, const std::string& name, const AnswerValue& answer) {
    const auto at = form.variables.find(name);
    if (at == form.variables.end()) return find_unknown(form, name);
    const KnownVariable& variable = at->second;
    if (variable.is_deleted) find(name, "the variable is deleted", "leave its answer out");
    if (variable.is_disabled && !variable.is_deleted) find(name, "the variable is disabled", "leave its answer out");
    if (core::answer_kind(variable.type) == AnswerKind::none)
      return find(name, "the variable only lays out the form and takes no answer", "leave its answer out");
    if (const auto misfit = misfit_of(answer, variable.type)) find(name, misfit->what, misfit->hint);
    const auto* const text = std::get_if<std::string>(&answer);
    if (text != nullptr && has_controls(*text))
      find(name, "the answer has control characters in it", "line breaks and tabs are the only ones taken");
  }

  void find_unknown(const KnownForm& form, const std::string& name) {
    constexpr std::size_t kMostForms = 3;
    std::vector<std::string> known, elsewhere;
    for (const auto& [one, variable] : form.variables) known.push_back(one);
    for (const KnownForm& other : known_.forms) {
      if (&other != &form && other.variables.contains(name)) elsewhere.push_back(other.name());
    }
    if (elsewhere.empty())
      return find(name, fmt::format("form {} has no such variable", form.name()),
                  near_hint(name, known, "the study's list of variables has their names"));
    if (elsewhere.size() > kMostForms) elsewhere.resize(kMostForms);
    find(name, fmt::format("form {} has no such variable, it is one of form {}", form.name(), fmt::join(elsewhere, ", ")),
         near_hint(name, known, "send it in a record of that form"));
  }

  const Known& known_;
  const RecordInput& record_;
  std::size_t place_;
  std::vector<RecordFinding>& findings_;
};

}  // namespace

struct RecordChecker::Metadata {
  Known known;
};

RecordChecker::RecordChecker(std::span<const Form> forms, std::span<const Variable> variables) {
  auto metadata = std::make_shared<Metadata>();
  for (const Form& form : forms) metadata->known.form(form.form_key, form.form_id).is_disabled = form.disabled.value_or(false);
  for (const Variable& variable : variables) {
    if (!variable.variable_name || variable.variable_name->empty() || (!variable.form_key && !variable.form_id)) continue;
    KnownVariable known{.type = variable.variable_type.value_or(""),
                        .is_deleted = variable.deleted.value_or(false),
                        .is_disabled = variable.disabled.value_or(false),
                        .id = variable.variable_id.value_or(0)};
    auto& there = metadata->known.form(variable.form_key, variable.form_id).variables;
    const auto [place, is_new] = there.try_emplace(*variable.variable_name, known);
    if (!is_new && known.standing() < place->second.standing()) place->second = std::move(known);
  }
  metadata_ = std::move(metadata);
}

std::vector<RecordFinding> RecordChecker::check(std::span<const RecordInput> records) const {
  std::vector<RecordFinding> findings;
  for (std::size_t place = 0; place < records.size(); ++place) OneRecord(metadata_->known, records[place], place, findings).check();
  return findings;
}

std::optional<Operation> operation_of(const RecordInput& record) {
  if (!record.form_key && !record.form_id) return std::nullopt;
  if (record.record_id || record.record_oid) return Operation::update_record;
  if (has_subject(record)) return has_interval(record) ? Operation::update_scheduled_record : Operation::new_record;
  return has_site(record) ? std::optional(Operation::register_subject) : std::nullopt;
}

}  // namespace imednet
