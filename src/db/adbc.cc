// The only file that includes ADBC's headers.
#include "db/adbc.h"

#include <arrow-adbc/adbc.h>
#include <arrow-adbc/adbc_driver_manager.h>
#include <arrow/api.h>
#include <arrow/c/bridge.h>
#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "core/redact.h"
#include "imednet/errors.h"

namespace imednet::db {
namespace {

using errors::ErrorCode;
using errors::ErrorDetail;
using errors::RetryClass;

// ADBC's own status words; the vendor's codes are judged by the sink.
constexpr std::size_t kMessageBytes = 2000;  // of a driver: the file that COPY could not read is named near its end

struct StatusRow {
  AdbcStatusCode status;
  ErrorCode code;
  RetryClass retry;
};
constexpr StatusRow kStatusTable[] = {
    {ADBC_STATUS_NOT_FOUND, ErrorCode::not_found, RetryClass::never},
    {ADBC_STATUS_ALREADY_EXISTS, ErrorCode::rejected, RetryClass::never},
    {ADBC_STATUS_INVALID_ARGUMENT, ErrorCode::rejected, RetryClass::never},
    {ADBC_STATUS_NOT_IMPLEMENTED, ErrorCode::unsupported, RetryClass::never},
    {ADBC_STATUS_UNAUTHENTICATED, ErrorCode::unauthenticated, RetryClass::never},
    {ADBC_STATUS_UNAUTHORIZED, ErrorCode::permission_denied, RetryClass::never},
    {ADBC_STATUS_IO, ErrorCode::unavailable, RetryClass::backoff},
    {ADBC_STATUS_TIMEOUT, ErrorCode::timeout, RetryClass::backoff},
    {ADBC_STATUS_CANCELLED, ErrorCode::cancelled, RetryClass::never},
    {ADBC_STATUS_INTEGRITY, ErrorCode::rejected, RetryClass::never},
    {ADBC_STATUS_INVALID_DATA, ErrorCode::rejected, RetryClass::never},
};

[[noreturn]] void throw_driver_error(AdbcStatusCode status, AdbcError& error, std::string_view doing) {
  ErrorDetail detail{.code = ErrorCode::internal, .origin = {.system = "driver"}};
  for (const StatusRow& row : kStatusTable) {
    if (row.status == status) {
      detail.code = row.code;
      detail.retry = row.retry;
    }
  }
  const std::string text = error.message != nullptr ? core::redact(error.message, kMessageBytes) : AdbcStatusCodeMessage(status);
  if (error.sqlstate[0] != '\0') detail.origin.sql_state.assign(error.sqlstate, strnlen(error.sqlstate, sizeof(error.sqlstate)));
  if (error.vendor_code != 0 && error.vendor_code != ADBC_ERROR_VENDOR_CODE_PRIVATE_DATA) {
    detail.origin.vendor_code = fmt::format("{:06}", error.vendor_code);
  }
  if (error.release != nullptr) error.release(&error);
  throw ImednetError(fmt::format("cannot {}: {}", doing, text), std::move(detail));
}

void check(AdbcStatusCode status, AdbcError& error, std::string_view doing) {
  if (status != ADBC_STATUS_OK) throw_driver_error(status, error, doing);
  if (error.release != nullptr) error.release(&error);
  error = ADBC_ERROR_INIT;
}

[[noreturn]] void throw_arrow_error(const arrow::Status& status, std::string_view doing) {
  const bool stopped = status.IsCancelled();
  throw ImednetError(fmt::format("cannot {}: {}", doing, core::redact(status.message())),
                     {.code = stopped ? ErrorCode::cancelled : ErrorCode::unavailable,
                      .retry = stopped ? RetryClass::never : RetryClass::reconcile,
                      .origin = {.system = "driver"}});
}

// A statement that is released whatever happens.
struct Statement {
  AdbcStatement handle{};
  AdbcError error = ADBC_ERROR_INIT;

  explicit Statement(AdbcConnection* connection) { check(AdbcStatementNew(connection, &handle, &error), error, "make a statement"); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() {
    AdbcError ignored = ADBC_ERROR_INIT;
    AdbcStatementRelease(&handle, &ignored);
    if (ignored.release != nullptr) ignored.release(&ignored);
    if (error.release != nullptr) error.release(&error);
  }
};

void append_batch(const arrow::RecordBatch& batch, Answer& answer) {
  for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
    std::vector<Cell> cells(static_cast<std::size_t>(batch.num_columns()));
    for (int column = 0; column < batch.num_columns(); ++column) {
      if (batch.column(column)->IsNull(row)) continue;
      const auto scalar = batch.column(column)->GetScalar(row);
      if (!scalar.ok()) throw_arrow_error(scalar.status(), "read an answer");
      cells[static_cast<std::size_t>(column)] = (*scalar)->ToString();
    }
    answer.rows.push_back(std::move(cells));
  }
}

std::shared_ptr<arrow::RecordBatchReader> open_answer(ArrowArrayStream* stream) {
  auto reader = arrow::ImportRecordBatchReader(stream);
  if (!reader.ok()) throw_arrow_error(reader.status(), "read an answer");
  return *reader;
}

// Null at the end.
std::shared_ptr<arrow::RecordBatch> next_batch(arrow::RecordBatchReader& reader) {
  std::shared_ptr<arrow::RecordBatch> batch;
  if (const auto status = reader.ReadNext(&batch); !status.ok()) throw_arrow_error(status, "read an answer");
  return batch;
}

Answer read_answer(ArrowArrayStream* stream) {
  const auto reader = open_answer(stream);
  Answer answer;
  for (const auto& field : reader->schema()->fields()) answer.columns.push_back(field->name());
  for (;;) {
    const auto batch = next_batch(*reader);
    if (batch == nullptr) return answer;
    if (static_cast<std::int64_t>(answer.rows.size()) + batch->num_rows() > kMaxAnswerRows) {
      throw ImednetError(fmt::format("cannot read an answer: it has more than {} rows", kMaxAnswerRows), {.code = ErrorCode::unsupported});
    }
    append_batch(*batch, answer);
  }
}

void open_database(AdbcDatabase& database, const std::string& driver, const char* search_path, const Options& options) {
  AdbcError error = ADBC_ERROR_INIT;
  check(AdbcDatabaseNew(&database, &error), error, "make a database handle");
  try {
    check(AdbcDatabaseSetOption(&database, "driver", driver.c_str(), &error), error, "choose the driver");
    // Set through this door, a driver is looked for nowhere unless told to: environment, user and system.
    check(AdbcDriverManagerDatabaseSetLoadFlags(&database, ADBC_LOAD_FLAG_DEFAULT, &error), error, "search for the driver");
    if (search_path != nullptr) {
      check(AdbcDriverManagerDatabaseSetAdditionalSearchPathList(&database, search_path, &error), error, "search for the driver");
    }
    for (const auto& [key, value] : options) {
      check(AdbcDatabaseSetOption(&database, key.c_str(), value.c_str(), &error), error, fmt::format("set the driver option {}", key));
    }
    check(AdbcDatabaseInit(&database, &error), error, fmt::format("load the driver {}", driver));
  } catch (...) {
    AdbcError ignored = ADBC_ERROR_INIT;
    AdbcDatabaseRelease(&database, &ignored);
    if (ignored.release != nullptr) ignored.release(&ignored);
    throw;
  }
}

}  // namespace

struct ConnectionState {
  AdbcDatabase database{};
  AdbcConnection connection{};
  std::stop_token stop;
  bool has_database = false, has_connection = false, is_open = false;
  bool is_left_behind = false;  // a thread is still in the driver with it and releases it when it comes back

  void release() noexcept {
    is_open = false;
    AdbcError error = ADBC_ERROR_INIT;
    if (has_connection) AdbcConnectionRelease(&connection, &error);
    if (has_database) AdbcDatabaseRelease(&database, &error);
    has_connection = has_database = false;
    if (error.release != nullptr) error.release(&error);
  }
  ~ConnectionState() { release(); }
};

// A statement on its way, with all that it needs, so that it may outlive the wait for it.
struct Execution {
  std::shared_ptr<ConnectionState> state;
  Statement statement;
  ArrowArrayStream stream{};
  AdbcStatusCode status = ADBC_STATUS_OK;
  std::int64_t affected = -1;
  bool has_answer = true;

  explicit Execution(std::shared_ptr<ConnectionState> owner) : state(std::move(owner)), statement(&state->connection) {}
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;
  ~Execution() {
    if (stream.release != nullptr) stream.release(&stream);
  }
  void run() { status = AdbcStatementExecuteQuery(&statement.handle, has_answer ? &stream : nullptr, &affected, &statement.error); }
  void cancel() {
    AdbcError ignored = ADBC_ERROR_INIT;
    AdbcStatementCancel(&statement.handle, &ignored);
    if (ignored.release != nullptr) ignored.release(&ignored);
  }
};

namespace {

using std::chrono::seconds;

constexpr seconds kStatementGrace{10};  // after a stop, for the driver to give a statement up
constexpr seconds kSignOutGrace{5};     // after a stop, for the driver to close its session

// Set by the thread that calls the driver, waited for by ours.
class Done {
 public:
  void set() {
    const std::lock_guard lock(mutex_);
    is_set_ = true;
    wake_.notify_all();
  }
  // False: a stop was asked for and `grace` has passed since.
  bool wait(const std::stop_token& stop, seconds grace) {
    std::unique_lock lock(mutex_);
    const auto is_set = [this] { return is_set_; };
    return wake_.wait(lock, stop, is_set) || wake_.wait_for(lock, grace, is_set);
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool is_set_ = false;
};

// Calls into the driver where a stop must end the wait although the driver does not: with the network gone it waits for minutes.
// Then `work` goes on in a thread of its own, so it must own all it touches. False: it was left behind.
bool finishes(const std::function<void()>& work, const std::stop_token& stop, seconds grace) {
  if (!stop.stop_possible()) {
    work();
    return true;
  }
  const auto done = std::make_shared<Done>();
  std::thread caller([held = work, done]() mutable {
    held();
    held = nullptr;  // what it owned is released before the other thread goes on with the same session
    done->set();
  });
  if (done->wait(stop, grace)) {
    caller.join();  // what the driver keeps for a thread is gone before anyone may end the program
    return true;
  }
  caller.detach();
  return false;
}

[[noreturn]] void throw_stopped(std::string_view doing) {
  throw ImednetError(fmt::format("cannot {}: the run was stopped", doing), {.code = ErrorCode::cancelled});
}

void sign_in(const std::shared_ptr<ConnectionState>& state) {
  struct Outcome {
    AdbcStatusCode status = ADBC_STATUS_OK;
    AdbcError error = ADBC_ERROR_INIT;
  };
  const auto outcome = std::make_shared<Outcome>();
  const auto init = [state, outcome] { outcome->status = AdbcConnectionInit(&state->connection, &state->database, &outcome->error); };
  if (!finishes(init, state->stop, seconds(0))) throw_stopped("sign in");
  check(outcome->status, outcome->error, "sign in");
}

void leave(const std::shared_ptr<ConnectionState>& state) noexcept {
  if (!state || state->is_left_behind || !state->stop.stop_requested()) return;  // the last owner releases
  try {
    finishes([state] { state->release(); }, state->stop, kSignOutGrace);
  } catch (const std::exception&) {
    // No thread to be had: released here.
  }
}

}  // namespace

Connection::Connection(const DriverSpec& driver, const Options& options, std::stop_token stop)
    : state_(std::make_shared<ConnectionState>()) {
  state_->stop = std::move(stop);
  // A driver the user installed (environment, user, system) goes before the one shipped with the program.
  try {
    open_database(state_->database, driver.name, nullptr, options);
  } catch (const ImednetError& error) {
    if (driver.fallback_directory.empty() || error.code() == ErrorCode::rejected) throw;
    open_database(state_->database, driver.name, driver.fallback_directory.c_str(), options);
  }
  state_->has_database = true;
  AdbcError error = ADBC_ERROR_INIT;
  check(AdbcConnectionNew(&state_->connection, &error), error, "make a connection handle");
  state_->has_connection = true;
  sign_in(state_);
  state_->is_open = true;
}

Connection::~Connection() { leave(state_); }
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&& other) noexcept {
  leave(std::exchange(state_, std::move(other.state_)));
  return *this;
}

std::shared_ptr<Execution> Connection::prepare(const Options& statement_options) {
  if (state_->stop.stop_requested()) throw_stopped("run a statement");
  auto execution = std::make_shared<Execution>(state_);
  Statement& statement = execution->statement;
  for (const auto& [key, value] : statement_options) {
    check(AdbcStatementSetOption(&statement.handle, key.c_str(), value.c_str(), &statement.error), statement.error,
          fmt::format("set the statement option {}", key));
  }
  return execution;
}

void Connection::finish(const std::shared_ptr<Execution>& execution) {
  const std::stop_callback cancel(state_->stop, [&execution] { execution->cancel(); });
  if (!finishes([execution] { execution->run(); }, state_->stop, kStatementGrace)) {
    state_->is_left_behind = true;
    throw_stopped("finish a statement");
  }
  if (execution->status != ADBC_STATUS_OK && state_->stop.stop_requested()) throw_stopped("finish a statement");
  check(execution->status, execution->statement.error, "run a statement");
}

std::shared_ptr<Execution> Connection::execute(const std::string& sql, const Options& statement_options) {
  auto execution = prepare(statement_options);
  Statement& statement = execution->statement;
  check(AdbcStatementSetSqlQuery(&statement.handle, sql.c_str(), &statement.error), statement.error, "prepare a statement");
  finish(execution);
  return execution;
}

std::int64_t Connection::ingest(const std::string& temporary_table, const std::shared_ptr<arrow::RecordBatchReader>& rows) {
  const auto execution = prepare({{ADBC_INGEST_OPTION_TARGET_TABLE, temporary_table},
                                  {ADBC_INGEST_OPTION_MODE, ADBC_INGEST_OPTION_MODE_APPEND},
                                  {ADBC_INGEST_OPTION_TEMPORARY, ADBC_OPTION_VALUE_ENABLED}});
  execution->has_answer = false;
  ArrowArrayStream input{};
  if (const auto status = arrow::ExportRecordBatchReader(rows, &input); !status.ok()) throw_arrow_error(status, "hand rows over");
  Statement& statement = execution->statement;
  check(AdbcStatementBindStream(&statement.handle, &input, &statement.error), statement.error, "hand rows over");
  finish(execution);
  return execution->affected;
}

std::string Connection::vendor() {
  constexpr std::uint32_t kCodes[] = {ADBC_INFO_VENDOR_NAME};
  AdbcError error = ADBC_ERROR_INIT;
  ArrowArrayStream stream{};
  check(AdbcConnectionGetInfo(&state_->connection, kCodes, 1, &stream, &error), error, "ask for the database's name");
  const auto reader = open_answer(&stream);
  while (const auto batch = next_batch(*reader)) {
    if (batch->num_rows() == 0) continue;
    const auto& value = static_cast<const arrow::DenseUnionArray&>(*batch->column(1));
    const auto texts = value.field(value.child_id(0));
    return static_cast<const arrow::StringArray&>(*texts).GetString(value.value_offset(0));
  }
  return {};
}

Answer Connection::query(const std::string& sql, const Options& statement_options) {
  return read_answer(&execute(sql, statement_options)->stream);
}

void Connection::read(const std::string& sql, const Options& statement_options,
                      const std::function<void(const arrow::RecordBatch&)>& visit) {
  const auto execution = execute(sql, statement_options);
  const auto reader = open_answer(&execution->stream);
  while (const auto batch = next_batch(*reader)) {
    if (state_->stop.stop_requested()) throw_stopped("read an answer");
    visit(*batch);
  }
}

void Connection::close() {
  if (!state_ || !state_->is_open || state_->is_left_behind) return;
  AdbcError error = ADBC_ERROR_INIT;
  const AdbcStatusCode status = AdbcConnectionRelease(&state_->connection, &error);
  state_->has_connection = false;
  state_->release();
  check(status, error, "sign out");
}

std::unique_ptr<Channel> connect(const DriverSpec& driver, const Options& options, std::stop_token stop) {
  return std::make_unique<Connection>(driver, options, std::move(stop));
}

std::optional<std::string> find_driver(const DriverSpec& driver) {
  for (const char* search : {static_cast<const char*>(nullptr), driver.fallback_directory.c_str()}) {
    AdbcDriver loaded{};
    AdbcError error = ADBC_ERROR_INIT;
    const auto status =
        AdbcFindLoadDriver(driver.name.c_str(), nullptr, ADBC_VERSION_1_1_0, ADBC_LOAD_FLAG_DEFAULT, search, &loaded, &error);
    if (status == ADBC_STATUS_OK && loaded.release != nullptr) loaded.release(&loaded, &error);
    if (error.release != nullptr) error.release(&error);
    if (status == ADBC_STATUS_OK) return search == nullptr ? "installed" : search;
  }
  return std::nullopt;
}

}  // namespace imednet::db
