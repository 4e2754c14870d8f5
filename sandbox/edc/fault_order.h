#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "sandbox/edc/record_change.h"

namespace imednet::sandbox::edc {

// Which requests an order is for: of those that match, `times` from the nth on (0: all from there).
struct OrderMatch {
  std::string method;
  std::string path_contains;
  std::string query_contains;  // looked for in the decoded query
  std::uint64_t nth = 1;
  std::uint64_t times = 1;
};

enum class CannedBody { kNone, kHtml, kEmptyObject, kErrorEnvelope, kNotJson };

struct StudyChange {
  std::string study_key;
  RecordChange change;
};

// What happens to such a request; members that are not set change nothing.
struct OrderAction {
  std::optional<int> status;
  std::string retry_after;
  std::optional<std::chrono::seconds> retry_after_date;  // sent as an HTTP date that far from now
  std::optional<std::string> body;
  CannedBody canned = CannedBody::kNone;
  std::optional<std::string> redirect_to;
  std::chrono::milliseconds delay{0};
  std::chrono::milliseconds trickle{0};
  bool hang = false;
  bool drop = false;
  std::optional<std::size_t> hang_body_after;
  std::optional<std::size_t> cut_body_after;
  std::size_t oversized_body = 0;
  bool repeat_page = false;
  bool endless_pages = false;
  bool ignore_filter = false;
  bool ignore_sort = false;
  std::int64_t wrong_total = 0;          // added to totalElements
  std::chrono::seconds clock_offset{0};  // of the answer's own time
  std::optional<StudyChange> change;
  bool changes_only = false;  // nothing but `change` is asked for

  bool answers_instead() const { return status || body || redirect_to || canned != CannedBody::kNone; }
};

struct FaultOrder {
  OrderMatch match;
  OrderAction action;
};

// Throws std::invalid_argument for a member it does not know, so that a mistyped order is no silent success.
FaultOrder parse_order(const nlohmann::ordered_json& description);

}  // namespace imednet::sandbox::edc
