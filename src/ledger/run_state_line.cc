#include "ledger/run_state_line.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/digest.h"
#include "imednet/errors.h"

namespace imednet::ledger {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kHashMember = ",\"hash\":\"";
constexpr std::size_t kHexDigits = 64;
constexpr std::size_t kHashText = kHashMember.size() + kHexDigits + 2;  // with its closing quote and the object's brace
constexpr std::array kEvents = {kPlanned, kStaged, kUploaded, kLoading, kLoaded, kVerified, kEnded};
constexpr std::array<std::string_view, 5> kOwnMembers = {"seq", "stamp", "event", "prev", "hash"};

bool is_own_member(std::string_view name) { return std::find(kOwnMembers.begin(), kOwnMembers.end(), name) != kOwnMembers.end(); }

std::string hash_of(std::string_view previous, std::string_view text) {
  core::Sha256 digest;
  digest.update(previous);
  digest.update(text);
  return core::hex(digest.finish());
}

FieldValue value_of(const ordered_json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (json.is_array()) return json.get<std::vector<std::string>>();
  return json.get<std::int64_t>();
}

RunEvent read_event(const ordered_json& json) {
  RunEvent event{json.at("seq").get<std::int64_t>(), json.at("stamp").get<std::string>(), json.at("event").get<std::string>(), {}};
  for (const auto& [name, value] : json.items()) {
    if (!is_own_member(name)) event.fields.emplace_back(name, value_of(value));
  }
  return event;
}

}  // namespace

std::string make_line(const RunEvent& event, std::string& previous) {
  for (const auto& [name, value] : event.fields) {
    if (is_own_member(name)) throw ImednetError("cannot write the run's state: a field has a name of the line's own", {});
  }
  ordered_json json = {{"seq", event.seq}, {"stamp", event.stamp}, {"event", event.name}};
  for (const auto& [name, value] : event.fields) {
    std::visit([&json, &field = name](const auto& held) { json[field] = held; }, value);
  }
  json["prev"] = previous;
  std::string text = json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  previous = hash_of(previous, text);
  text.pop_back();  // the brace
  return text.append(kHashMember).append(previous).append("\"}\n");
}

std::variant<RunEvent, std::string> judge_line(std::string_view line, std::int64_t seq, std::string& previous) {
  if (line.size() <= kHashText || !line.ends_with("\"}") || line.substr(line.size() - kHashText, kHashMember.size()) != kHashMember)
    return "it does not end with a hash";
  const std::string said(line.substr(line.size() - kHexDigits - 2, kHexDigits));
  const std::string text = std::string(line.substr(0, line.size() - kHashText)) + "}";
  try {
    const ordered_json json = ordered_json::parse(text);
    if (json.at("prev") != previous) return "the line before it is not the one it was written after";
    if (said != hash_of(previous, text)) return "its text is not the one its hash was made of";
    RunEvent event = read_event(json);
    if (event.seq != seq) return "its number is not the next one";
    if (std::find(kEvents.begin(), kEvents.end(), event.name) == kEvents.end()) return "its event is none that is known";
    previous = said;
    return event;
  } catch (const ordered_json::exception&) {
    return "it is no line of a run's state";
  }
}

}  // namespace imednet::ledger
