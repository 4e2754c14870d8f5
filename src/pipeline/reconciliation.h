// reconciliation.h: the counts of a run that must be equal, each counted by somebody else than the one beside it (ADR 0006).
//
// Shape:  a pure function of the report, so that what is checked, what the page shows and what the JSON says is one list.
// Errors: require_reconciled: ExportError counts_differ, with the first two that differ.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "imednet/integrations/warehouse.h"

namespace imednet::pipeline {

// How far the counts of a run go; one that fails has only the first of them.
enum class Counted {
  nothing,     // no answer about the study came
  reading,     // what the API said, and what arrived until it ended
  staged,      // all of the study lies in files
  loaded,      // and Snowflake said what it did with them
  everything,  // and the table was counted
};

struct Count {
  std::string what, counted_by;
  std::int64_t rows = 0;
};

struct Agreement {
  Count left, right;
  bool agrees() const noexcept { return left.rows == right.rows; }
};

struct Reconciliation {
  std::vector<Agreement> totals, forms;  // of the whole study; form by form, where forms can be told apart
};

Reconciliation reconcile(const integrations::ExportReport& report, Counted counted = Counted::everything);

void require_reconciled(const Reconciliation& reconciliation);

}  // namespace imednet::pipeline
