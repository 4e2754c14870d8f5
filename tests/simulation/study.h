// study.h: a made-up study with the history of each record: what the API may show at a moment, and what it has shown.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulation/world.h"

namespace imednet::simulation {

inline constexpr const char* kStudy = "SIM_STUDY";
inline constexpr const char* kCanary = "CANARY-7f3a";  // stands in every value; must never stand in a message

// The data columns of the layout in order, as text; null is nullopt. Times in microseconds since 1970.
using Cells = std::vector<std::optional<std::string>>;

struct Version {
  std::int64_t since = 0;  // milliseconds of the world
  std::string json{};      // as the API sends it; empty: the record is gone
  std::string form{};
  Cells cells{};          // what the table must hold of it
  bool is_shown = false;  // stood in an answer of the API
};

class Study {
 public:
  explicit Study(World& world);

  // The record's states, oldest first.
  const std::map<std::int64_t, std::vector<std::unique_ptr<Version>>>& records() const noexcept { return records_; }
  // The one that stands now, null when it is gone.
  const Version* current(std::int64_t id) const;
  std::int64_t size() const;
  // The states that the record had between the two moments; nullptr among them: it was not there.
  std::vector<const Version*> between(std::int64_t id, std::int64_t from, std::int64_t to) const;

  void insert();
  void update();
  void vanish();
  // One of the above.
  void change();
  // Takes away so many of a hundred records.
  void shrink(int percent);
  // Rises with each change.
  std::int64_t edition() const noexcept { return edition_; }
  std::int64_t largest_fall() const noexcept { return largest_; }

 private:
  std::int64_t some_record();
  void put(std::int64_t id, bool is_gone);
  std::unique_ptr<Version> draw(std::int64_t id);

  World& world_;
  std::map<std::int64_t, std::vector<std::unique_ptr<Version>>> records_;
  std::map<std::int64_t, std::int64_t> made_;  // when a record was made
  std::int64_t next_id_ = 1, edition_ = 0, largest_ = 0;
};

}  // namespace imednet::simulation
