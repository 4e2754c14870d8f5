// study_cursor.h: what a verified run leaves for the next one: its result in one line of JSON, in a table's COMMENT.
//
// Where it stands: export run → this → session. Every statement here is answered without a warehouse.
// Promise: a comment that reads well, and a target that SHOW describes as it does, mean that no run of this tool has changed the
//          study's rows since that run was verified: who is about to change them empties the comment first.
// Limit:   somebody else's UPDATE that leaves the table's rows and bytes as they were is not seen.
// Errors:  ExportConfigurationError with what to ask for when the comment must be emptied and can't be.
// Source:  ADR 0023; docs/formats/imednet-cursor.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sinks/snowflake/cursor_statements.h"
#include "sinks/snowflake/lease.h"

namespace imednet::sinks::snowflake {

// A table as SHOW TABLES describes it, texts as the catalog gives them; `created` is empty when it is not there.
struct TableFacts {
  std::string created, rows, bytes;
  friend bool operator==(const TableFacts&, const TableFacts&) = default;
};

struct StudyCursor {
  std::string study, target, run_id, verified_at;
  std::string read_at{};      // the API's own time of that run's first answer; empty: it named none, and --since auto can't go on from it
  std::string plan_hash{};    // of all files of the study; empty: rows came from partial readings since they were staged
  std::string recent_hash{};  // of the records changed in the overlap before read_at, or later; empty: not known
  std::int64_t recent_rows = 0;
  TableFacts table{};             // the target when the run was verified
  std::int64_t live_rows = 0;     // of the study
  std::int64_t partial_runs = 0;  // since all records were read

  std::string text() const;
  // nullopt: empty, damaged, or of another version; `problem` then says which, for people.
  static std::optional<StudyCursor> parse(std::string_view text, std::string& problem);
};

class CursorTable {
 public:
  // `ledger`: beside which the table stands.
  CursorTable(LeaseDeps deps, const ObjectName& ledger, std::string study, ObjectName target);

  // What stands there now.
  struct Seen {
    bool is_there = false;                // the cursor table
    std::string text{};                   // its comment
    std::optional<StudyCursor> cursor{};  // that still holds
    std::string problem{};                // why there is none, for people
    TableFacts table{};                   // the target
    std::int64_t quiet_runs = 0;          // that found nothing new since the cursor was written
  };
  Seen look();
  TableFacts target_facts();

  // Before the first change to the study's rows. `may_make`: also when no comment is to be seen, so that one which this role
  // can't see is found out.
  void set_aside(bool may_make);
  // After the run was verified.
  void keep(const StudyCursor& cursor);
  void keep_quiet_runs(const StudyCursor& cursor, std::int64_t runs);

  const ObjectName& name() const noexcept { return table_; }

 private:
  void make();
  std::int64_t quiet_runs_of(const StudyCursor& cursor);

  LeaseDeps deps_;
  std::string study_;
  ObjectName target_, table_;
};

}  // namespace imednet::sinks::snowflake
