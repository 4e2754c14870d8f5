// names.h: what the tests of the Snowflake sink need again and again.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "imednet/errors.h"
#include "sinks/snowflake/identifiers.h"

namespace imednet::sinks::snowflake {

inline ObjectName table_name() { return {Identifier::own("IMEDNET_DB"), Identifier::own("PUBLIC"), Identifier::own("RECORDS")}; }
inline StageDirectory stage_directory(std::string_view prefix = "imednet") {
  return {ObjectName(Identifier::own("IMEDNET_DB"), Identifier::own("PUBLIC"), Identifier::own("MY_STAGE")), prefix};
}

// The refusal that `call` throws; the test fails when it throws none.
template <class Call>
errors::ExportConfigurationError refusal_of(Call&& call) {
  try {
    call();
  } catch (const errors::ExportConfigurationError& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was refused";
  return {"", {}};
}

}  // namespace imednet::sinks::snowflake
