#pragma once

#include <cstdint>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "sandbox/edc/fault_order.h"

namespace imednet::sandbox::edc {

// The orders in force, in the order they came.
class OrderBook {
 public:
  // Throws std::invalid_argument or a JSON error; returns the order's number.
  std::uint64_t add(const nlohmann::ordered_json& description);
  void clear();
  bool in_force() const;
  // Each order as it came, with how many requests it matched and how many of them it fired on.
  nlohmann::ordered_json describe() const;

  // Counts the request on every order that matches it and returns what to do: of the orders that are due, all that only change the
  // study, and the first of the others.
  std::vector<OrderAction> arrived(std::string_view method, std::string_view path, std::string_view decoded_query);

 private:
  struct Entry {
    std::uint64_t number;
    nlohmann::ordered_json description;
    FaultOrder order;
    std::uint64_t seen = 0;
    std::uint64_t fired = 0;
  };

  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  std::uint64_t last_number_ = 0;
};

}  // namespace imednet::sandbox::edc
