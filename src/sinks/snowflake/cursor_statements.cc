#include "sinks/snowflake/cursor_statements.h"

#include <algorithm>
#include <cctype>

#include "core/digest.h"
#include "sinks/snowflake/sql_maker_internal.h"

namespace imednet::sinks::snowflake {
namespace {
constexpr std::size_t kNameBytes = 8;  // 16 hex digits
}

ObjectName cursor_table_of(const ObjectName& ledger, std::string_view study, std::string_view target) {
  core::Sha256 digest;
  digest.update(study);
  digest.update(std::string_view("\0", 1));
  digest.update(target);
  std::string name = "IMEDNET_CURSOR_" + core::hex(digest.finish(), kNameBytes);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return {ledger.database(), ledger.schema(), Identifier::own(name)};
}

SqlText create_cursor_table(const ObjectName& cursor) {
  return SqlMaker::make("CREATE TABLE IF NOT EXISTS {} (\"QUIET_RUNS\" VARCHAR)", cursor.sql());
}
SqlText comment_on_cursor(const ObjectName& cursor, std::string_view text) {
  return SqlMaker::make("COMMENT ON TABLE {} IS {}", cursor.sql(), literal(text));
}
SqlText comment_on_quiet_runs(const ObjectName& cursor, std::string_view text) {
  return SqlMaker::make("COMMENT ON COLUMN {}.\"QUIET_RUNS\" IS {}", cursor.sql(), literal(text));
}

}  // namespace imednet::sinks::snowflake
