// cursor_statements.h: the SQL texts of the cursor table. None of them needs a warehouse: that is the point of it.
//
// Source: Snowflake's SQL reference (COMMENT, SHOW TABLES, DESCRIBE TABLE: cloud services only); ADR 0023.
#pragma once

#include <string_view>

#include "sinks/snowflake/statements.h"

namespace imednet::sinks::snowflake {

// Beside the ledger, one a study and target: IMEDNET_CURSOR_<16 hex>. `target`: in three parts, as the ledger has it.
ObjectName cursor_table_of(const ObjectName& ledger, std::string_view study, std::string_view target);
SqlText create_cursor_table(const ObjectName& cursor);
SqlText comment_on_cursor(const ObjectName& cursor, std::string_view text);
// How often nothing was new since; a comment of its own, since whoever writes it holds no lease.
SqlText comment_on_quiet_runs(const ObjectName& cursor, std::string_view text);

}  // namespace imednet::sinks::snowflake
