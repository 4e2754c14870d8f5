// sql_session.h: one session of a database that rows go to in one transaction.
//
// Errors: ExportConfigurationError where the database can't be opened (unauthenticated, permission_denied, not_found, unavailable;
// conflict: another
//         program has it open). ExportError of a statement, its code judged by SQLSTATE: what failed and why in the database's own words,
//         but never where rows were part of it, since those words may quote them.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "imednet/errors.h"
#include "sinks/sql/file_hold.h"
#include "sinks/sql/sql_place.h"
#include "sinks/sql/sql_statements.h"

namespace imednet::sinks::sql {

class SqlSession {
 public:
  SqlSession(const SqlPlace& place, const std::stop_token& stop, const db::Connect& connect = &db::connect);

  // `step`: one word, for failpoints and logs.
  db::Answer run(const SqlText& sql, std::string_view step);
  // The same for a statement that writes, compares or hands over rows.
  db::Answer run_rows(const SqlText& sql, std::string_view step);
  void read_rows(const SqlText& sql, std::string_view step, const std::function<void(const arrow::RecordBatch&)>& visit);
  std::int64_t ingest(const std::string& temporary_table, const std::shared_ptr<arrow::RecordBatchReader>& rows, std::string_view step);
  void close() { channel_->close(); }

 private:
  enum class Carries { names, rows };
  template <typename Call>
  auto guarded(Carries carries, std::string_view step, const Call& call);
  [[noreturn]] void fail(const ImednetError& error, Carries carries, std::string_view step) const;

  const SqlPlace& place_;
  FileHold hold_;  // outlives the channel
  std::unique_ptr<db::Channel> channel_;
};

}  // namespace imednet::sinks::sql
