// doctor.h: would an export work from here? Each thing it needs is tried, for real, and named.
//
// Where it stands: imednet doctor → this → the iMednet API; Snowflake.
// Promise: nothing stays behind: the file on the stage is removed again, tables that were made are dropped.
// Errors:  none is thrown for what is examined: it is a check that failed. cancelled is thrown when a stop was asked for.
// Source:  docs/doctor.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "imednet/errors.h"
#include "imednet/integrations/warehouse.h"
#include "imednet/sdk.h"

namespace imednet::integrations {

// What became of a check.
enum class CheckStatus {
  ok,       // an export gets what it needs
  warn,     // it works, and something is worth a look
  fail,     // an export would fail here
  skipped,  // can't be tried while an earlier check fails
};

// One thing that an export needs.
struct Check {
  CheckStatus status = CheckStatus::ok;                            // what became of it
  std::string what{}, detail{}, advice{};                          // "warehouse"; what was found; what to do, empty when nothing
  errors::ErrorDetail error{.code = errors::ErrorCode::internal};  // of a failure
};

// All checks in their order.
struct DoctorReport {
  std::vector<Check> checks{};  // at least one

  // The first that failed; null when none did.
  const Check* first_failure() const noexcept;
};

// Sign-in, role, warehouse, database, schema, stage (a file is put, loaded into a temporary table, removed), table, ledger, rules
// of the account, clock.
DoctorReport examine_snowflake(const SnowflakeSinkConfig& config);

// Address, keys, the study when one is given, the time of five small pages, clock, rate limit.
DoctorReport examine_edc(const SdkConfig& config, std::string_view study_key = {});

// The lower-case name of a status, for example "warn".
std::string_view status_name(CheckStatus status) noexcept;

}  // namespace imednet::integrations
