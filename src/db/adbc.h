// adbc.h: the one bridge to ADBC: load a driver, connect, run a statement, read its answer as text.
//
// Where it stands: sinks → this → driver manager → a driver's shared library.   Uses: core, ADBC, Arrow's C data interface.
// Shape:   an answer is rows x columns of optional text (null is nullopt); meant for small answers: at most kMaxAnswerRows. A large
//          one is read as Arrow batches.
// Threads: a connection is one session, one statement at a time; cancellation by stop token from any thread. With a stop token
//          each call that goes over the network is made by a thread of its own, so that a stop ends the wait for it within
//          seconds, whatever the driver does.
// Errors:  ImednetError with origin.system "driver", sql_state and vendor_code as the driver gave them, text redacted.
//          The sink that knows the database translates them further. cancelled when the stop token was used.
// Limits:  after the first driver is loaded the process must not fork (the Snowflake driver hangs in a forked child).
// Source:  ADBC 1.1 specification; ADR 0003.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arrow {
class RecordBatch;
class RecordBatchReader;
}  // namespace arrow

namespace imednet::db {

inline constexpr std::int64_t kMaxAnswerRows = 5'000'000;

using Options = std::vector<std::pair<std::string, std::string>>;
using Cell = std::optional<std::string>;

struct Answer {
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;

  // Position of a column, names compared without case.
  std::optional<std::size_t> find(std::string_view name) const;
  // The cell of a column that must be there; a missing column is a protocol error that names it.
  const Cell& at(std::size_t row, std::string_view name) const;
  // The same as a whole number; null or text that is none is a protocol error.
  std::int64_t number(std::size_t row, std::string_view name) const;
};

struct DriverSpec {
  std::string name;                // as the driver manager finds it: "snowflake", or a path to a library or manifest
  std::string fallback_directory;  // searched last, for the driver shipped beside the program; may be empty
};

// One session of a database as a sink sees it. Connection is the real one; a simulation brings its own.
class Channel {
 public:
  virtual ~Channel() = default;
  // Runs one statement and reads its whole answer.
  virtual Answer query(const std::string& sql, const Options& statement_options = {}) = 0;
  // Runs one statement whose answer may be of any size: `visit` gets it piece by piece, as the driver hands it over.
  virtual void read(const std::string& sql, const Options& statement_options,
                    const std::function<void(const arrow::RecordBatch&)>& visit) = 0;
  // Appends the rows to a temporary table of this session that is there, columns by name. How many the driver took; -1: it does not say.
  virtual std::int64_t ingest(const std::string& temporary_table, const std::shared_ptr<arrow::RecordBatchReader>& rows) = 0;
  // Whose database it is, as its driver says.
  virtual std::string vendor() = 0;
  // Closes the session; errors are thrown, a second call does nothing.
  virtual void close() = 0;
};

struct ConnectionState;
struct Execution;

class Connection final : public Channel {
 public:
  // Loads the driver (once a process), opens the database and one session. Secrets travel in `options`. A stop ends
  // the wait for the sign-in at once; a session that comes of it later is closed again.
  Connection(const DriverSpec& driver, const Options& options, std::stop_token stop);
  ~Connection() override;
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;

  Answer query(const std::string& sql, const Options& statement_options = {}) override;
  void read(const std::string& sql, const Options& statement_options, const std::function<void(const arrow::RecordBatch&)>& visit) override;
  std::int64_t ingest(const std::string& temporary_table, const std::shared_ptr<arrow::RecordBatchReader>& rows) override;
  std::string vendor() override;
  void close() override;

 private:
  std::shared_ptr<Execution> prepare(const Options& statement_options);
  void finish(const std::shared_ptr<Execution>& execution);
  std::shared_ptr<Execution> execute(const std::string& sql, const Options& statement_options);

  std::shared_ptr<ConnectionState> state_;
};

using Connect = std::function<std::unique_ptr<Channel>(const DriverSpec& driver, const Options& options, std::stop_token stop)>;
// A Connection.
std::unique_ptr<Channel> connect(const DriverSpec& driver, const Options& options, std::stop_token stop);

// Where a driver of that name would be loaded from, without connecting; nullopt when none is found.
std::optional<std::string> find_driver(const DriverSpec& driver);

}  // namespace imednet::db
