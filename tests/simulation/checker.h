// checker.h: what must hold of the table after each commit and after each run, whatever went wrong.
//
// P1 no record lost, P2 none twice, P3 old or new, P4 exit code 0 only when it is true, P6 no secret and no value in anything that is
// said. (P5, a later run mends everything, and P8, every wait ends, are simulation.cc's and the world's.)
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "simulation/product_run.h"

namespace imednet::simulation {

class Checker {
 public:
  Checker(World& world, Study& study, Warehouse& warehouse);

  void run_begins(std::int64_t now, bool is_alone);
  void run_ends(const RunOutcome& outcome, const RunSetup& setup);
  // What everybody sees changed.
  void committed();
  // The warehouse itself, or somebody else, broke the table: only a run that ends well has to be right again.
  void excuse() { is_excused_ = true; }
  void forget_excuse() { is_excused_ = false; }

 private:
  using Live = std::map<std::int64_t, std::vector<const StoredRow*>>;
  Live live() const;
  std::string fingerprint(const Live& rows) const;
  bool holds(const StoredRow& row, const Version& version) const;
  const Version* shown_version(std::int64_t id, const StoredRow& row) const;
  // Each record stands as it was at some moment between the two.
  void require_state(const Live& rows, std::int64_t from, std::int64_t to, const std::string& when);
  // An API that has hidden records from the first load on can't be found out; one that hides what the table holds must be.
  bool is_hidden(std::int64_t id) const;
  std::int64_t times_hidden(const char* fault) const;
  void require_silence(const std::string& text, const std::string& where);

  World& world_;
  Study& study_;
  Warehouse& warehouse_;
  std::int64_t oldest_run_ = -1;  // beginning of the first run whose effects may still come
  std::string last_;
  std::map<std::int64_t, std::string> before_;  // forms of the live rows when that run began
  std::int64_t hidden_all_ = 0, hidden_form_ = 0;
  bool is_excused_ = false, is_alone_ = true;
};

}  // namespace imednet::simulation
