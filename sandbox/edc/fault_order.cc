#include "sandbox/edc/fault_order.h"

#include <functional>
#include <map>
#include <stdexcept>

namespace imednet::sandbox::edc {
namespace {

using Json = nlohmann::ordered_json;
template <typename Target>
using Readers = std::map<std::string, std::function<void(Target&, const Json&)>>;

constexpr std::chrono::milliseconds kLongestDelay{600'000};

std::chrono::milliseconds milliseconds(const Json& value) {
  const std::chrono::milliseconds time{value.get<std::int64_t>()};
  if (time.count() < 0 || time > kLongestDelay) {
    throw std::invalid_argument("a time is from 0 to 600000 ms");
  }
  return time;
}

std::string text_or_number(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

auto canned(CannedBody body) {
  return [body](OrderAction& action, const Json& value) { action.canned = value.get<bool>() ? body : CannedBody::kNone; };
}

StudyChange study_change(const Json& value) { return {value.at("study").get<std::string>(), parse_record_change(value)}; }

const Readers<OrderMatch>& match_readers() {
  static const Readers<OrderMatch> kReaders{
      {"method", [](OrderMatch& match, const Json& value) { match.method = value.get<std::string>(); }},
      {"path_contains", [](OrderMatch& match, const Json& value) { match.path_contains = value.get<std::string>(); }},
      {"query_contains", [](OrderMatch& match, const Json& value) { match.query_contains = value.get<std::string>(); }},
      {"nth", [](OrderMatch& match, const Json& value) { match.nth = value.get<std::uint64_t>(); }},
      {"times", [](OrderMatch& match, const Json& value) { match.times = value.get<std::uint64_t>(); }},
  };
  return kReaders;
}

int answer_status(const Json& value) {
  const int status = value.get<int>();
  if (status < 200 || status > 599) {
    throw std::invalid_argument("do.status is from 200 to 599");
  }
  return status;
}

const Readers<OrderAction>& action_readers() {
  static const Readers<OrderAction> kReaders{
      {"status", [](OrderAction& action, const Json& value) { action.status = answer_status(value); }},
      {"retry_after", [](OrderAction& action, const Json& value) { action.retry_after = text_or_number(value); }},
      {"retry_after_date",
       [](OrderAction& action, const Json& value) { action.retry_after_date = std::chrono::seconds(value.get<int>()); }},
      {"body", [](OrderAction& action, const Json& value) { action.body = value.get<std::string>(); }},
      {"html_200", canned(CannedBody::kHtml)},
      {"empty_object_200", canned(CannedBody::kEmptyObject)},
      {"error_in_200", canned(CannedBody::kErrorEnvelope)},
      {"not_json", canned(CannedBody::kNotJson)},
      {"redirect", [](OrderAction& action, const Json& value) { action.redirect_to = value.at("to").get<std::string>(); }},
      {"delay_ms", [](OrderAction& action, const Json& value) { action.delay = milliseconds(value); }},
      {"trickle", [](OrderAction& action, const Json& value) { action.trickle = milliseconds(value); }},
      {"hang", [](OrderAction& action, const Json& value) { action.hang = value.get<bool>(); }},
      {"drop", [](OrderAction& action, const Json& value) { action.drop = value.get<bool>(); }},
      {"hang_body_after", [](OrderAction& action, const Json& value) { action.hang_body_after = value.get<std::size_t>(); }},
      {"cut_body_after", [](OrderAction& action, const Json& value) { action.cut_body_after = value.get<std::size_t>(); }},
      {"oversized_body", [](OrderAction& action, const Json& value) { action.oversized_body = value.get<std::size_t>(); }},
      {"repeat_page", [](OrderAction& action, const Json& value) { action.repeat_page = value.get<bool>(); }},
      {"endless_pages", [](OrderAction& action, const Json& value) { action.endless_pages = value.get<bool>(); }},
      {"ignore_filter", [](OrderAction& action, const Json& value) { action.ignore_filter = value.get<bool>(); }},
      {"ignore_sort", [](OrderAction& action, const Json& value) { action.ignore_sort = value.get<bool>(); }},
      {"wrong_total", [](OrderAction& action, const Json& value) { action.wrong_total = value.get<std::int64_t>(); }},
      {"clock_offset", [](OrderAction& action, const Json& value) { action.clock_offset = std::chrono::seconds(value.get<int>()); }},
      {"change", [](OrderAction& action, const Json& value) { action.change = study_change(value); }},
  };
  return kReaders;
}

template <typename Target>
void read_members(Target& target, const Json& description, const Readers<Target>& readers) {
  for (const auto& [name, value] : description.items()) {
    const auto reader = readers.find(name);
    if (reader == readers.end()) {
      throw std::invalid_argument("an order has no member " + name);
    }
    reader->second(target, value);
  }
}

}  // namespace

FaultOrder parse_order(const Json& description) {
  FaultOrder order;
  for (const auto& [name, value] : description.items()) {
    if (name == "match") {
      read_members(order.match, value, match_readers());
    } else if (name == "do") {
      read_members(order.action, value, action_readers());
    } else {
      throw std::invalid_argument("an order has match and do, not " + name);
    }
  }
  if (!description.is_object() || !description.contains("do") || description.at("do").empty()) {
    throw std::invalid_argument("an order needs something to do");
  }
  if (order.match.nth == 0) {
    throw std::invalid_argument("match.nth counts from 1");
  }
  order.action.changes_only = order.action.change && description.at("do").size() == 1;
  return order;
}

}  // namespace imednet::sandbox::edc
