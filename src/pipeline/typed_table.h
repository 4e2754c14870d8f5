// typed_table.h: typed tables of Snowflake as names, as batch ids tell of them, and as run totals write them down.
//
// Rule:   <table>_<FORM KEY>, of a dimension <table>_DIM_<NAME>, in characters that nobody has to quote.
// Errors: ImednetError corrupt for a plan whose columns are none of a layout.
// Source: docs/formats/forms-layout.md ("Names"), docs/formats/manifest.md ("Run totals").
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/run_totals.h"
#include "sinks/snowflake/identifiers.h"
#include "table/column_names.h"
#include "table/form_layout.h"
#include "table/owned_layout.h"

namespace imednet::pipeline {

inline constexpr table::NameRule kSnowflakeNames{.bytes = table::kNameBytes, .is_safe = true};

// `suffix`: of form_names.h.
sinks::snowflake::ObjectName typed_table(const sinks::snowflake::ObjectName& base, const std::string& suffix);
// FormFolders::table_of.
std::function<std::string(const table::FormLayout& form, std::size_t part)> table_names(sinks::snowflake::ObjectName base);
// The table that was named, from one of its typed tables; nullopt: its name is not made so, or was cut.
std::optional<sinks::snowflake::ObjectName> base_of(const sinks::snowflake::ObjectName& typed, const std::string& suffix);

// What stands between study and number in the id of a typed batch: "forms/DM", "dimensions/SITE"; nullopt: it is none.
std::optional<std::string> typed_series(std::string_view study_key, std::string_view batch_id);
// "DM", "_NO_FORM", "DIM_SITE".
std::string suffix_of_series(const std::string& series);
std::string series_of_dimension(std::string_view dimension);

ledger::TypedTable typed_plan(const sinks::snowflake::ObjectName& base, std::string series, const integrations::LayoutChoice& choice,
                              const table::Layout& layout);
std::unique_ptr<const table::OwnedLayout> layout_of(const ledger::TypedTable& typed);

}  // namespace imednet::pipeline
