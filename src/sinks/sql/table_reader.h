// table_reader.h: what stands in the tables of a database, as one moment shows it. Nothing is written.
//
// Rule:   one session, one transaction that sees a single moment and is only read: DuckDB opens the file read-only, SQLite refuses to
//         write (query_only), PostgreSQL's transaction is READ ONLY and REPEATABLE READ. It ends with this.
// Memory: one batch of an answer.   Errors: as SqlSession.   Source: ADR 0036.
#pragma once

#include <functional>
#include <span>
#include <stop_token>
#include <string_view>

#include "sinks/sql/sql_session.h"

namespace imednet::sinks::sql {

class TableReader {
 public:
  // `place`: of for_reading(); it outlives this. `statements`: of any table there.
  TableReader(const SqlPlace& place, const Statements& statements, const std::stop_token& stop, const db::Connect& connect = &db::connect);

  SqlSession& session() noexcept { return session_; }
  // The study's live rows within `ids`, by rising id: the hash that stands in each and the one of its values (views, until it returns).
  // `absent`: columns that the table lacks; they count as null.
  using Visit = std::function<void(std::int64_t id, std::string_view stored, std::string_view computed)>;
  void rows(const Statements& statements, std::string_view study, const IdSpan& ids, std::span<const table::Column* const> absent,
            const Visit& visit);
  void close();

 private:
  const SqlPlace& place_;
  SqlSession session_;
  SqlText end_;
};

}  // namespace imednet::sinks::sql
