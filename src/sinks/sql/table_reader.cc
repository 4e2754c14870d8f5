#include "sinks/sql/table_reader.h"

#include "sinks/sql/wire.h"
#include "table/hashed_rows.h"

namespace imednet::sinks::sql {

TableReader::TableReader(const SqlPlace& place, const Statements& statements, const std::stop_token& stop, const db::Connect& connect)
    : place_(place), session_(place, stop, connect), end_(statements.rollback()) {
  session_.run(statements.settle_session(), "settle");
  if (const auto guard = statements.guard()) session_.run(*guard, "guard");
  session_.run(statements.begin_reading(), "begin");
}

void TableReader::rows(const Statements& statements, std::string_view study, const IdSpan& ids,
                       std::span<const table::Column* const> absent, const Visit& visit) {
  table::HashedRows rows(statements.layout());
  session_.read_rows(statements.rows_between(study, ids, {}, {}, absent), "read-rows", [&](const arrow::RecordBatch& answer) {
    const auto batch = from_wire(answer, statements.layout(), *place_.dialect);
    rows.open(*batch);
    for (std::int64_t i = 0; i < rows.size(); ++i) visit(rows.id(i), rows.stored(i), rows.computed(i));
  });
}

void TableReader::close() {
  session_.run(end_, "rollback");
  session_.close();
}

}  // namespace imednet::sinks::sql
