#include "sinks/snowflake/upkeep_statements.h"

#include "sinks/snowflake/sql_maker_internal.h"

namespace imednet::sinks::snowflake {

SqlText server_time() { return SqlMaker::make("SELECT DATE_PART(EPOCH_SECOND, SYSDATE())::NUMBER(38,0) AS \"EPOCH\""); }
SqlText ledger_paths(const ObjectName& ledger) { return SqlMaker::make("SELECT DISTINCT \"FILE_PATH\" FROM {}", ledger.sql()); }
SqlText use_warehouse() { return SqlMaker::make("SELECT COUNT(*) AS \"ROW_COUNT\" FROM TABLE(GENERATOR(ROWCOUNT => 1000))"); }
SqlText show_stage_rules() { return SqlMaker::make("SHOW PARAMETERS LIKE 'PREVENT%STAGES' IN ACCOUNT"); }
SqlText show_time_limits() { return SqlMaker::make("SHOW PARAMETERS LIKE 'STATEMENT%TIMEOUT_IN_SECONDS' IN SESSION"); }

}  // namespace imednet::sinks::snowflake
