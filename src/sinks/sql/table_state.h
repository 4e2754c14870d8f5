// table_state.h: what is asked of a table before anything is done with it.
//
// Errors: ExportConfigurationError schema_mismatch for a table that no export made, or that would be too wide; as SqlSession.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/sql/catalog.h"
#include "sinks/sql/sql_session.h"
#include "sinks/study_load.h"

namespace imednet::sinks::sql {

bool is_there(SqlSession& session, const Statements& statements, const TableName& table);

// False: there is no such table. `missing`: columns of the layout that it lacks and an export would add.
bool require_columns(SqlSession& session, const SqlPlace& place, const Statements& statements, const Widths& widths,
                     std::vector<const table::Column*>& missing);

// The study's live rows by form; none of a layout without forms.
FormRows forms_of(SqlSession& session, const Statements& statements, std::string_view study);

// The number of the study's last run, 0 for none, and its id.
std::int64_t last_run(SqlSession& session, const Statements& statements, std::string_view study);
std::string newest_run(SqlSession& session, const Statements& statements, std::string_view study);

}  // namespace imednet::sinks::sql
