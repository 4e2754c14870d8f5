#include "sinks/sql/sql_session.h"

#include <fmt/format.h>

#include <array>

#include "core/failpoint.h"

namespace imednet::sinks::sql {
namespace {

using errors::ErrorCode;
using errors::ErrorDetail;
using errors::RetryClass;

struct Judgement {
  std::string_view mark;  // beginning of an SQLSTATE, or a part of the text
  ErrorCode code;
  RetryClass retry;
};

constexpr std::array<Judgement, 13> kByState{{
    {"08", ErrorCode::unavailable, RetryClass::backoff},         // the connection is gone
    {"28", ErrorCode::unauthenticated, RetryClass::never},       //
    {"3D000", ErrorCode::not_found, RetryClass::never},          // database
    {"3F000", ErrorCode::not_found, RetryClass::never},          // schema
    {"40", ErrorCode::conflict, RetryClass::backoff},            // rolled back for another transaction
    {"42501", ErrorCode::permission_denied, RetryClass::never},  //
    {"42P07", ErrorCode::conflict, RetryClass::backoff},         // another run made the table just now
    {"42P01", ErrorCode::not_found, RetryClass::never},          // table
    {"53100", ErrorCode::no_space, RetryClass::never},           //
    {"53", ErrorCode::unavailable, RetryClass::backoff},         // connections, memory
    {"55P03", ErrorCode::conflict, RetryClass::backoff},         // a lock is not to be had
    {"57P0", ErrorCode::unavailable, RetryClass::backoff},       // it is shutting down, or starting
    {"22", ErrorCode::rejected, RetryClass::never},              // values
}};

constexpr std::array<Judgement, 12> kByText{{
    {"Could not set lock", ErrorCode::conflict, RetryClass::backoff},
    {"database is locked", ErrorCode::conflict, RetryClass::backoff},
    {"_nsp_index", ErrorCode::conflict, RetryClass::backoff},  // names in PostgreSQL's catalog: another run makes the same table
    {"No space left", ErrorCode::no_space, RetryClass::never},
    {"disk is full", ErrorCode::no_space, RetryClass::never},
    {"readonly database", ErrorCode::permission_denied, RetryClass::never},
    {"read-only", ErrorCode::permission_denied, RetryClass::never},
    {"Permission denied", ErrorCode::permission_denied, RetryClass::never},
    {"does not exist", ErrorCode::not_found, RetryClass::never},
    {"unknown database", ErrorCode::not_found, RetryClass::never},
    {"not a database", ErrorCode::corrupt, RetryClass::never},
    {"not a valid DuckDB database", ErrorCode::corrupt, RetryClass::never},
}};

ErrorDetail judge(const ImednetError& error, std::string_view system) {
  ErrorDetail detail{.code = error.code(), .hint = error.hint(), .retry = error.retry_class(), .origin = error.origin()};
  detail.origin.system = system;
  const std::string_view text = error.what();
  const std::string& state = detail.origin.sql_state;
  for (const Judgement& one : kByText) {
    if (text.find(one.mark) == std::string_view::npos) continue;
    detail.code = one.code;
    detail.retry = one.retry;
    return detail;
  }
  for (const Judgement& one : kByState) {
    if (state.empty() || !state.starts_with(one.mark)) continue;
    detail.code = one.code;
    detail.retry = one.retry;
    return detail;
  }
  if (detail.code == ErrorCode::internal) detail.code = ErrorCode::rejected;
  return detail;
}

std::string without(std::string text, const std::string& secret) {
  if (secret.empty()) return text;
  for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) text.replace(at, secret.size(), "***");
  return text;
}

// What the database itself said: drivers put the statement beside it, and whose function failed before it.
std::string plain_cause(std::string text) {
  for (const std::string_view mark : {"ERROR: ", "[libpq] ", "FATAL: "}) {
    if (const std::size_t at = text.rfind(mark); at != std::string::npos) text.erase(0, at + (mark == "[libpq] " ? mark.size() : 0));
  }
  for (const std::string_view mark : {" LINE 1:", " query: ", " Query was:", "\n"}) {
    if (const std::size_t at = text.find(mark); at != std::string::npos) text.erase(at);
  }
  return text;
}

std::string_view hint_of(ErrorCode code, const SqlPlace& place) {
  switch (code) {
    case ErrorCode::not_found:
      return "make it first, or name another one";
    case ErrorCode::conflict:
      return "another program is using it; run again when it is done";
    case ErrorCode::unauthenticated:
      return "check user and password; a password may also stand in PGPASSWORD or in ~/.pgpass";
    case ErrorCode::permission_denied:
      return place.is_only_read ? "the user, or this account of the machine, may not read there"
                                : "the user, or this account of the machine, may not write there";
    case ErrorCode::no_space:
      return "free space where the database lies";
    case ErrorCode::corrupt:
      return "name the file of a database of that kind, or a new one";
    default:
      return "check the address, and that the database is running";
  }
}

[[noreturn]] void fail_to_open(const ImednetError& error, const SqlPlace& place) {
  ErrorDetail detail = judge(error, place.dialect->system);
  if (error.code() == ErrorCode::cancelled) throw ImednetError(error.what(), detail);
  const std::string text = plain_cause(without(error.what(), place.secret));
  if (text.find("password authentication failed") != std::string::npos || text.find("no password supplied") != std::string::npos)
    detail.code = ErrorCode::unauthenticated;
  if (text.find("load the driver") != std::string::npos && text.find("dlopen") != std::string::npos) {
    detail.code = ErrorCode::not_found;
    detail.hint = fmt::format("install the ADBC driver for {} and point ADBC_DRIVER_PATH at a folder with its manifest {}.toml",
                              place.dialect->title, place.dialect->driver);
  }
  if (detail.code == ErrorCode::rejected) detail.code = ErrorCode::unavailable;
  if (detail.hint.empty()) detail.hint = hint_of(detail.code, place);
  throw errors::ExportConfigurationError(fmt::format("cannot open {}: {}", place.name, text), std::move(detail));
}

}  // namespace

SqlSession::SqlSession(const SqlPlace& place, const std::stop_token& stop, const db::Connect& connect) : place_(place), hold_(place) {
  try {
    channel_ = connect(place.driver, place.options, stop);
  } catch (const ImednetError& error) {
    fail_to_open(error, place);
  }
  if (const std::string vendor = channel_->vendor(); vendor != place.dialect->vendor) refuse_vendor(vendor);
}

void SqlSession::fail(const ImednetError& error, Carries carries, std::string_view step) const {
  ErrorDetail detail = judge(error, place_.dialect->system);
  if (error.code() == ErrorCode::cancelled) throw ImednetError(error.what(), detail);
  std::string cause = plain_cause(without(error.what(), place_.secret));
  if (carries == Carries::rows && (detail.code == ErrorCode::rejected || detail.code == ErrorCode::internal)) {
    cause =
        detail.origin.sql_state.empty() ? "it refused the rows" : fmt::format("it refused the rows (SQLSTATE {})", detail.origin.sql_state);
  }
  if (detail.hint.empty() && detail.code != ErrorCode::rejected) detail.hint = hint_of(detail.code, place_);
  throw errors::ExportError(fmt::format("cannot {} {} (step {}): {}", place_.action(), place_.name, step, cause), std::move(detail));
}

template <typename Call>
auto SqlSession::guarded(Carries carries, std::string_view step, const Call& call) {
  core::failpoint(core::Failpoint::statement_send, step);
  try {
    auto answer = call();
    core::failpoint(core::Failpoint::statement_answered, step);
    return answer;
  } catch (const errors::ExportError&) {
    throw;  // of who reads the answer
  } catch (const ImednetError& error) {
    fail(error, carries, step);
  }
}

db::Answer SqlSession::run(const SqlText& sql, std::string_view step) {
  return guarded(Carries::names, step, [&] { return channel_->query(sql.text()); });
}

db::Answer SqlSession::run_rows(const SqlText& sql, std::string_view step) {
  return guarded(Carries::rows, step, [&] { return channel_->query(sql.text()); });
}

void SqlSession::read_rows(const SqlText& sql, std::string_view step, const std::function<void(const arrow::RecordBatch&)>& visit) {
  guarded(Carries::rows, step, [&] {
    channel_->read(sql.text(), {}, visit);
    return true;
  });
}

std::int64_t SqlSession::ingest(const std::string& temporary_table, const std::shared_ptr<arrow::RecordBatchReader>& rows,
                                std::string_view step) {
  return guarded(Carries::rows, step, [&] { return channel_->ingest(temporary_table, rows); });
}

}  // namespace imednet::sinks::sql
