// Filters built from values: what comes out is read back, by a parser that shares nothing with the builder, as the same conditions of
// the same values, and says the same whichever of "and" and "or" binds tighter and from whichever end it is read.
#include <algorithm>
#include <optional>

#include "fuzz/target.h"
#include "imednet/filters.h"
#include "sandbox/edc/filter.h"
#include "sandbox/edc/request_error.h"
#include "sandbox/edc/timestamps.h"

namespace imednet::fuzz {
namespace {

using namespace std::string_view_literals;
namespace edc = sandbox::edc;
using filters::Kind;

struct Condition {
  std::string name, value;
  edc::Comparison comparison = edc::Comparison::kEqual;
  bool is_time_text = false;  // a stamp that may be written in another form
};

// Conditions in the order they were given, and which rows pass: a bit for each of the ways in which they can hold or not.
struct Tree {
  std::vector<Condition> conditions;
  std::vector<bool> passes;  // by the bits of what holds
};

constexpr std::size_t kMostConditions = 6;

Tree single(Condition condition) { return {{std::move(condition)}, {false, true}}; }

template <class Join>
Tree joined(const Tree& one, const Tree& other, Join join) {
  Tree both{one.conditions, {}};
  both.conditions.insert(both.conditions.end(), other.conditions.begin(), other.conditions.end());
  for (std::size_t bits = 0; bits < one.passes.size() * other.passes.size(); ++bits)
    both.passes.push_back(join(one.passes[bits % one.passes.size()], other.passes[bits / one.passes.size()]));
  return both;
}

// A value of one of the kinds that a program has.
filters::Value value_of(char kind, const std::string& text) {
  std::int64_t number = 0;
  for (const char c : text) number = static_cast<std::int64_t>(static_cast<std::uint64_t>(number) * 31 + static_cast<unsigned char>(c));
  const auto day = std::chrono::sys_days(std::chrono::days(number % 100'000));
  switch (static_cast<unsigned char>(kind) % 8) {
    case 0:
      return number;
    case 1:
      return number % 2 == 0;
    case 2:
      return static_cast<double>(number) / 1024;
    case 3:
      return std::chrono::sys_seconds(day) + std::chrono::seconds(number % 86'400);
    case 4:
      return std::chrono::year_month_day(day);
    default:
      return text;
  }
}

template <Kind kKind>
std::pair<filters::Filter<kKind>, edc::Comparison> made(char symbol, const filters::Subject<kKind>& subject, const filters::Value& value) {
  switch (static_cast<unsigned char>(symbol) % 7) {
    case 0:
      return {subject != value, edc::Comparison::kNotEqual};
    case 1:
      return {subject < value, edc::Comparison::kLess};
    case 2:
      return {subject <= value, edc::Comparison::kLessOrEqual};
    case 3:
      return {subject > value, edc::Comparison::kGreater};
    case 4:
      return {subject >= value, edc::Comparison::kGreaterOrEqual};
    case 5:
      if constexpr (kKind == Kind::answers) return {subject.contains(value), edc::Comparison::kContains};
      [[fallthrough]];
    default:
      return {subject == value, edc::Comparison::kEqual};
  }
}

template <Kind kKind>
using Built = std::pair<filters::Filter<kKind>, Tree>;

// "<symbol><kind of value><name>:<text>"
template <Kind kKind>
Built<kKind> condition_of(std::string_view part) {
  const std::string_view head = part.substr(0, 2), rest = part.substr(std::min<std::size_t>(2, part.size()));
  const std::size_t colon = std::min(rest.find(':'), rest.size());
  const std::string name(rest.substr(0, colon)), text(rest.substr(std::min(colon + 1, rest.size())));
  const filters::Value value = value_of(head.size() > 1 ? head[1] : '\0', text);
  const auto [filter, comparison] = made<kKind>(head.empty() ? '\0' : head[0], filters::Subject<kKind>(name), value);
  const bool is_time =
      name == "dateCreated" || name == "dateModified" || name == "dateCoded" || name == "dateAdded" || name == "enrollmentStartDate";
  return {filter, single({name, value.text(), comparison, kKind == Kind::attributes && is_time && !value.is_plain()})};
}

// Parts behind separators, "&" and "|" join the two before. nullopt: there is none, or it is refused.
template <Kind kKind>
std::optional<Built<kKind>> built(std::string_view input) {
  std::vector<Built<kKind>> stack;
  try {
    while (!input.empty()) {
      const std::string_view part = input.substr(0, input.find('\x1f'));
      input.remove_prefix(std::min(input.size(), part.size() + 1));
      if (part.empty()) continue;
      if (part != "&" && part != "|") {
        stack.push_back(condition_of<kKind>(part));
        continue;
      }
      if (stack.size() < 2 || stack.back().second.conditions.size() + stack[stack.size() - 2].second.conditions.size() > kMostConditions)
        continue;
      const Built<kKind> other = std::move(stack.back());
      stack.pop_back();
      const Built<kKind> one = std::move(stack.back());
      stack.pop_back();
      stack.push_back(part == "&" ? Built<kKind>{one.first && other.first, joined(one.second, other.second, std::logical_and<>())}
                                  : Built<kKind>{one.first || other.first, joined(one.second, other.second, std::logical_or<>())});
    }
  } catch (const errors::FilterError& error) {
    require(error.code() == errors::ErrorCode::invalid_argument, "what can't be said is an invalid argument");
    return std::nullopt;
  }
  return stack.empty() ? std::nullopt : std::optional(std::move(stack.back()));
}

bool is_same(const Condition& given, const edc::Term& read) {
  if (given.name != read.attribute || given.comparison != read.comparison) return false;
  if (!given.is_time_text) return given.value == read.value;
  const auto time = utc_of(given.value);
  const auto seconds = edc::filter_stamp(read.value);
  return time && seconds && std::chrono::floor<std::chrono::seconds>(*time).time_since_epoch().count() == *seconds;
}

// The conditions as read, one after the other, and what joins each to the next.
struct Flat {
  std::vector<std::size_t> order;  // places among those given
  std::vector<bool> is_or;
};

Flat flat(const edc::Filter& filter, const std::vector<Condition>& given) {
  Flat result;
  for (const auto& group : filter.any_of) {
    for (const edc::Term& term : group) {
      const auto place = std::find_if(given.begin(), given.end(), [&](const Condition& one) { return is_same(one, term); });
      require(place != given.end(), "each condition is read as it was given");
      if (!result.order.empty()) result.is_or.push_back(&term == &group.front());
      result.order.push_back(static_cast<std::size_t>(place - given.begin()));
    }
  }
  require(result.order.size() == given.size(), "no condition is lost or doubled");
  return result;
}

// What passes where `first` binds tighter.
bool read_by_strength(const Flat& text, const std::vector<bool>& holds, bool or_is_tighter) {
  bool all = !or_is_tighter ? false : true, group = holds[text.order[0]];
  for (std::size_t i = 1; i < text.order.size(); ++i) {
    const bool next = holds[text.order[i]];
    if (text.is_or[i - 1] == or_is_tighter) {
      group = or_is_tighter ? group || next : group && next;
      continue;
    }
    all = or_is_tighter ? all && group : all || group;
    group = next;
  }
  return or_is_tighter ? all && group : all || group;
}

bool read_from_left(const Flat& text, const std::vector<bool>& holds) {
  bool result = holds[text.order[0]];
  for (std::size_t i = 1; i < text.order.size(); ++i)
    result = text.is_or[i - 1] ? result || holds[text.order[i]] : result && holds[text.order[i]];
  return result;
}

bool read_from_right(const Flat& text, const std::vector<bool>& holds) {
  bool result = holds[text.order.back()];
  for (std::size_t i = text.order.size() - 1; i-- > 0;)
    result = text.is_or[i] ? holds[text.order[i]] || result : holds[text.order[i]] && result;
  return result;
}

template <Kind kKind>
void check(std::string_view input, edc::FilterDialect dialect) {
  const auto filter = built<kKind>(input);
  if (!filter) return;
  const auto& [text, tree] = *filter;
  edc::Filter read;
  try {
    read = edc::parse_filter(text.text(), dialect);
  } catch (const edc::RequestError&) {
    return require(false, "what is built is taken");
  }
  const Flat said = flat(read, tree.conditions);
  for (std::size_t bits = 0; bits < tree.passes.size(); ++bits) {
    std::vector<bool> holds(tree.conditions.size());
    for (std::size_t i = 0; i < holds.size(); ++i) holds[i] = (bits >> i & 1) != 0;
    const bool passes = tree.passes[bits];
    require(read_by_strength(said, holds, false) == passes, "it says what was built");
    require(
        read_by_strength(said, holds, true) == passes && read_from_left(said, holds) == passes && read_from_right(said, holds) == passes,
        "it has one reading");
  }
}

void run(std::string_view input) {
  check<Kind::attributes>(input, edc::FilterDialect::kAttributes);
  check<Kind::answers>(input, edc::FilterDialect::kRecordData);
}

}  // namespace

Target filter_builder_target() {
  return {run,
          {"\x1f"sv,
           "\x1f&\x1f"sv,
           "\x1f|\x1f"sv,
           "\x1f"
           "6zformKey:AE\x1f"sv,
           "\x1f"
           "3xrecordId:7\x1f"sv,
           "\x1f"
           "1zsiteId:x\x1f|\x1f"sv,
           "\x1f"
           "4zdateModified:2026-01-31 12:00:00\x1f&\x1f"sv,
           "\x1f"
           "0zdateCreated:2026-01-31T12:00:00.5-06:00\x1f"sv,
           "\x1f"
           "2zqueryComments.user:a.b\x1f&\x1f"sv,
           "\x1f"
           "5zPain Level:a;b,c\x1f"sv,
           "\x1f"
           "6zsiteName:Record Complete\x1f|\x1f"sv,
           "\x1f"
           "6zx-y:a==b\x1f&\x1f"sv,
           "name:"sv,
           " and "sv,
           " or "sv,
           "=="sv,
           "!="sv,
           "=~"sv,
           ","sv,
           ":"sv,
           "Universit\xC3\xA4t"sv},
          20'000};
}

}  // namespace imednet::fuzz
