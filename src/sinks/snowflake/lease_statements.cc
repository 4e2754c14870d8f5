#include "sinks/snowflake/lease_statements.h"

#include "sinks/snowflake/sql_maker_internal.h"

namespace imednet::sinks::snowflake {
namespace {

constexpr const char* kLockKey = "'*'";

std::string row_of(const LeaseKey& key) {
  return fmt::format("\"STUDY_KEY\" = {} AND \"TARGET_TABLE\" = {}", literal(key.study), literal(key.target));
}

}  // namespace

ObjectName leases_beside(const ObjectName& ledger) { return {ledger.database(), ledger.schema(), Identifier::own("IMEDNET_LEASES")}; }
SqlText create_leases(const ObjectName& leases) {
  return SqlMaker::make(
      "CREATE TABLE {} (\"STUDY_KEY\" VARCHAR, \"TARGET_TABLE\" VARCHAR, \"TOKEN\" NUMBER(38,0), \"HOLDER\" VARCHAR, "
      "\"HEARTBEAT_AT\" TIMESTAMP_NTZ(9), \"TAKEN_AT\" TIMESTAMP_NTZ(9), \"RELEASED_AT\" TIMESTAMP_NTZ(9)) AS SELECT {}::VARCHAR, "
      "{}::VARCHAR, 0::NUMBER(38,0), NULL::VARCHAR, NULL::TIMESTAMP_NTZ(9), NULL::TIMESTAMP_NTZ(9), SYSDATE()::TIMESTAMP_NTZ(9)",
      leases.sql(), kLockKey, kLockKey);
}
SqlText comment_on_leases(const ObjectName& leases) {
  return SqlMaker::make("COMMENT ON TABLE {} IS 'which run may load which study into which table; never delete rows while a run goes on'",
                        leases.sql());
}
SqlText lock_leases(const ObjectName& leases) {
  return SqlMaker::make("UPDATE {} SET \"TOKEN\" = \"TOKEN\" + 1 WHERE \"STUDY_KEY\" = {} AND \"TARGET_TABLE\" = {}", leases.sql(),
                        kLockKey, kLockKey);
}
SqlText insert_lease(const ObjectName& leases, const LeaseKey& key) {
  return SqlMaker::make("INSERT INTO {} (\"STUDY_KEY\", \"TARGET_TABLE\", \"TOKEN\", \"RELEASED_AT\") VALUES ({}, {}, 0, SYSDATE())",
                        leases.sql(), literal(key.study), literal(key.target));
}
SqlText read_lease(const ObjectName& leases, const LeaseKey& key) {
  return SqlMaker::make(
      "SELECT \"TOKEN\", \"HOLDER\", DATEDIFF(millisecond, \"HEARTBEAT_AT\", SYSDATE()) AS \"AGE_MS\", \"RELEASED_AT\" FROM {} WHERE {}",
      leases.sql(), row_of(key));
}
SqlText take_lease(const ObjectName& leases, const LeaseKey& key, std::int64_t seen, std::string_view holder, bool is_holder_dead) {
  const std::string unless_held =
      is_holder_dead ? ""
                     : fmt::format(
                           " AND (\"RELEASED_AT\" IS NOT NULL OR \"HEARTBEAT_AT\" IS NULL OR \"HEARTBEAT_AT\" < DATEADD(second, "
                           "-{}, SYSDATE()))",
                           kLeaseExpiry.count());
  return SqlMaker::make(
      "UPDATE {} SET \"TOKEN\" = {}, \"HOLDER\" = {}, \"HEARTBEAT_AT\" = SYSDATE(), \"TAKEN_AT\" = SYSDATE(), \"RELEASED_AT\" = NULL "
      "WHERE {} AND \"TOKEN\" = {}{}",
      leases.sql(), seen + 1, literal(holder), row_of(key), seen, unless_held);
}
SqlText beat_lease(const ObjectName& leases, const LeaseKey& key, std::int64_t token) {
  return SqlMaker::make("UPDATE {} SET \"HEARTBEAT_AT\" = SYSDATE() WHERE {} AND \"TOKEN\" = {} AND \"RELEASED_AT\" IS NULL", leases.sql(),
                        row_of(key), token);
}
SqlText release_lease(const ObjectName& leases, const LeaseKey& key, std::int64_t token) {
  return SqlMaker::make("UPDATE {} SET \"RELEASED_AT\" = SYSDATE() WHERE {} AND \"TOKEN\" = {} AND \"RELEASED_AT\" IS NULL", leases.sql(),
                        row_of(key), token);
}

SqlText statements_at_work(const Identifier& database, std::string_view run_id) {
  return SqlMaker::make(
      "SELECT QUERY_ID, EXECUTION_STATUS FROM TABLE({}.INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000)) WHERE "
      "CONTAINS(QUERY_TAG, {}) AND EXECUTION_STATUS IN ('RUNNING', 'QUEUED', 'BLOCKED', 'RESUMING_WAREHOUSE')",
      database.sql(), literal(fmt::format(":{}:", run_id)));
}
SqlText cancel_statement(std::string_view query_id) { return SqlMaker::make("SELECT SYSTEM$CANCEL_QUERY({})", literal(query_id)); }

}  // namespace imednet::sinks::snowflake
