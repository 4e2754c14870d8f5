#include "engine.h"

#include <arrow-adbc/adbc.h>
#include <arrow-adbc/adbc_driver_manager.h>
#include <arrow/api.h>
#include <arrow/c/bridge.h>

#include <cmath>
#include <cstring>
#include <mutex>

#include "identifier.h"

namespace imednet::sandbox::snowflake {

namespace {

struct ErrorHolder {
  AdbcError error{};
  ~ErrorHolder() {
    if (error.release) error.release(&error);
  }
  void check(AdbcStatusCode status) const {
    if (status != ADBC_STATUS_OK) throw EngineError(error.message ? error.message : "the engine failed without a message");
  }
};

void check(const arrow::Status& status) {
  if (!status.ok()) throw EngineError(status.message());
}

std::string fraction_text(int64_t value, int64_t per_second, int digits) {
  int64_t seconds = value / per_second;
  int64_t rest = value % per_second;
  if (rest < 0) {
    rest += per_second;
    seconds -= 1;
  }
  std::string fraction = std::to_string(rest * (1000000000 / per_second));
  fraction.insert(0, 9 - fraction.size(), '0');
  fraction.resize(static_cast<size_t>(digits));
  // The wire carries seconds and fraction as one decimal number, so before 1970 the fraction counts down.
  if (seconds < 0 && rest != 0) {
    int64_t nanos = (seconds * 1000000000) + rest * (1000000000 / per_second);
    fraction = std::to_string((-nanos) % 1000000000);
    fraction.insert(0, 9 - fraction.size(), '0');
    return "-" + std::to_string((-nanos) / 1000000000) + "." + fraction;
  }
  return std::to_string(seconds) + "." + fraction;
}

std::string real_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char buffer[40];
  for (int digits = 15; digits <= 17; ++digits) {
    std::snprintf(buffer, sizeof buffer, "%.*g", digits, value);
    if (std::strtod(buffer, nullptr) == value) break;
  }
  return buffer;
}

std::string hex_text(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (unsigned char c : bytes) {
    out += kDigits[c >> 4];
    out += kDigits[c & 15];
  }
  return out;
}

// The engine's 128-bit integer travels as 16 little-endian bytes.
std::string hugeint_text(std::string_view bytes) {
  if (bytes.size() != 16) return hex_text(bytes);
  return arrow::Decimal128(reinterpret_cast<const uint8_t*>(bytes.data())).ToIntegerString();
}

// Always plain digits: Arrow's own text of small numbers has an exponent, which one client can't read. [seen]
std::string decimal_text(const uint8_t* bytes, int32_t scale) {
  std::string digits = arrow::Decimal128(bytes).ToIntegerString();
  if (scale <= 0) return digits;
  const std::string sign = digits.front() == '-' ? "-" : "";
  digits.erase(0, sign.size());
  const auto places = static_cast<size_t>(scale);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  return sign + digits.insert(digits.size() - places, ".");
}

int64_t units_per_second(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND:
      return 1;
    case arrow::TimeUnit::MILLI:
      return 1000;
    case arrow::TimeUnit::MICRO:
      return 1000000;
    default:
      return 1000000000;
  }
}

// JSON, BOOLEAN and 128-bit integers travel as Arrow extension types, known or not to this Arrow.
std::string extension_name(const arrow::Field& field) {
  if (field.type()->id() == arrow::Type::EXTENSION) {
    return static_cast<const arrow::ExtensionType&>(*field.type()).extension_name();
  }
  if (!field.metadata()) return {};
  const auto name = field.metadata()->Get("ARROW:extension:name");
  return name.ok() ? *name : std::string();
}

arrow::Type::type storage_id(const arrow::DataType& type) {
  return type.id() == arrow::Type::EXTENSION ? static_cast<const arrow::ExtensionType&>(type).storage_id() : type.id();
}

ColumnType column_type(const arrow::Field& field) {
  const std::string extension = extension_name(field);
  if (extension == "arrow.json") return make_type("VARIANT");
  if (extension == "arrow.bool8") return make_type("BOOLEAN");
  switch (storage_id(*field.type())) {
    case arrow::Type::BOOL:
      return make_type("BOOLEAN");
    case arrow::Type::DECIMAL128: {
      const auto& decimal = static_cast<const arrow::Decimal128Type&>(*field.type());
      return make_type("NUMBER", decimal.precision(), decimal.scale());
    }
    case arrow::Type::INT8:
    case arrow::Type::INT16:
    case arrow::Type::INT32:
    case arrow::Type::INT64:
    case arrow::Type::UINT8:
    case arrow::Type::UINT16:
    case arrow::Type::UINT32:
    case arrow::Type::UINT64:
    case arrow::Type::FIXED_SIZE_BINARY:
      return make_type("NUMBER");
    case arrow::Type::FLOAT:
    case arrow::Type::DOUBLE:
      return make_type("FLOAT");
    case arrow::Type::DATE32:
      return make_type("DATE");
    case arrow::Type::TIME64:
      return make_type("TIME");
    case arrow::Type::TIMESTAMP:
      return make_type(static_cast<const arrow::TimestampType&>(*field.type()).timezone().empty() ? "TIMESTAMP_NTZ" : "TIMESTAMP_LTZ");
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
      return make_type("BINARY");
    case arrow::Type::LIST:
    case arrow::Type::STRUCT:
    case arrow::Type::MAP:
      return make_type("VARIANT");
    default:
      return make_type("VARCHAR");
  }
}

template <typename ArrayType>
std::string integer_text(const arrow::Array& array, int64_t i) {
  return std::to_string(static_cast<const ArrayType&>(array).Value(i));
}

std::string integer_cell(const arrow::Array& array, int64_t i) {
  switch (array.type_id()) {
    case arrow::Type::INT8:
      return integer_text<arrow::Int8Array>(array, i);
    case arrow::Type::INT16:
      return integer_text<arrow::Int16Array>(array, i);
    case arrow::Type::INT32:
      return integer_text<arrow::Int32Array>(array, i);
    case arrow::Type::INT64:
      return integer_text<arrow::Int64Array>(array, i);
    case arrow::Type::UINT8:
      return integer_text<arrow::UInt8Array>(array, i);
    case arrow::Type::UINT16:
      return integer_text<arrow::UInt16Array>(array, i);
    case arrow::Type::UINT32:
      return integer_text<arrow::UInt32Array>(array, i);
    default:
      return integer_text<arrow::UInt64Array>(array, i);
  }
}

std::string cell_text(const arrow::Array& array, int64_t i) {
  switch (array.type_id()) {
    case arrow::Type::BOOL:
      return static_cast<const arrow::BooleanArray&>(array).Value(i) ? "1" : "0";
    case arrow::Type::DECIMAL128:
      return decimal_text(static_cast<const arrow::Decimal128Array&>(array).GetValue(i),
                          static_cast<const arrow::Decimal128Type&>(*array.type()).scale());
    case arrow::Type::FLOAT:
      return real_text(static_cast<const arrow::FloatArray&>(array).Value(i));
    case arrow::Type::DOUBLE:
      return real_text(static_cast<const arrow::DoubleArray&>(array).Value(i));
    case arrow::Type::DATE32:
      return integer_text<arrow::Date32Array>(array, i);
    case arrow::Type::TIME64:
      return fraction_text(static_cast<const arrow::Time64Array&>(array).Value(i),
                           units_per_second(static_cast<const arrow::Time64Type&>(*array.type()).unit()), 9);
    case arrow::Type::TIMESTAMP:
      return fraction_text(static_cast<const arrow::TimestampArray&>(array).Value(i),
                           units_per_second(static_cast<const arrow::TimestampType&>(*array.type()).unit()), 9);
    case arrow::Type::FIXED_SIZE_BINARY:
      return hugeint_text(static_cast<const arrow::FixedSizeBinaryArray&>(array).GetView(i));
    case arrow::Type::BINARY:
      return hex_text(static_cast<const arrow::BinaryArray&>(array).GetView(i));
    case arrow::Type::STRING:
      return static_cast<const arrow::StringArray&>(array).GetString(i);
    case arrow::Type::LARGE_STRING:
      return static_cast<const arrow::LargeStringArray&>(array).GetString(i);
    case arrow::Type::EXTENSION:
      return cell_text(*static_cast<const arrow::ExtensionArray&>(array).storage(), i);
    case arrow::Type::INT8:
    case arrow::Type::INT16:
    case arrow::Type::INT32:
    case arrow::Type::INT64:
    case arrow::Type::UINT8:
    case arrow::Type::UINT16:
    case arrow::Type::UINT32:
    case arrow::Type::UINT64:
      return integer_cell(array, i);
    default: {
      auto scalar = array.GetScalar(i);
      check(scalar.status());
      return (*scalar)->ToString();
    }
  }
}

}  // namespace

struct Engine::State {
  AdbcDatabase database{};
};

struct EngineConnection::State {
  AdbcConnection connection{};
  std::mutex cancel_mutex;
  AdbcStatement* running = nullptr;
};

namespace {

// Runs one statement and hands over its reader; the statement is released with this object.
class RunningStatement {
 public:
  RunningStatement(EngineConnection::State& state, const std::string& sql) : state_(state) {
    ErrorHolder error;
    error.check(AdbcStatementNew(&state_.connection, &statement_, &error.error));
    {
      const std::lock_guard lock(state_.cancel_mutex);
      state_.running = &statement_;
    }
    try {
      start(sql);
    } catch (...) {
      release();
      throw;
    }
  }
  ~RunningStatement() {
    reader_.reset();
    release();
  }
  RunningStatement(const RunningStatement&) = delete;
  RunningStatement& operator=(const RunningStatement&) = delete;

  arrow::RecordBatchReader& reader() { return *reader_; }

 private:
  void start(const std::string& sql) {
    ErrorHolder error;
    error.check(AdbcStatementSetSqlQuery(&statement_, sql.c_str(), &error.error));
    ArrowArrayStream stream{};
    int64_t affected = -1;
    error.check(AdbcStatementExecuteQuery(&statement_, &stream, &affected, &error.error));
    auto reader = arrow::ImportRecordBatchReader(&stream);
    check(reader.status());
    reader_ = *reader;
  }

  void release() {
    {
      const std::lock_guard lock(state_.cancel_mutex);
      state_.running = nullptr;
    }
    ErrorHolder error;
    AdbcStatementRelease(&statement_, &error.error);
  }

  EngineConnection::State& state_;
  AdbcStatement statement_{};
  std::shared_ptr<arrow::RecordBatchReader> reader_;
};

void append_batch(const arrow::RecordBatch& batch, ResultSet& result) {
  const size_t first = result.rows.size();
  result.rows.resize(first + static_cast<size_t>(batch.num_rows()), Row(result.columns.size()));
  for (int c = 0; c < batch.num_columns(); ++c) {
    const arrow::Array& array = *batch.column(c);
    for (int64_t r = 0; r < batch.num_rows(); ++r) {
      if (!array.IsNull(r)) result.rows[first + static_cast<size_t>(r)][static_cast<size_t>(c)] = cell_text(array, r);
    }
  }
}

}  // namespace

Engine::Engine(const std::filesystem::path& library, const std::filesystem::path& database_file) : state_(std::make_unique<State>()) {
  ErrorHolder error;
  error.check(AdbcDatabaseNew(&state_->database, &error.error));
  error.check(AdbcDatabaseSetOption(&state_->database, "driver", library.c_str(), &error.error));
  error.check(AdbcDatabaseSetOption(&state_->database, "entrypoint", "duckdb_adbc_init", &error.error));
  error.check(AdbcDatabaseSetOption(&state_->database, "path", database_file.c_str(), &error.error));
  error.check(AdbcDatabaseInit(&state_->database, &error.error));
}

Engine::~Engine() {
  ErrorHolder error;
  AdbcDatabaseRelease(&state_->database, &error.error);
}

// Without the setting JSON columns would arrive as plain text and could not be told from VARCHAR.
std::unique_ptr<EngineConnection> Engine::connect() {
  auto state = std::make_unique<EngineConnection::State>();
  ErrorHolder error;
  error.check(AdbcConnectionNew(&state->connection, &error.error));
  error.check(AdbcConnectionInit(&state->connection, &state_->database, &error.error));
  auto connection = std::make_unique<EngineConnection>(std::move(state));
  connection->run("SET arrow_lossless_conversion = true");
  // The cache goes by size and second: a staged file replaced at once by another of its size would be read as the old one.
  connection->run("SET enable_external_file_cache = false");
  return connection;
}

EngineConnection::EngineConnection(std::unique_ptr<State> state) : state_(std::move(state)) {}

EngineConnection::~EngineConnection() {
  ErrorHolder error;
  AdbcConnectionRelease(&state_->connection, &error.error);
}

ResultSet EngineConnection::query(const std::string& sql) {
  RunningStatement statement(*state_, sql);
  ResultSet result;
  for (const auto& field : statement.reader().schema()->fields()) {
    result.columns.push_back({decode_name(field->name()), column_type(*field), true});
  }
  std::shared_ptr<arrow::RecordBatch> batch;
  while (true) {
    check(statement.reader().ReadNext(&batch));
    if (!batch) return result;
    append_batch(*batch, result);
  }
}

void EngineConnection::for_each_text(const std::string& sql, const std::function<void(const Cell&)>& visit) {
  RunningStatement statement(*state_, sql);
  std::shared_ptr<arrow::RecordBatch> batch;
  while (true) {
    check(statement.reader().ReadNext(&batch));
    if (!batch) return;
    const arrow::Array& array = *batch->column(0);
    for (int64_t r = 0; r < batch->num_rows(); ++r) {
      visit(array.IsNull(r) ? Cell() : Cell(cell_text(array, r)));
    }
  }
}

long long EngineConnection::run_counting(const std::string& sql) {
  const ResultSet result = query(sql);
  if (result.rows.empty() || result.rows[0].empty() || !result.rows[0][0]) return 0;
  return std::stoll(*result.rows[0][0]);
}

void EngineConnection::cancel() {
  const std::lock_guard lock(state_->cancel_mutex);
  if (!state_->running) return;
  ErrorHolder error;
  AdbcStatementCancel(state_->running, &error.error);
}

}  // namespace imednet::sandbox::snowflake
