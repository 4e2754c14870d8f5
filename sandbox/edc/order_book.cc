#include "sandbox/edc/order_book.h"

#include <stdexcept>

namespace imednet::sandbox::edc {
namespace {

constexpr std::size_t kMostOrders = 1000;

bool matches(const OrderMatch& match, std::string_view method, std::string_view path, std::string_view query) {
  return (match.method.empty() || match.method == method) && path.find(match.path_contains) != std::string_view::npos &&
         query.find(match.query_contains) != std::string_view::npos;
}

bool due(const OrderMatch& match, std::uint64_t seen) { return seen >= match.nth && (match.times == 0 || seen - match.nth < match.times); }

}  // namespace

std::uint64_t OrderBook::add(const nlohmann::ordered_json& description) {
  FaultOrder order = parse_order(description);
  const std::scoped_lock lock(mutex_);
  if (entries_.size() >= kMostOrders) {
    throw std::invalid_argument("too many orders; clear them first");
  }
  entries_.push_back({++last_number_, description, std::move(order)});
  return last_number_;
}

bool OrderBook::in_force() const {
  const std::scoped_lock lock(mutex_);
  return !entries_.empty();
}

void OrderBook::clear() {
  const std::scoped_lock lock(mutex_);
  entries_.clear();
}

nlohmann::ordered_json OrderBook::describe() const {
  const std::scoped_lock lock(mutex_);
  auto list = nlohmann::ordered_json::array();
  for (const Entry& entry : entries_) {
    nlohmann::ordered_json described = entry.description;
    described["id"] = entry.number;
    described["seen"] = entry.seen;
    described["fired"] = entry.fired;
    list.push_back(std::move(described));
  }
  return list;
}

std::vector<OrderAction> OrderBook::arrived(std::string_view method, std::string_view path, std::string_view decoded_query) {
  const std::scoped_lock lock(mutex_);
  std::vector<OrderAction> actions;
  bool taken = false;
  for (Entry& entry : entries_) {
    if (!matches(entry.order.match, method, path, decoded_query)) {
      continue;
    }
    ++entry.seen;
    if (!due(entry.order.match, entry.seen) || (taken && !entry.order.action.changes_only)) {
      continue;
    }
    ++entry.fired;
    taken = taken || !entry.order.action.changes_only;
    actions.push_back(entry.order.action);
  }
  return actions;
}

}  // namespace imednet::sandbox::edc
