// warehouse_copy.cc: COPY INTO: staged Parquet files, read with Arrow, become rows; all of them or none.
#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/exception.h>

#include "simulation/warehouse.h"

namespace imednet::simulation {
namespace {

[[noreturn]] void throw_unreadable(const std::string& path) {
  throw_sql("100069", "22P02", "Parquet file could not be read: file '" + path + "'");
}

db::Cell cell_of(const arrow::Array& column, std::int64_t row) {
  if (column.IsNull(row)) return std::nullopt;
  switch (column.type_id()) {
    case arrow::Type::INT64:
      return std::to_string(static_cast<const arrow::Int64Array&>(column).Value(row));
    case arrow::Type::TIMESTAMP:
      return std::to_string(static_cast<const arrow::TimestampArray&>(column).Value(row));
    case arrow::Type::BOOL:
      return static_cast<const arrow::BooleanArray&>(column).Value(row) ? "true" : "false";
    default:
      return static_cast<const arrow::StringArray&>(column).GetString(row);
  }
}

std::shared_ptr<arrow::Table> read_table(const StageFile& file, const std::string& path) {
  try {
    parquet::arrow::FileReaderBuilder builder;
    const auto buffer = std::make_shared<arrow::Buffer>(file.bytes);
    if (!builder.Open(std::make_shared<arrow::io::BufferReader>(buffer)).ok()) throw_unreadable(path);
    auto reader = builder.Build();
    if (!reader.ok()) throw_unreadable(path);
    auto table = (*reader)->ReadTable();
    if (!table.ok()) throw_unreadable(path);
    auto whole = (*table)->CombineChunks();
    if (!whole.ok()) throw_unreadable(path);
    return *whole;
  } catch (const parquet::ParquetException&) {
    throw_unreadable(path);
  }
}

// The columns of the file in the order of COPY's select list; an unknown one gives NULL, as in Snowflake.
std::vector<std::shared_ptr<arrow::Array>> selected(const arrow::Table& table, std::string_view items) {
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (auto at = items.find("$1:"); at != std::string_view::npos; at = items.find("$1:", at + 1)) {
    const auto end = items.find("::", at);
    const auto column = table.GetColumnByName(std::string(items.substr(at + 3, end - at - 3)));
    columns.push_back(column == nullptr || column->num_chunks() == 0 ? nullptr : column->chunk(0));
  }
  return columns;
}

}  // namespace

std::vector<std::vector<db::Cell>> Warehouse::read_file(const StageFile& file, const std::string& items, const std::string& path,
                                                        const std::string& run_id, const Table& into) {
  const auto table = read_table(file, path);
  const auto columns = selected(*table, items);
  std::vector<std::vector<db::Cell>> rows;
  for (std::int64_t row = 0; row < table->num_rows(); ++row) {
    std::vector<db::Cell>& cells = rows.emplace_back(into.columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i]) cells[i] = cell_of(*columns[i], row);
    }
    cells[into.column("_FILE")] = path;
    cells[into.column("_RUN_ID")] = run_id;
    cells[into.column("_LOADED_AT")] = std::to_string(world_.now());
  }
  return rows;
}

db::Answer Warehouse::copy(Call& call) {
  constexpr std::size_t kFormColumn = 3;
  Table& into = table(call, call.holes[0]);
  const std::string directory = call.holes[7];
  const bool is_forced = call.holes[9] == "TRUE";
  const std::int64_t transaction = begin_change(call);
  db::Answer answer{{"file", "status", "rows_parsed", "rows_loaded", "errors_seen", "first_error"}, {}};
  std::vector<StoredRow> loaded;
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> done;  // path -> upload, rows
  try {
    for (const std::string& name : read_strings(call.holes[8])) {
      const std::string path = directory + name;
      const auto file = stage.find(path);
      if (file == stage.end()) throw_sql("091016", "22000", "remote file '" + path + "' was not found");
      const auto before = into.history.find(path);
      if (call.fault == CopyFault::nothing || (!is_forced && before != into.history.end() && before->second == file->second.upload))
        continue;
      auto rows = read_file(file->second, call.holes[2], path, call.holes[3], into);
      const auto all = static_cast<std::int64_t>(rows.size());
      if (call.fault == CopyFault::partial || call.fault == CopyFault::lies) rows.resize(rows.size() - 1);
      for (auto& row : rows) {
        if (call.fault == CopyFault::null_column) row[kFormColumn] = std::nullopt;
        loaded.push_back({std::move(row), transaction, 0});
      }
      const std::string said = std::to_string(call.fault == CopyFault::partial ? all - 1 : all);
      answer.rows.push_back(
          {"my_stage/" + path, call.fault == CopyFault::partial ? "PARTIALLY_LOADED" : "LOADED", said, said, "0", std::nullopt});
      done[path] = {file->second.upload, all};
    }
  } catch (...) {
    if (call.session.transaction == 0) end_transaction(transaction, TransactionState::aborted);
    throw;
  }
  for (StoredRow& row : loaded) into.rows.push_back(std::move(row));
  for (const auto& [path, upload] : done) {
    into.history[path] = upload.first;
    into.history_rows[path] = upload.second;
  }
  end_change(call, transaction);
  if (answer.rows.empty()) return {{"status"}, {{"Copy executed with 0 files processed."}}};
  return answer;
}

}  // namespace imednet::simulation
